"""Errors: the name that was probably meant."""

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
    """A slip, a beginning, another case."""
    assert did_you_mean(typed, KNOWN) == f"; did you mean {meant}?"


@pytest.mark.parametrize("typed", ["", "a", "reschedule"])
def test_what_is_near_to_nothing_is_not_guessed_at(typed: str) -> None:
    """One letter is the beginning of too much."""
    assert did_you_mean(typed, KNOWN) == ""
