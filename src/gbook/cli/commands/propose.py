"""`gbook propose`: several slots held under one id, for "which of these suits you?"."""

import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.bookings.book import record_of
from gbook.bookings.hooks import Hook, run_post_hook
from gbook.bookings.proposal import propose, rehearse_proposal
from gbook.bookings.request import Request
from gbook.cli.delivery import ask_pre_book
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
from gbook.cli.options.slots import Wanted, read_slot
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.json_documents import booking_document, warning_items

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command(
    "propose", epilog="Example: gbook propose --slot 2026-11-24T14:00Z --slot 2026-11-25T15:00Z --for 2880"
)
def propose_slots(
    ctx: typer.Context,
    slot: Annotated[
        list[str],
        typer.Option(
            metavar="S",
            help="A time, START/END or `first`; give it for each slot.",
            autocompletion=completion.slots,
        ),
    ],
    minutes: Annotated[
        int,
        typer.Option("--for", "--reserve", metavar="MIN", min=1, max=525_600, help="Hold them so long."),
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
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reserve several slots, all of them or none; confirming one drops the others."""
    session: Session = ctx.obj
    chosen = session.profile(profile)
    zone = shown_zone(tz, session.workspace, chosen)
    proposal = str(uuid.uuid4())
    requests = [
        Request(
            profile=chosen,
            start=wanted.start,
            end=wanted.end,
            required=read_required(required),
            accounts=tuple(account or ()),
            groups=tuple(group or ()),
            guest=read_guest(name, email, guest_tz, tz),
            invitees=read_invitees(invite),
            fields=read_fields(field),
            reserve_minutes=minutes,
            proposal=proposal,
        )
        for wanted in _distinct([read_slot(text, zone, session.now) for text in slot])
    ]
    context = booking_context(session)
    if context.workspace.config.hooks.pre_book and not dry_run:
        for draft in rehearse_proposal(context, requests):
            ask_pre_book(context, record_of(context, draft))
    records = (
        [record_of(context, draft) for draft in rehearse_proposal(context, requests)]
        if dry_run
        else propose(context, requests)
    )

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_event, show_proposal

        if not dry_run:
            show_proposal(console, records, zone)
        for record in records if dry_run else ():
            show_event(console, record)

    session.warn(context.noticed)
    reservations = [booking_document(record, written=not dry_run) for record in records]
    for reservation in reservations if not dry_run else ():
        failed = run_post_hook(context.workspace, Hook.POST_BOOK, reservation)
        session.warn(failed)
        reservation["warnings"] = warning_items(failed)
    document = {"proposalId": proposal, "reservations": reservations}
    session.emit(lambda: document, as_json=as_json, show=show)


def _distinct(slots: list[Wanted]) -> list[Wanted]:
    """Raises UsageError for a time given twice."""
    starts = [slot.start for slot in slots if slot.start is not None]
    if len(set(starts)) < len(starts):
        raise UsageError("--slot: the same time is given twice")
    return slots
