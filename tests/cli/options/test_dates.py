"""Dates and times as people type them: clear ones are read, ambiguous ones are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.running import Gbook
from support.team import make_team

from gbook.cli.options.dates import typed_end, typed_start, typed_time
from gbook.errors import UsageError
from gbook.timeutil.instants import DAY, WEEKDAYS, local, parse_instant
from gbook.timeutil.zones import find_zone

NEW_YORK = find_zone("America/New_York")
# Monday, eight in the morning in New York.
NOW = parse_instant("2026-11-23T13:00:00Z", NEW_YORK)


def wall(instant: int) -> str:
    return f"{local(instant, NEW_YORK):%Y-%m-%d %H:%M}"


def days(text: str, now: int = NOW) -> tuple[str, str]:
    """Return the first and the last date of a text."""
    first, end = typed_start(text, NEW_YORK, now), typed_end(text, NEW_YORK, now)
    assert wall(first).endswith("00:00")
    assert wall(end).endswith("00:00")
    return wall(first)[:10], wall(end - 1)[:10]


def refusal(text: str, now: int = NOW) -> str:
    with pytest.raises(UsageError) as refused:
        typed_start(text, NEW_YORK, now)
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", "2026-11-24"),
        ("20261124", "2026-11-24"),
        ("2026/11/24", "2026-11-24"),
        ("2026-W48-2", "2026-11-24"),
        ("2026w482", "2026-11-24"),
        ("2024-02-29", "2024-02-29"),
        ("today", "2026-11-23"),
        (" Tomorrow ", "2026-11-24"),
        ("yesterday", "2026-11-22"),
        ("the day after tomorrow", "2026-11-25"),
        ("tuesday", "2026-11-24"),
        ("on Tue.", "2026-11-24"),
        ("this friday", "2026-11-27"),
        ("sun", "2026-11-29"),
        ("next monday", "2026-11-30"),
        ("+3d", "2026-11-26"),
        ("+ 2 weeks", "2026-12-07"),
        ("in 3 days", "2026-11-26"),
        ("in a week", "2026-11-30"),
        ("in two weeks", "2026-12-07"),
        ("in twelve days", "2026-12-05"),
        ("in 2 months", "2027-01-23"),
        ("two days from now", "2026-11-25"),
        ("3 days ago", "2026-11-20"),
        ("24 Nov", "2026-11-24"),
        ("23 nov", "2026-11-23"),
        ("22 Nov", "2027-11-22"),
        ("Nov 24", "2026-11-24"),
        ("24th of November", "2026-11-24"),
        ("24. november", "2026-11-24"),
        ("Tuesday, November 24th, 2026", "2026-11-24"),
        ("5 May", "2027-05-05"),
        ("May 5", "2027-05-05"),
        ("29 feb", "2028-02-29"),
        ("24.11.2026", "2026-11-24"),
        ("24.11.", "2026-11-24"),
        ("24/11", "2026-11-24"),
        ("11/24/2026", "2026-11-24"),
        ("4/4/2027", "2027-04-04"),
    ],
)
def test_a_date_is_a_whole_day(text: str, day: str) -> None:
    """`--from` means its beginning and `--to` its end, in the zone of --tz."""
    assert days(text) == (day, day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W48", "2026-11-23", "2026-11-29"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("this week", "2026-11-23", "2026-11-29"),
        ("next week", "2026-11-30", "2026-12-06"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("next month", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_week_or_month_is_all_its_days(text: str, first: str, last: str) -> None:
    """`--from 'next week' --to 'next week'` is that week; weeks follow ISO 8601."""
    assert days(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-24T14:00", "2026-11-24 14:00"),
        ("2026-11-24 14:00", "2026-11-24 14:00"),
        ("2026-11-24 9:30", "2026-11-24 09:30"),
        ("2026-11-24T14:00Z", "2026-11-24 09:00"),
        ("2026-11-24t14:00+05:30", "2026-11-24 03:30"),
        ("20261124T1400", "2026-11-24 14:00"),
        ("2026-W48-2T14:00", "2026-11-24 14:00"),
        ("2026-W48-2 14:00", "2026-11-24 14:00"),
        ("now", "2026-11-23 08:00"),
        ("14:00", "2026-11-23 14:00"),
        ("7:00", "2026-11-23 07:00"),
        ("noon", "2026-11-23 12:00"),
        ("2pm", "2026-11-23 14:00"),
        ("tomorrow 9:30", "2026-11-24 09:30"),
        ("9:30 tomorrow", "2026-11-24 09:30"),
        ("tomorrow at noon", "2026-11-24 12:00"),
        ("tomorrow 2:15 PM", "2026-11-24 14:15"),
        ("tomorrow 24:00", "2026-11-25 00:00"),
        ("next monday 14:00", "2026-11-30 14:00"),
        ("tue 14:00", "2026-11-24 14:00"),
        ("friday at 9am", "2026-11-27 09:00"),
        ("24 Nov 14:00", "2026-11-24 14:00"),
        ("nov 24 2026 2 pm", "2026-11-24 14:00"),
        ("24.11.2026 14:00", "2026-11-24 14:00"),
        ("+3d 14:00", "2026-11-26 14:00"),
        ("in 3 days at 14:00", "2026-11-26 14:00"),
        ("+2h", "2026-11-23 10:00"),
        ("in 2 hours", "2026-11-23 10:00"),
        ("+90min", "2026-11-23 09:30"),
        ("+1h30min", "2026-11-23 09:30"),
    ],
)
def test_a_time_is_an_instant(text: str, meant: str) -> None:
    """The same for --from, --to and --slot; a time without an offset is a wall clock of the zone."""
    for read in (typed_start, typed_end, typed_time):
        assert wall(read(text, NEW_YORK, NOW)) == meant


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("friday 9.30", "friday 9:30"),
        ("friday at 9.10", "friday 9:10"),
        ("tomorrow 9.30", "tomorrow 9:30"),
        ("27 nov 9.30", "27 nov 9:30"),
        ("30nov 9:00", "30 nov 9:00"),
        ("nov30 9am", "30 nov 9:00"),
    ],
)
def test_other_spellings_of_a_time(text: str, same: str) -> None:
    """`9.30` after a date is a time, and `30nov` is a date."""
    assert typed_time(text, NEW_YORK, NOW) == typed_time(same, NEW_YORK, NOW)


def test_a_message_about_a_value_begins_with_its_option(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With several dates on a line, the message says which one is wrong."""
    assert gbook("init", str(tmp_path / "team"), "--demo").code == 0
    monkeypatch.chdir(tmp_path / "team")
    for command, message in (
        (["availability", "--from", "32 dec"], "--from: '32 dec' is not a date: December has 31 days"),
        (["availability", "--to", "32 dec"], "--to: '32 dec' is not a date"),
        (["book", "--slot", "32 dec"], "--slot: '32 dec' is not a date"),
        (["why", "32 dec"], "TIME: '32 dec' is not a date"),
        (["availability", "--for", "0"], "--for: '0' is an empty period"),
        (["availability", "--for", "P"], "--for: expected a length such as 7, 45m, 2h"),
        (["availability", "--with", "alice", "--hours", "mon-fir"], "--hours: expected hours such as"),
    ):
        result = gbook(*command)
        assert (result.code, result.out) == (2, ""), command
        assert result.err.startswith(f"gbook: {message}"), command


