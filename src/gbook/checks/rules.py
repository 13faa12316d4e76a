"""Recurrence rules that other programs read otherwise than gbook."""

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

# A rule of a year shows each of its instances.
DAYS_AHEAD = 366


def check_rules(contents: Contents, now: int) -> Iterator[Finding]:
    """Find series of a calendar that a common library expands otherwise in the year from `now` on."""
    for path, event in contents.events:
        for line in event.lines.get("RRULE", ()):
            if event.is_series and (reason := _disputed(event, line.value, now)):
                message = (
                    f"{subject(event)}: {reason}; gbook follows RFC 5545, but other programs may show the "
                    "series on other days: write the rule without BYSETPOS, BYWEEKNO, BYYEARDAY or mixed "
                    "weekdays if you can"
                )
                yield warning("disputed_rule", message, path, event.line)


def _disputed(event: Event, text: str, now: int) -> str | None:
    """Return where a rule is read in two ways, in words."""
    low = local(now, event.start.zone).replace(tzinfo=None)
    try:
        rule = read_rule(text, event.start, [])
        if is_read_alike(rule):
            return None
        wall = first_difference(text, rule, event.start, (low, low + timedelta(days=DAYS_AHEAD)))
    except (Unreadable, TooManyOccurrences):
        # The reader warns of both.
        return None
    except ValueError as error:
        return f"the library recurring-ical-events finds that its rule {error}"
    return f"its rule is read in two ways, for the first time on {_day(wall)}" if wall else None


def _day(wall: datetime) -> str:
    return f"{wall.day} {wall:%B %Y}"
