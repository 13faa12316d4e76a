"""What a guest gets: the booking as an iTIP message (RFC 5546), REQUEST or CANCEL.

The message has the booking's UID and SEQUENCE, so that it replaces what went before. It says only what guests
should see: neither what gbook notes for itself nor what a host's own program has added (alarms, categories).
"""

from __future__ import annotations

import os
import stat
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

from gbook.bookings.event import calendar_bytes, event_bytes
from gbook.bookings.record import Record
from gbook.errors import UsageError
from gbook.instants import local

__all__ = ["Invitation", "check_target", "invitation_for", "write_invitation"]

# In the order of the message. DTSTAMP, DTSTART and DTEND are written anew, in UTC.
_SHOWN = (
    "UID",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "STATUS",
    "TRANSP",
    "ORGANIZER",
    "ATTENDEE",
    "CONFERENCE",
    "URL",
    "COMMENT",
)


class Invitation(NamedTuple):
    """An iTIP message: its METHOD, and the whole iCalendar object."""

    method: str
    data: bytes


def invitation_for(record: Record, now: int) -> Invitation:
    """The message that tells guests how a booking stands: REQUEST, or CANCEL for one that was cancelled.

    Raises UsageError for a reservation, which nobody is invited to yet.
    """
    from icalendar import Event

    if record.is_reservation:
        message = (
            f"{record.uid} is a reservation: `gbook reservation confirm` makes it a booking, with guests"
        )
        raise UsageError(message)
    written = {"DTSTAMP": now, "DTSTART": record.start, "DTEND": record.end}
    event = Event()
    for name in _SHOWN:
        if name in written:
            event.add(name, local(written[name], UTC))
        elif name in record.event:
            event[name] = record.event[name]
    method = "CANCEL" if record.status == "cancelled" else "REQUEST"
    return Invitation(method, calendar_bytes(event_bytes(event), method=method))


def check_target(path: Path) -> None:
    """Notices before a booking that its invitation could not be written. Raises UsageError."""
    if path.is_dir():
        raise UsageError(f"--invitation: {path} is a folder; name a file in it, or - for stdout")
    if not path.parent.is_dir():
        raise UsageError(f"--invitation: there is no folder {path.parent}")


def write_invitation(invitation: Invitation, path: Path) -> None:
    """Writes the .ics file: whoever looks finds the old one or the new one. Raises OSError."""
    from gbook.edits import write_atomically

    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        # A pipe or a device has nothing to be replaced.
        path.write_bytes(invitation.data)
    else:
        write_atomically(Path(os.path.realpath(path)), invitation.data)
