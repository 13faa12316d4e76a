"""Checks, before the commit, that a file can be replaced.

A rename that fails after the commit leaves a booking half done. So a calendar whose rename would fail, or
would do damage, is refused before anything is changed.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from errno import ENOTDIR, EPERM

from gbook.errors import GbookError

__all__ = ["check_removable", "check_replaceable", "check_writable"]


def check_replaceable(path: str) -> None:
    """Raise GbookError with the reason if a file (a real path) must not or cannot be replaced.

    Raises OSError if that cannot be checked. A file that does not exist passes.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        return
    if status.st_nlink > 1:
        raise _refused(
            path,
            f"has {status.st_nlink} names (hard links), and a change would reach only this one; "
            f"make the other names symbolic links to it",
        )
    check_writable(path)
    if _is_mount(path, status):
        raise _refused(path, "is mounted as a single file and cannot be replaced; mount its folder instead")
    check_removable(path)


def check_writable(path: str) -> None:
    """Raise GbookError if a file or folder is write-protected; root is held to that too."""
    mode = os.stat(path).st_mode
    if not mode & 0o222 or not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _refused(
            path,
            f"is write-protected (mode {stat.S_IMODE(mode):04o}); allow writing, or use another calendar",
        )


def check_removable(path: str) -> None:
    """Raise GbookError or OSError if the system does not allow a file to be renamed or deleted.

    rmdir(2) makes the checks of rename(2) and unlink(2), for sticky and append-only folders, immutable files
    and foreign ids, and then fails because the path is not a folder.
    """
    try:
        os.rmdir(path)
    except OSError as error:
        if error.errno == ENOTDIR:
            return
        if error.errno == EPERM:
            reason = "it is immutable, or it belongs to another user and its folder is sticky"
            raise _refused(path, f"cannot be replaced: {reason}") from error
        raise


def _is_mount(path: str, status: os.stat_result) -> bool:
    """Return whether something is mounted on this path: rename(2) then fails, whatever the rights."""
    folder = os.path.dirname(path)
    if (mount := _mount_id(path)) is not None:
        return mount != _mount_id(folder)
    # Only the second choice: in an overlay (containers use them) files and folders may differ in it.
    return status.st_dev != os.stat(folder).st_dev


def _mount_id(path: str) -> bytes | None:
    """Return the id of the mount that a path is in; None if the system does not have it."""
    if not hasattr(os, "O_PATH"):
        return None
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        with suppress(OSError), open(f"/proc/self/fdinfo/{descriptor}", "rb") as file:
            return next((line.split()[1] for line in file if line.startswith(b"mnt_id:")), None)
        return None
    finally:
        os.close(descriptor)


def _refused(path: str, reason: str) -> GbookError:
    return GbookError(f"{path}: {reason}", path=path)
