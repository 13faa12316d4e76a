"""The dates of gbook's own series: one VEVENT with a rule (RFC 5545 §3.8.5), each date a booking.

Each date has an OwnBooking of its own, so that limits count it, and a date that was cancelled or moved frees
its time. A series that is endless, or was changed in a way that gbook never writes, blocks as any series.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from itertools import islice

import msgspec

from gbook.calendars.busy.events import OF_SERIES, Event, read_event
from gbook.calendars.busy.file_zones import FileZones
from gbook.calendars.busy.recurrence import Expansion, Occurrence, Overrides, in_series
from gbook.calendars.ics.content_lines import Line
from gbook.calendars.ics.frames import Enclosing
from gbook.calendars.ics.gbook_properties import NAMES, PROFILE
from gbook.calendars.ics.ownership import own_lines
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import IcsDateTime, NominalDuration, Zones
from gbook.calendars.rules.budget import ExpansionBudget, TooManyOccurrences
from gbook.calendars.rules.rule import Unreadable, read_rule
from gbook.calendars.zones.timezones import CalendarZones
from gbook.timeutil.instants import ALL_TIME, local
from gbook.timeutil.repeats import MAX_DATES
from gbook.timeutil.zones import find_zone

__all__ = ["read_own_dates", "with_own_dates"]


def read_own_dates(components: Sequence[bytes], zone: str) -> list[Event] | None:
    """Return the dates of the VEVENTs of one UID, by original start; None for anything but a plain series.

    `zone` is the IANA name of the zone of times without one.
    """
    fallback = find_zone(zone)
    zones = CalendarZones(fallback, lambda name, stated: stated or fallback)
    events = [
        read_event(Component("VEVENT", own_lines(component), 1, None, Enclosing()), zones)
        for component in components
    ]
    master = next((event for event in events if event.recurrence_id is None and event.is_series), None)
    if master is None or any(event.faults for event in events):
        return None
    changes = [in_series(event, master.start) for event in events if event.recurrence_id is not None]
    return _dates(master, changes, zones)


def with_own_dates(events: Sequence[Event], zones: FileZones) -> Sequence[Event]:
    """Return the events of a file, with an event for each date instead of gbook's own series."""
    dates: dict[str, list[Event]] = {}
    for master in [event for event in events if event.is_ours and event.is_series]:
        changes = [event for event in events if event.uid == master.uid and event.recurrence_id is not None]
        if (own := _dates(master, changes, zones.of(master.calendar))) is not None:
            dates.setdefault(master.uid, []).extend(own)
    if not dates:
        return events
    others = [event for event in events if event.uid not in dates]
    return [*others, *(date for own in dates.values() for date in own)]


def _dates(master: Event, changes: Sequence[Event], zones: Zones) -> list[Event] | None:
    """Return each date of a series as an event of its own, by original start; None for any other series."""
    if not _is_plain(master, changes):
        return None
    expansion = Expansion(master, Overrides(changes), zones, ExpansionBudget(*ALL_TIME))
    try:
        occurrences = list(islice(expansion, MAX_DATES + 1))
    except (TooManyOccurrences, Unreadable):
        return None
    if expansion.faults or len(occurrences) + len(changes) > MAX_DATES:
        return None
    newest = _newest_sequence([master, *changes])
    dates = [_instance(occurrence, newest) for occurrence in occurrences]
    dates += (_override(change, master, newest) for change in changes)
    return sorted(dates, key=lambda date: date.original or 0)


def _is_plain(master: Event, changes: Sequence[Event]) -> bool:
    """Return whether a series ends, has times, and each change is of one date only."""
    ends = all(_ends(line, master.start) for line in master.lines.get("RRULE", ()))
    return (
        ends
        and not master.start.is_date
        and master.has_day
        and not any(change.this_and_future or change.is_series for change in changes)
    )


def _ends(line: Line, start: IcsDateTime) -> bool:
    try:
        rule, faults = read_rule(line.value, start)
    except Unreadable:
        return False
    return not faults and (rule.total is not None or rule.until is not None)


def _newest_sequence(events: Sequence[Event]) -> list[Line]:
    """Return the SEQUENCE of the newest of these VEVENTs: that of the whole series in this calendar."""
    numbered = [event for event in events if "SEQUENCE" in event.lines]
    return max(numbered, key=lambda event: event.sequence or 0).lines["SEQUENCE"] if numbered else []


def _instance(occurrence: Occurrence, sequence: list[Line]) -> Event:
    """Return the event of an instance that the rule gives."""
    master = occurrence.event
    start = occurrence.start + master.travel
    return msgspec.structs.replace(
        master,
        start=_at(start, master.start.zone),
        extent=NominalDuration(0, occurrence.end - start),
        lines=_own_lines(master, sequence),
        master=master,
        original=start,
    )


def _at(instant: int, zone: tzinfo) -> IcsDateTime:
    return IcsDateTime(local(instant, zone).replace(tzinfo=None), zone)


def _override(change: Event, master: Event, sequence: list[Line]) -> Event:
    """Return the event of a date that was changed; what gbook wrote about the series applies to it too."""
    assert change.recurrence_id is not None
    lines = _own_lines(change, sequence)
    if PROFILE not in lines:
        lines = {**lines, **{name: master.lines[name] for name in NAMES if name in master.lines}}
    return msgspec.structs.replace(
        change,
        lines=lines,
        recurrence_id=None,
        master=master,
        original=change.recurrence_id.instant,
    )


def _own_lines(event: Event, sequence: list[Line]) -> dict[str, list[Line]]:
    """Return the lines of an event without those of a series, and with the SEQUENCE of the series."""
    lines = {name: same for name, same in event.lines.items() if name not in OF_SERIES}
    return {**lines, "SEQUENCE": sequence} if sequence else lines
