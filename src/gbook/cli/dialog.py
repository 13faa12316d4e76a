"""`gbook book` without --slot on a terminal: choose a slot, name the guest, look once more, and book.

Nothing is written before the last question is answered with yes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

import gbook
from gbook.cli.choosing import choose_slot, choose_slots, slot_words, without_slot
from gbook.cli.options.slots import TypedSlot
from gbook.cli.questions import ask, can_ask, confirm, say
from gbook.errors import Interrupted
from gbook.profiles.model import MAX_RESERVATION
from gbook.profiles.template import fields
from gbook.render.commands import booking_command
from gbook.timeutil.format import moment_name, slot_value
from gbook.timeutil.instants import local
from gbook.timeutil.periods import period_minutes
from gbook.yamlfiles.field_types import read_email

if TYPE_CHECKING:
    from gbook.cli.options.bookings import BookingOptions
    from gbook.cli.options.guests import GuestOptions, InvitationOptions
    from gbook.profiles.model import Profile

__all__ = ["BookingDialog", "MoveDialog", "ProposalDialog"]

# What was booked: in which context, by which request.
Booked = tuple[gbook.BookingContext, gbook.BookingRequest, gbook.Record]

# The warnings that are shown before the last question.
ABOUT_GUESTS = ("colleague_busy", "same_guest")


@dataclass(frozen=True, kw_only=True)
class BookingDialog:
    """The questions of one booking."""

    profile: Profile
    # The zone of the times shown.
    zone: ZoneInfo
    # Whether fields may stay empty, as those of a reservation.
    may_lack_fields: bool
    # Returns the context of this moment: a person may take long to answer.
    context: Callable[[], gbook.BookingContext]
    # Returns the request of the options for a slot.
    request: Callable[[BookingOptions, TypedSlot], gbook.BookingRequest]
    # Returns the booking as it would be made now. Raises SlotUnavailable.
    preview: Callable[[gbook.BookingContext, gbook.BookingRequest], gbook.Record]
    # Returns what is about to be booked, in lines; it may ask how the guest is invited.
    look: Callable[[gbook.Record], list[str]]
    # Books. Raises SlotUnavailable. None for a dry run.
    write: Callable[[gbook.BookingContext, gbook.BookingRequest], gbook.Record] | None

    def run(self, options: BookingOptions) -> Booked:
        """Ask until a slot is booked.

        If the slot is taken in the meantime, the list is offered again. Raises SlotUnavailable if there is no
        slot, UsageError without a terminal, Interrupted.
        """
        while True:
            every = self.request(options, TypedSlot(None))
            answer, first = gbook.judge(self.context(), every)
            if not can_ask():
                raise without_slot(answer, self.zone, booking_command(answer.query, first.start, self.zone))
            slot = choose_slot(answer, self.zone)
            options = self._completed(options)
            request = self.request(options, TypedSlot(slot.start))
            try:
                return self._book(request)
            except gbook.SlotUnavailable as error:
                try_again(error)

    def _book(self, request: gbook.BookingRequest) -> Booked:
        context = self.context()
        record = self.preview(context, request)
        if self.write is None:
            return context, request, record
        question = "Reserve it?" if record.is_reservation else "Book it?"
        say()
        busy = [f"  {one.message}" for one in context.collected_warnings if one.code in ABOUT_GUESTS]
        require_yes(question, [*self.look(record), *busy], otherwise="nothing was booked")
        context = self.context()
        return context, request, self.write(context, request)

    def _completed(self, options: BookingOptions) -> BookingOptions:
        guest = ask_guest(options.guest)
        invitation = ask_fields(self.profile, options.invitation, may_lack=self.may_lack_fields)
        return msgspec.structs.replace(options, guest=guest, invitation=invitation)


@dataclass(frozen=True, kw_only=True)
class MoveDialog:
    """The questions of one reschedule."""

    booking: gbook.Record
    # The zone of the times shown.
    zone: ZoneInfo
    # Whether other accounts may take over.
    reassign: bool
    # Returns the context of this moment.
    context: Callable[[], gbook.BookingContext]
    # Moves the booking. Raises SlotUnavailable.
    move: Callable[[gbook.BookingContext, TypedSlot], None]
    dry_run: bool

    def run(self) -> None:
        """Ask until a slot is chosen to which the booking can be moved.

        Raises SlotUnavailable if there is no slot, UsageError without a terminal, Interrupted.
        """
        while True:
            answer = gbook.slots_to_move(self.context(), self.booking, reassign=self.reassign)
            if not can_ask():
                start = slot_value(answer.slots[0].start, self.zone)
                command = f"gbook booking reschedule {self.booking.uid} --slot {start}"
                raise without_slot(answer, self.zone, command)
            slot = choose_slot(answer, self.zone)
            old = moment_name(self.booking.start, self.zone, local(answer.query.now, self.zone).date())
            question = f"Move it from {old} to {slot_words(slot, self.zone)}?"
            if not self.dry_run:
                require_yes(question, otherwise="nothing was moved")
            try:
                return self.move(self.context(), TypedSlot(slot.start))
            except gbook.SlotUnavailable as error:
                try_again(error)


@dataclass(frozen=True, kw_only=True)
class ProposalDialog:
    """The questions of one proposal."""

    profile: Profile
    # The zone of the times shown.
    zone: ZoneInfo
    # Whether the guest gets a mail.
    needs_email: bool
    # Returns the context of this moment.
    context: Callable[[], gbook.BookingContext]
    # Returns the requests of the options for these slots, which are held for some minutes.
    requests: Callable[[BookingOptions, Sequence[TypedSlot], int], list[gbook.BookingRequest]]
    # Returns what is about to be reserved, in lines. Raises SlotUnavailable.
    look: Callable[[gbook.BookingContext, list[gbook.BookingRequest]], list[str]]
    # Reserves. Raises SlotUnavailable.
    finish: Callable[[gbook.BookingContext, list[gbook.BookingRequest]], None]
    dry_run: bool

    def run(self, options: BookingOptions, minutes: int | None) -> None:
        """Ask until slots are chosen that can all be reserved; without `minutes`, also for how long.

        Raises SlotUnavailable if there is no slot, UsageError without a terminal, Interrupted.
        """
        while True:
            answer, _ = gbook.judge(self.context(), self.requests(options, [TypedSlot(None)], 1)[0])
            if not can_ask():
                raise without_slot(answer, self.zone)
            slots = [TypedSlot(slot.start) for slot in choose_slots(answer, self.zone)]
            minutes = minutes or ask("Hold them for", "2d", _minutes)
            guest = ask_guest(options.guest, needs_email=self.needs_email)
            options = msgspec.structs.replace(
                options, guest=guest, invitation=ask_fields(self.profile, options.invitation, may_lack=True)
            )
            requests = self.requests(options, slots, minutes)
            try:
                self._last_look(requests)
                return self.finish(self.context(), requests)
            except gbook.SlotUnavailable as error:
                try_again(error)

    def _last_look(self, requests: list[gbook.BookingRequest]) -> None:
        """Show what is about to be reserved, and ask. Raises SlotUnavailable, Interrupted unless yes."""
        lines = self.look(self.context(), requests)
        if not self.dry_run:
            question = "Reserve them?" if len(requests) > 1 else "Reserve it?"
            say()
            require_yes(question, lines, otherwise="nothing was reserved")


def ask_guest(options: GuestOptions, *, needs_email: bool = False) -> GuestOptions:
    """Ask for the guest's name and e-mail address where the options do not give them."""
    name, email = options.name, options.email
    if name is None:
        name = ask("Guest's name (optional)", None, str) or None
    if email is None:
        may_lack = not needs_email
        question = "Guest's e-mail (optional)" if may_lack else "Guest's e-mail"
        email = ask(question, None, lambda text: "" if may_lack and not text else read_email(text))
    return msgspec.structs.replace(options, name=name or "", email=email or None)


