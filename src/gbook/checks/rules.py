"""Checks of recurrence rules: rules that other programs expand differently."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gbook.calendars.busy.events import Event
from gbook.calendars.busy.second_opinion import first_difference, is_read_alike
from gbook.calendars.rules.budget import TooManyOccurrences
from gbook.calendars.rules.rule import Unreadable, read_rule
from gbook.checks.calendars import Contents, subject
from gbook.checks.report import Finding, warning
from gbook.timeutil.instants import local

__all__ = ["check_rules"]

# A yearly rule has an instance in every such period.
DAYS_AHEAD = 366


def check_rules(contents: Contents, now: int) -> Iterator[Finding]:
    """Yield the series that recurring-ical-events expands differently in the year after `now`."""
    for path, event in contents.events:
        for line in event.lines.get("RRULE", ()):
            if event.is_series and (reason := _disputed(event, line.value, now)):
                message = (
                    f"{subject(event)}: {reason}; gbook follows RFC 5545, but other programs may show the "
                    "series on other days: avoid BYSETPOS, BYWEEKNO, BYYEARDAY and mixed weekdays in the "
                    "rule if you can"
                )
                yield warning("disputed_rule", message, path, event.line)


def _disputed(event: Event, text: str, now: int) -> str | None:
    """Return how the two expansions of a rule differ, or None if they agree."""
    low = local(now, event.start.zone).replace(tzinfo=None)
    try:
        rule, _ = read_rule(text, event.start)
        if is_read_alike(rule):
            return None
        wall = first_difference(text, rule, event.start, (low, low + timedelta(days=DAYS_AHEAD)))
    except (Unreadable, TooManyOccurrences):
        # The reader of the calendar reports both.
        return None
    except ValueError as error:
        return f"the library recurring-ical-events reports that its rule {error}"
    return f"its rule can be read in two ways, first different on {_day(wall)}" if wall else None


def _day(wall: datetime) -> str:
    return f"{wall.day} {wall:%B %Y}"
