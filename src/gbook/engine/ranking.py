"""The rank of slots: what a slot costs those who would meet, in whole minutes.

A cost is a sum of factors, each a number of minutes. docs/explanation/rank.md explains the formula.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from gbook.engine.candidates import Meeting
from gbook.engine.intervals import Interval, Intervals

__all__ = ["OTHER_DAY", "WITHOUT", "Factor", "Shape", "away", "day_shape", "space"]

MINUTE = 60
# Free time shorter than this is of no use.
USEFUL = 30
# What it costs to divide a free stretch of a day into two useful ones.
SPLIT = 30
# What it costs who prefers adjacent meetings to meet apart from all others, and the other way round, a side.
APART = 60
TOUCHING = 30
# What a day costs that is not preferred, and an optional account that is not free.
OTHER_DAY = 480
WITHOUT = 30
# Free time is looked at so far around a slot.
_FAR = 86_400


class Factor(NamedTuple):
    """One part of the cost of a slot: minutes, and whose they are; None for those of the profile.

    Codes: hours, day, zone, gap, split, apart, touching, without. `worst` is how far the person worst off is
    from the hours that suit, in minutes: the cost of zones counts it for everybody.
    """

    code: str
    minutes: int
    account_id: str | None
    worst: int = 0


class Shape(NamedTuple):
    """What is around the slots of an account: its busy time, the hours it works, what it prefers."""

    busy: Intervals
    # The busy time and the time outside the hours, together.
    taken: Intervals
    # Adjacent meetings, pauses between them, or (None) only days without useless gaps.
    adjacent: bool | None


def away(start: int, end: int, windows: Intervals) -> int:
    """Return by how much `[start, end)` begins before and ends after the nearest window, in seconds.

    0 inside a window, and without windows.
    """
    if not windows:
        return 0
    first = max(bisect_right(windows.starts, start) - 1, 0)
    nearest = _beyond(start, end, windows.starts[first], windows.ends[first])
    for position in range(first + 1, len(windows)):
        if windows.starts[position] - start >= nearest:
            break
        nearest = min(nearest, _beyond(start, end, windows.starts[position], windows.ends[position]))
    return nearest


def _beyond(start: int, end: int, low: int, high: int) -> int:
    return max(0, low - start) + max(0, end - high)


def space(slot: Interval, around: Intervals, meeting: Meeting) -> Interval:
    """Return the free seconds before and after a slot and its buffers, at most a day each."""
    start, end = slot[0] - meeting.before, slot[1] + meeting.after
    following = bisect_left(around.starts, slot[1])
    late = around.starts[following] if following < len(around) else end + _FAR
    early = around.ends[following - 1] if following else start - _FAR
    return min(max(start - early, 0), _FAR), min(max(late - end, 0), _FAR)


def day_shape(slot: Interval, shape: Shape, meeting: Meeting) -> Iterator[tuple[str, int]]:
    """Yield what a slot costs by its place in the day of an account, each cost with its code."""
    if shape.adjacent is not None:
        touching = space(slot, shape.busy, meeting).count(0)
        if shape.adjacent and not touching:
            yield "apart", APART
        if not shape.adjacent:
            if touching:
                yield "touching", TOUCHING * touching
            return
    before, after = space(slot, shape.taken, meeting)
    if before >= USEFUL * MINUTE and after >= USEFUL * MINUTE:
        yield "split", SPLIT
    elif lost := sum(free // MINUTE for free in (before, after) if free < USEFUL * MINUTE):
        yield "gap", lost
