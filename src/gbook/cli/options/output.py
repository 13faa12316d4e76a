"""The options about output: --json, --ndjson, --format and --dry-run, and the pages of lists."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer

from gbook.errors import UsageError

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.render.console import Console
    from gbook.render.lines import Keys

__all__ = [
    "DryRun",
    "Items",
    "Json",
    "OutputOptions",
    "PageOptions",
    "Records",
    "Yes",
    "emit_items",
    "emit_records",
]

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would happen, but write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


class OutputOptions(msgspec.Struct, kw_only=True):
    """The form of an answer that has items."""

    as_json: Json = False
    ndjson: Annotated[bool, typer.Option("--ndjson", help="Print each item as JSON on a line.")] = False
    template: Annotated[
        str | None,
        typer.Option("--format", metavar="TEXT", help="Print a line for each item: '{start} {accounts}'."),
    ] = None

    def check(self) -> None:
        """Raise UsageError if two forms are asked for."""
        given = {"--json": self.as_json, "--ndjson": self.ndjson, "--format": self.template is not None}
        if len(names := [name for name, is_given in given.items() if is_given]) > 1:
            raise UsageError(f"{' and '.join(names)} cannot be given together")


class Items(NamedTuple):
    """An answer with items: its JSON document, the name of the items in it, and the values of --format."""

    document: Callable[[], Any]
    name: str
    keys: Callable[[], Keys]
    values: Sequence[Any]
    show: Callable[[Console], None]


def emit_items(session: Session, output: OutputOptions, items: Items) -> None:
    """Write an answer in the form of the options. Raises UsageError for a wrong format."""
    output.check()
    if output.template is not None:
        from gbook.render.lines import format_lines

        sys.stdout.writelines(
            f"{line}\n" for line in format_lines(output.template, items.keys(), items.values)
        )
    elif output.ndjson:
        from gbook.render.lines import json_lines

        sys.stdout.flush()
        sys.stdout.buffer.write(json_lines(items.document()[items.name]))
    else:
        session.emit(items.document, as_json=output.as_json, show=items.show)


class PageOptions(msgspec.Struct, kw_only=True):
    """The part of a list that is shown."""

    limit: Annotated[int | None, typer.Option("--limit", "-L", min=1, metavar="N", help="At most N.")] = None
    offset: Annotated[int, typer.Option("--offset", min=0, metavar="N", help="Skip the first N.")] = 0


class Records(NamedTuple):
    """All records of a list, the JSON of one, the values of --format, and how to show some of them."""

    records: Sequence[Any]
    document: Callable[[Any], Any]
    keys: Callable[[], Keys]
    show: Callable[[Console, Sequence[Any]], None]
    # The JSON of a page, if it is not that of each record.
    page_document: Callable[[Sequence[Any]], list[Any]] | None = None

    def documents(self, page: Sequence[Any]) -> list[Any]:
        """Return the JSON of some of the records."""
        return self.page_document(page) if self.page_document else [self.document(each) for each in page]


def emit_records(session: Session, output: OutputOptions, page: PageOptions, listed: Records) -> None:
    """Write a page of a list in the form of the options. Raises UsageError for a wrong format."""
    total, offset = len(listed.records), page.offset
    records = listed.records[offset : None if page.limit is None else offset + page.limit]

    def document() -> dict[str, Any]:
        """Return the API's answer to a list operation."""
        return {
            "offset": offset,
            "totalSize": total,
            "done": offset + len(records) >= total,
            "records": listed.documents(records),
        }

    def show(console: Console) -> None:
        if records or not total:
            listed.show(console, records)
        if len(records) < total:
            after = offset + len(records)
            more = f" More: --offset {after}" if records and after < total else ""
            console.print(f"Showing {len(records)} of {total}.{more}")

    emit_items(session, output, Items(document, "records", listed.keys, records, show))
