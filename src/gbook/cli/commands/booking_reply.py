"""`gbook booking reply`: read what a guest answers to an invitation, or proposes instead."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.commands.change import ChangeOptions, move_of, run_change
from gbook.cli.delivery import invitation_file, with_event
from gbook.cli.options.guests import read_address
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.records import booking_context
from gbook.cli.options.series_dates import ChosenDate
from gbook.cli.options.zones import shown_zone
from gbook.cli.session import Session
from gbook.errors import NotFound, UsageError
from gbook.render.json_documents import Document, state_document
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["reply"]

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
def reply(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="An .ics file or an e-mail; `-` reads stdin.")
    ],
    *,
    invited: Annotated[
        str | None,
        typer.Option("--as", metavar="EMAIL", help="The invited address that it is an answer of."),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Move the booking to the time proposed.")] = False,
    decline: Annotated[
        bool, typer.Option("--decline", help="Refuse the time proposed, with --mail or --invitation.")
    ] = False,
    options: ChangeOptions,
) -> None:
    """Record a guest's reply, or show the time that a guest proposes instead."""
    session: Session = ctx.obj
    _check(options, accept=accept, decline=decline)
    data = sys.stdin.buffer.read(MAX_MAIL) if file == "-" else _read(Path(file))
    answer = gbook.read_reply(data, "stdin" if file == "-" else file)
    if invited is not None:
        answer = answer.answering_for(read_address(invited, "--as"))
    context = booking_context(ctx)
    try:
        if isinstance(answer, gbook.Counter):
            answer = answer._replace(reply=gbook.attributed(context, answer.reply))
            if accept:
                _accept(context, session, answer, options)
            else:
                _counter(context, session, answer, options, shlex.quote(file), decline=decline)
        elif accept or decline:
            raise UsageError("--accept and --decline go with a proposal of another time; this is a reply")
        else:
            _reply(context, session, gbook.attributed(context, answer), options)
    except gbook.NotInvited as error:
        raise NotFound(_with_addresses(error, given=invited is not None)) from None


def _check(options: ChangeOptions, *, accept: bool, decline: bool) -> None:
    """Raise UsageError for options that do not go together."""
    delivery = options.delivery
    if accept and decline:
        raise UsageError("--accept and --decline exclude each other")
    if (delivery.mail or delivery.invitation) and not (accept or decline):
        raise UsageError("--mail and --invitation go with --accept or --decline")
    if decline and not (delivery.mail or delivery.invitation):
        raise UsageError("--decline sends a message: add --mail, or --invitation FILE")
    if decline and delivery.invitation == "-" and options.as_json:
        raise UsageError("--json uses stdout: add --invitation FILE or --mail")


def _with_addresses(error: gbook.NotInvited, *, given: bool) -> str:
    """Return the message of an address that is not invited, with those that are."""
    listed = ", ".join(error.invited) or "none who can answer by mail"
    hint = "" if given or not error.invited else "; if it is an answer of one of them, add --as EMAIL"
    return f"{error.message}; invited: {listed}{hint}"


def _reply(
    context: gbook.BookingContext, session: Session, answer: gbook.Reply, options: ChangeOptions
) -> None:
    dry_run = options.dry_run
    record, warnings = gbook.take_reply(context, answer, write=not dry_run)
    warnings = [*context.collected_warnings, *warnings]
    session.warn(warnings)

    def show(console: Console) -> None:
        from gbook.render.bookings import show_choices, when
        from gbook.render.text import clean

        zone = _zone(session, record, options)
        prefix = "Would record: " if dry_run else ""
        declined = []
        for part, partstat in gbook.answered_parts(record, answer):
            words = f"{_name(record, answer.email)} {VERBS[partstat]}"
            console.print_words(clean(f"{prefix}{words}: {record.subject}, {when(part, zone)}"))
            if partstat == "DECLINED":
                declined.append(local(part.start, zone).date() if record.series and not part.series else None)
        if declined and record.status == "confirmed" and not dry_run:
            show_choices(console, record, declined[0] if len(declined) == 1 else None)

    def document() -> Document:
        state = state_document(record, warnings)
        return with_event(state, record) if dry_run else state

    session.emit(document, as_json=options.as_json, show=show)


def _counter(
    context: gbook.BookingContext,
    session: Session,
    answer: gbook.Counter,
    options: ChangeOptions,
    file: str,
    *,
    decline: bool,
) -> None:
    """Show a proposal, or refuse it."""
    if decline:
        _check_ways(session, options)
    proposal = gbook.take_counter(context, answer, write=not options.dry_run)
    warnings = [*context.collected_warnings, *proposal.warnings]
    is_stale = any(warning.code == "stale_reply" for warning in warnings)
    session.warn(warnings)
    notes = [] if is_stale or not decline else _decline(session, proposal, options)

    def show(console: Console) -> None:
        from gbook.render.counter_proposals import show_counter
        from gbook.render.text import clean

        for note in notes:
            console.print_words(clean(note))
        if not (is_stale or decline):
            show_counter(console, proposal, _zone(session, proposal.record, options), file)

    def document() -> Document:
        from gbook.render.counter_proposals import counter_document

        return state_document(proposal.record, warnings) | {"counter": counter_document(proposal)}

    if decline and options.delivery.invitation == "-":
        if not is_stale:
            sys.stdout.buffer.write(gbook.refusal_message(proposal, session.now).data)
    else:
        session.emit(document, as_json=options.as_json, show=show)


def _check_ways(session: Session, options: ChangeOptions) -> None:
    """Raise UsageError or InvalidFile if a refusal can be neither written nor sent."""
    if file := invitation_file(session, options.delivery):
        file.check()
    if options.delivery.mail:
        gbook.mail_settings(session.workspace)


def _decline(session: Session, proposal: gbook.CounterProposal, options: ChangeOptions) -> list[str]:
    """Write and send the refusal of a proposal, and return what was done. Raises UsageError, MailFailed."""
    notes = []
    person = proposal.person.email
    if options.dry_run:
        return [f"Would refuse the proposal of {person}"]
    if file := invitation_file(session, options.delivery):
        file.write(gbook.refusal_message(proposal, session.now))
        notes.append(f"Refusal saved to {file.path}")
    if options.delivery.mail:
        gbook.send_refusal(session.workspace, proposal, session.now)
        notes.append(f"Refusal sent to {person}")
    return notes


def _accept(
    context: gbook.BookingContext, session: Session, answer: gbook.Counter, options: ChangeOptions
) -> None:
    delivery = options.prepare(session)
    booking = gbook.find_booking(context, answer.reply.uid)
    zone = _zone(session, booking, options)
    named = ChosenDate(gbook.proposed_date(booking, answer), session.now)
    run_change(context, delivery, move_of(booking, gbook.accepting(context, answer), named, zone))


def _zone(session: Session, record: gbook.Record, options: ChangeOptions) -> ZoneInfo:
    return shown_zone(options.tz, session.workspace, [record.profile])


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
