"""Periods: lengths of time in calendar units."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from gbook.timeutil.instants import DAY, from_local, local

__all__ = ["Period", "iso_period", "period_minutes"]

LENGTHS = "45m, 2h, 1h30, 2d, 1w or P7D"


class Period(msgspec.Struct, frozen=True):
    """An ISO 8601 period of calendar units (API key timeAvailableFor): P3M, P4W, P5D; `30D` means `P30D`."""

    months: int
    days: int
    seconds: int = 0

    @classmethod
    def parse(cls, text: str, typed: str | None = None) -> Period:
        """Return the period of a text. Raises ValueError; an empty period is an error too.

        `typed` is what a person has typed for it; the messages quote it.
        """
        quoted = repr(text if typed is None else typed)
        match = _PERIOD.fullmatch(text.strip().upper())
        if not match or not any(match.groups()):
            raise ValueError(f"{quoted} is not an ISO 8601 period such as P30D, P4W or P3M")
        period = _period(match)
        if period == cls(0, 0):
            raise ValueError(f"{quoted} is an empty period")
        if period.months > 12_000 or period.days > 366_000 or period.seconds > 366_000 * DAY:
            raise ValueError(f"{quoted} is longer than a thousand years")
        return period

    def after(self, instant: int, zone: tzinfo) -> int:
        """Return the instant one period after `instant`; months and days are calendar units of `zone`."""
        wall = local(instant, zone).replace(tzinfo=None)
        year, month = divmod(wall.year * 12 + wall.month - 1 + self.months, 12)
        if not 1 <= year <= 9000:
            year = 9000
        wall = wall.replace(year=year, month=month + 1, day=min(wall.day, _days_in(year, month + 1)))
        return from_local(wall + timedelta(days=self.days), zone) + self.seconds


def iso_period(text: str, unit: Literal["days", "minutes"] = "days") -> str:
    """Return a length of time that a person typed as an ISO 8601 period; a bare number counts `unit`.

    `2w` is P2W, `1h30` is PT1H30M, `7` is P7D or PT7M. Raises ValueError; `3M` could be months or minutes.
    """
    typed = text.strip()
    if typed.isascii() and typed.isdigit():
        typed = f"{typed} {unit}"
    if re.fullmatch(r"[0-9]+M", typed):
        raise ValueError(f"{text!r} is ambiguous: use P{typed} for months or {typed.lower()} for minutes")
    if typed[:1] in ("P", "p") and (match := _PERIOD.fullmatch(typed.upper())) and any(match.groups()):
        return typed.upper()
    match = re.fullmatch(_TYPED, typed.casefold(), re.ASCII)
    if not match or not any(match.groups()):
        example = "7, " if unit == "days" else "30, "
        raise ValueError(f"expected a length such as {example}{LENGTHS}, found {text!r}")
    years, months, weeks, days, hours, *minutes = match.groups()
    date = _written(("Y", years), ("M", months), ("W", weeks), ("D", days))
    time = _written(("H", hours), ("M", minutes[0] or minutes[1]))
    return f"P{date}T{time}" if time else f"P{date}"


def period_minutes(text: str) -> int:
    """Return the minutes of a length of time that a person typed; a bare number is minutes.

    A day has 24 hours. Raises ValueError for anything else, and for months and years.
    """
    match = _PERIOD.fullmatch(iso_period(text, "minutes"))
    if not match or not any(match.groups()):
        raise ValueError(f"expected a length such as 30, {LENGTHS}, found {text!r}")
    period = _period(match)
    if period.months:
        raise ValueError(f"{text!r}: months and years have no fixed length; use days or weeks")
    return (period.days * DAY + period.seconds) // 60


def _period(match: re.Match[str]) -> Period:
    years, months, weeks, days, hours, minutes = (int(group or 0) for group in match.groups())
    return Period(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60)


def _written(*parts: tuple[str, str | None]) -> str:
    return "".join(f"{number}{unit}" for unit, number in parts if number)


def _days_in(year: int, month: int) -> int:
    """Return the number of days of a month. The module `calendar` is slow to import."""
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


_PERIOD = re.compile(
    r"P?(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?)?"
)
# Compiled at the first use. The unit of minutes after hours may be left out.
_MINUTES = r"(\d{1,8}) ?m(?:in(?:ute)?s?)?"
_TYPED = (
    r"(?:(\d{1,6}) ?y(?:ears?)?)? ?(?:(\d{1,6}) ?mo(?:n(?:ths?)?)?)? ?(?:(\d{1,6}) ?w(?:eeks?)?)? ?"
    r"(?:(\d{1,6}) ?d(?:ays?)?)? ?"
    rf"(?:(\d{{1,7}}) ?h(?:(?:ou)?rs?)?(?: ?(\d{{1,8}})(?: ?m(?:in(?:ute)?s?)?)?)?|{_MINUTES})?"
)
