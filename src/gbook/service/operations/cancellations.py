"""Cancelling meetings: by their id for clients and accounts, by the rescheduleToken for guests.

The published contract has no operation for it: there a meeting is cancelled in the calendar.
"""

from __future__ import annotations

import gbook
from gbook.service.call import Call
from gbook.service.operations.moves import booking_of_token, open_record
from gbook.service.operations.notifications import notify, require_mail
from gbook.service.operations.scope import profile_in
from gbook.service.operations.slots import refusing
from gbook.service.problems import not_found
from gbook.service.wire.states import OK, BookingSuccessOutDto

__all__ = ["cancel_meeting", "cancel_own_meeting", "cancel_record"]


def cancel_meeting(call: Call) -> BookingSuccessOutDto:
    """Cancel the meeting with the id in the path."""
    profile, uid = profile_in(call), call.path["meetingId"]
    return cancel_record(call, open_record(call, profile, lambda record: record.uid == uid))


def cancel_own_meeting(call: Call) -> BookingSuccessOutDto:
    """Cancel the meeting of a rescheduleToken."""
    return cancel_record(call, booking_of_token(call, profile_in(call), call.query.reschedule_token))


def cancel_record(call: Call, record: gbook.Record, reason: str | None = None) -> BookingSuccessOutDto:
    """Cancel a booking that is still to come, in every calendar; of a series all dates to come.

    `reason` is what the guest writes about it. Raises ApiError: 404 for a reservation, which is dropped
    instead.
    """
    if record.is_reservation:
        raise not_found()
    require_mail(call)
    with refusing(call):
        cancelled = gbook.revise(call.context, gbook.cancellation(call.context, record.uid, reason))
    # The message about a series is about the dates that are cancelled.
    notify(call, cancelled, gbook.Hook.POST_CANCEL, record if record.series else None)
    return OK
