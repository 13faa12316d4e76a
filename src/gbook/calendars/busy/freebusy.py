"""Published free/busy time: VFREEBUSY components (RFC 5545 §3.6.4), which can stand for a member's calendar.

A component says nothing about the time outside its DTSTART and DTEND. In a file without events, that time
counts as busy: nothing is free unless a file says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gbook.calendars.busy.cached import Diagnostic, Policy
from gbook.calendars.ics.content_lines import Line, read_lines
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import IcsDateTime, NominalDuration, Zones, read_date_times
from gbook.engine.intervals import Interval, Intervals
from gbook.timeutil.instants import START_OF_TIME, format_instant

__all__ = ["busy_periods", "holds_events", "of_owner", "uncovered"]


def of_owner(parts: Sequence[tuple[Component, Zones]], email: str) -> list[tuple[Component, Zones]]:
    """Return the components that publish the time of an address: all of them if none names it.

    One file may have the time of a whole team. The owner is the ORGANIZER of what is published, and the
    ATTENDEE of a reply (RFC 5546 §3.3.1, §3.3.3). Components without an owner are anybody's.
    """
    address = email.casefold()
    owners = [_owner(part) for part, _ in parts]
    if not address or address not in owners:
        return list(parts)
    return [part for part, owner in zip(parts, owners, strict=True) if owner in ("", address)]


def _owner(part: Component) -> str:
    """Return the address of the owner in lower case, or an empty string."""
    lines = read_lines(part.content, {"ORGANIZER", "ATTENDEE"}, part.line)
    named = lines.get("ATTENDEE") or lines.get("ORGANIZER") or []
    return named[0].value.strip().casefold().removeprefix("mailto:") if len(named) == 1 else ""


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

    A component without bounds covers all time. The time before the first one needs no warning if it was past
    when the component was made (DTSTAMP).
    """
    covered: list[Interval] = []
    made: list[int] = []
    for part, zones in parts:
        lines = read_lines(part.content, {"DTSTART", "DTEND", "DTSTAMP"}, part.line)
        try:
            (start, _), *_ = read_date_times(lines["DTSTART"][0], zones)
            (end, _), *_ = read_date_times(lines["DTEND"][0], zones)
        except (KeyError, ValueError, OverflowError):
            return Intervals(), []
        covered.append((start.instant, end.instant))
        made.append(_made(lines, zones))
    gaps = Intervals(covered).gaps(low, high)
    if not gaps:
        return gaps, []
    first, last = min(covered)[0], max(end for _, end in covered)
    message = (
        f"this free/busy calendar covers only {format_instant(first)} to {format_instant(last)}; "
        "all other time counts as busy"
    )
    known = (START_OF_TIME if first <= max(made) else first, last)
    is_whole = len(Intervals(covered)) == 1
    return gaps, [Diagnostic("freebusy_ends", message, parts[0][0].line, known if is_whole else None)]


def _made(lines: Mapping[str, list[Line]], zones: Zones) -> int:
    """Return the DTSTAMP of a component as an instant, or START_OF_TIME."""
    try:
        return next(iter(read_date_times(lines["DTSTAMP"][0], zones)))[0].instant
    except (KeyError, StopIteration, ValueError, OverflowError):
        return START_OF_TIME


def holds_events(data: bytes) -> bool:
    """Return whether a file has events, near the window or not."""
    return bool(_EVENT.search(data))


_EVENT = re.compile(rb"\nBEGIN:VEVENT", re.IGNORECASE)
