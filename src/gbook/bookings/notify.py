"""Notifying guests after a committed change: the invitation as a file, and the mail.

Nothing here can lose a booking. A failure is a warning that says how to try again.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from gbook.bookings.context import BookingContext
from gbook.bookings.invitation import invitation_for
from gbook.bookings.invitation_file import InvitationFile
from gbook.bookings.record import Record
from gbook.errors import GbookError, NotFound, Warn
from gbook.workspace.workspace import Workspace, find_workspace

__all__ = ["NotifyOptions", "NotifyResult", "invite_again", "notify_guests"]


class NotifyOptions(NamedTuple):
    """How to notify guests: an .ics file to write, a mail to send."""

    file: InvitationFile | None = None
    mail: bool = False


class NotifyResult(NamedTuple):
    """A line for each step that was done, and a warning for each that failed."""

    notes: list[str]
    warnings: list[Warn]


def notify_guests(
    context: BookingContext, record: Record, options: NotifyOptions, before: Record | None = None
) -> NotifyResult:
    """Write and send the invitation (or cancellation) of a booking that is in the calendars.

    `before` is the booking before the change. If nothing has changed, no mail is sent.
    """
    result = NotifyResult([], [])
    unchanged = before is not None and before.sequence == record.sequence
    if options.mail and unchanged:
        result.notes.append("Nothing has changed; no mail sent")
    steps: list[tuple[str, str, Callable[[], str]]] = []
    if (file := options.file) is not None:
        again = f"--invitation {shlex.quote(str(file.path))}"
        steps.append(("invitation_failed", again, lambda: _write(context, record, file)))
    if options.mail and not unchanged:
        steps.append(("mail_failed", "--mail", lambda: _mail(context, record, before)))
    for code, again, step in steps:
        try:
            result.notes.append(step())
        except (Exception, KeyboardInterrupt) as error:
            remedy = (
                f"the booking is written; try again with: {invite_again(context.workspace, record)} {again}"
            )
            result.warnings.append(Warn(code, f"{_reason(error)}; {remedy}"))
    return result


def invite_again(workspace: Workspace, record: Record) -> str:
    """Return the command that notifies guests again, as it can be typed in this folder."""
    with suppress(NotFound, OSError):
        if find_workspace() == workspace.root:
            return f"gbook booking invite {record.uid}"
    return f"gbook --workspace {shlex.quote(str(workspace.root))} booking invite {record.uid}"


def _write(context: BookingContext, record: Record, file: InvitationFile) -> str:
    file.write(invitation_for(record, context.now))
    return f"Invitation saved to {file.path}"


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
