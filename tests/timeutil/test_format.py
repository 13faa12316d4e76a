"""Times in words."""

from __future__ import annotations

from datetime import date

import pytest
from support.answer_builders import NEW_YORK, UTC, instant

from gbook.timeutil.format import day_name, moment_name, slot_value, time_range, zone_name
from gbook.timeutil.zones import find_zone


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-24T14:00:00Z", "2026-11-24T14:30:00Z", "09:00–09:30"),
        ("2026-11-24T14:15:22Z", "2026-11-24T14:45:22Z", "09:15:22–09:45:22"),
        ("2026-11-25T04:30:00Z", "2026-11-25T05:00:00Z", "23:30–24:00"),
        ("2026-11-25T04:30:00Z", "2026-11-25T05:30:00Z", "23:30–00:30 Wed"),
        ("2026-11-24T14:00:00Z", "2026-12-01T14:00:00Z", "09:00–09:00 Tue 1 Dec 2026"),
        # The clocks go back at 06:00Z on November 1st, forward at 07:00Z on March 8th.
        ("2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "01:30 EDT–01:00 EST"),
        ("2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z", "01:30–02:00 EST"),
        ("2026-11-01T14:00:00Z", "2026-11-01T14:30:00Z", "09:00–09:30 EST"),
        ("2026-03-08T06:45:00Z", "2026-03-08T07:15:00Z", "01:45 EST–03:15 EDT"),
    ],
)
def test_a_range_can_be_read_in_one_way_only(start: str, end: str, words: str) -> None:
    """Seconds, midnight, the next day and a change of the clocks show where they matter, nowhere else."""
    assert time_range(instant(start), instant(end), NEW_YORK) == words


@pytest.mark.parametrize(
    ("zone", "moments", "words"),
    [
        ("America/New_York", ["2026-11-24T14:00:00Z"], "America/New_York (EST, UTC-5)"),
        (
            "America/New_York",
            ["2026-10-31T14:00:00Z", "2026-11-24T14:00:00Z"],
            "America/New_York (EDT, UTC-4, then EST, UTC-5)",
        ),
        ("Asia/Kolkata", ["2026-11-24T14:00:00Z"], "Asia/Kolkata (IST, UTC+5:30)"),
        ("America/Sao_Paulo", ["2026-11-24T14:00:00Z"], "America/Sao_Paulo (UTC-3)"),
        ("UTC", ["2026-11-24T14:00:00Z"], "UTC"),
        ("Etc/UTC", ["2026-11-24T14:00:00Z"], "UTC"),
        ("CET", ["2026-11-24T14:00:00Z"], "CET (UTC+1)"),
        ("GMT", ["2026-11-24T14:00:00Z"], "GMT (UTC)"),
        ("Europe/London", ["2026-11-24T14:00:00Z"], "Europe/London (GMT, UTC)"),
        ("Etc/GMT+5", ["2026-11-24T14:00:00Z"], "Etc/GMT+5 (UTC-5)"),
    ],
)
def test_a_zone_is_named_with_its_offsets(zone: str, moments: list[str], words: str) -> None:
    """Every offset that the times shown have is named; no abbreviation appears twice."""
    assert zone_name(find_zone(zone), map(instant, moments)) == words


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (None, "Wed 3 Feb 2027"),
        (date(2026, 11, 24), "Wed 3 Feb 2027"),
        (date(2027, 1, 1), "Wed 3 Feb"),
    ],
)
def test_the_current_year_is_left_out(today: date | None, words: str) -> None:
    """A date of another year has its year, and so has a date that stands alone."""
    assert day_name(date(2027, 2, 3), today) == words
    assert moment_name(instant("2027-02-03T14:05:00Z"), NEW_YORK, today) == f"{words} 09:05"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "2026-11-24T14:00Z"),
        ("UTC", "2026-11-24T14:15:22Z"),
        ("Europe/London", "2026-11-24T14:00Z"),
        ("Europe/London", "2026-07-24T14:00+01:00"),
        ("America/New_York", "2026-11-01T01:30-04:00"),
        ("America/New_York", "2026-11-01T01:30-05:00"),
        ("Asia/Kolkata", "2026-11-24T14:00+05:30"),
    ],
)
def test_a_slot_is_written_as_the_option_takes_it(zone: str, text: str) -> None:
    """The time in the zone shown, with its offset: no hour of a clock put back has two meanings."""
    assert slot_value(instant(text), find_zone(zone)) == text


def test_a_range_in_utc_never_changes_its_clock() -> None:
    """A zone without changes needs no offsets."""
    assert time_range(instant("2026-11-01T05:30:00Z"), instant("2026-11-01T06:30:00Z"), UTC) == "05:30–06:30"
