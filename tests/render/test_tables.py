"""Tables and lines written without rich: the same bytes as rich's."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.consoles import make_console

from gbook.render.console import Console, stdout_console
from gbook.render.tables import (
    INDENTED,
    PLAIN,
    RULED,
    WIDE,
    Column,
    Layout,
    print_list,
    print_record,
    print_rows,
)
from gbook.render.text import _NARROW, Styled, cell_length, is_single_line

STYLES = ["", "bold", "dim", "green", "yellow", "bold red", "dim bold"]
# Wide, combining, joined, right to left, not printable; tabs and lines are drawn by rich or split.
CHARACTERS = "abcXYZ 0123.,:-–—…·éßжש漢字한🙂👩\u200d\u0301\ufe0f\xa0\xad\u2028\t\n\x07\x1b[]"
words = st.one_of(
    st.text("abc de", max_size=12), st.text(CHARACTERS, max_size=10), st.text(max_size=6), st.just("")
)
# Text that must wrap; almost always without control characters, which rich would draw.
sentences = st.one_of(
    st.lists(st.text("abcdeéß–", max_size=14), max_size=9).map(" ".join),
    st.lists(st.text("漢字한🙂a", max_size=8), max_size=6).map(" ".join),
    st.lists(words, max_size=4).map(" ".join),
)
texts = st.one_of(words, sentences)
cells = st.one_of(texts, st.builds(Styled, texts, st.sampled_from(STYLES)))
columns = st.builds(
    Column,
    title=st.sampled_from(["", "When", "Größe", "漢字"]),
    whole=st.booleans(),
    style=st.sampled_from(STYLES),
    is_number=st.booleans(),
    min_width=st.none() | st.integers(0, 9),
)
layouts = st.sampled_from([PLAIN, WIDE, RULED, INDENTED, Layout(gap=1)])


def both(width: int, kind: str, show: Callable[[Console], None]) -> tuple[str, str]:
    """Return the output with the direct way allowed, and with rich alone."""
    outputs = []
    for only_rich in (False, True):
        file = io.StringIO()
        console = make_console(
            file, width, color=kind != "pipe", no_color=kind == "no colour", only_rich=only_rich
        )
        show(console)
        outputs.append(file.getvalue())
    return outputs[0], outputs[1]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[list[str | Styled]], Layout]:
    chosen = draw(st.lists(columns, min_size=1, max_size=5))
    row = st.lists(cells, min_size=len(chosen), max_size=len(chosen))
    short = st.lists(cells, min_size=1, max_size=len(chosen))
    layout = draw(layouts)
    rows = draw(st.lists(st.one_of(row, row, short, st.just([])), max_size=6))
    return chosen, rows, layout


@given(tables(), st.integers(1, 140), st.sampled_from(["pipe", "terminal", "no colour"]))
def test_a_table_is_the_same_without_rich(
    table: tuple[list[Column], list[list[str | Styled]], Layout], width: int, kind: str
) -> None:
    """Byte for byte, on a terminal with and without colours, and in a pipe; if text must wrap too."""
    shown, rows, layout = table
    direct, rich = both(width, kind, lambda console: print_rows(console, shown, rows, layout))
    assert direct == rich


@given(
    st.one_of(words, st.builds(Styled, words, st.sampled_from(STYLES))),
    st.integers(1, 40),
    st.sampled_from(["pipe", "terminal", "no colour"]),
    st.booleans(),
)
def test_a_line_is_the_same_without_rich(
    content: str | Styled, width: int, kind: str, soft_wrap: bool
) -> None:
    """Byte for byte."""
    direct, rich = both(width, kind, lambda console: console.print(content, soft_wrap=soft_wrap))
    assert direct == rich


@given(st.dictionaries(words, st.one_of(words, st.booleans(), st.lists(words, max_size=3)), max_size=4))
def test_a_record_is_the_same_without_rich(record: dict[str, object]) -> None:
    """Values of several lines too."""
    direct, rich = both(60, "terminal", lambda console: print_record(console, record))
    assert direct == rich


def test_a_mapping_in_a_record_has_a_line_for_each_key() -> None:
    """Its keys that are not set are left out; what is in it is written as in YAML."""
    prefer = {"hours": ({"start": "09:00", "end": "11:00"},), "days": ("monday", "friday"), "adjacent": None}
    direct, rich = both(60, "terminal", lambda console: print_record(console, {"prefer": prefer}))
    assert [line.rpartition("\x1b[0m")[2].strip() for line in direct.splitlines()] == [
        "hours: {start: 09:00, end: 11:00}",
        "days: monday, friday",
    ]
    assert direct == rich


def test_a_character_measured_without_rich_fills_one_cell() -> None:
    """Every character that is said to be narrow."""
    narrow = [char for char in map(chr, range(sys.maxunicode)) if _NARROW.fullmatch(char)]
    assert len(narrow) > 1000
    assert [char for char in narrow if cell_len(char) != 1 or unicodedata.combining(char)] == []


@given(st.text(CHARACTERS, max_size=8))
def test_a_length_in_cells_is_that_of_rich(text: str) -> None:
    """Of text without control characters."""
    assume(is_single_line(text))
    assert cell_length(text) == cell_len(text)


@given(tables(), st.integers(1, 140), st.booleans())
def test_no_line_ends_with_spaces_in_a_pipe(
    table: tuple[list[Column], list[list[str | Styled]], Layout], width: int, only_rich: bool
) -> None:
    """Neither of a table nor of blocks, with rich and without."""
    shown, rows, layout = table
    for draw in (print_rows, print_list):
        file = io.StringIO()
        draw(make_console(file, width, only_rich=only_rich), shown, rows, layout)
        assert not [line for line in file.getvalue().split("\n") if line.endswith(" ")]


plain_words = st.text("abcdeé–,", min_size=1, max_size=16)
plain_cells = st.lists(plain_words, max_size=6).map(" ".join)
plain_columns = st.sampled_from([Column(), Column("When"), Column(whole=True), Column("When", whole=True)])


@given(
    st.lists(plain_columns, min_size=2, max_size=4),
    st.lists(st.lists(plain_cells, min_size=4, max_size=4), max_size=4),
    st.integers(20, 140),
    st.booleans(),
)
def test_a_list_breaks_no_word(
    columns: list[Column], rows: list[list[str]], width: int, is_ruled: bool
) -> None:
    """All words of a list are shown whole, in the order of their cells if it is shown as blocks."""
    layout = RULED if is_ruled else WIDE
    cells = [row[: len(columns)] for row in rows]
    file = io.StringIO()
    print_list(make_console(file, width), columns, cells, layout)
    expected = [word for row in cells for cell in row for word in cell.split()]
    shown = file.getvalue().replace("─", "").split()
    assert sorted(shown) in (
        sorted(expected),
        sorted([*expected, *(each.title for each in columns if each.title)]),
    )
    longest = max(map(len, expected), default=0)
    assert all(len(line) <= max(width, longest + 4) for line in file.getvalue().splitlines())


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            60,
            [
                "When    Subject                With       ID",
                "Mon 30  Talk with Ada Lovelace alice, bob 12ab34cd",
            ],
        ),
        (
            40,
            ["Mon 30", "  Talk with Ada Lovelace", "  with alice, bob", "  ID 12ab34cd"],
        ),
        (
            20,
            ["Mon 30", "  Talk with Ada", "    Lovelace", "  with alice, bob", "  ID 12ab34cd"],
        ),
    ],
)
def test_a_list_that_does_not_fit_becomes_blocks(width: int, lines: list[str]) -> None:
    """The first cell is the heading; the others follow with their labels, and nothing is cut."""
    columns = [
        Column("When"),
        Column("Subject"),
        Column("With", label="with"),
        Column("ID", whole=True, label="ID"),
    ]
    rows = [["Mon 30", "Talk with Ada Lovelace", "alice, bob", "12ab34cd"]]
    file = io.StringIO()
    print_list(make_console(file, width), columns, rows, Layout(gap=1) if width == 60 else WIDE)
    assert [re.sub(" +", " ", line) if width == 60 else line for line in file.getvalue().splitlines()] == [
        re.sub(" +", " ", line) if width == 60 else line for line in lines
    ]


def rows_of(count: int) -> Sequence[Sequence[str]]:
    return [(f"09:00–09:{number:02}", "alice, bob") for number in range(count)]


def drawn_here(width: int, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, drawn by a console that has no rich behind it."""

    def no_rich() -> None:
        raise AssertionError("rich was used")

    file = io.StringIO()
    console = Console(no_rich, make_console(file, width, color=True).direct)  # type: ignore[arg-type]
    print_rows(console, columns, rows, RULED)
    text = re.sub(r"\x1b\[\d*m", "", file.getvalue())
    return [line.rstrip() for line in text.splitlines()]


