"""Why a window has no slots: counted from the same masks that found none."""

from typing import Any

from support.answer_builders import answer, instant

from gbook.scheduling.availability import Answer
from gbook.scheduling.obstacles import AccountCount, Obstacles, find_obstacles

WHOLE = "2026-11-24T00:00:00Z/2026-11-28T00:00:00Z"
MORNING = "2026-11-24T14:00:00Z/2026-11-24T16:00:00Z"


def no_slots(**fields: Any) -> Answer:
    return answer({"alice": [WHOLE], "bob": [MORNING]}, required="all", **fields)


def test_the_account_that_is_free_least_often_comes_first() -> None:
    """The best start is the first at which most members are free."""
    found = find_obstacles(no_slots(groups=()))
    assert found == Obstacles(
        18,
        [AccountCount("alice", 0), AccountCount("bob", 14)],
        instant("2026-11-24T16:00:00Z"),
    )


def test_without_members_or_working_hours_there_is_nothing_to_count() -> None:
    """The cause is known without looking at calendars."""
    assert find_obstacles(no_slots(hours="sat 10:00-11:00")) is None
    assert find_obstacles(no_slots(accounts=(), groups=())) is None
