"""What a form does: it books a time, or moves a booking to it."""

from __future__ import annotations

import gbook
from gbook.service.call import Call
from gbook.service.operations.meetings import create_meeting
from gbook.service.operations.moves import move
from gbook.service.page.form.details import read_details
from gbook.service.page.form.form_tokens import Again, check_form
from gbook.service.page.form.guest_call import guest_call
from gbook.service.page.screens.form import form_page, taken_page
from gbook.service.page.views.bookings import moved_booking
from gbook.service.page.web.answers import Answer, Redirect
from gbook.service.page.web.links import booking_link, times_path
from gbook.service.page.web.starts import read_slot
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError

__all__ = ["book_time"]


def book_time(visit: Visit, profile: gbook.Profile) -> Answer:
    """Book the time of a form, or move a booking to it, and lead to its page.

    The nonce of the form is the key of the booking: the same form gives the same booking, however often it
    arrives, and a booking that has the time already stays there. Raises ApiError if the calendars cannot be
    read or written.
    """
    start = read_slot(visit.form.get("slot"))
    if start is None:
        return Redirect(visit.link(times_path(profile.name)))
    moved = moved_booking(visit, profile, start)
    if isinstance(moved, Redirect):
        return moved
    given = None if moved else read_details(profile, visit.form)
    nonce = check_form(visit, profile)
    again = nonce if isinstance(nonce, Again) else None
    if again or (given and given.problems):
        return form_page(visit, profile, start, moved=moved, given=given, again=again)
    call = guest_call(visit, start, given, str(nonce))
    try:
        token = _token(call, profile, moved)
    except ApiError as error:
        if error.status != 409:
            raise
        if error.code == "key_taken":
            return form_page(visit, profile, start, given=given, again=Again.USED)
        return taken_page(visit, profile, start, error, given)
    return Redirect(booking_link(visit, token))


def _token(call: Call, profile: gbook.Profile, moved: gbook.Record | None) -> str:
    """Book or move, and return the token of the booking. Raises ApiError."""
    answer = move(call, profile, moved) if moved else create_meeting(call)
    assert answer.reschedule_token is not None
    return answer.reschedule_token
