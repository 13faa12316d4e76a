"""Tables on a terminal: lists with a header, grids without one, and one record as keys and values.

Almost every table is written without rich, in the same bytes: rich's layout takes much longer. Where a
terminal is too narrow for a table, its rows are shown as blocks of lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.render.console import NARROW, Console, Direct
from gbook.render.painting import Painter
from gbook.render.text import Styled, clean
from gbook.render.wrapping import fit_widths

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["RULED", "WIDE", "Column", "print_indented", "print_list", "print_record", "print_rows"]

Row = Sequence[str | Styled]


class Column(NamedTuple):
    """A column of a table. Long text is folded into several lines, unless the column is `whole`.

    In a block, the cells of `heading` columns are on the first line (by default the first cell), and each of
    the others has the `label` before it.
    """

    title: str = ""
    whole: bool = False
    style: str = ""
    is_number: bool = False
    min_width: int | None = None
    heading: bool = False
    label: str = ""


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


# Columns of names and of text, without a title.
TWO_COLUMNS = (Column(whole=True), Column())
PLAIN = Layout()
WIDE = Layout(gap=3)
RULED = Layout(gap=3, ruled=True)
INDENTED = Layout(indent=2)


def print_rows(
    console: Console, columns: Sequence[Column], rows: Iterable[Row], layout: Layout = PLAIN
) -> None:
    """Print a table of cells; text is plain and never markup. Without titles, it has no header."""
    cells = _cells(rows)
    _print_cells(console, columns, cells, layout, _measured(console, columns, cells, layout))


def print_list(
    console: Console, columns: Sequence[Column], rows: Iterable[Row], layout: Layout = PLAIN
) -> None:
    """Print a table of cells, or a block of lines for each row if a word of the table had to be broken.

    With titles, it is never wrapped on a narrow terminal, but shown as blocks.
    """
    cells = _cells(rows)
    painters = _measured(console, columns, cells, layout)
    if _has_room(painters, console.width, layout, is_titled=_has_header(columns)):
        _print_cells(console, columns, cells, layout, painters)
        return
    from gbook.render.blocks import block_lines

    console.print_lines(block_lines(columns, cells, console.width, layout.indent))


def _cells(rows: Iterable[Row]) -> list[list[Styled]]:
    return [[cell if isinstance(cell, Styled) else Styled(clean(cell)) for cell in row] for row in rows]


def _measured(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Styled]], layout: Layout
) -> Sequence[Painter]:
    """Return the painter of each column, with the title and all cells; none for a table without cells."""
    header = [[Styled(column.title) for column in columns]] if _has_header(columns) else []
    cells = [*header, *filter(None, rows)]
    direct = console.direct or Direct(sys.stdout, console.width)
    return _painters(direct, columns, cells, layout) if cells else ()


def _print_cells(
    console: Console,
    columns: Sequence[Column],
    cells: Sequence[Sequence[Styled]],
    layout: Layout,
    painters: Sequence[Painter],
) -> None:
    if console.direct is not None and painters:
        text = _draw(console.direct, painters, cells, layout)
        if text is not None and console.write(text):
            return
    console.print(_rich_table(columns, cells, layout))


def _has_room(painters: Sequence[Painter], width: int, layout: Layout, *, is_titled: bool) -> bool:
    """Return whether a table can be read at this width."""
    widths, available = _natural_widths(painters, width, layout)
    if sum(widths) <= available:
        return True
    if is_titled and width < NARROW:
        return False
    widths = _fitted(painters, widths, available)
    return sum(widths) <= available and all(
        painter.keeps_words(fitted) for painter, fitted in zip(painters, widths, strict=True)
    )


def print_indented(console: Console, rows: Iterable[Row]) -> None:
    """Print rows of two cells, indented below the line before them."""
    print_list(console, TWO_COLUMNS, rows, INDENTED)


def print_record(console: Console, record: Mapping[str, Any]) -> None:
    """Print a key and its value a line; unset values are left out."""
    columns = (Column(whole=True, style="bold"), Column())
    rows = [(key, Styled(_shown(value))) for key, value in record.items() if _is_set(value)]
    print_list(console, columns, rows, WIDE)


def _shown(value: Any) -> str:
    """Return a value as text: one item of a list a line, one key of a mapping a line."""
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_inline(item)}" for key, item in value.items() if _is_set(item))
    if isinstance(value, list | tuple):
        return "\n".join(_shown(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(clean(line) for line in str(value).splitlines())


def _inline(value: Any) -> str:
    """Return a value within a line, as YAML has it."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_inline(item)}' for key, item in value.items() if _is_set(item))}}}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_inline, value))
    return clean(_shown(value))