@pytest.mark.parametrize(
    "arguments",
    [
        *(["availability", option, ""] for option in ("--from", "--to", "--for", "--tz", "--required", "-p")),
        ["availability", "--from="],
        ["availability", "--with", "alice", "--hours", ""],
        ["busy", "--for", ""],
        ["booking", "list", "--from", ""],
        ["book", "--slot", "first", "--key", ""],
    ],
)
def test_an_empty_value_is_refused(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """An unset variable of a shell must not mean the default."""
    assert gbook("init", str(tmp_path / "team"), "--demo").code == 0
    monkeypatch.chdir(tmp_path / "team")
    result = gbook(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "is empty; give it a value or leave it out" in result.err


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("03/04/2026", ["2026-03-04", "2026-04-03"]),
        ("03.04.", ["2027-03-04", "2027-04-03"]),
        ("3-4-2027", ["2027-03-04", "2027-04-03"]),
        ("03/04/2026 14:00", ["2026-03-04", "2026-04-03"]),
        ("9.30", ["2027-09-30", "09:30"]),
        ("mon 14:00", ["2026-11-23T14:00", "2026-11-30T14:00"]),
        ("next friday", ["2026-11-27", "2026-12-04"]),
        ("next friday 14:00", ["2026-11-27", "2026-12-04"]),
        ("tomorrow 12pm", ["00:00", "12:00"]),
        ("12:30 am", ["00:30", "12:30"]),
        ("tomorrow midnight", ["00:00", "24:00"]),
        ("2026-11-01 01:30", ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]),
        ("2026-11-01T01:30", ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]),
    ],
)
def test_what_may_mean_two_things_is_refused_with_both(text: str, readings: list[str]) -> None:
    """People differ on the order of day and month, on `next friday`, on 12pm; a clock put back shows an hour
    twice. None of it is guessed.
    """
    assert f"is ambiguous: use {' or '.join(readings)}" in refusal(text)


