"""Days by their numbers in months, weeks and years, as rules name them (RFC 5545 §3.3.10)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from gbook.calendars.rules.rule import Rule

__all__ = [
    "ALL_DAYS",
    "FILTERS",
    "days_of_month",
    "days_of_weekdays",
    "days_of_weeks",
    "indices",
    "length_of_month",
    "length_of_year",
    "start_of_week",
    "week_of",
]

ALL_DAYS = tuple(range(1, 32))


def indices(positions: Sequence[int], length: int) -> list[int]:
    """Return positions (from 1, or from -1 backwards) as sorted indices into a list of `length`.

    Positions outside the list are left out. Example: `indices((1, -1, 9), 5)` is `[0, 4]`.
    """
    counted = {position - 1 if position > 0 else length + position for position in positions}
    return sorted(index for index in counted if 0 <= index < length)


def days_of_month(year: int, month: int, days: Sequence[int], skip: str) -> list[date]:
    """Return the days of a month by their numbers; `skip` is for days that it does not have (RFC 7529 §4.1).

    Example: day 31 of April 2026 is 30 April with BACKWARD, 1 May with FORWARD, and missing with OMIT.
    """
    length = length_of_month(year, month)
    if days is ALL_DAYS:
        return [date(year, month, day) for day in range(1, length + 1)]
    chosen = {date(year, month, index + 1) for index in indices(days, length)}
    missing = [day for day in days if abs(day) > length] if skip != "OMIT" else []
    for day in missing:
        # A day beyond an end of the month moves to the last day inside it, or to the first one outside.
        edge = date(year, month, length if day > 0 else 1)
        outwards = (day > 0) == (skip == "FORWARD")
        chosen.add(edge + timedelta(days=1 if day > 0 else -1) if outwards else edge)
    return sorted(chosen)


def days_of_weekdays(first: date, length: int, weekdays: Sequence[tuple[int, int]]) -> list[date]:
    """Return the days with these numbered weekdays among `length` days from `first` on; 0 is every one.

    Example: `(-1, 4)` is the last Friday.
    """
    offsets: set[int] = set()
    for number, weekday in weekdays:
        same = range((weekday - first.weekday()) % 7, length, 7)
        offsets.update([same[index] for index in indices((number,), len(same))] if number else same)
    return [first + timedelta(days=day) for day in sorted(offsets)]


def days_of_weeks(year: int, weeks: Sequence[int], week_start: int) -> list[date]:
    """Return the days of the weeks with these numbers in a year, as ISO 8601 numbers weeks."""
    first = _week_one(year, week_start)
    count = (_week_one(year + 1, week_start) - first).days // 7
    return [first + timedelta(days=index * 7 + day) for index in indices(weeks, count) for day in range(7)]


# Returns whether a day passes.
Filter = Callable[[date], bool]


def _weekday_filter(rule: Rule, numbered_in: str) -> Filter:
    plain = {weekday for number, weekday in rule.weekdays if not (number and numbered_in)}
    numbered = set(rule.weekdays) if numbered_in else set()

    def passes(day: date) -> bool:
        weekday = day.weekday()
        if weekday in plain or not numbered:
            return weekday in plain
        if numbered_in == "month":
            number, length = day.day, length_of_month(day.year, day.month)
        else:
            number, length = day.timetuple().tm_yday, length_of_year(day.year)
        return ((number + 6) // 7, weekday) in numbered or (
            -((length - number) // 7 + 1),
            weekday,
        ) in numbered

    return passes


def _week_filter(rule: Rule, _: str) -> Filter:
    weeks = set(rule.weeks)
    return lambda day: not weeks.isdisjoint(week_of(day, rule.week_start)[:2])


def _year_day_filter(rule: Rule, _: str) -> Filter:
    named = set(rule.year_days)

    def passes(day: date) -> bool:
        number = day.timetuple().tm_yday
        return number in named or number - length_of_year(day.year) - 1 in named

    return passes


def _month_day_filter(rule: Rule, _: str) -> Filter:
    named = set(rule.month_days)
    return lambda day: day.day in named or day.day - length_of_month(day.year, day.month) - 1 in named


def _month_filter(rule: Rule, _: str) -> Filter:
    named = set(rule.months)
    return lambda day: day.month in named


def start_of_week(day: date, week_start: int) -> date:
    """Return the first day of the week that contains a day."""
    return day - timedelta(days=(day.weekday() - week_start) % 7)


@lru_cache(maxsize=256)
def _week_one(year: int, week_start: int) -> date:
    """Return the first day of the first week that has at least four days in a year."""
    return start_of_week(date(year, 1, 4), week_start)


def week_of(day: date, week_start: int) -> tuple[int, int, int]:
    """Return the number of the week of a day, the number from the end (-1 is the last), and the week's year.

    Example: 1 January 2027 is in week 53, or -1, of 2026.
    """
    year = day.year
    if day < _week_one(year, week_start):
        year -= 1
    elif day >= _week_one(year + 1, week_start):
        year += 1
    first = _week_one(year, week_start)
    number = (day - first).days // 7 + 1
    return number, number - (_week_one(year + 1, week_start) - first).days // 7 - 1, year


def length_of_month(year: int, month: int) -> int:
    """Return the number of days in a month."""
    return monthrange(year, month)[1]


def length_of_year(year: int) -> int:
    """Return the number of days in a year."""
    return (date(year, 12, 31) - date(year, 1, 1)).days + 1


# By the field of a rule. The second argument is the period in which numbered weekdays count.
FILTERS: dict[str, Callable[[Rule, str], Filter]] = {
    "months": _month_filter,
    "month_days": _month_day_filter,
    "year_days": _year_day_filter,
    "weeks": _week_filter,
    "weekdays": _weekday_filter,
}
