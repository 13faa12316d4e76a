"""`gbook propose`: several slots held under one id, so that the guest can choose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.delivery import ask_pre_book, with_event
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.bookings import BookingOptions
from gbook.cli.options.durations import minutes_option
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.order import Order, Sort
from gbook.cli.options.output import DryRun, Json
from gbook.cli.options.records import booking_context, fresh_context
from gbook.cli.options.slots import TypedSlot, read_slot
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.errors import GbookError, UsageError, Warn
from gbook.profiles.model import MAX_RESERVATION
from gbook.profiles.template import with_texts
from gbook.render.json_documents import Document, booking_document, warning_items

if TYPE_CHECKING:
    from gbook.profiles.model import Profile
    from gbook.render.console import Console

__all__ = ["app"]

app = App()


@app.command(
    "propose", epilog="Example: gbook propose --slot 'tuesday 10:00' --slot 'thursday 14:00' --for 2d"
)
@with_option_groups
def propose_slots(
    ctx: typer.Context,
    *,
    slot: Annotated[
        list[str] | None,
        typer.Option(
            metavar="S",
            help="A time, START/END, `first` or `best`; repeatable. (default: choose on a terminal)",
            autocompletion=completion.slots,
        ),
    ] = None,
    first: Annotated[
        int, typer.Option(metavar="N", min=0, max=50, help="The first N slots; with --sort best, the best.")
    ] = 0,
    order: Sort = Order.TIME,
    minutes: Annotated[
        int | None,
        minutes_option(
            "--for", "--reserve", low=1, high=MAX_RESERVATION, help="How long to hold them: 30m, 2h, 2d."
        ),
    ] = None,
    booking: BookingOptions,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mail the times to the guest (see `mail` in gbook.yaml).")
    ] = False,
    tz: Zone = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reserve several slots, all or none; confirming one drops the others."""
    session: Session = ctx.obj
    end = Ending(session, mail=mail, dry_run=dry_run, as_json=as_json)
    texts = [*(slot or ()), *["best" if order is Order.BEST else "first"] * first]
    if not texts:
        _by_dialog(ctx, booking, tz, minutes, end)
        booking.keep(session, dry_run=dry_run)
        return
    if minutes is None:
        raise UsageError("--for is missing: how long to hold the slots, such as --for 2d")
    profile = booking.without_profile(session) or session.profile(booking.profile)
    zone = shown_zone(tz, session.workspace, [profile])
    slots = _distinct([read_slot(text, zone, session.now) for text in texts])
    end.check(booking)
    end.run(booking_context(ctx), _requests(booking, profile, slots, tz, minutes), zone)
    booking.keep(session, dry_run=dry_run)


def _requests(
    booking: BookingOptions, profile: Profile, slots: Sequence[TypedSlot], tz: str | None, minutes: int
) -> list[gbook.BookingRequest]:
    """Return the request of each slot, all with the id of a new proposal. Raises UsageError."""
    proposal = str(uuid.uuid4())
    requests = [booking.request(profile, slot, tz) for slot in slots]
    return [replace(request, reserve_minutes=minutes, proposal=proposal) for request in requests]


def _by_dialog(
    ctx: typer.Context, booking: BookingOptions, tz: str | None, minutes: int | None, end: Ending
) -> None:
    """Propose by asking. Raises UsageError without a terminal."""
    from gbook.cli.choosing import choose_profile
    from gbook.cli.dialog import ProposalDialog

    session: Session = ctx.obj
    profile = booking.without_profile(session) or choose_profile(session, booking.profile)
    zone = shown_zone(tz, session.workspace, [profile])
    ProposalDialog(
        profile=with_texts(profile, booking.texts.texts()),
        zone=zone,
        needs_email=end.mail,
        context=lambda: fresh_context(ctx),
        requests=lambda given, slots, length: _requests(given, profile, slots, tz, length),
        look=lambda context, requests: end.look(rehearse(context, requests), zone),
        finish=lambda context, requests: end.run(context, requests, zone),
        dry_run=end.dry_run,
    ).run(booking, minutes)


