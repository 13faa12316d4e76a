"""Locks between processes: flock(2) on a file that is never deleted.

No library is used because the lock file may be in a folder that other users can write: it is never truncated,
followed through a link, or replaced by a marker file that outlives a killed process. On a file system without
flock(2), taking a lock is an error.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from errno import ELOOP, EWOULDBLOCK

from gbook.errors import Locked
from gbook.filesystem.rights import give, rights_of_writers

__all__ = ["hold_lock", "lock_deadline", "patience", "take"]

# How long a run waits for a lock before it gives up.
_seconds: ContextVar[float] = ContextVar("lock_seconds", default=10.0)
POLL_SECONDS = 0.02
# Without O_CREAT: a sticky folder forbids that for a file of another user (fs.protected_regular).
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def lock_deadline() -> float:
    """Return until when this run waits for a lock, a time.monotonic() value."""
    return time.monotonic() + _seconds.get()


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let the block wait for each lock for this time; other threads are not concerned."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


@contextmanager
def hold_lock(lock: str, guarded: Sequence[str], deadline: float) -> Iterator[int]:
    """Hold a lock file while the block runs; yield its open descriptor.

    `guarded` and `deadline` are those of `take`. Raises Locked at the deadline, about the first of `guarded`;
    OSError if the lock cannot be taken.
    """
    descriptor = take(lock, guarded, deadline)
    if descriptor is None:
        message = f"{guarded[0]}: another program holds its lock; try again, or see which program uses {lock}"
        raise Locked(message, path=guarded[0])
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def take(path: str, guarded: Sequence[str], deadline: float) -> int | None:
    """Take a lock; return its open descriptor, or None at `deadline`, a time.monotonic() value.

    Closing the descriptor releases the lock. A lock file that does not exist is made, for all users who may
    write one of the `guarded` paths. Raises OSError if the lock cannot be taken.
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
        # Deleted before we had the lock: the next process would lock another file.
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
    """Raise OSError if the lock is a hard link or a special file: it could be another user's file."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1:
        return descriptor
    os.close(descriptor)
    raise OSError(ELOOP, "not a regular file with one name; delete it", path)


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
