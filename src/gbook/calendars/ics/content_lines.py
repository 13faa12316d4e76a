"""Content lines (RFC 5545 §3.1): folding, names, parameters, values.

This module is the only grammar of lines. Bytes stay bytes until a value is read: edits keep them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from gbook.errors import InvalidFile, Problem

__all__ = [
    "FOLD",
    "MAX_LINE",
    "TO_VALUE",
    "Line",
    "Parameter",
    "content_lines",
    "fold",
    "line_break",
    "lines_with_depth",
    "name_of",
    "normalize",
    "read_lines",
    "read_parameters",
    "text_value",
    "unfold",
    "value_of",
]

# An unfolded line that is read has at most this many octets: a list of some 120,000 dates.
MAX_LINE = 2 << 20
# A line longer than this (octets, without its line break) is folded when it is written.
FOLD_AT = 75
# The parameters of a line are remembered if they have fewer octets.
MAX_HEAD = 500
# Pieces of expressions: a fold; and what is between a name and its value in a line that is not folded.
FOLD = rb"\r?\n[ \t]"
TO_VALUE = rb'(?:;[^":;\r\n]*(?:"[^"\r\n]*"[^":;\r\n]*)*)*:'


class Line(NamedTuple):
    """One content line; names are in upper case, parameter values without their quotes."""

    name: str
    parameters: Mapping[str, str]
    value: str


class Parameter(NamedTuple):
    """One parameter of a content line: its name in upper case, its value without quotes, its bytes."""

    name: str
    value: str
    # From the semicolon on.
    written: bytes


def unfold(content: bytes) -> bytes:
    """Return lines joined where they are folded; all other bytes stay."""
    return _FOLD.sub(b"", content) if b"\n" in content else content


def normalize(content: bytes) -> bytes:
    """Return lines unfolded and ended by LF alone.

    Blank lines go, also those before a continuation: some programs write them.
    """
    content = content.replace(b"\r", b"")
    if b"\n\n" in content:
        content = _BLANK_LINES.sub(b"\n", content)
    return content.replace(b"\n ", b"").replace(b"\n\t", b"")


def fold(line: bytes, line_break: bytes) -> bytes:
    """Return a content line folded after at most 75 octets, never inside a character, with its line break."""
    pieces = []
    rest, room = line, FOLD_AT
    while len(rest) > room:
        cut = room
        while cut > room - 4 and rest[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(rest[:cut])
        # The space that marks a continuation counts.
        rest, room = rest[cut:], FOLD_AT - 1
    pieces.append(rest)
    return (line_break + b" ").join(pieces) + line_break


def line_break(content: bytes) -> bytes:
    """Return the line break that `content` uses: that of its first line."""
    first = content.partition(b"\n")[0]
    return b"\n" if not first.endswith(b"\r") else b"\r\n"


def content_lines(component: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each content line twice: as written, with its line break, and unfolded, without it."""
    for match in _LINE.finditer(component):
        yield match[0], unfold(match[0]).rstrip(b"\r\n")


def lines_with_depth(component: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield the pairs of `content_lines`, each with the number of components that the line is in.

    BEGIN and END are in the component that they enclose: its own have depth 1, and those of its VALARM
    have depth 2.
    """
    depth = 0
    for written, line in content_lines(component):
        word = line[:6].upper()
        depth += word.startswith(b"BEGIN:")
        yield written, line, depth
        depth -= word.startswith(b"END:")


def name_of(line: bytes) -> bytes:
    """Return the name that a line (unfolded) begins with, in upper case; empty if it has none."""
    match = _NAME.match(line)
    return match[0].upper() if match else b""


def read_parameters(line: bytes, start: int = 0) -> tuple[list[Parameter], int]:
    """Return the parameters of a line (unfolded) whose name ends at `start`, and where they end.

    An unclosed quote is part of the value.
    """
    parameters = []
    while match := _PARAMETER.match(line, start):
        parameters.append(Parameter(*_name_and_value(match), match[0]))
        start = match.end()
    return parameters, start


def _name_and_value(match: re.Match[bytes]) -> tuple[str, str]:
    name, value = match.groups()
    return name.decode("ascii").upper(), value.decode("utf-8", "replace").replace('"', "")


def value_of(rest: bytes) -> bytes:
    """Return the value of a line (unfolded) from the character after its name; all of it without a colon."""
    if rest[:1] == b":":
        return rest[1:]
    if match := _TO_VALUE.match(rest):
        return rest[match.end() :]
    colon = rest.find(b":", read_parameters(rest)[1])
    return rest[colon + 1 :] if colon >= 0 else rest


def read_lines(content: bytes, names: Collection[str], at: int | None = None) -> dict[str, list[Line]]:
    """Return the lines of a normalized component that have one of `names`, by name, in their order.

    The component begins on line `at` of its file. Raises InvalidFile for a line longer than MAX_LINE: without
    it, the other lines would mislead.
    """
    lines: dict[str, list[Line]] = {}
    for written, rest in _lines_of(frozenset(names)).findall(content):
        name = _upper(written)
        if len(rest) > MAX_LINE:
            raise InvalidFile("", [Problem(f"{name} is longer than {MAX_LINE >> 20} MiB", line=at)])
        if (line := _read_line(name, rest.rstrip(b"\r"))) is not None:
            lines.setdefault(name, []).append(line)
    return lines


@cache
def _lines_of(names: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\n(%s)(?=[:;])([^\n]*)" % "|".join(sorted(names)).encode(), re.IGNORECASE)


def _read_line(name: str, rest: bytes) -> Line | None:
    """Return the line of a name and the bytes after it; None if there is no value."""
    head, colon, value = rest.partition(b":")
    if not head and colon:
        return Line(name, {}, value.decode("utf-8", "replace"))
    if b'"' in head:
        # A colon between quotes is a part of a parameter. Whatever is after the last one is no parameter.
        _, end = read_parameters(rest)
        head, colon, value = rest[:end], *rest[end:].partition(b":")[1:]
    if not colon:
        return None
    parameters = _parameters(head) if len(head) < MAX_HEAD else _parameters.__wrapped__(head)
    return Line(name, parameters, value.decode("utf-8", "replace"))


@lru_cache(256)
def _upper(name: bytes) -> str:
    return name.decode("ascii").upper()


# The same zones and attendees are in many lines.
@lru_cache(4096)
def _parameters(head: bytes) -> Mapping[str, str]:
    """Return the parameters of a line by name; of two with the same name the later counts."""
    return MappingProxyType({parameter.name: parameter.value for parameter in read_parameters(head)[0]})


def text_value(value: str) -> str:
    """Return a TEXT value (§3.3.11) with its escapes undone."""
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


_FOLD = re.compile(FOLD)
_BLANK_LINES = re.compile(rb"\n{2,}")
_LINE = re.compile(rb"[^\n]*+(?:\n[ \t][^\n]*+)*+\n|[^\n]++")
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_PARAMETER = re.compile(rb';([A-Za-z0-9-]+)=((?:"[^"]*"|[^":;]|"(?![^"]*"))*)')
_TO_VALUE = re.compile(TO_VALUE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