class Ending:
    """The end of the command: reserve or preview, mail, hooks, answer. Raises UsageError for the options."""

    def __init__(self, session: Session, *, mail: bool, dry_run: bool, as_json: bool) -> None:
        if mail:
            gbook.mail_settings(session.workspace)
        self._session = session
        self.mail = mail
        self.dry_run = dry_run
        self._as_json = as_json

    def check(self, booking: BookingOptions) -> None:
        """Raise UsageError if a mail is asked for without an address."""
        if self.mail and not booking.guest.email:
            raise UsageError("--mail needs the guest's address: add --email")

    def run(
        self, context: gbook.BookingContext, requests: Sequence[gbook.BookingRequest], zone: ZoneInfo
    ) -> None:
        """Reserve the slots, or say what would be reserved."""
        if self.dry_run:
            self._preview(context, requests, zone)
        else:
            self._propose(context, requests, zone)

    def _preview(
        self, context: gbook.BookingContext, requests: Sequence[gbook.BookingRequest], zone: ZoneInfo
    ) -> None:
        records = rehearse(context, requests)

        def show(console: Console) -> None:
            for line in self.look(records, zone):
                console.print_words(line)

        self._session.warn(context.collected_warnings)
        self._session.emit(
            lambda: _document(
                requests,
                [with_event(booking_document(record, written=False), record) for record in records],
            ),
            as_json=self._as_json,
            show=show,
        )

    def look(self, records: Sequence[gbook.Record], zone: ZoneInfo) -> list[str]:
        """Return in lines what would be reserved."""
        from gbook.render.outlook import would_reserve

        messages = [f"mails {records[0].guest.email}"] if self.mail else []
        return list(would_reserve(records, zone, messages))

    def _propose(
        self, context: gbook.BookingContext, requests: Sequence[gbook.BookingRequest], zone: ZoneInfo
    ) -> None:
        if context.workspace.config.hooks.pre_book:
            for record in rehearse(context, requests):
                ask_pre_book(context, record)
        # Their key is read before the proposal: nothing can fail after it.
        links = gbook.GuestLinks(context.workspace)
        records = gbook.propose(context, requests)
        offer = links.offer(records[0])
        sent, failures = self._send(context, records)
        self._session.warn([*context.collected_warnings, *failures])
        reservations = [self._after(context, record, failures) for record in records]

        def show(console: Console) -> None:
            from gbook.render.bookings import show_lines_to_send, show_proposal

            show_proposal(console, records, zone)
            if sent:
                console.print(f"Times sent to {sent}", soft_wrap=True)
            else:
                show_lines_to_send(console, records, zone, offer)

        self._session.emit(lambda: _document(requests, reservations, offer), as_json=self._as_json, show=show)

    def _after(
        self, context: gbook.BookingContext, record: gbook.Record, failures: Sequence[Warn]
    ) -> Document:
        """Run the hook of a reservation, and return its document."""
        reservation = booking_document(record)
        more = gbook.run_post_hook(context.workspace, gbook.Hook.POST_BOOK, reservation)
        self._session.warn(more)
        return reservation | {"warnings": warning_items([*failures, *more])}

    def _send(
        self, context: gbook.BookingContext, records: Sequence[gbook.Record]
    ) -> tuple[str | None, list[Warn]]:
        """Mail the times, and return the address; or a warning if that fails: the slots are reserved."""
        if not self.mail:
            return None, []
        try:
            return gbook.send_proposal(context.workspace, records, context.now), []
        except (GbookError, OSError, KeyboardInterrupt) as error:
            reason = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            message = f"{reason}; the slots are reserved: send the times yourself"
            return None, [Warn("mail_failed", message)]


def rehearse(context: gbook.BookingContext, requests: Sequence[gbook.BookingRequest]) -> list[gbook.Record]:
    """Return the reservations as they would be made now. Raises what `propose` raises."""
    return [gbook.record_of(context, draft) for draft in gbook.preview_proposal(context, requests)]


def _document(
    requests: Sequence[gbook.BookingRequest], reservations: list[Document], offer: str | None = None
) -> Document:
    """Return the JSON answer; `offer` is where the guest can pick a time, if the workspace has links."""
    document = {"proposalId": requests[0].proposal, "reservations": reservations}
    return document | {"offerUrl": offer} if offer else document


def _distinct(slots: list[TypedSlot]) -> list[TypedSlot]:
    """Return the slots. Raises UsageError if a time is given twice."""
    starts = [slot.start for slot in slots if slot.start is not None]
    if len(set(starts)) < len(starts):
        raise UsageError("--slot: the same time is given twice")
    return slots
