"""Instants, and their conversion from and to text and local time.

An instant is an integer: seconds since 1970-01-01T00:00:00Z. Datetimes and zones are used only where text is
read or written, and where local time is converted to instants.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from gbook.errors import UsageError

__all__ = [
    "ALL_TIME",
    "DAY",
    "END_OF_TIME",
    "MINUTE",
    "START_OF_TIME",
    "WEEKDAYS",
    "at_midnight",
    "each_day",
    "format_instant",
    "from_local",
    "gap_end",
    "local",
    "now",
    "parse_instant",
    "wall_instant",
]

MINUTE = 60
DAY = 86_400
# Instants of the years 5 and 9987: Python's dates reach from 1 to 9999, and offsets need some room.
START_OF_TIME = -62_000_000_000
END_OF_TIME = 253_000_000_000
ALL_TIME = (START_OF_TIME, END_OF_TIME)
# By `date.weekday()`.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_YEAR_2100 = 4_102_444_800


def now() -> int:
    """Return the current instant, or $GBOOK_NOW (ISO 8601; UTC without an offset). Raises UsageError."""
    fixed = os.environ.get("GBOOK_NOW")
    if not fixed:
        return int(time.time())
    try:
        instant = parse_instant(fixed, UTC)
        # Later steps add years and offsets.
        if 1900 <= local(instant, UTC).year <= 9000:
            return instant
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"GBOOK_NOW: expected a time such as 2026-11-24T14:00Z, found {fixed!r}")


def parse_instant(text: str, zone: tzinfo) -> int:
    """Return the instant of an ISO 8601 date-time; without an offset it is in `zone`. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return from_local(moment, zone) if moment.tzinfo is None else (moment - _EPOCH) // _SECOND


def format_instant(instant: int) -> str:
    """Return an instant as `2026-11-24T14:00:00Z`."""
    day, second = divmod(instant, DAY)
    return f"{_day_text(day)}T{_clock_text(second)}Z"


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return str(_EPOCH.date() + timedelta(days=day))


@lru_cache(maxsize=4096)
def _clock_text(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def local(instant: int, zone: tzinfo) -> datetime:
    """Return the aware date-time in `zone` at `instant` (also before 1970)."""
    # This takes half the time, but not every system can do it for all years.
    if 0 <= instant < _YEAR_2100:
        return datetime.fromtimestamp(instant, zone)
    return (_EPOCH + timedelta(seconds=instant)).astimezone(zone)


def from_local(wall: datetime, zone: tzinfo) -> int:
    """Return the instant of a local time in `zone`, by the rules of calendars (RFC 5545 §3.3.5).

    A time in a gap has the offset before the gap; an ambiguous one is the first, or the second if `wall.fold`
    is 1.
    """
    return (wall.replace(tzinfo=zone) - _EPOCH) // _SECOND


def wall_instant(wall: datetime, zone: tzinfo, *, second: bool = False) -> int:
    """Return the instant of a local time in `zone`, by the rules of work schedules.

    A time in a gap moves to the end of the gap; an ambiguous one is the first, or the second if `second`.
    """
    first = from_local(wall.replace(fold=0), zone)
    later = from_local(wall.replace(fold=1), zone)
    if later < first:
        return gap_end(later, first, zone)
    return later if second else first


def gap_end(low: int, high: int, zone: tzinfo) -> int:
    """Return the one instant in `(low, high]` at which the UTC offset of `zone` changes."""
    before = local(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if local(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=4096)
def at_midnight(day: date, zone: tzinfo) -> int:
    """Return the first instant of a day in `zone`; not 00:00 if the day starts in a gap."""
    return wall_instant(datetime(day.year, day.month, day.day), zone)


def each_day(window: tuple[int, int], zone: tzinfo) -> list[tuple[date, int, int]]:
    """Return the days that a window overlaps, each with its first instant and that of the next day."""
    days = []
    day = local(window[0], zone).date()
    while (low := at_midnight(day, zone)) < window[1]:
        day += timedelta(days=1)
        days.append((day - timedelta(days=1), low, at_midnight(day, zone)))
    return days
