"""Where the bytes of a calendar are: one .ics file, or a vdir folder with a file for each event.

https://vdirsyncer.pimutils.org/en/stable/vdir.html: in a vdir, hidden files and those that end in `.tmp` are
not items.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from gbook.cache import RACY_NS, Fingerprint, fingerprint
from gbook.calendars.stores.read_once import keep_content
from gbook.errors import GbookError, InvalidFile
from gbook.filesystem.files import MAX_FILE

__all__ = ["ItemFile", "is_vdir", "list_items", "read_bytes", "read_settled"]

_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.05

T = TypeVar("T")


class ItemFile(NamedTuple):
    """One file of a calendar; `name` is empty for a calendar that is a single file."""

    name: str
    path: Path
    fingerprint: Fingerprint


def is_vdir(calendar: Path) -> bool:
    """Whether a calendar is a folder. One that is named like a file (`.ics`) must be a file."""
    return calendar.suffix.lower() != ".ics" and calendar.is_dir()


def list_items(calendar: Path) -> list[ItemFile]:
    """The files of a calendar, by name. Raises GbookError with one line where it cannot be read."""
    if not is_vdir(calendar):
        return [ItemFile("", calendar, _fingerprint(calendar))]
    try:
        with os.scandir(calendar) as entries:
            names = sorted(entry.name for entry in entries if is_item_name(entry.name))
    except OSError as error:
        raise GbookError(f"cannot read the folder: {error.strerror}") from error
    found = ((name, calendar / name) for name in names)
    return [ItemFile(name, path, seen) for name, path in found if (seen := _seen(path))]


def is_item_name(name: str) -> bool:
    return name.lower().endswith(".ics") and not name.startswith(".")


def _seen(path: Path) -> Fingerprint | None:
    """The fingerprint of an item; None for what is no file, or no longer there.

    A link to nothing, or what may not be looked at, is an item: reading it will say that it cannot be read.
    """
    if (seen := fingerprint(path)) is not None:
        return seen
    try:
        os.stat(path)
    except FileNotFoundError:
        return Fingerprint(0, 0, 0) if os.path.islink(path) else None
    except OSError:
        return Fingerprint(0, 0, 0)
    return None


def _fingerprint(path: Path) -> Fingerprint:
    if (seen := fingerprint(path)) is not None:
        return seen
    try:
        status = path.stat()
    except OSError as error:
        raise GbookError(f"cannot be read: {error.strerror}") from error
    what = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
    raise GbookError(f"expected an .ics file, found {what}")


def read_bytes(path: Path) -> bytes:
    """Return the content of a calendar file. Raises GbookError with one line.

    Within `read_once` a file is read only once.
    """
    return keep_content(path, _read_bytes)


def _read_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=_opened) as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise GbookError(f"cannot be read: {error.strerror}") from error
    if data is None:
        raise GbookError("cannot be read: it is no file that waits to be read")
    if len(data) > MAX_FILE:
        raise GbookError(f"is larger than {MAX_FILE >> 20} MiB")
    return data


def _opened(path: str, flags: int) -> int:
    """Never waits for somebody at the other end of what has become a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_settled(path: Path, read: Callable[[bytes], T]) -> T:
    """What `read` makes of a file's bytes, with patience for one that another program is just writing.

    Raises GbookError, and InvalidFile (from `read`) once the file has been left alone and is still invalid.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        seen = fingerprint(path)
        try:
            return read(read_bytes(path))
        except InvalidFile:
            being_written = seen is not None and seen.mtime_ns + RACY_NS > time.time_ns()
            if not being_written or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)
