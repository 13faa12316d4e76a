"""Candidate slots: when the meeting could start, were everybody free.

A slot is known by its position `i` in the sorted list of starts. Who is free for which slots is one integer
an account, whose bit `i` says "free for slot i" (a mask); everything after this is arithmetic on masks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from gbook.engine.intervals import Interval, Intervals
from gbook.errors import UsageError

__all__ = ["Candidates", "Meeting", "SlotWindow", "bits", "candidate_starts"]

# Somewhat more than there are minutes in a year.
MAX_CANDIDATES = 600_000


class SlotWindow(NamedTuple):
    """One working interval `[start, end)`, and the instant from which its slots are counted.

    `origin` is `start`, or the local midnight before it where slots are aligned to the clock.
    """

    start: int
    end: int
    origin: int


class Meeting(NamedTuple):
    """How long a slot is and what must be free around it; all in seconds."""

    duration: int
    before: int = 0
    after: int = 0


def candidate_starts(
    intervals: Iterable[SlotWindow], step: int, duration: int, period: Interval
) -> list[int]:
    """Starts every `step` seconds from each interval's origin; each slot inside `period` and one window.

    A window is the union of overlapping and touching intervals. Where intervals overlap, the one that began
    last gives the starts. Raises UsageError for more than MAX_CANDIDATES of them.
    """
    ordered = sorted(intervals)
    windows = Intervals((interval.start, interval.end) for interval in ordered)
    starts: set[int] = set()
    for interval in ordered:
        began_later = ordered[
            bisect_left(ordered, (interval.start + 1,)) : bisect_left(ordered, (interval.end,))
        ]
        over = Intervals((later.start, later.end) for later in began_later)
        low = max(interval.start, period[0])
        first = interval.origin + -(-(low - interval.origin) // step) * step
        own = range(first, min(interval.end, period[1]), step)
        starts.update(start for start in own if not over.covers(start, start + 1))
        if len(starts) > MAX_CANDIDATES:
            raise UsageError(f"more than {MAX_CANDIDATES:,} slots lie in this time: ask for a shorter one")
    return [
        start
        for start in sorted(starts)
        if start + duration <= period[1] and windows.covers(start, start + duration)
    ]


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

    def run(self, low: int, high: int) -> int:
        """The mask of the slots that start in `[low, high)`."""
        first, last = bisect_left(self.starts, low), bisect_left(self.starts, high)
        return (1 << last) - (1 << first) if first < last else 0

    def touched(self, intervals: Intervals, before: int = 0, after: int = 0) -> int:
        """The mask of the slots that share an instant with `intervals` once widened (both in seconds)."""
        starts = self.starts
        reach = self.meeting.duration + after
        mask = first = 0
        for start, end in zip(intervals.starts, intervals.ends, strict=True):
            # Both bounds grow with the spans, so each search begins where the last one did.
            first = bisect_right(starts, start - reach, first)
            last = bisect_left(starts, end + before, first)
            if first < last:
                mask |= (1 << last) - (1 << first)
        return mask

    def free(self, busy: Intervals, closed: Intervals) -> int:
        """The mask of the slots in which an account can meet: not busy, buffers included, nor closed."""
        meeting = self.meeting
        taken = self.touched(busy, meeting.before, meeting.after)
        if closed:
            taken |= self.touched(closed)
        return self.all & ~taken


def bits(mask: int) -> list[int]:
    """The positions of the bits that are set, ascending."""
    return [position for position, digit in enumerate(reversed(f"{mask:b}")) if digit == "1"]
