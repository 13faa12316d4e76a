"""Reading the dates of a booking that repeats, from its event and its overrides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gbook.bookings.event_data import Series
from gbook.bookings.series_event import has_own_texts
from gbook.calendars.ics.content_lines import read_lines
from gbook.calendars.ics.ownership import OwnEvent, own_lines

if TYPE_CHECKING:
    from icalendar import Event

    from gbook.calendars.busy.own_series import SeriesDate

__all__ = ["read_series"]


def read_series(own: OwnEvent, event: Event) -> Series | None:
    """Return the dates of a booking; `event` is its event as icalendar has read it.

    None if it does not repeat, or so often that it is no booking of dates. Raises ValueError for times in a
    zone that only the calendar defines: another program has written them.
    """
    if "RRULE" not in event:
        return None
    from gbook.calendars.busy.own_series import read_dates
    from gbook.calendars.busy.series_lines import excepted_starts, zone_name

    lines = read_lines(own_lines(own.event), {"RRULE", "DTSTART", "EXDATE"})
    zone = zone_name(lines["DTSTART"][0])
    if (dates := read_dates(own.components, zone)) is None:
        return None
    return Series(
        rule=lines["RRULE"][0].value.strip(),
        zone=zone,
        dates=dates,
        skipped=excepted_starts(lines, zone),
        has_changes=_has_changes(own, event, dates),
        sequence=max(map(_sequence, own.overrides), default=0),
    )


def _has_changes(own: OwnEvent, event: Event, dates: Sequence[SeriesDate]) -> bool:
    length = int(event.duration.total_seconds())
    return any(has_own_texts(own.event, override) for override in own.overrides) or any(
        (each.start, each.end) != (each.recurrence, each.recurrence + length) for each in dates
    )


def _sequence(component: bytes) -> int:
    lines = read_lines(own_lines(component), {"SEQUENCE"}).get("SEQUENCE", ())
    return max((int(line.value) for line in lines if line.value.strip().isdecimal()), default=0)
