"""Paths of keys such as `accounts[0].email`, and the lines of a YAML text that they are on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gbook.yamlfiles.parser import compose

__all__ = ["Keys", "key_parts", "key_path", "line_finder", "line_of"]

Keys = tuple[str | int, ...]


def key_path(keys: Keys) -> str:
    """Return the text of a key path: `workHours.daySchedules[0].dayOfWeek`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def key_parts(key: str) -> Keys:
    """Return a key path such as `accounts[0].email` as its parts: ("accounts", 0, "email")."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", key)
    return tuple(int(number) if number else name for number, name in parts)


def line_finder(text: str, path: Path | str) -> Callable[[str], int | None]:
    """Return a function from a key path to its line in `text`. Raises InvalidFile about `path`."""
    root = compose(text, str(path))
    return lambda key: line_of(root, key_parts(key))


def line_of(root: Any, keys: Keys) -> int | None:
    """Return the line of a key below a node, or of its nearest parent that exists."""
    node, line = root, None
    for key in keys:
        if node is None:
            break
        if isinstance(key, int):
            node = node.value[key] if node.id == "sequence" and key < len(node.value) else None
            line = node.start_mark.line + 1 if node is not None else line
            continue
        pairs = node.value if node.id == "mapping" else []
        entry = next(((name, value) for name, value in pairs if name.value == key), None)
        line, node = (entry[0].start_mark.line + 1, entry[1]) if entry else (line, None)
    return line
