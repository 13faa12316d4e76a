"""Invitations: a booking as an iTIP message (RFC 5546), REQUEST or CANCEL.

The message has the booking's UID and SEQUENCE, so that it replaces earlier ones. It holds only properties for
guests: no X-GBOOK-* properties, and nothing that a host's own program has added (alarms, categories).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from gbook.bookings.event import calendar_bytes, event_bytes
from gbook.bookings.record import Record
from gbook.errors import UsageError
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

__all__ = ["Invitation", "invitation_for"]

# In the order of the message. DTSTAMP, DTSTART and DTEND are written again, in UTC.
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
# Parameters that no message may have (RFC 6638 §7.1, §7.2, §7.3).
_FOR_SERVER = {"SCHEDULE-AGENT", "SCHEDULE-FORCE-SEND", "SCHEDULE-STATUS"}


class Invitation(NamedTuple):
    """An iTIP message: its METHOD, and the whole iCalendar object."""

    method: str
    data: bytes


def invitation_for(record: Record, now: int) -> Invitation:
    """Return the message with the state of a booking: REQUEST, or CANCEL if it was cancelled.

    Raises UsageError for a reservation, which has no invitations yet.
    """
    from icalendar import Event

    if record.is_reservation:
        message = (
            f"{record.uid} is a reservation: `gbook reservation confirm` makes it a booking, with guests"
        )
        raise UsageError(message)
    written = {"DTSTAMP": now, "DTSTART": record.start, "DTEND": record.end}
    stored, event = record.event, Event()
    for name in _SHOWN:
        if name in written:
            event.add(name, local(written[name], UTC))
        elif name in ("ORGANIZER", "ATTENDEE"):
            _add_people(event, name, stored.get(name, []))
        elif name in stored:
            event[name] = stored[name]
    method = "CANCEL" if record.status == "cancelled" else "REQUEST"
    return Invitation(method, calendar_bytes(event_bytes(event), method=method))


def _add_people(event: Event, name: str, people: vCalAddress | list[vCalAddress]) -> None:
    """Add an organizer or attendees, without the parameters for their server (RFC 6638 §7)."""
    from icalendar import vCalAddress

    for person in people if isinstance(people, list) else [people]:
        address = vCalAddress(person)
        address.params.update({key: value for key, value in person.params.items() if key not in _FOR_SERVER})
        event.add(name, address)
