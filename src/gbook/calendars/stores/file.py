"""A calendar that is one .ics file."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import msgspec

from gbook.cache import RACY_NS, Fingerprint, fingerprint
from gbook.calendars.stores.base import State
from gbook.errors import GbookError
from gbook.filesystem.files import MAX_FILE

__all__ = ["FileStore", "LocalStore"]


class LocalStore(msgspec.Struct, frozen=True):
    """A calendar on a disk, a file or a folder, at `path`."""

    path: Path

    @property
    def key(self) -> str:
        return str(self.path)

    @property
    def is_remote(self) -> bool:
        return False

    def summary(self) -> State | None:
        try:
            return Fingerprint.of(os.stat(self.path))
        except OSError:
            return None

    def state(self, name: str) -> State | None:
        return fingerprint(self.item_path(name))

    def exists(self, name: str) -> bool:
        return os.path.exists(self.item_path(name))

    def read(self, name: str) -> bytes:
        """Return the content of a file. Raises GbookError. Inside `read_once` it is read only once."""
        from gbook.calendars.stores.read_once import keep_content

        return keep_content(self.item_path(name), _read_bytes)

    def is_being_written(self, name: str) -> bool:
        state = fingerprint(self.item_path(name))
        return state is not None and state.mtime_ns + RACY_NS > time.time_ns()

    def remark(self) -> str | None:
        return None

    def location(self, name: str) -> str:
        return str(self.item_path(name))

    def item_path(self, name: str) -> Path:
        """Return the path of one of its files."""
        return self.path / name if name else self.path


class FileStore(LocalStore, frozen=True):
    """A calendar that is one .ics file."""

    def look(self) -> list[tuple[str, State]]:
        return [("", _file_state(self.path))]

    def name_for(self, uid: str) -> str:
        return ""

    def own_names(self) -> list[str]:
        return [""]


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
