"""`gbook booking`: list, show, move and cancel bookings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

import gbook
from gbook.cli.commands import booking_guest
from gbook.cli.commands.booking_invite import invite
from gbook.cli.commands.booking_reply import reply
from gbook.cli.commands.change import Change, ChangeOptions, move_of, run_change
from gbook.cli.commands.repair import all_differences, repair
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.guests import InviteeOptions, Strict
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json, OutputOptions, PageOptions, Records, emit_records
from gbook.cli.options.records import (
    Id,
    OneProfile,
    booking_context,
    fresh_context,
    listed_profiles,
    of_profile,
    record_format,
)
from gbook.cli.options.series_dates import SeriesDay, chosen_date
from gbook.cli.options.slots import TypedSlot, read_document, read_slot
from gbook.cli.options.windows import From, To, read_bounds
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.json_documents import state_document
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.render.json_documents import Document

__all__ = ["app"]

app = App(
    help="List, show, move and cancel bookings.",
    epilog="Example: gbook booking list",
)


@app.command("list", epilog="Example: gbook booking list -p demo --to +30d")
@with_option_groups
def list_bookings(
    ctx: typer.Context,
    *,
    profile: OneProfile = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            metavar="ID",
            help="Only with this account; repeatable.",
            autocompletion=completion.every_account,
        ),
    ] = None,
    start: From = None,
    end: To = None,
    everything: Annotated[bool, typer.Option("--all", help="Include past and cancelled bookings.")] = False,
    tz: Zone = None,
    page: PageOptions,
    output: OutputOptions,
) -> None:
    """List bookings (upcoming by default)."""
    session: Session = ctx.obj
    zone = shown_zone(tz, session.workspace, listed_profiles(session, profile))
    accounts = {session.workspace.account(name).id for name in account or ()}
    low, high = read_bounds(start, end, zone, session.now)
    if low is None and not everything:
        low = session.now
    records, warnings = gbook.read_records(session.workspace, use_cache=True)
    records = gbook.with_seats_left(records, session.now)
    shown = [
        record
        for record in of_profile(session, records, profile)
        if not record.is_reservation
        and (everything or record.status != "cancelled")
        and any((low is None or end > low) and (high is None or start < high) for start, end in record.times)
        and (not accounts or accounts.intersection(record.accounts))
    ]
    session.warn([*warnings, *all_differences(session, shown)])

    def show(console: Console, records: Sequence[gbook.Record]) -> None:
        from gbook.render.bookings import show_list, status_words

        hint = "See one with: gbook booking show ID" if records else _nothing(everything)
        today = local(session.now, zone).date()

        def status(record: gbook.Record) -> str:
            declined = gbook.declined_accounts(session.workspace, record)
            return status_words(record, session.now, zone, declined)

        coming = [gbook.part_of_series(record, None, session.now) for record in records]
        show_list(console, coming, zone, today, status, hint)

    def document(record: gbook.Record) -> Document:
        return state_document(record, declined=gbook.declined_accounts(session.workspace, record))

    emit_records(session, output, page, Records(shown, document, lambda: record_format(zone), show))


@app.command("show", epilog="Example: gbook booking show 5a2f5c1e")
def show_booking(ctx: typer.Context, record_id: Id, tz: Zone = None, as_json: Json = False) -> None:
    """Show a booking or reservation: time, people and their answers."""
    session: Session = ctx.obj
    record, warnings = gbook.find_record(session.workspace, record_id, use_cache=True)
    record = gbook.counted_seats(session.workspace, record, session.now)
    warnings += [*gbook.copies_left(session.workspace, record), *all_differences(session, [record])]
    session.warn(warnings)
    declined = gbook.declined_accounts(session.workspace, record)

    def show(console: Console) -> None:
        from gbook.render.bookings import show_details

        zone = shown_zone(tz, session.workspace, [record.profile])
        show_details(console, record, zone, session.now, declined)

    session.emit(lambda: state_document(record, warnings, declined), as_json=as_json, show=show)


@app.command(epilog='Example: gbook booking cancel 5a2f5c1e --reason "Jane is ill"')
@with_option_groups
def cancel(
    ctx: typer.Context,
    record_id: Id,
    *,
    reason: Annotated[
        str | None, typer.Option(metavar="R", help="Reason, written as a comment in the event.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the event instead of marking it as cancelled.")
    ] = False,
    date: SeriesDay = None,
    whole: Annotated[
        bool,
        typer.Option("--session", help="Cancel the bookings of all guests who share its time, by `seats`."),
    ] = False,
    options: ChangeOptions,
) -> None:
    """Cancel a booking in every calendar; its time is offered again."""
    session: Session = ctx.obj
    if whole and (date or options.delivery.invitation):
        raise UsageError("--session cancels several bookings: leave out --date and --invitation")
    delivery = options.prepare(session)
    context = booking_context(ctx)
    booking = gbook.find_booking(context, record_id)
    zone = shown_zone(options.tz, session.workspace, [booking.profile])
    named = chosen_date(session, booking, date, zone)

    def show(console: Console, record: gbook.Record) -> None:
        from gbook.render.bookings import show_cancelled

        show_cancelled(console, named.of(booking), record, zone, removed=remove)

    def would_cancel(record: gbook.Record) -> str:
        from gbook.render.outlook import would

        return would("cancel and remove" if remove else "cancel", named.of(booking), zone)

    if whole:
        plan = gbook.session_cancellation(context, record_id, reason, remove=remove)
    else:
        plan = gbook.cancellation(context, record_id, reason, remove=remove, recurrence=named.recurrence)
    change = Change(
        before=booking,
        plan=plan,
        hook=gbook.Hook.POST_CANCEL,
        show=show,
        would=would_cancel,
        # The message is about the dates that are cancelled.
        is_move=booking.series is not None,
        is_session=whole,
    )
    run_change(context, delivery, change)


@app.command(epilog="Example: gbook booking reschedule 5a2f5c1e --slot first")
@with_option_groups
def reschedule(
    ctx: typer.Context,
    record_id: Id,
    *,
    slot: Annotated[
        str | None,
        typer.Option(
            metavar="S",
            help="A time, START/END, `first`, `best`, or `-` to read an item from stdin."
            " (default: choose on a terminal)",
            autocompletion=completion.moved_slots,
        ),
    ] = None,
    reassign: Annotated[
        bool,
        typer.Option(
            "--reassign", help="Let other accounts take over if the booked ones are busy or removed."
        ),
    ] = False,
    invitees: InviteeOptions,
    date: SeriesDay = None,
    strict: Strict = False,
    options: ChangeOptions,
) -> None:
    """Move a booking or reservation to another slot, or reassign it, in every calendar."""
    session: Session = ctx.obj
    delivery = options.prepare(session)
    context = booking_context(ctx)
    people = invitees.invitees()
    booking = gbook.find_either(context, record_id)
    if booking.is_reservation:
        options.delivery.refuse_for_reservation()
    zone = shown_zone(options.tz, session.workspace, [booking.profile])
    named = chosen_date(session, booking, date, zone)
    if date is not None and slot is None:
        raise UsageError("--slot is missing: the new time of the date")

    def move(context: gbook.BookingContext, new: TypedSlot) -> None:
        new_slot = gbook.NewSlot(new.start, new.end, reassign, people, named.recurrence, strict, new.best)
        plan = gbook.rescheduling(context, record_id, new_slot)
        run_change(context, delivery, move_of(booking, plan, named, zone))

    if slot is None:
        from gbook.cli.dialog import MoveDialog

        MoveDialog(
            booking=booking,
            zone=zone,
            reassign=reassign,
            context=lambda: fresh_context(ctx),
            move=move,
            dry_run=options.dry_run,
        ).run()
    else:
        move(
            context,
            read_document(zone, session.now) if slot == "-" else read_slot(slot, zone, session.now),
        )


app.add_typer(booking_guest.app, name="guest")
app.command(epilog="Example: gbook booking repair 5a2f5c1e --from bob")(repair)
app.command(epilog="Example: gbook booking invite 5a2f5c1e --invitation jane.ics")(invite)
app.command(epilog="Example: gbook booking reply answer.eml")(reply)


def _nothing(everything: bool) -> str:
    if everything:
        return "No bookings yet. Book with: gbook book --slot first"
    return "No upcoming bookings. See past and cancelled ones with --all. Book with: gbook book --slot first"
