"""Why a window has no slots: its cause, and counts from the same masks that found none."""

from typing import Any

import msgspec
import pytest
from support.answer_builders import answer, instant

from gbook.scheduling.availability import Answer
from gbook.scheduling.obstacles import AccountCount, NoSlots, Obstacles, find_obstacles, no_slots_cause

WHOLE = "2026-11-24T00:00:00Z/2026-11-28T00:00:00Z"
MORNING = "2026-11-24T14:00:00Z/2026-11-24T16:00:00Z"


def no_slots(**fields: Any) -> Answer:
    return answer({"alice": [WHOLE], "bob": [MORNING]}, required="all", **fields)


def test_the_account_that_is_free_least_often_comes_first() -> None:
    """The best start is the first at which most members are free."""
    obstacles = find_obstacles(no_slots(groups=()))
    assert obstacles == Obstacles(
        18,
        [AccountCount("alice", 0), AccountCount("bob", 14)],
        instant("2026-11-24T16:00:00Z"),
    )


def test_without_members_or_working_hours_there_is_nothing_to_count() -> None:
    """The cause is known without looking at calendars."""
    assert find_obstacles(no_slots(hours="sat 10:00-11:00")) is None
    assert find_obstacles(no_slots(accounts=(), groups=())) is None


@pytest.mark.parametrize(
    ("cause", "fields"),
    [
        (NoSlots.NO_MEMBERS, {"accounts": (), "groups": ()}),
        (NoSlots.NO_MEMBERS, {"accounts": (), "groups": (), "hours": "sat 10:00-11:00"}),
        (NoSlots.OUTSIDE_PERIOD, {"end_time": "2026-01-01T00:00:00Z"}),
        (NoSlots.NO_HOURS, {"hours": "sat 10:00-11:00"}),
        (NoSlots.NO_HOURS, {"duration_minutes": 240}),
        (NoSlots.SHORT_WINDOW, {"duration_minutes": 4 * 24 * 60}),
        (NoSlots.NEVER_FREE, {}),
    ],
)
def test_the_first_cause_counts(cause: NoSlots, fields: dict[str, Any]) -> None:
    """Causes that are known without a look at calendars come before the busy time of members."""
    assert no_slots_cause(no_slots(**fields)) is cause


def test_more_members_required_than_the_profile_has() -> None:
    """No calendar can change it."""
    asked = no_slots()
    query = msgspec.structs.replace(asked.query, required=4)
    assert no_slots_cause(msgspec.structs.replace(asked, query=query)) is NoSlots.FEW_MEMBERS
