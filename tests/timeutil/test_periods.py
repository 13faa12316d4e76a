"""Lengths of time as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.timeutil.periods import Period, iso_period, period_minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0", 0),
        ("30", 30),
        (" 45 ", 45),
        ("45m", 45),
        ("45 min", 45),
        ("45 minutes", 45),
        ("2h", 120),
        ("2 hours", 120),
        ("1h30", 90),
        ("1h30m", 90),
        ("1H 30 MIN", 90),
        ("2d", 2880),
        ("1w", 10080),
        ("1w 2d", 12960),
        ("1d12h", 2160),
        ("PT45M", 45),
        ("pt1h30m", 90),
        ("P7D", 10080),
        ("PT0M", 0),
    ],
)
def test_a_length_is_a_number_of_minutes(text: str, minutes: int) -> None:
    """A bare number is minutes, a day has 24 hours."""
    assert period_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("7", "P7D"),
        ("2h", "PT2H"),
        ("90m", "PT90M"),
        ("1d12h", "P1DT12H"),
        ("4w", "P4W"),
        ("30D", "P30D"),
        ("3mo", "P3M"),
        ("3 months", "P3M"),
        ("1y6mo", "P1Y6M"),
        ("p3m", "P3M"),
        ("P3M", "P3M"),
    ],
)
def test_a_period_is_written_as_the_api_has_it(text: str, period: str) -> None:
    """A bare number is days."""
    assert iso_period(text) == period


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "-5", "+5", "1.5h", "45s", "h", "1hm", "m30", "30 d 5", "٣", "1e3", "9" * 30, "2h2h"],
)
def test_other_text_is_refused(text: str) -> None:
    """The message has examples."""
    with pytest.raises(ValueError, match="expected a length such as 30, 45m, 2h, 1h30, 2d, 1w or P7D"):
        period_minutes(text)
    with pytest.raises(ValueError, match="7, 45m" if text != "9" * 30 else "such as"):
        Period.parse(iso_period(text))


def test_a_bare_capital_m_could_be_months_or_minutes() -> None:
    """Both spellings are named."""
    with pytest.raises(ValueError, match="'3M' is ambiguous: use P3M for months or 3m for minutes"):
        iso_period("3M")


def test_months_are_no_number_of_minutes() -> None:
    """Months differ in length."""
    for text in ("1mo", "P1M", "1y"):
        with pytest.raises(ValueError, match="no fixed length"):
            period_minutes(text)


NUMBERS = st.integers(0, 999_999)


@given(weeks=NUMBERS, days=NUMBERS, hours=NUMBERS, minutes=NUMBERS)
def test_every_combination_of_units_adds_up(weeks: int, days: int, hours: int, minutes: int) -> None:
    """With and without spaces, and in ISO 8601."""
    total = ((weeks * 7 + days) * 24 + hours) * 60 + minutes
    assert period_minutes(f"{weeks}w{days}d{hours}h{minutes}") == total
    assert period_minutes(f"{weeks} weeks {days} days {hours} hours {minutes} minutes") == total
    assert period_minutes(f"P{weeks}W{days}DT{hours}H{minutes}M") == total


@given(st.text(max_size=20))
def test_any_text_is_a_length_or_a_value_error(text: str) -> None:
    """And what is accepted is a period for the API."""
    for unit in ("days", "minutes"):
        try:
            period = Period.parse(iso_period(text, unit))
        except ValueError:
            continue
        assert period.months or period.days or period.seconds
