"""Dates, times and lengths as people write them, in each language."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from support.cldr import plain

from gbook.service.page.language.formats import Formats
from gbook.timeutil.instants import parse_instant

MONDAY = date(2026, 11, 30)
LONDON, NEW_YORK, AUCKLAND = map(ZoneInfo, ("Europe/London", "America/New_York", "Pacific/Auckland"))
MOMENT = parse_instant("2026-11-30T14:30:00Z", LONDON)


def formats(tag: str) -> Formats:
    """Return the formats of a language tag."""
    return Formats(Locale.parse(tag, sep="-"), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("tag", "day", "full", "short"),
    [
        ("en-GB", "Monday 30 November", "Monday 30 November 2026", "30 November"),
        ("en-US", "Monday, November 30", "Monday, November 30, 2026", "November 30"),
        ("de", "Montag, 30. November", "Montag, 30. November 2026", "30. November"),
        ("de-AT", "Montag, 30. November", "Montag, 30. November 2026", "30. November"),
    ],
)
def test_dates_have_names_in_full(tag: str, day: str, full: str, short: str) -> None:
    """Also where a locale has a pattern for short names only."""
    f = formats(tag)
    assert (plain(f.day(MONDAY)), plain(f.full_day(MONDAY)), f.short_day(MONDAY)) == (day, full, short)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en-GB", "30 Nov, 1–4 Dec and 31 Dec–2 Jan"),
        ("en-US", "Nov 30, Dec 1–4, and Dec 31–Jan 2"),
        ("de", "30. Nov., 1.–4. Dez. und 31. Dez.–2. Jan."),
    ],
)
def test_days_in_a_row_are_one_range(tag: str, text: str) -> None:
    """Which names a month twice only if it is another one at its end."""
    days = [(MONDAY, MONDAY), (date(2026, 12, 1), date(2026, 12, 4)), (date(2026, 12, 31), date(2027, 1, 2))]
    assert plain(formats(tag).brief_days(days)) == text


@pytest.mark.parametrize(
    ("time", "clock"),
    [
        ("2027-10-30T22:30:00Z", "00:30"),
        ("2027-10-31T00:30:00Z", "02:30 GMT+02:00"),
        ("2027-10-31T01:30:00Z", "02:30 GMT+01:00"),
        ("2027-10-31T02:00:00Z", "03:00"),
        ("2027-03-28T01:00:00Z", "03:00"),
    ],
)
def test_an_hour_that_is_there_twice_says_which_one(time: str, clock: str) -> None:
    """Else two times of a day, or the ends of a meeting, would look alike."""
    berlin = ZoneInfo("Europe/Berlin")
    assert formats("en-GB").clock(parse_instant(time, berlin), berlin) == clock


@pytest.mark.parametrize(
    ("tag", "zone", "clock", "moment"),
    [
        ("en-GB", LONDON, "14:30", "Monday 30 November, 14:30"),
        ("en-US", NEW_YORK, "9:30 AM", "Monday, November 30, 9:30 AM"),
        ("de", AUCKLAND, "03:30", "Dienstag, 1. Dezember, 03:30"),
    ],
)
def test_a_moment_is_that_of_a_zone(tag: str, zone: ZoneInfo, clock: str, moment: str) -> None:
    """With 24 or 12 hours, and the date of the place."""
    f = formats(tag)
    assert (plain(f.clock(MOMENT, zone)), plain(f.moment(MOMENT, zone))) == (clock, moment)
    assert f.stamp(MOMENT) == "2026-11-30T14:30:00Z"


@pytest.mark.parametrize(
    ("tag", "minutes", "text"),
    [
        ("en-GB", 1, "1 minute"),
        ("en-GB", 45, "45 minutes"),
        ("en-GB", 60, "1 hour"),
        ("en-GB", 90, "1 hour, 30 minutes"),
        ("en-GB", 2 * 1440 + 60, "2 days, 1 hour"),
        ("de", 90, "1 Stunde, 30 Minuten"),
    ],
)
def test_lengths_are_words(tag: str, minutes: int, text: str) -> None:
    """A guest reads no PT1H30M."""
    assert formats(tag).duration(minutes * 60) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 second"),
        (40, "40 seconds"),
        (60, "60 seconds"),
        (61, "2 minutes"),
        (3600, "60 minutes"),
        (17_280, "5 hours"),
    ],
)
def test_a_wait_is_long_enough(seconds: int, text: str) -> None:
    """It is rounded up: who waits so long is let in."""
    assert formats("en-GB").wait(seconds) == text


def test_places_and_lists_have_names() -> None:
    """Zones are called by their city."""
    assert formats("en-GB").city(NEW_YORK) == "New York"
    assert formats("en-GB").and_(["8", "16", "23"]) == "8, 16 and 23"
    assert formats("de").and_(["8", "16"]) == "8 und 16"
    assert formats("de").number(1024) == "1.024"
    assert formats("de").language_name("en") == "English"


@pytest.mark.parametrize(
    ("tag", "day", "short", "months"),
    [
        ("en-GB", "Monday 22 November 2027", "22 November 2027", "November and December 2027"),
        ("de", "Montag, 22. November 2027", "22. November 2027", "November und Dezember 2027"),
    ],
)
def test_a_day_that_is_far_away_has_its_year(tag: str, day: str, short: str, months: str) -> None:
    """Else it would be read as one of this year."""
    far, f = date(2027, 11, 22), formats(tag)
    assert (plain(f.day(far)), f.short_day(far)) == (day, short)
    assert f.months(far, date(2027, 12, 26)) == months
    assert "2027" not in f.day(date(2027, 1, 4)) + f.months(date(2026, 12, 1), date(2027, 1, 4))
