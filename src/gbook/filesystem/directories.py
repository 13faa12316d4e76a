"""Directories: made with the rights of the one above, and waited for until their names are on the disk."""

from __future__ import annotations

import os
from errno import EINVAL, ENOTSUP, EOPNOTSUPP

from gbook.filesystem.rights import give, rights_in

__all__ = ["make_folder", "sync_folder"]

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def make_folder(path: str) -> None:
    """Make a folder and those missing above it, each with the rights of the one above. Raises OSError."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(os.path.abspath(path))
    make_folder(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if os.path.isdir(path):
            return
        raise
    descriptor = os.open(path, _FLAGS | os.O_NOFOLLOW)
    try:
        give(descriptor, rights_in(os.stat(above), 0o2777))
    finally:
        os.close(descriptor)
    sync_folder(above)


def sync_folder(folder: str) -> None:
    """Wait until the names in a folder are on the disk. Raises OSError."""
    descriptor = os.open(folder, _FLAGS)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot wait for a folder; they do it on each change.
        if error.errno not in (EINVAL, ENOTSUP, EOPNOTSUPP):
            raise
    finally:
        os.close(descriptor)
