"""Times in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.answer_builders import NEW_YORK, UTC, instant

from gbook.timeutil.format import (
    dated_range,
    day_name,
    day_range,
    moment_name,
    offset_name,
    slot_value,
    time_range,
    zone_name,
    zoned_range,
)
from gbook.timeutil.instants import MINUTE, from_local, local
from gbook.timeutil.zones import find_zone

# A zone, and an instant at which its clocks change: by an hour, at midnight, by half an hour, a day, never.
CHANGES = [
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Europe/London", "2026-03-29T01:00:00Z"),
    ("Europe/London", "2026-10-25T01:00:00Z"),
    ("America/Havana", "2026-03-08T05:00:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("CET", "2026-10-25T01:00:00Z"),
    ("Asia/Kolkata", "2026-10-25T01:00:00Z"),
    ("UTC", "2026-10-25T01:00:00Z"),
]
CLOCK, OFFSET = r"\d\d:\d\d", r"UTC[-+:\d]*|[A-Z]{3,4}"
DATE = r"[A-Z][a-z]{2}( \d+ [A-Z][a-z]{2}( \d{4})?)?"
# A range with the date of its end behind or before the time of day.
RANGE = re.compile(
    rf"(?P<day>{DATE}) (?P<first>{CLOCK})( (?P<before>{OFFSET}))?–((?P<date>{DATE}) )?(?P<last>{CLOCK})"
    rf"( (?P<after>{OFFSET}))?( (?P<later>{DATE}))?( (?P<both>{OFFSET}))?"
)


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
    ("zone", "start", "end", "zoned", "dated"),
    [
        # The hour that is shown twice, and the one that is left out.
        (
            "Europe/London",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
            "Sun 25 Oct 2026 01:30 BST–01:30 GMT",
            "Sun 25 Oct 2026 01:30 BST–01:30 GMT",
        ),
        (
            "Europe/London",
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:30:00Z",
            "Sun 29 Mar 2026 00:30 GMT–02:30 BST",
            "Sun 29 Mar 2026 00:30 GMT–02:30 BST",
        ),
        # The change is between the first and the last day.
        (
            "Europe/London",
            "2026-10-24T10:15:00Z",
            "2026-10-27T10:30:00Z",
            "Sat 24 Oct 2026 11:15 BST–10:30 GMT Tue",
            "Sat 24 Oct 2026 11:15 BST–Tue 27 Oct 10:30 GMT",
        ),
        (
            "America/New_York",
            "2026-10-31T14:00:00Z",
            "2027-01-02T14:00:00Z",
            "Sat 31 Oct 2026 10:00 EDT–09:00 EST Sat 2 Jan 2027",
            "Sat 31 Oct 2026 10:00 EDT–Sat 2 Jan 2027 09:00 EST",
        ),
        # From a midnight, and to one.
        (
            "America/New_York",
            "2026-11-01T04:00:00Z",
            "2026-11-02T05:00:00Z",
            "Sun 1 Nov 2026 00:00 EDT–00:00 EST Mon",
            "Sun 1 Nov 2026 00:00 EDT–Mon 2 Nov 00:00 EST",
        ),
        # Havana's clocks leave out the hour after midnight.
        (
            "America/Havana",
            "2026-03-08T04:30:00Z",
            "2026-03-08T05:00:00Z",
            "Sat 7 Mar 2026 23:30 CST–01:00 CDT Sun",
            "Sat 7 Mar 2026 23:30 CST–Sun 8 Mar 01:00 CDT",
        ),
        # Half an hour, in a zone without abbreviations.
        (
            "Australia/Lord_Howe",
            "2026-04-04T14:45:00Z",
            "2026-04-04T15:15:00Z",
            "Sun 5 Apr 2026 01:45 UTC+11–01:45 UTC+10:30",
            "Sun 5 Apr 2026 01:45 UTC+11–01:45 UTC+10:30",
        ),
        # One abbreviation with two meanings.
        (
            "Europe/Moscow",
            "2014-10-25T12:00:00Z",
            "2014-10-26T12:00:00Z",
            "Sat 25 Oct 2014 16:00 UTC+4–15:00 UTC+3 Sun",
            "Sat 25 Oct 2014 16:00 UTC+4–Sun 26 Oct 15:00 UTC+3",
        ),
        # No change between the ends: before both, after both, two that cancel out, never.
        (
            "America/New_York",
            "2026-11-01T03:30:00Z",
            "2026-11-01T04:30:00Z",
            "Sat 31 Oct 2026 23:30–00:30 EDT Sun",
            "Sat 31 Oct 2026 23:30–Sun 1 Nov 00:30 EDT",
        ),
        (
            "America/New_York",
            "2026-11-01T14:00:00Z",
            "2026-11-01T14:30:00Z",
            "Sun 1 Nov 2026 09:00–09:30 EST",
            "Sun 1 Nov 2026 09:00–09:30 EST",
        ),
        (
            "Europe/London",
            "2026-02-02T09:00:00Z",
            "2026-11-02T10:00:00Z",
            "Mon 2 Feb 2026 09:00–10:00 Mon 2 Nov 2026 GMT",
            "Mon 2 Feb 2026 09:00–Mon 2 Nov 10:00 GMT",
        ),
        (
            "Asia/Kathmandu",
            "2026-10-24T17:45:00Z",
            "2026-10-24T18:15:00Z",
            "Sat 24 Oct 2026 23:30–24:00 UTC+5:45",
            "Sat 24 Oct 2026 23:30–Sun 25 Oct 00:00 UTC+5:45",
        ),
    ],
)
def test_each_end_of_a_range_has_its_own_offset(
    zone: str, start: str, end: str, zoned: str, dated: str
) -> None:
    """If the offsets differ; else the range has one."""
    assert zoned_range(instant(start), instant(end), find_zone(zone)) == zoned
    assert dated_range(instant(start), instant(end), find_zone(zone)) == dated


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


def date_of(words: str, begin: date) -> date:
    """Return the date that ends a range: a full one, one of the year of `begin`, or the next such weekday."""
    match words.split():
        case [_, _, _, _]:
            return datetime.strptime(words, "%a %d %b %Y").date()
        case [_, _, _]:
            return datetime.strptime(f"{words} {begin.year}", "%a %d %b %Y").date()
    return next(day for day in (begin + timedelta(days) for days in range(1, 7)) if f"{day:%a}" == words)


def instant_of(day: date, clock: str, offset: str, zone: ZoneInfo) -> int:
    """Return the instant of a time of day with the name of its offset, which only one offset has then."""
    hour, minute = map(int, clock.split(":"))
    wall = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute)
    if number := re.fullmatch(r"UTC(-?)\+?(\d*):?(\d*)", offset):
        minutes = int(number[2] or 0) * 60 + int(number[3] or 0)
        return from_local(wall, UTC) - (-minutes if number[1] else minutes) * MINUTE
    moments = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    (only,) = {from_local(moment, zone) for moment in moments if moment.tzname() == offset}
    return only


@pytest.mark.parametrize("write", [zoned_range, dated_range, day_range])
@pytest.mark.parametrize(("zone", "change"), CHANGES)
@given(
    start=st.integers(-300, 300) | st.integers(-9 * 1440, 9 * 1440),
    length=st.integers(1, 300) | st.integers(1, 20 * 1440),
)
def test_a_range_gives_its_two_instants(
    write: Callable[[int, int, ZoneInfo], str], zone: str, change: str, start: int, length: int
) -> None:
    """Read with its offsets; a range without any has that of its start, which is above a list of ranges."""
    where = find_zone(zone)
    low = instant(change) + start * MINUTE
    high = low + length * MINUTE
    found = RANGE.fullmatch(write(low, high, where))
    assert found
    part = found.groupdict()
    assert not (part["before"] and part["both"])
    usual = part["both"] or part["after"] or offset_name(local(low, where), brief=True)
    begin = date_of(part["day"], date.min)
    later = part["date"] or part["later"]
    until = date_of(later, begin) if later else begin
    assert instant_of(begin, part["first"], part["before"] or usual, where) == low
    assert instant_of(until, part["last"], part["after"] or usual, where) == high
