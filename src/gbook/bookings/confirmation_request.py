"""The mail that asks a guest to confirm a reservation by a link, which proves the guest's address.

Only this mail has the link: a guest who gives the address of another person cannot confirm.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from gbook.bookings.email_text import time_lines
from gbook.bookings.guest_mail import reader_zone, send_to_guest
from gbook.bookings.record import Record
from gbook.text import one_line
from gbook.timeutil.format import zoned_moment
from gbook.timeutil.instants import MINUTE
from gbook.workspace.workspace import Workspace

__all__ = ["send_confirmation_request"]


def send_confirmation_request(workspace: Workspace, record: Record, url: str, now: int) -> str:
    """Ask the guest of a reservation to confirm it at `url`, and return the guest's address.

    `now` is an instant. Raises MailFailed, and what `mail_settings` raises.
    """
    subject = one_line(f"Please confirm: {record.subject}")
    lines = _lines(record, subject, url, reader_zone(workspace, record))
    return send_to_guest(workspace, record, subject, lines, now)


def _lines(record: Record, subject: str, url: str, zone: ZoneInfo) -> Iterator[str]:
    yield subject
    yield ""
    yield from time_lines("When", (record.start, record.end), [zone])
    if record.location:
        yield f"Where: {one_line(record.location)}"
    yield ""
    yield "Nothing is booked yet. To book this time, open the link and press the button:"
    yield url
    yield ""
    if record.expires is not None:
        until = zoned_moment(record.expires - record.expires % MINUTE, zone)
        yield f"The time is held for you until {until}."
    yield "If you ask for more times and get no further mail, this link leads to them too."
    yield "If you did not ask for this meeting, do nothing: the time becomes free again."
