"""The table of days: what a row says, and how much of it fits into a window."""

from __future__ import annotations

import re
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.answer_builders import BUSY, NEW_YORK, answer, instant, shown

from gbook.profiles.model import Group
from gbook.render.free_members import free_members
from gbook.render.slots import show_days
from gbook.scheduling.availability import Answer
from gbook.scheduling.ranges import attendance
from gbook.timeutil.instants import MINUTE, format_instant, local
from gbook.timeutil.zones import find_zone

FIVE = ("alice", "bob", "carol", "dave", "erin")
WIDTHS = (30, 60, 80, 100, 140)


def month(seed: int = 0, **fields: Any) -> Answer:
    """Return the answer for a month of five people, each with three meetings a day at changing times."""
    busy = {}
    for number, name in enumerate(FIVE):
        begins = [
            instant("2026-11-24T14:00:00Z")
            + (day * 1440 + (day * 7 + number * 11 + meeting * 13 + seed) % 32 * 15) * MINUTE
            for day in range(31)
            for meeting in range(3)
        ]
        busy[name] = [f"{format_instant(at)}/{format_instant(at + 45 * MINUTE)}" for at in sorted(begins)]
    defaults: dict[str, Any] = {"time_available_for": "P30D", "availability_step": 15}
    return answer(
        busy,
        accounts=FIVE,
        groups=(),
        optional=(),
        hours="mon-fri 09:00-12:00,13:00-17:00",
        **(defaults | fields),
    )


def rows(asked: Answer, zone: Any = NEW_YORK, **size: Any) -> list[str]:
    """Return the lines of the table below its header."""
    lines = shown(show_days, asked, zone, None, **size).splitlines()
    rule = next(number for number, line in enumerate(lines) if line.startswith("─"))
    return lines[rule + 1 : lines.index("", rule)]


def visible_lines(text: str, width: int) -> int:
    """Return how many lines of a terminal a text takes."""
    return sum(
        max(1, ceil(cell_len(re.sub(r"\x1b\[[0-9;]*m", "", line)) / width)) for line in text.splitlines()
    )


def test_a_row_is_a_day_and_the_members_that_are_free() -> None:
    """Most members first; slots that touch are one range; the day is named once."""
    asked = answer(BUSY | {"erin": []}, accounts=FIVE, groups=(), optional=(), availability_step=30)
    assert rows(asked) == [
        "Tue 24 Nov   11:30–12:00   all 5",
        "             09:00–10:00   without alice",
        "             11:00–11:30   without bob",
        "             10:30–11:00   without alice, bob",
        "             10:00–10:30   carol, erin",
        "Wed 25 Nov   09:00–12:00   without carol",
        "Thu 26 Nov   11:00–12:00   without alice",
        "             09:00–10:00   without alice, carol",
        "             10:00–11:00   erin",
    ]


def test_a_profile_of_one_member_names_nobody() -> None:
    """There is no column of names."""
    assert rows(answer({}, accounts=("alice",), groups=(), optional=()))[0] == "Tue 24 Nov   09:00–12:00"