def ask_fields(profile: Profile, given: InvitationOptions, *, may_lack: bool) -> InvitationOptions:
    """Ask for the fields of a profile that are not given, and return the options with all of them."""
    values = given.fields()
    for field in fields(profile):
        if field.name in values:
            continue
        value = ask(field.name, field.default, str if may_lack or field.default is not None else _needed)
        if value or field.default is not None:
            values[field.name] = value
    return msgspec.structs.replace(given, field=[f"{name}={value}" for name, value in values.items()])


def require_yes(question: str, lines: Sequence[str] = (), *, otherwise: str) -> None:
    """Show what is about to be written, and ask. Raises Interrupted, with `otherwise`, unless yes."""
    for line in lines:
        say(line)
    if not confirm(question, default=True):
        raise Interrupted(otherwise)


def try_again(error: gbook.SlotUnavailable) -> None:
    """Say why a slot cannot be booked, before the list is offered again. Raises any other refusal."""
    if type(error) is not gbook.SlotUnavailable:
        raise error
    say(f"{error.message}; choose another time")


def _minutes(text: str) -> int:
    minutes = period_minutes(text)
    if not 1 <= minutes <= MAX_RESERVATION:
        raise ValueError("expected a length from a minute to a year, such as 30m, 2h or 2d")
    return minutes


def _needed(text: str) -> str:
    if not text:
        raise ValueError("this meeting needs a value")
    return text
