"""A second implementation of the rank of slots, slow and literal, which shares nothing with gbook.

It looks at every minute around a slot, and compares a slot with every stretch of hours around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Hours", "Human", "Scene", "Wish", "best_first", "cost"]

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
# Minutes of a day at which something begins and ends; an end before its start is on the next day.
Hours = tuple[tuple[int, int], ...]
Part = tuple[str, int, str | None]


@dataclass(frozen=True)
class Wish:
    """What an account or a profile prefers."""

    hours: Hours = ()
    days: tuple[str, ...] = ()
    adjacent: bool | None = None


@dataclass(frozen=True)
class Human:
    """An account: its zone, busy minutes `[start, end)`, own hours, wish, and whether it is a room."""

    zone: str
    busy: tuple[tuple[int, int], ...] = ()
    hours: Hours | None = None
    wish: Wish | None = None
    is_room: bool = False


@dataclass(frozen=True)
class Scene:
    """All that a rank depends on. Times are minutes since 1970; the buffers too are minutes."""

    zone: str
    hours: Hours
    people: Mapping[str, Human]
    length: int
    before: int = 0
    after: int = 0
    wish: Wish | None = None
    optional: tuple[str, ...] = ()
    around: date = field(default=date(2026, 1, 1))


def best_first(scene: Scene, slots: Mapping[int, tuple[Sequence[str], Sequence[str]]]) -> list[int]:
    """Return the starts of slots in rank order; each has the accounts that meet and the optional ones."""
    keys = {}
    for start, (chosen, optional) in slots.items():
        parts, together = cost(scene, start, chosen, optional)
        keys[start] = (sum(minutes for _, minutes, _ in parts), together, start)
    return sorted(slots, key=keys.__getitem__)


def cost(scene: Scene, start: int, chosen: Sequence[str], optional: Sequence[str]) -> tuple[list[Part], int]:
    """Return all parts of the cost of a slot, and how far people of several zones are from their hours."""
    parts: list[Part] = []
    end, together = start + scene.length, 0
    humans = [name for name in chosen if not scene.people[name].is_room]
    clocks = {_clock(start, scene.people[name].zone).utcoffset() for name in humans}
    if len(clocks) > 1:
        far = {
            name: _outside(start, end, _suiting(scene.people[name]), scene.people[name].zone)
            for name in humans
        }
        together, worst = sum(far.values()), max(far.values())
        if worst:
            parts.append(("zone", worst * len(humans), next(name for name in humans if far[name] == worst)))
    if scene.wish is not None:
        parts += _wished(start, end, scene.wish, scene.zone, None)
    for name in chosen:
        person = scene.people[name]
        wish = person.wish or Wish()
        if len(clocks) > 1 and not person.is_room:
            wish = Wish((), wish.days, wish.adjacent)
        parts += _wished(start, end, wish, person.zone, name)
        parts += _shape(scene, start, end, name)
    parts += [("without", 30, name) for name in scene.optional if name not in {*chosen, *optional}]
    return parts, together


def _suiting(person: Human) -> Hours:
    return person.wish.hours if person.wish and person.wish.hours else ((9 * 60, 17 * 60),)


def _wished(start: int, end: int, wish: Wish, zone: str, name: str | None) -> Iterator[Part]:
    if wish.hours and (minutes := _outside(start, end, wish.hours, zone)):
        yield "hours", minutes, name
    if wish.days and DAYS[_clock(start, zone).weekday()] not in wish.days:
        yield "day", 480, name


def _outside(start: int, end: int, hours: Hours, zone: str) -> int:
    """Return the fewest minutes by which a meeting begins before and ends after some stretch of hours."""
    return min(max(0, first - start) + max(0, end - last) for first, last in _stretches(start, hours, zone))


def _shape(scene: Scene, start: int, end: int, name: str) -> Iterator[Part]:
    person = scene.people[name]
    own = person.wish.adjacent if person.wish else None
    if person.is_room and own is None:
        return
    adjacent = scene.wish.adjacent if own is None and scene.wish else own
    meetings = _free_around(scene, start, end, person, only_meetings=True).count(0)
    if adjacent is False:
        if meetings:
            yield "touching", 30 * meetings, name
        return
    if adjacent is True and not meetings:
        yield "apart", 60, name
    before, after = _free_around(scene, start, end, person)
    if before >= 30 and after >= 30:
        yield "split", 30, name
    else:
        lost = sum(minutes for minutes in (before, after) if minutes < 30)
        if lost:
            yield "gap", lost, name


def _free_around(
    scene: Scene, start: int, end: int, person: Human, *, only_meetings: bool = False
) -> tuple[int, int]:
    """Return the free minutes before and after a slot with its buffers, counted one by one up to a day."""
    zone = person.zone if person.hours is not None else scene.zone
    stretches = _stretches(start, scene.hours if person.hours is None else person.hours, zone)

    def is_free(minute: int) -> bool:
        if any(low <= minute < high for low, high in person.busy):
            return False
        return only_meetings or any(low <= minute < high for low, high in stretches)

    # The buffers may reach beyond the hours, and into no meeting.
    before = after = 0
    minute = start - 1
    while minute >= start - scene.before - 1440 and is_free(minute):
        minute -= 1
        before += 1
    minute = end
    while minute < end + scene.after + 1440 and is_free(minute):
        minute += 1
        after += 1
    return max(0, before - scene.before), max(0, after - scene.after)


def _stretches(around: int, hours: Hours, zone: str) -> list[tuple[int, int]]:
    """Return the hours of the days around a minute, those that touch or overlap as one."""
    found = []
    day = _clock(around, zone).date() - timedelta(days=3)
    for _ in range(7):
        for first, last in hours:
            end_day = day if last > first else day + timedelta(days=1)
            found.append((_minute(day, first, zone), _minute(end_day, last, zone)))
        day += timedelta(days=1)
    joined: list[tuple[int, int]] = []
    for low, high in sorted(found):
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return joined


def _minute(day: date, minute: int, zone: str) -> int:
    wall = datetime.combine(day, time(minute // 60 % 24, minute % 60), ZoneInfo(zone))
    return int((wall + timedelta(days=minute // 1440)).timestamp()) // 60


def _clock(minute: int, zone: str) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC).astimezone(ZoneInfo(zone))