def test_a_month_later_is_at_the_latest_the_last_day_of_that_month() -> None:
    """On 31 January, `in a month` is 28 February."""
    january = parse_instant("2026-01-31T13:00:00Z", NEW_YORK)
    assert days("in a month", january)[0] == "2026-02-28"
    assert days("in two months", january)[0] == "2026-03-31"
    assert days("2 months ago", january)[0] == "2025-11-30"
    assert days("in a year", parse_instant("2028-02-29T13:00:00Z", NEW_YORK))[0] == "2029-02-28"


def test_a_reading_is_what_can_be_typed_instead() -> None:
    """The readings of a repeated time are an hour apart."""
    first, second = "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"
    assert typed_time(second, NEW_YORK, NOW) - typed_time(first, NEW_YORK, NOW) == 3600


def test_todays_weekday_is_clear_once_its_time_has_passed() -> None:
    """On a Monday at eight, `monday 7:00` can only be next week's."""
    assert wall(typed_time("mon 7:00", NEW_YORK, NOW)) == "2026-11-30 07:00"


def test_next_weekday_is_clear_where_it_lies_in_next_week() -> None:
    """On a Friday, `next tuesday` has one reading, and `next friday` is next week's."""
    friday = parse_instant("2026-11-27T13:00:00Z", NEW_YORK)
    assert days("next tuesday", friday)[0] == "2026-12-01"
    assert days("next friday", friday)[0] == "2026-12-04"


