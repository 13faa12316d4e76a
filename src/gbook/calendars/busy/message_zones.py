"""The time of an instance that an iTIP message names: RECURRENCE-ID (RFC 5545 §3.8.4.4), in any zone."""

from __future__ import annotations

from gbook.calendars.ics.content_lines import Line
from gbook.calendars.ics.scanner import scan
from gbook.calendars.ics.values import IcsDateTime, read_date_times
from gbook.calendars.zones.timezones import CalendarZones
from gbook.calendars.zones.vtimezone import by_tzid
from gbook.timeutil.instants import ALL_TIME
from gbook.timeutil.zones import find_zone

__all__ = ["named_start"]


def named_start(line: Line, content: bytes, zone: str) -> IcsDateTime:
    """Return the original start that a RECURRENCE-ID names; `content` is the message with its VTIMEZONEs.

    `zone` is the IANA name of the zone of times without one, or in one that the message does not define.
    Raises ValueError.
    """
    definitions = (part.content for part in scan(content, *ALL_TIME) if part.name == "VTIMEZONE")
    fallback = find_zone(zone)
    zones = CalendarZones(fallback, lambda name, stated: stated or fallback, by_tzid(definitions))
    return read_date_times(line, zones)[0][0]
