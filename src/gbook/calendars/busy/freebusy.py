"""Published free/busy time: VFREEBUSY components (RFC 5545 §3.6.4), which can stand for a member's calendar.

A component says nothing about the time outside its DTSTART and DTEND. In a file without events, that time
counts as busy: nothing is free unless a file says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gbook.calendars.busy.cached import Diagnostic, Policy
from gbook.calendars.ics.content_lines import read_lines
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import IcsDateTime, NominalDuration, Zones, read_date_times
from gbook.engine.intervals import Interval, Intervals
from gbook.timeutil.instants import format_instant

__all__ = ["busy_periods", "holds_events", "uncovered"]


def busy_periods(part: Component, zones: Zones, policy: Policy) -> tuple[list[Interval], list[Diagnostic]]:
    """Return the periods of a VFREEBUSY that are not FBTYPE=FREE (§3.2.9), and those that cannot be read."""
    free = {"FREE"} | ({"BUSY-TENTATIVE"} if policy.tentative == "free" else set())
    periods: list[Interval] = []
    diagnostics: list[Diagnostic] = []
    for line in read_lines(part.content, {"FREEBUSY"}, part.line).get("FREEBUSY", ()):
        if line.parameters.get("FBTYPE", "BUSY").upper() in free:
            continue
        for text in line.value.split(","):
            try:
                periods += map(_interval, read_date_times(line._replace(value=text), zones))
            except (ValueError, OverflowError) as error:
                diagnostics.append(Diagnostic("malformed_event", f"FREEBUSY {error}", part.line))
    return periods, diagnostics


def _interval(period: tuple[IcsDateTime, int | NominalDuration | None]) -> Interval:
    start, end = period
    return start.instant, end.end(start) if isinstance(end, NominalDuration) else end or start.instant


def uncovered(
    parts: Sequence[tuple[Component, Zones]], low: int, high: int
) -> tuple[Intervals, list[Diagnostic]]:
    """Return the time in `[low, high)` that no component covers, and a warning if there is some.

    A component without bounds covers all time.
    """
    covered: list[Interval] = []
    for part, zones in parts:
        lines = read_lines(part.content, {"DTSTART", "DTEND"}, part.line)
        try:
            (start, _), *_ = read_date_times(lines["DTSTART"][0], zones)
            (end, _), *_ = read_date_times(lines["DTEND"][0], zones)
        except (KeyError, ValueError, OverflowError):
            return Intervals(), []
        covered.append((start.instant, end.instant))
    gaps = Intervals(covered).gaps(low, high)
    if not gaps:
        return gaps, []
    first, last = min(covered)[0], max(end for _, end in covered)
    message = (
        f"this free/busy calendar covers only {format_instant(first)} to {format_instant(last)}; "
        "all other time counts as busy"
    )
    return gaps, [Diagnostic("freebusy_ends", message, parts[0][0].line)]


def holds_events(data: bytes) -> bool:
    """Return whether a file has events, near the window or not."""
    return bool(_EVENT.search(data))


_EVENT = re.compile(rb"\nBEGIN:VEVENT", re.IGNORECASE)