def _is_set(value: Any) -> bool:
    return value not in (None, "", [], (), {})


def _rich_table(
    columns: Sequence[Column], rows: Iterable[Sequence[Styled]], layout: Layout
) -> RenderableType:
    from rich.box import SIMPLE_HEAD
    from rich.padding import Padding
    from rich.table import Table

    table = Table(
        box=SIMPLE_HEAD if layout.ruled else None,
        padding=(0, 1) if layout.ruled else (0, layout.gap, 0, 0),
        show_header=_has_header(columns),
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
    direct: Direct, painters: Sequence[Painter], rows: Sequence[Sequence[Styled]], layout: Layout
) -> str | None:
    """Return all lines of a table; None if rich must draw it."""
    has_header = _has_header([painter.column for painter in painters])
    divider = " " if layout.ruled else ""
    widths = _widths(painters, direct.width, layout)
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
        length = sum(widths) + len(painters) - 1
        ends = [0, *accumulate(heights)]
        for index in reversed(_breaks(rows, int(has_header))):
            drawn.insert(ends[index], " " * length)
        if has_header:
            drawn.insert(heights[0], "─" * length)
    return "\n".join([line.rstrip(" ") for line in drawn] + [""])


def _has_header(columns: Sequence[Column]) -> bool:
    return any(column.title for column in columns)


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
) -> list[Painter]:
    """Return the painter of each column; the table has no space at its edges."""
    last = len(columns) - 1
    empty = Styled("")
    first, *others = rows
    transposed = zip_longest([*first, *[empty] * (len(columns) - len(first))], *others, fillvalue=empty)
    return [
        Painter(
            direct,
            column,
            cells,
            left=1 if layout.ruled and index > 0 else 0,
            right=0 if index == last else 1 if layout.ruled else layout.gap,
        )
        for index, (column, cells) in enumerate(zip(columns, transposed, strict=True))
    ]


def _widths(painters: Sequence[Painter], width: int, layout: Layout) -> list[int] | None:
    """Return the width of each column with its spaces; None if rich must draw the table."""
    if any(painter.has_control or not painter.longest for painter in painters):
        return None  # rich has rules of its own for control characters, and for a column without text
    widths, available = _natural_widths(painters, width, layout)
    if sum(widths) > available:
        widths = _fitted(painters, widths, available)
    is_certain = all(painter.can_fill(width) for painter, width in zip(painters, widths, strict=True))
    return widths if is_certain and sum(widths) <= available else None


def _natural_widths(painters: Sequence[Painter], width: int, layout: Layout) -> tuple[list[int], int]:
    """Return the width of each column without wrapping, and the width that all of them have together."""
    available = width - layout.indent - (len(painters) - 1 if layout.ruled else 0)
    return [max(min(painter.width, available), painter.min_width) for painter in painters], available


def _fitted(painters: Sequence[Painter], widths: Sequence[int], available: int) -> list[int]:
    """Return the widths of columns that wrap; their sum is `available` if that is possible."""
    can_wrap = [not painter.column.whole for painter in painters]
    fitted = fit_widths(widths, can_wrap, available)
    return [max(width, painter.min_width) for width, painter in zip(fitted, painters, strict=True)]
