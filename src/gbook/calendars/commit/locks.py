"""Locks of calendars: one writer at a time, also among other workspaces and users.

The lock of the file `alice.ics` is `.alice.ics.gbook-lock` beside it; that of the vdir `carol` is inside the
folder, `carol/.gbook-lock`: a folder can be mounted at several paths, and all of them must lead to the same
lock. Lock files are never deleted: another process may just have opened one. Each contains a random token, by
which a journal recognises its calendars: if the same path leads to another calendar, the token differs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from errno import EACCES, EPERM, EROFS

from gbook.calendars.commit.paths import companion_path
from gbook.errors import GbookError
from gbook.filesystem import files
from gbook.filesystem.directories import sync_folder
from gbook.filesystem.flock import hold_lock

__all__ = ["hold", "token"]


def token(calendar: str) -> str | None:
    """Return the token in the lock file of a calendar, None if it was never locked. Raises OSError."""
    content = files.read(companion_path(calendar, "lock"))
    return None if content is None else _token_in(content)


@contextmanager
def hold(calendars: Iterable[str], deadline: float) -> Iterator[None]:
    """Hold the locks of calendars (real paths) while the block runs.

    They are taken in sorted order, which rules out deadlocks. `deadline` is a time.monotonic() value. Raises
    Locked at the deadline, GbookError if a lock file cannot be made or opened.
    """
    with ExitStack() as held:
        for calendar in sorted(set(calendars)):
            with files.io_errors(calendar):
                path = companion_path(calendar, "lock")
                # Users who may write the calendar or replace it may use its lock.
                guarded = list(dict.fromkeys([calendar, os.path.dirname(path)]))
            with files.io_errors(path), _denied(calendar, path):
                _mark(held.enter_context(hold_lock(path, guarded, deadline)), path)
        yield


@contextmanager
def _denied(calendar: str, lock: str) -> Iterator[None]:
    """Name the calendar if its lock cannot be created: the user knows nothing of the lock.

    Raises GbookError for a missing right. A lock that exists is named: its own rights are wrong.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (EACCES, EPERM, EROFS) or os.path.lexists(lock):
            raise
        folder = os.path.dirname(lock)
        raise GbookError(f"cannot write to {folder}: {error.strerror}", path=calendar) from error


def _mark(descriptor: int, lock: str) -> None:
    """Write the token of a new lock, durably: after a power failure a journal must still match it."""
    if _token_in(os.pread(descriptor, 64, 0)) is not None:
        return
    os.ftruncate(descriptor, 0)
    os.write(descriptor, os.urandom(16).hex().encode())
    os.fsync(descriptor)
    sync_folder(os.path.dirname(lock))


def _token_in(content: bytes) -> str | None:
    return content.decode() if _TOKEN.fullmatch(content) else None


_TOKEN = re.compile(rb"[0-9a-f]{32}")
