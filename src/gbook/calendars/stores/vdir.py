"""A calendar that is a vdir: a folder with one file (item) for each event.

Hidden files and files that end in `.tmp` are not items:
https://vdirsyncer.pimutils.org/en/stable/vdir.html
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gbook.cache import Fingerprint, fingerprint
from gbook.calendars.stores.base import State
from gbook.calendars.stores.file import FileStore, LocalStore
from gbook.errors import GbookError

__all__ = ["VdirStore", "is_item_name", "local_store"]


class VdirStore(LocalStore, frozen=True):
    """A calendar that is a folder with one file for each event."""

    def look(self) -> list[tuple[str, State]]:
        # The fingerprints are plain tuples: thousands of them are compared, and few are looked at.
        try:
            return sorted(_item_states(self.path))
        except OSError as error:
            raise GbookError(f"cannot read the folder: {error.strerror}") from error

    def name_for(self, uid: str) -> str:
        return f"{uid}.ics"

    def own_names(self) -> list[str]:
        return [name for name, _ in self.look() if "@gbook" in name]


def local_store(path: Path) -> FileStore | VdirStore:
    """Return the calendar at a path, which need not exist. A name that ends in `.ics` is always a file."""
    is_vdir = path.suffix.lower() != ".ics" and path.is_dir()
    return VdirStore(path) if is_vdir else FileStore(path)


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
