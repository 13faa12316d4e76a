"""The table and the text of slots on a terminal."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.text import Text
from support.answer_builders import BUSY, NEW_YORK, answer, instant, recorded, shown

from gbook.profiles.model import Group
from gbook.render.slots import show_days, show_grid, show_list, show_none, show_text
from gbook.timeutil.zones import find_zone

VIEWS = {"days": show_days, "list": show_list, "grid": show_grid, "text": show_text}


@pytest.mark.parametrize("width", [30, 60, 80, 100, 140])
@pytest.mark.parametrize("view", VIEWS)
def test_views_look_as_recorded(view: str, width: int) -> None:
    """Each view at usual widths."""
    text = shown(VIEWS[view], answer(availability_step=30), NEW_YORK, None, width=width)
    assert text == recorded(f"{view}-{width}", text)


@pytest.mark.parametrize("view", VIEWS)
def test_colour_adds_nothing_that_is_needed(view: str) -> None:
    """The characters are the same with and without colours."""
    asked = (answer(), NEW_YORK, None)
    coloured = shown(VIEWS[view], *asked, color=True)
    lines = [line.rstrip() for line in Text.from_ansi(coloured).plain.splitlines()]
    assert lines == shown(VIEWS[view], *asked).splitlines()
    assert "\x1b[" in coloured or view == "text"


@pytest.mark.parametrize("view", VIEWS)
def test_names_show_as_text(view: str) -> None:
    """Markup stays as text, and control characters are removed."""
    name = "[red]x\x1b[31m\u202e:bomb:"
    asked = answer({}, name=name, accounts=(name,), groups=(Group(ext_id=name, account_ids=(name,)),))
    text = shown(VIEWS[view], asked, NEW_YORK, None)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert view == "text" or "[red]x[31m:bomb:" in text


def test_wide_characters_keep_the_columns() -> None:
    """Wide characters do not move the next column."""
    asked = answer({}, accounts=("田中さん", "bo"), availability_step=60, required=1, optional=("erin",))
    some = answer({"bo": ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"]}, accounts=("🦊", "bo"))
    for shown_answer in (asked, some):
        rows = [
            line for line in shown(show_list, shown_answer, NEW_YORK, None).splitlines() if "sales:" in line
        ]
        assert len({cell_len(row[: row.index("sales:")]) for row in rows}) == 1


@pytest.mark.parametrize("width", [30, 60, 80, 140])
def test_no_line_of_a_table_or_grid_is_broken(width: int) -> None:
    """Every line fits, except the command, which stays whole so that it can be copied."""
    for view in (show_list, show_grid):
        lines = shown(view, answer(), NEW_YORK, None, width=width).splitlines()
        assert all(cell_len(line) <= width for line in lines if "gbook book" not in line)


def test_a_list_has_every_slot() -> None:
    """A terminal gets all rows, as a pipe does; a limit cuts them, and the last lines say so."""
    asked = answer({}, availability_step=5)
    rows = re.compile(r"^\W*  \d\d:\d\d–", re.MULTILINE)
    for color in (False, True):
        text = shown(show_list, asked, NEW_YORK, None, color=color)
        assert len(rows.findall(text)) == len(asked.slots)
    text = shown(show_list, asked, NEW_YORK, 40)
    assert len(rows.findall(text)) == 40
    assert f"Showing 40 of {len(asked.slots)} slots, on 2 days." in text


def test_a_list_says_once_what_is_the_same_in_every_row() -> None:
    """Columns of equal cells are above the list, not in it."""
    text = shown(show_list, answer({}), NEW_YORK, None)
    head, _, rows = text.partition("\nTime ")
    assert "Accounts: alice, bob\nGroups: sales: carol, dave\nOptional: erin\n" in head
    assert "alice" not in rows


def test_the_command_shown_books_the_first_slot_of_the_same_question() -> None:
    """It names the profile, the first slot, and how many members are required."""
    asked = answer(required=2)
    (line,) = (line for line in shown(show_list, asked, NEW_YORK, None).splitlines() if "gbook book" in line)
    words = shlex.split(line)
    assert words[:4] == ["gbook", "book", "-p", "demo"]
    assert words[words.index("--required") + 1] == "2"
    assert instant(words[words.index("--slot") + 1]) == asked.slots[0].start


def test_a_table_has_only_the_columns_that_its_members_need() -> None:
    """Without groups there is no column of groups."""
    text = shown(show_list, answer(groups=(), optional=()), NEW_YORK, None)
    assert "Accounts" in text
    assert "Groups" not in text
    assert "Optional" not in text
    assert "Accounts" not in shown(show_list, answer(accounts=()), NEW_YORK, None)


def test_optional_accounts_that_are_free_are_marked() -> None:
    """Optional accounts have a column of their own."""
    asked = answer(BUSY | {"erin": ["2026-11-24T14:00:00Z/2026-11-25T14:00:00Z"]})
    lines = shown(show_list, asked, NEW_YORK, None).splitlines()
    nine = [line for line in lines if line.startswith("  09:")]
    assert ["+ erin" in line for line in nine] == [False, False, True, True, True, True]


def test_of_many_accounts_a_cell_names_the_first() -> None:
    """A cell names only the first accounts of a large team."""
    names = tuple(f"person{i}" for i in range(100))
    assert "person7 and 92 more" in shown(show_list, answer({}, accounts=names), NEW_YORK, None, width=140)


def test_text_merges_slots_that_overlap_or_touch() -> None:
    """A range goes from the first start to the last end, and ends if no slot follows."""
    busy = {"alice": ["2026-11-24T15:00:00Z/2026-11-24T16:00:00Z"]}
    asked = answer(busy, accounts=("alice",), groups=(), time_available_for="P1D")
    assert shown(show_text, asked, NEW_YORK, None).splitlines() == [
        "30 minutes, within any of these times, in America/New_York (EST, UTC-5):",
        "Tue 24 Nov: 09:00–10:00, 11:00–12:00",
    ]


def test_text_keeps_to_the_zone_and_number_asked_for() -> None:
    """The instants are the same, in the zone of the reader."""
    lines = shown(show_text, answer({}), find_zone("Asia/Tokyo"), 2).splitlines()
    assert lines[1:] == ["Tue 24 Nov: 23:00–24:00"]


@pytest.mark.parametrize(
    ("hours", "lines"),
    [
        ("tue 22:00-02:00", ["Tue 24 Nov: 22:00–02:00 Wed"]),
        (
            "tue 22:00-24:00; wed 00:00-24:00; thu 00:00-08:00",
            [
                "Tue 24 Nov: 22:00–24:00",
                "Wed 25 Nov: 00:00–24:00",
                "Thu 26 Nov: 00:00–08:00",
            ],
        ),
    ],
)
def test_text_keeps_a_night_together_and_gives_each_long_day_its_line(hours: str, lines: list[str]) -> None:
    """Ranges never overlap, and none lasts a week."""
    asked = answer({}, hours=hours, accounts=("alice",), groups=(), availability_step=15)
    assert shown(show_text, asked, NEW_YORK, None).splitlines()[1:] == lines


def test_text_of_the_longest_day_has_one_line() -> None:
    """The day on which the clocks go back has 25 hours."""
    asked = answer({}, hours="sun 00:00-24:00", now="2026-10-31T12:00:00Z", accounts=("alice",), groups=())
    assert len(shown(show_text, asked, NEW_YORK, None).splitlines()) == 2


def test_a_day_of_changing_clocks_shows_offsets() -> None:
    """Both occurrences of the repeated hour have their zone."""
    asked = answer({}, hours="sun 00:00-03:00", now="2026-10-31T12:00:00Z", availability_step=60)
    text = shown(show_list, asked, NEW_YORK, None)
    assert text.index("01:00–01:30 EDT") < text.index("01:00–01:30 EST")


@pytest.mark.parametrize("view", [*VIEWS.values(), show_none])
def test_no_slots_has_a_cause(view: Callable[..., None]) -> None:
    """Each cause has its sentence: never free, no hours, no members, no time."""
    everyone = {name: ["2026-11-01T00:00:00Z/2026-12-31T00:00:00Z"] for name in BUSY}
    causes = {
        "2 of the 3 members are never free at the same time.": answer(everyone, required=2),
        "none of the 3 members is ever free.": answer(everyone),
        "the profile has no working hours of 240 minutes or more in that range.": answer(
            {}, duration_minutes=240
        ),
        "the profile has no members": answer({}, accounts=(), groups=()),
        "outside the profile's booking window": answer({}, end_time="2026-01-01T00:00:00Z"),
    }
    for sentence, asked in causes.items():
        text = shown(view, asked, NEW_YORK, None) if view is not show_none else shown(view, asked, NEW_YORK)
        assert text.startswith("No slots: ")
        assert sentence in text
