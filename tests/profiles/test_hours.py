"""Work hours in short, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.errors import UsageError
from gbook.profiles.hours import format_hours, parse_hours
from gbook.timeutil.instants import WEEKDAYS
from gbook.workspace.work_hours import DaySchedule, WorkingInterval


@pytest.mark.parametrize(
    ("specs", "short"),
    [
        (["mon-fri 09:00-12:00,13:00-17:00"], "mon-fri 09:00-12:00,13:00-17:00"),
        (["monday-Friday 9-17"], "mon-fri 09:00-17:00"),
        (["sat-mon 10:00-12:00"], "mon,sat,sun 10:00-12:00"),
        (["mon,wed,fri 8:30-9:00"], "mon,wed,fri 08:30-09:00"),
        (["mon - wed , fri 8-9, 10-11"], "mon-wed,fri 08:00-09:00,10:00-11:00"),
        (["daily 00:00-24:00"], "daily 00:00-24:00"),
        (["fri 22:00-02:00"], "fri 22:00-02:00"),
        (["mon 9-12", "mon 13-17", "tue 9-12"], "mon 09:00-12:00,13:00-17:00; tue 09:00-12:00"),
        (["mon 9-12; tue 13-17"], "mon 09:00-12:00; tue 13:00-17:00"),
        (["mon 09:00:30-10:00"], "mon 09:00:30-10:00"),
        ([], "closed"),
    ],
)
def test_what_is_typed_is_shown_in_one_form(specs: list[str], short: str) -> None:
    """Ranges wrap around the week, lists and whole names are understood."""
    assert format_hours(parse_hours(specs)) == short


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("09:00-17:00", "expected hours such as 'mon-fri"),
        ("mon", "expected hours such as 'mon-fri"),
        ("mon-fri", "expected hours such as 'mon-fri"),
        ("mnday 9-17", "expected a day such as mon, found 'mnday'; did you mean monday?"),
        ("t 9-17", "expected a day such as mon, found 't'"),
        ("mon-wed-fri 9-17", "expected days such as mon-fri"),
        ("mon 9-17-18", "expected hours such as 09:00-17:00"),
        ("mon 9", "expected hours such as 09:00-17:00"),
        ("mon 9-25", "expected a time such as 09:00"),
        ("mon 9:00-9:00", "the interval is empty"),
        ("mon 24:00-9:00", "expected a start before 24:00"),
    ],
)
def test_what_is_mistyped_is_told(spec: str, said: str) -> None:
    """With the part that was not understood."""
    with pytest.raises(UsageError) as caught:
        parse_hours([spec])
    assert said in caught.value.message


def times(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


intervals = st.builds(
    lambda start, end: WorkingInterval(start=start, end=end), times(0, 1439), times(0, 1440)
).filter(lambda interval: interval.start != interval.end)
weeks = st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(intervals, min_size=1, max_size=3)).map(
    lambda week: tuple(
        DaySchedule(day_of_week=day, working_intervals=tuple(week[day])) for day in WEEKDAYS if day in week
    )
)


@given(weeks)
def test_the_short_form_says_it_all(week: tuple[DaySchedule, ...]) -> None:
    """Any week that is shown can be typed again."""
    assert parse_hours([] if not week else [format_hours(week)]) == week
