"""A second implementation of availability, slow and literal, which shares only the models with the engine.

It tests each instant at which a slot may start against each rule as documented, and finds wall clock times
by reading a clock in every minute of some days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from dateutil.relativedelta import relativedelta

from gbook.engine.quorum import Required
from gbook.profiles.model import Group, Profile
from gbook.timeutil.zones import find_zone
from gbook.workspace.work_hours import WorkHours, WorkingInterval

__all__ = ["Item", "Meeting", "Person", "World", "slots", "window"]

EPOCH = datetime(1970, 1, 1)
NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
# Start, end, the free attached accounts, and the groups that can meet with their free accounts.
Item = tuple[int, int, tuple[str, ...], dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Person:
    """An account: when it is busy (instants), its own hours, whether it is a room or invited by mail."""

    busy: tuple[tuple[int, int], ...] = ()
    hours: WorkHours | None = None
    zone: str | None = None
    is_room: bool = False
    is_mailed: bool = False


@dataclass(frozen=True)
class Meeting:
    """A booking: its participants, and the accounts whose calendars have it. Buffers in seconds."""

    start: int
    end: int
    profile: str
    accounts: tuple[str, ...]
    written: tuple[str, ...]
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class World:
    """All inputs of an answer."""

    profile: Profile
    people: Mapping[str, Person]
    now: int
    meetings: tuple[Meeting, ...] = ()
    required: Required = "one"
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    zone: str = field(default="UTC")


@dataclass(frozen=True)
class Hours:
    """Working hours of one day, in instants."""

    start: int
    end: int
    counted_from: int


def slots(world: World) -> list[Item]:
    """Return the slots of a world in order of time."""
    profile = world.profile
    duration = profile.duration_minutes * 60
    low, high = window(world)
    hours = list(_working_hours(profile.work_hours, world.zone, low, high, profile))
    own = {
        name: list(
            _working_hours(person.hours, person.hours.timezone or person.zone or world.zone, low, high)
        )
        for name, person in world.people.items()
        if person.hours is not None
    }
    found = []
    for start in _walk(hours, low, high - duration):
        end = start + duration
        if not (_is_start(start, hours, profile) and _is_inside(start, end, hours)):
            continue
        free = {name for name in world.people if _is_free(name, start, end, world, own)}
        if item := _item(start, end, free, world):
            found.append(item)
    return found


def window(world: World) -> tuple[int, int]:
    """Return the instants between which all slots are."""
    profile = world.profile
    low = [world.now + profile.start_after_minutes * 60, world.low]
    high = [_after(world.now, profile.time_available_for, world.zone), world.high]
    if profile.start_time:
        low.append(int(datetime.fromisoformat(profile.start_time).timestamp()))
    if profile.end_time:
        high.append(int(datetime.fromisoformat(profile.end_time).timestamp()))
    return max(x for x in low if x is not None), min(x for x in high if x is not None)


def _after(now: int, period: str, zone: str) -> int:
    number, unit = int(period[1:-1]), period[-1]
    length = {"M": "months", "W": "weeks", "D": "days"}[unit]
    wall = datetime.fromtimestamp(now, find_zone(zone)) + relativedelta(**{length: number})  # type: ignore[arg-type]
    return int(wall.replace(fold=0).timestamp())


def _walk(hours: list[Hours], low: int, last: int) -> Iterator[int]:
    """Yield every instant in `[low, last]` with the second of the minute of some working hours' start."""
    seconds = {h.counted_from % 60 for h in hours}
    minute = low - low % 60
    while minute <= last:
        yield from (minute + second for second in sorted(seconds) if low <= minute + second <= last)
        minute += 60


def _is_start(start: int, hours: list[Hours], profile: Profile) -> bool:
    """Return whether `start` is a step of the hours; of overlapping hours, those that start last count."""
    holding = [h for h in hours if h.start <= start < h.end]
    if not holding:
        return False
    latest = max(h.start for h in holding)
    return any(
        (start - h.counted_from) % (profile.availability_step * 60) == 0 for h in holding if h.start == latest
    )


def _is_inside(start: int, end: int, hours: list[Hours]) -> bool:
    """Return whether the hours cover all of `[start, end)`."""
    while start < end:
        reached = max((h.end for h in hours if h.start <= start < h.end), default=start)
        if reached == start:
            return False
        start = reached
    return True


