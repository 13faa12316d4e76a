"""Reading the dates of a booking that repeats, from its event and its overrides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gbook.bookings.event_data import Series
from gbook.bookings.series_event import has_own_texts
from gbook.calendars.ics.content_lines import read_lines
from gbook.calendars.ics.ownership import OwnEvent, own_lines
from gbook.timeutil.instants import from_local

if TYPE_CHECKING:
    from icalendar import Event

    from gbook.calendars.busy.own_series import SeriesDate

__all__ = ["read_series"]

UTC_NAME = "UTC"


def read_series(own: OwnEvent, event: Event) -> Series | None:
    """Return the dates of a booking; `event` is its event as icalendar has read it.

    None if it does not repeat, or so often that it is no booking of dates.
    """
    if "RRULE" not in event:
        return None
    from gbook.calendars.busy.own_series import read_dates

    if (dates := read_dates(own.components, UTC_NAME)) is None:
        return None
    start = event["DTSTART"]
    return Series(
        rule=_rule(own),
        zone=str(start.params.get("TZID", UTC_NAME)),
        dates=dates,
        skipped=sorted(_exceptions(event)),
        has_changes=_has_changes(own, event, dates),
        sequence=max(map(_sequence, own.overrides), default=0),
    )


def _has_changes(own: OwnEvent, event: Event, dates: Sequence[SeriesDate]) -> bool:
    length = int(event.duration.total_seconds())
    return any(has_own_texts(own.event, override) for override in own.overrides) or any(
        (each.start, each.end) != (each.recurrence, each.recurrence + length) for each in dates
    )


def _rule(own: OwnEvent) -> str:
    lines = read_lines(own_lines(own.event), {"RRULE"})
    return lines["RRULE"][0].value.strip()


def _exceptions(event: Event) -> Iterator[int]:
    """Yield the starts that EXDATE leaves out."""
    written = event.get("EXDATE", [])
    for lines in written if isinstance(written, list) else [written]:
        for each in lines.dts:
            yield from_local(each.dt.replace(tzinfo=None), each.dt.tzinfo)


def _sequence(component: bytes) -> int:
    lines = read_lines(own_lines(component), {"SEQUENCE"}).get("SEQUENCE", ())
    return max((int(line.value) for line in lines if line.value.strip().isdecimal()), default=0)
