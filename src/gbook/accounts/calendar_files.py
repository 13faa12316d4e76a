"""The calendar files of accounts: their paths in gbook.yaml, checking and creating them."""

from __future__ import annotations

import os
from pathlib import Path

from gbook import PRODID
from gbook.calendars.stores.base import Store
from gbook.errors import GbookError, InvalidFile, Problem
from gbook.filesystem.directories import make_folder
from gbook.workspace.calendar_ref import is_address
from gbook.workspace.workspace import Workspace

__all__ = ["check_calendar", "check_remote", "create_calendar", "path_in_workspace"]

EMPTY_CALENDAR = (f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\nEND:VCALENDAR\r\n").encode()


def path_in_workspace(workspace: Workspace, typed: str) -> str:
    """Return a calendar's path for gbook.yaml: as typed, or of a file in the current folder.

    An address stays as it is.
    """
    if is_address(typed):
        return typed
    path = Path(typed)
    if path.is_absolute() or typed.startswith("~") or (workspace.root / path).exists() or not path.exists():
        return typed
    absolute = path.absolute()
    inside = absolute.is_relative_to(workspace.root)
    return os.path.relpath(absolute, workspace.root) if inside else str(absolute)


def check_calendar(path: Path) -> None:
    """Raise InvalidFile if a calendar, file or folder, is missing or unreadable."""
    from gbook.calendars.busy.readable import check_readable
    from gbook.calendars.stores.vdir import local_store

    if not path.exists():
        raise InvalidFile(str(path), ["no such calendar; --create creates an empty one"])
    try:
        check_readable(local_store(path))
    except InvalidFile as error:
        raise InvalidFile(str(path), error.problems) from None
    except GbookError as error:
        raise InvalidFile(str(path), [Problem(error.message)]) from None


def check_remote(store: Store) -> None:
    """Raise InvalidFile or Unreachable if a calendar on a server cannot be read."""
    from gbook.calendars.busy.readable import check_readable
    from gbook.calendars.commit.pending import confirm_remote

    if error := confirm_remote([store]).get(store):
        raise error
    check_readable(store)


def create_calendar(path: Path) -> bool:
    """Create an empty calendar, a file for a path in .ics, else a folder; return False if it exists.

    It appears complete, with the access rights of its folder. Raises OSError, Locked.
    """
    from gbook.calendars.commit.journal import temporaries
    from gbook.calendars.commit.locks import hold
    from gbook.calendars.commit.paths import real_path
    from gbook.filesystem.flock import lock_deadline

    real = real_path(path)
    if path.suffix.lower() != ".ics":
        missing = not path.exists()
        make_folder(real)
        return missing
    make_folder(str(Path(real).parent))
    if path.exists() and not temporaries(real):
        return False
    with hold([real], lock_deadline()):
        return _create_file(real)


def _create_file(path: str) -> bool:
    from gbook.calendars.commit.journal import temporaries
    from gbook.filesystem.atomic import create_file
    from gbook.filesystem.files import discard

    for leftover in temporaries(path):
        discard(leftover)
    try:
        create_file(path, EMPTY_CALENDAR)
    except FileExistsError:
        return False
    return True
