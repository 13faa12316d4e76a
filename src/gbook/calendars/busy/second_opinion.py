"""A second opinion on a recurrence rule: the instances that recurring-ical-events gives it.

gbook expands rules by the table of RFC 5545 §3.3.10. Many programs deviate from it in the rarer parts of a
rule, so people who share a calendar may see a series on other days than gbook blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gbook.calendars.ics.values import IcsDateTime
from gbook.calendars.rules.budget import ExpansionBudget, Reach, instances
from gbook.calendars.rules.rule import Rule
from gbook.timeutil.instants import ALL_TIME

__all__ = ["first_difference", "is_read_alike"]

FOUR_CENTURIES = timedelta(days=146_097)


def is_read_alike(rule: Rule) -> bool:
    """Return whether a rule needs no comparison: all programs are known to read its parts alike.

    A rule with times of the day is not compared either: to expand years of seconds takes too long.
    """
    numbered = {bool(number) for number, _ in rule.weekdays}
    rare = rule.weeks or rule.positions or rule.year_days or len(numbered) > 1
    times = rule.hours or rule.minutes or rule.seconds or rule.frequency in {"HOURLY", "MINUTELY", "SECONDLY"}
    return not rare or bool(times)


def first_difference(
    text: str, rule: Rule, start: IcsDateTime, window: tuple[datetime, datetime]
) -> datetime | None:
    """Return the first wall clock in a half-open window that is an instance for only one of the two.

    `text` is the rule as written, `start` the DTSTART of its series. Raises ValueError for a rule that the
    library cannot read.
    """
    low, high = window
    own = {
        instance.wall for instance in instances(rule, start, Reach(low, high, 0), ExpansionBudget(*ALL_TIME))
    }
    own = {wall for wall in own if low <= wall < high and wall != start.wall}
    theirs = {wall for wall in _library_instances(text, start.wall, window) if _is_within(wall, rule, start)}
    return min(own ^ theirs, default=None)


def _is_within(wall: datetime, rule: Rule, start: IcsDateTime) -> bool:
    """Return whether a wall clock is not DTSTART, which the rule does not decide, and not after UNTIL."""
    if wall == start.wall:
        return False
    return rule.until is None or IcsDateTime(wall, start.zone, start.is_date).instant <= rule.until


def _library_instances(text: str, start: datetime, window: tuple[datetime, datetime]) -> Iterator[datetime]:
    from icalendar import Event, vDDDTypes, vRecur
    from recurring_ical_events import EventAdapter
    from recurring_ical_events.series import Series

    # The library expands a rule without more instances to the year 9999, so the window is moved close to it:
    # the calendar repeats every 400 years, including weekdays and weeks.
    late = FOUR_CENTURIES * ((9998 - window[1].year) // 400)
    parts = [part for part in text.strip().upper().split(";") if not part.startswith("UNTIL=")]
    event = Event()
    event["DTSTART"] = vDDDTypes(start + late)
    try:
        event["RRULE"] = vRecur.from_ical(";".join(parts))
        walls = Series([EventAdapter(event)]).recurrence.rrule_between(window[0] + late, window[1] + late)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise ValueError(f"{text[:60]!r} cannot be read") from error
    yield from (wall - late for wall in walls if window[0] <= wall - late < window[1])
