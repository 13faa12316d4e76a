"""Folders: they are made with the rights of their parent, durably."""

from __future__ import annotations

import os
from collections.abc import Iterable
from errno import EINVAL, ENOTSUP, EOPNOTSUPP

from gbook.filesystem.files import io_errors
from gbook.filesystem.rights import give, rights_in

__all__ = ["make_folder", "sync_folder", "sync_folders"]

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def make_folder(path: str) -> None:
    """Make a folder and its missing parents, each with the rights of its parent. Raises OSError."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(os.path.abspath(path))
    make_folder(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if os.path.isdir(path):
            return
        raise
    descriptor = os.open(path, _FLAGS | os.O_NOFOLLOW)
    try:
        give(descriptor, rights_in(os.stat(parent), 0o2777))
    finally:
        os.close(descriptor)
    sync_folder(parent)


def sync_folder(folder: str) -> None:
    """Wait until the names in a folder are on the disk. Raises OSError."""
    descriptor = os.open(folder, _FLAGS)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder; they sync each change themselves.
        if error.errno not in (EINVAL, ENOTSUP, EOPNOTSUPP):
            raise
    finally:
        os.close(descriptor)


def sync_folders(paths: Iterable[str]) -> None:
    """Wait until the names of files are on the disk: each folder once. Raises GbookError."""
    for folder, path in {os.path.dirname(path): path for path in paths}.items():
        with io_errors(path):
            sync_folder(folder)
