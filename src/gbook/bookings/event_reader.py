"""Reading the events of bookings.

Nearly all events are as gbook or a common calendar program writes them: each property once, in UTC, without
alarms. Those are read here, fifty times as fast as by icalendar, which reads all others. Both give the same
data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gbook.bookings.attendees import Attendee, attendee_of, attendees, guest_among, upper, written_attendees
from gbook.bookings.event import Guest
from gbook.bookings.event_data import EventData, Series
from gbook.bookings.series_reader import read_series
from gbook.calendars.ics.content_lines import text_value
from gbook.calendars.ics.gbook_properties import NAMES, PROFILE, read_properties
from gbook.calendars.ics.ownership import OwnEvent, is_own, is_own_uid
from gbook.calendars.ics.structure import read_structure
from gbook.calendars.stores.base import Item
from gbook.errors import GbookError
from gbook.timeutil.instants import from_local

if TYPE_CHECKING:
    from icalendar import Event

__all__ = [
    "DAMAGED",
    "own_components",
    "parse_event",
    "read_event",
    "read_own",
    "stored_event",
]

# The errors of reading an event that was damaged by another program or by hand.
DAMAGED = (KeyError, ValueError, AttributeError, TypeError)


def own_components(content: bytes) -> Iterator[tuple[str, OwnEvent]]:
    """Yield the events in a file that may be bookings, each with its UID. Raises InvalidFile."""
    # Most files without bookings need no look at their structure.
    if PROFILE.encode() not in content.upper():
        return
    spans = [span for span in read_structure(content, "").events if span.uid and is_own_uid(span.uid)]
    overrides: dict[str | None, list[bytes]] = {}
    for span in spans:
        if span.recurrence is not None:
            overrides.setdefault(span.uid, []).append(content[span.start : span.end])
    for span in spans:
        if span.recurrence is None and span.uid:
            yield span.uid, OwnEvent(content[span.start : span.end], tuple(overrides.get(span.uid, ())))


def read_event(uid: str, own: OwnEvent) -> EventData | None:
    """Return the booking in an event; None if it is not gbook's or no event. Raises one of DAMAGED."""
    if (data := _read_plain(uid, own.event)) is not None:
        return data
    if not is_own(uid, own.event):
        return None
    try:
        event = parse_event(own.event)
    except (ValueError, GbookError):
        return None
    return _read_parsed(event, read_series(own, event))


def read_own(own: OwnEvent) -> EventData:
    """Return the booking in an event of gbook's. Raises ValueError, GbookError, one of DAMAGED."""
    event = parse_event(own.event)
    return _read_parsed(event, read_series(own, event))


def parse_event(component: bytes) -> Event:
    """Return a VEVENT with all its properties. Raises ValueError, GbookError."""
    from icalendar import Event

    event = Event.from_ical(component)
    if not isinstance(event, Event):
        raise GbookError("a booking in the calendar is damaged")
    return event


def stored_event(data: EventData, item: Item) -> OwnEvent:
    """Return the event that `data` was read from. Raises GbookError if it has changed since."""
    for uid, own in own_components(item.read()):
        read = read_event(uid, own) if uid == data.uid else None
        if read is not None and all(
            getattr(read, name) == getattr(data, name) for name in EventData.__struct_fields__
        ):
            return own
    raise GbookError(f"{item}: another program has changed booking {data.uid}: run the command again")


def _common_values(get: Callable[[str], str | None], invited: Sequence[Attendee]) -> dict[str, Any]:
    """Return the values of EventData that both readers get from texts; `get` returns that of a property.

    Raises ValueError if one of gbook's own properties cannot be read.
    """
    own, faults = read_properties(get)
    if faults:
        raise ValueError(faults[0])
    status = "CONFIRMED" if (written := get("STATUS")) is None else written
    guest, partstat = guest_among(invited, Guest(own.guest_name, own.guest_email, own.guest_zone))
    return {
        "profile": own.profile,
        "status": status.lower(),
        "subject": get("SUMMARY") or "",
        "host": own.host,
        "group": own.group,
        "accounts": tuple(own.accounts),
        "guest": guest,
        "partstat": partstat,
        "conference": get("CONFERENCE"),
        "expires": own.expires,
        "hold": own.hold,
        "proposal": own.proposal,
        "asked": own.asked,
        "moved_from": own.moved_from,
        "fields": own.fields,
        "needs": own.needs,
        "buffers": own.buffers,
        "texts": own.texts,
        "replies_from": own.replies_from,
        "people": own.people,
        "seats": own.seats,
        "organizer": get("ORGANIZER") or "",
        "location": get("LOCATION") or "",
        "description": get("DESCRIPTION") or "",
    }


# --- by icalendar


def _read_parsed(event: Event, series: Series | None) -> EventData:
    """Return the booking in an event that icalendar has read. Raises one of DAMAGED."""
    comments = event.get("COMMENT", [])
    values = _common_values(lambda name: _text(event, name), written_attendees(event))
    if series and all(each.status == "cancelled" for each in series.dates):
        values["status"] = "cancelled"
    return EventData(
        **values,
        uid=str(event["UID"]),
        start=_instant(event, "DTSTART"),
        end=_end(event),
        sequence=max(_sequence(event), series.sequence if series else 0),
        attendees=attendees(event),
        comments=[str(comment) for comment in (comments if isinstance(comments, list) else [comments])],
        series=series,
    )


