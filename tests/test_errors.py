"""Errors: the suggestion of a similar name."""

from __future__ import annotations

import pytest

from gbook.errors import did_you_mean

KNOWN = ["availability", "booking", "busy", "Europe/Berlin"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("availabilty", "availability"),
        ("avail", "availability"),
        ("BUZY", "busy"),
        ("europe/berln", "Europe/Berlin"),
    ],
)
def test_the_nearest_name_is_suggested(typed: str, meant: str) -> None:
    """A typo, a prefix, another case."""
    assert did_you_mean(typed, KNOWN) == f"; did you mean {meant}?"


@pytest.mark.parametrize("typed", ["", "a", "reschedule"])
def test_a_name_like_no_other_gets_no_suggestion(typed: str) -> None:
    """One letter is a prefix of too many names."""
    assert did_you_mean(typed, KNOWN) == ""
