"""Which copies of a booking take an account's time."""

from __future__ import annotations

from typing import Any

import pytest

from gbook.calendars.busy.cached import OwnBooking
from gbook.scheduling.participation import affected_bookings
from gbook.workspace.config import Account

BOB = Account(id="bob", email="bob@example.com")


def copy(start: int = 100, **more: object) -> OwnBooking:
    """Return a copy of a meeting of ann, the host, and bob."""
    facts = {"blocks": True, "accounts": ("ann", "bob"), **more}
    return OwnBooking(uid="u", start=start, end=start + 10, profile="p", host="ann", **facts)  # type: ignore[arg-type]


def taken(own: list[OwnBooking], others: list[tuple[str, OwnBooking]]) -> list[int]:
    """Return the starts of the bookings that take bob's time."""
    return sorted(booking.start for booking in affected_bookings(BOB, own, others) if booking.blocks)


def test_the_copy_of_another_is_enough() -> None:
    """Bob has no copy: it was not delivered, or he has deleted it."""
    assert taken([], [("ann", copy())]) == [100]


def test_two_copies_that_agree_are_one_booking() -> None:
    """Equal copies count once."""
    assert taken([copy()], [("ann", copy()), ("cat", copy())]) == [100]


def test_both_versions_of_a_booking_block() -> None:
    """The host has moved hers, or bob his; either may be right."""
    assert taken([copy(100)], [("ann", copy(200))]) == [100, 200]
    assert taken([copy(100)], [("ann", copy(200, sequence=1))]) == [100, 200]
    assert taken([copy(100, sequence=1)], [("ann", copy(200))]) == [100, 200]


def test_an_outdated_copy_of_a_third_does_not_block() -> None:
    """Cat's calendar is readonly, so her copy has the old time."""
    assert taken([copy(200, sequence=1)], [("ann", copy(200, sequence=1)), ("cat", copy(100))]) == [200]


@pytest.mark.parametrize("answer", [{"cancelled": True}, {"declined": ("bob@example.com",)}])
def test_a_meeting_without_bob_does_not_block_him(answer: dict[str, Any]) -> None:
    """It was cancelled, or the host knows that he has declined."""
    assert taken([], [("ann", copy(**answer))]) == []


def test_bobs_own_answer_decides() -> None:
    """In his copy he has declined, or marked it free."""
    assert taken([copy(blocks=False)], [("ann", copy())]) == []


def test_an_answer_to_one_date_of_a_series_is_for_that_date() -> None:
    """Bob has declined the first date, and his program has lost the second one."""
    dates = [("ann", copy(recurrence=100)), ("ann", copy(200, recurrence=200))]
    assert taken([copy(blocks=False, recurrence=100)], dates) == [200]


def test_a_copy_that_only_bob_lost_blocks() -> None:
    """His program has cancelled his copy; the host still waits for him."""
    assert taken([copy(blocks=False, cancelled=True)], [("ann", copy())]) == [100]


def test_an_expired_hold_elsewhere_keeps_its_end() -> None:
    """Whether it blocks depends on the time of the query."""
    (booking,) = affected_bookings(BOB, [], [("ann", copy(expires=50))])
    assert (booking.blocks_at(49), booking.blocks_at(50)) == (True, False)
