"""The zone of a series of gbook's, and the starts that it leaves out, also as other programs write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from gbook.calendars.ics.content_lines import Line
from gbook.calendars.ics.values import IcsDateTime, read_date_times
from gbook.calendars.zones.timezones import CalendarZones
from gbook.calendars.zones.tzids import alias_zone, iana_zone
from gbook.timeutil.instants import from_local
from gbook.timeutil.zones import find_zone

__all__ = ["excepted_starts", "zone_name"]

UTC_NAME = "UTC"


def zone_name(start: Line) -> str:
    """Return the IANA name of the zone of a DTSTART. Raises ValueError for a zone that has none."""
    if (tzid := start.parameters.get("TZID")) is None:
        return UTC_NAME
    zone = iana_zone(tzid) or alias_zone(tzid)
    name = UTC_NAME if zone is UTC else getattr(zone, "key", None)
    if name is None:
        raise ValueError(f"unknown time zone {tzid!r}")
    return str(name)


def excepted_starts(lines: Mapping[str, Sequence[Line]], zone: str) -> list[int]:
    """Return the instants that the EXDATE lines of an event leave out, in order (RFC 5545 §3.8.5.1).

    `zone` is the IANA name of the zone of times without one. A whole day leaves out the date on it. Raises
    ValueError.
    """
    fallback = find_zone(zone)
    zones = CalendarZones(fallback, lambda name, stated: stated or fallback)
    start, _ = read_date_times(lines["DTSTART"][0], zones)[0]
    times = [time for line in lines.get("EXDATE", ()) for time, _ in read_date_times(line, zones)]
    return sorted({_on_its_day(time, start) if time.is_date else time.instant for time in times})


def _on_its_day(day: IcsDateTime, start: IcsDateTime) -> int:
    return from_local(datetime.combine(day.wall.date(), start.wall.time()), start.zone)
