"""The mask of a guest's calendar: what goes into a link comes out of it, for the same times only."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.engine.intervals import Intervals
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Profile
from gbook.service.page.views import own_calendar
from gbook.service.page.views.own_calendar import OwnCalendar, times_from
from gbook.service.problems import ApiError
from gbook.timeutil.instants import DAY, MINUTE, parse_instant
from gbook.workspace.config import Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

FIRST = date(2026, 11, 23)
LOW = parse_instant("2026-11-22T00:00Z", UTC)
HOURS = WorkHours(timezone="UTC", day_schedules=parse_hours(["mon-thu 09:00-15:00"]))
WORKSPACE = Workspace(Path(), Config(timezone="UTC"))


def profile(**fields: Any) -> Profile:
    return Profile(name="demo", duration_minutes=30, work_hours=HOURS, **fields)


def mask(*spans: tuple[int, int], **fields: Any) -> OwnCalendar:
    return OwnCalendar.of(times_from(WORKSPACE, profile(**fields), FIRST), Intervals(spans))


@given(st.lists(st.tuples(st.integers(0, 37 * 24 * 12), st.integers(1, 300)), max_size=20))
def test_what_goes_in_comes_out(spans: list[tuple[int, int]]) -> None:
    """Exactly the times that a busy time touches are marked."""
    busy = [(LOW + at * 300, LOW + at * 300 + length * 60) for at, length in spans]
    found = OwnCalendar.read(WORKSPACE, profile(), mask(*busy).text)
    assert found is not None
    touched = {
        start
        for start in found.times.possible.starts
        if any(low < start + 30 * MINUTE and start < high for low, high in busy)
    }
    assert found.busy == touched
    assert found.known == {*found.times.possible.starts}


def test_its_length() -> None:
    """The 12 times on each of 21 days take 48 characters."""
    assert len(mask().times.possible) == 252
    assert len(mask((LOW, LOW + 37 * DAY)).text) == 48


def test_a_mask_is_for_the_times_that_it_was_made_of() -> None:
    """Other hours, steps or lengths, and it is worth nothing; notice, period and calendars do not matter."""
    text = mask((LOW, LOW + 3 * DAY)).text
    assert OwnCalendar.read(WORKSPACE, profile(start_after_minutes=6000, time_available_for="P1D"), text)
    for other in ({"availability_step": 15}, {"align": "clock", "availability_step": 20}):
        assert OwnCalendar.read(WORKSPACE, profile(**other), text) is None
    longer = Profile(name="demo", duration_minutes=25, work_hours=HOURS)
    assert OwnCalendar.read(WORKSPACE, longer, text) is None


@pytest.mark.parametrize("text", ["", "A", "====", "äöü", "AAAA", "AAAAAAAA", "_" * 46, "x" * 4000, "\0"])
def test_a_damaged_mask_is_none(text: str) -> None:
    """Whatever a link has, it is no error."""
    assert OwnCalendar.read(WORKSPACE, profile(), text) is None


def test_a_mask_that_is_cut_off_is_none() -> None:
    """Or one with more than the times have."""
    text = mask((LOW, LOW + 3 * DAY)).text
    assert OwnCalendar.read(WORKSPACE, profile(), text[:-4]) is None
    assert OwnCalendar.read(WORKSPACE, profile(), text + "AAAA") is None


def test_a_day_before_and_a_day_after() -> None:
    """The days of a guest on the other side of the world have times of the days beside the profile's."""
    starts = times_from(WORKSPACE, profile(), FIRST + timedelta(days=1)).possible.starts
    assert starts[0] == LOW + DAY + 9 * 3600
    assert starts[-1] < LOW + 39 * DAY


def test_only_so_many_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third guest waits, and is then asked to try again."""
    monkeypatch.setattr(own_calendar, "WAIT", 0.01)
    times = mask().times
    with own_calendar._READING, own_calendar._READING, pytest.raises(ApiError) as refused:
        own_calendar.read_busy(b"", "UTC", times)
    assert (refused.value.status, refused.value.code) == (503, "calendars_waiting")
    assert refused.value.headers == {"Retry-After": "10"}
