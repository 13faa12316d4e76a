"""What follows a change that is committed: the invitation as a file, the mail, the user's hook.

Nothing here can lose a booking. What goes wrong is a warning that says how to do it again.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from gbook.bookings.context import BookingContext
from gbook.bookings.invitation import invitation_for
from gbook.bookings.invitation_file import InvitationFile
from gbook.bookings.records import Record
from gbook.errors import GbookError, NotFound, Warn
from gbook.workspace.workspace import Workspace, find_workspace

__all__ = ["NotifyOptions", "NotifyResult", "invite_again", "notify_guests"]


class NotifyOptions(NamedTuple):
    """How guests are to be told: an .ics file to be written, a mail to be sent."""

    file: InvitationFile | None = None
    mail: bool = False


class NotifyResult(NamedTuple):
    """What was done, as lines for people, and what was not."""

    notes: list[str]
    warnings: list[Warn]


def notify_guests(
    context: BookingContext, record: Record, wishes: NotifyOptions, before: Record | None = None
) -> NotifyResult:
    """Write and send the invitation (or cancellation) of a booking that is in the calendars.

    `before` is the booking before the change. If nothing has changed, no mail is sent.
    """
    told = NotifyResult([], [])
    unchanged = before is not None and before.sequence == record.sequence
    if wishes.mail and unchanged:
        told.notes.append("Nothing has changed: no mail is sent")
    steps: list[tuple[str, str, Callable[[], str]]] = []
    if (file := wishes.file) is not None:
        again = f"--invitation {shlex.quote(str(file.path))}"
        steps.append(("invitation_failed", again, lambda: _write(context, record, file)))
    if wishes.mail and not unchanged:
        steps.append(("mail_failed", "--mail", lambda: _mail(context, record, before)))
    for code, again, step in steps:
        try:
            told.notes.append(step())
        except (Exception, KeyboardInterrupt) as error:
            remedy = f"the booking is written; again: {invite_again(context.workspace, record)} {again}"
            told.warnings.append(Warn(code, f"{_reason(error)}; {remedy}"))
    return told


def invite_again(workspace: Workspace, record: Record) -> str:
    """The command that tells guests again, as it can be typed in this folder."""
    with suppress(NotFound, OSError):
        if find_workspace() == workspace.root:
            return f"gbook booking invite {record.uid}"
    return f"gbook --workspace {shlex.quote(str(workspace.root))} booking invite {record.uid}"


def _write(context: BookingContext, record: Record, file: InvitationFile) -> str:
    file.write(invitation_for(record, context.now))
    return f"Invitation in {file.path}"


def _mail(context: BookingContext, record: Record, before: Record | None) -> str:
    from gbook.bookings.email import send_invitation

    return f"Invitation sent to {', '.join(send_invitation(context.workspace, record, context.now, before))}"


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, GbookError | OSError):
        return str(error)
    return f"a bug in gbook ({type(error).__name__}: {error})"
