"""Reservations: times that are held until they are confirmed, dropped or expired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import gbook
from gbook.domains import canonical_address
from gbook.errors import NotFound
from gbook.service.call import Call
from gbook.service.operations.guest_requests import awaits_mail
from gbook.service.operations.notifications import ask_pre_book, notify, require_mail
from gbook.service.operations.numbers import reservation_number
from gbook.service.operations.scope import is_in_scope
from gbook.service.operations.slots import refusing
from gbook.service.problems import not_found, refuse
from gbook.service.wire.meetings import ConfirmReservationOutDto
from gbook.service.wire.states import ConfirmSlotDeleteOutDto
from gbook.workspace.tokens import ConfirmTokens, RescheduleTokens

__all__ = ["confirm", "confirm_reservation", "delete_reservation", "drop", "of_mailbox"]


def confirm_reservation(call: Call) -> ConfirmReservationOutDto:
    """Make a booking of a reservation, for the guest that it was made for.

    One that has expired is confirmed if its time is free. A request that is repeated gets the same answer.
    Raises ApiError, with the nearest times for one that is not free.
    """
    record = _record(call)
    tokens = RescheduleTokens(call.workspace)
    if record.is_reservation:
        record = confirm(call, record, gbook.GuestDetails())
    return ConfirmReservationOutDto(id=record.uid, reschedule_token=tokens.of(record.uid))


def delete_reservation(call: Call) -> ConfirmSlotDeleteOutDto:
    """Release the time of a reservation, expired or not. Raises ApiError."""
    record = _record(call)
    if not record.is_reservation:
        raise not_found()
    drop(call, [record])
    return ConfirmSlotDeleteOutDto(status="Ok")


def of_mailbox(call: Call, token: str) -> Sequence[gbook.Record]:
    """Return the bookings of a guest, and the reservations that the guest confirms by the links of mails.

    All these links have the same token. Raises ApiError if calendars cannot be read.
    """
    tokens = ConfirmTokens(call.workspace)

    def is_meant(record: gbook.Record) -> bool:
        if not tokens.is_for(token, canonical_address(record.guest.email or "")):
            return False
        return not record.is_reservation or awaits_mail(_profile(call, record), record)

    with refusing(call):
        return gbook.search_records(call.workspace, is_meant)


def confirm(call: Call, reservation: gbook.Record, given: gbook.GuestDetails) -> gbook.Record:
    """Return the booking that is made of a reservation, with what the guest adds to it.

    The other reservations of its proposal are dropped. Raises ApiError: 400 for fields without a value, 404
    if it is no reservation any more, and 409 with the nearest times if its time is not free.
    """
    missing = [name for name in reservation.needs if name not in given.fields]
    refuse((f"substitutionData.{name}", "the reservation has no value") for name in missing)
    require_mail(call)
    plan = gbook.confirmation(call.context, reservation.uid, given)
    with _changing(call):
        if call.workspace.config.hooks.pre_book:
            ask_pre_book(call, gbook.preview(plan))
        record = gbook.revise(call.context, plan)
    notify(call, record, gbook.Hook.POST_BOOK)
    return record


def drop(call: Call, reservations: Sequence[gbook.Record]) -> None:
    """Release the times of reservations: of all, or of none.

    Raises ApiError, 404 if one of them is no reservation any more.
    """
    plan = gbook.dropping(call.context, *(record.uid for record in reservations))
    with _changing(call):
        dropped = gbook.revise_all(call.context, plan)
    for record in dropped:
        notify(call, record, gbook.Hook.POST_CANCEL)


@contextmanager
def _changing(call: Call) -> Iterator[None]:
    """Turn what a change raises into the answer: 404 if another request has confirmed or dropped it since."""
    with refusing(call):
        try:
            yield
        except NotFound as error:
            raise not_found() from error


def _record(call: Call) -> gbook.Record:
    """Return the record with the reservation number of the path; it may have been confirmed since.

    Raises ApiError for another one, for one that was cancelled, and if an unreadable calendar may hold it.
    """
    number = call.path["id"]
    with refusing(call):
        found = gbook.search_records(
            call.workspace, lambda record: str(reservation_number(record.uid)) == number
        )
    if not found or found[0].status == "cancelled" or not _may_change(call, found[0]):
        raise not_found()
    return found[0]


def _may_change(call: Call, record: gbook.Record) -> bool:
    """Return whether a record is of a profile in the scope.

    One whose profile was deleted, or that never had one, is left to the clients.
    """
    profile = _profile(call, record)
    return call.caller.account is None if profile is None else is_in_scope(call, profile)


def _profile(call: Call, record: gbook.Record) -> gbook.Profile | None:
    """Return the profile of a record, None if it was deleted or there never was one. Raises InvalidFile."""
    with suppress(NotFound):
        return call.profiles.load(record.profile)
    return None
