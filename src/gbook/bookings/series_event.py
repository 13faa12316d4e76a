"""The VEVENTs of a booking that repeats: one with a rule, and an override for each date that differs.

Its times are in the zone of the profile, so that 09:00 stays 09:00 when the clocks change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from gbook.calendars.ics.content_lines import Line, lines_with_depth, name_of, read_lines
from gbook.calendars.ics.edit import Put, rewrite_properties
from gbook.calendars.ics.gbook_properties import format_utc
from gbook.calendars.ics.ownership import OwnEvent, own_lines, recurrence_of
from gbook.calendars.ics.values import read_date_time
from gbook.timeutil.instants import local
from gbook.timeutil.zones import UnknownZone, find_zone

__all__ = ["has_own_texts", "is_of", "put_event", "time_line", "with_override"]

# A VTIMEZONE gives the changes of the clocks for some years, so that a series may be prolonged.
YEARS = 10
# What only the event of the whole series has.
OF_SERIES = ("RRULE", "RDATE", "EXRULE", "EXDATE", "DURATION")
# What an override has of its own if only its time or its answers differ; a later DTSTAMP comes with them.
OF_INSTANCE = {
    *OF_SERIES,
    *("DTSTART", "DTEND", "RECURRENCE-ID", "ATTENDEE", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"),
}


def put_event(uid: str, component: bytes) -> Put:
    """Return the edit that writes a VEVENT, with the VTIMEZONE of its times if they are local."""
    if b"TZID=" not in component.upper():
        return Put(uid, component)
    start = next(iter(read_lines(own_lines(component), {"DTSTART"}).get("DTSTART", ())), None)
    name = start.parameters.get("TZID") if start else None
    if start is None or name is None or not (known := _zone(name)):
        return Put(uid, component)
    return Put(uid, component, _timezone(name, read_date_time(start.value, known).wall.year))


def time_line(name: str, instant: int, zone: str) -> bytes:
    """Return the content line of a time (RFC 5545 §3.3.5): local with TZID, or in UTC for an unknown zone."""
    known = _zone(zone)
    if known is None or zone == "UTC":
        return f"{name}:{format_utc(instant)}".encode()
    return f"{name};TZID={zone}:{local(instant, known):%Y%m%dT%H%M%S}".encode()


def with_override(
    own: OwnEvent, recurrence: int, times: tuple[int, int], zone: str, change: Callable[[bytes], bytes]
) -> OwnEvent:
    """Return a series with the override of one date changed; it is made if the date has none.

    `recurrence` is the date's original start, `times` its present start and end (instants); `zone` is that of
    the series.
    """
    present = [each for each in own.overrides if is_of(each, recurrence, zone)]
    if present:
        changed = tuple(change(each) if each in present else each for each in own.overrides)
        return own._replace(overrides=changed)
    return own._replace(overrides=(*own.overrides, change(_override(own.event, recurrence, times, zone))))


def _override(event: bytes, recurrence: int, times: tuple[int, int], zone: str) -> bytes:
    lines: dict[str, bytes | None] = {
        **dict.fromkeys(OF_SERIES),
        "RECURRENCE-ID": time_line("RECURRENCE-ID", recurrence, zone),
        "DTSTART": time_line("DTSTART", times[0], zone),
        "DTEND": time_line("DTEND", times[1], zone),
    }
    return rewrite_properties(event, lines)


def is_of(override: bytes, recurrence: int, zone: str) -> bool:
    """Return whether an override is of the date with this original start."""
    line = recurrence_of(override)
    return line is not None and _instant(line, _zone(zone) or UTC) == recurrence


def has_own_texts(event: bytes, override: bytes) -> bool:
    """Return whether the override of a date differs from its series in more than its time and answers."""
    return _shared_lines(override) != _shared_lines(event)


def _shared_lines(component: bytes) -> set[bytes]:
    lines = (line for _, line, depth in lines_with_depth(component) if depth == 1)
    return {line for line in lines if name_of(line).decode("ascii", "replace") not in OF_INSTANCE}


def _instant(line: Line, zone: tzinfo) -> int | None:
    named = _zone(line.parameters.get("TZID", "")) or zone
    try:
        return read_date_time(line.value.strip(), named).instant
    except ValueError:
        return None


def _zone(name: str) -> tzinfo | None:
    try:
        return find_zone(name) if name else None
    except UnknownZone:
        return None


@lru_cache(maxsize=8)
def _timezone(name: str, year: int) -> bytes:
    """Return the VTIMEZONE of a zone from the beginning of a year on."""
    from icalendar import Timezone

    first = datetime(year, 1, 1).date()
    zone = Timezone.from_tzid(name, first_date=first, last_date=first.replace(year=year + YEARS))
    zone.pop("COMMENT", None)
    data: bytes = zone.to_ical(sorted=False)
    return data
