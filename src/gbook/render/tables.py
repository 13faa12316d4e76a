"""Tables for lists, and keys with values for one record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gbook.render.text import clean

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_record", "print_table"]


def print_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table without frames; cells are plain text, never markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    console.print(table)


def print_record(console: Console, record: Mapping[str, Any]) -> None:
    """Print a key and its value a line; unset values are left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in record.items():
        if value not in (None, "", [], {}):
            table.add_row(key, Text(_said(value)))
    console.print(table)


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(_said(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(clean(line) for line in str(value).splitlines())
