"""Candidate slots: all times at which the meeting could start if everyone were free.

A slot is identified by its position `i` in the sorted list of starts. The free time of an account is one
integer, its mask: bit `i` is set if the account is free for slot `i`. All later steps are arithmetic on
masks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from gbook.engine.intervals import Interval, Intervals
from gbook.errors import UsageError

__all__ = ["Candidates", "Meeting", "SlotWindow", "bits", "candidate_starts", "ceil_to_step"]

# Somewhat more than there are minutes in a year.
MAX_CANDIDATES = 600_000


class SlotWindow(msgspec.Struct, frozen=True, order=True):
    """One working interval `[start, end)`, and the instant from which its slots are counted.

    `origin` is `start`, or the local midnight before it if slots are aligned to the clock.
    """

    start: int
    end: int
    origin: int


class Meeting(msgspec.Struct, frozen=True):
    """The length of a slot, and the buffers that must be free before and after it; all in seconds."""

    duration: int
    before: int = 0
    after: int = 0


def candidate_starts(windows: Iterable[SlotWindow], step: int, duration: int, period: Interval) -> list[int]:
    """Return the starts of all slots of `duration` seconds, ascending.

    Slots start every `step` seconds from the origin of each window; where windows overlap, the one that
    began last gives the starts. A slot lies wholly inside `period`, and inside one stretch of overlapping or
    touching windows. Raises UsageError for more than MAX_CANDIDATES starts.
    """
    ordered = sorted(windows)
    beginnings = [window.start for window in ordered]
    starts: set[int] = set()
    for window in ordered:
        began_later = ordered[bisect_right(beginnings, window.start) : bisect_left(beginnings, window.end)]
        starts.update(islice(_starts_in(window, began_later, step, period), MAX_CANDIDATES + 1))
        if len(starts) > MAX_CANDIDATES:
            raise UsageError(f"more than {MAX_CANDIDATES:,} slots in this time range; ask for a shorter one")
    return _fitting(sorted(starts), duration, _union(ordered).clip(*period))


def _fitting(starts: Sequence[int], duration: int, stretches: Intervals) -> list[int]:
    """Return the starts of the slots that lie wholly inside one stretch."""
    found: list[int] = []
    for low, high in stretches:
        found += starts[bisect_left(starts, low) : bisect_right(starts, high - duration)]
    return found


def _starts_in(
    window: SlotWindow, began_later: Sequence[SlotWindow], step: int, period: Interval
) -> Iterator[int]:
    """Return the starts of a window inside `period`, without those inside windows that began later."""
    first = ceil_to_step(max(window.start, period[0]), window.origin, step)
    starts = range(first, min(window.end, period[1]), step)
    if not began_later:
        return iter(starts)
    overlapped = _union(began_later)
    return (start for start in starts if not overlapped.covers(start, start + 1))


def _union(windows: Iterable[SlotWindow]) -> Intervals:
    return Intervals((window.start, window.end) for window in windows)


def ceil_to_step(instant: int, origin: int, step: int) -> int:
    """Return the first instant, at or after `instant`, that is a whole number of steps from `origin`."""
    return instant + (origin - instant) % step


class Candidates:
    """The sorted starts of all candidate slots of one meeting."""

    __slots__ = ("meeting", "starts")

    def __init__(self, starts: list[int], meeting: Meeting) -> None:
        self.starts = starts
        self.meeting = meeting

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def all(self) -> int:
        """The mask of every slot."""
        return (1 << len(self.starts)) - 1

    def within(self, window: Interval) -> Candidates:
        """Return the slots that lie wholly inside a window."""
        first = bisect_left(self.starts, window[0])
        last = bisect_right(self.starts, window[1] - self.meeting.duration)
        return Candidates(self.starts[first:last], self.meeting)

    def run(self, low: int, high: int) -> int:
        """Return the mask of the slots that start in `[low, high)`."""
        first, last = bisect_left(self.starts, low), bisect_left(self.starts, high)
        return (1 << last) - (1 << first) if first < last else 0

    def touched(self, intervals: Intervals, before: int = 0, after: int = 0) -> int:
        """Return the mask of the slots that overlap `intervals`.

        `before` and `after` are buffers around each slot, in seconds.
        """
        starts = self.starts
        reach = self.meeting.duration + after
        mask = first = 0
        for start, end in zip(intervals.starts, intervals.ends, strict=True):
            # Both bounds grow with the intervals, so each search can start where the last one ended.
            first = bisect_right(starts, start - reach, first)
            last = bisect_left(starts, end + before, first)
            if first < last:
                mask |= (1 << last) - (1 << first)
        return mask

    def free(self, busy: Intervals, closed: Intervals) -> int:
        """Return the mask of the slots that an account can take.

        `busy` must be clear of the slot and its buffers, `closed` (outside work hours) of the slot only.
        """
        meeting = self.meeting
        taken = self.touched(busy, meeting.before, meeting.after)
        if closed:
            taken |= self.touched(closed)
        return self.all & ~taken


def bits(mask: int) -> list[int]:
    """Return the positions of the bits that are set, ascending."""
    return [position for position, digit in enumerate(reversed(f"{mask:b}")) if digit == "1"]
