"""The grid of weeks."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.answer_builders import BUSY, NEW_YORK, TUESDAY, answer, instant, shown

from gbook.render.shading import level
from gbook.render.slots import show_grid
from gbook.render.week_grid import WEEK_LIMIT
from gbook.timeutil.instants import format_instant, local
from gbook.timeutil.zones import find_zone


def row(text: str, clock: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(clock))


def test_a_time_without_a_free_member_differs_from_one_outside_the_hours() -> None:
    """Dots if the members work and cannot meet; blank if no slot could start."""
    busy = {"alice": ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"]}
    asked = answer(busy, accounts=("alice",), groups=(), hours="tue 09:00-12:00; wed 11:00-12:00")
    text = shown(show_grid, asked, NEW_YORK, None, width=60)
    assert row(text, "09:00") == "09:00 ······"
    assert row(text, "10:00") == "10:00 ██████"
    assert row(text, "11:00") == "11:00 ██████ ██████"


def test_a_cell_shows_the_best_slot_that_starts_in_it() -> None:
    """With one member free until 09:15 and three after it, the cell shows three."""
    busy = {name: ["2026-11-24T14:00:00Z/2026-11-24T14:15:00Z"] for name in ("alice", "carol", "dave")}
    text = shown(show_grid, answer(busy, availability_step=15), NEW_YORK, None, width=60)
    assert row(text, "09:00").startswith("09:00 ██████")


def test_only_all_members_fill_a_cell() -> None:
    """Levels rise with the number of members, and only all members have the last one."""
    for whole in range(1, 30):
        levels = [level(part, whole) for part in range(whole + 1)]
        assert levels == sorted(levels)
        assert levels[0] == 0
        assert levels.count(4) == 1
        assert levels[-1] == 4


def test_today_is_marked_without_colour() -> None:
    """The word `today` replaces the weekday, by the zone shown."""
    asked = answer({}, now="2026-11-24T15:30:00Z")
    assert "\n      today  Wed" in shown(show_grid, asked, NEW_YORK, None, width=60)
    assert "\n      today  Thu" in shown(show_grid, asked, find_zone("Asia/Tokyo"), None, width=60)


def test_a_narrow_terminal_has_fewer_days_across() -> None:
    """Four days, and below them the next ones in which a slot could start, up to the last one."""
    text = shown(show_grid, answer({}, time_available_for="P7D"), NEW_YORK, None, width=36)
    assert "      today  Wed    Thu    Fri\n" in text
    assert "      Mon\n" in text


def test_weeks_beyond_the_limit_are_named() -> None:
    """Five weeks are shown, with the option for the next ones."""
    text = shown(show_grid, answer({}, time_available_for="P90D"), NEW_YORK, None)
    assert text.count("Wed  ") == WEEK_LIMIT
    assert "\n… and 8 more weeks until 19 Feb: --from 2026-12-29\n" in text


@pytest.mark.parametrize(("height", "weeks"), [(24, 1), (50, 2), (70, 3)])
def test_a_terminal_shows_the_weeks_that_fit(height: int, weeks: int) -> None:
    """The heading stays visible, and a line says what is left out; longer rows let a day fit."""
    asked = answer({}, hours="mon-fri 09:00-17:00", time_available_for="P90D")
    lines = shown(show_grid, asked, NEW_YORK, None, width=100, height=height, color=True).splitlines()
    assert len(lines) < height
    assert sum("Wed" in line for line in lines) == weeks
    begin = instant(TUESDAY) + weeks * 7 * 86400
    day = local(begin, NEW_YORK).date().isoformat()
    assert any(f"and {13 - weeks} more weeks until 19 Feb: --from {day}" in line for line in lines)


def test_hours_without_slots_are_folded() -> None:
    """Night and morning, seen from a zone in which the working day spans midnight."""
    lines = shown(show_grid, answer({}, hours="mon-fri 09:00-17:00"), find_zone("Asia/Kolkata"), None)
    clocks = [line[:5].strip() for line in lines.splitlines()]
    assert "..." in clocks
    assert clocks.index("03:00") < clocks.index("...") < clocks.index("19:30")
    assert "10:00" not in clocks


def test_a_day_around_the_clock_has_a_row_an_hour() -> None:
    """Rows get longer until a day fits."""
    text = shown(show_grid, answer({}, hours="daily 00:00-24:00"), NEW_YORK, None)
    assert "\n23:00 " in text
    assert "\n09:30 " not in text


def test_first_hides_later_slots() -> None:
    """Slots beyond the number asked for do not look like times without slots."""
    text = shown(show_grid, answer({}), NEW_YORK, 3)
    assert "·····" not in text
    assert "\n10:00 " in text
    assert "\n10:30 " not in text


def test_a_terminal_without_such_characters_gets_others() -> None:
    """On an ASCII terminal the shades are still distinct."""
    import io

    from rich.console import Console as RichConsole

    from gbook.render.console import Console

    class Ascii(io.StringIO):
        encoding = "ascii"

    file = Ascii()
    show_grid(Console(lambda: RichConsole(file=file, width=60)), answer(), NEW_YORK, None)
    assert "######" in file.getvalue()
    assert "█" not in file.getvalue()


def test_the_grid_begins_with_the_first_day_that_has_a_slot() -> None:
    """Neither the Monday before it is shown, nor a day on which no one is free."""
    text = shown(
        show_grid,
        answer({name: ["2026-11-20T00:00:00Z/2026-11-26T00:00:00Z"] for name in BUSY}),
        NEW_YORK,
        None,
    )
    assert text.split("\n\n")[1].split()[0] == "Thu"


def test_rows_begin_at_the_starts() -> None:
    """If all starts are ten minutes past, the rows are too, and each cell is one start."""
    text = shown(show_grid, answer({}, hours="mon-fri 09:10-12:00", availability_step=30), NEW_YORK, None)
    assert row(text, "09:10").startswith("09:10 ██")
    assert "A cell is a start," in text
    assert "A cell is the best start in 30 minutes," in shown(
        show_grid, answer({}, availability_step=15), NEW_YORK, None
    )


@given(
    step=st.sampled_from([5, 7, 10, 15, 20, 30, 45, 60, 90, 240]),
    minute=st.integers(0, 59),
    duration=st.sampled_from([5, 25, 30, 60]),
    zone=st.sampled_from(["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    busy=st.lists(st.integers(0, 60 * 24 * 5), max_size=6),
    width=st.sampled_from([30, 60, 80, 140]),
)
def test_no_start_is_blank(
    step: int, minute: int, duration: int, zone: str, busy: list[int], width: int
) -> None:
    """The cell of each slot is shaded, and that of each other candidate has dots, in every zone."""
    taken = [
        f"{format_instant(at)}/{format_instant(at + 1800)}"
        for at in (instant(TUESDAY) + 60 * m for m in busy)
    ]
    asked = answer(
        {"alice": sorted(taken)},
        accounts=("alice",),
        groups=(),
        hours=f"mon-fri 08:{minute:02}-16:00",
        availability_step=step,
        duration_minutes=duration,
        time_available_for="P5D",
    )
    assume(asked.slots)
    shown_zone = find_zone(zone)
    cells = read_grid(shown(show_grid, asked, shown_zone, None, width=width))
    bookable = {slot.start for slot in asked.slots}
    for start in asked.candidates.starts:
        clock = local(start, shown_zone)
        if start >= asked.slots[0].start:
            cell = cells[f"{clock.day} {clock:%b}"]
            label = max(name for name in cell if name <= f"{clock:%H:%M}")
            assert cell[label] == "█" or (start not in bookable and cell[label] == "·"), clock


def read_grid(text: str) -> dict[str, dict[str, str]]:
    """Return the character of each cell, by date and by the time of its row."""
    cells: dict[str, dict[str, str]] = {}
    dates: dict[int, str] = {}
    for line in text.splitlines():
        if re.match(r"      \d", line):
            dates = {match.start(): match[0] for match in re.finditer(r"\d+ \w{3}", line)}
        elif re.match(r"\d\d:\d\d", line):
            for column, day in dates.items():
                cells.setdefault(day, {})[line[:5]] = line[column : column + 1]
    return cells
