"""The time that an event with an unreadable start closes: what cannot be read is never free."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from gbook.calendars.ics.content_lines import Line
from gbook.calendars.ics.values import (
    IcsDateTime,
    NominalDuration,
    Zones,
    read_date_times,
    read_day,
    read_duration,
)
from gbook.timeutil.instants import DAY

__all__ = ["BEGINNING", "Closed", "closed_time"]

# The start of all time that a window can be in.
BEGINNING = IcsDateTime(datetime(1900, 1, 1), UTC)
ALWAYS = NominalDuration(0, 8000 * 365 * DAY)


class Closed(NamedTuple):
    """The time that an event may take: that of its one instance, or of each instance if it repeats."""

    start: IcsDateTime
    extent: NominalDuration
    # Whether its rule and dates still apply.
    may_repeat: bool
    message: str


def closed_time(lines: Mapping[str, list[Line]], zones: Zones, problem: str) -> Closed:
    """Return the time that an event with an unreadable start closes; `problem` says why.

    If the day can be read, it is that day in the zone of the event, and then the duration of the event. An
    override without DTSTART is on the day of its instance. Any other event closes all time before its end, or
    all time.
    """
    if (start := _day(lines, zones)) is not None:
        extent = _end_after(start, lines, zones)
        return Closed(start, extent, True, f"{problem}: that day is taken as busy")
    end = None if {"RRULE", "RDATE"} & lines.keys() else _end(lines, zones)
    if end is None:
        return Closed(BEGINNING, ALWAYS, False, f"{problem}: all time is taken as busy")
    extent = NominalDuration(0, max(end - BEGINNING.instant, 0))
    return Closed(BEGINNING, extent, False, f"{problem}: all time before its end is taken as busy")


def _day(lines: Mapping[str, list[Line]], zones: Zones) -> IcsDateTime | None:
    """Return the midnight of the day on which an event begins, as a time: it is not an all-day event."""
    for line in lines.get("DTSTART", lines.get("RECURRENCE-ID", ())):
        if (day := read_day(line.value)) is None:
            continue
        if line.value.strip().upper().endswith("Z"):
            return IcsDateTime(day, UTC)
        return IcsDateTime(
            day, zones.find(line.parameters["TZID"]) if "TZID" in line.parameters else zones.fallback
        )
    return None


def _end_after(start: IcsDateTime, lines: Mapping[str, list[Line]], zones: Zones) -> NominalDuration:
    """Return the time from midnight to the latest end that the event can have."""
    end = _end(lines, zones)
    if end is not None and end > start.instant:
        return NominalDuration(0, end - start.instant)
    length = NominalDuration(0, 0)
    with suppress(KeyError, ValueError):
        length = read_duration(lines["DURATION"][0].value)
    return NominalDuration(1 + max(length.days, 0), max(length.seconds, 0))


def _end(lines: Mapping[str, list[Line]], zones: Zones) -> int | None:
    with suppress(KeyError, ValueError, OverflowError):
        return read_date_times(lines["DTEND"][0], zones)[0][0].instant
    return None
