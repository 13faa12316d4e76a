"""Free times, meetings and reservations of the profiles of an account."""

from __future__ import annotations

from gbook.service.call import Call
from gbook.service.operations.book import book
from gbook.service.operations.reservations import confirm, drop
from gbook.service.operations.scope import personal_scope, profile_in
from gbook.service.operations.times import times
from gbook.service.wire.meetings import BookingTimesOutDto, ConfirmReservationOutDto, CreateMeetingResponse
from gbook.service.wire.states import ConfirmSlotDeleteOutDto

__all__ = ["confirm_reservation", "create_meeting", "delete_reservation", "read_times"]


def read_times(call: Call) -> BookingTimesOutDto:
    """Return the times of a personal profile that can be booked."""
    return times(call, profile_in(call, personal_scope(call)))


def create_meeting(call: Call) -> CreateMeetingResponse:
    """Book or reserve a time of a personal profile, or move a booking."""
    return book(call, profile_in(call, personal_scope(call)))


def confirm_reservation(call: Call) -> ConfirmReservationOutDto:
    """Make a booking of a reservation of a personal profile."""
    return confirm(call, personal_scope(call))


def delete_reservation(call: Call) -> ConfirmSlotDeleteOutDto:
    """Release the time of a reservation of a personal profile."""
    return drop(call, personal_scope(call))
