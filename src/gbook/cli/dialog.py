"""`gbook book` without --slot on a terminal: choose a slot, name the guest, look once more, and book.

Nothing is written before the last question is answered with yes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from gbook import BookingContext, BookingRequest, Record, SlotUnavailable, judge, slots_to_move
from gbook.cli.choosing import choose_slot, slot_words, without_slot
from gbook.cli.options.slots import TypedSlot
from gbook.cli.questions import ask, can_ask, confirm, say
from gbook.errors import Interrupted
from gbook.profiles.template import fields
from gbook.render.commands import booking_command
from gbook.timeutil.format import slot_value
from gbook.yamlfiles.field_types import read_email

if TYPE_CHECKING:
    from gbook.cli.options.bookings import BookingOptions
    from gbook.cli.options.guests import GuestOptions
    from gbook.profiles.model import Profile

__all__ = ["BookingDialog", "MoveDialog", "ask_fields", "ask_guest", "try_again"]


# What was booked: in which context, by which request.
Booked = tuple[BookingContext, BookingRequest, Record]


@dataclass(frozen=True, kw_only=True)
class BookingDialog:
    """The questions of one booking."""

    profile: Profile
    # The zone of the times shown.
    zone: ZoneInfo
    # Whether fields may stay empty, as those of a reservation.
    may_lack_fields: bool
    # Returns the context of this moment: a person may take long to answer.
    context: Callable[[], BookingContext]
    # Returns the request of the options for a slot.
    request: Callable[[BookingOptions, TypedSlot], BookingRequest]
    # Returns the booking as it would be made now. Raises SlotUnavailable.
    preview: Callable[[BookingContext, BookingRequest], Record]
    # Returns what is about to be booked, in lines.
    look: Callable[[Record], list[str]]
    # Books. Raises SlotUnavailable. None for a dry run.
    write: Callable[[BookingContext, BookingRequest], Record] | None

    def run(self, options: BookingOptions) -> Booked:
        """Ask until a slot is booked.

        If the slot is taken in the meantime, the list is offered again. Raises SlotUnavailable if there is no
        slot, UsageError without a terminal, Interrupted.
        """
        while True:
            every = self.request(options, TypedSlot(None))
            answer, first = judge(self.context(), every)
            if not can_ask():
                raise without_slot(answer, self.zone, booking_command(answer.query, first.start, self.zone))
            slot = choose_slot(answer, self.zone)
            options = self._completed(options)
            request = self.request(options, TypedSlot(slot.start))
            try:
                return self._book(request)
            except SlotUnavailable as error:
                try_again(error)

    def _book(self, request: BookingRequest) -> Booked:
        context = self.context()
        record = self.preview(context, request)
        if self.write is None:
            return context, request, record
        self._last_look(record)
        context = self.context()
        return context, request, self.write(context, request)

    def _completed(self, options: BookingOptions) -> BookingOptions:
        guest = ask_guest(options.guest)
        given = ask_fields(self.profile, options.invitation.fields(), may_lack=self.may_lack_fields)
        field = [f"{name}={value}" for name, value in given.items()]
        invitation = msgspec.structs.replace(options.invitation, field=field)
        return msgspec.structs.replace(options, guest=guest, invitation=invitation)

    def _last_look(self, record: Record) -> None:
        """Show what is about to be written, and ask. Raises Interrupted unless the answer is yes."""
        say()
        for line in self.look(record):
            say(line)
        question = "Reserve it?" if record.is_reservation else "Book it?"
        if not confirm(question, default=True):
            raise Interrupted("nothing was booked")


@dataclass(frozen=True, kw_only=True)
class MoveDialog:
    """The questions of one reschedule."""

    booking: Record
    # The zone of the times shown.
    zone: ZoneInfo
    # Whether other accounts may take over.
    reassign: bool
    # Returns the context of this moment.
    context: Callable[[], BookingContext]
    # Moves the booking. Raises SlotUnavailable.
    move: Callable[[BookingContext, TypedSlot], None]
    dry_run: bool

    def run(self) -> None:
        """Ask until a slot is chosen to which the booking can be moved.

        Raises SlotUnavailable if there is no slot, UsageError without a terminal, Interrupted.
        """
        while True:
            answer = slots_to_move(self.context(), self.booking, reassign=self.reassign)
            if not can_ask():
                start = slot_value(answer.slots[0].start, self.zone)
                command = f"gbook booking reschedule {self.booking.uid} --slot {start}"
                raise without_slot(answer, self.zone, command)
            slot = choose_slot(answer, self.zone)
            question = f"Move it to {slot_words(slot, self.zone)}?"
            if not (self.dry_run or confirm(question, default=True)):
                raise Interrupted("nothing was moved")
            try:
                return self.move(self.context(), TypedSlot(slot.start))
            except SlotUnavailable as error:
                try_again(error)


def ask_guest(options: GuestOptions) -> GuestOptions:
    """Ask for the guest's name and e-mail address where the options do not give them."""
    name, email = options.name, options.email
    if name is None:
        name = ask("Guest's name", None, str) or None
    if email is None:
        email = ask("Guest's e-mail", None, lambda text: read_email(text) if text else "") or None
    return msgspec.structs.replace(options, name=name or "", email=email)


def ask_fields(profile: Profile, given: dict[str, str], *, may_lack: bool) -> dict[str, str]:
    """Ask for the fields of a profile that are not given, and return all of them."""
    values = dict(given)
    for field in fields(profile):
        if field.name in values:
            continue
        value = ask(field.name, field.default, str if may_lack or field.default is not None else _needed)
        if value or field.default is not None:
            values[field.name] = value
    return values


def try_again(error: SlotUnavailable) -> None:
    """Say why a slot cannot be booked, before the list is offered again. Raises any other refusal."""
    if type(error) is not SlotUnavailable:
        raise error
    say(f"{error.message}; choose another time")


def _needed(text: str) -> str:
    if not text:
        raise ValueError("this meeting needs a value")
    return text
