"""Repeats: how a meeting recurs, as the recurrence rules of RFC 5545 §3.3.10 that gbook writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, partial
from itertools import count as count_from
from itertools import islice
from typing import Literal

import msgspec

from gbook.errors import UsageError
from gbook.timeutil.instants import END_OF_TIME, from_local, local

__all__ = ["MAX_DATES", "MAX_INTERVAL", "Frequency", "Repeat"]

# Two years of weeks.
MAX_DATES = 104
MAX_INTERVAL = 99

Frequency = Literal["daily", "weekly", "monthly"]
_FREQUENCIES: dict[str, Frequency] = {"DAILY": "daily", "WEEKLY": "weekly", "MONTHLY": "monthly"}
_UNITS = {"daily": "day", "weekly": "week", "monthly": "month"}


class Repeat(msgspec.Struct, frozen=True):
    """A meeting on `count` dates, every `interval` days, weeks or months; 2 to MAX_DATES dates."""

    frequency: Frequency
    count: int
    interval: int = 1
    # The positions, from 0, of the dates that do not take place.
    skipped: tuple[int, ...] = ()

    @property
    def rule(self) -> str:
        """The value of RRULE (§3.8.5.3), such as `FREQ=WEEKLY;COUNT=6;INTERVAL=2`."""
        interval = f";INTERVAL={self.interval}" if self.interval > 1 else ""
        return f"FREQ={self.frequency.upper()};COUNT={self.count}{interval}"

    @classmethod
    def parse(cls, rule: str) -> Repeat | None:
        """Return the repeat of a rule that gbook has written; None for any other rule."""
        parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
        frequency = _FREQUENCIES.get(parts.pop("FREQ", ""))
        numbers = {"INTERVAL": "1", **parts}
        if frequency is None or numbers.keys() != {"COUNT", "INTERVAL"}:
            return None
        if not all(number.isdecimal() for number in numbers.values()):
            return None
        return cls(frequency, int(numbers["COUNT"]), int(numbers["INTERVAL"]))

    @property
    def words(self) -> str:
        """The repeat in words, such as `weekly, 6 times` or `every 2 weeks, 6 times`."""
        every = self.frequency if self.interval == 1 else f"every {self.interval} {_UNITS[self.frequency]}s"
        return f"{every}, {self.count} times"

    @property
    def kept(self) -> list[int]:
        """The positions of the dates that take place."""
        return [position for position in range(self.count) if position not in self.skipped]

    def starts(self, first: int, zone: tzinfo) -> list[int]:
        """Return the start of every date, skipped ones too, as instants: the wall clock of `first` in `zone`.

        A wall clock in a gap has the offset before the gap, an ambiguous one is the first (§3.3.5): so if
        `first` is the second of two, the first date starts before it. Raises UsageError for dates so late
        that Python has none.
        """
        return self.all_starts([first], zone)[0]

    def all_starts(self, firsts: Sequence[int], zone: tzinfo) -> list[list[int]]:
        """Return the `starts` of each of many first dates, which have many of them in common."""
        instant = cache(partial(from_local, zone=zone))
        days = cache(lambda first: [*self.days(first)])
        walls = [local(first, zone).replace(tzinfo=None, fold=0) for first in firsts]
        try:
            return [
                [instant(datetime.combine(day, wall.time())) for day in days(wall.date())] for wall in walls
            ]
        except (ValueError, OverflowError):
            last = local(END_OF_TIME, zone).year
            raise UsageError(f"a series that is {self.words} runs beyond the year {last}") from None

    def days(self, first: date) -> Iterator[date]:
        """Yield the day of every date. A month without the day number of `first` has no date.

        Raises ValueError or OverflowError at the end of Python's calendar.
        """
        if self.frequency == "monthly":
            return islice(_months(first, self.interval), self.count)
        step = timedelta(days=self.interval * (7 if self.frequency == "weekly" else 1))
        return (first + step * position for position in range(self.count))


def _months(first: date, interval: int) -> Iterator[date]:
    """Yield the days with the same number in every `interval`-th month that has it."""
    for month in count_from(first.year * 12 + first.month - 1, interval):
        year, number = divmod(month, 12)
        try:
            yield first.replace(year=year, month=number + 1)
        except ValueError:
            if year > date.max.year:
                raise
