"""One writer at a time: a lock beside each calendar, so that other workspaces and users are kept out too.

For `alice.ics` it is `.alice.ics.gbook-lock`, for the vdir `carol` `.carol.gbook-lock` beside the folder.
A lock file is left in place: who takes it away may take it from under a process that has just opened it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache

from gbook.calendars.files import exists, faults
from gbook.errors import Locked

__all__ = ["LOCK_SECONDS", "hold", "is_pending", "real_path", "sidecar"]

LOCK_SECONDS = 10.0
POLL_SECONDS = 0.02


def real_path(calendar: str | os.PathLike[str]) -> str:
    """Where a calendar really is, symlinks followed: what its locks and journals lie beside."""
    path = os.path.abspath(calendar)
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    return os.path.join(_real_folder(folder), name)


def sidecar(calendar: str, kind: str) -> str:
    """The hidden file of ours beside a calendar (a real path): its `lock` or its `journal`."""
    folder, name = os.path.split(calendar)
    return os.path.join(folder, f".{name}.gbook-{kind}")


def is_pending(calendar: str) -> bool:
    """Whether a calendar (a real path) has a journal beside it: a transaction that is not over.

    Where that cannot be told it is so: who then tries to finish it learns why.
    """
    try:
        return exists(sidecar(calendar, "journal"))
    except OSError:
        return True


@contextmanager
def hold(calendars: Iterable[str], deadline: float) -> Iterator[None]:
    """The locks of calendars (real paths), taken in sorted order, so that nobody waits in a circle.

    `deadline` is an instant of time.monotonic(). Raises Locked at the deadline, GbookError where a lock
    cannot be made.
    """
    from filelock import FileLock, Timeout

    with ExitStack() as held:
        for calendar in sorted(set(calendars)):
            path = sidecar(calendar, "lock")
            mode, group = _rights(calendar)
            lock = FileLock(path, mode=mode, is_singleton=False)
            with faults(path):
                try:
                    lock.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=POLL_SECONDS)
                except Timeout:
                    raise Locked(
                        f"{calendar}: another program holds its lock; try again, or see who uses {path}",
                        path=calendar,
                    ) from None
            held.callback(lock.release)
            _give(path, group)
        yield


def _rights(calendar: str) -> tuple[int, int]:
    """Mode and group (-1: as it comes) of a lock: who may write the calendar, or replace it, may use it."""
    mode, group = 0o600, -1
    for path in (calendar, os.path.dirname(calendar)):
        with suppress(OSError):
            status = os.stat(path)
            # To write here is to read and write a lock.
            mode |= (status.st_mode & 0o022) * 3
            if status.st_mode & 0o020 and group == -1:
                group = status.st_gid
    return mode, group


def _give(lock: str, group: int) -> None:
    """Gives a lock that we have made to a group."""
    with suppress(OSError):
        if group != -1 and os.stat(lock).st_gid != group:
            os.chown(lock, -1, group)


@lru_cache(maxsize=256)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)
