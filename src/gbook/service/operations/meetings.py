"""Free times and meetings of group profiles."""

from __future__ import annotations

from gbook.service.call import Call
from gbook.service.operations.book import book
from gbook.service.operations.scope import group_scope, profile_in
from gbook.service.operations.times import times
from gbook.service.wire.meetings import BookingTimesOutDto, CreateMeetingResponse

__all__ = ["create_meeting", "read_times"]


def read_times(call: Call) -> BookingTimesOutDto:
    """Return the times of a group profile that can be booked."""
    return times(call, profile_in(call, group_scope(call)))


def create_meeting(call: Call) -> CreateMeetingResponse:
    """Book or reserve a time of a group profile, or move a booking."""
    return book(call, profile_in(call, group_scope(call)))
