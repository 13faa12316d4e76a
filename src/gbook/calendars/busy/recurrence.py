"""The instances of a series (RFC 5545 §3.8.5): rule, dates, exceptions, overrides.

A rule gives starts as wall clocks without a zone. This module converts them to instants, and so decides about
changes of the clocks. Exceptions and overrides are compared as instants: they may be written in another zone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from gbook.calendars.busy.events import Event
from gbook.calendars.ics.content_lines import Line
from gbook.calendars.ics.values import IcsDateTime, NominalDuration, Zones, read_date_times, read_day, zone_of
from gbook.calendars.rules.budget import (
    SETUP_COST,
    ExpansionBudget,
    Reach,
    TooManyOccurrences,
    excepted,
    instances,
)
from gbook.calendars.rules.rule import Unreadable, read_rule
from gbook.timeutil.instants import DAY, END_OF_TIME, START_OF_TIME, local

__all__ = ["Expansion", "Occurrence", "Overrides", "in_series", "reach_of"]


# The start of an instance, and the end that an RDATE period gives it.
Start = tuple[IcsDateTime, int | NominalDuration | None]


class Occurrence(NamedTuple):
    """One instance: `[start, end)` in instants, and the VEVENT that describes it."""

    start: int
    end: int
    event: Event


class Overrides:
    """The overrides of one UID, prepared once for all series that have it."""

    def __init__(self, events: Sequence[Event]) -> None:
        hashed = blake2b(digest_size=16)
        self.days: set[date] = set()
        self.dates: set[date] = set()
        self.instants: set[int] = set()
        futures: list[tuple[int, Event]] = []
        for event in events:
            hashed.update(event.content)
            if (named := event.recurrence_id) is not None:
                self.days.add(named.wall.date())
                if named.is_date:
                    self.dates.add(named.wall.date())
                else:
                    self.instants.add(named.instant)
                if event.this_and_future:
                    futures.append((named.instant, event))
        # Overrides with RANGE=THISANDFUTURE (§3.2.13), by the first instance that they change.
        futures.sort(key=lambda future: future[0])
        self.futures = [event for _, event in futures]
        self._from = [instant for instant, _ in futures]
        self.reach = max(map(reach_of, self.futures), default=0)
        # A digest of their bytes.
        self.digest = hashed.digest()

    def has(self, date_time: IcsDateTime, *, whole_days: bool) -> bool:
        """Return whether one of them replaces the instance at `date_time` of a series (of `whole_days`)."""
        day = date_time.wall.date()
        if whole_days:
            return day in self.days
        return day in self.dates or (bool(self.instants) and date_time.instant in self.instants)

    def change_at(self, instant: int) -> Event | None:
        """Return the event that describes this instance and those after it, if there is one."""
        before = bisect_right(self._from, instant)
        return self.futures[before - 1] if before else None


class Expansion:
    """The instances of a series in the window of `budget`, without those that are excepted or overridden.

    Iterate it once; `faults` is complete then. An override is an event of its own, not one of the instances;
    RANGE=THISANDFUTURE changes those after it.
    The iteration raises TooManyOccurrences, and Unreadable if a rule or an RDATE cannot be read.
    """

    def __init__(self, master: Event, overrides: Overrides, zones: Zones, budget: ExpansionBudget) -> None:
        self.master = master
        self.overrides = overrides
        self.budget = budget
        self.faults: list[str] = []
        self._zones = zones

    @cached_property
    def zones(self) -> Zones:
        """The zones of dates. A time without one is in that of its series (§3.3.5), not of the calendar."""
        zones = copy(self._zones)
        zones.fallback = self.master.start.zone
        return zones

    def __iter__(self) -> Iterator[Occurrence]:
        master, overrides, budget = self.master, self.overrides, self.budget
        budget.spend(SETUP_COST)
        reach = _window(master, overrides, budget)
        exceptions = self._exceptions(reach)
        # Most series have none.
        has_exceptions = bool(exceptions)
        for date_time, period in _unique(self._starts(reach), master):
            if has_exceptions and exceptions.has(date_time):
                continue
            event, moved = (
                _as_changed(master, overrides, date_time) if overrides.futures else (master, date_time)
            )
            extent = event.extent if period is None else period
            start = moved.instant
            if isinstance(extent, NominalDuration):
                end = extent.end(moved) if extent.days else start + extent.seconds
            else:
                end = start if extent is None else extent
            if start - event.travel < budget.high and end > budget.low:
                yield Occurrence(start - event.travel, end, event)

    def _starts(self, reach: Reach) -> Iterator[Start]:
        """Yield the starts that the rules and dates of the series give within reach.

        With each comes the end that an RDATE period gives it.
        """
        start = self.master.start
        yield start, None
        for line in self.master.lines.get("RDATE", ()):
            for value in _values(line, self.budget):
                yield from self._added(value)
        for line in self.master.lines.get("RRULE", ()):
            rule, faults = read_rule(line.value, start)
            self.faults += faults
            for date_time in instances(rule, start, reach, self.budget):
                yield date_time, None

    def _added(self, value: Line) -> Iterator[Start]:
        """Yield the starts that a value of RDATE adds; the whole day if only that can be read.

        Raises Unreadable.
        """
        start = self.master.start
        try:
            times = read_date_times(value, self.zones)
        except (ValueError, OverflowError) as error:
            if (day := read_day(value.value)) is None:
                raise Unreadable(f"RDATE {error}", None) from error
            self.faults.append(f"RDATE {error}: that day is taken as busy")
            yield self._whole_day(day, value)
            return
        for date_time, end in times:
            ends = end.end(date_time) if isinstance(end, NominalDuration) else end
            if ends is not None and ends < date_time.instant:
                self.faults.append(
                    "RDATE has a period that ends before it starts: it is as long as the others"
                )
                yield _as_start(date_time, start), None
            else:
                yield _as_start(date_time, start), end

    def _whole_day(self, day: datetime, value: Line) -> Start:
        """Return a day, and after it the time that an instance lasts."""
        in_utc = value.value.strip()[-1:] in "Zz"
        extent = self.master.extent or NominalDuration(0, 0)
        date_time = IcsDateTime(day, UTC if in_utc else zone_of(value, self.zones))
        return date_time, NominalDuration(1 + extent.days, extent.seconds)

    def _exceptions(self, reach: Reach) -> _Exceptions:
        """Return the instances that EXDATE, EXRULE or an override takes out.

        A value that cannot be read takes nothing out: the series is only busier, which is safe.
        """
        exceptions = _Exceptions(self.master.start, self.overrides)
        for line in self.master.lines.get("EXDATE", ()):
            for value in _values(line, self.budget):
                try:
                    exceptions.add(date_time for date_time, _ in read_date_times(value, self.zones))
                except (ValueError, OverflowError) as error:
                    self.faults.append(f"EXDATE {error}")
        for line in self.master.lines.get("EXRULE", ()):
            try:
                rule, faults = read_rule(line.value, self.master.start)
                if not faults:
                    # All of them or none: the rule may turn out to be too dense.
                    exceptions.add([*excepted(rule, self.master.start, reach, self.budget)])
            except (Unreadable, TooManyOccurrences) as error:
                faults = [str(error)]
            self.faults += [f"EXRULE takes nothing out: {fault}" for fault in faults]
        return exceptions


def _unique(starts: Iterator[Start], master: Event) -> Iterator[Start]:
    """Yield each start once, and all periods: of two instances with the same start, the longer one counts."""
    if "RDATE" not in master.lines and len(master.lines.get("RRULE", ())) < 2:
        # A single rule gives no start twice.
        yield from starts
        return
    seen = set()
    for date_time, period in starts:
        if (key := (date_time.wall, date_time.wall.fold)) not in seen or period is not None:
            seen.add(key)
            yield date_time, period


def _window(master: Event, overrides: Overrides, budget: ExpansionBudget) -> Reach:
    """Return the wall clocks at which an instance that touches the window may begin."""
    seconds = max(reach_of(master), overrides.reach)
    low, high = (_wall(edge, master.start.zone) for edge in (budget.low - seconds, budget.high + seconds))
    return Reach(low, high, seconds)


def reach_of(event: Event) -> int:
    """Return how many seconds before or after its start by the rule an instance may take time."""
    extent = event.extent or NominalDuration(0, 0)
    moved = abs(event.start.instant - event.recurrence_id.instant) if event.recurrence_id else 0
    return extent.days * DAY + extent.seconds + moved + event.travel + 2 * DAY


def _as_changed(master: Event, overrides: Overrides, date_time: IcsDateTime) -> tuple[Event, IcsDateTime]:
    """Return the event that describes the instance at `date_time`, and its start as RANGE moves it."""
    change = overrides.change_at(date_time.instant)
    if change is None or change.recurrence_id is None:
        return master, date_time
    shift = change.start.in_zone(date_time.zone) - change.recurrence_id.in_zone(date_time.zone)
    return change, date_time._replace(wall=date_time.wall + shift, is_date=change.start.is_date)


class _Exceptions:
    """The instances of a series that are taken out or replaced; a DATE is the instance of that day."""

    def __init__(self, start: IcsDateTime, overrides: Overrides) -> None:
        self.start = start
        self.overrides = overrides
        self.instants: set[int] = set()
        self.days: set[date] = set()

    def __bool__(self) -> bool:
        return bool(self.instants or self.days or self.overrides.days)

    def add(self, date_times: Iterable[IcsDateTime]) -> None:
        """Take the instances at these times out."""
        for date_time in date_times:
            if date_time.is_date or self.start.is_date:
                self.days.add(_day_of(date_time, self.start))
            else:
                self.instants.add(date_time.instant)

    def has(self, date_time: IcsDateTime) -> bool:
        """Return whether an instance is taken out or replaced."""
        if date_time.wall.date() in self.days or (self.instants and date_time.instant in self.instants):
            return True
        return self.overrides.has(date_time, whole_days=self.start.is_date)


def _day_of(date_time: IcsDateTime, start: IcsDateTime) -> date:
    """Return the day in the series of `start` that a date or time names (of a time in UTC, the local day)."""
    return (date_time.in_zone(start.zone) if date_time.zone is UTC else date_time.wall).date()


def in_series(event: Event, start: IcsDateTime | None) -> Event:
    """Return an override with its RECURRENCE-ID in the form of its series, which starts at `start`.

    A floating one is of the zone of the series; in a series of whole days it is a day. Other events stay.
    """
    named = event.recurrence_id
    if named is None or start is None or not event.names_instance:
        return event
    line = event.lines["RECURRENCE-ID"][0]
    if start.is_date and not named.is_date:
        named = start._replace(wall=datetime.combine(_day_of(named, start), start.wall.time()))
    elif named.zone is not UTC and "TZID" not in line.parameters:
        named = named._replace(zone=start.zone)
    return msgspec.structs.replace(event, recurrence_id=named)


def _as_start(date_time: IcsDateTime, start: IcsDateTime) -> IcsDateTime:
    """Return the instance that an RDATE names in a series that starts at `start`.

    A date adds that day's instance, at the time of the series; a series of whole days has whole days only.
    """
    if start.is_date or date_time.is_date:
        return start._replace(wall=datetime.combine(_day_of(date_time, start), start.wall.time()))
    return IcsDateTime(date_time.in_zone(start.zone), start.zone)


def _values(line: Line, budget: ExpansionBudget) -> Iterator[Line]:
    """Return the values of a list, without blank ones. One that cannot be read does not hide the others."""
    values = line.value.split(",")
    budget.spend(len(values))
    return (line._replace(value=value) for value in values if value.strip())


def _wall(instant: int, zone: tzinfo) -> datetime:
    """Return the wall clock at an instant, within Python's calendar."""
    bounded = min(max(instant, START_OF_TIME), END_OF_TIME)
    return local(bounded, zone).replace(tzinfo=None)
