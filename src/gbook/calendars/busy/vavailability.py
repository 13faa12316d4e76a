"""Published availability: VAVAILABILITY components (RFC 7953), which close what they leave out.

Each covers the time from its DTSTART to its end. Inside it, only what its AVAILABLE components give is open.
Here it is the open time that must not be too much: what of it cannot be read is not open.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gbook.calendars.busy.cached import Diagnostic, Policy
from gbook.calendars.busy.events import Event, read_event
from gbook.calendars.busy.recurrence import Overrides, in_series, occurrences
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
    """A VAVAILABILITY in a window: what it covers, and what of that it closes."""

    priority: int
    covered: Intervals
    closed: Intervals


def closed_time(
    parts: Sequence[tuple[Component, Zones]], walk: ExpansionBudget, policy: Policy, notes: list[Diagnostic]
) -> Intervals:
    """Return what of the window of `walk` VAVAILABILITY components close.

    A higher PRIORITY covers a lower one; of those with the same priority each closes what it leaves out.
    What cannot be read goes into `notes`.
    """
    published = [_read(part, zones, walk, policy, notes) for part, zones in parts]
    closed = Intervals()
    for priority in sorted({one.priority for one in published}, reverse=True):
        same = [one for one in published if one.priority == priority]
        covered = Intervals(span for one in same for span in one.covered)
        uncovered = covered.gaps(walk.low, walk.high)
        left = [span for low, high in uncovered for span in closed.clip(low, high)]
        closed = Intervals([*left, *(span for one in same for span in one.closed)])
    return closed


def _read(
    part: Component, zones: Zones, walk: ExpansionBudget, policy: Policy, notes: list[Diagnostic]
) -> _Published:
    own = _AVAILABLE.sub(b"", part.content)
    lines = read_lines(own, _NAMES, part.line)
    faults = [part.broken] if part.broken else []
    start, end = _bounds(lines, zones, walk, faults)
    covered = Intervals([(start, end)])
    kind = lines["BUSYTYPE"][0].value.strip().upper() if "BUSYTYPE" in lines else ""
    if kind == "BUSY-TENTATIVE" and policy.tentative == "free":
        closed = Intervals()
    else:
        closed = (
            Intervals(_open_time(part, zones, walk, faults)).gaps(start, end) if start < end else Intervals()
        )
    priority = lines["PRIORITY"][0].value.strip() if "PRIORITY" in lines else "0"
    notes.extend(Diagnostic("malformed_event", f"availability {fault}", part.line) for fault in faults)
    return _Published(int(priority) if priority in _PRIORITIES else LOWEST, covered, closed)


def _bounds(lines: dict[str, list[Line]], zones: Zones, walk: ExpansionBudget, faults: list[str]) -> Interval:
    """What it covers of the window; it has no bounds where it has no times, or none that can be read."""
    low, high = walk.low, walk.high
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
        return walk.low, walk.high
    return max(low, walk.low), min(high, walk.high)


def _open_time(part: Component, zones: Zones, walk: ExpansionBudget, faults: list[str]) -> Iterator[Interval]:
    """The time that the AVAILABLE components give. One with a fault gives none, nor do others of its UID."""
    events: defaultdict[str, list[Event]] = defaultdict(list)
    for number, match in enumerate(_AVAILABLE.finditer(part.content)):
        line = part.line + part.content.count(b"\n", 0, match.start())
        event = read_event(part._replace(content=match[0], line=line, broken=None), zones, _AS_IT_IS)
        events[event.uid or str(number)].append(event)
    for same in events.values():
        wrong = [fault for event in same for fault in event.faults]
        found = [] if wrong else list(_instances(same, zones, walk, wrong))
        # Some of it shows only when its rules are walked.
        wrong = wrong or [fault for event in same for fault in event.faults]
        faults.extend(f"has an AVAILABLE that is not counted: {fault}" for fault in wrong[:1])
        if not wrong:
            yield from found


def _instances(
    events: Sequence[Event], zones: Zones, walk: ExpansionBudget, faults: list[str]
) -> Iterator[Interval]:
    masters = [event for event in events if event.recurrence_id is None]
    start = masters[0].start if masters else None
    changes = [in_series(event, start) for event in events if event.recurrence_id is not None]
    try:
        for master in masters:
            given = _is_given(master)
            for low, high, _ in occurrences(master, Overrides(changes), zones, walk):
                if given or low != master.start.instant:
                    yield low, high
    except (TooManyOccurrences, Unreadable) as error:
        faults.append(str(error))
    for event in changes:
        extent = event.extent or NominalDuration(0, 0)
        yield event.start.instant, extent.end(event.start)


def _is_given(master: Event) -> bool:
    """Whether the start of a series is one of its instances by its rule, too.

    An event blocks at its DTSTART in any case; a DTSTART on a Sunday with a rule for Monday to Friday does
    not open that Sunday.
    """
    rules = [read_rule(line.value, master.start, []) for line in master.lines.get("RRULE", ())]
    return not rules or any(gives_start(rule, master.start.wall) for rule in rules)


_AVAILABLE = re.compile(rb"(?is)\nBEGIN:AVAILABLE[ \t]*(?=\n).*?\nEND:AVAILABLE[ \t]*(?=\n|\Z)")
_NAMES = frozenset({"DTSTART", "DTEND", "DURATION", "BUSYTYPE", "PRIORITY"})
_PRIORITIES = frozenset("123456789")
_AS_IT_IS = Policy(travel="free")
