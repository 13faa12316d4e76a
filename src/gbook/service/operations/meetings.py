"""Booking a time: for clients, guests and accounts alike."""

from __future__ import annotations

import gbook
from gbook.errors import Locked
from gbook.service.call import Call
from gbook.service.operations.guest_requests import as_guest, confirms_by_mail, require_allowance
from gbook.service.operations.moves import booking_of_token, move
from gbook.service.operations.notifications import ask_pre_book, ask_to_confirm, notify, require_mail
from gbook.service.operations.requests import booked, booking_request
from gbook.service.operations.scope import profile_in
from gbook.service.operations.slots import refusing
from gbook.service.wire.meetings import CreateMeetingResponse
from gbook.workspace.tokens import RescheduleTokens

__all__ = ["create_meeting"]


def create_meeting(call: Call) -> CreateMeetingResponse:
    """Book or reserve the time of the body; with a rescheduleToken, move that booking.

    A guest reserves it if the profile has each booking confirmed, by the guest or the host.
    Raises Refusal with all problems of the request, or with the nearest times for one that is not free.
    """
    profile = profile_in(call)
    if token := call.body.reschedule_token or call.query.reschedule_token:
        return move(call, profile, booking_of_token(call, profile, token))
    request = as_guest(call, profile, booking_request(call, profile))
    require_mail(call)
    # Its key is read before the booking: nothing can fail after it.
    tokens = RescheduleTokens(call.workspace)

    with refusing(call):
        require_allowance(call, [request])
        record = _book(call, request)
    if not record.repeated:
        call.allowance.use()
        notify(call, record, gbook.Hook.POST_BOOK)
        if confirms_by_mail(call, profile):
            ask_to_confirm(call, record)
    return booked(record, tokens.of(record.uid))


def _book(call: Call, request: gbook.BookingRequest) -> gbook.Record:
    """Book a time. Raises what `gbook.book` raises, and Refused."""

    def ask(draft: gbook.Draft) -> None:
        ask_pre_book(call, gbook.record_of(call.context, draft))

    try:
        return gbook.book(call.context, request, ask if call.workspace.config.hooks.pre_book else None)
    except Locked:
        # Those who held the locks may have taken the time: then another one helps, not another try.
        gbook.judge(call.context, request)
        raise
