"""Changes of single dates of a booking that repeats, and of those that are still to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from gbook.bookings.context import BookingContext
from gbook.bookings.event_data import Series
from gbook.bookings.event_diff import EventDiff, amended, bump_revision, draft_of
from gbook.bookings.record import Record
from gbook.bookings.repair import to_all_copies
from gbook.bookings.revision import Revision, Rewrite
from gbook.bookings.series_event import is_of, time_line, with_override
from gbook.calendars.busy.own_series import SeriesDate
from gbook.calendars.ics.edit import rewrite, rewrite_properties
from gbook.calendars.ics.ownership import OwnEvent
from gbook.engine.intervals import Interval
from gbook.errors import NotFound, UsageError
from gbook.profiles.model import Profile
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.format import day_name
from gbook.timeutil.instants import local
from gbook.timeutil.repeats import Repeat

__all__ = [
    "Rest",
    "changed_dates",
    "date_moves",
    "date_on",
    "listed_dates",
    "open_date",
    "part_of_series",
    "rest_of",
    "without_dates",
]

# At most this many dates are named in a message.
SHORT = 8


class Rest(NamedTuple):
    """The dates of a series that are still to come: how they recur from the first of them on."""

    dates: Sequence[SeriesDate]
    repeat: Repeat


def _single(record: Record, day: SeriesDate) -> Record:
    """Return one date of a series as a booking by itself."""
    return structs.replace(record, start=day.start, end=day.end, status=day.status, series=None)


def part_of_series(record: Record, recurrence: int | None, now: int) -> Record:
    """Return one date of a series by itself, or the series from its first date that is not over at `now`.

    `recurrence` is the date's original start; any other booking is returned as it is.
    """
    if (series := record.series) is None:
        return record
    if recurrence is not None:
        day = series.date_of(recurrence)
        return _single(record, day) if day else record
    first = next((each for each in series.kept if each.end > now), None)
    return structs.replace(record, start=first.start, end=first.end) if first else record


def date_on(record: Record, day: date, zone: ZoneInfo) -> SeriesDate:
    """Return the date of a series on a day in `zone`, cancelled or not.

    The day of its present time counts, then that of its original one. Raises UsageError for a booking that
    does not repeat, NotFound with the dates that there are.
    """
    if record.series is None:
        raise UsageError(f"--date: booking {record.uid} does not repeat; leave out the option")
    dates = record.series.dates
    found = [each for each in dates if local(each.start, zone).date() == day]
    if found := found or [each for each in dates if local(each.recurrence, zone).date() == day]:
        return min(found, key=lambda each: each.status == "cancelled")
    listed = listed_dates(record.series, zone)
    raise NotFound(f"booking {record.uid} is not on {day_name(day)}; it is on {listed}")


def listed_dates(series: Series, zone: ZoneInfo) -> str:
    """Return the days in `zone` on which a series takes place, for a message: the first of many."""
    names = [day_name(local(each.start, zone).date()) for each in series.kept]
    more = f" and {len(names) - SHORT} more" if len(names) > SHORT else ""
    return f"{', '.join(names[:SHORT])}{more}"


def open_date(
    context: BookingContext, record: Record, recurrence: int, *, may_be_cancelled: bool = False
) -> SeriesDate:
    """Return the date of a series with this original start.

    Raises NotFound if it was cancelled or skipped meanwhile, SlotUnavailable if it is over.
    """
    day = record.series.date_of(recurrence) if record.series else None
    shown = context.moment(day.start if day else recurrence, record.profile)
    if day is None or (day.status == "cancelled" and not may_be_cancelled):
        raise NotFound(f"booking {record.uid} on {shown} is already cancelled")
    if day.end <= context.now:
        raise SlotUnavailable(f"booking {record.uid} on {shown} is over and cannot be changed")
    return day


def rest_of(record: Record, series: Series, now: int) -> Rest:
    """Return the dates of a series that are not over at `now` (an instant) and not cancelled.

    Raises UsageError for a rule of another program.
    """
    if (repeat := series.repeat) is None:
        raise UsageError(
            f"booking {record.uid} repeats by a rule of another program ({series.rule}): "
            "name one of its dates with --date"
        )
    dates = [each for each in series.kept if each.end > now] or series.kept
    coming = [time for time in series.originals if time >= dates[0].recurrence]
    kept = {each.recurrence for each in dates}
    skipped = tuple(position for position, time in enumerate(coming) if time not in kept)
    return Rest(dates, structs.replace(repeat, count=len(coming), skipped=skipped))


def date_moves(
    context: BookingContext, record: Record, profile: Profile, moves: Mapping[SeriesDate, Interval]
) -> Revision:
    """Return the revision that moves dates of a series to new times, in every copy."""
    assert record.series is not None
    edits = {day: _move(context, record, profile, day, time) for day, time in moves.items()}
    before = draft_of(context, record, profile)
    revision = amended(context, record, EventDiff(before, before))
    change = changed_dates(record.series.zone, edits)
    return replace(revision, rewrite=to_all_copies(context, record, change))


def _move(
    context: BookingContext, record: Record, profile: Profile, day: SeriesDate, time: Interval
) -> Callable[[bytes], bytes]:
    """Return the function that moves the override of one date to `time` (instants)."""
    assert record.series is not None
    zone = record.series.zone
    # An override that is made now has the texts of the first date.
    present = _single(record, day) if day.start != day.recurrence else structs.replace(record, series=None)
    before = draft_of(context, present, profile)
    moved_from = None if record.is_reservation else (day.start, day.end)
    after = replace(
        before,
        start=time[0],
        end=time[1],
        sequence=record.sequence + 1,
        moved_from=moved_from,
        replies_from=None,
    )
    diff = EventDiff(before, after, of_date=True)
    lines = {"DTSTART": time_line("DTSTART", time[0], zone), "DTEND": time_line("DTEND", time[1], zone)}
    return lambda component: rewrite_properties(diff(component), lines)


def changed_dates(zone: str, changes: Mapping[SeriesDate, Callable[[bytes], bytes]]) -> Rewrite:
    """Return the function that changes the override of each of these dates, which gets one if it has none."""

    def change(own: OwnEvent) -> OwnEvent:
        for day, edit in changes.items():
            own = with_override(own, day.recurrence, (day.start, day.end), zone, edit)
        return own

    return change


def without_dates(record: Record, zone: str, dates: Iterable[SeriesDate], now: int) -> Rewrite:
    """Return the function that takes dates out of a series (EXDATE), with their overrides."""
    gone = [each.recurrence for each in dates]
    lines = [time_line("EXDATE", recurrence, zone) for recurrence in gone]

    def change(own: OwnEvent) -> OwnEvent:
        event = rewrite_properties(own.event, bump_revision(record, now))
        return OwnEvent(
            rewrite(event, lambda line: line, lines),
            tuple(each for each in own.overrides if not any(is_of(each, time, zone) for time in gone)),
        )

    return change
