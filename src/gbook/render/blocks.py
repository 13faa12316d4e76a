"""The rows of a table as blocks of lines, for a terminal that is too narrow for the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gbook.render.text import Styled, cell_length
from gbook.render.wrapping import HANGING, wrap_words

if TYPE_CHECKING:
    from gbook.render.tables import Column

__all__ = ["block_lines"]

# Cells before the lines below a heading.
INDENT = 2


def block_lines(
    columns: Sequence[Column], rows: Sequence[Sequence[Styled]], width: int, indent: int = 0
) -> Iterator[Sequence[Styled]]:
    """Yield the lines of each row: its heading in bold, then a line for each other cell that has text.

    A single cell is beside the heading if there is room. No word is broken: a longer one has a line of its
    own, which may be wider than `width`. An empty row is an empty line.
    """
    headings = {index for index, column in enumerate(columns) if column.heading} or {0}
    for number, row in enumerate(rows):
        if not row:
            if 0 < number < len(rows) - 1:
                yield ()
            continue
        shown = [(index, cell) for index, cell in enumerate(row) if cell.text.strip()]
        heading = _heading([cell for index, cell in shown if index in headings])
        others = [
            Styled(f"{columns[index].label} {cell.text}".lstrip(), cell.style)
            for index, cell in shown
            if index not in headings
        ]
        line = (*heading, Styled("  "), *others)
        if len(others) == 1 and sum(cell_length(part.text) for part in line) <= width - indent:
            yield (Styled(" " * indent), *line)
            continue
        for part in heading:
            yield from _indented(part, width, indent)
        below = indent + INDENT + (len(heading[0].text) - len(heading[0].text.lstrip()) if heading else 0)
        for cell in others:
            yield from _indented(cell, width, below)


def _heading(cells: Sequence[Styled]) -> list[Styled]:
    """Return the cells of a heading as one text, or none; without a style of its own it is bold."""
    if not cells:
        return []
    style = next((cell.style for cell in cells if cell.style), "bold")
    return [Styled("  ".join(cell.text.rstrip() for cell in cells), style)]


def _indented(cell: Styled, width: int, indent: int) -> Iterator[Sequence[Styled]]:
    """Yield text as lines of at most `width` cells, with its own indent, `indent` more, and a hanging one."""
    for line in cell.text.split("\n"):
        words = line.lstrip(" ")
        spaces = " " * (indent + len(line) - len(words))
        for part in wrap_words(words, width - len(spaces), hanging=HANGING):
            yield (Styled(spaces + part, cell.style),)
