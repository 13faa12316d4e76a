"""Round trips of YAML text through ruamel.yaml, which keep comments, order, quotes and indentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

from gbook.errors import InvalidFile, Problem

__all__ = ["as_yaml", "round_trip"]

# Text that YAML 1.1 reads as a number, a boolean or a date, and that is therefore quoted.
_AMBIGUOUS = re.compile(
    r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9]*)?Z?|\d{4}-\d\d?-\d\d?.*|y|n|yes|no|on|off", re.IGNORECASE
)


def as_yaml(value: Any) -> Any:
    """Return plain data as ruamel's types: block style, quoted where YAML 1.1 would read another type."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, Mapping):
        return CommentedMap((key, as_yaml(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        items = CommentedSeq(as_yaml(item) for item in value)
        for item in items:
            if isinstance(item, CommentedMap) and _is_pair(item):
                item.fa.set_flow_style()
        return items
    if isinstance(value, str) and "\n" in value and _literal(value):
        return LiteralScalarString(value)
    # Only double quotes keep all characters; ruamel.yaml writes other text in the style of the value before.
    if isinstance(value, str) and (not value.isprintable() or _AMBIGUOUS.fullmatch(value)):
        return DoubleQuotedScalarString(value)
    return value


def _is_pair(item: Mapping[str, Any]) -> bool:
    """Return whether a mapping fits on one line, as an interval does: `{start: "09:00", end: "17:00"}`."""
    return len(item) == 2 and not any(isinstance(part, Mapping | list) for part in item.values())


def _literal(text: str) -> bool:
    """Return whether a block scalar (`|`) can hold a text.

    Its lines must be printable and not end with a space; the first must not begin with one.
    """
    lines = text.split("\n")
    return all(line.isprintable() and line == line.rstrip() for line in lines) and not text.startswith(
        (" ", "\n")
    )


def round_trip(text: str, change: Callable[[Any], None]) -> str:
    """Return YAML text after `change` of its mapping. Raises InvalidFile, which names the file `YAML`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import MarkedYAMLError

    if "\r\n" in text:
        return round_trip(text.replace("\r\n", "\n"), change).replace("\n", "\r\n")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(**_indentation(text))
    try:
        loaded = yaml.load(text)
    except MarkedYAMLError as error:
        # ruamel.yaml is stricter than the parser of gbook, for example about a tab after a colon.
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InvalidFile("YAML", [Problem(f"cannot be edited: {error.problem}", line=line)]) from None
    target = CommentedMap() if loaded is None else loaded
    change(target)
    out = StringIO()
    yaml.dump(target, out)
    return out.getvalue() if loaded is not None else text + out.getvalue()


def _indentation(text: str) -> dict[str, int]:
    """Return the indentation of the first nested mapping and the first list, as ruamel's arguments."""
    mapping, dash, content = 2, 2, 4
    nested = re.search(
        r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\r?\n(?:\s*#[^\n]*\n|\s*\n)*\1( +)[^\s#-]", text, re.MULTILINE
    )
    if nested:
        mapping = len(nested[2])
    listed = re.search(
        r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\r?\n(?:\s*#[^\n]*\n|\s*\n)*\1( *)(- +)\S", text, re.MULTILINE
    )
    if listed:
        dash = len(listed[2])
        content = dash + len(listed[3])
    return {"mapping": mapping, "sequence": content, "offset": dash}
