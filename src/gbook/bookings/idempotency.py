"""Idempotency keys (`--key`): a repeated request returns the booking of the first one."""

from __future__ import annotations

from msgspec.structs import replace

from gbook.bookings.context import BookingContext
from gbook.bookings.event import key_uid
from gbook.bookings.record import Record
from gbook.bookings.records import read_records
from gbook.bookings.request import BookingRequest
from gbook.bookings.unreadable import refuse_damaged
from gbook.scheduling.availability import profile_members
from gbook.scheduling.unavailable import KeyTaken
from gbook.text import one_line

__all__ = ["known_booking"]


def known_booking(context: BookingContext, request: BookingRequest) -> Record | None:
    """Return the booking that was made with the request's key, marked as repeated; None if there is none.

    Raises KeyTaken if that booking is for another time or guest, or has been cancelled; InvalidFile or
    Locked if a calendar that may hold it cannot be read.
    """
    if not request.key:
        return None
    uid = key_uid(request.profile, request.key)
    records, warnings = read_records(context.workspace)
    known = next((record for record in records if record.uid == uid), None)
    if known is None:
        members = {name for member in profile_members(request.profile) for name in member.accounts}
        refuse_damaged(
            context.workspace, warnings, f"the booking of key {request.key!r} may be in it", members
        )
    if known is None or (known.is_reservation and not known.holds(context.now)):
        return None
    made = f"key {request.key!r} was used for booking {uid}"
    if known.status == "cancelled":
        raise KeyTaken(f"{made}, which was cancelled: use another key")
    if other := _other_request(request, known):
        start = context.moment(known.start, known.profile)
        raise KeyTaken(f"{made} on {start}, {other}: use another key")
    return replace(known, repeated=True)


def _other_request(request: BookingRequest, known: Record) -> str | None:
    """Return how a request differs from the booking with its key; None if it does not."""
    start, guest = request.start, request.guest
    if start is not None and start not in (known.start, known.asked):
        return "not at this time"
    if start == known.start and request.end not in (None, known.end):
        return "not until this time"
    if guest.email:
        same = guest.email.casefold() == (known.guest.email or "").casefold()
    else:
        same = not guest.name or one_line(guest.name) == known.guest.name
    return None if same else "for another guest"
