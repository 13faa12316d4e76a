"""What a rule gives in a window, and what it may cost to find out.

A rule that is too dense to walk is refused, as one that cannot be read is: its series blocks from its first
instance on. So is what a file has too much of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

from gbook.calendars.ics.values import IcsDateTime
from gbook.calendars.rules.rule import Rule
from gbook.calendars.rules.stepper import expand, gives_start
from gbook.timeutil.instants import DAY

__all__ = [
    "DENSE",
    "FOREVER",
    "SETUP_COST",
    "ExpansionBudget",
    "Reach",
    "TooManyOccurrences",
    "blocked_until",
    "excepted",
    "instances",
]

# A rule that makes more instances than this in a year (or ever, where it ends) is not walked.
DENSE = 100_000
FOREVER = 253_000_000_000
# All series of a file together may take so many steps; to set out on one costs as much as some of them.
FILE_STEPS = 900_000
SETUP_COST = 25


class TooManyOccurrences(Exception):
    """A rule that is too dense to walk; no instance begins after `until` (an instant)."""

    def __init__(self, until: int | None, what: str = f"repeats more than {DENSE:,} times") -> None:
        super().__init__(f"{what}: it blocks all the time from its start {blocked_until(until)}")
        self.until = until


def blocked_until(until: int | None) -> str:
    """Say how long a series blocks that is not walked."""
    return "for ever" if until is None else "until its end"


class ExpansionBudget:
    """The window `[low, high)` (instants) in which a file's series are walked, and what that may cost."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high
        self.left: float = FILE_STEPS

    def spend(self, steps: float, until: int | None = None) -> None:
        """Take steps with a series that ends at `until`. Raises Dense where none are left."""
        self.left -= steps
        if self.left < 0:
            raise TooManyOccurrences(until, "repeats too often, together with the rest of its file")


class Reach(NamedTuple):
    """The window of wall clocks in which instances are looked for, and how much of it (in seconds) is there
    because instances last so long."""

    low: datetime
    high: datetime
    seconds: int


def instances(rule: Rule, start: IcsDateTime, reach: Reach, walk: ExpansionBudget) -> Iterator[IcsDateTime]:
    """Yield the instances that a rule gives to a series after its start, as far as they are in reach.

    Raises Dense.
    """
    if reach.high <= start.wall:
        return
    _check_density(rule, start, reach.seconds)
    zone, whole_days, until, last = start.zone, start.is_date, rule.until, start.wall
    for wall in expand(rule, last, (reach.low, reach.high), partial(walk.spend, until=until)):
        stamp = IcsDateTime(wall, zone, whole_days)
        if whole_days:
            stamp = IcsDateTime(wall.replace(hour=0, minute=0, second=0), zone, True)
            if stamp.wall == last:
                continue
            last = stamp.wall
        if until is not None and (instant := stamp.instant) > until:
            # Where the clocks go back, a later wall clock may be an earlier instant, but by hours only.
            if instant > until + DAY:
                return
            continue
        yield stamp


def excepted(rule: Rule, start: IcsDateTime, reach: Reach, walk: ExpansionBudget) -> Iterator[IcsDateTime]:
    """Yield the instances that an EXRULE (RFC 2445 §4.8.5.2) takes out, the start of the series among them
    only if the rule gives it. Raises Dense."""
    if gives_start(rule, start.wall):
        yield start
    yield from instances(rule, start, reach, walk)


def _check_density(rule: Rule, start: IcsDateTime, reach: int) -> None:
    """Raise Dense for a rule that makes more than DENSE instances in a year, or in all it has.

    Where instances reach far, those of that time have to be walked too.
    """
    days = 366.0 + 2 * reach / DAY
    if rule.until is not None:
        days = min(days, (rule.until + DAY - start.instant) / DAY)
    if min(_rate(rule) * days, rule.total or FOREVER) > DENSE:
        raise TooManyOccurrences(rule.until)


def _rate(rule: Rule) -> float:
    """How many instances a rule has a day, at most."""
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
