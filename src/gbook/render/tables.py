"""Tables on a terminal: lists with a header, grids without one, and one record as keys and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.render.text import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["Column", "make_table", "print_indented", "print_record", "print_table"]


class Column(NamedTuple):
    """A column of a table. Long text is folded into several lines, unless the column is `whole`."""

    title: str = ""
    whole: bool = False
    style: str = ""
    is_number: bool = False
    min_width: int | None = None


# Columns that only hold text, without a title.
TWO_COLUMNS = (Column(), Column())


def make_table(
    columns: Sequence[Column], rows: Iterable[Sequence[str | Text]], *, gap: int = 2, ruled: bool = False
) -> Table:
    """Return a table of cells with `gap` spaces between columns; text is plain and never markup.

    A table of columns without titles has no header. In a `ruled` one, a line is below the header, and an
    empty row begins a section.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE_HEAD if ruled else None,
        padding=(0, 1) if ruled else (0, gap, 0, 0),
        show_header=any(column.title for column in columns),
        header_style="dim" if ruled else "bold",
        show_edge=False,
        pad_edge=False,
    )
    for column in columns:
        _add_column(table, column)
    for row in rows:
        if row:
            table.add_row(*(Text(clean(cell)) if isinstance(cell, str) else cell for cell in row))
        else:
            table.add_section()
    return table


def _add_column(table: Table, column: Column) -> None:
    table.add_column(
        column.title,
        style=column.style,
        justify="right" if column.is_number else "left",
        no_wrap=column.whole,
        overflow="ellipsis" if column.whole else "fold",
        min_width=column.min_width,
    )


def print_table(console: Console, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a list as a table without frames."""
    console.print(make_table([Column(title) for title in titles], rows, gap=3))


def print_indented(console: Console, rows: Iterable[Sequence[str | Text]]) -> None:
    """Print rows of two cells, indented below the line before them."""
    from rich.padding import Padding

    console.print(Padding(make_table(TWO_COLUMNS, rows), (0, 0, 0, 2), expand=False))


def print_record(console: Console, record: Mapping[str, Any]) -> None:
    """Print a key and its value a line; unset values are left out."""
    from rich.text import Text

    columns = (Column(whole=True, style="bold"), Column())
    rows = [(key, Text(_shown(value))) for key, value in record.items() if value not in (None, "", [], {})]
    console.print(make_table(columns, rows, gap=3))


def _shown(value: Any) -> str:
    """Return a value as text: one item of a list a line."""
    if isinstance(value, list | tuple):
        return "\n".join(_shown(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(clean(line) for line in str(value).splitlines())
