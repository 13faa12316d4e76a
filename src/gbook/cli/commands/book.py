"""`gbook book`: book a slot, or reserve it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import typer

import gbook
from gbook.cli.commands.change import ChangeOptions
from gbook.cli.delivery import Delivery, Outcome, ask_pre_book
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.bookings import BookingOptions
from gbook.cli.options.durations import minutes_option
from gbook.cli.options.guests import Strict
from gbook.cli.options.input_file import file_option
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.records import booking_context, fresh_context
from gbook.cli.options.repeats import RepeatOptions
from gbook.cli.options.slots import TypedSlot, read_document, read_slot
from gbook.cli.options.zones import shown_zone
from gbook.cli.session import Session
from gbook.errors import UsageError, Warn
from gbook.profiles.model import MAX_RESERVATION
from gbook.profiles.template import with_texts
from gbook.render.bookings import show_booking
from gbook.render.json_documents import Document, booking_document
from gbook.workspace.numbers import known_ids

if TYPE_CHECKING:
    from gbook.cli.options.meeting_body import MeetingInput
    from gbook.render.console import Console
    from gbook.timeutil.repeats import Repeat

__all__ = ["app"]

app = App()


@app.command("book", epilog="Example: gbook book --slot first --name Jane --email jane@example.com")
@with_option_groups
def book_slot(
    ctx: typer.Context,
    *,
    slot: Annotated[
        str | None,
        typer.Option(
            metavar="S",
            help="A time, START/END, `first`, `best`, or `-` to read an availability document or one of its"
            " items from stdin. (default: choose on a terminal)",
            autocompletion=completion.slots,
        ),
    ] = None,
    file: Annotated[
        str | None,
        file_option("Read time, members, guest and fields from the API's JSON; options take precedence."),
    ] = None,
    booking: BookingOptions,
    series: RepeatOptions,
    reserve: Annotated[
        int | None,
        minutes_option(
            "--reserve", low=1, high=MAX_RESERVATION, help="Reserve only, for this time: 30m, 2h, 1d."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="K", help="Never book twice with the same key."),
    ] = None,
    strict: Strict = False,
    options: ChangeOptions,
) -> None:
    """Book a slot for a guest."""
    session: Session = ctx.obj
    if reserve:
        options.delivery.refuse_for_reservation()
    delivery = options.prepare(session)
    terms = Terms(reserve, key, series.read(), series.skip_busy, strict)
    # Their key is read before the booking: nothing can fail after it.
    links = gbook.GuestLinks(session.workspace)
    if slot is None and file is None:
        (context, request, record), zone = _by_dialog(ctx, delivery, booking, options, terms)
    else:
        typed = _read_input(session, slot, file)
        request, zone = _read_request(session, typed, booking, terms, options.tz)
        context = booking_context(ctx)
        record = preview(context, request) if options.dry_run else _book(context, request)
    booking.keep(session, dry_run=options.dry_run)
    url = None if options.dry_run else links.manage(record)

    def show(console: Console) -> None:
        from gbook.render.commands import quorum_words

        show_booking(console, record, zone, _words(record), quorum_words(request.query(session.now)))
        if url:
            console.print(f"Link for the guest: {url}", soft_wrap=True)

    def document(warnings: list[Warn]) -> Document:
        booked = booking_document(record, warnings, written=not options.dry_run, manage_url=url)
        return booked | {"repeated": True} if record.repeated else booked

    outcome = Outcome(record, document, show, gbook.Hook.POST_BOOK)
    delivery.finish(context, outcome._replace(would=_would(record, zone) if options.dry_run else ""))


def _would(record: gbook.Record, zone: ZoneInfo) -> str:
    from gbook.render.outlook import would_book

    return would_book(record, zone)


class Terms(NamedTuple):
    """How a slot is booked: as a reservation for some minutes, with a key, as the first date of a series.

    `strict`: only if the guests are free.
    """

    reserve_minutes: int | None
    key: str | None
    repeat: Repeat | None
    skip_busy: bool
    strict: bool

    def with_series_of(self, slot: TypedSlot) -> Terms:
        """Return the terms with the series of a document, unless the options say one. Raises UsageError."""
        if self.repeat is not None:
            return self
        if slot.is_of_series:
            raise UsageError("--slot -: this item is the first date of a series: repeat --repeat and --count")
        return self._replace(repeat=slot.repeat, skip_busy=slot.skip_busy)


def _by_dialog(
    ctx: typer.Context, delivery: Delivery, booking: BookingOptions, options: ChangeOptions, terms: Terms
) -> tuple[tuple[gbook.BookingContext, gbook.BookingRequest, gbook.Record], ZoneInfo]:
    """Book by asking, and return the zone of the times shown too. Raises UsageError without a terminal."""
    from gbook.cli.choosing import choose_profile
    from gbook.cli.dialog import BookingDialog
    from gbook.render.outlook import last_look

    session: Session = ctx.obj
    profile = booking.without_profile(session) or choose_profile(session, booking.profile)
    zone = shown_zone(options.tz, session.workspace, [profile])

    def request(given: BookingOptions, slot: TypedSlot) -> gbook.BookingRequest:
        return replace(given.request(profile, slot, options.tz), **terms._asdict())

    def look(record: gbook.Record) -> list[str]:
        delivery.offer_mail(record)
        return list(last_look(record, zone, delivery.messages(record)))

    dialog = BookingDialog(
        profile=with_texts(profile, booking.texts.texts()),
        zone=zone,
        may_lack_fields=terms.reserve_minutes is not None,
        context=lambda: fresh_context(ctx),
        request=request,
        preview=preview,
        look=look,
        write=None if delivery.dry_run else _book,
    )
    return dialog.run(booking), zone


class Input(NamedTuple):
    """The text of --slot, the availability document on stdin, and the body of --file; None if not given."""

    slot: str | None
    document: TypedSlot | None
    body: MeetingInput | None

    def read(self, zone: ZoneInfo, now: int) -> TypedSlot:
        """Return the slot, with the members of the document or the body. Raises UsageError."""
        if self.document:
            slot = self.document
        elif self.slot is not None:
            slot = read_slot(self.slot, zone, now)
        else:
            assert self.body, "without --slot there is --file"
            slot = self.body.slot()
        has_members = slot.accounts or slot.groups
        return self.body.with_members(slot) if self.body and not has_members else slot


def _read_input(session: Session, slot: str | None, file: str | None) -> Input:
    """Return what --slot and --file say. Raises UsageError, InvalidFile."""
    if slot == "-" and file == "-":
        raise UsageError("--slot - and --file - cannot both read stdin")
    document = read_document(session.workspace.zone, session.now) if slot == "-" else None
    body = None
    if file is not None:
        from gbook.cli.options.meeting_body import read_meeting

        body = read_meeting(session, file)
    return Input(slot, document, body)


def _read_request(
    session: Session, given: Input, booking: BookingOptions, terms: Terms, tz: str | None
) -> tuple[gbook.BookingRequest, ZoneInfo]:
    """Return the request of the options and of what was read, and the zone of the times shown."""
    document = given.document
    profile = booking.without_profile(session)
    if profile is None:
        if document and document.has_no_profile and booking.profile is None:
            raise UsageError("--slot -: this document has no profile: repeat --with and the options after it")
        name = document.profile if document and booking.profile is None else booking.profile
        profile = session.profile(name)
    zone = shown_zone(tz, session.workspace, [profile])
    typed = given.read(zone, session.now)
    # Clients of the API name accounts by numbers.
    typed = typed._replace(accounts=tuple(known_ids(session.workspace.accounts, typed.accounts)))
    if given.body:
        booking = msgspec.structs.replace(booking, guest=given.body.with_guest(booking.guest))
    request = replace(booking.request(profile, typed, tz), **terms.with_series_of(typed)._asdict())
    return given.body.completed(request) if given.body else request, zone


def _book(context: gbook.BookingContext, request: gbook.BookingRequest) -> gbook.Record:
    """Book, after asking the preBook hook. Raises what `book` raises, and Refused."""

    def ask(draft: gbook.Draft) -> None:
        ask_pre_book(context, gbook.record_of(context, draft))

    booked = gbook.book(context, request, ask if context.workspace.config.hooks.pre_book else None)
    return gbook.counted_seats(context.workspace, booked, context.now)


def preview(context: gbook.BookingContext, request: gbook.BookingRequest) -> gbook.Record:
    """Return the booking as it would be made now, or as it was made before with the same key."""
    if known := gbook.known_booking(context, request):
        return known
    return gbook.record_of(context, gbook.draft_for(context, request, context.new_uid()))


def _words(record: gbook.Record) -> str | None:
    """Return the first words of the answer to a repeated request."""
    if not record.repeated:
        return None
    return f"Already {'reserved' if record.is_reservation else 'booked'} with this key:"
