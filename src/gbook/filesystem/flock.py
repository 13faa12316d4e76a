"""Locks between processes: flock(2) on a file that stays.

Written out instead of taken from a library because the file may be in a folder that others write too: it is
never truncated, followed through a link, deleted, or replaced by a marker that outlives a killed process.
Where a file system has no flock, the lock is an error.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import ELOOP, EWOULDBLOCK

from gbook.errors import Locked
from gbook.filesystem.rights import give, rights_of_writers

__all__ = ["LOCK_SECONDS", "hold_lock", "take"]

# How long a command waits for a lock before it gives up.
LOCK_SECONDS = 10.0
POLL_SECONDS = 0.02
# Without O_CREAT: a sticky folder forbids that for a file of another user (fs.protected_regular).
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def hold_lock(lock: str, guarded: Sequence[str], deadline: float) -> Iterator[int]:
    """Hold a lock file while the block runs; yield its open descriptor.

    `guarded` and `deadline` are those of `take`. Raises Locked at the deadline, about the first of `guarded`;
    OSError if there can be no lock.
    """
    descriptor = take(lock, guarded, deadline)
    if descriptor is None:
        message = (
            f"{guarded[0]}: another program holds its lock; try again, or find the program that uses {lock}"
        )
        raise Locked(message, path=guarded[0])
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def take(path: str, guarded: Sequence[str], deadline: float) -> int | None:
    """Return the open descriptor that holds the lock file `path`, None at `deadline` (time.monotonic()).

    Closing the descriptor frees the lock. A lock file that is made here is for all users who may write one of
    the `guarded` paths. Raises OSError where there can be no lock.
    """
    while True:
        descriptor = _opened(path, guarded)
        try:
            if not _wait(descriptor, deadline):
                os.close(descriptor)
                return None
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BaseException:
            with suppress(OSError):
                os.close(descriptor)
            raise
        # Deleted between our look and our lock: the next one would lock another file.
        os.close(descriptor)


def _opened(path: str, guarded: Sequence[str]) -> int:
    while True:
        with suppress(FileNotFoundError):
            return _checked(os.open(path, _OPEN), path)
        with suppress(FileExistsError):
            descriptor = os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, 0o600)
            give(descriptor, rights_of_writers(guarded))
            return descriptor


def _checked(descriptor: int, path: str) -> int:
    """Refuse what was planted under the name of a lock: its content could be another user's file."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1:
        return descriptor
    os.close(descriptor)
    raise OSError(ELOOP, "not a file of its own; delete it", path)


def _wait(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno != EWOULDBLOCK:
                raise
        else:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
