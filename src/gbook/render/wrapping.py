"""What is too wide for a table: the widths of its columns, and text that is wrapped or cut.

The results are those of rich's tables, cell by cell, except in lines broken only between words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from gbook.render.text import cell_length, is_narrow

__all__ = ["HANGING", "cut", "fit_widths", "sentence_lines", "wrap", "wrap_words"]

# More spaces before a line that continues a sentence.
HANGING = 2
# Words, and a command to copy; compiled at the first use.
_WITH_COMMAND = r"(?P<words>(?:.*:)?) ?(?P<command>(?:cd .* && )?gbook .*)"
# Words and commands in backticks; compiled at the first use.
_WORDS = r"(?:`[^`]+`|[^ ])+"
# A word with the spaces around it.
_WORD = re.compile(r"\s*\S+\s*")


def fit_widths(widths: Sequence[int], can_wrap: Sequence[bool], available: int) -> list[int]:
    """Return the widths of columns, reduced until their sum is `available`.

    The widest columns that can wrap shrink first; if that is not enough, all columns shrink.
    """
    fitted = list(widths)
    while (excess := sum(fitted) - available) > 0:
        flexible = [width for width, wraps in zip(fitted, can_wrap, strict=True) if wraps]
        widest = max(flexible, default=0)
        if not widest:
            return _reduced(fitted, excess, fitted)
        second = max((width for width in flexible if width != widest), default=0)
        step = min(excess, widest - second)
        shrinks = [wraps and width == widest for width, wraps in zip(fitted, can_wrap, strict=True)]
        fitted = _reduced(fitted, excess, [step * chosen for chosen in shrinks])
    return fitted


def _reduced(widths: Sequence[int], excess: int, limits: Sequence[int]) -> list[int]:
    """Return widths from which `excess` is taken in equal parts, but from each one at most its limit."""
    reduced, remaining = [], sum(map(bool, limits))
    for width, limit in zip(widths, limits, strict=True):
        part = min(limit, round(excess / remaining)) if limit else 0
        reduced.append(width - part)
        excess -= part
        remaining -= bool(limit)
    return reduced


def wrap(line: str, width: int) -> list[str]:
    """Return text as lines of at most `width` cells, broken before words or inside a longer word."""
    if is_narrow(line):
        return [line] if len(line) <= width else [part[:width] for part in _parts(line, width, len)]
    return [_first_cells(_without_spaces(part, width), width) for part in _parts(line, width, cell_length)]


def _parts(line: str, width: int, measure: Callable[[str], int]) -> list[str]:
    """Return a line in parts of at most `width` cells, not counting spaces at their end."""
    breaks, filled = [], 0
    for match in _WORD.finditer(line):
        start, word = match.start(), match[0]
        length = measure(word.rstrip())
        if length <= width - filled:
            filled += measure(word)
        elif length <= width:
            breaks.append(start)
            filled = measure(word)
        else:
            for piece in _pieces(word, width):
                if start:
                    breaks.append(start)
                start += len(piece)
                filled = measure(piece)
    return [line[start:end] for start, end in pairwise([0, *breaks, len(line)])]


def wrap_words(line: str, width: int, hanging: int = 0) -> list[str]:
    """Return text as lines of at most `width` cells, broken only between words: a longer word is not broken.

    A command in backticks is one word. All lines but the first begin with `hanging` spaces.
    """
    words = re.findall(_WORDS, line)
    lines = words[:1] or [""]
    for word in words[1:]:
        if cell_length(lines[-1]) + 1 + cell_length(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(" " * hanging + word)
    return lines


def sentence_lines(text: str, width: int) -> list[str]:
    """Return an indented sentence as lines, broken only between words, with a hanging indent.

    A command to copy at its end (`Next: gbook …`) is never broken: it has a line of its own.
    """
    if cell_length(text) <= width:
        return [text]
    words = text.lstrip(" ")
    indent = " " * (len(text) - len(words))
    match = re.fullmatch(_WITH_COMMAND, words)
    # The text of a numbered line goes on below its text, not below its number.
    number = re.match(r"\d+\. ", words)
    lines = wrap_words(
        match["words"] if match else words, width - len(indent), len(number[0]) if number else HANGING
    )
    if match:
        lines = [line for line in [*lines, " " * (HANGING * bool(match["words"])) + match["command"]] if line]
    return [indent + line for line in lines]


def cut(line: str, width: int) -> str:
    """Return text of at most `width` cells; a `…` replaces what is cut."""
    return line if cell_length(line) <= width else f"{_first_cells(line, width - 1)}…"


def _pieces(word: str, width: int) -> list[str]:
    """Return a word in pieces of at most `width` cells."""
    if is_narrow(word):
        return [word[start : start + width] for start in range(0, len(word), width)]
    from rich.cells import chop_cells

    return chop_cells(word, width)


def _without_spaces(line: str, width: int) -> str:
    """Return a line without the spaces at its end that are beyond a number of characters."""
    return line[: max(len(line.rstrip()), width)]


def _first_cells(line: str, width: int) -> str:
    """Return the part of a line that fills at most `width` cells."""
    if cell_length(line) <= width:
        return line
    if is_narrow(line):
        return line[:width]
    from rich.cells import set_cell_size

    return set_cell_size(line, width)
