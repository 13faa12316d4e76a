"""Instants, and their conversion from and to text and local time.

An instant is an integer: seconds since 1970-01-01T00:00:00Z. Datetimes and zones are used only where text is
read or written, and where local time is converted to instants.
"""

from __future__ import annotations

import os
import re
import time
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import NamedTuple

from gbook.errors import UsageError

__all__ = [
    "DAY",
    "MINUTE",
    "Period",
    "at_midnight",
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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


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
    return f"{_day_text(day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


@cache
def _day_text(day: int) -> str:
    return str(_EPOCH.date() + timedelta(days=day))


def local(instant: int, zone: tzinfo) -> datetime:
    """Return the aware date-time in `zone` at `instant` (also before 1970)."""
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


def at_midnight(day: date, zone: tzinfo) -> int:
    """Return the first instant of a day in `zone`; not 00:00 if the day starts in a gap."""
    return wall_instant(datetime(day.year, day.month, day.day), zone)


class Period(NamedTuple):
    """An ISO 8601 period of calendar units (API key timeAvailableFor): P3M, P4W, P5D; `30D` means `P30D`."""

    months: int
    days: int
    seconds: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period of a text. Raises ValueError; an empty period is an error too."""
        match = _PERIOD.fullmatch(text.strip().upper())
        if not match or not any(match.groups()):
            raise ValueError(f"{text!r} is not an ISO 8601 period such as P30D, P4W or P3M")
        years, months, weeks, days, hours, minutes = (int(group or 0) for group in match.groups())
        period = cls(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60)
        if not any(period):
            raise ValueError(f"{text!r} is an empty period")
        if period.months > 12_000 or period.days > 366_000 or period.seconds > 366_000 * DAY:
            raise ValueError(f"{text!r} is longer than a thousand years")
        return period

    def after(self, instant: int, zone: tzinfo) -> int:
        """Return the instant one period after `instant`; months and days are calendar units of `zone`."""
        wall = local(instant, zone).replace(tzinfo=None)
        year, month = divmod(wall.year * 12 + wall.month - 1 + self.months, 12)
        if not 1 <= year <= 9000:
            year = 9000
        wall = wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))
        return from_local(wall + timedelta(days=self.days), zone) + self.seconds


_PERIOD = re.compile(
    r"P?(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?)?"
)
