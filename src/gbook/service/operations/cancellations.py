"""Cancelling meetings: by their id for clients and accounts, by the rescheduleToken for guests.

The published contract has no operation for it: there a meeting is cancelled in the calendar.
"""

from __future__ import annotations

import gbook
from gbook.service.call import Call
from gbook.service.operations.moves import booking_of_token, open_record
from gbook.service.operations.notifications import notify, require_mail
from gbook.service.operations.profile_editing import OK
from gbook.service.operations.scope import (
    Scope,
    group_scope,
    personal_scope,
    profile_in,
    public_profile,
)
from gbook.service.operations.slots import refusing
from gbook.service.problems import not_found
from gbook.service.wire.states import BookingSuccessOutDto

__all__ = ["cancel_meeting", "cancel_personal_meeting", "cancel_public_meeting"]


def cancel_meeting(call: Call) -> BookingSuccessOutDto:
    """Cancel a meeting of a group profile."""
    return _cancel_of(call, group_scope(call))


def cancel_personal_meeting(call: Call) -> BookingSuccessOutDto:
    """Cancel a meeting of a personal profile."""
    return _cancel_of(call, personal_scope(call))


def cancel_public_meeting(call: Call) -> BookingSuccessOutDto:
    """Cancel the meeting of a rescheduleToken."""
    return _cancel(call, booking_of_token(call, public_profile(call), call.query.reschedule_token))


def _cancel_of(call: Call, scope: Scope) -> BookingSuccessOutDto:
    profile, uid = profile_in(call, scope), call.path["meetingId"]
    return _cancel(call, open_record(call, profile, lambda record: record.uid == uid))


def _cancel(call: Call, record: gbook.Record) -> BookingSuccessOutDto:
    """Cancel a booking that is still to come, in every calendar; of a series all dates to come.

    Raises ApiError: 404 for a reservation, which is dropped instead.
    """
    if record.is_reservation:
        raise not_found()
    require_mail(call)
    with refusing(call):
        cancelled = gbook.revise(call.context, gbook.cancellation(call.context, record.uid))
    # The message about a series is about the dates that are cancelled.
    notify(call, cancelled, gbook.Hook.POST_CANCEL, record if record.series else None)
    return OK
