"""Half-open intervals of instants, normalised at construction.

An interval is `[start, end)`, in seconds. `Intervals` are sorted and neither overlap nor touch, so that
later steps need not check: busy time, working time and closed time are all `Intervals`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

__all__ = ["Interval", "Intervals"]

Interval = tuple[int, int]


class Intervals:
    """An immutable set of instants, as sorted half-open intervals that neither overlap nor touch."""

    __slots__ = ("ends", "starts")

    def __init__(self, intervals: Iterable[Interval] = ()) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(intervals):
            if end <= start:
                continue
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    @classmethod
    def from_sorted(cls, starts: list[int], ends: list[int]) -> Intervals:
        """Return the intervals of lists that are already normalised (from the cache), unchecked."""
        intervals = cls.__new__(cls)
        intervals.starts, intervals.ends = starts, ends
        return intervals

    def __iter__(self) -> Iterator[Interval]:
        return zip(self.starts, self.ends, strict=True)

    def __len__(self) -> int:
        return len(self.starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Intervals) and self.starts == other.starts and self.ends == other.ends

    def __hash__(self) -> int:
        return hash((*self.starts, *self.ends))

    def __repr__(self) -> str:
        return f"Intervals({list(self)!r})"

    def __or__(self, other: Intervals) -> Intervals:
        if not other:
            return self
        return Intervals([*self, *other]) if self else other

    def clip(self, low: int, high: int) -> Intervals:
        """Return the part inside `[low, high)`."""
        first, last = bisect_right(self.ends, low), bisect_left(self.starts, high)
        if first >= last:
            return Intervals()
        starts, ends = self.starts[first:last], self.ends[first:last]
        starts[0], ends[-1] = max(starts[0], low), min(ends[-1], high)
        return Intervals.from_sorted(starts, ends)

    def gaps(self, low: int, high: int) -> Intervals:
        """Return the part of `[low, high)` that is in none of these intervals."""
        inside = self.clip(low, high)
        return Intervals(zip([low, *inside.ends], [*inside.starts, high], strict=True))

    def covers(self, start: int, end: int) -> bool:
        """Return whether `[start, end)` is wholly inside one interval."""
        first = bisect_right(self.starts, start) - 1
        return first >= 0 and end <= self.ends[first]
