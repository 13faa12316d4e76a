"""The masks of a series: each date over the candidates of the first one."""

from __future__ import annotations

from datetime import UTC, datetime

from gbook.engine.candidates import Candidates, Meeting
from gbook.scheduling.series import SeriesCandidates
from gbook.timeutil.instants import DAY, from_local
from gbook.timeutil.repeats import Repeat
from gbook.timeutil.zones import find_zone

HOUR = 3600
NEW_YORK = find_zone("America/New_York")


def test_a_date_that_is_no_slot_is_nobodys() -> None:
    """Of three starts, the second date of the last one is not offered."""
    first = Candidates([0, HOUR, 2 * HOUR], Meeting(HOUR))
    series = SeriesCandidates(Repeat("daily", 2), first, UTC)
    offered = Candidates([0, HOUR, 2 * HOUR, DAY, DAY + HOUR], Meeting(HOUR))
    masks = series.by_date(offered, {"ann": offered.all, "ben": 0b01001}, {})
    assert masks == [{"ann": 0b111, "ben": 0b001}, {"ann": 0b011, "ben": 0b001}]
    assert series.on_all_dates(masks) == {"ann": 0b011, "ben": 0b001}
    assert series.high == DAY + 3 * HOUR


def test_a_skipped_date_is_nobodys_and_not_asked_for() -> None:
    """Its mask is empty; the others decide."""
    first = Candidates([0], Meeting(HOUR))
    series = SeriesCandidates(Repeat("daily", 3, skipped=(1,)), first, UTC)
    offered = Candidates([0, DAY, 2 * DAY], Meeting(HOUR))
    masks = series.by_date(offered, {"ann": 0b111}, {})
    assert masks == [{"ann": 1}, {"ann": 0}, {"ann": 1}]
    assert series.on_all_dates(masks) == {"ann": 1}


def test_the_second_of_two_equal_wall_clocks_cannot_begin_a_series() -> None:
    """Its event would begin at the first one, an hour earlier."""
    second = from_local(datetime(2026, 11, 1, 1, 30, fold=1), NEW_YORK)
    first = Candidates([second - HOUR, second], Meeting(HOUR // 2))
    series = SeriesCandidates(Repeat("daily", 2), first, NEW_YORK)
    offered = Candidates([second - HOUR, second, second + DAY], Meeting(HOUR // 2))
    masks = series.by_date(offered, {"ann": offered.all}, {})
    assert series.on_all_dates(masks) == {"ann": 0b01}


def test_starts_that_meet_in_a_gap() -> None:
    """Before the clocks go forward, 2:30 and 3:30 are two starts; a day later they are one."""
    half_past_two = from_local(datetime(2026, 3, 7, 2, 30), NEW_YORK)
    first = Candidates([half_past_two, half_past_two + HOUR], Meeting(HOUR))
    series = SeriesCandidates(Repeat("daily", 2), first, NEW_YORK)
    both = from_local(datetime(2026, 3, 8, 3, 30), NEW_YORK)
    assert series.starts[1] == (both, both)
    offered = Candidates([*first.starts, both], Meeting(HOUR))
    masks = series.by_date(offered, {"ann": offered.all}, {})
    assert masks[1] == {"ann": 0b11}


def test_a_date_too_close_to_one_that_is_taken() -> None:
    """A meeting of 25 hours every day: an account takes every second date, or the next after a busy one."""
    first = Candidates([0], Meeting(25 * HOUR))
    series = SeriesCandidates(Repeat("daily", 4), first, UTC)
    offered = Candidates([0, DAY, 2 * DAY, 3 * DAY], Meeting(25 * HOUR))
    masks = series.by_date(offered, {"ann": 0b1111, "ben": 0b1110}, {})
    assert [mask["ann"] for mask in masks] == [1, 0, 1, 0]
    assert [mask["ben"] for mask in masks] == [0, 1, 0, 1]


def test_buffers_are_between_the_dates_too() -> None:
    """The longer of the two counts."""
    first = Candidates([0], Meeting(HOUR, 0, 23 * HOUR + 1))
    series = SeriesCandidates(Repeat("daily", 2), first, UTC)
    offered = Candidates([0, DAY], first.meeting)
    assert series.by_date(offered, {"ann": 0b11}, {})[1] == {"ann": 0}


def test_no_candidates() -> None:
    """A series that cannot begin has no dates."""
    series = SeriesCandidates(Repeat("weekly", 3), Candidates([], Meeting(HOUR)), UTC)
    assert series.by_date(Candidates([], Meeting(HOUR)), {"ann": 0}, {}) == [{"ann": 0}] * 3
    assert series.high == 0
