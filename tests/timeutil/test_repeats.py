"""The dates of a series, compared with those of dateutil and of gbook's own reader of calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.reader import read_file
from gbook.errors import UsageError
from gbook.timeutil.instants import ALL_TIME, DAY, from_local, local
from gbook.timeutil.repeats import MAX_DATES, Frequency, Repeat
from gbook.timeutil.zones import find_zone

# A zone, and a day on which its clocks change: by an hour, by half an hour, at midnight, by a whole day.
SCENES = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/Havana", date(2026, 3, 8)),
    ("UTC", date(2028, 2, 29)),
]
REPEATS = st.builds(
    Repeat,
    frequency=st.sampled_from(get_args(Frequency)),
    count=st.integers(2, 20),
    interval=st.sampled_from([1, 1, 2, 3, 12]),
)
# A scene, and how many minutes after the midnight before it a series starts.
FIRSTS = st.tuples(
    st.sampled_from(SCENES),
    st.integers(-60 * 1440, 1440) | st.integers(-3 * 24, 48).map(lambda hour: hour * 60),
)


def first_of(scene: tuple[str, date], minutes: int) -> int:
    zone, day = scene
    return from_local(datetime(day.year, day.month, day.day), find_zone(zone)) + minutes * 60


@given(REPEATS, FIRSTS)
def test_the_days_are_those_of_the_rule(repeat: Repeat, first: tuple[tuple[str, date], int]) -> None:
    """dateutil reads the same days in the RRULE."""
    wall = local(first_of(*first), find_zone(first[0][0])).replace(tzinfo=None)
    rule = rrulestr(f"RRULE:{repeat.rule}", dtstart=wall)
    assert list(repeat.days(wall.date())) == [start.date() for start in rule]


@given(REPEATS, FIRSTS)
def test_the_starts_are_those_that_a_reader_of_the_event_finds(
    repeat: Repeat, first: tuple[tuple[str, date], int]
) -> None:
    """An event with this RRULE and a DTSTART in the zone has occurrences at the same instants."""
    name, _ = first[0]
    instant = first_of(*first)
    event = f"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART;TZID={name}:{local(instant, find_zone(name)):%Y%m%dT%H%M%S}
DURATION:PT1M
RRULE:{repeat.rule}
END:VEVENT
END:VCALENDAR
"""
    file = read_file(event.encode(), ReadOptions("", "UTC"), *ALL_TIME)
    starts = repeat.starts(instant, find_zone(name))
    assert starts == [occurrence.start for occurrence in file.occurrences()]


@given(REPEATS, FIRSTS)
def test_every_date_has_the_wall_clock_of_the_first(
    repeat: Repeat, first: tuple[tuple[str, date], int]
) -> None:
    """It is the first instant that shows it; a time in a gap is as long after the gap's start as it says."""
    zone = find_zone(first[0][0])
    instant = first_of(*first)
    wall = local(instant, zone).replace(tzinfo=None, fold=0)
    starts = repeat.starts(instant, zone)
    for day, start in zip(repeat.days(wall.date()), starts, strict=True):
        asked = datetime.combine(day, wall.time())
        naive = int(asked.replace(tzinfo=UTC).timestamp())
        # Every offset that the zone has within two days.
        offsets = {local(naive + hours * 3600, zone).utcoffset() or timedelta(0) for hours in range(-48, 49)}
        shown = [
            naive - int(offset.total_seconds())
            for offset in offsets
            if local(naive - int(offset.total_seconds()), zone).replace(tzinfo=None, fold=0) == asked
        ]
        if shown:
            assert start == min(shown)
        else:
            before = local(start - 2 * DAY, zone).utcoffset() or timedelta(0)
            assert start == naive - int(before.total_seconds())


def test_a_repeat_in_words_and_as_a_rule() -> None:
    """An interval of one is left out."""
    assert Repeat("weekly", 6).rule == "FREQ=WEEKLY;COUNT=6"
    assert Repeat("weekly", 6, 2).rule == "FREQ=WEEKLY;COUNT=6;INTERVAL=2"
    assert Repeat("daily", 2).words == "daily, 2 times"
    assert Repeat("monthly", 3, 2).words == "every 2 months, 3 times"


def test_months_without_the_day_are_left_out() -> None:
    """So a series on the 31st has no date in February; COUNT does not count it either."""
    days = Repeat("monthly", 4).days(date(2026, 12, 31))
    assert list(days) == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31), date(2027, 5, 31)]


def test_skipped_dates_keep_their_position() -> None:
    """`starts` has every date, `kept` those that take place."""
    repeat = Repeat("daily", 3, skipped=(1,))
    assert repeat.starts(0, UTC) == [0, DAY, 2 * DAY]
    assert repeat.kept == [0, 2]


def test_a_series_ends_before_the_calendar_of_python() -> None:
    """29 February every 84 months is every 28 years."""
    leap_day = first_of(("UTC", date(8028, 2, 29)), 0)
    assert len(Repeat("monthly", MAX_DATES, 1).starts(leap_day, UTC)) == MAX_DATES
    with pytest.raises(UsageError, match="beyond the year 9987"):
        Repeat("monthly", MAX_DATES, 84).starts(leap_day, UTC)


def test_a_rule_is_read_as_gbook_writes_it() -> None:
    """Servers change the order of its parts; other rules are of other programs."""
    for repeat in (Repeat("daily", 2), Repeat("weekly", 104, 2), Repeat("monthly", 3, 99)):
        assert Repeat.parse(repeat.rule) == repeat
    assert Repeat.parse("COUNT=6;FREQ=WEEKLY") == Repeat("weekly", 6)
    for other in ("FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=6;BYDAY=MO", "FREQ=YEARLY;COUNT=2", "FREQ=DAILY;COUNT=x"):
        assert Repeat.parse(other) is None, other
