"""The rows of a table as blocks of lines, for a terminal that is too narrow for the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gbook.render.text import Styled
from gbook.render.wrapping import HANGING, wrap_words

if TYPE_CHECKING:
    from gbook.render.tables import Column

__all__ = ["block_lines"]

# Cells before the lines below a heading.
INDENT = 2


def block_lines(
    columns: Sequence[Column], rows: Sequence[Sequence[Styled]], width: int, indent: int = 0
) -> Iterator[Styled]:
    """Yield the lines of each row: its heading in bold, then a line for each other cell that has text.

    No word is broken: a longer one has a line of its own, which may be wider than `width`. An empty row is an
    empty line.
    """
    headings = {index for index, column in enumerate(columns) if column.heading} or {0}
    for number, row in enumerate(rows):
        if not row:
            if 0 < number < len(rows) - 1:
                yield Styled("")
            continue
        heading = [cell for index, cell in enumerate(row) if index in headings and cell.text.strip()]
        yield from _heading(heading, width, indent)
        below = indent + INDENT
        for index, (column, cell) in enumerate(zip(columns, row, strict=False)):
            if index not in headings and cell.text.strip():
                label = f"{column.label} " if column.label else ""
                yield from _indented(f"{label}{cell.text}", cell.style, width, below)


def _heading(cells: Sequence[Styled], width: int, indent: int) -> Iterator[Styled]:
    """Yield the first lines of a block; a heading without a style of its own is bold."""
    text = "  ".join(cell.text.strip() for cell in cells)
    style = next((cell.style for cell in cells if cell.style), "bold")
    yield from _indented(text, style, width, indent)


def _indented(text: str, style: str, width: int, indent: int) -> Iterator[Styled]:
    """Yield text as lines of at most `width` cells, with a hanging indent."""
    for line in text.split("\n"):
        for part in wrap_words(line, width - indent, hanging=HANGING):
            yield Styled(" " * indent + part, style)
