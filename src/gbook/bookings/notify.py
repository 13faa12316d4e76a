"""Notifying guests and members after a committed change: the invitation as a file, and the mail.

Guests get mail if it is asked for; members that are invited by mail always do.

Nothing here can lose a booking. A failure is a warning that says how to try again.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import NamedTuple

from gbook.bookings.context import BookingContext
from gbook.bookings.guest_news import affected_people, message_about
from gbook.bookings.invitation import Invitation, invitation_for
from gbook.bookings.invitation_file import InvitationFile
from gbook.bookings.links import GuestLinks
from gbook.bookings.mail_members import mail_members
from gbook.bookings.record import Record
from gbook.bookings.series_message import about_changes
from gbook.errors import GbookError, NotFound, Warn
from gbook.workspace.workspace import Workspace, find_workspace

__all__ = ["NotifyOptions", "NotifyResult", "invite_again", "mailed_to", "message_of", "notify_guests"]


class NotifyOptions(NamedTuple):
    """How to notify: an .ics file to write, a mail to the guests, a mail to the members invited by mail.

    `affected_only`: a change of guests is mailed only to those whom it concerns.
    """

    file: InvitationFile | None = None
    mail: bool = False
    members: bool = True
    affected_only: bool = False


class NotifyResult(NamedTuple):
    """A line for each step that was done, and a warning for each that failed."""

    notes: list[str]
    warnings: list[Warn]


def notify_guests(
    context: BookingContext, record: Record, options: NotifyOptions, before: Record | None = None
) -> NotifyResult:
    """Write and send the invitation (or cancellation) of a booking that is in the calendars.

    `before` is the booking before the change. If nothing has changed, no mail is sent. Members that are
    invited by mail get one although `mail` is not set.
    """
    result = NotifyResult([], [])
    unchanged = before is not None and before.sequence == record.sequence
    if options.mail and unchanged:
        result.notes.append("Nothing has changed; no mail sent")
    steps: list[tuple[str, str, Callable[[], str]]] = []
    if (file := options.file) is not None:
        again = f"--invitation {shlex.quote(str(file.path))}"
        steps.append(
            ("invitation_failed", again, lambda: _write(file, message_of(context, record, options, before)))
        )
    only = _readers(context, record, options, before)
    if only is None:
        steps.append(("mail_failed", "--mail", lambda: _mail(context, record, before)))
    elif only:
        steps.append(("mail_failed", _again(record, only), lambda: _mail(context, record, before, only)))
    for code, again, step in steps:
        try:
            result.notes.append(step())
        except (Exception, KeyboardInterrupt) as error:
            remedy = "the booking is written"
            if again:
                remedy += f"; try again with: {invite_again(context.workspace, record)} {again}"
            result.warnings.append(Warn(code, f"{_reason(error)}; {remedy}"))
    return result


def mailed_to(
    context: BookingContext, record: Record, options: NotifyOptions, before: Record | None = None
) -> list[str]:
    """Return the addresses that `notify_guests` would mail to."""
    from gbook.bookings.email import mail_recipients

    only = _readers(context, record, options, before)
    return [] if only == [] else mail_recipients(record, before, only)


def _readers(
    context: BookingContext, record: Record, options: NotifyOptions, before: Record | None
) -> list[str] | None:
    """Return the addresses that get mail, those of members who leave included; None for all of them.

    A reservation, and a change to a booking that is over, are mailed to no one.
    """
    if before is not None and before.sequence == record.sequence:
        return []
    affected = affected_people(before, record) if before is not None and options.affected_only else None
    if options.mail:
        return affected
    if not options.members or record.is_reservation or record.last_end <= context.now:
        return []
    states = [record] if before is None else [record, before]
    members = dict.fromkeys(email for state in states for email in mail_members(context.workspace, state))
    return [email for email in members if affected is None or email in affected]


def _again(record: Record, only: Collection[str]) -> str:
    """Return the options that mail to these addresses again, but for those who no longer take part."""
    invited = [attendee.email for attendee in record.attendees if attendee.email in only]
    return " ".join(["--mail", *(f"--to {shlex.quote(email)}" for email in invited)]) if invited else ""


def invite_again(workspace: Workspace, record: Record) -> str:
    """Return the command that notifies guests again, as it can be typed in this folder."""
    with suppress(NotFound, OSError):
        if find_workspace() == workspace.root:
            return f"gbook booking invite {record.uid}"
    return f"gbook --workspace {shlex.quote(str(workspace.root))} booking invite {record.uid}"


def message_of(
    context: BookingContext, record: Record, options: NotifyOptions, before: Record | None = None
) -> Invitation:
    """Return the message that a change writes: the invitation, or its cancellation for a removed guest.

    That of a change of guests may be for another person than the guest who can change the booking.
    """
    if before is None or not options.affected_only:
        url = GuestLinks(context.workspace).manage(record)
        return invitation_for(about_changes(record, before), context.now, url)
    return message_about(before, record, context.now)


def _write(file: InvitationFile, message: Invitation) -> str:
    file.write(message)
    return f"Invitation saved to {file.path}"


def _mail(
    context: BookingContext, record: Record, before: Record | None, only: Collection[str] | None = None
) -> str:
    from gbook.bookings.email import send_invitation

    addresses = send_invitation(context.workspace, record, context.now, before, only)
    return f"Invitation sent to {', '.join(addresses)}"


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, GbookError | OSError):
        return str(error)
    return f"a bug in gbook ({type(error).__name__}: {error})"
