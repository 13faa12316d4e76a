"""Content lines (RFC 5545 §3.1): a name, parameters, a value.

Only what a free/busy question needs of an event is read here; the rest of its lines is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from gbook.errors import InvalidFile, Problem

__all__ = ["MAX_LINE", "Line", "read_lines", "text_value"]

# An unfolded line that is read is at most this long (octets): a list of some 120,000 dates.
MAX_LINE = 2 << 20


class Line(NamedTuple):
    """One content line; names are in upper case, parameter values without their quotes."""

    name: str
    parameters: dict[str, str]
    value: str


def read_lines(content: bytes, names: Collection[str], at: int | None = None) -> dict[str, list[Line]]:
    """The lines of a component (unfolded, from line `at` of its file) that have one of `names`, by name, in
    their order. Raises InvalidFile for one longer than MAX_LINE: without it the others would mislead.
    """
    found: dict[str, list[Line]] = {}
    for match in _lines_of(frozenset(names)).finditer(content):
        if len(match[2]) > MAX_LINE:
            name = match[1].decode("ascii").upper()
            raise InvalidFile("", [Problem(f"{name} is longer than {MAX_LINE >> 20} MiB", line=at)])
        if (line := _line(match[1], match[2])) is not None:
            found.setdefault(line.name, []).append(line)
    return found


@cache
def _lines_of(names: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\n(%s)(?=[:;])([^\n]*)" % "|".join(sorted(names)).encode(), re.IGNORECASE)


def _line(name: bytes, rest: bytes) -> Line | None:
    """The line of a name and what follows it; None where it has no value."""
    text = rest.rstrip(b"\r").decode("utf-8", "replace")
    upper = name.decode("ascii").upper()
    if text.startswith(":"):
        return Line(upper, {}, text[1:])
    end = 0
    parameters: dict[str, str] = {}
    while match := _PARAMETER.match(text, end):
        parameters[match[1].upper()] = match[2].replace('"', "")
        end = match.end()
    # Whatever is between the last parameter and the colon is none.
    colon = text.find(":", end)
    return Line(upper, parameters, text[colon + 1 :]) if colon >= 0 else None


def text_value(value: str) -> str:
    """A TEXT value (§3.3.11) with its escapes undone."""
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


# A quote that nothing closes is read over.
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^":;]|"(?![^"]*"))*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
