"""The members of a booking that are invited by mail (`deliver: mail`): they have no copy of it.

They hear of every change, whether or not the guests are mailed.
"""

from __future__ import annotations

from gbook.bookings.participants import participants_of
from gbook.bookings.record import Record
from gbook.domains import canonical_address
from gbook.workspace.workspace import Workspace

__all__ = ["mail_members"]


def mail_members(workspace: Workspace, record: Record) -> list[str]:
    """Return the addresses, as the event has them, of its members that are invited by mail."""
    accounts = [account for account in workspace.accounts.values() if account.is_invited_by_mail]
    if not accounts:
        return []
    taking_part = participants_of(workspace, record).written
    members = {canonical_address(one.email) for one in taking_part if one.is_invited_by_mail}
    optional = {canonical_address(account.email) for account in accounts}
    return [
        attendee.email
        for attendee in record.attendees
        if canonical_address(attendee.email) in (optional if attendee.role == "OPT-PARTICIPANT" else members)
    ]
