"""Numbers by which clients name reservations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gbook.service.operations.numbers import reservation_number


@given(st.text())
def test_a_reservation_has_a_number_that_javascript_can_read(uid: str) -> None:
    """It is an integer from 1 to 2^53 - 1, whatever the UID is."""
    assert 1 <= reservation_number(uid) < 2**53


def test_the_number_of_a_reservation_stays() -> None:
    """Clients keep it, so it depends on the UID alone; another UID has another one."""
    assert reservation_number("meeting@example.com") == 6_706_435_181_907_419
    assert reservation_number("meeting@example.com ") != reservation_number("meeting@example.com")
    assert reservation_number("\udcff") > 0
