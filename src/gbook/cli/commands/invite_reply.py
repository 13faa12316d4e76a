"""`gbook booking invite` and `gbook booking reply`: what goes out to guests again, and what comes back."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.bookings.revision import find_booking
from gbook.cli.delivery import DeliveryOptions, Force, InvitationPath, SendMail, invitation_file
from gbook.cli.options.common import DryRun, Json
from gbook.cli.options.record_options import Id, booking_context
from gbook.cli.session import Session
from gbook.errors import NotFound, UsageError
from gbook.render.json_documents import state_document

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["invite", "reply"]

# A mail with a reply has some kilobytes, but may carry anything else.
MAX_MAIL = 64 << 20


def invite(
    ctx: typer.Context,
    wanted: Id,
    invitation: InvitationPath = None,
    force: Force = False,
    mail: SendMail = False,
    as_json: Json = False,
) -> None:
    """Write or send the invitation to a booking again, as it now stands; of a cancelled one the cancellation.

    With neither --invitation nor --mail it goes to stdout.
    """
    from gbook.bookings.email import send_invitation
    from gbook.bookings.invitation import invitation_for

    session: Session = ctx.obj
    on_stdout = invitation == "-" or not (invitation or mail)
    if on_stdout and as_json:
        raise UsageError("--json takes stdout: give --invitation FILE or --mail beside it")
    record = find_booking(booking_context(session), wanted)
    letter = invitation_for(record, session.now)
    notes = []
    if file := invitation_file(session, DeliveryOptions(invitation, mail, force)):
        file.write(letter)
        notes.append(f"Invitation in {file.path}")
    if mail:
        notes.append(
            f"Invitation sent to {', '.join(send_invitation(session.workspace, record, session.now))}"
        )

    def show(console: "Console") -> None:
        for note in notes:
            console.print(note)

    if on_stdout:
        sys.stdout.buffer.write(letter.data)
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
