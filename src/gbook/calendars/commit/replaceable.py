"""Whether a file can be replaced at all, found out before the commit.

A rename that fails after the commit leaves a booking half done. So what would make it fail, or make it do
damage, is looked for first; a calendar of which that is true is refused, and nothing has happened.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from errno import ENOTDIR, EPERM

from gbook.errors import GbookError

__all__ = ["check_removable", "check_replaceable", "check_writable"]


def check_replaceable(path: str) -> None:
    """Raise GbookError with the reason where a file (a real path) must not be, or cannot be, replaced.

    Raises OSError where that cannot be told. A file that does not exist passes.
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
            f"has {status.st_nlink} names (hard links), of which a change would reach only this one; "
            f"make it a file of its own, and the other names symbolic links to it",
        )
    check_writable(path)
    if _is_mount(path, status):
        raise _refused(
            path, "is mounted as a single file, so that no other can take its place; mount its folder instead"
        )
    check_removable(path)


def check_writable(path: str) -> None:
    """Raise GbookError where a file or folder is protected from being written, also for root."""
    mode = os.stat(path).st_mode
    if not mode & 0o222 or not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _refused(
            path,
            f"is write-protected (mode {stat.S_IMODE(mode):04o}); allow writing, or use another calendar",
        )


def check_removable(path: str) -> None:
    """Ask the system whether a name may be taken from a file; raise GbookError, or OSError, where it may not.

    rmdir(2) makes the checks of rename(2) and unlink(2), for sticky and append-only folders, immutable files,
    foreign ids, and then fails because this is no folder.
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
    """Whether something is mounted on this name: rename(2) fails then, whatever the rights."""
    folder = os.path.dirname(path)
    if (mount := _mount_id(path)) is not None:
        return mount != _mount_id(folder)
    # Not the first choice: in an overlay, as containers have, files and folders may differ in it.
    return status.st_dev != os.stat(folder).st_dev


def _mount_id(path: str) -> bytes | None:
    """Return the system's number of the mount that a path is in; None where the system does not tell."""
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
