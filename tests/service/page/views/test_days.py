"""Days as a page shows them: which are the nearest, and which days a reason explains."""

from __future__ import annotations

from datetime import date, timedelta

import gbook
from gbook.engine.quorum import Slot
from gbook.service.page.views.days import Day, Weeks, week_of

MONDAY = date(2026, 11, 23)
SLOT = Slot(0, 1800, ("mara",), {})


def weeks(*states: str, today: int = 0) -> Weeks:
    """Return days by words: `open`, or the code of a reason; a week with a closed weekend after each five."""
    days = []
    for number in range(35):
        day = MONDAY + timedelta(days=number)
        week, weekday = divmod(number, 7)
        state = "closed" if weekday > 4 else [*states, *["over"] * 25][week * 5 + weekday]
        days.append(Day(day, [SLOT] if state == "open" else [], "" if state == "open" else state))
    return Weeks(days, MONDAY + timedelta(days=today), 0)


def days(numbers: str) -> list[date]:
    return [MONDAY + timedelta(days=int(number)) for number in numbers.split()]


def test_the_nearest_days() -> None:
    """In the order of the calendar; of two that are as near, the later one."""
    found = weeks("open", "open", "taken", "open", "taken", "open", "open")
    assert [day.day for day in found.nearest(MONDAY + timedelta(days=2))] == days("0 1 3")
    assert [day.day for day in found.nearest(MONDAY + timedelta(days=4))] == days("1 3 7")


def test_the_first_open_day() -> None:
    """Is found if none is asked for, and none if there is none."""
    assert (day := weeks("taken", "open").find(None)) and day.day == MONDAY + timedelta(days=1)
    assert weeks().find(None) is None
    assert (day := weeks().find(MONDAY)) and day.reason == "over"


def test_a_reason_explains_runs_of_days() -> None:
    """Closed days between them do not end a run; other days do."""
    found = {reason.code: reason for reason in weeks("notice", *["taken"] * 7, "open", "taken").reasons}
    assert list(found) == ["notice", "taken", "closed", "over"]
    assert found["taken"].runs == [
        (MONDAY + timedelta(days=1), MONDAY + timedelta(days=9)),
        (*days("11 11"),),
    ]
    assert found["closed"].runs == [] and found["closed"].weekdays == days("5 6")


def test_a_day_that_is_closed_for_once() -> None:
    """It is named by its date, the weekdays that are always closed by their names."""
    found = weeks("open", "closed", "open")
    (closed,) = [reason for reason in found.reasons if reason.code == "closed"]
    assert closed.runs == [(*days("1 1"),)] and closed.weekdays == days("5 6")
    assert found.is_always_closed(MONDAY + timedelta(days=33))
    assert not found.is_always_closed(MONDAY + timedelta(days=1))


def test_days_before_today_need_no_reason() -> None:
    """Nor does a day whose times are over."""
    found = weeks("past", "past", "open", today=1)
    assert {reason.code for reason in found.reasons} == {"closed", "over"}


def test_far_or_over() -> None:
    """Whether a day can be booked later depends on whether the profile ends."""
    listed = [gbook.OpenDay(MONDAY, (), gbook.NoTimes.OVER, [0, 1800])]

    class Answer:
        class query:  # noqa: N801
            class profile:  # noqa: N801
                end_time: str | None = None

        period = (0, 1_800_000_000)

    far = Weeks.of(listed, Answer, MONDAY)  # type: ignore[arg-type]
    assert (far.days[0].reason, far.possible) == ("far", 2)
    Answer.query.profile.end_time = "2026-12-22T00:00:00Z"
    over = Weeks.of(listed, Answer, MONDAY)  # type: ignore[arg-type]
    assert over.days[0].reason == "over"


def test_weeks_begin_on_a_weekday() -> None:
    """Monday is 0, Sunday 6."""
    wednesday = MONDAY + timedelta(days=2)
    assert week_of(wednesday, 0) == week_of(MONDAY, 0) == MONDAY
    assert week_of(wednesday, 6) == week_of(MONDAY, 6) == MONDAY - timedelta(days=1)
