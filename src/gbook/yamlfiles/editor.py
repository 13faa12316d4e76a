"""Changes to YAML files that people edit too.

`edit` reads, changes and checks a file under a lock, and replaces it only if the result is valid: no change
of another gbook process is lost, and the file is never invalid or incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from gbook.errors import InvalidFile
from gbook.filesystem.atomic import clear_temporaries, replace_file
from gbook.filesystem.companions import beside
from gbook.filesystem.flock import hold_lock, lock_deadline
from gbook.yamlfiles import MEBIBYTE
from gbook.yamlfiles.parser import parse_yaml
from gbook.yamlfiles.quoting import quote
from gbook.yamlfiles.reader import convert, read_text
from gbook.yamlfiles.round_trip import as_yaml, round_trip

__all__ = ["dump_new", "edit", "locked", "merge_patch"]


def edit(
    path: Path,
    model: type[msgspec.Struct],
    change: Callable[[Any], None],
    *,
    limit: int = MEBIBYTE,
    check: Callable[[Any], None] | None = None,
) -> None:
    """Apply `change` to the mapping (ruamel's CommentedMap) of a YAML file of at most `limit` bytes.

    The result must convert to `model` and pass `check`, which raises an error. A file whose data stays the
    same is not written. Raises InvalidFile (nothing is written), NotFound, Locked.
    """
    path = path.resolve()
    with locked(path):
        clear_temporaries(str(path))
        text = read_text(path, limit)
        before = parse_yaml(text, path, limit)
        if not isinstance(before, dict | None):
            raise InvalidFile(str(path), [f"expected keys and values, found {quote(before)}"])
        try:
            changed = round_trip(text, change)
        except InvalidFile as error:
            raise InvalidFile(str(path), error.problems) from None
        after = parse_yaml(changed, path, limit)
        model_after = convert(after, model, path, changed)
        if check is not None:
            check(model_after)
        if after != before:
            replace_file(str(path), changed.encode())


def dump_new(data: Mapping[str, Any], text: str | None = None) -> str:
    """Return the YAML of a new file: `data` in its order, or the user's `text` with the keys that differ."""
    if text is None or text.lstrip().startswith(("{", "[")):
        return round_trip("", lambda target: target.update(as_yaml(data)))
    written = parse_yaml(text, "YAML")

    def complete(target: Any) -> None:
        for key in written.keys() - data.keys():
            target.pop(key, None)
        for position, (key, value) in enumerate(data.items()):
            if key not in written:
                target.insert(position, key, as_yaml(value))
            elif written[key] != value:
                target[key] = as_yaml(value)

    return round_trip(text, complete)


def merge_patch(target: Any, patch: Mapping[str, Any]) -> None:
    """Apply a merge patch (RFC 7386) in place: null removes a key, mappings merge, other values replace."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, Mapping):
            if not isinstance(target.get(key), Mapping):
                target[key] = as_yaml({})
            merge_patch(target[key], value)
        elif key not in target or target[key] != value:
            target[key] = as_yaml(value)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other gbook processes from changing `path` while the block runs. Raises Locked, OSError."""
    guarded = [str(path), str(path.parent)]
    with hold_lock(beside(str(path), "lock"), guarded, lock_deadline()):
        yield
