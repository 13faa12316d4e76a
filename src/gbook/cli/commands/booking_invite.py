"""`gbook booking invite`: repeat an invitation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

import gbook
from gbook.cli.delivery import DeliveryOptions, invitation_file
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json
from gbook.cli.options.records import Id, booking_context
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.json_documents import state_document

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["invite"]


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
    message = gbook.invitation_for(record, session.now, gbook.GuestLinks(session.workspace).manage(record))
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
