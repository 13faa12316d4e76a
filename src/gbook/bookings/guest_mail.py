"""Mails to the guest of a reservation: plain text, since it has no invitation yet for a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from zoneinfo import ZoneInfo

from gbook.bookings.email import envelope, organizer
from gbook.bookings.email_text import guest_zone
from gbook.bookings.mail_server import mail_settings, read_password, send
from gbook.bookings.record import Record
from gbook.errors import MailFailed
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.instants import local
from gbook.workspace.workspace import Workspace

__all__ = ["reader_zone", "send_to_guest"]


def reader_zone(workspace: Workspace, record: Record) -> ZoneInfo:
    """Return the zone of the times in a mail: the guest's, or else the host's."""
    return guest_zone(record, shared_zone(workspace, [record.profile]))


def send_to_guest(workspace: Workspace, record: Record, subject: str, lines: Iterable[str], now: int) -> str:
    """Send the guest lines of text, with the name of the host below, and return the guest's address.

    `now` is an instant. Raises MailFailed, and what `mail_settings` raises.
    """
    settings, guest, host = mail_settings(workspace), record.guest, organizer(record)
    if not guest.email:
        raise MailFailed("no mail to send: the guest has no e-mail address")
    try:
        mail = envelope(host, [guest], settings.sender, subject)
    except ValueError as error:
        raise MailFailed(f"cannot write a message to {guest.email}: {error}") from error
    mail["Date"] = local(now, UTC)
    mail.set_content("\n".join([*lines, "", f"Host: {host.name or host.email}", ""]))
    send(settings, read_password(workspace, settings), mail)
    return guest.email
