"""From wall-clock hours to working intervals on the line of instants, and the period that a profile covers.

API keys workHours, availabilityIntervals, startAfterMinutes, startTime, endTime, timeAvailableFor.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from gbook.engine.candidates import SlotWindow
from gbook.engine.intervals import Interval, Intervals
from gbook.profiles.model import AvailabilityIntervals, Profile
from gbook.timeutil.instants import MINUTE, at_midnight, local, parse_instant, wall_instant
from gbook.timeutil.periods import Period
from gbook.workspace.work_hours import WEEKDAYS, WorkHours, WorkingInterval

__all__ = ["closed_time", "period", "working_intervals"]

_NO_EXCEPTIONS = AvailabilityIntervals()


def period(profile: Profile, zone: ZoneInfo, now: int) -> Interval:
    """The instants between which the profile's slots lie; `zone` is the profile's. It may be empty."""
    low = now + profile.start_after_minutes * MINUTE
    high = Period.parse(profile.time_available_for).after(now, zone)
    if profile.start_time:
        low = max(low, parse_instant(profile.start_time, UTC))
    if profile.end_time:
        high = min(high, parse_instant(profile.end_time, UTC))
    return low, high


def working_intervals(
    hours: WorkHours,
    zone: ZoneInfo,
    window: Interval,
    exceptions: AvailabilityIntervals = _NO_EXCEPTIONS,
    align: str = "interval",
) -> list[SlotWindow]:
    """The working intervals that touch `window` (instants).

    A wall clock in a gap moves to the gap's end; an ambiguous start is the first, an ambiguous end the last.
    """
    found = []
    for day in _days(window, zone):
        for working in _hours_of(hours, exceptions, day):
            start, end = working.seconds
            begin = wall_instant(_wall(day, start), zone)
            until = wall_instant(_wall(day, end), zone, second=True)
            if begin < until and begin < window[1] and until > window[0]:
                found.append(SlotWindow(begin, until, at_midnight(day, zone) if align == "clock" else begin))
    return found


@cache
def closed_time(hours: WorkHours, zone: ZoneInfo, low: int, high: int) -> Intervals:
    """What of `[low, high)` lies outside an account's own hours."""
    intervals = working_intervals(hours, zone, (low, high))
    return Intervals((interval.start, interval.end) for interval in intervals).gaps(low, high)


def _days(window: Interval, zone: ZoneInfo) -> Iterator[date]:
    """The dates whose hours may reach into a window: from the day before, since hours run past midnight."""
    day = local(window[0], zone).date() - timedelta(days=2)
    last = local(window[1], zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _hours_of(hours: WorkHours, exceptions: AvailabilityIntervals, day: date) -> Iterator[WorkingInterval]:
    """The hours of a date: of the last exception that names it, else of its weekday."""
    for exception in reversed(exceptions.intervals):
        if exception.date_start_inclusive <= day <= exception.date_end_inclusive:
            yield from exception.hours
            return
    weekday = WEEKDAYS[day.weekday()]
    for schedule in hours.day_schedules:
        if schedule.day_of_week == weekday:
            yield from schedule.working_intervals


def _wall(day: date, seconds: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
