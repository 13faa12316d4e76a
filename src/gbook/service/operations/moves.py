"""Bookings that a guest moves: a rescheduleToken names one, and lets its holder choose another time."""

from __future__ import annotations

from collections.abc import Callable

import gbook
from gbook.service.call import Call
from gbook.service.operations.notifications import notify
from gbook.service.operations.requests import booked, meeting_time
from gbook.service.operations.slots import refusing
from gbook.service.problems import invalid, not_found
from gbook.service.wire.meetings import CreateMeetingResponse
from gbook.service.wire.times import ExistingMeeting
from gbook.timeutil.instants import format_instant
from gbook.workspace.tokens import RescheduleTokens

__all__ = ["booking_of_token", "existing_meeting", "is_open", "move", "open_record", "record_of_token"]


def record_of_token(call: Call, token: str) -> gbook.Record:
    """Return the booking, or reservation, of a rescheduleToken: of any profile, cancelled and over ones too.

    Raises ApiError, 404.
    """
    tokens = RescheduleTokens(call.workspace)
    return _found(call, lambda record: tokens.is_for(token, record.uid))


def booking_of_token(call: Call, profile: gbook.Profile, token: str) -> gbook.Record:
    """Return the booking, or reservation, of a rescheduleToken.

    Raises ApiError unless it is of the profile, and still to come.
    """
    tokens = RescheduleTokens(call.workspace)
    return open_record(call, profile, lambda record: tokens.is_for(token, record.uid))


def open_record(call: Call, profile: gbook.Profile, is_meant: Callable[[gbook.Record], bool]) -> gbook.Record:
    """Return a profile's record for which `is_meant` is true. Raises ApiError unless it is still to come."""
    record = _found(call, lambda record: record.profile == profile.name and is_meant(record))
    if not is_open(record, call.now):
        raise not_found()
    return record


def _found(call: Call, is_meant: Callable[[gbook.Record], bool]) -> gbook.Record:
    with refusing(call):
        found = gbook.search_records(call.workspace, is_meant)
    if not found:
        raise not_found()
    return found[0]


def is_open(record: gbook.Record, now: int) -> bool:
    """Return whether a booking can change at `now` (an instant): not cancelled, not expired, not over."""
    return record.holds(now) and record.last_end > now


def existing_meeting(call: Call, record: gbook.Record) -> ExistingMeeting:
    """Return a booking as its guest knows it; of a series the next date."""
    coming = gbook.part_of_series(record, None, call.now)
    return ExistingMeeting(id=record.uid, start=format_instant(coming.start), end=format_instant(coming.end))


def move(call: Call, profile: gbook.Profile, booking: gbook.Record) -> CreateMeetingResponse:
    """Move a booking of a profile to the time of the body, with the accounts and guests that it has.

    Of a series all dates to come move. Raises ApiError, with the nearest times for one that is not free.
    """
    uid, token = booking.uid, RescheduleTokens(call.workspace).of(booking.uid)
    start, end = meeting_time(call, profile)
    if call.query.reserve_for_minutes:
        raise invalid(("reserveForMinutes", "expected none: a booking that is moved stays one"))
    call.allowance.require()
    with refusing(call):
        # With its event: after the move it is nowhere, and those who leave are told about it.
        before = gbook.find_either(call.context, uid)
        moved = gbook.revise(call.context, gbook.rescheduling(call.context, uid, gbook.NewSlot(start, end)))
    call.allowance.use()
    notify(call, moved, gbook.Hook.POST_RESCHEDULE, before)
    return booked(moved, token)
