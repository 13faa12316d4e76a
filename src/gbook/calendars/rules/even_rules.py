"""Rules whose instances are always the same time apart on the wall clock: most rules that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gbook.calendars.rules.rule import Rule

__all__ = ["Spend", "even_step", "evenly"]

# Takes the number of steps of a walk; it may raise an exception to end the walk.
Spend = Callable[[float], None]


def even_step(rule: Rule, start: datetime) -> timedelta | None:
    """Return the time between two instances of a rule, where it is always the same."""
    if rule.frequency not in _UNITS or _names_parts(rule):
        return None
    if rule.weekdays and (
        rule.frequency != "WEEKLY" or {day for _, day in rule.weekdays} != {start.weekday()}
    ):
        return None
    return timedelta(seconds=min(_UNITS[rule.frequency] * rule.interval, _LONGEST))


def _names_parts(rule: Rule) -> bool:
    """Whether a rule has a part that chooses days or times, but for weekdays."""
    days = rule.months or rule.weeks or rule.year_days or rule.month_days
    return bool(days or rule.hours or rule.minutes or rule.seconds or rule.positions)


def evenly(
    rule: Rule, start: datetime, step: timedelta, window: tuple[datetime, datetime], spend: Spend
) -> Iterator[datetime]:
    """Yield the instances after `start` that are `step` apart, as far as they are in a half-open window."""
    # Negated, a division that rounds down rounds up.
    first, end = (max(1, -((start - edge) // step)) for edge in window)
    if rule.total is not None:
        end = min(end, rule.total)
    spend(max(0, end - first))
    for number in range(first, end):
        yield start + number * step


_UNITS = {"WEEKLY": 7 * 86_400, "DAILY": 86_400, "HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
# Some more seconds than the calendar has.
_LONGEST = 400_000_000_000
