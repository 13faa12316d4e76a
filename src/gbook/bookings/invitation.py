"""Invitations: a booking as an iTIP message (RFC 5546), REQUEST or CANCEL.

The message has the booking's UID and SEQUENCE, so that it replaces earlier ones. It holds only properties for
guests: no X-GBOOK-* properties, and nothing that a host's own program has added (alarms, categories).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from gbook.bookings.event import calendar_bytes, event_bytes
from gbook.bookings.event_data import Series
from gbook.bookings.record import Record
from gbook.bookings.series_event import put_event
from gbook.bookings.series_message import moved_dates, parts
from gbook.errors import UsageError
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

__all__ = ["Invitation", "invitation_for"]

# In the order of the message. The times are written again: in UTC, or in the zone of a series.
_SHOWN = (
    "UID",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "RECURRENCE-ID",
    "DTSTART",
    "DTEND",
    "RRULE",
    "EXDATE",
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
# Of these, only what a message writes again counts.
_OF_SERIES = {"RECURRENCE-ID", "RRULE", "EXDATE"}
# Parameters that no message may have (RFC 6638 §7.1, §7.2, §7.3).
_FOR_SERVER = {"SCHEDULE-AGENT", "SCHEDULE-FORCE-SEND", "SCHEDULE-STATUS"}


class Invitation(NamedTuple):
    """An iTIP message: its METHOD, and the whole iCalendar object."""

    method: str
    data: bytes


def invitation_for(record: Record, now: int) -> Invitation:
    """Return the message with the state of a booking: REQUEST, or CANCEL if it was cancelled.

    Of a series it has the dates that the record is about, else all of them. Raises UsageError for a
    reservation, which has no invitations yet.
    """
    if record.is_reservation:
        message = (
            f"{record.uid} is a reservation: `gbook reservation confirm` makes it a booking, with guests"
        )
        raise UsageError(message)
    if record.series is None:
        events = [_event(record, {"DTSTAMP": now, **_times(record)}, lambda instant: local(instant, UTC))]
    else:
        events = [*_series_events(record, record.series, now)]
    cancelled = all(part.status == "cancelled" for part in parts(record))
    method = "CANCEL" if cancelled else "REQUEST"
    components = [event_bytes(event) for event in events]
    zone = put_event(record.uid, components[0]).timezone
    return Invitation(method, calendar_bytes(zone, *components, method=method))


def _series_events(record: Record, series: Series, now: int) -> Iterator[Event]:
    """Yield the events of a message about a series: its rule and the dates that were moved, or some dates."""
    zone = find_zone(series.zone)

    def shown(instant: int) -> datetime:
        return local(instant, UTC if series.zone == "UTC" else zone)

    stamps = {"DTSTAMP": now, "SEQUENCE": record.sequence}
    dates = parts(record) if record.about else []
    if not record.about:
        gone = [each.recurrence for each in series.dates if each.status == "cancelled"]
        excepted = {"EXDATE": sorted([*series.skipped, *gone])}
        if record.status == "cancelled" or not excepted["EXDATE"]:
            excepted = {}
        yield _event(record, {**stamps, **_times(record), **excepted, "RRULE": series.rule}, shown)
        dates = [] if record.status == "cancelled" else moved_dates(record, series)
    for date in dates:
        written = {**stamps, **_times(date), "RECURRENCE-ID": date.recurrence}
        if date.status == "cancelled":
            written["STATUS"] = "CANCELLED"
        yield _event(date, written, shown)


def _times(record: Record) -> dict[str, object]:
    return {"DTSTART": record.start, "DTEND": record.end}


def _event(record: Record, written: dict[str, object], shown: Callable[[int], datetime]) -> Event:
    """Return the event of a message; `written` replaces properties, with times as `shown`."""
    from icalendar import Event, vRecur

    stored, event = record.event, Event()
    for name in _SHOWN:
        value = written.get(name)
        if name == "DTSTAMP" and isinstance(value, int):
            event.add(name, local(value, UTC))
        elif name == "RRULE" and isinstance(value, str):
            event.add(name, vRecur.from_ical(value))
        elif isinstance(value, list):
            event.add(name, [shown(instant) for instant in value])
        elif isinstance(value, int) and name != "SEQUENCE":
            event.add(name, shown(value))
        elif value is not None:
            event.add(name, value)
        elif name in ("ORGANIZER", "ATTENDEE"):
            _add_people(event, name, stored.get(name, []))
        elif name in stored and name not in _OF_SERIES:
            event[name] = stored[name]
    return event


def _add_people(event: Event, name: str, people: vCalAddress | list[vCalAddress]) -> None:
    """Add an organizer or attendees, without the parameters for their server (RFC 6638 §7)."""
    from icalendar import vCalAddress

    for person in people if isinstance(people, list) else [people]:
        address = vCalAddress(person)
        address.params.update({key: value for key, value in person.params.items() if key not in _FOR_SERVER})
        event.add(name, address)
