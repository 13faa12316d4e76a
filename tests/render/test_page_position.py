"""Tokens of pages: text for a URL, in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.render.page_position import PagePosition


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
