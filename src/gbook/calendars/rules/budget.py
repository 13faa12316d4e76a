"""The instances of a rule in a window, and a limit to the work of finding them.

A rule that is too dense is not expanded: like a rule that cannot be read, its series blocks from its first
instance on. The same happens to the rest of a file that has used up its budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from math import inf
from typing import NamedTuple

from gbook.calendars.ics.values import IcsDateTime
from gbook.calendars.rules.rule import Rule
from gbook.calendars.rules.stepper import expand, gives_start
from gbook.timeutil.instants import DAY

__all__ = [
    "DENSE",
    "SETUP_COST",
    "ExpansionBudget",
    "Reach",
    "TooManyOccurrences",
    "blocked_until",
    "excepted",
    "instances",
]

# A rule with more instances than this in a year (or in all, if it ends before) is not expanded.
DENSE = 100_000
# The steps that all series of a file may take together, and the steps that each series costs to begin with.
FILE_STEPS = 900_000
SETUP_COST = 25


class TooManyOccurrences(Exception):
    """A rule that is too dense to expand; no instance begins after the instant `until`."""

    def __init__(self, until: int | None, reason: str = f"repeats more than {DENSE:,} times") -> None:
        super().__init__(f"{reason}: it blocks all the time from its start {blocked_until(until)}")
        self.until = until


def blocked_until(until: int | None) -> str:
    """Return, in words, until when a series blocks that is not expanded."""
    return "for ever" if until is None else "until its end"


class ExpansionBudget:
    """The window `[low, high)` (instants) in which a file's series are expanded, and the steps left."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high
        self.left: float = FILE_STEPS

    def spend(self, steps: float, until: int | None = None) -> None:
        """Spend steps on a series that ends at `until`. Raises TooManyOccurrences if none are left."""
        self.left -= steps
        if self.left < 0:
            raise TooManyOccurrences(until, "repeats too often, together with the rest of its file")


class Reach(NamedTuple):
    """The window of wall clocks in which an instance may begin that touches the window of the budget.

    It is `seconds` longer at each end, because an instance lasts for some time.
    """

    low: datetime
    high: datetime
    seconds: int


def instances(rule: Rule, start: IcsDateTime, reach: Reach, budget: ExpansionBudget) -> Iterator[IcsDateTime]:
    """Yield the instances within reach that a rule gives to a series after its start.

    Raises TooManyOccurrences.
    """
    if reach.high <= start.wall:
        return
    _check_density(rule, start, reach.seconds)
    zone, whole_days, until, last = start.zone, start.is_date, rule.until, start.wall
    for wall in expand(rule, last, (reach.low, reach.high), partial(budget.spend, until=until)):
        date_time = IcsDateTime(wall, zone, whole_days)
        if whole_days:
            date_time = IcsDateTime(wall.replace(hour=0, minute=0, second=0), zone, True)
            if date_time.wall == last:
                continue
            last = date_time.wall
        if until is not None and (instant := date_time.instant) > until:
            # When clocks go back, a later wall clock may be an earlier instant, but only by hours.
            if instant > until + DAY:
                return
            continue
        yield date_time


def excepted(rule: Rule, start: IcsDateTime, reach: Reach, budget: ExpansionBudget) -> Iterator[IcsDateTime]:
    """Yield the instances within reach that an EXRULE (RFC 2445 §4.8.5.2) takes out.

    The start of the series is one of them only if the rule gives it. Raises TooManyOccurrences.
    """
    if gives_start(rule, start.wall):
        yield start
    yield from instances(rule, start, reach, budget)


def _check_density(rule: Rule, start: IcsDateTime, reach: int) -> None:
    """Raise TooManyOccurrences for a rule with more than DENSE instances in a year, or in all.

    Instances that last long (`reach` seconds) lengthen the time that has to be expanded.
    """
    days = 366.0 + 2 * reach / DAY
    if rule.until is not None:
        days = min(days, (rule.until + DAY - start.instant) / DAY)
    if min(_rate(rule) * days, rule.total or inf) > DENSE:
        raise TooManyOccurrences(rule.until)


def _rate(rule: Rule) -> float:
    """Return how many instances a rule has in a day, at most.

    Example: FREQ=MINUTELY;INTERVAL=5;BYHOUR=9,10 has 24 (288 in a day, in 2 hours of 24).
    """
    period = _SECONDS[rule.frequency]
    names_days = rule.months or rule.weeks or rule.year_days or rule.month_days or rule.weekdays
    rate = DAY / (min(period, DAY) if names_days else period) / rule.interval
    if rule.frequency == "WEEKLY" and rule.weekdays:
        rate = len(rule.weekdays) / 7 / rule.interval
    for named, unit, size in ((rule.seconds, 1, 60), (rule.minutes, 60, 60), (rule.hours, 3600, 24)):
        if named:
            rate *= len(named) if period > unit else min(1.0, len(named) / size)
    if rule.positions:
        rate = min(rate, len(rule.positions) * DAY / period / rule.interval)
    return rate


_SECONDS = {
    "SECONDLY": 1,
    "MINUTELY": 60,
    "HOURLY": 3600,
    "DAILY": DAY,
    "WEEKLY": 7 * DAY,
    "MONTHLY": 28 * DAY,
    "YEARLY": 365 * DAY,
}
