"""The cells of one column of a table: their widths, and their lines filled with spaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING

from gbook.render.text import cell_length, is_narrow, is_single_line
from gbook.render.wrapping import cut, wrap

if TYPE_CHECKING:
    from gbook.render.console import Direct
    from gbook.render.tables import Column
    from gbook.render.text import Styled

__all__ = ["Painter"]


class Painter:
    """The cells of a column, with spaces to the `left` and `right`."""

    def __init__(
        self, direct: Direct, column: Column, cells: Sequence[Styled], left: int, right: int
    ) -> None:
        self.direct, self.column, self.cells = direct, column, cells
        self.left, self.right = left, right
        self.all_lines = "\n".join([cell.text for cell in cells]).split("\n")
        text = "".join(self.all_lines)
        self.is_narrow = is_narrow(text)
        self.has_control = not (text.isprintable() or all(map(is_single_line, self.all_lines)))
        self.longest = max(map(len if self.is_narrow else cell_length, self.all_lines))
        self.width = left + self.longest + right
        self.min_width = left + (column.min_width or 0) + right

    def keeps_words(self, width: int) -> bool:
        """Return whether no word must be broken, and no cell cut, in a column of this `width`."""
        inner = width - self.left - self.right
        if inner >= self.longest or self.column.whole:
            return inner >= self.longest
        return all(len(word) <= inner or not is_narrow(word) for word in " ".join(self.all_lines).split())

    def can_fill(self, width: int) -> bool:
        """Return whether the cells can be drawn here, in a column of this `width`."""
        inner = width - self.left - self.right
        return inner >= self.longest or (inner > 0 and not self.column.is_number)

    def lines(self, width: int) -> list[list[str]]:
        """Return the lines of each cell, wrapped or cut at `width`."""
        inner = width - self.left - self.right
        if len(self.all_lines) == len(self.cells):
            lines = [[line] for line in self.all_lines]
        else:
            lines = [cell.text.split("\n") for cell in self.cells]
        if inner >= self.longest:
            return lines
        if self.column.whole:
            return [[cut(line, inner) for line in cell] for cell in lines]
        return [[part for line in cell for part in wrap(line, inner)] for cell in lines]

    def paint(
        self, width: int, texts: Iterable[Sequence[str | None]], header_style: str | None
    ) -> Iterable[str]:
        """Return all lines of all cells, filled with spaces; with a `header_style`, the first is a title."""
        if self.is_narrow and not self.column.is_number and not self.direct.has_style:
            left = " " * self.left
            return [(left + (line or "")).ljust(width) for lines in texts for line in lines]
        bases = chain(
            [self.column.style if header_style is None else header_style], repeat(self.column.style)
        )
        return (
            self._painted(line, width, cell.style, base)
            for base, cell, lines in zip(bases, self.cells, texts, strict=False)
            for line in lines
        )

    def _painted(self, line: str | None, width: int, style: str, base: str) -> str:
        """Return a line of a cell that has a style of its own and the `base` style of the column."""
        paint = self.direct.paint
        if line is None:
            return paint(" " * width, base)
        text = self._filled(line, width - self.left - self.right)
        return paint(" " * self.left, base) + paint(text, f"{base} {style}") + paint(" " * self.right, base)

    def _filled(self, text: str, width: int) -> str:
        """Return text filled with spaces up to `width`, on the left for numbers."""
        if self.column.is_number:
            text = text.rstrip()
            return " " * (width - cell_length(text)) + text
        if self.is_narrow:
            return text.ljust(width)
        return text + " " * (width - cell_length(text))
