"""Published availability: VAVAILABILITY components (RFC 7953), which close the time that they leave out.

Each covers the time from its DTSTART to its end. Within it, only its AVAILABLE components are open. Here, too
much open time is the unsafe mistake: an AVAILABLE that cannot be read is not open.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gbook.calendars.busy.cached import Diagnostic, Policy
from gbook.calendars.busy.events import Event, read_event
from gbook.calendars.busy.recurrence import Expansion, Overrides, in_series
from gbook.calendars.ics.content_lines import Line, read_lines
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import NominalDuration, Zones, read_date_times, read_duration
from gbook.calendars.rules.budget import ExpansionBudget, TooManyOccurrences
from gbook.calendars.rules.rule import Unreadable, read_rule
from gbook.calendars.rules.stepper import gives_start
from gbook.engine.intervals import Interval, Intervals

__all__ = ["closed_time"]

# The order of PRIORITY from the lowest: 0, or none, is below 9, and 1 is the highest (§3.1).
LOWEST = 10


class _Published(NamedTuple):
    """A VAVAILABILITY in a window: the time that it covers, and the part of that time that it closes."""

    priority: int
    covered: Intervals
    closed: Intervals


def closed_time(
    parts: Sequence[tuple[Component, Zones]], budget: ExpansionBudget, policy: Policy
) -> tuple[Intervals, list[Diagnostic]]:
    """Return the time in the window of `budget` that VAVAILABILITY components close, and their faults.

    A higher PRIORITY covers a lower one; of those with the same priority, each closes what it leaves out.
    """
    diagnostics: list[Diagnostic] = []
    published = []
    for part, zones in parts:
        availability, faults = _read(part, zones, budget, policy)
        published.append(availability)
        diagnostics += (Diagnostic("malformed_event", f"availability {fault}", part.line) for fault in faults)
    closed = Intervals()
    for priority in sorted({availability.priority for availability in published}, reverse=True):
        same = [availability for availability in published if availability.priority == priority]
        covered = Intervals(interval for availability in same for interval in availability.covered)
        uncovered = covered.gaps(budget.low, budget.high)
        left = [interval for low, high in uncovered for interval in closed.clip(low, high)]
        closed = Intervals([*left, *(interval for availability in same for interval in availability.closed)])
    return closed, diagnostics


def _read(
    part: Component, zones: Zones, budget: ExpansionBudget, policy: Policy
) -> tuple[_Published, list[str]]:
    lines = read_lines(re.sub(_AVAILABLE, b"", part.content), _NAMES, part.line)
    faults = [part.broken] if part.broken else []
    start, end = _bounds(lines, zones, budget, faults)
    closed = Intervals()
    if start < end and not (policy.tentative == "free" and _value(lines, "BUSYTYPE") == "BUSY-TENTATIVE"):
        closed = Intervals(_open_time(part, zones, budget, faults)).gaps(start, end)
    priority = _value(lines, "PRIORITY")
    rank = int(priority) if priority in _PRIORITIES else LOWEST
    return _Published(rank, Intervals([(start, end)]), closed), faults


def _value(lines: dict[str, list[Line]], name: str) -> str:
    return lines[name][0].value.strip().upper() if name in lines else ""


def _bounds(
    lines: dict[str, list[Line]], zones: Zones, budget: ExpansionBudget, faults: list[str]
) -> Interval:
    """Return the part of the window that it covers: all of it if it has no readable times."""
    low, high = budget.low, budget.high
    try:
        if "DTSTART" in lines:
            start = read_date_times(lines["DTSTART"][0], zones)[0][0]
            low = start.instant
            if "DURATION" in lines:
                high = read_duration(lines["DURATION"][0].value).end(start)
        if "DTEND" in lines:
            high = read_date_times(lines["DTEND"][0], zones)[0][0].instant
    except (ValueError, OverflowError) as error:
        faults.append(f"has a time that cannot be read ({error}): it closes all that it leaves out")
        return budget.low, budget.high
    return max(low, budget.low), min(high, budget.high)


def _open_time(
    part: Component, zones: Zones, budget: ExpansionBudget, faults: list[str]
) -> Iterator[Interval]:
    """Yield the time that AVAILABLE components open. One with a fault opens none, nor do those of its UID."""
    events: defaultdict[str, list[Event]] = defaultdict(list)
    for number, match in enumerate(re.finditer(_AVAILABLE, part.content)):
        line = part.line + part.content.count(b"\n", 0, match.start())
        event = read_event(part._replace(content=match[0], line=line, broken=None), zones, _AS_IT_IS)
        events[event.uid or str(number)].append(event)
    for same in events.values():
        intervals, wrong = _instances(same, zones, budget)
        faults.extend(f"has an AVAILABLE that is not counted: {fault}" for fault in wrong[:1])
        if not wrong:
            yield from intervals


def _instances(
    events: Sequence[Event], zones: Zones, budget: ExpansionBudget
) -> tuple[list[Interval], list[str]]:
    """Return the instances of AVAILABLE components with one UID, and what is wrong with them."""
    if faults := [fault for event in events for fault in event.faults]:
        return [], faults
    masters = [event for event in events if event.recurrence_id is None]
    start = masters[0].start if masters else None
    changes = [in_series(event, start) for event in events if event.recurrence_id is not None]
    intervals: list[Interval] = []
    for master in masters:
        expansion = Expansion(master, Overrides(changes), zones, budget)
        try:
            given = _is_given(master)
            intervals += ((low, high) for low, high, _ in expansion if given or low != master.start.instant)
        except (TooManyOccurrences, Unreadable) as error:
            faults.append(str(error))
        faults += expansion.faults
    for event in changes:
        extent = event.extent or NominalDuration(0, 0)
        intervals.append((event.start.instant, extent.end(event.start)))
    return intervals, faults


def _is_given(master: Event) -> bool:
    """Return whether the rule of a series gives its start too.

    An event always blocks at its DTSTART. But a DTSTART on a Sunday with a rule for Monday to Friday does not
    open that Sunday.
    """
    rules = [read_rule(line.value, master.start)[0] for line in master.lines.get("RRULE", ())]
    return not rules or any(gives_start(rule, master.start.wall) for rule in rules)


# Compiled at the first use.
_AVAILABLE = rb"(?is)\nBEGIN:AVAILABLE[ \t]*(?=\n).*?\nEND:AVAILABLE[ \t]*(?=\n|\Z)"
_NAMES = frozenset({"DTSTART", "DTEND", "DURATION", "BUSYTYPE", "PRIORITY"})
_PRIORITIES = frozenset("123456789")
_AS_IT_IS = Policy(travel="free")
