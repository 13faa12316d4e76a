"""Rules whose instances are always the same time apart on the wall clock: most rules are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gbook.calendars.rules.rule import Rule

__all__ = ["Spend", "even_step", "evenly"]

# Called with the number of steps that an expansion takes; it may raise an exception to end the expansion.
Spend = Callable[[float], None]


def even_step(rule: Rule, start: datetime) -> timedelta | None:
    """Return the time between two instances of a rule if it is always the same, else None.

    Example: 14 days for FREQ=WEEKLY;INTERVAL=2;BYDAY=MO that starts on a Monday.
    """
    if rule.frequency not in _UNITS or _names_parts(rule):
        return None
    if rule.weekdays and (
        rule.frequency != "WEEKLY" or {day for _, day in rule.weekdays} != {start.weekday()}
    ):
        return None
    return timedelta(seconds=min(_UNITS[rule.frequency] * rule.interval, _LONGEST))


def _names_parts(rule: Rule) -> bool:
    """Return whether a rule has a part that selects days or times, weekdays not counted."""
    days = rule.months or rule.weeks or rule.year_days or rule.month_days
    return bool(days or rule.hours or rule.minutes or rule.seconds or rule.positions)


def evenly(
    rule: Rule, start: datetime, step: timedelta, window: tuple[datetime, datetime], spend: Spend
) -> Iterator[datetime]:
    """Yield the instances after `start`, each `step` after the last, that are in a half-open window."""
    # Floor division of the negated difference rounds up.
    first, end = (max(1, -((start - edge) // step)) for edge in window)
    if rule.total is not None:
        end = min(end, rule.total)
    spend(max(0, end - first))
    for number in range(first, end):
        yield start + number * step


_UNITS = {"WEEKLY": 7 * 86_400, "DAILY": 86_400, "HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
# More seconds than there are between the years 1 and 9999.
_LONGEST = 400_000_000_000