def test_groups_are_named_by_their_ids_and_optional_accounts_in_brackets() -> None:
    """A group is a member: its accounts are not named."""
    asked = answer(
        {"erin": ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"]},
        accounts=(),
        groups=(
            Group(ext_id="sales", account_ids=("carol", "dave")),
            Group(ext_id="room", account_ids=("bob",)),
        ),
        time_available_for="P1D",
    )
    assert rows(asked) == ["Tue 24 Nov   10:00–12:00   all 2 (+ erin)", "             09:00–10:00   all 2"]


def test_of_a_large_team_the_number_is_shown() -> None:
    """The names of fifty free members would fill the window."""
    names = tuple(f"person{number}" for number in range(100))
    busy = {name: ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"] for name in names[:50]}
    asked = answer(busy, accounts=names, groups=(), optional=(), time_available_for="P1D")
    assert [row.split("   ")[-1] for row in rows(asked)] == ["all 100", "50 of 100"]


def test_other_members_with_the_same_words_share_a_row() -> None:
    """Where only numbers are shown, it does not matter which members are free."""
    names = tuple(f"person{number}" for number in range(20))
    busy = {name: ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"] for name in names[:5]}
    busy |= {name: ["2026-11-24T15:00:00Z/2026-11-24T16:00:00Z"] for name in names[5:10]}
    asked = answer(busy, accounts=names, groups=(), optional=(), time_available_for="P1D")
    assert rows(asked) == ["Tue 24 Nov   11:00–12:00   all 20", "             09:00–11:00   15 of 20"]


def test_another_year_is_shown() -> None:
    """Dates of the current year have no year."""
    asked = answer({}, accounts=("alice",), groups=(), now="2026-12-31T13:00:00Z")
    assert [row[:15].rstrip() for row in rows(asked)] == ["Thu 31 Dec", "Fri 1 Jan 2027"]


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("required", ["one", 3, "all"])
def test_a_month_of_five_people_fits_in_24_lines(width: int, required: Any, color: bool) -> None:
    """With the header, the command that books the first slot, and on a terminal the prompt."""
    text = shown(show_days, month(required=required), NEW_YORK, None, width=width, color=color)
    assert visible_lines(text, width) + color <= 24
    assert " slots on 2" in " ".join(text.split())


def test_detail_is_reduced_before_days_are_left_out() -> None:
    """In a lower window fewer groups are named, then one line a day is left; the number of days stays."""
    asked = month()
    seen = []
    for height in range(200, 20, -4):
        table = [strip(row) for row in rows(asked, height=height, color=True)]
        days = sum(row.startswith(("Mon", "Tue", "Wed", "Thu", "Fri")) for row in table)
        others = sum("fewer (" in row or "others (" in row for row in table)
        seen.append((days == 22, len(table), bool(others)))
    complete = [is_complete for is_complete, _, _ in seen]
    assert complete == sorted(complete, reverse=True)
    assert complete[0]
    assert not complete[-1]
    assert [count for _, count, _ in seen] == sorted((count for _, count, _ in seen), reverse=True)
    assert any(others for _, _, others in seen)


def strip(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_groups_that_are_not_named_are_counted() -> None:
    """The last line of a day has the other times, and how many members are free then."""
    table = [strip(row) for row in rows(month(), height=80, color=True)]
    assert any(re.search(r"(fewer|others) \(\d–\d of 5\)$", row.rstrip()) for row in table)


def test_days_that_are_left_out_are_counted() -> None:
    """The last line has their number, the last of them, and the option that shows the next ones."""
    asked = month(required="all")
    table = rows(asked)
    match = re.fullmatch(r"… and (\d+) more days until 2\d Dec: --from (2026-12-\d\d)", table[-1])
    assert match
    days = [row[:10].strip() for row in table if row[0] not in " …"]
    assert int(match[1]) + len(days) == len({slot.start // 86_400 for slot in asked.slots})
    limited = shown(show_days, asked, NEW_YORK, 3)
    assert f"Showing 3 of {len(asked.slots)} slots, on 1 day. Book the first:" in limited
    assert "… and" not in limited


def test_a_mark_says_that_a_day_has_more_times() -> None:
    """With one line a day, the mark replaces other groups and what does not fit."""
    table = rows(month())
    marked = [row for row in table if ", …" in row]
    assert marked
    assert "…: more times that day, see --view list" in table


def test_a_wide_window_has_the_other_times_beside_the_best_ones() -> None:
    """With one line a day, every slot is in one of the two columns, or the line has a mark."""
    asked = month()
    lines = shown(show_days, asked, NEW_YORK, None, width=140).splitlines()
    assert lines[3].split("   ")[-1].strip() == "Other times"
    for row in rows(asked, width=140):
        if row.startswith("…"):
            continue
        spans = re.findall(r"(\d\d:\d\d)–(\d\d:\d\d)", row)
        for slot in asked.slots:
            begin, end = (f"{local(moment, NEW_YORK):%H:%M}" for moment in (slot.start, slot.end))
            day = local(slot.start, NEW_YORK).date()
            if row.startswith(f"{day:%a} {day.day} {day:%b} "):
                assert "…" in row or any(low <= begin and end <= high for low, high in spans)
    assert "Other times" not in shown(show_days, asked, NEW_YORK, None, width=60)
    assert "Other times" not in shown(show_days, month(required="all"), NEW_YORK, None, width=140)


@given(
    seed=st.integers(0, 31),
    step=st.sampled_from([5, 15, 30]),
    height=st.integers(21, 60),
    width=st.sampled_from(WIDTHS),
    required=st.sampled_from(["one", 2, "all"]),
    zone=st.sampled_from(["America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_a_table_never_scrolls(
    seed: int, step: int, height: int, width: int, required: Any, zone: str
) -> None:
    """It fits in every window of this height, and no time or word is broken."""
    asked = month(seed, required=required, availability_step=step, time_available_for="P12D")
    if not asked.slots:
        return
    text = shown(show_days, asked, find_zone(zone), None, width=width, height=height, color=True)
    assert visible_lines(text, width) + 1 <= height
    lines = [strip(line) for line in text.splitlines()]
    assert all(cell_len(line) <= width for line in lines if "gbook book" not in line)
    assert not re.search(r"\d\d:\d\d–(?!\d\d:\d\d)", "\n".join(lines))


@given(seed=st.integers(0, 31), step=st.sampled_from([15, 30]), required=st.sampled_from(["one", 3, "all"]))
def test_a_table_with_room_says_the_same_as_the_slots(seed: int, step: int, required: Any) -> None:
    """Each slot is in a range of its day, beside the members that are free."""
    asked = month(seed, required=required, availability_step=step, time_available_for="P5D")
    if not asked.slots:
        return
    table: dict[tuple[str, str], list[tuple[str, str]]] = {}
    day = who = ""
    for row in map(strip, rows(asked, width=100, height=300, color=True)):
        day = row[:10].strip() or day
        times, _, words = row[13:].strip().rpartition("   ")
        who = words.strip() if times else who
        table.setdefault((day, who), []).extend(re.findall(r"(\d\d:\d\d)–(\d\d:\d\d)", row))
    for slot in asked.slots:
        begin, end = (local(moment, NEW_YORK) for moment in (slot.start, slot.end))
        words = free_members(attendance(slot), asked.members).text
        containing = [
            key
            for key, spans in table.items()
            for low, high in spans
            if key[0] == f"{begin:%a} {begin.day} {begin:%b}"
            and low <= f"{begin:%H:%M}"
            and f"{end:%H:%M}" <= high
        ]
        assert (f"{begin:%a} {begin.day} {begin:%b}", words) in containing


def test_no_word_is_broken_in_a_narrow_window() -> None:
    """Long names are below the times, whole."""
    names = ("alexandra.von.humboldt", "maximilian.mustermann", "bo")
    busy = {names[0]: ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"]}
    asked = answer(busy, accounts=names, groups=(), optional=(), time_available_for="P1D")
    lines = shown(show_days, asked, NEW_YORK, None, width=30).splitlines()
    assert lines[lines.index("Tue 24 Nov") :][:5] == [
        "Tue 24 Nov",
        "  10:00–12:00",
        "    all 3",
        "  09:00–10:00",
        "    without",
    ]
    assert "    alexandra.von.humboldt" in lines
