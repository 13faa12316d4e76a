"""Expand a recurrence rule on the wall clock (RFC 5545 §3.3.10), period by period.

A period is a year, month or week of the rule; for all other frequencies it is a day. Each period has
candidate days, the filters of the rule remove some, and each remaining day gets the times of the rule.
Periods before the window are skipped by arithmetic, so an old series costs no more than a new one.
docs/explanation/recurrence-rules.md works through an example.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product

from gbook.calendars.rules.even_rules import Spend, even_step, evenly
from gbook.calendars.rules.numbered_days import (
    ALL_DAYS,
    FILTERS,
    days_of_month,
    days_of_weekdays,
    days_of_weeks,
    indices,
    length_of_month,
    length_of_year,
    start_of_week,
    week_of,
)
from gbook.calendars.rules.rule import Rule

__all__ = ["expand", "gives_start"]


def expand(
    rule: Rule, start: datetime, window: tuple[datetime, datetime], spend: Spend
) -> Iterator[datetime]:
    """Yield the wall clocks after `start` that a rule gives in a half-open window, in order.

    `start` itself is the first instance that COUNT counts. The caller applies UNTIL: it knows the zone.
    `spend` gets the number of steps taken; it may raise an exception to end the expansion.
    Example: FREQ=MONTHLY;BYDAY=-1FR from Friday 2026-11-27 09:00, in the window of 2027: 2027-01-29 09:00,
    2027-02-26 09:00, and so on.
    """
    low, high = window
    if (step := even_step(rule, start)) is not None:
        yield from evenly(rule, start, step, window, spend)
        return
    periods = _periods(rule, start)
    index, left = periods.skip_to(low)
    last = start
    while left > 0 and (period := periods.period(index)) is not None and period - _WEEK < high.date():
        index += 1
        days = periods.candidates(period)
        spend(1 + len(days) / 4)
        for wall in periods.instances(
            [day for day in days if periods.passes(day)] if periods.filters else days
        ):
            spend(1)
            # BYSETPOS counts candidates before DTSTART too, but they are not instances.
            if wall <= last:
                continue
            if wall >= high or left <= 0:
                return
            left -= 1
            last = wall
            if wall >= low:
                yield wall


def gives_start(rule: Rule, start: datetime) -> bool:
    """Return whether the rule gives `start` too; a series begins with its start in any case.

    Example: FREQ=WEEKLY;BYDAY=MO gives no start on a Sunday.
    """
    return start in _periods(rule, start).walls(0)


def _periods(rule: Rule, start: datetime) -> _Days:
    return _PERIODS.get(rule.frequency, _PartsOfDays)(rule, start)


class _Days:
    """The periods of a DAILY rule, numbered from 0; the subclasses are those of other frequencies."""

    days_long = 1

    def __init__(self, rule: Rule, start: datetime) -> None:
        self.rule = rule
        self.start = start
        self.first = start.date()
        self.filters = [
            FILTERS[name](rule, self.numbered_in) for name in self.filtered(rule) if getattr(rule, name)
        ]
        clocks = product(
            rule.hours or (start.hour,), rule.minutes or (start.minute,), rule.seconds or (start.second,)
        )
        self.times = [time(*clock) for clock in clocks]

    def filtered(self, rule: Rule) -> Sequence[str]:
        """Return the fields of the rule that filter candidates; `candidates` applies all other fields."""
        return ("months", "month_days", "year_days", "weeks", "weekdays")

    @property
    def numbered_in(self) -> str:
        """The period in which numbered weekdays count; empty if §3.3.10 allows no number (it is ignored)."""
        return ""

    def passes(self, day: date) -> bool:
        """Return whether a day passes all filters."""
        return all(passes(day) for passes in self.filters)

    def period(self, index: int) -> date | None:
        """Return the first day of a period; None after the year 9999."""
        days = index * self.rule.interval * self.days_long
        return self.first + timedelta(days=days) if days <= (date.max - self.first).days else None

    def candidates(self, period: date) -> Sequence[date]:
        """Return the days of a period that may pass the filters, in order.

        Example: FREQ=MONTHLY;BYMONTHDAY=1,15 has the 1st and the 15th of each month.
        """
        return (period,)

    def instances(self, days: Sequence[date]) -> Iterator[datetime]:
        """Yield the wall clocks of a period with these days, as BYSETPOS selects them.

        Example: Monday to Friday at 9:00 with BYSETPOS=-1 gives the last of these days at 9:00.
        """
        if self.rule.positions:
            length = len(self.times)
            for index in indices(self.rule.positions, len(days) * length):
                yield datetime.combine(days[index // length], self.times[index % length])
        else:
            for day in days:
                for clock in self.times:
                    yield datetime.combine(day, clock)

    def skip_to(self, low: datetime) -> tuple[int, float]:
        """Return the period to begin with, and how many instances COUNT leaves from there on.

        No period before it has an instance at or after `low`. Example: FREQ=DAILY;BYHOUR=9;COUNT=100 from
        1 January 9:00 with `low` on 1 March: period 59; 59 instances are before it, 41 are left.
        """
        index = self.index_near(low)
        if self.rule.total is None:
            return index, float("inf")
        counted = self.counted_before(index) if index > 1 else None
        return (0, self.rule.total - 1) if counted is None else (index, self.rule.total - 1 - counted)

    def index_near(self, low: datetime) -> int:
        return max(0, (low.date() - self.first).days // (self.days_long * self.rule.interval))

    def counted_before(self, index: int) -> int | None:
        """Return the number of instances from `start` to a period; None if they must be expanded."""
        if self.filters:
            return None
        return self._counted_evenly(index)

    def _counted_evenly(self, index: int) -> int:
        """Count the instances before a period if every period has the same number of them."""
        first, second = (self.walls(period) for period in (0, 1))
        return sum(wall > self.start for wall in first) + len(second) * (index - 1)

    def walls(self, index: int) -> list[datetime]:
        """Return the wall clocks of one period, including those before `start`."""
        period = self.period(index)
        assert period is not None, "there is a later one"
        return list(self.instances([day for day in self.candidates(period) if self.passes(day)]))


class _Weeks(_Days):
    days_long = 7

    def __init__(self, rule: Rule, start: datetime) -> None:
        super().__init__(rule, start)
        self.first = start_of_week(self.first, rule.week_start)
        named = rule.weekdays or rule.month_days or rule.year_days or rule.weeks
        self.offsets = range(7) if named else [(start.date() - self.first).days]

    def candidates(self, period: date) -> Sequence[date]:
        return [period + timedelta(days=offset) for offset in self.offsets]

    def counted_before(self, index: int) -> int | None:
        rule = self.rule
        uneven = rule.months or rule.month_days or rule.year_days or rule.weeks
        return None if uneven else self._counted_evenly(index)


class _Months(_Days):
    def filtered(self, rule: Rule) -> Sequence[str]:
        # Without numbers of days, weekdays are the candidates.
        return ("year_days", "weeks", "weekdays") if rule.month_days else ("year_days", "weeks")

    @property
    def numbered_in(self) -> str:
        return "month"

    def period(self, index: int) -> date | None:
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + index * self.rule.interval, 12)
        return date(year, month + 1, 1) if year <= date.max.year else None

    def candidates(self, period: date) -> Sequence[date]:
        rule = self.rule
        if rule.months and period.month not in rule.months:
            return ()
        if rule.weekdays and not rule.month_days:
            return days_of_weekdays(period, length_of_month(period.year, period.month), rule.weekdays)
        days = rule.month_days or (ALL_DAYS if rule.year_days or rule.weeks else (self.first.day,))
        return days_of_month(period.year, period.month, days, rule.skip)

    def index_near(self, low: datetime) -> int:
        months = (low.year - self.first.year) * 12 + low.month - self.first.month
        # SKIP=FORWARD takes a day into the next month.
        return max(0, months // self.rule.interval - 1)

    def counted_before(self, index: int) -> int | None:
        rule = self.rule
        if rule.year_days or rule.weeks or (rule.months and rule.frequency == "MONTHLY"):
            return None
        if rule.weekdays:
            # Any month has four of each weekday, but the first one may be the fourth from the end, or not.
            numbers = () if rule.month_days else [number for number, _ in rule.weekdays]
            return self._counted_evenly(index) if _are_alike(numbers, 4) else None
        return self._counted_evenly(index) if _are_alike(rule.month_days or (self.first.day,), 28) else None


class _Years(_Months):
    def __init__(self, rule: Rule, start: datetime) -> None:
        if rule.weeks and not (rule.weekdays or rule.month_days or rule.year_days):
            # The weekday is then that of DTSTART.
            rule = rule._replace(weekdays=((0, start.weekday()),))
        super().__init__(rule, start)
        # The days of a week belong to the year that numbers it, which need not be that of the calendar.
        self.year = week_of(self.first, rule.week_start)[2] if rule.weeks else self.first.year

    def filtered(self, rule: Rule) -> Sequence[str]:
        if rule.weeks:
            return ("months", "month_days", "year_days", "weekdays")
        if rule.year_days:
            return ("months", "month_days", "weekdays")
        return ("weekdays",) if rule.month_days else ()

    @property
    def numbered_in(self) -> str:
        if self.rule.weeks:
            return ""
        return "month" if self.rule.months else "year"

    def period(self, index: int) -> date | None:
        year = self.year + index * self.rule.interval
        return date(year, 1, 1) if year <= date.max.year else None

    def candidates(self, period: date) -> Sequence[date]:
        rule, year = self.rule, period.year
        if rule.weeks:
            return days_of_weeks(year, rule.weeks, rule.week_start)
        if rule.year_days:
            length = length_of_year(year)
            return [period + timedelta(days=index) for index in indices(rule.year_days, length)]
        if rule.weekdays and not rule.month_days:
            intervals = [(date(year, month, 1), length_of_month(year, month)) for month in rule.months]
            intervals = intervals or [(period, length_of_year(year))]
            return [
                day for first, length in intervals for day in days_of_weekdays(first, length, rule.weekdays)
            ]
        days = rule.month_days or (self.first.day,)
        months = rule.months or (range(1, 13) if rule.month_days else (self.first.month,))
        chosen = [day for month in months for day in days_of_month(year, month, days, rule.skip)]
        return chosen if rule.skip == "OMIT" else sorted(set(chosen))

    def index_near(self, low: datetime) -> int:
        # The first and the last days of a year may be in a week of the year before or after.
        return max(0, (low.year - self.year) // self.rule.interval - 1)


class _PartsOfDays(_Days):
    """The days of an HOURLY, MINUTELY or SECONDLY rule; each day is one period with many times."""

    def __init__(self, rule: Rule, start: datetime) -> None:
        super().__init__(rule._replace(interval=1), start)
        self.interval = rule.interval
        self.times = []

    def instances(self, days: Sequence[date]) -> Iterator[datetime]:
        for day in days:
            for clocks in self._sets(day):
                chosen = clocks
                if self.rule.positions:
                    chosen = [clocks[index] for index in indices(self.rule.positions, len(clocks))]
                for clock in chosen:
                    yield datetime.combine(day, clock)

    def _sets(self, day: date) -> Iterator[list[time]]:
        """Yield the times of each hour, minute or second of a day that the rule reaches.

        Example: FREQ=HOURLY;INTERVAL=5 from 9:00 reaches 9:00, 14:00 and 19:00, and 0:00 on the next day.
        """
        rule, start = self.rule, self.start
        hours = (day - self.first).days * 24 - start.hour
        seconds = rule.seconds or (start.second,)
        if rule.frequency == "HOURLY":
            minutes = rule.minutes or (start.minute,)
            for hour in self._aligned(hours, 24, rule.hours):
                yield [time(hour, minute, second) for minute in minutes for second in seconds]
            return
        for hour in rule.hours or range(24):
            past = (hours + hour) * 60 - start.minute
            if rule.frequency == "MINUTELY":
                for minute in self._aligned(past, 60, rule.minutes):
                    yield [time(hour, minute, second) for second in seconds]
                continue
            for minute in rule.minutes or range(60):
                for second in self._aligned((past + minute) * 60 - start.second, 60, rule.seconds):
                    yield [time(hour, minute, second)]

    def _aligned(self, past: int, size: int, named: Sequence[int]) -> Sequence[int]:
        """Return the numbers below `size` that the rule reaches, and names if it names any.

        `past` units have passed since the start. Example: 3, 10, … for an interval of 7, 60 units past.
        """
        if self.interval == 1 and named:
            return named
        reached = range(-past % self.interval, size, self.interval)
        return [unit for unit in named if unit in reached] if named else reached

    def counted_before(self, index: int) -> int | None:
        return None


def _are_alike(numbers: Sequence[int], highest: int) -> bool:
    """Return whether all numbers count from the same end and none exceeds `highest`."""
    return any(all(0 < sign * number <= highest for number in numbers) for sign in (1, -1)) and bool(numbers)


_WEEK = timedelta(days=7)
_PERIODS = {"YEARLY": _Years, "MONTHLY": _Months, "WEEKLY": _Weeks, "DAILY": _Days}
