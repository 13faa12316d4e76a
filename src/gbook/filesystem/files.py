"""Single steps on files: check, read, sync, delete. They do not follow a link that is the file itself.

Every call goes through `os`, so that tests can stop the world at each of them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from gbook.errors import GbookError, InvalidFile

__all__ = ["MAX_FILE", "discard", "exists", "io_errors", "read", "sync_file"]

# The most bytes that a calendar file may have: some 100,000 events.
MAX_FILE = 64 << 20
_READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def io_errors(path: str) -> Iterator[None]:
    """Turn an OSError of the block into a GbookError of one line about `path`."""
    try:
        yield
    except OSError as error:
        raise GbookError(f"{path}: {error.strerror or error}", path=path) from error


def exists(path: str) -> bool:
    """Return whether a file, folder or link has this name. Raises OSError if that cannot be checked."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def read(path: str) -> bytes | None:
    """Return the bytes of a file, None if it does not exist.

    Raises OSError; InvalidFile for what is not a regular file, or is larger than MAX_FILE.
    """
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InvalidFile(path, ["expected a file"])
        pieces = []
        left = MAX_FILE + 1
        while left and (piece := os.read(descriptor, min(left, max(status.st_size + 1, 1 << 16)))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    if not left:
        raise InvalidFile(path, [f"is larger than {MAX_FILE >> 20} MiB"])
    return b"".join(pieces)


def sync_file(path: str) -> None:
    """Wait until the content of a file is on the disk. Raises OSError."""
    descriptor = os.open(path, _READ_FLAGS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(path: str) -> None:
    """Delete a file if it exists. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)
