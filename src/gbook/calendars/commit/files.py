"""Files that are written so that a crash or a power failure finds the old bytes or the new.

Each function is one step of the transaction and raises OSError; `io_errors` turns that into the one line
that the user sees. Everything goes through `os`, so that tests can stop the world at every call.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST, ENOENT, ENOTSUP, EOPNOTSUPP, EPERM

from gbook.calendars.stores.vdir import MAX_FILE
from gbook.errors import GbookError, InvalidFile
from gbook.filesystem.directories import sync_folder
from gbook.filesystem.rights import give, rights_in, rights_of

__all__ = ["discard", "exists", "io_errors", "place", "read", "stage", "sync_file", "sync_folder"]

TEMPORARY_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def io_errors(path: str) -> Iterator[None]:
    """Turns an OSError into a GbookError of one line about `path`."""
    try:
        yield
    except OSError as error:
        raise GbookError(f"{path}: {error.strerror or error}", path=path) from error


def exists(path: str) -> bool:
    """Whether there is anything of that name. Raises OSError where that cannot be told."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def read(path: str) -> bytes | None:
    """The bytes of a file, None where there is none. Raises OSError, and InvalidFile beyond MAX_FILE."""
    try:
        descriptor = os.open(path, READ_FLAGS)
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


def stage(temporary: str, content: bytes, like: str) -> None:
    """Write a temporary file and wait until it is on the disk.

    It gets mode, group and owner of the file `like`, and is at no time readable for more people. `like` may
    be a folder: then it becomes a new file of that folder, for those who may use the folder.
    """
    model = os.stat(like)
    new = stat.S_ISDIR(model.st_mode)
    descriptor = os.open(temporary, TEMPORARY_FLAGS, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if not new:
            _copy_attributes(descriptor, like)
        give(descriptor, rights_in(model) if new else rights_of(model))
        os.fsync(descriptor)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)


def place(temporary: str, target: str, *, new: bool) -> bool:
    """Gives a staged file its name. False, and nothing done, where `new` finds that there is such a file."""
    if not new:
        os.replace(temporary, target)
        return True
    try:
        # Unlike a rename, a link never replaces what another program has put there meanwhile.
        os.link(temporary, target)
    except OSError as error:
        if error.errno == EEXIST:
            return False
        if error.errno not in (EPERM, ENOTSUP, EOPNOTSUPP):
            raise
        if exists(target):
            return False
        os.replace(temporary, target)
        return True
    with suppress(OSError):
        os.unlink(temporary)
    return True


def sync_file(path: str) -> None:
    """Wait until the content of a file is on the disk."""
    descriptor = os.open(path, READ_FLAGS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(path: str) -> None:
    """Takes a file away, if there is one."""
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno != ENOENT:
            raise


def _copy_attributes(descriptor: int, like: str) -> None:
    """Extended attributes (access lists among them) of another file, as far as we may."""
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(like):
                with suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(like, name))
