"""Busy time as bars."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.text import Text
from support.answer_builders import BUSY, NEW_YORK, account_time, instant, recorded, shown

from gbook.engine.intervals import Interval
from gbook.render.busy_bars import show_busy
from gbook.timeutil.instants import at_midnight, format_instant, local
from gbook.timeutil.zones import find_zone

TIMES = {name: account_time(name, *busy) for name, busy in BUSY.items()} | {
    "gone": account_time("gone", readable=False)
}


def window(days: int, first: str = "2026-11-24T12:00:00Z") -> Interval:
    from datetime import timedelta

    day = local(instant(first), NEW_YORK).date()
    return at_midnight(day, NEW_YORK), at_midnight(day + timedelta(days=days), NEW_YORK)


def bar(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name))


@pytest.mark.parametrize("width", [30, 60, 80, 100, 140])
@pytest.mark.parametrize("days", [1, 7, 31])
def test_bars_look_as_recorded(days: int, width: int) -> None:
    """A day, a week and a month at usual widths; no line is broken."""
    text = shown(show_busy, TIMES, window(days), NEW_YORK, width=width)
    assert text == recorded(f"busy-{days}-{width}", text)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert not any(line.startswith(" ") and not line.strip() for line in text.splitlines())


def test_colour_adds_nothing_that_is_needed() -> None:
    """The characters are the same with and without colours."""
    coloured = shown(show_busy, TIMES, window(7), NEW_YORK, color=True)
    assert "\x1b[31m" in coloured
    assert Text.from_ansi(coloured).plain.rstrip() == shown(show_busy, TIMES, window(7), NEW_YORK).rstrip()


def test_an_unreadable_calendar_never_looks_free() -> None:
    """A row of question marks, and the legend says that it counts as busy."""
    text = shown(show_busy, TIMES, window(7), NEW_YORK)
    assert set(bar(text, "gone").removeprefix("gone")) == {" ", "?"}
    assert "? unreadable (counted as busy)" in text


def test_a_second_of_busy_time_is_seen() -> None:
    """A cell with any busy time never looks free, however coarse the cells are."""
    times = {"a": account_time("a", "2026-12-05T10:00:00Z/2026-12-05T10:00:01Z")}
    for days in (31, 365):
        assert bar(shown(show_busy, times, window(days), NEW_YORK, width=60), "a  ") is not None
        assert "░" in shown(show_busy, times, window(days), NEW_YORK, width=60).split("partly")[0][:-4]


def test_hours_are_those_of_the_clock() -> None:
    """On the day the clocks go back, one hour is shown twice and the bar has 25 hours."""
    text = shown(show_busy, TIMES, window(1, "2026-11-01T12:00:00Z"), NEW_YORK, width=140)
    assert "00  01  01  02" in text
    assert bar(text, "alice").count("·") == 25 * 4


def test_a_window_within_a_day_has_its_hours_only() -> None:
    """From 16:00 to 18:30 in a zone with an offset of half an hour: three hours, the last one half blank."""
    zone = find_zone("Asia/Kolkata")
    part = instant("2026-11-24T10:30:00Z"), instant("2026-11-24T13:00:00Z")
    text = shown(show_busy, {"a": account_time("a")}, part, zone)
    assert "16  17  18" in text
    assert bar(text, "a").endswith("·" * 10)


def test_names_show_as_text_and_keep_the_columns() -> None:
    """Markup stays, escape codes go, wide and long names are cut to cells."""
    names = ["[red]", "x\x1b[31m", "田中さん", "n" * 50]
    text = shown(show_busy, {name: account_time("a") for name in names}, window(1), NEW_YORK)
    rows = [line for line in text.splitlines() if line.endswith("··")]
    assert "\x1b" not in text
    assert rows[0].startswith("[red] ")
    assert len({cell_len(row) for row in rows}) == 1
    assert len(rows) == 4


def test_a_week_has_its_hours_in_a_narrow_terminal() -> None:
    """A cell is never longer than an hour; days that do not fit across are below."""
    times = {"a": account_time("a", "2026-11-25T15:00:00Z/2026-11-25T16:00:00Z")}
    for width in (30, 60, 80, 140):
        text = shown(show_busy, times, window(7), NEW_YORK, width=width)
        assert "·█·" in text or "·██·" in text
        assert "░" not in text.split("partly")[0][:-4]


def test_hours_without_busy_time_are_left_out() -> None:
    """Office hours stay; a short event at night brings the night back, and an event of days does not."""
    long, short = "2026-11-24T04:00:00Z/2026-11-28T03:00:00Z", "2026-11-26T08:00:00Z/2026-11-26T09:00:00Z"
    text = shown(show_busy, {"a": account_time("a", long)}, window(7), NEW_YORK)
    assert "08 11 14" in text
    assert "Hours left out: only all-day events." in text
    assert "█" * 10 in text
    both = {"a": account_time("a", long), "b": account_time("b", short)}
    assert "03 06 09 12 15" in shown(show_busy, both, window(7), NEW_YORK)


@pytest.mark.parametrize("first", ["2026-10-30T12:00:00Z", "2026-03-06T12:00:00Z"])
@pytest.mark.parametrize("days", [1, 2, 5, 14, 15])
def test_days_of_23_and_25_hours_fit(first: str, days: int) -> None:
    """Also if a time at night is busy, and the terminal has just the columns of 24 hours."""
    nights = [instant(first) + (24 * days - 6) * 3600 for days in range(1, 5)]
    night = [f"{format_instant(start)}/{format_instant(start + 3600)}" for start in nights]
    times = {"a": account_time("a", *night)}
    for width in range(24, 60):
        text = shown(show_busy, times, window(days, first), NEW_YORK, width=width)
        rows = [line for line in text.splitlines() if line.startswith("a ")]
        assert all(cell_len(line) <= width for line in rows)
