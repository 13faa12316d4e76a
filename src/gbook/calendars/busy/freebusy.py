"""Published free/busy time: VFREEBUSY components (RFC 5545 §3.6.4), which can stand for a member's calendar.

They tell nothing of what lies outside their DTSTART and DTEND, and nothing is taken for free that nobody has
called free: where a file holds nothing else, the time that it does not cover is busy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gbook.calendars.busy.cached import Diagnostic, Policy
from gbook.calendars.ics.content_lines import Line, read_lines
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import IcsDateTime, NominalDuration, Zones, read_date_times
from gbook.engine.intervals import Interval, Intervals
from gbook.timeutil.instants import format_instant

__all__ = ["busy_periods", "holds_events", "uncovered"]


def busy_periods(
    part: Component, zones: Zones, policy: Policy, notes: list[Diagnostic]
) -> Iterator[Interval]:
    """The periods that are not FBTYPE=FREE (§3.2.9). What cannot be read goes into `notes`."""
    free = {"FREE"} | ({"BUSY-TENTATIVE"} if policy.tentative == "free" else set())
    for line in read_lines(part.content, {"FREEBUSY"}, part.line).get("FREEBUSY", ()):
        if line.parameters.get("FBTYPE", "BUSY").upper() not in free:
            for start, end in _periods(line, part, zones, notes):
                yield (
                    start.instant,
                    end.end(start) if isinstance(end, NominalDuration) else end or start.instant,
                )


def uncovered(
    parts: Sequence[tuple[Component, Zones]], low: int, high: int, notes: list[Diagnostic]
) -> Iterator[Interval]:
    """What of `[low, high)` none of the components tells anything about; nothing where one has no bounds."""
    covered: list[Interval] = []
    for part, zones in parts:
        lines = read_lines(part.content, {"DTSTART", "DTEND"}, part.line)
        try:
            (start, _), *_ = read_date_times(lines["DTSTART"][0], zones)
            (end, _), *_ = read_date_times(lines["DTEND"][0], zones)
        except (KeyError, ValueError, OverflowError):
            return
        covered.append((start.instant, end.instant))
    gaps = Intervals(covered).gaps(low, high)
    if gaps:
        first, last = min(covered)[0], max(span[1] for span in covered)
        told = f"tells only of {format_instant(first)} to {format_instant(last)}: the rest is taken for busy"
        notes.append(Diagnostic("freebusy_ends", f"this free/busy calendar {told}", parts[0][0].line))
    yield from gaps


def holds_events(data: bytes) -> bool:
    """Whether there are events in a file, near the window or not."""
    return bool(_EVENT.search(data))


def _periods(
    line: Line, part: Component, zones: Zones, notes: list[Diagnostic]
) -> Iterator[tuple[IcsDateTime, int | NominalDuration | None]]:
    """The periods of a line, less those that cannot be read."""
    for period in line.value.split(","):
        try:
            yield from read_date_times(line._replace(value=period), zones)
        except (ValueError, OverflowError) as error:
            notes.append(Diagnostic("malformed_event", f"FREEBUSY {error}", part.line))


_EVENT = re.compile(rb"\nBEGIN:VEVENT", re.IGNORECASE)
