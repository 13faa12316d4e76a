"""`gbook reservation`: slots that are held until they are confirmed, dropped or expired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

import gbook
from gbook.cli.commands.booking import reschedule
from gbook.cli.commands.change import Change, ChangeOptions, run_change
from gbook.cli.delivery import ask_pre_book
from gbook.cli.help import App
from gbook.cli.options.guests import GuestOptions, InvitationOptions, Strict
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import DryRun, Json, OutputOptions, PageOptions, Records, emit_records
from gbook.cli.options.records import (
    Id,
    OneProfile,
    booking_context,
    listed_profiles,
    of_profile,
    record_format,
)
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.render.json_documents import state_document
from gbook.timeutil.format import moment_name
from gbook.timeutil.instants import MINUTE, local

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App(
    help="List, confirm, move and drop reservations.",
    epilog="Example: gbook reservation list",
)


@app.command("list", epilog="Example: gbook reservation list --all")
@with_option_groups
def list_reservations(
    ctx: typer.Context,
    *,
    profile: OneProfile = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Include expired reservations still in the calendars.")
    ] = False,
    tz: Zone = None,
    page: PageOptions,
    output: OutputOptions,
) -> None:
    """List the reservations that hold their time."""
    session: Session = ctx.obj
    zone = shown_zone(tz, session.workspace, listed_profiles(session, profile))
    records, warnings = gbook.read_records(session.workspace, use_cache=True)
    session.warn(warnings)
    today = local(session.now, zone).date()
    shown = [
        record
        for record in of_profile(session, records, profile)
        if record.is_reservation and (everything or record.holds(session.now))
    ]

    def status(record: gbook.Record) -> str:
        if not record.holds(session.now) or record.expires is None:
            return "expired"
        return f"until {moment_name(record.expires - record.expires % MINUTE, zone, today)}"

    def show(console: Console, records: Sequence[gbook.Record]) -> None:
        from gbook.render.bookings import show_list

        hint = "Confirm or drop one with: gbook reservation confirm|drop ID"
        nothing = "No reservations. Make one with: gbook book --slot first --reserve 1h"
        show_list(console, records, zone, today, status, hint if records else nothing)

    emit_records(session, output, page, Records(shown, state_document, lambda: record_format(zone), show))


@app.command(epilog="Example: gbook reservation confirm 5a2f5c1e --name Jane --email jane@example.com")
@with_option_groups
def confirm(
    ctx: typer.Context,
    record_id: Id,
    *,
    guest: GuestOptions,
    invitation: InvitationOptions,
    strict: Strict = False,
    options: ChangeOptions,
) -> None:
    """Turn a reservation into a booking.

    An expired one can still be confirmed if its time is free.
    """
    session: Session = ctx.obj
    delivery = options.prepare(session)
    context = booking_context(ctx)
    given = _given(guest, invitation, strict=strict)
    reservation = gbook.find_reservation(context, record_id)
    zone = shown_zone(options.tz, session.workspace, [reservation.profile])
    plan = gbook.confirmation(context, record_id, given)
    if context.workspace.config.hooks.pre_book and not options.dry_run:
        ask_pre_book(context, gbook.preview(plan))

    def show(console: Console, record: gbook.Record) -> None:
        from gbook.render.bookings import show_booking

        show_booking(console, record, zone)

    def would_confirm(record: gbook.Record) -> str:
        from gbook.render.outlook import would

        return would("confirm", record, zone)

    change = Change(before=reservation, plan=plan, hook=gbook.Hook.POST_BOOK, show=show, would=would_confirm)
    run_change(context, delivery, change)


def _given(options: GuestOptions, invitation: InvitationOptions, *, strict: bool) -> gbook.GuestDetails:
    """Return the guest's details from the options. Raises UsageError."""
    guest = options.guest()
    return gbook.GuestDetails(
        name=guest.name,
        email=guest.email,
        zone=guest.zone,
        invitees=invitation.invitees(),
        fields=invitation.fields(),
        strict=strict,
    )


app.command(epilog="Example: gbook reservation reschedule 5a2f5c1e --slot first")(reschedule)


@app.command(epilog="Example: gbook reservation drop 5a2f5c1e")
def drop(ctx: typer.Context, record_id: Id, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Release a reserved slot and remove its events from the calendars."""
    session: Session = ctx.obj
    delivery = ChangeOptions(dry_run=dry_run, as_json=as_json).prepare(session)
    context = booking_context(ctx)
    reservation = gbook.find_reservation(context, record_id)
    zone = shown_zone(None, session.workspace, [reservation.profile])

    def show(console: Console, record: gbook.Record) -> None:
        from gbook.render.bookings import when

        console.print_words(f"Dropped the reservation of {when(record, zone)}")

    def would_drop(record: gbook.Record) -> str:
        from gbook.render.outlook import would

        return would("drop the reservation of", record, zone)

    change = Change(
        before=reservation,
        plan=gbook.dropping(context, record_id),
        hook=gbook.Hook.POST_CANCEL,
        show=show,
        would=would_drop,
        answer={"status": "Ok"},
    )
    run_change(context, delivery, change)
