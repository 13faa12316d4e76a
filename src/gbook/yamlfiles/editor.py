"""Changing YAML files that people write too: comments, order of keys, quotes and indentation stay.

`edit` reads, changes, checks and only then replaces a file, under a lock that keeps other gbook processes
out, so that neither loses the other's change and nothing invalid or half written is ever there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec

from gbook.errors import InvalidFile, Problem
from gbook.filesystem.atomic import clear_temporaries, replace_file
from gbook.filesystem.companions import beside
from gbook.filesystem.flock import LOCK_SECONDS, hold_lock
from gbook.yamlfiles.parser import MEBIBYTE, parse_yaml
from gbook.yamlfiles.quoting import quote
from gbook.yamlfiles.reader import convert, read_text

__all__ = ["as_yaml", "dump_new", "edit", "locked", "merge_patch"]

# What readers of YAML 1.1 would take for a number, a truth value or a date: written in quotes.
_AMBIGUOUS = re.compile(
    r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9]*)?Z?|\d{4}-\d\d?-\d\d?.*|y|n|yes|no|on|off", re.IGNORECASE
)


def edit(
    path: Path,
    model: type[msgspec.Struct],
    change: Callable[[Any], None],
    *,
    limit: int = MEBIBYTE,
    check: Callable[[Any], None] | None = None,
) -> None:
    """Applies `change` to the mapping (ruamel's CommentedMap) of a YAML file.

    The result has to convert to `model` and to pass `check`, which raises. A change that changes nothing
    leaves the file untouched. Raises InvalidFile (nothing is written), NotFound, Locked.
    """
    path = path.resolve()
    with locked(path):
        clear_temporaries(str(path))
        text = read_text(path, limit)
        before = parse_yaml(text, path, limit)
        if not isinstance(before, dict | None):
            raise InvalidFile(str(path), [f"expected keys and values, found {quote(before)}"])
        try:
            changed = _round_trip(text, change)
        except InvalidFile as error:
            raise InvalidFile(str(path), error.problems) from None
        after = parse_yaml(changed, path, limit)
        model_after = convert(after, model, path, changed)
        if check is not None:
            check(model_after)
        if after != before:
            replace_file(str(path), changed.encode())


def dump_new(data: Mapping[str, Any], text: str | None = None) -> str:
    """YAML of a new file: `data` in its order, or the user's own `text` with what of `data` it lacks."""
    if text is None or text.lstrip().startswith(("{", "[")):
        return _round_trip("", lambda target: target.update(as_yaml(data)))

    def complete(target: Any) -> None:
        for position, (key, value) in enumerate(data.items()):
            if key not in target:
                target.insert(position, key, as_yaml(value))

    return _round_trip(text, complete)


def merge_patch(target: Any, patch: Mapping[str, Any]) -> None:
    """Applies a merge patch (RFC 7386) in place: null removes, mappings merge, all else replaces."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, Mapping):
            if not isinstance(target.get(key), Mapping):
                target[key] = as_yaml({})
            merge_patch(target[key], value)
        elif key not in target or target[key] != value:
            target[key] = as_yaml(value)


def as_yaml(value: Any) -> Any:
    """Plain data as ruamel writes it best: in blocks, quoted where a reader of YAML 1.1 would misread."""
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
    if isinstance(value, str) and _AMBIGUOUS.fullmatch(value):
        return DoubleQuotedScalarString(value)
    return value


def _is_pair(item: Mapping[str, Any]) -> bool:
    """Two plain values on a line, as a person would write an interval: `{start: "09:00", end: "17:00"}`."""
    return len(item) == 2 and not any(isinstance(part, Mapping | list) for part in item.values())


def _literal(text: str) -> bool:
    """A block scalar (`|`) can hold lines of printable text that neither begin nor end with a space."""
    lines = text.split("\n")
    return all(line.isprintable() and line == line.rstrip() for line in lines) and not text.startswith(
        (" ", "\n")
    )


def _round_trip(text: str, change: Callable[[Any], None]) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import MarkedYAMLError

    if "\r\n" in text:
        return _round_trip(text.replace("\r\n", "\n"), change).replace("\n", "\r\n")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(**_indentation(text))
    try:
        loaded = yaml.load(text)
    except MarkedYAMLError as error:
        # What keeps comments is stricter than what reads: about a tab behind a colon, for one.
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InvalidFile("YAML", [Problem(f"cannot be changed: {error.problem}", line=line)]) from None
    target = CommentedMap() if loaded is None else loaded
    change(target)
    out = StringIO()
    yaml.dump(target, out)
    return out.getvalue() if loaded is not None else text + out.getvalue()


def _indentation(text: str) -> dict[str, int]:
    """How a file indents: of the first mapping inside a mapping, and of the first list."""
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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other gbook processes from changing `path` while the block runs. Raises Locked, OSError."""
    guarded = [str(path), str(path.parent)]
    with hold_lock(beside(str(path), "lock"), guarded, time.monotonic() + LOCK_SECONDS):
        yield
