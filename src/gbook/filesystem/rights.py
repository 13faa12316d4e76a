"""Access rights (owner, group, mode) of new files and folders: users who share a folder can use them.

A new file gets the rights of its folder rather than those of the umask, which is one user's preference. A
replacement gets the rights of the old file, and all users who may write a calendar may use its lock.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

__all__ = ["Rights", "give", "rights_in", "rights_of", "rights_of_writers"]


class Rights(NamedTuple):
    """Mode, owner and group of a file; -1 leaves the owner or the group unchanged."""

    mode: int
    owner: int = -1
    group: int = -1


def rights_of(status: os.stat_result) -> Rights:
    """Return the rights of a file, for its replacement."""
    return Rights(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def rights_in(folder: os.stat_result, bits: int = 0o666) -> Rights:
    """Return the rights of a new file in a folder; `bits` limits the mode."""
    if folder.st_mode & stat.S_ISVTX:
        # Every user may write a sticky folder (/tmp): a new file belongs to the user who makes it.
        return Rights(bits & 0o777 & ~_umask())
    return Rights(folder.st_mode & bits, folder.st_uid, folder.st_gid)


def rights_of_writers(paths: Iterable[str]) -> Rights:
    """Return the rights of a file that all users may use who may write one of `paths`; skip missing paths."""
    mode, owner, group = 0o600, -1, -1
    for path in paths:
        with suppress(OSError):
            status = os.stat(path)
            # Write permission on the path gives read and write permission on the file.
            mode |= (status.st_mode & 0o022) * 3
            owner = status.st_uid if owner == -1 else owner
            if status.st_mode & 0o020 and group == -1:
                group = status.st_gid
    return Rights(mode, owner, group)


def give(descriptor: int, rights: Rights) -> None:
    """Set the rights of an open file or folder, as far as this user may, and never wider than `rights`."""
    mode = rights.mode
    own = os.fstat(descriptor)
    owner = -1 if rights.owner == own.st_uid else rights.owner
    group = -1 if rights.group == own.st_gid else rights.group
    if (owner, group) != (-1, -1):
        try:
            os.fchown(descriptor, owner, group)
        except PermissionError:
            try:
                os.fchown(descriptor, -1, group)
            except PermissionError:
                # The file has another group now: give it only the rights of all other users.
                mode = (mode & ~0o070) | (mode & 0o007) << 3
    # Last: fchmod also limits the rights that an access list gives.
    os.fchmod(descriptor, mode)


def _umask() -> int:
    """Return the umask. Where the system does not tell it, the only way to read it is to set it.

    Setting it for a moment would also concern the files that other threads make then.
    """
    with suppress(OSError), open("/proc/self/status", "rb") as file:
        for line in file:
            if line.startswith(b"Umask:"):
                return int(line.split()[1], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
