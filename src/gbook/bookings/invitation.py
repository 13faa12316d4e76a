"""Invitations: a booking as an iTIP message (RFC 5546), REQUEST or CANCEL; and as a file to import, PUBLISH.

The message has the booking's UID and SEQUENCE, so that it replaces earlier ones. It holds only properties for
guests: no X-GBOOK-* properties, and nothing that a host's own program has added (alarms, categories).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, tzinfo
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

__all__ = ["Invitation", "invitation_for", "publication_of"]

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


def invitation_for(record: Record, now: int, url: str | None = None) -> Invitation:
    """Return the message with the state of a booking: REQUEST, or CANCEL if it was cancelled.

    Of a series it has the dates that the record is about, else all of them. `url` is where the guest can
    change the booking: the URL of a REQUEST, or a line of its description if its event has a URL. Raises
    UsageError for a reservation, which has no invitations yet.
    """
    if record.is_reservation:
        message = (
            f"{record.uid} is a reservation: `gbook reservation confirm` makes it a booking, with guests"
        )
        raise UsageError(message)
    cancelled = all(part.status == "cancelled" for part in parts(record))
    method = "CANCEL" if cancelled else "REQUEST"
    events = [*_events(record, now)]
    if not cancelled:
        _link(events, url)
    return Invitation(method, _calendar(record, events, method))


def _link(events: Iterable[Event], url: str | None) -> None:
    """Add where the guest can change the booking: to the description if the URL is that of a conference."""
    for event in events if url else ():
        text = str(event.get("DESCRIPTION", ""))
        if "URL" not in event:
            event.add("URL", url)
        elif str(url) not in text:
            event.pop("DESCRIPTION", None)
            event.add("DESCRIPTION", f"{text}\n\nChange or cancel: {url}".lstrip())


def publication_of(record: Record, now: int, url: str | None = None) -> bytes:
    """Return a booking as an iCalendar object that a calendar imports as it is (PUBLISH, RFC 5546 §3.2.1).

    It has no attendees, whom that method forbids: so no program asks the guest to accept, or sends an answer.
    The UID is the booking's, so that a later invitation or cancellation changes the same event. `url` is as
    for an invitation.
    """
    events = [*_events(record, now)]
    for event in events:
        event.pop("ATTENDEE", None)
    _link(events, url)
    return _calendar(record, events, "PUBLISH")


def _events(record: Record, now: int) -> Iterable[Event]:
    if record.series is None:
        return [_event(record, {"DTSTAMP": local(now, UTC), **_times(record, UTC)})]
    return _series_events(record, record.series, now)


def _calendar(record: Record, events: Iterable[Event], method: str) -> bytes:
    components = [event_bytes(event) for event in events]
    zone = put_event(record.uid, components[0]).timezone
    return calendar_bytes(zone, *components, method=method)


def _series_events(record: Record, series: Series, now: int) -> Iterator[Event]:
    """Yield the events of a message about a series: its rule and the dates that were moved, or some dates."""
    zone = UTC if series.zone == "UTC" else find_zone(series.zone)
    stamps = {"DTSTAMP": local(now, UTC), "SEQUENCE": record.sequence}
    dates = parts(record)
    if not record.about:
        yield _event(record, {**stamps, **_times(record, zone), **_recurrence(record, series, zone)})
        dates = [] if record.status == "cancelled" else moved_dates(record, series)
    for date in dates:
        assert date.recurrence is not None
        written = {**stamps, **_times(date, zone), "RECURRENCE-ID": local(date.recurrence, zone)}
        if date.status == "cancelled":
            written["STATUS"] = "CANCELLED"
        yield _event(date, written)


def _recurrence(record: Record, series: Series, zone: tzinfo) -> dict[str, object]:
    """Return the rule of a series, and unless all of it is cancelled the dates that do not take place."""
    from icalendar import vRecur

    cancelled = [each.recurrence for each in series.dates if each.status == "cancelled"]
    gone = [] if record.status == "cancelled" else sorted([*series.skipped, *cancelled])
    exceptions = {"EXDATE": [local(instant, zone) for instant in gone]} if gone else {}
    return {"RRULE": vRecur.from_ical(series.rule), **exceptions}


def _times(record: Record, zone: tzinfo) -> dict[str, object]:
    return {"DTSTART": local(record.start, zone), "DTEND": local(record.end, zone)}


def _event(record: Record, written: Mapping[str, object]) -> Event:
    """Return the event of a message: that of the record, with the properties in `written` replaced."""
    from icalendar import Event

    stored, event = record.event, Event()
    for name in _SHOWN:
        if name in written:
            event.add(name, written[name])
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
