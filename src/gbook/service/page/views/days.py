"""The days of five weeks as a page shows them: with their times, or why they have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import gbook
from gbook.timeutil.instants import parse_instant

__all__ = ["DAYS", "Day", "Reason", "Weeks", "Why", "week_of"]

WEEK, DAYS = 7, 35
# As many days with times are named beside a day that has none.
NEAREST = 3
# In the order in which a page explains them.
_ORDER = ("unreadable", "notice", "not_yet", "taken", "few", "closed", "far", "over")


class Day(NamedTuple):
    """A day: its slots, and the code of the reason if it has none.

    The codes are those of gbook.NoTimes, and `far` for a day that can be booked later.
    """

    day: date
    slots: Sequence[gbook.Slot]
    reason: str

    @property
    def times(self) -> int:
        """The number of its times."""
        return len(self.slots)


class Reason(NamedTuple):
    """A reason, and the days without times that it explains.

    `runs` are from a first to a last day, without other days between them that could have times; `weekdays`
    are some day of each weekday that the reason explains in all weeks.
    """

    code: str
    runs: Sequence[tuple[date, date]]
    weekdays: Sequence[date] = ()


class Why(NamedTuple):
    """The rules of a profile that reasons speak of.

    `notice` in seconds; `begins` and `ends` are the first and last day of its own period, if it has them.
    """

    notice: int
    begins: date | None
    ends: date | None
    needed: int
    people: int


@dataclass(frozen=True)
class Weeks:
    """Five whole weeks of days.

    `possible` is the number of times that the profile's hours give them, whether they are free or not.
    """

    days: Sequence[Day]
    today: date
    possible: int

    @classmethod
    def of(cls, listed: Sequence[gbook.OpenDay], answer: gbook.Answer, today: date) -> Weeks:
        """Return the days of an answer."""
        ends = answer.query.profile.end_time
        is_last = ends is not None and parse_instant(ends, UTC) <= answer.period[1]
        days = [Day(one.day, one.slots, _code(one.reason, is_last=is_last)) for one in listed]
        return cls(days, today, sum(len(one.possible) for one in listed))

    @property
    def rows(self) -> Iterator[Sequence[Day]]:
        """The days week by week."""
        return (self.days[start : start + WEEK] for start in range(0, len(self.days), WEEK))

    @cached_property
    def open(self) -> Sequence[Day]:
        """The days that have times."""
        return [day for day in self.days if day.slots]

    def find(self, wanted: date | None) -> Day | None:
        """Return a day of these weeks; without one, the first that has times."""
        if wanted is None:
            return next(iter(self.open), None)
        return next((day for day in self.days if day.day == wanted), None)

    def nearest(self, to: date) -> Sequence[Day]:
        """Return the days with times nearest to a day, in the order of the calendar."""
        by_distance = sorted(self.open, key=lambda day: (abs(day.day - to), day.day < to))
        return sorted(by_distance[:NEAREST], key=lambda day: day.day)

    def is_always_closed(self, day: date) -> bool:
        """Return whether the meeting is never offered on the weekday of a day, as far as these weeks tell."""
        return any(day.weekday() == each.weekday() for reason in self.reasons for each in reason.weekdays)

    @cached_property
    def reasons(self) -> Sequence[Reason]:
        """The reasons of all days from today on that have no times."""
        coming = [day for day in self.days if day.day >= self.today and day.reason != "past"]
        codes = {day.reason for day in coming}
        return [_reason(code, coming) for code in _ORDER if code in codes]


def _code(reason: gbook.NoTimes | None, *, is_last: bool) -> str:
    if reason is gbook.NoTimes.OVER and not is_last:
        return "far"
    return reason.value if reason else ""


def _reason(code: str, coming: Sequence[Day]) -> Reason:
    """Return the days that a reason explains; of a closed one the weekdays that it closes in all weeks."""
    if code != "closed":
        return Reason(code, [*_runs(code, [day for day in coming if day.reason != "closed"])])
    by_weekday: Mapping[int, list[Day]] = {
        number: [day for day in coming if day.day.weekday() == number] for number in range(WEEK)
    }
    always = [days for days in by_weekday.values() if len(days) > 1 and all(d.reason == code for d in days)]
    closed = {days[0].day.weekday() for days in always}
    others = [day for day in coming if day.day.weekday() not in closed]
    return Reason(code, [*_runs(code, others)], [days[0].day for days in always])


def _runs(code: str, days: Sequence[Day]) -> Iterator[tuple[date, date]]:
    """Yield the runs of neighbours in `days` that have this reason, as pairs of first and last day."""
    for reason, run in groupby(days, key=lambda day: day.reason):
        if reason == code:
            neighbours = [day.day for day in run]
            yield neighbours[0], neighbours[-1]


def week_of(day: date, first_weekday: int) -> date:
    """Return the first day of a week; `first_weekday` is 0 where weeks begin on Monday."""
    return day - timedelta(days=(day.weekday() - first_weekday) % WEEK)
