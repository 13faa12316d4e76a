"""The starts of slots, and the slots that busy time blocks."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.engine.candidates import Candidates, Meeting, SlotWindow, bits, candidate_starts
from gbook.engine.intervals import Intervals
from gbook.errors import UsageError

EVER = (-1000, 1000)


def starts(
    *intervals: tuple[int, int], step: int, duration: int, period: tuple[int, int] = EVER
) -> list[int]:
    return candidate_starts(
        [SlotWindow(start, end, start) for start, end in intervals], step, duration, period
    )


def test_slots_start_with_the_interval_and_end_inside_it() -> None:
    """From its start, every step, as long as a whole meeting fits."""
    assert starts((5, 50), step=10, duration=10) == [5, 15, 25, 35]
    assert starts((5, 55), step=10, duration=10) == [5, 15, 25, 35, 45]


def test_a_meeting_may_be_longer_than_the_step_and_no_multiple_of_it() -> None:
    """Then slots overlap."""
    assert starts((0, 60), step=10, duration=35) == [0, 10, 20]


def test_a_meeting_longer_than_the_interval_has_no_slot() -> None:
    """Even if the period is long enough."""
    assert starts((0, 60), step=10, duration=61) == []


def test_touching_intervals_are_one_window() -> None:
    """A slot may cross the boundary; the second interval counts from its own start."""
    assert starts((0, 25), (25, 60), step=10, duration=20) == [0, 10, 20, 25, 35]


def test_where_intervals_overlap_the_one_that_began_last_counts() -> None:
    """Also if the earlier one ends later."""
    assert starts((0, 100), (13, 40), step=10, duration=5) == [0, 10, 13, 23, 33, 40, 50, 60, 70, 80, 90]


def test_a_gap_is_never_crossed() -> None:
    """A gap of one second is enough."""
    assert starts((0, 29), (30, 60), step=10, duration=10) == [0, 10, 30, 40, 50]


def test_the_period_cuts_but_does_not_move_the_grid() -> None:
    """A slot is wholly inside the period."""
    assert starts((0, 60), step=10, duration=10, period=(11, 45)) == [20, 30]
    assert starts((0, 60), step=10, duration=10, period=(20, 40)) == [20, 30]
    assert starts((0, 60), step=10, duration=10, period=(40, 20)) == []


def test_starts_may_be_counted_from_before_the_interval() -> None:
    """Counted from midnight, 09:20 with a step of 30 gives 09:30."""
    assert candidate_starts([SlotWindow(20, 100, 0)], 30, 10, EVER) == [30, 60, 90]


def test_there_is_a_bound() -> None:
    """A slot for every minute of ten years is a mistake; it is refused without using much memory."""
    days = ((day, day + 86_400) for day in range(0, 3_650 * 86_400, 86_400))
    with pytest.raises(UsageError, match="shorter"):
        starts(*days, step=60, duration=60, period=(0, 10**9))


def test_one_endless_window_is_refused_before_its_starts_are_built() -> None:
    """The bound holds inside a window too."""
    with pytest.raises(UsageError, match="ask for a shorter one"):
        starts((0, 10**18), step=60, duration=60, period=(0, 10**18))


def test_memory_grows_with_the_slots_and_not_with_their_square() -> None:
    """A year of five minutes, round the clock, is some megabytes."""
    many = range(0, 365 * 86_400, 300)
    tracemalloc.start()
    candidates = Candidates(list(many), Meeting(1800))
    free = candidates.free(
        Intervals((start, start + 600) for start in range(0, 365 * 86_400, 86_400)), Intervals()
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert candidates.all ^ free
    assert peak < 16 << 20


def test_masks_and_positions() -> None:
    """Bit i is slot i."""
    candidates = Candidates([0, 10, 20, 30], Meeting(10))
    assert candidates.all == 0b1111
    assert candidates.run(10, 30) == 0b0110
    assert candidates.run(30, 10) == candidates.run(1, 9) == 0
    assert bits(0b1011) == [0, 1, 3]
    assert bits(0) == []
    assert Candidates([], Meeting(10)).all == 0


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60), st.integers(0, 20)), max_size=6),
    st.integers(1, 25),
    st.integers(1, 40),
    st.tuples(st.integers(0, 230), st.integers(0, 230)),
)
def test_a_part_of_a_longer_period_has_the_same_slots(
    drawn: list[tuple[int, int, int]], step: int, duration: int, part: tuple[int, int]
) -> None:
    """As if only the part had been asked for: also where intervals overlap, or reach beyond it."""
    windows = [SlotWindow(start, start + length, start - before) for start, length, before in drawn]
    low, high = part
    around = [window for window in windows if window.start < high and window.end > low]
    whole = Candidates(candidate_starts(windows, step, duration, EVER), Meeting(duration))
    assert whole.within(part).starts == candidate_starts(around, step, duration, part)


@given(
    st.lists(st.integers(0, 200), unique=True, max_size=30).map(sorted),
    st.lists(st.tuples(st.integers(0, 230), st.integers(0, 230)), max_size=6),
    st.lists(st.tuples(st.integers(0, 230), st.integers(0, 230)), max_size=6),
    st.builds(Meeting, st.integers(1, 40), st.integers(0, 20), st.integers(0, 20)),
)
def test_free_is_free_to_the_second(
    found: list[int], busy: list[tuple[int, int]], closed: list[tuple[int, int]], meeting: Meeting
) -> None:
    """Busy time must not overlap the buffers, closed time only the meeting itself; touching is allowed."""
    mask = Candidates(found, meeting).free(Intervals(busy), Intervals(closed))
    for position, start in enumerate(found):
        end = start + meeting.duration
        clear = not Intervals(busy).clip(start - meeting.before, end + meeting.after)
        assert bool(mask >> position & 1) == (clear and not Intervals(closed).clip(start, end))
