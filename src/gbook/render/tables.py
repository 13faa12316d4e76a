"""Tables on a terminal: lists with a header, grids without one, and one record as keys and values.

A table in which nothing wraps is written without rich, in the same bytes: rich's layout takes much longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.render.console import Console, Direct
from gbook.render.text import Styled, cell_length, clean, is_narrow, is_single_line

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
    """Return all lines of a table; None if it must wrap, or if rich must draw it for another reason."""
    has_header = any(column.title for column in columns)
    lines, breaks = _lines([[Styled(column.title) for column in columns]] if has_header else [], rows)
    if not lines:
        return None
    painters = _painters(direct, columns, lines, layout)
    divider = " " if layout.ruled else ""
    width = sum(painter.width for painter in painters) + len(divider) * (len(columns) - 1)
    if width + layout.indent > direct.width or not all(painter.is_plain for painter in painters):
        return None
    if not all(painter.longest for painter in painters):
        return None  # rich has rules of its own for a column without text
    header_style = layout.header_style if has_header else None
    parts = zip(*(painter.paint(header_style) for painter in painters), strict=True)
    drawn = [" " * layout.indent + divider.join(line) for line in parts]
    if layout.ruled:
        for index in reversed(breaks):
            drawn.insert(index, " " * width)
        if has_header:
            drawn.insert(1, "─" * width)
    return "\n".join([*drawn, ""])


def _lines(
    header: Sequence[Sequence[Styled]], rows: Iterable[Sequence[Styled]]
) -> tuple[list[Sequence[Styled | None]], list[int]]:
    """Return the lines of a table, and the indices where sections begin.

    A cell that has fewer lines than another one of its row is followed by None.
    """
    first, breaks = len(header), []
    lines: list[Sequence[Styled | None]] = [*header]
    for row in rows:
        if not row:
            breaks.append(len(lines))
        elif any("\n" in cell.text for cell in row):
            lines += zip_longest(
                *([Styled(part, cell.style) for part in cell.text.split("\n")] for cell in row)
            )
        else:
            lines.append(row)
    return lines, sorted({index for index in breaks if first < index < len(lines)})


def _painters(
    direct: Direct, columns: Sequence[Column], lines: Sequence[Sequence[Styled | None]], layout: Layout
) -> list[_Painter]:
    """Return the painter of each column; the table has no space at its edges."""
    last = len(columns) - 1
    first, *others = lines
    empty = Styled("")
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


class _Painter:
    """The cells of a column, with spaces to the `left` and `right`; all are filled up to the same `width`."""

    def __init__(
        self, direct: Direct, column: Column, cells: Sequence[Styled | None], left: int, right: int
    ) -> None:
        self.direct, self.column, self.cells = direct, column, cells
        self.left, self.right = left, right
        self.texts = [cell.text if cell else "" for cell in cells]
        self.is_narrow = is_narrow("".join(self.texts))
        self.longest = max(map(len if self.is_narrow else cell_length, self.texts))
        self.inner = max(self.longest, column.min_width or 0, 0 if left + right else 1)
        self.width = left + self.inner + right

    @property
    def is_plain(self) -> bool:
        """No cell has control characters."""
        return all(map(is_single_line, self.texts))

    def paint(self, header_style: str | None) -> list[str]:
        """Return the text of each cell; the first one is a title if there is a `header_style`."""
        left, right = " " * self.left, " " * self.right
        texts = self._filled()
        if not self.direct.has_style:
            return [f"{left}{text}{right}" for text in texts]
        bases = [self.column.style] * len(texts)
        if header_style is not None:
            bases[0] = header_style
        return [
            self._styled(cell, (left, text, right), base)
            for cell, text, base in zip(self.cells, texts, bases, strict=True)
        ]

    def _styled(self, cell: Styled | None, parts: tuple[str, str, str], base: str) -> str:
        paint = self.direct.paint
        if cell is None:
            return paint("".join(parts), base)
        left, text, right = parts
        return paint(left, base) + paint(text, f"{base} {cell.style}") + paint(right, base)

    def _filled(self) -> list[str]:
        """Return the texts filled with spaces to the same width, on the left for numbers."""
        texts, width = self.texts, self.inner
        if self.column.is_number:
            return [_spaces(text.rstrip(), width) + text.rstrip() for text in texts]
        if self.is_narrow:
            return [text.ljust(width) for text in texts]
        return [text + _spaces(text, width) for text in texts]


def _spaces(text: str, width: int) -> str:
    return " " * (width - cell_length(text))
