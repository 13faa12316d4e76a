"""Owner, group and mode of what gbook makes in a folder: those who share the folder can use it.

A umask is a user's own preference; a folder that a group shares says more. A new file gets the rights of its
folder, a file that replaces another gets those of the other, and a lock may be used by all who may write.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

__all__ = ["Rights", "give", "rights_in", "rights_of", "rights_of_writers"]


class Rights(NamedTuple):
    """Who may do what; -1 for an owner or a group that stays as it comes."""

    mode: int
    owner: int = -1
    group: int = -1


def rights_of(status: os.stat_result) -> Rights:
    """Return the rights of a file, for the one that takes its place."""
    return Rights(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def rights_in(folder: os.stat_result, bits: int = 0o666) -> Rights:
    """Return the rights of a new file in a folder; `bits` are those that a mode may have at all."""
    if folder.st_mode & stat.S_ISVTX:
        # A sticky folder (/tmp) is open to strangers: what is made there stays its maker's.
        return Rights(bits & 0o777 & ~_umask())
    return Rights(folder.st_mode & bits, folder.st_uid, folder.st_gid)


def rights_of_writers(paths: Iterable[str]) -> Rights:
    """Return the rights of a file that is for all who may write one of `paths`; missing ones do not count."""
    mode, owner, group = 0o600, -1, -1
    for path in paths:
        with suppress(OSError):
            status = os.stat(path)
            # To write here is to read and write there.
            mode |= (status.st_mode & 0o022) * 3
            owner = status.st_uid if owner == -1 else owner
            if status.st_mode & 0o020 and group == -1:
                group = status.st_gid
    return Rights(mode, owner, group)


def give(descriptor: int, rights: Rights) -> None:
    """Give an open file or folder its rights, as far as this user may; never more people than meant."""
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
                # The group is another one now: it gets what all others have.
                mode = (mode & ~0o070) | (mode & 0o007) << 3
    # Last, for it also bounds what an access list gives.
    os.fchmod(descriptor, mode)


def _umask() -> int:
    """The only way to read it is to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
