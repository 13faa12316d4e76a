"""`gbook booking`: what was booked; moving it, cancelling it."""

from typing import TYPE_CHECKING, Annotated

import typer

from gbook.bookings.cancel import cancellation
from gbook.bookings.hooks import Hook
from gbook.bookings.people import copies_left
from gbook.bookings.records import find_record, read_records
from gbook.bookings.reschedule import Target, rescheduling
from gbook.bookings.revision import find_booking, find_either, out_of_reach, preview, revise
from gbook.cli.commands.invite_reply import invite, reply
from gbook.cli.commands.repair import all_differences, repair
from gbook.cli.delivery import (
    INVITES_NOBODY,
    Delivery,
    DeliveryOptions,
    Force,
    InvitationPath,
    SendMail,
    changed,
)
from gbook.cli.options import completion
from gbook.cli.options.common import DryRun, Json, Zone
from gbook.cli.options.dates import typed_end, typed_start
from gbook.cli.options.record_options import (
    Id,
    OfProfile,
    booking_context,
    list_zone,
    listed_profiles,
    of_profile,
    zone_of,
)
from gbook.cli.options.slots import read_document, read_slot
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.json_documents import state_document
from gbook.render.listing import listing

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Bookings: list, show, move and cancel them.",
    epilog="Example: gbook booking list",
)


@app.command("list", epilog="Example: gbook booking list -p aurinkoDemo --to 2026-12-31")
def list_bookings(
    ctx: typer.Context,
    profile: OfProfile = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            metavar="ID",
            help="Only with this account.",
            autocompletion=completion.every_account,
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE|TIME", help="First date or time. (default: now)")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE|TIME", help="Last date (whole) or time.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Past and cancelled ones too.")] = False,
    tz: Zone = None,
    as_json: Json = False,
) -> None:
    """List bookings, those to come if nothing else is said."""
    session: Session = ctx.obj
    zone = list_zone(session, tz, listed_profiles(session, profile))
    accounts = {session.workspace.account(name).id for name in account or ()}
    low = typed_start(start, zone, session.now) if start else None if everything else session.now
    high = typed_end(end, zone, session.now) if end else None
    records, warnings = read_records(session.workspace)
    shown = [
        record
        for record in of_profile(session, records, profile)
        if not record.is_reservation
        and (everything or record.status != "cancelled")
        and (low is None or record.end > low)
        and (high is None or record.start < high)
        and (not accounts or accounts.intersection(record.accounts))
    ]
    session.warn([*warnings, *all_differences(session, shown)])

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_list, status_words

        hint = "See one with: gbook booking show ID" if shown else _nothing(everything)
        show_list(console, shown, zone, lambda record: status_words(record, session.now), hint)

    session.emit(lambda: listing([state_document(record) for record in shown]), as_json=as_json, show=show)


@app.command("show", epilog="Example: gbook booking show 5a2f5c1e")
def show_booking(ctx: typer.Context, wanted: Id, tz: Zone = None, as_json: Json = False) -> None:
    """Show a booking or reservation: when, with whom, and who has answered what."""
    session: Session = ctx.obj
    record, warnings = find_record(session.workspace, wanted)
    warnings += [*copies_left(session.workspace, record), *all_differences(session, [record])]
    session.warn(warnings)

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_details

        show_details(console, record, zone_of(session, tz, record), session.now)

    session.emit(lambda: state_document(record, warnings), as_json=as_json, show=show)


@app.command(epilog='Example: gbook booking cancel 5a2f5c1e --reason "Jane is ill"')
def cancel(
    ctx: typer.Context,
    wanted: Id,
    reason: Annotated[str | None, typer.Option(metavar="R", help="Why: a comment in the event.")] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the event out of the calendars, without a trace.")
    ] = False,
    invitation: InvitationPath = None,
    force: Force = False,
    mail: SendMail = False,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Cancel a booking in every calendar; its time is offered again."""
    session: Session = ctx.obj
    telling = Delivery(session, DeliveryOptions(invitation, mail, force), as_json=as_json, dry_run=dry_run)
    context = booking_context(session)
    found = find_booking(context, wanted)
    zone = zone_of(session, tz, found)
    warnings = out_of_reach(context, found)
    plan = cancellation(context, wanted, reason, remove=remove)
    record = preview(plan) if dry_run else revise(context, plan)

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_cancelled, show_event

        if dry_run:
            show_event(console, record)
        else:
            show_cancelled(console, record, zone, removed=remove)

    telling.finish(context, changed(record, show, Hook.POST_CANCEL, warnings))


@app.command(epilog="Example: gbook booking reschedule 5a2f5c1e --slot 2026-11-25T10:00")
def reschedule(
    ctx: typer.Context,
    wanted: Id,
    slot: Annotated[
        str,
        typer.Option(
            metavar="S",
            help="A time, START/END, `first`, or `-`: an item on stdin.",
            autocompletion=completion.moved_slots,
        ),
    ],
    reassign: Annotated[
        bool,
        typer.Option("--reassign", help="With others where its accounts are not free or have left."),
    ] = False,
    invitation: InvitationPath = None,
    force: Force = False,
    mail: SendMail = False,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Move a booking or reservation to another slot, or hand it over to others, in every calendar."""
    session: Session = ctx.obj
    telling = Delivery(session, DeliveryOptions(invitation, mail, force), as_json=as_json, dry_run=dry_run)
    context = booking_context(session)
    found = find_either(context, wanted)
    if found.is_reservation and (invitation or mail):
        raise UsageError(INVITES_NOBODY)
    zone = zone_of(session, tz, found)
    when = read_document(zone, session.now) if slot == "-" else read_slot(slot, zone, session.now)
    plan = rescheduling(context, wanted, Target(when.start, when.end, reassign))
    record = preview(plan) if dry_run else revise(context, plan)

    def show(console: "Console") -> None:
        from gbook.render.bookings import moved_words, show_booking, show_event

        if dry_run:
            show_event(console, record)
        else:
            show_booking(console, record, zone, moved_words(found, record))

    outcome = changed(record, show, Hook.POST_RESCHEDULE, out_of_reach(context, found))
    telling.finish(context, outcome._replace(before=found))


app.command(epilog="Example: gbook booking repair 5a2f5c1e --from bob")(repair)
app.command(epilog="Example: gbook booking invite 5a2f5c1e --mail")(invite)
app.command(epilog="Example: gbook booking reply answer.eml")(reply)


def _nothing(everything: bool) -> str:
    return (
        "No bookings yet. Book with: gbook book --slot first"
        if everything
        else ("No bookings to come; past and cancelled ones: --all. Book with: gbook book --slot first")
    )
