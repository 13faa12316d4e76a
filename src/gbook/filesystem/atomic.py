"""Atomic writes: after a crash or a power failure a file has its old bytes or its new ones.

`create_file` and `replace_file` write one file. A transaction over several files uses their steps: `stage`
writes a temporary file and waits for the disk, `place` gives it its name, `sync_placed` makes that durable.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST, ENOTSUP, EOPNOTSUPP, EPERM

from gbook.errors import GbookError
from gbook.filesystem.companions import temporaries_in, temporary
from gbook.filesystem.directories import sync_folder
from gbook.filesystem.files import discard, exists
from gbook.filesystem.rights import give, rights_in, rights_of

__all__ = ["clear_temporaries", "create_file", "place", "replace_file", "stage", "sync_placed"]

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def create_file(path: str, content: bytes, *, shared: bool = True) -> None:
    """Make a file that has all of its content as soon as it has its name. No link is followed.

    It gets the rights of its folder; unless `shared`, those that the umask leaves. Raises FileExistsError, or
    another OSError; then it has not been made.
    """
    with _staged(path, content, os.path.dirname(path) or os.curdir if shared else None) as ready:
        if not place(ready, path, new=True):
            raise FileExistsError(EEXIST, os.strerror(EEXIST), path)
    try:
        sync_folder(os.path.dirname(path) or os.curdir)
    except OSError:
        os.unlink(path)
        raise


def replace_file(path: str, content: bytes) -> None:
    """Replace the content of a file; mode, group, owner and extended attributes stay.

    Raises OSError if the file was not replaced; if it was, but may be lost in a power failure, GbookError
    with `details["committed"]`.
    """
    with _staged(path, content, path) as ready:
        place(ready, path, new=False)
    sync_placed(path)


def stage(ready: str, content: bytes, like: str | None) -> None:
    """Write the temporary file `ready` and wait until it is on the disk. Raises OSError.

    It gets mode, group, owner and extended attributes of the file `like`, and is at no time readable for
    more users. `like` may be a folder: then it gets the rights of a new file in that folder. None: the rights
    that the umask leaves.
    """
    model = None if like is None else os.stat(like)
    descriptor = os.open(ready, _FLAGS, 0o666 if model is None else 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if like is not None and model is not None:
            _give_rights(descriptor, like, model)
        os.fsync(descriptor)
    except BaseException:
        with suppress(OSError):
            os.unlink(ready)
        raise
    finally:
        os.close(descriptor)


def place(ready: str, target: str, *, new: bool) -> bool:
    """Give a staged file its name. If `new` and the name is taken, do nothing and return False."""
    if not new:
        os.replace(ready, target)
        return True
    try:
        # Unlike a rename, a link never replaces a file that another program has just put there.
        os.link(ready, target)
    except OSError as error:
        if error.errno == EEXIST:
            return False
        if error.errno not in (EPERM, ENOTSUP, EOPNOTSUPP):
            raise
        if exists(target):
            return False
        os.replace(ready, target)
        return True
    with suppress(OSError):
        os.unlink(ready)
    return True


def sync_placed(path: str) -> None:
    """Wait until the name of a file that was placed or deleted is on the disk.

    Raises GbookError with `details["committed"]`: the file is written, whatever happens now.
    """
    try:
        sync_folder(os.path.dirname(path) or os.curdir)
    except OSError as error:
        message = f"{path}: {error.strerror}; it is written, but a power failure may undo it"
        raise GbookError(message, path=path, committed=True) from error


def clear_temporaries(path: str) -> None:
    """Delete the temporary files of `path` that killed processes have left; its lock is held."""
    with suppress(OSError):
        for leftover, name in temporaries_in(os.path.dirname(path)):
            if name == os.path.basename(path):
                os.unlink(leftover)


@contextmanager
def _staged(path: str, content: bytes, like: str | None) -> Iterator[str]:
    """Yield a staged temporary file beside `path`; the block places it, or it is deleted again."""
    ready = temporary(path, os.urandom(8).hex())
    stage(ready, content, like)
    try:
        yield ready
    except BaseException:
        with suppress(OSError):
            discard(ready)
        raise


def _give_rights(descriptor: int, like: str, model: os.stat_result) -> None:
    if stat.S_ISDIR(model.st_mode):
        give(descriptor, rights_in(model))
    else:
        _copy_attributes(descriptor, like)
        give(descriptor, rights_of(model))


def _copy_attributes(descriptor: int, like: str) -> None:
    """Copy the extended attributes of a file (access lists among them), as far as this user may."""
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(like):
                with suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(like, name))
