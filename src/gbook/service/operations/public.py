"""What guests may do without credentials, with public profiles."""

from __future__ import annotations

from gbook.service.call import Call
from gbook.service.operations.book import book
from gbook.service.operations.scope import public_profile
from gbook.service.operations.times import times
from gbook.service.wire.meetings import BookingTimesOutDto, CreateMeetingResponse

__all__ = ["create_meeting", "read_times"]


def read_times(call: Call) -> BookingTimesOutDto:
    """Return the times of a public profile that can be booked."""
    return times(call, public_profile(call))


def create_meeting(call: Call) -> CreateMeetingResponse:
    """Book or reserve a time of a public profile, or move a booking."""
    return book(call, public_profile(call))
