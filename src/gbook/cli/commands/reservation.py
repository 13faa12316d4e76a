"""`gbook reservation`: slots that are held until somebody confirms."""

from typing import TYPE_CHECKING, Annotated

import typer

from gbook.bookings.cancel import dropping
from gbook.bookings.confirm import Given, confirmation
from gbook.bookings.hooks import Hook, run_post_hook
from gbook.bookings.records import Record, read_records
from gbook.bookings.revision import find_reservation, out_of_reach, preview, revise
from gbook.cli.commands.booking import reschedule
from gbook.cli.delivery import (
    Delivery,
    DeliveryOptions,
    Force,
    InvitationPath,
    SendMail,
    ask_pre_book,
    changed,
)
from gbook.cli.options.common import DryRun, Json, Zone
from gbook.cli.options.guests import (
    Fields,
    GuestEmail,
    GuestName,
    GuestZone,
    Invitees,
    read_fields,
    read_guest,
    read_invitees,
)
from gbook.cli.options.record_options import (
    Id,
    OfProfile,
    booking_context,
    list_zone,
    listed_profiles,
    of_profile,
    zone_of,
)
from gbook.cli.session import Session
from gbook.render.json_documents import state_document
from gbook.render.listing import listing
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Reservations: list, confirm, move and drop them.",
    epilog="Example: gbook reservation list",
)


@app.command("list", epilog="Example: gbook reservation list --all")
def list_reservations(
    ctx: typer.Context,
    profile: OfProfile = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Expired ones too, as far as they stand.")
    ] = False,
    tz: Zone = None,
    as_json: Json = False,
) -> None:
    """List the reservations that hold their time."""
    session: Session = ctx.obj
    zone = list_zone(session, tz, listed_profiles(session, profile))
    records, warnings = read_records(session.workspace)
    session.warn(warnings)
    shown = [
        record
        for record in of_profile(session, records, profile)
        if record.is_reservation and (everything or record.holds(session.now))
    ]

    def status(record: Record) -> str:
        if not record.holds(session.now) or record.expires is None:
            return "expired"
        return f"until {local(record.expires, zone):%d %b %H:%M}"

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_list

        hint = "Confirm or drop one with: gbook reservation confirm|drop ID"
        nothing = "No reservations. Make one with: gbook book --slot first --reserve 60"
        show_list(console, shown, zone, status, hint if shown else nothing)

    session.emit(lambda: listing([state_document(record) for record in shown]), as_json=as_json, show=show)


@app.command(epilog="Example: gbook reservation confirm 5a2f5c1e --name Jane --email jane@example.com")
def confirm(
    ctx: typer.Context,
    wanted: Id,
    name: GuestName = None,
    email: GuestEmail = None,
    guest_tz: GuestZone = None,
    field: Fields = None,
    invite: Invitees = None,
    invitation: InvitationPath = None,
    force: Force = False,
    mail: SendMail = False,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make a reservation a booking. One that has expired will do while its time is free."""
    session: Session = ctx.obj
    telling = Delivery(session, DeliveryOptions(invitation, mail, force), as_json=as_json, dry_run=dry_run)
    context = booking_context(session)
    guest = read_guest(name, email, guest_tz)
    given = Given(
        name=guest.name,
        email=guest.email,
        zone=guest.zone,
        invitees=read_invitees(invite),
        fields=read_fields(field),
    )
    found = find_reservation(context, wanted)
    zone = zone_of(session, tz, found)
    warnings = out_of_reach(context, found)
    plan = confirmation(context, wanted, given)
    if context.workspace.config.hooks.pre_book and not dry_run:
        ask_pre_book(context, preview(plan))
    record = preview(plan) if dry_run else revise(context, plan)

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_booking, show_event

        if dry_run:
            show_event(console, record)
        else:
            show_booking(console, record, zone)

    telling.finish(context, changed(record, show, Hook.POST_BOOK, warnings))


app.command(epilog="Example: gbook reservation reschedule 5a2f5c1e --slot 2026-11-25T10:00")(reschedule)


@app.command(epilog="Example: gbook reservation drop 5a2f5c1e")
def drop(ctx: typer.Context, wanted: Id, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Give a reserved slot back: its events are taken out of the calendars."""
    session: Session = ctx.obj
    context = booking_context(session)
    session.warn(out_of_reach(context, find_reservation(context, wanted)))
    plan = dropping(context, wanted)
    record = preview(plan) if dry_run else revise(context, plan)
    if not dry_run:
        session.warn(context.noticed)
        session.warn(run_post_hook(context.workspace, Hook.POST_CANCEL, state_document(record)))

    def show(console: "Console") -> None:
        from gbook.render.bookings import when

        what = "Would drop" if dry_run else "Dropped"
        console.print(f"{what} the reservation of {when(record, zone_of(session, None, record))}")

    session.emit(lambda: {"status": "Ok"}, as_json=as_json, show=show)
