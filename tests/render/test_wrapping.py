"""Widths of columns, and text wrapped or cut, as by rich."""

from __future__ import annotations

import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console as RichConsole
from rich.text import Text

from gbook.render.text import cell_length, is_single_line
from gbook.render.wrapping import cut, fit_widths, sentence_lines, wrap, wrap_words

CHARACTERS = "abcXYZ 0123.,:-–—…·éßж漢字한🙂👩❤\u200d\u0301\ufe0f\xa0\xad\u2003[]"
lines = st.one_of(
    st.lists(st.text("abcdeé", max_size=14), max_size=8).map(" ".join),
    st.text(CHARACTERS, max_size=30),
    st.text("漢字 a", max_size=30),
    st.text(max_size=12),
).filter(is_single_line)


@given(lines, st.integers(1, 40))
def test_a_line_is_wrapped_as_by_rich(line: str, width: int) -> None:
    """Before words that do not fit, and inside longer ones; wide characters too."""
    console = RichConsole(file=io.StringIO(), width=width)
    assert wrap(line, width) == [part.plain for part in Text(line).wrap(console, width, overflow="fold")]


@given(lines, st.integers(1, 40))
def test_a_line_is_cut_as_by_rich(line: str, width: int) -> None:
    """A `…` is in the last cell."""
    text = Text(line)
    text.truncate(width, overflow="ellipsis")
    assert cut(line, width) == text.plain


@given(lines, st.integers(1, 40), st.integers(0, 4))
def test_words_stay_whole(line: str, width: int, hanging: int) -> None:
    """Only a word that is wider than a line makes a wider line."""
    shown = wrap_words(line, width, hanging)
    assert "".join(shown).replace(" ", "") == line.replace(" ", "")
    # Not `split()`: a no-break space does not end a word.
    words = [len(part.strip(" ").split(" ")) for part in shown]
    assert all(
        cell_length(part) <= width or count <= 1 or "`" in part
        for part, count in zip(shown, words, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Next: gbook availability", ["Next: gbook availability"]),
        ("  with alice, bob and carol (host: alice)", ["  with alice, bob and carol", "    (host: alice)"]),
        ("Next: cd team && gbook account add ID", ["Next:", "  cd team && gbook account add ID"]),
        ("  gbook booking cancel 12ab34cd5678", ["  gbook booking cancel 12ab34cd5678"]),
        (
            "No bookings in the calendars. Book one with: gbook book --slot first",
            ["No bookings in the", "  calendars. Book one with:", "  gbook book --slot first"],
        ),
        ("No accounts yet. Next: gbook account add", ["No accounts yet. Next:", "  gbook account add"]),
        ("Move it, or run `gbook booking list` now", ["Move it, or run", "  `gbook booking list` now"]),
        ("  1. Mon 23 Nov 2026 with alice, bob", ["  1. Mon 23 Nov 2026 with", "     alice, bob"]),
        ("A sentence about gbook that is long", ["A sentence about gbook that", "  is long"]),
    ],
)
def test_a_command_to_copy_is_never_broken(text: str, lines: list[str]) -> None:
    """It has a line of its own where the sentence before it does not leave enough room."""
    assert sentence_lines(text, 28) == lines


@pytest.mark.parametrize(
    ("widths", "can_wrap", "available", "fitted"),
    [
        ([10, 20], [True, True], 30, [10, 20]),
        ([10, 20], [True, True], 25, [10, 15]),
        ([10, 20], [True, True], 15, [8, 7]),
        ([10, 20], [True, False], 25, [5, 20]),
        ([10, 20], [True, False], 15, [0, 15]),
        ([10, 20], [False, False], 20, [5, 15]),
        ([20, 6, 20], [True, True, True], 31, [12, 6, 13]),
    ],
)
def test_the_widest_columns_shrink_first(
    widths: list[int], can_wrap: list[bool], available: int, fitted: list[int]
) -> None:
    """Until they are as wide as the next ones; columns that should stay whole only if nothing else helps."""
    assert fit_widths(widths, can_wrap, available) == fitted


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=6), st.integers(0, 140))
def test_no_column_becomes_wider(columns: list[tuple[int, bool]], available: int) -> None:
    """The sum is `available` if it was more, and a column can wrap."""
    widths, can_wrap = zip(*columns, strict=True)
    whole = sum(width for width, wraps in columns if not wraps)
    assume(whole <= available < sum(widths))
    fitted = fit_widths(widths, can_wrap, available)
    assert sum(fitted) == available
    assert all(new <= old for new, old in zip(fitted, widths, strict=True))
