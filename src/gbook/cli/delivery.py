"""How a command that changes a booking ends: notify the guests, run the hook, show the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
import typer

import gbook
from gbook.errors import UsageError, Warn
from gbook.filesystem.user_folders import expand_home
from gbook.render.json_documents import Document, booking_document, state_document
from gbook.render.text import clean
from gbook.timeutil.format import count

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.render.console import Console

__all__ = [
    "Delivery",
    "DeliveryOptions",
    "Outcome",
    "ask_pre_book",
    "changed",
    "invitation_file",
    "with_event",
]


class DeliveryOptions(msgspec.Struct, kw_only=True):
    """How the guests get the invitation."""

    invitation: Annotated[
        str | None,
        typer.Option("--invitation", metavar="FILE|-", help="Write the guest's invitation to an .ics file."),
    ] = None
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Let --invitation replace a file that is neither an invitation nor empty."
        ),
    ] = False
    mail: Annotated[
        bool,
        typer.Option("--mail", help="Mail the invitation to the guests (see `mail` in gbook.yaml)."),
    ] = False

    def refuse_for_reservation(self) -> None:
        """Raise UsageError if an invitation is asked for, which a reservation does not have."""
        if self.invitation or self.mail:
            raise UsageError(
                "a reservation invites nobody: --invitation and --mail go with `reservation confirm`"
            )


class Outcome(NamedTuple):
    """The result of a command: the booking as it is now, its document, and how it is shown."""

    record: gbook.Record
    document: Callable[[list[Warn]], Document]
    show: Callable[[Console], None]
    hook: gbook.Hook
    warnings: tuple[Warn, ...] = ()
    # The booking before it was moved or reassigned, or its guests changed.
    before: gbook.Record | None = None
    # The JSON answer, if it is not the document.
    answer: Document | None = None
    # What a dry run says, without its effects.
    would: str = ""
    # Whether members that are invited by mail must hear of it.
    is_news: bool = True
    # Whether only those guests are notified whom the difference to `before` concerns.
    affected_only: bool = False
    # Other bookings that were changed with it: their guests and hooks hear of them likewise.
    others: Sequence[gbook.Record] = ()


class Delivery:
    """The end of a command: validates --invitation and --mail before anything is booked.

    Raises UsageError, InvalidFile.
    """

    def __init__(self, session: Session, options: DeliveryOptions, *, as_json: bool, dry_run: bool) -> None:
        self._session = session
        self._as_json = as_json
        self.dry_run = dry_run
        self._to_stdout = options.invitation == "-"
        file = invitation_file(session, options)
        if self._to_stdout and as_json:
            raise UsageError("--invitation - and --json both use stdout: name a file for the invitation")
        if file:
            file.check()
        if options.mail or any(account.is_invited_by_mail for account in session.workspace.config.accounts):
            gbook.mail_settings(session.workspace)
        self._notify = gbook.NotifyOptions(file, options.mail)

    def finish(self, context: gbook.BookingContext, outcome: Outcome) -> None:
        """Notify the guests, run the hook and show the answer; any failure here is a warning.

        A dry run only says what would happen.
        """
        notes = [f"Also {_others(outcome)}"] if outcome.others else []
        self._notify = self._notify._replace(members=outcome.is_news, affected_only=outcome.affected_only)
        warnings = [*dict.fromkeys([*context.collected_warnings, *outcome.warnings])]
        if not self.dry_run:
            told, failed = gbook.notify_guests(context, outcome.record, self._notify, outcome.before)
            notes += told
            warnings += failed
            warnings += gbook.run_post_hook(context.workspace, outcome.hook, outcome.document(warnings))
            for other in outcome.others:
                told, failed = gbook.notify_guests(context, other, self._notify)
                notes += told
                warnings += failed
                warnings += gbook.run_post_hook(context.workspace, outcome.hook, state_document(other))
        self._session.warn(warnings)
        on_stdout = self._to_stdout and not self.dry_run
        with redirect_stdout(sys.stderr) if on_stdout else nullcontext():
            self._session.emit(
                lambda: self._document(outcome, warnings),
                as_json=self._as_json,
                show=self._show_plan(outcome) if self.dry_run else _with_notes(outcome, notes),
            )
        if on_stdout:
            message = gbook.message_of(context, outcome.record, self._notify, outcome.before)
            sys.stdout.buffer.write(message.data)

    def effects(self, record: gbook.Record, before: gbook.Record | None = None) -> list[str]:
        """Return what a change would write and send, in words."""
        from gbook.render.outlook import written

        if record.repeated:
            return ["writes nothing", *self.messages(record)]
        if before is not None and before.sequence == record.sequence:
            return []
        return [written([record] if before is None else [before, record]), *self.messages(record, before)]

    def offer_mail(self, record: gbook.Record) -> None:
        """Ask whether to mail the invitation, if gbook.yaml names a server and no option says how it is sent.

        Raises Interrupted.
        """
        settled = self._notify.mail or self._notify.file or self._to_stdout or record.is_reservation
        if settled or not record.guest.email or not self._session.workspace.config.mail:
            return
        from gbook.cli.questions import confirm

        gbook.mail_settings(self._session.workspace)
        if confirm(f"Mail the invitation to {record.guest.email}?", default=True):
            self._notify = self._notify._replace(mail=True)

    def messages(self, record: gbook.Record, before: gbook.Record | None = None) -> list[str]:
        """Return where the invitation would go, in words."""
        effects = []
        if self._notify.file:
            effects.append(f"saves the invitation to {self._notify.file.path}")
        if self._to_stdout:
            effects.append("writes the invitation to stdout")
        context = gbook.BookingContext(self._session.workspace, self._session.now)
        if addresses := gbook.mailed_to(context, record, self._notify, before):
            effects.append(f"mails {', '.join(addresses)}")
        elif self._notify.mail:
            effects.append("sends no mail: no guest has an e-mail address")
        return effects

    def _document(self, outcome: Outcome, warnings: list[Warn]) -> Document:
        """Return the JSON answer; that of a dry run has the event."""
        if outcome.answer is not None:
            return outcome.answer
        document = outcome.document(warnings)
        return with_event(document, outcome.record) if self.dry_run else document

    def _show_plan(self, outcome: Outcome) -> Callable[[Console], None]:
        effects = self.effects(outcome.record, outcome.before)
        effects += [f"also {_others(outcome)}"] if outcome.others else []
        line = "; ".join([outcome.would, *effects])
        return lambda console: console.print_words(clean(line))


def invitation_file(session: Session, options: DeliveryOptions) -> gbook.InvitationFile | None:
    """Return the file of --invitation; None without one, and for stdout."""
    if options.invitation in (None, "-"):
        return None
    return gbook.InvitationFile(expand_home(options.invitation), session.workspace, options.force)


def changed(
    record: gbook.Record,
    show: Callable[[Console], None],
    hook: gbook.Hook,
    warnings: Iterable[Warn] = (),
    others: Sequence[gbook.Record] = (),
) -> Outcome:
    """Return the outcome of a change: the state of the booking, with `others` of its session."""

    def document(noticed: list[Warn]) -> Document:
        state = state_document(record, noticed)
        return state | {"session": [state_document(other) for other in others]} if others else state

    return Outcome(record, document, show, hook, tuple(warnings), others=others)


def with_event(document: Document, record: gbook.Record) -> Document:
    """Return the answer of a dry run: the document of a booking, with its event as it would be written."""
    from gbook.render.outlook import event_text

    return document | {"event": event_text(record)}


def ask_pre_book(context: gbook.BookingContext, record: gbook.Record) -> None:
    """Ask the preBook hook about a booking that has not been made. Raises Refused."""
    gbook.run_pre_book(context.workspace, booking_document(record, written=False))


def _others(outcome: Outcome) -> str:
    """Return how many other bookings change too, with their guests."""
    guests = [record.guest.name or record.guest.email or record.uid for record in outcome.others]
    return f"{count(len(guests), 'other booking')} of the session ({', '.join(guests)})"


def _with_notes(outcome: Outcome, notes: list[str]) -> Callable[[Console], None]:
    def show(console: Console) -> None:
        outcome.show(console)
        for note in notes:
            console.print_words(clean(note))

    return show
