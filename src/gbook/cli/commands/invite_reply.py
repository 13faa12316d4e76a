"""`gbook booking invite` and `gbook booking reply`: repeat an invitation, and read the answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import gbook
from gbook.cli.delivery import DeliveryOptions, invitation_file, with_event
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import DryRun, Json
from gbook.cli.options.records import Id, booking_context
from gbook.cli.options.zones import shown_zone
from gbook.cli.session import Session
from gbook.errors import NotFound, UsageError
from gbook.render.json_documents import Document, state_document

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["invite", "reply"]

# A reply takes some kilobytes, but a mail may have large attachments too.
MAX_MAIL = 64 << 20
# The answers that a reply may have (PARTSTAT, RFC 5545 §3.2.12), in words.
VERBS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "accepted tentatively",
    "DELEGATED": "delegated",
    "NEEDS-ACTION": "has not decided",
}


@with_option_groups
def invite(
    ctx: typer.Context,
    record_id: Id,
    *,
    delivery: DeliveryOptions,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="E", help="Mail only to this attendee; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write or mail the current invitation of a booking again (its cancellation, if it is cancelled).

    Without --invitation and --mail, it is written to stdout.
    """
    session: Session = ctx.obj
    if to and not delivery.mail:
        raise UsageError("--to goes with --mail")
    on_stdout = delivery.invitation == "-" or not (delivery.invitation or delivery.mail)
    if on_stdout and as_json:
        raise UsageError("--json uses stdout: add --invitation FILE or --mail")
    record = gbook.find_booking(booking_context(ctx), record_id)
    message = gbook.invitation_for(record, session.now)
    notes = []
    if file := invitation_file(session, delivery):
        file.write(message)
        notes.append(f"Invitation saved to {file.path}")
    if delivery.mail:
        recipients = gbook.send_invitation(session.workspace, record, session.now, only=_invited(record, to))
        notes.append(f"Invitation sent to {', '.join(recipients)}")

    def show(console: Console) -> None:
        for note in notes:
            console.print_words(note)

    if on_stdout:
        sys.stdout.buffer.write(message.data)
    else:
        session.emit(lambda: state_document(record), as_json=as_json, show=show)


def _invited(record: gbook.Record, emails: Sequence[str] | None) -> Sequence[str] | None:
    """Return the addresses of --to. Raises UsageError for one that is not invited."""
    invited = {attendee.email.casefold() for attendee in record.attendees}
    for email in emails or ():
        if email.casefold() not in invited:
            raise UsageError(f"--to: {email} is not invited to booking {record.uid}")
    return emails


def reply(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="An .ics file or an e-mail; `-` reads stdin.")
    ],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record a guest's reply in every calendar that has the booking."""
    session: Session = ctx.obj
    data = sys.stdin.buffer.read(MAX_MAIL) if file == "-" else _read(Path(file))
    answer = gbook.read_reply(data, "stdin" if file == "-" else file)
    context = booking_context(ctx)
    record, warnings = gbook.take_reply(context, answer, write=not dry_run)
    warnings = [*context.collected_warnings, *warnings]
    session.warn(warnings)

    def show(console: Console) -> None:
        from gbook.render.bookings import show_choices, when
        from gbook.render.text import clean

        zone, declined = shown_zone(None, session.workspace, [record.profile]), False
        prefix = "Would record: " if dry_run else ""
        for part, partstat in gbook.answered_parts(record, answer):
            words = f"{_name(record, answer.email)} {VERBS[partstat]}"
            console.print_words(clean(f"{prefix}{words}: {record.subject}, {when(part, zone)}"))
            declined = declined or partstat == "DECLINED"
        if declined and record.status == "confirmed" and not dry_run:
            show_choices(console, record)

    def document() -> Document:
        state = state_document(record, warnings)
        return with_event(state, record) if dry_run else state

    session.emit(document, as_json=as_json, show=show)


def _name(record: gbook.Record, email: str) -> str:
    """Return the guest's name for the guest's address, else the address."""
    is_guest = email.casefold() == (record.guest.email or "").casefold()
    return (record.guest.name if is_guest else None) or email


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_MAIL)
    except FileNotFoundError:
        raise NotFound(f"no such file: {path}") from None
