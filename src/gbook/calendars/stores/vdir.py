"""The files of a calendar: one .ics file, or a vdir folder with one file (item) for each event.

In a vdir, hidden files and files that end in `.tmp` are not items:
https://vdirsyncer.pimutils.org/en/stable/vdir.html
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from gbook.cache import RACY_NS, Fingerprint, fingerprint
from gbook.errors import GbookError, InvalidFile
from gbook.filesystem.files import MAX_FILE

__all__ = ["ItemFile", "is_vdir", "list_items", "list_states", "read_bytes", "read_settled"]

# How long to read a file again that is not valid yet, because another program is writing it.
RETRY_SECONDS = 1.0
_PAUSE_SECONDS = 0.05

T = TypeVar("T")
# The fields of a Fingerprint.
State = tuple[int, int, int, int]


class ItemFile(msgspec.Struct, frozen=True):
    """One file of a calendar; `name` is empty if the calendar is a single file."""

    name: str
    calendar: Path
    fingerprint: Fingerprint

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self.calendar / self.name if self.name else self.calendar


def is_vdir(calendar: Path) -> bool:
    """Return whether a calendar is a vdir folder. A name that ends in `.ics` is always a file."""
    return calendar.suffix.lower() != ".ics" and calendar.is_dir()


def list_items(calendar: Path) -> list[ItemFile]:
    """Return the files of a calendar, sorted by name. Raises GbookError if it cannot be read."""
    return [ItemFile(name, calendar, Fingerprint(*state)) for name, state in list_states(calendar)]


def list_states(calendar: Path) -> list[tuple[str, State]]:
    """Return the name and the fingerprint of each file of a calendar, sorted. Raises GbookError.

    The fingerprints are plain tuples: thousands of them are compared, and few are looked at.
    """
    if not is_vdir(calendar):
        return [("", _file_state(calendar))]
    try:
        return sorted(_item_states(calendar))
    except OSError as error:
        raise GbookError(f"cannot read the folder: {error.strerror}") from error


def is_item_name(name: str) -> bool:
    """Return whether a file of this name is an item of a vdir."""
    return name[-4:].lower() == ".ics" and name[:1] != "."


def _item_states(calendar: Path) -> Iterator[tuple[str, State]]:
    """Yield the name and the fingerprint of each item of a vdir.

    The folder is open meanwhile, so that the system need not look up its path for each item.
    """
    folder = os.open(calendar, os.O_RDONLY)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if not is_item_name(name):
                    continue
                try:
                    status = entry.stat()
                except OSError:
                    status = None
                if status and stat.S_ISREG(status.st_mode):
                    yield name, (status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
                elif state := _item_state(calendar / name):
                    yield name, state
    finally:
        os.close(folder)


def _item_state(path: Path) -> Fingerprint | None:
    """Return the fingerprint of an item; None for a folder, a special file, or a file that is gone.

    A broken link, and a file that may not be looked at, are items: reading them will report the error.
    """
    if (state := fingerprint(path)) is not None:
        return state
    try:
        os.stat(path)
    except FileNotFoundError:
        return Fingerprint(0, 0, 0) if os.path.islink(path) else None
    except OSError:
        return Fingerprint(0, 0, 0)
    return None


def _file_state(path: Path) -> Fingerprint:
    """Return the fingerprint of a calendar that is one file. Raises GbookError."""
    if (state := fingerprint(path)) is not None:
        return state
    try:
        status = path.stat()
    except OSError as error:
        raise GbookError(f"cannot be read: {error.strerror}") from error
    kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a special file"
    raise GbookError(f"expected an .ics file, found {kind}")


def read_bytes(path: Path) -> bytes:
    """Return the content of a calendar file. Raises GbookError.

    Inside `read_once` each file is read only once.
    """
    from gbook.calendars.stores.read_once import keep_content

    return keep_content(path, _read_bytes)


def _read_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise GbookError(f"cannot be read: {error.strerror}") from error
    if data is None:
        raise GbookError("not a readable file (it looks like a pipe)")
    if len(data) > MAX_FILE:
        raise GbookError(f"is larger than {MAX_FILE >> 20} MiB")
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting: a pipe would wait for its other end."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_settled(path: Path, read: Callable[[bytes], T]) -> T:
    """Return `read` of the bytes of a file; retry while it is invalid and another program is writing it.

    Raises GbookError; InvalidFile (from `read`) if the file is still invalid when nothing writes it.
    """
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return read(read_bytes(path))
        except InvalidFile:
            state = fingerprint(path)
            being_written = state is not None and state.mtime_ns + RACY_NS > time.time_ns()
            if not being_written or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)
