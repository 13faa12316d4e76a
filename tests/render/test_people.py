"""The scheduling assistant: members down, hours across, and where slots start."""

from __future__ import annotations

import re
from itertools import chain

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from support.answer_builders import NEW_YORK, account_time, answer, recorded, shown

from gbook.render.console import PIPE_HEIGHT
from gbook.render.people import show_people
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

WIDTHS = (30, 60, 80, 100, 140)


def row(text: str, name: str) -> str:
    """Return what follows a label, of the first block, without spaces around it."""
    return (
        next(line for line in text.splitlines() if re.match(rf"\s*{name}\b", line)).partition(name)[2].strip()
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_it_looks_as_recorded(width: int) -> None:
    """At usual widths, with a group and an optional account."""
    text = shown(show_people, answer(time_available_for="P14D", required=2), NEW_YORK, None, width=width)
    assert text == recorded(f"people-{width}", text)


def test_a_slot_starts_where_enough_members_are_free() -> None:
    """The mark is the number of free members; where busy time begins, no slot does."""
    busy = {"alice": ["2026-11-24T14:30:00Z/2026-11-24T15:30:00Z"]}
    asked = answer(busy, accounts=("alice", "bob"), groups=(), optional=(), hours="tue 09:00-12:00")
    text = shown(show_people, asked, NEW_YORK, None, width=60)
    assert row(text, "Tue 24 Nov") == "09    10    11"
    assert row(text, "alice") == "···██████·········"
    assert row(text, "slots") == "2  1  1  2  2  2"
    assert "1 a slot starts, 1 of 2 free" in text


def test_one_mark_is_enough_where_all_must_be_free() -> None:
    """A triangle; on a terminal without such characters a caret."""
    text = shown(show_people, answer({}, required="all"), NEW_YORK, None, width=60)
    assert "▲" in row(text, "slots")
    assert "▲ a slot starts\n" in text


def test_a_group_is_a_heading_above_its_accounts() -> None:
    """It says how many of its accounts are needed; the optional accounts are last."""
    labels = [
        line.split("  ")[0].rstrip() or line.strip().split(" ")[0]
        for line in shown(show_people, answer(), NEW_YORK, None, width=140).splitlines()
    ]
    members = labels[labels.index("alice") : labels.index("slots")]
    assert members == ["alice", "bob", "sales (1 of 2)", "carol", "dave", "optional", "erin"]


def test_hours_are_those_of_slots_and_of_busy_time_at_their_edges() -> None:
    """A meeting from 8 to 10 brings the hour before nine; one at 7, and a day off, bring nothing."""
    edges = "2026-11-24T13:00:00Z/2026-11-24T15:00:00Z"
    early = "2026-11-24T12:00:00Z/2026-11-24T12:30:00Z"
    day_off = "2026-11-24T05:00:00Z/2026-11-25T05:00:00Z"
    for busy, hours in (([edges], "08 "), ([early], "09 "), ([day_off], "09 ")):
        asked = answer({"alice": busy, "bob": [early]}, hours="tue 09:00-12:00")
        assert row(shown(show_people, asked, NEW_YORK, None, width=60), "Tue 24 Nov").startswith(hours)


def test_time_outside_own_hours_is_blank() -> None:
    """It is neither busy nor free, and the legend says so."""
    from gbook.profiles.hours import parse_hours
    from gbook.workspace.work_hours import WorkHours

    asked = answer({}, accounts=("alice",), groups=(), optional=(), hours="tue 09:00-12:00")
    hours = WorkHours(timezone="America/New_York", day_schedules=parse_hours(["tue 10:00-11:00"]))
    time = account_time("alice")
    times = {
        "alice": msgspec.structs.replace(
            time, account=msgspec.structs.replace(time.account, work_hours=hours)
        )
    }
    text = shown(show_people, msgspec.structs.replace(asked, times=times), NEW_YORK, None, width=60)
    assert "\nalice             ······\n" in text
    assert "blank: outside own work hours" in text


def test_an_unreadable_calendar_never_looks_free() -> None:
    """A row of question marks."""
    asked = answer({})
    times = {**asked.times, "alice": account_time("alice", readable=False)}
    text = shown(show_people, msgspec.structs.replace(asked, times=times), NEW_YORK, None)
    assert set(row(text, "alice")) <= {"?", " "}
    assert "? unreadable (counted as busy)" in text


def test_it_fits_the_height_and_says_what_is_left_out() -> None:
    """A month: at most as many lines as a window has, and the first day that is not shown."""
    asked = answer({}, time_available_for="P30D", hours="mon-fri 09:00-17:00")
    for width in (60, 80, 100, 140):
        lines = shown(show_people, asked, NEW_YORK, None, width=width).splitlines()
        assert len(lines) <= PIPE_HEIGHT
        left_out = next(line for line in lines if line.startswith("… and "))
        shown_days = len(re.findall("(?:Mon|Tue|Wed|Thu|Fri) [0-9]+ (?:Nov|Dec)", "".join(lines)))
        assert f"… and {22 - shown_days} more days until 23 Dec: --from 2026-" in left_out


def test_all_days_of_a_window_with_an_end_are_shown() -> None:
    """However many they are; without --from it begins with the first day that has a slot."""
    asked = answer({}, time_available_for="P30D", hours="mon-fri 09:00-17:00")
    query = msgspec.structs.replace(asked.query, low=asked.window[0], high=asked.window[1])
    text = shown(show_people, msgspec.structs.replace(asked, query=query), NEW_YORK, None, width=60)
    assert len(re.findall("(?:Mon|Tue|Wed|Thu|Fri) [0-9]+ (?:Nov|Dec)", text)) == 22
    assert "… and" not in text
    busy = {name: ["2026-11-24T00:00:00Z/2026-11-26T00:00:00Z"] for name in ("alice", "bob", "carol", "dave")}
    later = shown(show_people, answer(busy, time_available_for="P30D"), NEW_YORK, None, width=60)
    assert "Tue 24 Nov" not in later
    assert "Thu 26 Nov" in later


def test_without_slots_the_cause_and_a_day_are_shown() -> None:
    """To see who is in the way; no command to book."""
    busy = {"alice": ["2026-11-24T00:00:00Z/2026-12-30T00:00:00Z"]}
    text = shown(show_people, answer(busy, required="all"), NEW_YORK, None)
    assert text.startswith("No slots: ")
    assert "Tue 24 Nov" in text
    assert "Book the first" not in text
    assert shown(show_people, answer({}, hours="sun 09:00-10:00"), NEW_YORK, None).count("\n") == 2


def test_a_limit_marks_only_the_first_slots() -> None:
    """And shows no day after the last of them."""
    text = shown(show_people, answer({}), NEW_YORK, 2, width=60)
    assert row(text, "slots") == "3  3"
    assert "Wed" not in text


def test_colour_adds_nothing_that_is_needed() -> None:
    """The characters are the same with and without colours."""
    coloured = shown(show_people, answer(), NEW_YORK, None, color=True)
    assert "\x1b[31m" in coloured
    assert Text.from_ansi(coloured).plain.rstrip() == shown(show_people, answer(), NEW_YORK, None).rstrip()


ZONES = ("America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC", "Pacific/Apia")


@given(
    width=st.integers(30, 160),
    zone=st.sampled_from(ZONES),
    step=st.sampled_from([5, 15, 20, 25, 30, 45, 60]),
    now=st.sampled_from(["2026-11-24T13:00:00Z", "2026-10-30T01:00:00Z", "2026-03-06T23:30:00Z"]),
    hours=st.sampled_from(["mon-fri 09:00-12:00", "daily 00:00-24:00", "fri-sun 20:00-24:00"]),
)
def test_every_slot_has_a_mark_and_no_line_is_too_wide(
    width: int, zone: str, step: int, now: str, hours: str
) -> None:
    """In any zone, also on days of 23 and 25 hours: the blocks have marks, and as many cells as fit."""
    asked = answer({}, now=now, hours=hours, availability_step=step, time_available_for="P7D")
    shown_zone = find_zone(zone)
    text = shown(show_people, asked, shown_zone, None, width=width)
    lines = text.split("\n  gbook book")[0].splitlines()
    body = [line for line in lines if not line.startswith(("…", "demo:", "Times"))]
    assert all(cell_len(line) <= width for line in body)
    marks = sum(len(line.split("slots", 1)[1].replace(" ", "")) for line in body if line.startswith("slots"))
    days = list(dict.fromkeys(local(slot.start, shown_zone).date() for slot in asked.slots))
    assert 1 <= marks <= len(asked.slots)
    titles = "".join(chain.from_iterable(body))
    assert f"{days[0]:%a} {days[0].day} {days[0]:%b}" in titles
