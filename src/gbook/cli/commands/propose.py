"""`gbook propose`: several slots held under one id, so that the guest can choose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from gbook import (
    BookingContext,
    BookingRequest,
    Hook,
    Record,
    preview_proposal,
    propose,
    record_of,
    run_post_hook,
)
from gbook.cli.delivery import ask_pre_book
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.bookings import BookingOptions
from gbook.cli.options.durations import minutes_option
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import DryRun, Json
from gbook.cli.options.records import booking_context
from gbook.cli.options.slots import TypedSlot, read_slot
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.json_documents import Document, booking_document, warning_items

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App()


@app.command(
    "propose", epilog="Example: gbook propose --slot 2026-11-24T14:00Z --slot 2026-11-25T15:00Z --for 2d"
)
@with_option_groups
def propose_slots(
    ctx: typer.Context,
    *,
    slot: Annotated[
        list[str],
        typer.Option(
            metavar="S",
            help="A time, START/END or `first`; repeat it for each slot.",
            autocompletion=completion.slots,
        ),
    ],
    minutes: Annotated[
        int,
        minutes_option("--for", "--reserve", low=1, high=525_600, help="How long to hold them: 30m, 2h, 2d."),
    ],
    booking: BookingOptions,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reserve several slots, all or none; confirming one drops the others."""
    session: Session = ctx.obj
    profile = session.profile(booking.profile)
    zone = shown_zone(tz, session.workspace, [profile])
    proposal = str(uuid.uuid4())
    requests = [
        replace(booking.request(profile, item, tz), reserve_minutes=minutes, proposal=proposal)
        for item in _distinct([read_slot(text, zone, session.now) for text in slot])
    ]
    context = booking_context(ctx)
    if dry_run:
        _preview(session, context, requests, zone, as_json=as_json)
    else:
        _propose(session, context, requests, zone, as_json=as_json)


def _preview(
    session: Session,
    context: BookingContext,
    requests: Sequence[BookingRequest],
    zone: ZoneInfo,
    *,
    as_json: bool,
) -> None:
    """Say what would be reserved."""
    from gbook.render.bookings import when
    from gbook.render.outlook import event_text, would_reserve, written
    from gbook.render.text import clean

    records = _rehearse(context, requests)

    def show(console: Console) -> None:
        console.print(clean(f"{would_reserve(records, zone)}; {written(records)}"), soft_wrap=True)
        for record in records:
            console.print(clean(f"  {when(record, zone)} with {', '.join(record.accounts)}"), soft_wrap=True)

    session.warn(context.collected_warnings)
    session.emit(
        lambda: _document(
            requests,
            [booking_document(record, written=False) | {"event": event_text(record)} for record in records],
        ),
        as_json=as_json,
        show=show,
    )


def _propose(
    session: Session,
    context: BookingContext,
    requests: Sequence[BookingRequest],
    zone: ZoneInfo,
    *,
    as_json: bool,
) -> None:
    """Reserve the slots, run the hooks and show the reservations."""
    if context.workspace.config.hooks.pre_book:
        for record in _rehearse(context, requests):
            ask_pre_book(context, record)
    records = propose(context, requests)

    def show(console: Console) -> None:
        from gbook.render.bookings import show_proposal

        show_proposal(console, records, zone)

    session.warn(context.collected_warnings)
    reservations = []
    for record in records:
        reservation = booking_document(record)
        failures = run_post_hook(context.workspace, Hook.POST_BOOK, reservation)
        session.warn(failures)
        reservations.append(reservation | {"warnings": warning_items(failures)})
    session.emit(lambda: _document(requests, reservations), as_json=as_json, show=show)


def _rehearse(context: BookingContext, requests: Sequence[BookingRequest]) -> list[Record]:
    """Return the reservations as they would be made now. Raises what `propose` raises."""
    return [record_of(context, draft) for draft in preview_proposal(context, requests)]


def _document(requests: Sequence[BookingRequest], reservations: list[Document]) -> Document:
    return {"proposalId": requests[0].proposal, "reservations": reservations}


def _distinct(slots: list[TypedSlot]) -> list[TypedSlot]:
    """Return the slots. Raises UsageError if a time is given twice."""
    starts = [slot.start for slot in slots if slot.start is not None]
    if len(set(starts)) < len(starts):
        raise UsageError("--slot: the same time is given twice")
    return slots
