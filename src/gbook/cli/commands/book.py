"""`gbook book`: book a slot, or reserve it."""

from __future__ import annotations

from typing import Annotated

import typer

from gbook.bookings.book import book, draft_for, record_of
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft
from gbook.bookings.hooks import Hook
from gbook.bookings.keys import known_booking
from gbook.bookings.records import Record
from gbook.bookings.request import Request
from gbook.cli.delivery import (
    INVITES_NOBODY,
    Delivery,
    DeliveryOptions,
    Force,
    InvitationPath,
    Outcome,
    SendMail,
    ask_pre_book,
)
from gbook.cli.options import completion
from gbook.cli.options.common import (
    Accounts,
    DryRun,
    Groups,
    Json,
    ProfileName,
    RequiredText,
    Zone,
    shown_zone,
)
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
from gbook.cli.options.record_options import booking_context
from gbook.cli.options.slots import read_document, read_slot
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.errors import UsageError, Warn
from gbook.render.bookings import show_booking, show_event
from gbook.render.json_documents import Document, booking_document

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command(
    "book", epilog="Example: gbook book --slot 2026-11-24T14:00Z --name Jane --email jane@example.com"
)
def book_slot(
    ctx: typer.Context,
    slot: Annotated[
        str,
        typer.Option(
            metavar="S",
            help="A time, START/END, `first`, or `-`: an availability document or one of its items on stdin.",
            autocompletion=completion.slots,
        ),
    ],
    profile: ProfileName = None,
    name: GuestName = None,
    email: GuestEmail = None,
    guest_tz: GuestZone = None,
    required: RequiredText = None,
    account: Accounts = None,
    group: Groups = None,
    field: Fields = None,
    invite: Invitees = None,
    reserve: Annotated[
        int | None, typer.Option(metavar="MIN", min=1, max=525_600, help="Only reserve, for so many minutes.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="K", help="The same key never books twice."),
    ] = None,
    invitation: InvitationPath = None,
    force: Force = False,
    mail: SendMail = False,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Book a slot for a guest."""
    session: Session = ctx.obj
    if reserve and (invitation or mail):
        raise UsageError(INVITES_NOBODY)
    if key == "":
        raise UsageError("--key: expected a text that no other booking has, found nothing")
    telling = Delivery(session, DeliveryOptions(invitation, mail, force), as_json=as_json, dry_run=dry_run)
    document = read_document(session.workspace.zone, session.now) if slot == "-" else None
    chosen = session.profile(document.profile if document and profile is None else profile)
    zone = shown_zone(tz, session.workspace, chosen)
    wanted = document or read_slot(slot, zone, session.now)
    named = bool(account or group)
    request = Request(
        profile=chosen,
        start=wanted.start,
        end=wanted.end,
        required=wanted.required or "one" if required is None else read_required(required),
        accounts=tuple(account or ()) if named else wanted.accounts,
        groups=tuple(group or ()) if named else wanted.groups,
        guest=read_guest(name, email, guest_tz, tz),
        invitees=read_invitees(invite),
        fields=read_fields(field),
        reserve_minutes=reserve,
        key=key,
    )
    context = booking_context(session)

    def ask(draft: Draft) -> None:
        ask_pre_book(context, record_of(context, draft))

    record = (
        preview(context, request)
        if dry_run
        else book(context, request, ask if context.workspace.config.hooks.pre_book else None)
    )
    telling.finish(
        context,
        Outcome(
            record,
            document=lambda warnings: _document(record, warnings, written=not dry_run),
            show=lambda console: (
                show_event(console, record)
                if dry_run
                else show_booking(console, record, zone, _words(record))
            ),
            hook=Hook.POST_BOOK,
        ),
    )


def preview(context: BookingContext, request: Request) -> Record:
    """Return the booking as it would be made now, or was made before with the same key."""
    if known := known_booking(context, request):
        return known
    return record_of(context, draft_for(context, request, context.new_uid()))


def _document(record: Record, warnings: list[Warn], *, written: bool) -> Document:
    """The answer, which says of a repeated request that it is one."""
    document = booking_document(record, warnings, written=written)
    return document | {"repeated": True} if record.repeated else document


def _words(record: Record) -> str | None:
    """How the answer to a repeated request begins."""
    if not record.repeated:
        return None
    return f"{'Reserved' if record.is_reservation else 'Booked'} before with this key:"
