"""Slots that follow one another as ranges of time, day by day and by the members that are free.

In a range every candidate start is a slot, up to the last one that still fits. So a range says the same as
its slots, one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from gbook.timeutil.instants import at_midnight, local

if TYPE_CHECKING:
    from gbook.engine.intervals import Interval
    from gbook.engine.quorum import Slot

__all__ = ["Attendance", "SlotDay", "attendance", "by_attendance", "by_day", "day_ranges", "ranges"]


class SlotDay(NamedTuple):
    """The slots that start on a day, the first instant of the next day, and the first slot after the day."""

    day: date
    slots: Sequence[Slot]
    end: int
    following: Slot | None


class Attendance(NamedTuple):
    """The free accounts that are attached directly, the groups that can take part, and optional accounts."""

    accounts: tuple[str, ...]
    groups: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many members can meet."""
        return len(self.accounts) + len(self.groups)


def attendance(slot: Slot, *, with_optional: bool = True) -> Attendance:
    """Return who is free for a slot."""
    return Attendance(slot.accounts, tuple(slot.groups), slot.optional if with_optional else ())


def by_day(slots: Sequence[Slot], zone: ZoneInfo) -> list[SlotDay]:
    """Return the days of `zone` on which slots start, each with its slots."""
    days, first = [], 0
    while first < len(slots):
        day = local(slots[first].start, zone).date()
        end = at_midnight(day + timedelta(days=1), zone)
        last = bisect_left(slots, end, first + 1, key=attrgetter("start"))
        following = slots[last] if last < len(slots) else None
        days.append(SlotDay(day, slots[first:last], end, following))
        first = last
    return days


def by_attendance(slots: Iterable[Slot], *, with_optional: bool = True) -> dict[Attendance, list[Slot]]:
    """Return the slots of each attendance: that of most members first, then that of most slots."""
    groups: dict[Attendance, list[Slot]] = {}
    for slot in slots:
        groups.setdefault(attendance(slot, with_optional=with_optional), []).append(slot)
    ranked = sorted(groups, key=lambda who: (-who.size, -len(who.optional), -len(groups[who])))
    return {who: groups[who] for who in ranked}


def ranges(slots: Iterable[Slot], starts: Sequence[int]) -> list[Interval]:
    """Return the ranges of slots, which are in order of time; `starts` are the candidate starts.

    A candidate start between two slots that is no slot divides their ranges, even if they touch.
    """
    merged: list[list[int]] = []
    previous = -2
    for slot in slots:
        position = bisect_left(starts, slot.start, max(previous, 0))
        if position == previous + 1 and slot.start <= merged[-1][1]:
            merged[-1][1] = slot.end
        else:
            merged.append([slot.start, slot.end])
        previous = position
    return [(start, end) for start, end in merged]


def day_ranges(
    day: SlotDay, slots: Sequence[Slot], starts: Sequence[int], *, goes_on: bool
) -> list[Interval]:
    """Return the ranges of some slots of a day.

    The last one ends at midnight if it `goes_on` with the first slot of the next day: that day has the rest.
    """
    if day.following is None or not goes_on:
        return ranges(slots, starts)
    *before, (start, end) = ranges([*slots, day.following], starts)
    return [*before, (start, min(end, day.end))] if start < day.end else before
