"""A second implementation of series, slow and literal: every date of every start is judged by itself.

It shares no code with the engine. An account that takes a date has a meeting there, which the rules for a
single slot then know of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from support import oracle
from support.oracle import Hours, Item, Meeting, World

from gbook.timeutil.repeats import Repeat
from gbook.timeutil.zones import find_zone

__all__ = ["Start", "all_starts", "series_slots"]

FREQUENCIES: dict[str, Literal[1, 2, 3]] = {"daily": DAILY, "weekly": WEEKLY, "monthly": MONTHLY}


@dataclass(frozen=True)
class Start:
    """A start of the first date, the starts of all dates, and who is free for each."""

    start: int
    dates: tuple[int, ...]
    free: tuple[frozenset[str], ...]


def series_slots(world: World, repeat: Repeat, starts: Sequence[Start], *, skip_busy: bool) -> list[Item]:
    """Return those of `all_starts` that the same accounts can take on all dates, or on the first one."""
    found = []
    for start in starts:
        kept = [who for position, who in enumerate(start.free) if position not in repeat.skipped]
        free = start.free[0] if skip_busy else frozenset.intersection(*kept)
        end = start.start + world.profile.duration_minutes * 60
        if item := oracle._item(start.start, end, set(free), world):
            found.append(item)
    return found


def all_starts(world: World, repeat: Repeat) -> list[Start]:
    """Return every slot of the first date, whether or not somebody is free."""
    profile = world.profile
    low, high = oracle.window(world)
    duration = profile.duration_minutes * 60
    hours = list(oracle._working_hours(profile.work_hours, world.zone, low, high, profile))
    judge = _Judge(world, repeat)
    return [
        judge.judged(start)
        for start in oracle._walk(hours, low, high - duration)
        if oracle._is_start(start, hours, profile) and oracle._is_inside(start, start + duration, hours)
    ]


class _Judge:
    """Judges the dates of a series; hours are computed once for each day."""

    def __init__(self, world: World, repeat: Repeat) -> None:
        self.world = world
        self.repeat = repeat
        self.duration = world.profile.duration_minutes * 60
        self.hours: dict[int, tuple[list[Hours], dict[str, list[Hours]]]] = {}

    def judged(self, start: int) -> Start:
        """Judge each date of a series that begins at `start`."""
        dates = tuple(_dates(start, self.world.zone, self.repeat))
        taken: dict[str, tuple[Meeting, ...]] = dict.fromkeys(self.world.people, ())
        free: list[frozenset[str]] = []
        for position, begins in enumerate(dates):
            # The event would begin at the first of two equal wall clocks.
            possible = position != 0 or begins == start
            who = frozenset[str]()
            if possible and position not in self.repeat.skipped and self.is_slot(begins):
                who = frozenset(name for name in taken if self.is_free(name, begins, taken[name]))
            for name in who:
                taken[name] += (_meeting(name, begins, begins + self.duration, self.world),)
            free.append(who)
        return Start(start, dates, tuple(free))

    def is_slot(self, start: int) -> bool:
        """Return whether a date is within the hours, on a step of them, and ends before the profile does."""
        profile, end = self.world.profile, start + self.duration
        if profile.end_time and end > datetime.fromisoformat(profile.end_time).timestamp():
            return False
        hours, _ = self.hours_near(start)
        return oracle._is_start(start, hours, profile) and oracle._is_inside(start, end, hours)

    def is_free(self, name: str, start: int, taken: tuple[Meeting, ...]) -> bool:
        """Return whether an account can take a date beside those that it has taken already."""
        world = replace(self.world, meetings=(*self.world.meetings, *taken))
        return oracle._is_free(name, start, start + self.duration, world, self.hours_near(start)[1])

    def hours_near(self, start: int) -> tuple[list[Hours], dict[str, list[Hours]]]:
        """Return the hours of the profile and those of accounts, near the day of a start."""
        day = start // 86_400
        if day not in self.hours:
            self.hours[day] = self.hours_of(day * 86_400, (day + 1) * 86_400 + self.duration)
        return self.hours[day]

    def hours_of(self, low: int, high: int) -> tuple[list[Hours], dict[str, list[Hours]]]:
        """Return the hours around a window."""
        profile, zone = self.world.profile, self.world.zone
        own = {
            name: list(
                oracle._working_hours(person.hours, person.hours.timezone or person.zone or zone, low, high)
            )
            for name, person in self.world.people.items()
            if person.hours is not None
        }
        return list(oracle._working_hours(profile.work_hours, zone, low, high, profile)), own


def _dates(start: int, zone: str, repeat: Repeat) -> Iterator[int]:
    """Yield the start of every date: the days of dateutil, at the time of `start` by the clock."""
    wall = datetime.fromtimestamp(start, find_zone(zone)).replace(tzinfo=None, fold=0)
    rule = rrule(FREQUENCIES[repeat.frequency], wall, interval=repeat.interval, count=repeat.count)
    return (_instant(day, zone) for day in rule)


def _instant(wall: datetime, zone: str) -> int:
    """Return the first instant at which a clock shows a time; in a gap, the offset before it counts."""
    asked = (wall - oracle.EPOCH) // timedelta(seconds=1)
    minute, rest = asked - asked % 60, asked % 60
    days = [oracle._clock(zone, wall.date() + timedelta(days=offset)) for offset in range(-2, 3)]
    if shown := [instant for clock in days for instant in clock.get(minute, ())]:
        return min(shown) + rest
    before, its_wall = max(
        (max(at), shows) for clock in days for shows, at in clock.items() if shows < minute
    )
    return before + asked - its_wall


def _meeting(name: str, start: int, end: int, world: World) -> Meeting:
    """Return a date as a meeting, which stands in a calendar that gbook writes."""
    writer = next((other for other, person in world.people.items() if not person.is_mailed), name)
    return Meeting(start, end, world.profile.name, (name,), (writer,))
