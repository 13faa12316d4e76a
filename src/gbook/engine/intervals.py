"""Half-open spans of instants, normalised at construction.

A span is `[start, end)` in seconds. `Spans` is a sorted list of spans that neither overlap nor touch,
so that every later step can trust it: busy time, working windows and closed time are all `Spans`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

__all__ = ["Span", "Spans"]

Span = tuple[int, int]


class Spans:
    """An immutable set of instants as sorted, disjoint, non-touching half-open spans."""

    __slots__ = ("ends", "starts")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(spans):
            if end <= start:
                continue
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    @classmethod
    def from_sorted(cls, starts: list[int], ends: list[int]) -> Spans:
        """Take lists that are normalised already (from the index), unchecked."""
        spans = cls.__new__(cls)
        spans.starts, spans.ends = starts, ends
        return spans

    def __iter__(self) -> Iterator[Span]:
        return zip(self.starts, self.ends, strict=True)

    def __len__(self) -> int:
        return len(self.starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and self.starts == other.starts and self.ends == other.ends

    def __hash__(self) -> int:
        return hash((*self.starts, *self.ends))

    def __repr__(self) -> str:
        return f"Spans({list(self)!r})"

    def __or__(self, other: Spans) -> Spans:
        if not other:
            return self
        return Spans([*self, *other]) if self else other

    def clip(self, low: int, high: int) -> Spans:
        """What lies inside `[low, high)`."""
        first, last = bisect_right(self.ends, low), bisect_left(self.starts, high)
        if first >= last:
            return Spans()
        starts, ends = self.starts[first:last], self.ends[first:last]
        starts[0], ends[-1] = max(starts[0], low), min(ends[-1], high)
        return Spans.from_sorted(starts, ends)

    def gaps(self, low: int, high: int) -> Spans:
        """What of `[low, high)` is in none of these spans."""
        inside = self.clip(low, high)
        return Spans(zip([low, *inside.ends], [*inside.starts, high], strict=True))

    def covers(self, start: int, end: int) -> bool:
        """Whether `[start, end)` lies wholly inside one span."""
        first = bisect_right(self.starts, start) - 1
        return first >= 0 and end <= self.ends[first]