def test_a_time_that_clocks_skip_is_refused() -> None:
    """02:30 in the night when the clocks go forward."""
    for text in ("2027-03-14T02:30", "2027-03-14 2:30", "14 Mar 2027 2:30 am"):
        assert "2027-03-14 02:30 does not exist in America/New_York" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "a", "5", "14", "2026", "1400", "1764000000", "2026-11", "soon", "lunch", "next", "in"),
        *(
            "first",
            "november",
            "may",
            "24th",
            "24 nov 0000",
        ),
        *("24.11.26", "12 dec 10"),
        *("24 Nov 14", "13pm", "0pm", "14:00 CET"),
        *("tomorrow 14:00 EST", "tomorrow evening", "tonight", "tomorrow tomorrow", "9:30 10:30", "+5m", "+"),
        *("next week 14:00", "2026-11-24x14:00", "9999-12-31", "0001-01-01", "+9999 years", "٢٤ nov"),
        *("\x1b[31m", "[red]", "{{start}}", "tomorrow\x00", "🦊", "x" * 10_000),
    ],
)
def test_what_is_no_date_is_refused_with_examples(text: str) -> None:
    """No date is guessed: `a` is not January, and 32 December is not a day of 2032."""
    assert refusal(text).partition(": ")[2].startswith("expected a date or time such as 2026-11-24, ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31 nov", "November has 30 days, and 30 November is the last"),
        ("32 dec", "December has 31 days, and 31 December is the last"),
        ("2026-11-31", "November has 30 days, and 30 November is the last"),
        ("2026-11-31T10:00", "November has 30 days, and 30 November is the last"),
        ("31/11", "November has 30 days, and 30 November is the last"),
        ("31.11.2026 9:00", "November has 30 days, and 30 November is the last"),
        ("30 feb", "February 2027 has 28 days, and 28 February is the last"),
        ("feb 29 2027", "February 2027 has 28 days, and 28 February is the last"),
        ("00/11", "days count from 1"),
        ("2026-13-01", "there is no month 13"),
        ("13/13", "there is no month 13"),
        ("2026-W60", "2026 has 53 weeks"),
        ("2027-W53", "2027 has 52 weeks"),
        ("mon 24 nov", "24 November 2026 is a Tuesday"),
        ("tomorrow 25:00", "25:00 is not a time of day"),
        ("2026-11-24T9:60", "9:60 is not a time of day"),
        ("tomorow 9:30", "did you mean tomorrow?"),
        ("wendesday", "did you mean wednesday?"),
        ("fri 14", "write a time as 14:00, and a date as 24 Nov"),
        ("friday 9", "write a time as 9:00 or 21:00, and a date as 24 Nov"),
        ("friday at 9", "write a time as 9:00 or 21:00"),
        ("friday 9.10", "write a time as 9:10 or 21:10, and a date as 24 Nov"),
        ("thursday 9.30", "write a time as 9:30 or 21:30, and a date as 24 Nov"),
        ("friday 24.12", "24 December 2026 is a Thursday"),
    ],
)
def test_a_wrong_date_is_refused_with_the_reason(text: str, reason: str) -> None:
    """A list of forms would not say what is wrong."""
    assert refusal(text).partition(": ")[2] == f"{text!r} is not a date: {reason}"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("friday", "2026-12-04", "2026-11-27"),
        ("this friday", "2026-11-27", "2026-11-27"),
        ("coming friday", "2026-12-04", "2026-12-04"),
        ("next friday", "2026-12-04", "2026-12-04"),
        ("monday", "2026-11-30", "2026-11-30"),
    ],
)
def test_a_weekday_on_that_weekday(text: str, start: str, end: str) -> None:
    """On a Friday, `--from friday` is the coming one, and `--to friday` is today."""
    friday = parse_instant("2026-11-27T13:00:00Z", NEW_YORK)
    first, last = days(text, friday)
    assert (first, last) == (start, end)


@pytest.mark.parametrize(
    ("since", "text", "end"),
    [
        ("2026-12-02T14:00Z", "friday", "2026-12-05 00:00"),
        ("2026-12-02T14:00Z", "wed", "2026-12-03 00:00"),
        ("2026-12-02T14:00Z", "wed 10:00", "2026-12-02 10:00"),
        ("2026-12-02T14:00Z", "wed 8:00", "2026-12-09 08:00"),
        ("2026-12-02T14:00Z", "12:00", "2026-12-02 12:00"),
        ("2026-12-02T14:00Z", "tomorrow", "2026-11-25 00:00"),
        ("2026-11-02T14:00Z", "20 nov", "2026-11-21 00:00"),
        ("2027-06-02T14:00Z", "5 jan", "2028-01-06 00:00"),
    ],
)
def test_the_end_of_a_window_counts_from_its_start(since: str, text: str, end: str) -> None:
    """`--from 'next monday' --to friday` is that week; `tomorrow` is always the day after today."""
    assert wall(typed_end(text, NEW_YORK, NOW, parse_instant(since, NEW_YORK))) == end


