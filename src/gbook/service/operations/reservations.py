"""Reservations: times that are held until they are confirmed, dropped or expired."""

from __future__ import annotations

import gbook
from gbook.errors import NotFound
from gbook.service.call import Call
from gbook.service.operations.notifications import ask_pre_book, notify, require_mail
from gbook.service.operations.numbers import reservation_number
from gbook.service.operations.scope import is_in_scope
from gbook.service.operations.slots import refusing
from gbook.service.problems import not_found, refuse
from gbook.service.wire.meetings import ConfirmReservationOutDto
from gbook.service.wire.states import ConfirmSlotDeleteOutDto
from gbook.workspace.tokens import RescheduleTokens

__all__ = ["confirm_reservation", "delete_reservation"]


def confirm_reservation(call: Call) -> ConfirmReservationOutDto:
    """Make a booking of a reservation, for the guest that it was made for.

    One that has expired is confirmed if its time is free. A request that is repeated gets the same answer.
    Raises ApiError, with the nearest times for one that is not free.
    """
    record = _record(call)
    tokens = RescheduleTokens(call.workspace)
    if record.is_reservation:
        record = _confirmed(call, record)
    return ConfirmReservationOutDto(id=record.uid, reschedule_token=tokens.of(record.uid))


def _confirmed(call: Call, reservation: gbook.Record) -> gbook.Record:
    refuse((f"substitutionData.{name}", "the reservation has no value") for name in reservation.needs)
    require_mail(call)
    plan = gbook.confirmation(call.context, reservation.uid, gbook.GuestDetails())
    with refusing(call):
        if call.workspace.config.hooks.pre_book:
            ask_pre_book(call, gbook.preview(plan))
        record = gbook.revise(call.context, plan)
    notify(call, record, gbook.Hook.POST_BOOK)
    return record


def delete_reservation(call: Call) -> ConfirmSlotDeleteOutDto:
    """Release the time of a reservation, expired or not. Raises ApiError."""
    record = _record(call)
    if not record.is_reservation:
        raise not_found()
    with refusing(call):
        dropped = gbook.revise(call.context, gbook.dropping(call.context, record.uid))
    notify(call, dropped, gbook.Hook.POST_CANCEL)
    return ConfirmSlotDeleteOutDto(status="Ok")


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
    try:
        profile = call.profiles.load(record.profile)
    except NotFound:
        return call.caller.account is None
    return is_in_scope(call, profile)
