"""`gbook booking repair`: make differing copies of a booking the same again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.delivery import with_event
from gbook.cli.options import completion
from gbook.cli.options.output import DryRun, Json
from gbook.cli.options.records import booking_context, id_argument
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.errors import UsageError, Warn
from gbook.render.json_documents import Document, state_document
from gbook.render.listing import listing

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["all_differences", "repair"]


def repair(
    ctx: typer.Context,
    record_id: Annotated[str | None, id_argument("[ID]")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Repair every booking whose copies differ.")
    ] = False,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ACCOUNT",
            help="Account whose copy is right. (default: the host)",
            autocompletion=completion.every_account,
        ),
    ] = None,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make the copies of a booking the same in every calendar, and restore missing ones."""
    session: Session = ctx.obj
    if (record_id is None) == (not everything):
        raise UsageError("give the ID of a booking, or --all")
    context = booking_context(ctx)
    holder = session.workspace.account(source).id if source else None
    records, warnings = _to_repair(session, context, record_id)
    zones = [shown_zone(tz, session.workspace, [record.profile]) for record in records]
    plans = [gbook.repairing(context, record.uid, holder) for record in records]
    repaired = [gbook.preview(plan) if dry_run else gbook.revise(context, plan) for plan in plans]
    notified = [] if dry_run else _tell_members(context, records, repaired)
    warnings = [*context.collected_warnings, *warnings, *(each for one in notified for each in one.warnings)]
    notes = [note for one in notified for note in one.notes]
    session.warn(warnings)
    outlook = [bool(all_differences(session, [record])) for record in records] if dry_run else None

    def document() -> Document:
        if not everything:
            return _state(repaired[0], dry_run, warnings)
        return listing([_state(record, dry_run) for record in repaired])

    session.emit(
        document,
        as_json=as_json,
        show=lambda console: _show(console, list(zip(repaired, zones, strict=True)), outlook, notes),
    )


def _to_repair(
    session: Session, context: gbook.BookingContext, record_id: str | None
) -> tuple[list[gbook.Record], list[Warn]]:
    """Return the booking of an ID, or all bookings whose copies differ, and the warnings of reading them."""
    if record_id:
        record = gbook.find_either(context, record_id)
        return [record], gbook.out_of_reach(context, record)
    every, warnings = gbook.read_records(session.workspace)
    records = [record for record in every if all_differences(session, [record])]
    return records, [
        *warnings,
        *(warning for record in records for warning in gbook.out_of_reach(context, record)),
    ]


def _tell_members(
    context: gbook.BookingContext, before: Sequence[gbook.Record], after: Sequence[gbook.Record]
) -> list[gbook.NotifyResult]:
    """Mail the repaired bookings to their members that are invited by mail."""
    return [
        gbook.notify_guests(context, record, gbook.NotifyOptions(), known)
        for known, record in zip(before, after, strict=True)
    ]


def _show(
    console: Console,
    repaired: Sequence[tuple[gbook.Record, ZoneInfo]],
    outlook: Sequence[bool] | None,
    notes: Sequence[str],
) -> None:
    """Print what was done; with an outlook, whether each booking would change."""
    from gbook.render.bookings import show_booking
    from gbook.render.outlook import would, would_leave, written
    from gbook.render.text import clean

    for number, (record, zone) in enumerate(repaired):
        if outlook is None:
            show_booking(console, record, zone, "The same in every calendar:")
        elif outlook[number]:
            console.print_words(clean(f"{would('repair', record, zone)}; {written([record])}"))
        else:
            console.print_words(clean(would_leave(record, zone)))
    for note in notes:
        console.print_words(clean(note))
    if not repaired:
        console.print_words("The copies of all bookings agree.")


def _state(record: gbook.Record, dry_run: bool, warnings: Iterable[Warn] = ()) -> Document:
    """Return the state of a booking; that of a dry run has the event."""
    document = state_document(record, warnings)
    return with_event(document, record) if dry_run else document


def all_differences(session: Session, records: Iterable[gbook.Record]) -> list[Warn]:
    """Return a warning for each copy of these bookings that differs or is missing."""
    return [
        warning for record in records for warning in gbook.differences(session.workspace, record, session.now)
    ]
