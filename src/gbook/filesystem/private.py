"""Files that only their owner may read: secrets, in a folder of mode 0700.

A new file gets the rights of its folder, so `create_file` and `replace_file` make private files in such a
folder.
"""

from __future__ import annotations

import os
from contextlib import suppress

from gbook.errors import InvalidFile
from gbook.filesystem.atomic import create_file
from gbook.filesystem.directories import sync_folder

__all__ = ["PRIVATE_FOLDER", "make_private_folder", "require_private"]

# The folder of a workspace for what only its owner may read: the credentials of clients, and keys.
PRIVATE_FOLDER = ".gbook"

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OTHERS = 0o077


def make_private_folder(path: str) -> None:
    """Make a folder for secrets if it is missing, close it to other users, and keep it out of Git.

    Its parent must exist. Raises OSError.
    """
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
        sync_folder(os.path.dirname(os.path.abspath(path)))
    descriptor = os.open(path, _FLAGS)
    try:
        if os.fstat(descriptor).st_mode & _OTHERS:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
    with suppress(FileExistsError):
        create_file(os.path.join(path, ".gitignore"), b"*\n")


def require_private(path: str, status: os.stat_result) -> None:
    """Raise InvalidFile if other users than its owner may read or change a file of secrets."""
    if rights := status.st_mode & _OTHERS:
        can = "change" if rights & 0o022 else "read"
        message = f"other users can {can} it, and it holds secrets; run: chmod 600 {path}"
        raise InvalidFile(path, [message])
