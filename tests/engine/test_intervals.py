"""Intervals behave like sets of instants."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gbook.engine.intervals import Intervals

END = 40
instants = st.integers(0, END)
lists = st.lists(st.tuples(instants, instants), max_size=8)


def members(intervals: Intervals) -> set[int]:
    return {instant for start, end in intervals for instant in range(start, end)}


def naive(pairs: list[tuple[int, int]]) -> set[int]:
    return {instant for start, end in pairs for instant in range(start, end)}


@given(lists)
def test_intervals_are_normalised(pairs: list[tuple[int, int]]) -> None:
    """They are sorted and neither overlap nor touch; empty and reversed intervals are dropped."""
    intervals = Intervals(pairs)
    assert members(intervals) == naive(pairs)
    flat = [instant for interval in intervals for instant in interval]
    assert flat == sorted(set(flat))
    assert len(intervals) == len(list(intervals))


@given(lists, lists)
def test_a_union_is_one_of_sets(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Touching intervals become one."""
    assert Intervals(one) | Intervals(other) == Intervals([*one, *other])


@given(lists, instants, instants)
def test_clip_and_gaps_share_a_window(pairs: list[tuple[int, int]], one: int, other: int) -> None:
    """Inside a window each instant is in the intervals or in the gaps."""
    low, high = sorted((one, other))
    intervals = Intervals(pairs)
    assert members(intervals.clip(low, high)) == naive(pairs) & set(range(low, high))
    assert members(intervals.gaps(low, high)) == set(range(low, high)) - naive(pairs)


@given(lists, instants, st.integers(1, END))
def test_covering(pairs: list[tuple[int, int]], start: int, length: int) -> None:
    """What is wholly inside one interval is covered."""
    intervals, asked = Intervals(pairs), set(range(start, start + length))
    assert intervals.covers(start, start + length) == (asked <= naive(pairs))


def test_equal_intervals_are_one_key() -> None:
    """Even if they were given differently."""
    assert {Intervals([(5, 9), (1, 5)]), Intervals([(1, 9)])} == {Intervals([(1, 9)])}
    assert Intervals([(1, 9)]) != [(1, 9)]
    assert repr(Intervals([(1, 2)])) == "Intervals([(1, 2)])"
