"""How a command that changes a booking ends: guests are told, the hook runs, the answer is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from gbook.bookings.context import BookingContext
from gbook.bookings.hooks import Hook, run_post_hook, run_pre_book
from gbook.bookings.invitation import invitation_for
from gbook.bookings.invitation_file import InvitationFile
from gbook.bookings.notify import NotifyOptions, notify_guests
from gbook.bookings.records import Record
from gbook.cli.session import Session
from gbook.errors import UsageError, Warn
from gbook.filesystem.user_folders import expand_home
from gbook.render.json_documents import Document, booking_document, state_document
from gbook.render.text import clean

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "INVITES_NOBODY",
    "Delivery",
    "DeliveryOptions",
    "Force",
    "InvitationPath",
    "Outcome",
    "SendMail",
    "ask_pre_book",
    "changed",
    "invitation_file",
]

INVITES_NOBODY = "a reservation invites nobody: --invitation and --mail go with `reservation confirm`"
InvitationPath = Annotated[
    str | None,
    typer.Option("--invitation", metavar="FILE|-", help="Write the guest's invitation, an .ics file."),
]
SendMail = Annotated[
    bool, typer.Option("--mail", help="Send the invitation to the guests by mail (gbook.yaml: mail).")
]


Force = Annotated[
    bool,
    typer.Option("--force", help="Let --invitation replace a file that is neither an invitation nor empty."),
]


class DeliveryOptions(NamedTuple):
    """What --invitation, --mail and --force say."""

    invitation: str | None
    mail: bool
    force: bool


class Outcome(NamedTuple):
    """What a command has done: the booking as it is now, its document, its words, and what was noticed."""

    record: Record
    document: Callable[[list[Warn]], Document]
    show: Callable[[Console], None]
    hook: Hook
    warnings: tuple[Warn, ...] = ()
    # The booking before it was moved or handed over.
    before: Record | None = None


class Delivery:
    """What --invitation and --mail ask for. Raises UsageError, InvalidFile before anything is booked."""

    def __init__(self, session: Session, delivery: DeliveryOptions, *, as_json: bool, dry_run: bool) -> None:
        invitation = delivery.invitation
        self._session = session
        self._as_json = as_json
        self._dry_run = dry_run
        self._on_stdout = invitation == "-" and not dry_run
        file = invitation_file(session, delivery)
        if invitation == "-" and as_json:
            raise UsageError("--invitation - and --json both want stdout: name a file for the invitation")
        if file:
            file.check()
        if delivery.mail:
            from gbook.bookings.email import mail_settings

            mail_settings(session.workspace)
        self._wishes = NotifyOptions(file, delivery.mail)

    def finish(self, context: BookingContext, outcome: Outcome) -> None:
        """Tell the guests, run the hook, answer; whatever fails here is a warning. A dry run only answers."""
        notes: list[str] = []
        warnings = [*dict.fromkeys([*context.noticed, *outcome.warnings])]
        if not self._dry_run:
            notes, failed = notify_guests(context, outcome.record, self._wishes, outcome.before)
            warnings += failed
            warnings += run_post_hook(context.workspace, outcome.hook, outcome.document(warnings))
        self._session.warn(warnings)
        with redirect_stdout(sys.stderr) if self._on_stdout else nullcontext():
            self._session.emit(
                lambda: outcome.document(warnings), as_json=self._as_json, show=_with_notes(outcome, notes)
            )
        if self._on_stdout:
            sys.stdout.buffer.write(invitation_for(outcome.record, context.now).data)


def invitation_file(session: Session, delivery: DeliveryOptions) -> InvitationFile | None:
    """The file that --invitation names; None without one, and for stdout."""
    if delivery.invitation in (None, "-"):
        return None
    if not delivery.invitation:
        raise UsageError("--invitation: expected the name of a file, found nothing")
    return InvitationFile(expand_home(delivery.invitation), session.workspace, delivery.force)


def changed(
    record: Record, show: Callable[[Console], None], hook: Hook, warnings: Iterable[Warn] = ()
) -> Outcome:
    """The outcome of what changes a booking: its document says how it stands."""
    return Outcome(record, lambda noticed: state_document(record, noticed), show, hook, tuple(warnings))


def ask_pre_book(context: BookingContext, record: Record) -> None:
    """Asks the preBook hook about a booking that is to be made. Raises Refused."""
    run_pre_book(context.workspace, booking_document(record, written=False))


def _with_notes(outcome: Outcome, notes: list[str]) -> Callable[[Console], None]:
    def show(console: Console) -> None:
        outcome.show(console)
        for note in notes:
            console.print(clean(note), soft_wrap=True)

    return show
