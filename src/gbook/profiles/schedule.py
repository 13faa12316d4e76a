"""Working intervals of a weekly schedule as instants, and the booking period of a profile.

API keys workHours, availabilityIntervals, startAfterMinutes, startTime, endTime, timeAvailableFor.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gbook.engine.candidates import SlotWindow
from gbook.engine.intervals import Interval, Intervals
from gbook.profiles.model import AvailabilityIntervals, Profile
from gbook.timeutil.instants import MINUTE, WEEKDAYS, at_midnight, local, parse_instant, wall_instant
from gbook.timeutil.periods import Period
from gbook.workspace.work_hours import WorkHours, WorkingInterval

__all__ = ["closed_time", "period", "working_intervals"]

_NO_EXCEPTIONS = AvailabilityIntervals()


def period(profile: Profile, zone: ZoneInfo, now: int) -> Interval:
    """Return the interval in which a profile offers slots, in its `zone`; low may be after high."""
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
    """Return the working intervals that overlap `window` (instants).

    A wall-clock time in a DST gap moves to the end of the gap. Of an ambiguous time, a start is the first
    instant and an end the second.
    """
    windows = []
    for day in _days(window, zone):
        for working in _hours_of(hours, exceptions, day):
            begin, until = _instants(day, *working.seconds, zone)
            if begin < until and begin < window[1] and until > window[0]:
                windows.append(
                    SlotWindow(begin, until, at_midnight(day, zone) if align == "clock" else begin)
                )
    return windows


@lru_cache(maxsize=4096)
def _instants(day: date, start: int, end: int, zone: ZoneInfo) -> Interval:
    """Return the instants of the hours of a day, which are in wall-clock seconds since midnight."""
    midnight = datetime(day.year, day.month, day.day)
    return (
        wall_instant(midnight + timedelta(seconds=start), zone),
        wall_instant(midnight + timedelta(seconds=end), zone, second=True),
    )


@lru_cache(maxsize=1024)
def closed_time(hours: WorkHours, zone: ZoneInfo, low: int, high: int) -> Intervals:
    """Return the parts of `[low, high)` outside an account's own work hours."""
    intervals = working_intervals(hours, zone, (low, high))
    return Intervals((interval.start, interval.end) for interval in intervals).gaps(low, high)


def _days(window: Interval, zone: ZoneInfo) -> Iterator[date]:
    """Yield the dates whose hours may overlap a window; hours may run past midnight."""
    day = local(window[0], zone).date() - timedelta(days=2)
    last = local(window[1], zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _hours_of(hours: WorkHours, exceptions: AvailabilityIntervals, day: date) -> Iterator[WorkingInterval]:
    """Yield the hours of a date: those of the last exception that covers it, else of its weekday."""
    for exception in reversed(exceptions.intervals):
        if exception.date_start_inclusive <= day <= exception.date_end_inclusive:
            yield from exception.hours
            return
    weekday = WEEKDAYS[day.weekday()]
    for schedule in hours.day_schedules:
        if schedule.day_of_week == weekday:
            yield from schedule.working_intervals
