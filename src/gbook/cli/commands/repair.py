"""`gbook booking repair`: copies of a booking that do not agree."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.bookings.copies import differences, repairing
from gbook.bookings.records import Record, read_records
from gbook.bookings.revision import find_either, out_of_reach, preview, revise
from gbook.cli.options import completion
from gbook.cli.options.common import DryRun, Json, Zone
from gbook.cli.options.record_options import booking_context, zone_of
from gbook.cli.session import Session
from gbook.errors import UsageError, Warn
from gbook.render.json_documents import Document, state_document
from gbook.render.listing import listing

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["all_differences", "repair"]


def repair(
    ctx: typer.Context,
    wanted: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Its UID, or as much of it as tells it from others.",
            autocompletion=completion.record_ids,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every booking whose copies differ.")] = False,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ACCOUNT",
            help="The account whose copy is right; default: the host.",
            autocompletion=completion.every_account,
        ),
    ] = None,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring the copies of a booking together where they differ, or where one is missing."""
    session: Session = ctx.obj
    if (wanted is None) == (not everything):
        raise UsageError("give the ID of a booking, or --all")
    context = booking_context(session)
    holder = session.workspace.account(source).id if source else None
    records, warnings = ([find_either(context, wanted)], []) if wanted else read_records(session.workspace)
    if not wanted:
        records = [record for record in records if all_differences(session, [record])]
    warnings += [warning for record in records for warning in out_of_reach(context, record)]
    zones = [zone_of(session, tz, record) for record in records]
    plans = [repairing(context, record.uid, holder) for record in records]
    repaired = [preview(plan) if dry_run else revise(context, plan) for plan in plans]
    session.warn(warnings)

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_booking, show_event

        for record, zone in zip(repaired, zones, strict=True):
            if dry_run:
                show_event(console, record)
            else:
                show_booking(console, record, zone, "The same in every calendar:")
        if not repaired:
            console.print("The copies of all bookings agree.")

    def document() -> Document:
        if not everything:
            return state_document(repaired[0], warnings)
        return listing([state_document(record) for record in repaired])

    session.emit(document, as_json=as_json, show=show)


def all_differences(session: Session, records: Iterable[Record]) -> list[Warn]:
    """Return a warning for each copy of these bookings that differs or is missing."""
    return [warning for record in records for warning in differences(session.workspace, record, session.now)]
