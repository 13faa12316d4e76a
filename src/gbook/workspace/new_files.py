"""A set of new files: all of them are made, or none, and no file that exists is touched."""

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
    """Make `files` (by their paths below `folder`) in this order, and the folders they and `folders` need.

    Raises UsageError that names every file in the way, and then nothing was made; OSError, after what was
    made has been removed again.
    """
    needed = [folder / name for name in folders]
    needed += [(folder / name).parent for name in files]
    _refuse([path for path in dict.fromkeys(needed) if os.path.lexists(path) and not path.is_dir()], folder)
    _refuse([folder / name for name in files if os.path.lexists(folder / name)], folder)
    made: list[Path] = []
    try:
        for path in needed:
            _make_folder(path, made)
        for name, data in files.items():
            create_file(str(folder / name), data)
            made.append(folder / name)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _refuse(there: Sequence[Path], folder: Path) -> None:
    if there:
        names = ", ".join(str(path) for path in there)
        exist = "exists" if len(there) == 1 else "exist"
        raise UsageError(
            f"{names} {exist} already; choose another folder than {folder}: gbook init DIR",
            files=[str(path) for path in there],
        )


def _make_folder(path: Path, made: list[Path]) -> None:
    if path.is_dir():
        return
    if path.parent != path:
        _make_folder(path.parent, made)
    make_folder(str(path))
    made.append(path)
