"""The instances of a series (RFC 5545 §3.8.5): rule, dates, exceptions, overrides.

recurring-ical-events gives the starts of a rule, always as wall clocks without a zone: what happens around a
change of the clocks is decided here, when a start becomes an instant. Exceptions and overrides are matched by
instant, so that one written in another zone, or in UTC, names the instance that it means.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from hashlib import blake2b
from typing import NamedTuple

from gbook.calendars.events import Event
from gbook.calendars.rules import SETTING_OUT, Rule, Walk
from gbook.calendars.times import Extent, Stamp, Zones, read_stamps
from gbook.instants import DAY, local

__all__ = ["Occurrence", "Overrides", "occurrences"]


class Occurrence(NamedTuple):
    """One instance: `[start, end)` in instants, and the VEVENT that describes it."""

    start: int
    end: int
    event: Event


class Overrides:
    """The overrides of one UID, made ready once for all the series that have it."""

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
        # What RANGE=THISANDFUTURE (§3.2.13) changes, by the instance from which on it does.
        futures.sort(key=lambda future: future[0])
        self.futures = [event for _, event in futures]
        self._from = [instant for instant, _ in futures]
        self.reach = max(map(_reach, self.futures), default=0)
        # What tells them from others: their bytes.
        self.digest = hashed.digest()

    def has(self, stamp: Stamp, *, whole_days: bool) -> bool:
        """Whether one of them replaces the instance at `stamp`, in a series of whole days or of times."""
        day = stamp.wall.date()
        if whole_days:
            return day in self.days
        return day in self.dates or (bool(self.instants) and stamp.instant in self.instants)

    def change_at(self, instant: int) -> Event | None:
        """The event that describes this instance and those after it, if any does."""
        before = bisect_right(self._from, instant)
        return self.futures[before - 1] if before else None


def occurrences(master: Event, overrides: Overrides, zones: Zones, walk: Walk) -> Iterator[Occurrence]:
    """The instances of a series in the window, less those that are excepted or overridden.

    An override is an event of its own, not one of them; RANGE=THISANDFUTURE changes those after it.
    Raises Dense, and ValueError where the rule or a date cannot be read.
    """
    walk.spend(SETTING_OUT)
    excepted = _Exceptions(master, overrides, zones, walk)
    reach = max(_reach(master), overrides.reach)
    seen = set()
    for stamp, period in _starts(master, zones, walk, reach):
        if (key := (stamp.wall, stamp.wall.fold)) in seen or excepted.has(stamp):
            continue
        seen.add(key)
        event, moved = _as_changed(master, overrides, stamp)
        extent = event.extent if period is None else period
        start = moved.instant
        end = extent if isinstance(extent, int) else extent.end(moved) if extent else start
        if start < walk.high and end > walk.low:
            yield Occurrence(start, end, event)


def _reach(event: Event) -> int:
    """How many seconds before or after its start by the rule an instance may still be going on."""
    extent = event.extent or Extent(0, 0)
    moved = abs(event.start.instant - event.recurrence_id.instant) if event.recurrence_id else 0
    return extent.days * DAY + extent.seconds + moved + 2 * DAY


def _as_changed(master: Event, overrides: Overrides, stamp: Stamp) -> tuple[Event, Stamp]:
    """The event that describes the instance at `stamp`, and where RANGE=THISANDFUTURE (§3.2.13) moved it."""
    change = overrides.change_at(stamp.instant) if overrides.futures else None
    if change is None or change.recurrence_id is None:
        return master, stamp
    shift = change.start.in_zone(stamp.zone) - change.recurrence_id.in_zone(stamp.zone)
    return change, stamp._replace(wall=stamp.wall + shift, is_date=change.start.is_date)


class _Exceptions:
    """The instances that EXDATE takes out or an override replaces; a DATE stands for that day's instance."""

    def __init__(self, master: Event, overrides: Overrides, zones: Zones, walk: Walk) -> None:
        self.instants: set[int] = set()
        self.days: set[date] = set()
        self.overrides = overrides
        self.whole_days = master.start.is_date
        for stamp, _ in _dates(master, "EXDATE", zones, walk):
            if stamp.is_date or self.whole_days:
                self.days.add(stamp.wall.date())
            else:
                self.instants.add(stamp.instant)

    def has(self, stamp: Stamp) -> bool:
        if stamp.wall.date() in self.days or (self.instants and stamp.instant in self.instants):
            return True
        return self.overrides.has(stamp, whole_days=self.whole_days)


def _starts(
    master: Event, zones: Zones, walk: Walk, reach: int
) -> Iterator[tuple[Stamp, int | Extent | None]]:
    """The starts that a series has by its rule and dates within `reach` seconds of the window.

    With each comes the end that an RDATE period gives it.
    """
    start = master.start
    yield start, None
    for stamp, end in _dates(master, "RDATE", zones, walk):
        yield Stamp(stamp.in_zone(start.zone), start.zone, start.is_date), end
    low, high = (_wall(edge, start.zone) for edge in (walk.low - reach, walk.high + reach))
    for line in master.lines.get("RRULE", ()):
        rule = Rule.parse(line.value, start)
        for wall in rule.walls(start.wall, (low, high), reach, walk):
            stamp = start._replace(wall=wall)
            if rule.until is None or stamp.instant <= rule.until:
                yield stamp, None


def _dates(master: Event, name: str, zones: Zones, walk: Walk) -> Iterator[tuple[Stamp, int | Extent | None]]:
    """The times of RDATE or EXDATE. One that cannot be read is a fault of the series and hides no other."""
    for line in master.lines.get(name, ()):
        values = line.value.split(",")
        walk.spend(len(values))
        for value in values:
            try:
                yield from read_stamps(line._replace(value=value), zones)
            except (ValueError, OverflowError) as error:
                master.faults.append(f"{name} {error}")


def _wall(instant: int, zone: tzinfo) -> datetime:
    """The wall clock at an instant, kept where dateutil can count."""
    bounded = min(max(instant, -62_000_000_000), 253_000_000_000)
    return local(bounded, zone).replace(tzinfo=None)
