"""Tables on a terminal: lists with a header, grids without one, and one record as keys and values.

Almost every table is written without rich, in the same bytes: rich's layout takes much longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, repeat, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.render.console import Console, Direct
from gbook.render.text import Styled, cell_length, clean, is_narrow, is_single_line
from gbook.render.wrapping import cut, fit_widths, wrap

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["RULED", "Column", "print_indented", "print_record", "print_rows", "print_table"]

Row = Sequence[str | Styled]


class Column(NamedTuple):
    """A column of a table. Long text is folded into several lines, unless the column is `whole`."""

    title: str = ""
    whole: bool = False
    style: str = ""
    is_number: bool = False
    min_width: int | None = None


class Layout(NamedTuple):
    """The spaces around the cells of a table: `gap` between columns, `indent` before each line.

    In a `ruled` one, a line is below the header, and an empty row begins a section.
    """

    gap: int = 2
    ruled: bool = False
    indent: int = 0

    @property
    def header_style(self) -> str:
        """The style of titles."""
        return "dim" if self.ruled else "bold"


# Columns that only hold text, without a title.
TWO_COLUMNS = (Column(), Column())
PLAIN = Layout()
WIDE = Layout(gap=3)
RULED = Layout(gap=3, ruled=True)
INDENTED = Layout(indent=2)


def print_rows(
    console: Console, columns: Sequence[Column], rows: Iterable[Row], layout: Layout = PLAIN
) -> None:
    """Print a table of cells; text is plain and never markup. Without titles, it has no header."""
    cells = [[cell if isinstance(cell, Styled) else Styled(clean(cell)) for cell in row] for row in rows]
    if console.direct is not None:
        text = _draw(console.direct, columns, cells, layout)
        if text is not None and console.write(text):
            return
    console.print(_rich_table(columns, cells, layout))


def print_table(console: Console, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a list as a table without frames."""
    print_rows(console, [Column(title) for title in titles], rows, WIDE)


def print_indented(console: Console, rows: Iterable[Row]) -> None:
    """Print rows of two cells, indented below the line before them."""
    print_rows(console, TWO_COLUMNS, rows, INDENTED)


def print_record(console: Console, record: Mapping[str, Any]) -> None:
    """Print a key and its value a line; unset values are left out."""
    columns = (Column(whole=True, style="bold"), Column())
    rows = [(key, Styled(_shown(value))) for key, value in record.items() if value not in (None, "", [], {})]
    print_rows(console, columns, rows, WIDE)


def _shown(value: Any) -> str:
    """Return a value as text: one item of a list a line."""
    if isinstance(value, list | tuple):
        return "\n".join(_shown(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(clean(line) for line in str(value).splitlines())


def _rich_table(
    columns: Sequence[Column], rows: Iterable[Sequence[Styled]], layout: Layout
) -> RenderableType:
    from rich.box import SIMPLE_HEAD
    from rich.padding import Padding
    from rich.table import Table

    table = Table(
        box=SIMPLE_HEAD if layout.ruled else None,
        padding=(0, 1) if layout.ruled else (0, layout.gap, 0, 0),
        show_header=any(column.title for column in columns),
        header_style=layout.header_style,
        show_edge=False,
        pad_edge=False,
    )
    for column in columns:
        table.add_column(
            column.title,
            style=column.style,
            justify="right" if column.is_number else "left",
            no_wrap=column.whole,
            overflow="ellipsis" if column.whole else "fold",
            min_width=column.min_width,
        )
    for row in rows:
        if row:
            table.add_row(*(cell.rich() for cell in row))
        else:
            table.add_section()
    return Padding(table, (0, 0, 0, layout.indent), expand=False) if layout.indent else table


def _draw(
    direct: Direct, columns: Sequence[Column], rows: Sequence[Sequence[Styled]], layout: Layout
) -> str | None:
    """Return all lines of a table; None if rich must draw it."""
    has_header = any(column.title for column in columns)
    cells = [*([[Styled(column.title) for column in columns]] if has_header else []), *filter(None, rows)]
    if not cells:
        return None
    painters = _painters(direct, columns, cells, layout)
    divider = " " if layout.ruled else ""
    widths = _widths(painters, direct.width - layout.indent - len(divider) * (len(columns) - 1))
    if widths is None:
        return None
    texts = [painter.lines(width) for painter, width in zip(painters, widths, strict=True)]
    heights = [max(map(len, row)) for row in zip(*texts, strict=True)]
    header_style = layout.header_style if has_header else None
    parts = (
        painter.paint(width, _aligned(lines, heights, has_header=has_header), header_style)
        for painter, width, lines in zip(painters, widths, texts, strict=True)
    )
    drawn = [" " * layout.indent + divider.join(line) for line in zip(*parts, strict=True)]
    if layout.ruled:
        length = sum(widths) + len(columns) - 1
        ends = [0, *accumulate(heights)]
        for index in reversed(_breaks(rows, int(has_header))):
            drawn.insert(ends[index], " " * length)
        if has_header:
            drawn.insert(heights[0], "─" * length)
    return "\n".join([*drawn, ""])


def _breaks(rows: Iterable[Sequence[Styled]], first: int) -> list[int]:
    """Return the indices of the rows that begin a section; `first` is the index of the first row."""
    index, breaks = first, set()
    for row in rows:
        if row:
            index += 1
        else:
            breaks.add(index)
    return sorted(breaks - {first, index})


def _aligned(
    texts: Sequence[Sequence[str]], heights: Sequence[int], *, has_header: bool
) -> list[Sequence[str | None]]:
    """Return the lines of each cell, with None for each line that it has less than its row.

    Titles are at the bottom of the header.
    """
    aligned: list[Sequence[str | None]] = [
        lines if len(lines) == height else [*lines, *[None] * (height - len(lines))]
        for lines, height in zip(texts, heights, strict=True)
    ]
    if has_header:
        aligned[0] = [*[None] * (heights[0] - len(texts[0])), *texts[0]]
    return aligned


def _painters(
    direct: Direct, columns: Sequence[Column], rows: Sequence[Sequence[Styled]], layout: Layout
) -> list[_Painter]:
    """Return the painter of each column; the table has no space at its edges."""
    last = len(columns) - 1
    empty = Styled("")
    first, *others = rows
    transposed = zip_longest([*first, *[empty] * (len(columns) - len(first))], *others, fillvalue=empty)
    return [
        _Painter(
            direct,
            column,
            cells,
            left=1 if layout.ruled and index > 0 else 0,
            right=0 if index == last else 1 if layout.ruled else layout.gap,
        )
        for index, (column, cells) in enumerate(zip(columns, transposed, strict=True))
    ]


def _widths(painters: Sequence[_Painter], available: int) -> list[int] | None:
    """Return the width of each column with its spaces; None if rich must draw the table."""
    if any(painter.has_control or not painter.longest for painter in painters):
        return None  # rich has rules of its own for control characters, and for a column without text
    lowest = [painter.min_width for painter in painters]
    widths = [max(min(painter.width, available), low) for painter, low in zip(painters, lowest, strict=True)]
    if sum(widths) > available:
        can_wrap = [not painter.column.whole for painter in painters]
        widths = list(map(max, fit_widths(widths, can_wrap, available), lowest))
    is_certain = all(painter.can_fill(width) for painter, width in zip(painters, widths, strict=True))
    return widths if is_certain and sum(widths) <= available else None


class _Painter:
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
