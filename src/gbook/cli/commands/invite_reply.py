"""`gbook booking invite` and `gbook booking reply`: what goes out to guests again, and what comes back."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.bookings.revision import find_booking
from gbook.cli.delivery import DeliveryOptions, invitation_file
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import DryRun, Json
from gbook.cli.options.records import Id, booking_context
from gbook.cli.session import Session
from gbook.errors import NotFound, UsageError
from gbook.render.json_documents import state_document

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["invite", "reply"]

# A mail with a reply has some kilobytes, but may carry anything else.
MAX_MAIL = 64 << 20


@with_option_groups
def invite(ctx: typer.Context, record_id: Id, *, delivery: DeliveryOptions, as_json: Json = False) -> None:
    """Write or mail the current invitation of a booking again (its cancellation, if it is cancelled).

    Without --invitation and --mail, it is written to stdout.
    """
    from gbook.bookings.email import send_invitation
    from gbook.bookings.invitation import invitation_for

    session: Session = ctx.obj
    on_stdout = delivery.invitation == "-" or not (delivery.invitation or delivery.mail)
    if on_stdout and as_json:
        raise UsageError("--json uses stdout: add --invitation FILE or --mail")
    record = find_booking(booking_context(session), record_id)
    message = invitation_for(record, session.now)
    notes = []
    if file := invitation_file(session, delivery):
        file.write(message)
        notes.append(f"Invitation saved to {file.path}")
    if delivery.mail:
        recipients = send_invitation(session.workspace, record, session.now)
        notes.append(f"Invitation sent to {', '.join(recipients)}")

    def show(console: "Console") -> None:
        for note in notes:
            console.print(note)

    if on_stdout:
        sys.stdout.buffer.write(message.data)
    else:
        session.emit(lambda: state_document(record), as_json=as_json, show=show)


def reply(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="An .ics file or a mail; - is stdin.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take a guest's reply into every calendar that has the booking."""
    from gbook.bookings.reply import read_reply, take_reply

    session: Session = ctx.obj
    data = sys.stdin.buffer.read(MAX_MAIL) if file == "-" else _read(Path(file))
    answer = read_reply(data, "stdin" if file == "-" else file)
    record, warnings = take_reply(booking_context(session), answer, write=not dry_run)
    session.warn(warnings)

    def show(console: "Console") -> None:
        from gbook.render.bookings import show_choices
        from gbook.render.text import clean

        if any(warning.code == "stale_reply" for warning in warnings):
            return
        will = "would be" if dry_run else "is"
        console.print(clean(f"{answer.email} {will} {answer.partstat.lower()} in booking {record.uid}"))
        if answer.partstat == "DECLINED" and record.status == "confirmed" and not dry_run:
            show_choices(console, record)

    session.emit(lambda: state_document(record, warnings), as_json=as_json, show=show)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_MAIL)
    except FileNotFoundError:
        raise NotFound(f"no such file: {path}") from None
