"""Periods: lengths of time in calendar units."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

import msgspec

from gbook.timeutil.instants import DAY, from_local, local

__all__ = ["Period"]


class Period(msgspec.Struct, frozen=True):
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
        if period == cls(0, 0):
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
        wall = wall.replace(year=year, month=month + 1, day=min(wall.day, _days_in(year, month + 1)))
        return from_local(wall + timedelta(days=self.days), zone) + self.seconds


def _days_in(year: int, month: int) -> int:
    """Return the number of days of a month. The module `calendar` is slow to import."""
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


_PERIOD = re.compile(
    r"P?(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?)?"
)
