"""A proposal by mail: plain text, with a link to pick a time, which the guest else answers with a number.

A reservation has no invitation yet, so this is not an iTIP message: `reservation confirm` sends one.
"""

from __future__ import annotations

from collections.abc import Sequence

from gbook.bookings.guest_mail import reader_zone, send_to_guest
from gbook.bookings.links import GuestLinks
from gbook.bookings.proposal_text import proposal_subject, proposal_text
from gbook.bookings.record import Record
from gbook.workspace.workspace import Workspace

__all__ = ["send_proposal"]


def send_proposal(workspace: Workspace, records: Sequence[Record], now: int) -> str:
    """Send the guest the times of a proposal, and return the guest's address.

    `now` is an instant. Raises MailFailed, and what `mail_settings` raises.
    """
    link = GuestLinks(workspace).offer(records[0])
    lines = proposal_text(records, reader_zone(workspace, records[0]), link)
    return send_to_guest(workspace, records[0], proposal_subject(records), lines, now)