@pytest.mark.parametrize("command", ["availability", "busy", "agenda"])
def test_commands_read_the_end_after_the_start(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """On a Monday: `--from thursday --to wednesday` ends next week."""
    assert gbook("init", str(tmp_path / "team"), "--demo").code == 0
    monkeypatch.chdir(tmp_path / "team")
    window = ("--from", "thursday", "--to", "wednesday", "--tz", "UTC")
    document = gbook.json(command, *window)
    bounds = [
        document[key] for key in (("startTime", "endTime") if command == "availability" else ("from", "to"))
    ]
    assert bounds == ["2026-11-26T00:00:00Z", "2026-12-03T00:00:00Z"]
    assert gbook("profiles-for", *window).code == 0


@given(st.integers(0, 6), st.integers(0, 400), st.integers(0, 86_399))
def test_the_weekday_of_an_end_is_within_a_week(weekday: int, day: int, second: int) -> None:
    """The first one on or after the start, whatever today is."""
    name, since = WEEKDAYS[weekday], NOW + day * DAY + second
    last = local(typed_end(name, NEW_YORK, NOW, since) - 1, NEW_YORK).date()
    assert last.weekday() == weekday
    assert 0 <= (last - local(since, NEW_YORK).date()).days < 7


@given(st.text(max_size=30))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Never a traceback."""
    for read in (typed_start, typed_end, typed_time):
        with suppress(UsageError):
            assert isinstance(read(text, NEW_YORK, NOW), int)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(["UTC", "Asia/Kolkata"]))
def test_what_iso_says_is_meant_to_the_second(moment: datetime, zone: str) -> None:
    """The fast path reads it as the calendar library does."""
    text, place = moment.isoformat(timespec="seconds"), find_zone(zone)
    assert typed_time(text, place, NOW) == parse_instant(text, place)


def test_a_slot_needs_a_time_of_day(gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten time must not book midnight."""
    assert gbook("init", str(tmp_path / "team"), "--demo").code == 0
    monkeypatch.chdir(tmp_path / "team")
    for command in (["book", "--slot", "tomorrow"], ["why", "tomorrow"]):
        result = gbook(*command)
        assert (result.code, result.out) == (2, "")
        assert "needs a time of day, for example '2026-11-24 14:00'" in result.err


@pytest.mark.parametrize(
    ("zone", "text"),
    [("UTC", "tomorrow"), ("Pacific/Kiritimati", "24 Nov"), ("America/Los_Angeles", "in a day")],
)
def test_the_machines_clock_and_zone_do_not_matter(tmp_path: Path, zone: str, text: str) -> None:
    """`tomorrow` is counted from GBOOK_NOW in the zone of --tz."""
    (tmp_path / "gbook.yaml").write_text("timezone: America/New_York\naccounts: []\n", encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "gbook", "busy", "--json", "--from", text],
        cwd=tmp_path,
        env={**os.environ, "TZ": zone, "GBOOK_NOW": "2026-11-24T02:00:00Z"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"from": "2026-11-24T05:00:00Z"' in shown.stdout


def test_iso_dates_do_not_load_the_reader_of_words() -> None:
    """ISO 8601 does not import the reader of phrases."""
    code = (
        "import sys; from gbook.cli.options.dates import typed_start; "
        "from gbook.timeutil.zones import find_zone; "
        "typed_start('2026-11-24T14:00', find_zone('UTC'), 0); typed_start('2026-W48', find_zone('UTC'), 0); "
        "print('gbook.cli.options.natural_dates' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False"]


def test_an_end_that_is_next_years_only_without_a_year_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gbook: Gbook
) -> None:
    """From 20 December to 10 January is a window over New Year; from 1 December to 30 November is not."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    refused = gbook("agenda", "--from", "1 dec", "--to", "30 nov").err
    assert refused == "gbook: --to: '30 nov' is ambiguous: use 2026-11-30 or 2027-11-30\n"
    for window in (("1 dec", "30 nov 2027"), ("20 dec", "10 jan"), ("1 jan", "30 nov")):
        gbook.json("agenda", "--from", window[0], "--to", window[1])
