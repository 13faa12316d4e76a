"""The paths of a calendar, its lock and its journal. Every query checks whether there is a journal."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from gbook.filesystem import companions, files

__all__ = ["companion_path", "is_folder", "is_pending", "outdated", "pending", "real_path"]

PathLike = TypeVar("PathLike", str, Path)


def real_path(calendar: str | os.PathLike[str]) -> str:
    """Return the absolute path of a calendar, symlinks followed; its lock and journal are beside that."""
    return _real_path(os.path.abspath(calendar), {})


def pending(calendars: Iterable[PathLike]) -> list[PathLike]:
    """Return the calendars that have an unfinished transaction, as `is_pending` says.

    Each folder is resolved once for all calendars in it, and again by the next call: it may be a link that
    leads elsewhere by then.
    """
    folders: dict[str, str] = {}
    return [each for each in calendars if is_pending(_real_path(os.path.abspath(each), folders))]


def is_folder(calendar: str) -> bool:
    """Return whether a calendar (a real path) is a vdir. A name that ends in `.ics` is a file.

    Raises OSError if that cannot be checked: the place of its lock depends on it.
    """
    if os.path.splitext(calendar)[1].lower() == ".ics":
        return False
    try:
        return stat.S_ISDIR(os.stat(calendar).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def companion_path(calendar: str, kind: str) -> str:
    """Return the path of the `lock` or the `journal` of a calendar (a real path). Raises OSError."""
    if is_folder(calendar):
        return os.path.join(calendar, f".gbook-{kind}")
    return companions.beside(calendar, kind)


def outdated(calendar: str) -> str | None:
    """Return the path of a journal beside a vdir, where older versions put it; None if there is none."""
    if is_folder(calendar) and files.exists(beside := companions.beside(calendar, "journal")):
        return beside
    return None


def is_pending(calendar: str) -> bool:
    """Return whether a calendar (a real path) has a journal, which means an unfinished transaction.

    If that cannot be checked, return True; recovery will report the reason.
    """
    try:
        return files.exists(companion_path(calendar, "journal")) or outdated(calendar) is not None
    except OSError:
        return True


def _real_path(path: str, folders: dict[str, str]) -> str:
    """Return the real path of an absolute one; `folders` are those that have been resolved."""
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if (real := folders.get(folder)) is None:
        real = folders[folder] = os.path.realpath(folder)
    return os.path.join(real, name)