def test_a_table_that_fits_never_asks_rich() -> None:
    """The console has no rich behind it."""
    assert drawn_here(60, [Column("Time"), Column("Accounts")], rows_of(3)) == [
        "Time          Accounts",
        "────────────────────────",
        *(f"09:00–09:{number:02}   alice, bob" for number in range(3)),
    ]


def test_a_table_that_wraps_never_asks_rich() -> None:
    """Nor does one with wide characters, or with a title of two lines."""
    columns = [Column("When", whole=True), Column("Who can come"), Column("Room")]
    rows = [("09:00–09:30", "alice, bob, carol", "大会議室"), ("10:00–10:30", "alice", "Attic")]
    assert drawn_here(31, columns, rows) == [
        "              Who can",
        "When          come      Room",
        "───────────────────────────────",
        "09:00–09:30   alice,    大会議",
        "              bob,      室",
        "              carol",
        "10:00–10:30   alice     Attic",
    ]


@pytest.mark.parametrize(
    ("environ", "is_direct"),
    [
        ({}, True),
        ({"TERM": "xterm-256color", "COLUMNS": "77"}, True),
        ({"NO_COLOR": "1"}, True),
        ({"TERM": "dumb"}, False),
        ({"FORCE_COLOR": ""}, False),
        ({"TTY_COMPATIBLE": "0"}, False),
        ({"COLUMNS": "0"}, False),
    ],
)
def test_an_unusual_terminal_is_left_to_rich(
    environ: dict[str, str], is_direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The width, and whether there are colours, are those that rich sees."""

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    console = stdout_console()
    assert (console.direct is not None) == is_direct
    assert console.width == console.rich.width
    assert console.is_terminal == console.rich.is_terminal
    if console.direct:
        assert console.direct.has_color == (not console.rich.no_color)
