"""The file of --invitation: a new one, an empty one, or an earlier invitation; other files are kept.

`--force` lets an invitation replace other files, but never a calendar, gbook.yaml, a profile or one of the
lock and journal files beside them.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gbook import PRODID
from gbook.bookings.invitation import Invitation
from gbook.calendars.stores.vdir import is_item_name
from gbook.errors import UsageError
from gbook.filesystem.atomic import create_file, replace_file
from gbook.workspace.config import CONFIG_NAME
from gbook.workspace.workspace import Workspace

__all__ = ["InvitationFile"]

_INVITATION = re.compile(
    rb"BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:"
    + re.escape(PRODID.encode())
    + rb"\r\nMETHOD:(?:REQUEST|CANCEL|DECLINECOUNTER)\r\nBEGIN:V(?:EVENT|TIMEZONE)\r\n"
)
# Lock, journal and temporary files beside a calendar, in a vdir, and beside a YAML file.
_SIDECAR = re.compile(r"\.(?:.*\.)?(?:gbook-\w+|lock)(?:\..*)?")


class InvitationFile(NamedTuple):
    """A file to write an invitation to; with `force` it may replace a file that is not an invitation."""

    path: Path
    workspace: Workspace
    force: bool = False

    def check(self) -> None:
        """Raise UsageError if no invitation may be written here. Call it before anything is booked."""
        path = self.path
        if path.is_dir():
            raise UsageError(f"--invitation: {path} is a folder; name a file in it, or - for stdout")
        if not path.parent.is_dir():
            raise UsageError(f"--invitation: folder {path.parent} does not exist")
        if _is_stream(path):
            return
        if path.is_symlink():
            raise UsageError(f"--invitation: {path} is a link; name the file itself, or - for stdout")
        if owner := _owner(path, self.workspace):
            raise UsageError(f"--invitation: {path} {owner}; choose another name")
        if os.path.lexists(path) and not (self.force or _is_replaceable(path)):
            raise UsageError(
                f"--invitation: {path} exists and is not an invitation from gbook; "
                "choose another name, or use --force to replace it"
            )

    def write(self, invitation: Invitation) -> None:
        """Write the .ics file: a reader finds the old one or the new one. Raises UsageError, OSError."""
        self.check()
        if _is_stream(self.path):
            # A pipe or a device is written to, not replaced.
            self.path.write_bytes(invitation.data)
        elif os.path.lexists(self.path):
            replace_file(str(self.path), invitation.data)
        else:
            create_file(str(self.path), invitation.data, shared=False)


def _is_stream(path: Path) -> bool:
    """Return whether a path, links followed, is a pipe, a terminal or another device."""
    with suppress(OSError):
        return not stat.S_ISREG(path.stat().st_mode)
    return False


def _owner(path: Path, workspace: Workspace) -> str | None:
    """Return why a path belongs to gbook, as the end of a sentence (`is a calendar of alice`), or None."""
    real = _real(path)
    if real.name == CONFIG_NAME:
        return "is the workspace's own file"
    if real.is_relative_to(_real(workspace.profiles_path)):
        return "is in the folder of the profiles"
    if _SIDECAR.fullmatch(real.name):
        return "has the name of a lock or journal"
    for account in workspace.accounts.values():
        for reference in account.calendars:
            if reference.is_remote:
                continue
            calendar = _real(workspace.calendar_path(reference))
            if real == calendar or _is_same(real, calendar):
                return f"is a calendar of account {account.id}"
            if real.parent == calendar and is_item_name(real.name):
                return f"would be an event in a calendar of account {account.id}"
    return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _is_same(path: Path, other: Path) -> bool:
    """Return whether two paths are the same file: hard links, or a file system that folds case."""
    with suppress(OSError):
        return path.samefile(other)
    return False


def _is_replaceable(path: Path) -> bool:
    """Return whether a file is an invitation that gbook wrote, or empty (as `mktemp` makes them)."""
    with path.open("rb") as file:
        head = file.read(500)
    return not head or _INVITATION.match(head) is not None
