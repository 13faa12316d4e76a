"""A proposal by mail: plain text, which the guest answers with a number.

A reservation has no invitation yet, so this is not an iTIP message: `reservation confirm` sends one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from gbook.bookings.email import envelope, organizer
from gbook.bookings.email_text import guest_zone
from gbook.bookings.mail_server import mail_settings, read_password, send
from gbook.bookings.proposal_text import proposal_subject, proposal_text
from gbook.bookings.record import Record
from gbook.errors import MailFailed
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.instants import local
from gbook.workspace.workspace import Workspace

__all__ = ["send_proposal"]


def send_proposal(workspace: Workspace, records: Sequence[Record], now: int) -> str:
    """Send the guest the times of a proposal, and return the guest's address.

    Raises MailFailed, and what `mail_settings` raises.
    """
    settings, guest = mail_settings(workspace), records[0].guest
    zone = guest_zone(records[0], shared_zone(workspace, [records[0].profile]))
    host = organizer(records[0])
    text = [*proposal_text(records, zone), "", f"Host: {host.name or host.email}", ""]
    try:
        mail = envelope(host, [guest], settings.sender, proposal_subject(records))
    except ValueError as error:
        raise MailFailed(f"cannot write a message to {guest.email}: {error}") from error
    mail["Date"] = local(now, UTC)
    mail.set_content("\n".join(text))
    send(settings, read_password(workspace, settings), mail)
    return guest.email or ""
