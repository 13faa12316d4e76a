"""Numbers and tokens by which clients name what has other names in gbook."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.render.page_position import PagePosition
from gbook.service.ids import reservation_number


@given(st.text())
def test_a_reservation_has_a_number_that_javascript_can_read(uid: str) -> None:
    """It is an integer from 1 to 2^53 - 1, whatever the UID is."""
    assert 1 <= reservation_number(uid) < 2**53


def test_the_number_of_a_reservation_stays() -> None:
    """Clients keep it, so it depends on the UID alone; another UID has another one."""
    assert reservation_number("meeting@example.com") == 6_706_435_181_907_419
    assert reservation_number("meeting@example.com ") != reservation_number("meeting@example.com")
    assert reservation_number("\udcff") > 0


@given(st.integers(0, 10**9 - 1), st.integers(1, 500))
def test_a_page_token_leads_to_its_page(offset: int, limit: int) -> None:
    """A token is text for a URL, and has one form."""
    token = PagePosition(offset, limit).token
    assert token.replace("-", "").replace("_", "").isalnum()
    assert PagePosition.of_token(token) == (offset, limit)


@pytest.mark.parametrize(
    "token", ["", "x", "MS4wLjEw=", "MS4wLjEw\n", "Mi4wLjEw", "MS4wMS4xMA", "MS4tMS4xMA", "MS4wLjA", "é"]
)
def test_another_text_is_no_page_token(token: str) -> None:
    """Padding, another version, leading zeros and signs are refused."""
    with pytest.raises(ValueError, match="nextPageToken"):
        PagePosition.of_token(token)