def _is_free(name: str, start: int, end: int, world: World, own: Mapping[str, list[Hours]]) -> bool:
    person, profile = world.people[name], world.profile
    before, after = profile.buffer_before_minutes * 60, profile.buffer_between_minutes * 60
    meetings = [m for m in world.meetings if name in m.accounts and _is_ours(m, world)]
    meetings += [m for m in world.meetings if name in m.written and m not in meetings]
    taken = [*person.busy, *((meeting.start, meeting.end) for meeting in meetings)]
    if any(begin < end + after and start - before < until for begin, until in taken):
        return False
    for meeting in meetings:
        is_known = _is_ours(meeting, world) and (name in meeting.accounts or not person.is_mailed)
        same = is_known and meeting.profile == profile.name
        its_before, its_after = (before, after) if same else (meeting.before, meeting.after)
        if start < meeting.end + its_after and meeting.start - its_before < end:
            return False
    if name in own and not _is_inside(start, end, own[name]):
        return False
    if profile.max_bookings_per_day is None:
        return True
    day = _day(start, world.zone)
    booked = [m for m in meetings if m.profile == profile.name and name in m.accounts and _is_ours(m, world)]
    return sum(_day(m.start, world.zone) == day for m in booked) < profile.max_bookings_per_day


def _is_ours(meeting: Meeting, world: World) -> bool:
    """Return whether a booking is of this workspace: a calendar that it writes has it."""
    return not all(world.people[name].is_mailed for name in meeting.written)


def _item(start: int, end: int, free: set[str], world: World) -> Item | None:
    profile, everybody = world.profile, not (world.accounts or world.groups)
    accounts = [a for a in profile.accounts if everybody or a in world.accounts]
    groups = [g for g in profile.groups if everybody or g.ext_id in world.groups]
    able = tuple(a for a in accounts if a in free)
    meeting = {g.ext_id: _of(g, free) for g in groups if _can_meet(g, free)}
    asked = len(accounts) + len(groups)
    if not asked or len(able) + len(meeting) < _number(world.required, asked):
        return None
    present = [world.people[name] for name in (*able, *(a for some in meeting.values() for a in some))]
    if all(person.is_room or person.is_mailed for person in present):
        return None
    return start, end, able, meeting


def _of(group: Group, free: set[str]) -> tuple[str, ...]:
    return tuple(a for a in group.account_ids if a in free)


def _can_meet(group: Group, free: set[str]) -> bool:
    return len(_of(group, free)) >= _number(group.required, len(group.account_ids))


def _number(required: str | int, of: int) -> int:
    return {"one": 1, "all": of}[required] if isinstance(required, str) else required


def _working_hours(
    hours: WorkHours, zone: str, low: int, high: int, profile: Profile | None = None
) -> Iterator[Hours]:
    """Yield the hours of every day around a window."""
    day = _day(low, zone) - timedelta(days=3)
    while day <= _day(high, zone) + timedelta(days=2):
        for working in _hours_of(day, hours, profile):
            first, last = _second(working.start), _second(working.end)
            start = _clock_shows(day, first, zone)[0]
            end = _clock_shows(day, last if last > first else last + 86_400, zone)[1]
            if start < end:
                clock = profile is not None and profile.align == "clock"
                yield Hours(start, end, _clock_shows(day, 0, zone)[0] if clock else start)
        day += timedelta(days=1)


def _hours_of(day: date, hours: WorkHours, profile: Profile | None) -> Iterable[WorkingInterval]:
    found = [
        w for s in hours.day_schedules if s.day_of_week == NAMES[day.weekday()] for w in s.working_intervals
    ]
    for exception in profile.availability_intervals.intervals if profile else ():
        if exception.date_start_inclusive <= day <= exception.date_end_inclusive:
            found = list(exception.hours)
    return found


def _second(text: str) -> int:
    hour, minute, *second = text.rstrip("Z").split(":")
    return int(hour) * 3600 + int(minute) * 60 + int(second[0] if second else 0)


def _day(instant: int, zone: str) -> date:
    return datetime.fromtimestamp(instant, find_zone(zone)).date()


def _clock_shows(day: date, second: int, zone: str) -> tuple[int, int]:
    """Return the first and last instant at which a clock shows `second` seconds after the midnight of a day.

    If it never shows that time, return the first instant at which it shows a later one.
    """
    wall = (datetime(day.year, day.month, day.day) - EPOCH) // timedelta(seconds=1) + second
    minute, rest = wall - wall % 60, wall % 60
    days = [_clock(zone, day + timedelta(days=offset)) for offset in range(-1, 3)]
    if shown := [instant for clock in days for instant in clock.get(minute, ())]:
        return min(shown) + rest, max(shown) + rest
    later = min(min(clock[shows]) for clock in days for shows in clock if shows > wall)
    return later, later


@cache
def _clock(zone: str, day: date) -> dict[int, list[int]]:
    """Return the instants at which a clock shows each minute, for the minutes of one UTC day."""
    shown = defaultdict(list)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for minute in range(24 * 60):
        moment = first + timedelta(minutes=minute)
        wall = moment.astimezone(find_zone(zone)).replace(tzinfo=None)
        shown[(wall - EPOCH) // timedelta(seconds=1)].append(int(moment.timestamp()))
    return shown