def _instant(event: Event, name: str) -> int:
    moment = event.decoded(name)
    return from_local(moment.replace(tzinfo=None), moment.tzinfo or UTC)


def _end(event: Event) -> int:
    """Return the end; some programs replace DTEND with DURATION."""
    if "DTEND" in event or "DURATION" not in event:
        return _instant(event, "DTEND")
    return _instant(event, "DTSTART") + int(event.decoded("DURATION").total_seconds())


def _sequence(event: Event) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (ValueError, TypeError):
        return 0


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return None if value is None else str(value)


# --- plain events


class _NotPlain(Exception):
    """An event that icalendar must read."""


class _PlainEvent:
    """The properties of a plain VEVENT. Raises _NotPlain for anything that is written in another way."""

    def __init__(self, component: bytes) -> None:
        self.attendees: list[Attendee] = []
        self.comments: list[str] = []
        self._values: dict[str, str] = {}
        for name, rest in _LINES.findall(_unfolded(component)):
            if (line := _PLAIN.fullmatch(rest)) is None:
                raise _NotPlain
            self._add(
                name, {name: quoted or bare for name, quoted, bare in _PARAMETERS.findall(line[1])}, line[2]
            )

    def _add(self, name: str, parameters: dict[str, str], value: str) -> None:
        if parameters.get("VALUE") not in (None, _VALUE_TYPES.get(name)):
            raise _NotPlain
        if "\\" in value:
            if name not in _TEXTS or not _ESCAPED.fullmatch(value):
                raise _NotPlain
            value = text_value(value)
        if name == "ATTENDEE":
            self.attendees.append(attendee_of(value, parameters))
        elif name == "COMMENT":
            self.comments.append(value)
        elif name in self._values or name not in _NAMES or (name in _TIMES and parameters.keys() - {"VALUE"}):
            raise _NotPlain
        else:
            self._values[name] = value

    def get(self, name: str) -> str | None:
        """Return the value of a property, or None."""
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return the value of a property, or `default`."""
        return self._values.get(name, default)

    def instant(self, name: str) -> int:
        """Return a time in UTC."""
        if (match := _UTC.fullmatch(self.text(name))) is None:
            raise _NotPlain
        year, month, day, hour, minute, second = map(int, match.groups())
        try:
            return from_local(datetime(year, month, day, hour, minute, second), UTC)
        except ValueError:
            raise _NotPlain from None

    def sequence(self) -> int:
        """Return the number of the version."""
        if not _NUMBER.fullmatch(text := self.text("SEQUENCE", "0")):
            raise _NotPlain
        return int(text)


def _unfolded(component: bytes) -> str:
    """Return the lines of a VEVENT, unfolded, without its END."""
    try:
        text = component.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise _NotPlain from None
    if not text.endswith(_END) or "\n\n" in text:
        raise _NotPlain
    text = text[: -len(_END)].replace("\n ", "").replace("\n\t", "")
    if not text.startswith("BEGIN:VEVENT\n") or _UNUSUAL.search(text):
        raise _NotPlain
    return text


def _read_plain(uid: str, component: bytes) -> EventData | None:
    """Return the booking in a plain VEVENT; None if it is not plain. Raises ValueError."""
    try:
        event = _PlainEvent(component)
        if event.get("UID") != uid or event.get(PROFILE) is None:
            return None
        start, end, sequence = event.instant("DTSTART"), event.instant("DTEND"), event.sequence()
    except _NotPlain:
        return None
    return EventData(
        **_common_values(event.get, event.attendees),
        uid=uid,
        start=start,
        end=end,
        sequence=sequence,
        attendees=[upper(attendee) for attendee in event.attendees],
        comments=event.comments,
    )


# Properties whose values are TEXT (RFC 5545 §3.3.11), with escapes.
_TEXTS = frozenset({"SUMMARY", "LOCATION", "DESCRIPTION", "COMMENT", "STATUS"})
_TIMES = frozenset({"DTSTART", "DTEND"})
_NAMES = frozenset({"UID", "SEQUENCE", "ORGANIZER", "CONFERENCE", *_TEXTS, *_TIMES, *NAMES})
# VALUE parameters that change nothing.
_VALUE_TYPES = {"DTSTART": "DATE-TIME", "DTEND": "DATE-TIME", "CONFERENCE": "URI"}
_END = "\nEND:VEVENT\n"
# Nested components, and characters that no program should write.
_UNUSUAL = re.compile(r"(?i)\n(?:BEGIN|END)(?![\w.-])|[\x00-\x08\x0b-\x1f\x7f]")
# The names in any spelling: in lower case, or with a space after them, they are not plain.
# A series is not plain either.
_LINES = re.compile(
    rf"(?i)\n({'|'.join(sorted({'ATTENDEE', 'DURATION', 'RRULE', 'RDATE', *_NAMES}))})(?![\w.-])([^\n]*)"
)
# Parameters without escapes and lists, then the value.
_PLAIN = re.compile(r'((?:;[A-Z0-9-]+=(?:"[^"^%\\]*"|(?!\s)[^",:;=^%\\]+(?<!\s)))*):(.*)')
_PARAMETERS = re.compile(r';([^=]+)=(?:"([^"]*)"|([^";]+))')
_ESCAPED = re.compile(r"(?:[^\\]|\\[\\,;:nN])*")
_UTC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
