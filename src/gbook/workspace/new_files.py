"""Creating a set of new files: all or none, without changing existing ones."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gbook.errors import UsageError
from gbook.filesystem.atomic import create_file
from gbook.filesystem.directories import make_folder

__all__ = ["write_all"]


def write_all(folder: Path, files: Mapping[str, bytes], folders: Sequence[str] = ()) -> None:
    """Create `files`, by path below `folder`, in this order, and all folders that they and `folders` need.

    Raises UsageError, which names every existing file, before anything is created; OSError, after everything
    created has been removed.
    """
    needed = [folder / name for name in folders]
    needed += [(folder / name).parent for name in files]
    _refuse([path for path in dict.fromkeys(needed) if os.path.lexists(path) and not path.is_dir()], folder)
    _refuse([folder / name for name in files if os.path.lexists(folder / name)], folder)
    created: list[Path] = []
    try:
        for path in needed:
            _make_folder(path, created)
        for name, data in files.items():
            create_file(str(folder / name), data)
            created.append(folder / name)
    except BaseException:
        for path in reversed(created):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _refuse(existing: Sequence[Path], folder: Path) -> None:
    if existing:
        names = ", ".join(str(path) for path in existing)
        verb = "exists" if len(existing) == 1 else "exist"
        raise UsageError(
            f"{names} already {verb}; choose a folder other than {folder}: gbook init DIR",
            files=[str(path) for path in existing],
        )


def _make_folder(path: Path, created: list[Path]) -> None:
    if path.is_dir():
        return
    if path.parent != path:
        _make_folder(path.parent, created)
    make_folder(str(path))
    created.append(path)
