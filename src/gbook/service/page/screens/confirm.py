"""The link in a mail by which a guest confirms a reservation: a page with a button, which books it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import gbook
from gbook.service.operations.guest_requests import is_at_limit
from gbook.service.operations.numbers import reservation_number
from gbook.service.operations.reservations import confirm, of_mailbox
from gbook.service.page.views.bookings import (
    facts_of_booking,
    guest_zone,
    other_clock,
    profile_of_record,
    times_of_public,
)
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import record_link, times_path
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError, Refusal
from gbook.timeutil.instants import parse_instant

__all__ = ["confirm_time", "show_confirmation"]


def show_confirmation(visit: Visit) -> Answer:
    """Show the time and the button. Nothing changes: scanners of mail open every link.

    If the time of the link is gone or booked, show one that waits: perhaps no mail was sent about it. If
    nothing waits, lead to the times of the meeting that the link names.
    """
    found = of_mailbox(visit.call, visit.call.path["token"])
    record, waiting = _named(visit, found), _waiting(visit, found)
    if waiting and not (record and record.is_reservation):
        record = waiting[0]
    if record is None:
        again = times_of_public(visit, visit.query.get("meeting", ""))
        return Page("unknown_confirmation.html", {"again": again}, 404, private=True)
    return _page(visit, record, waiting) if record.is_reservation else Redirect(record_link(visit, record))


def confirm_time(visit: Visit) -> Answer:
    """Book the time, also after it has expired if it is still free, and lead to the booking.

    The token in the address was mailed to the guest only, so this form needs none of its own; a second press
    leads to the booking.
    """
    found = of_mailbox(visit.call, visit.call.path["token"])
    record = _named(visit, found)
    if record is None:
        return show_confirmation(visit)
    if not record.is_reservation:
        return Redirect(record_link(visit, record))
    try:
        record = confirm(visit.call, record, gbook.GuestDetails())
    except ApiError as error:
        if error.status == 404:  # confirmed or released by another request meanwhile
            return Redirect(_link(visit, record))
        if error.status != 409:
            raise
        return _page(visit, record, _waiting(visit, found), error)
    return Redirect(record_link(visit, record))


def _named(visit: Visit, found: Sequence[gbook.Record]) -> gbook.Record | None:
    """Return the record with the reservation number of the address."""
    number = visit.query.get("reservation")
    return next((record for record in found if str(reservation_number(record.uid)) == number), None)


def _waiting(visit: Visit, found: Sequence[gbook.Record]) -> Sequence[gbook.Record]:
    """Return the times that are held until the guest confirms them, the newest request first."""
    held = [record for record in found if record.is_reservation and record.holds(visit.call.now)]
    return sorted(held, key=lambda record: record.expires or 0, reverse=True)


def _link(visit: Visit, record: gbook.Record) -> str:
    """Return the address of the same guest's page about a reservation."""
    return visit.elsewhere(reservation=str(reservation_number(record.uid)), meeting=record.profile)


def _page(
    visit: Visit, record: gbook.Record, waiting: Sequence[gbook.Record], refusal: ApiError | None = None
) -> Page:
    """Return the page of the reservation, with the others that wait and, if refused, the nearest times."""
    zone = guest_zone(visit, record)
    others = [other for other in waiting if other.uid != record.uid]
    values = {
        "facts": facts_of_booking(visit, record),
        "times": [(record.start, record.end)],
        "is_held": record.holds(visit.call.now),
        "until": record.expires,
        "zone": zone,
        "host_zone": other_clock(visit, record.profile, zone, record.start),
        "refused": refusal and refusal.code,
        "is_limited": refusal is not None and _is_limited(visit, record, refusal),
        "nearest": _nearest(refusal),
        "times_path": times_path(record.profile),
        "action": _link(visit, record),
        "others": [(_link(visit, each), each.start, facts_of_booking(visit, each).title) for each in others],
    }
    return Page("confirm.html", values, 409 if refusal else 200, private=True)


def _is_limited(visit: Visit, record: gbook.Record, refusal: ApiError) -> bool:
    profile = profile_of_record(visit.call, record)
    if profile is None or refusal.code == "refused":
        return False
    return is_at_limit(visit.call, profile, [record.start], record.uid)


def _nearest(refusal: ApiError | None) -> Sequence[int]:
    items = refusal.alternatives if isinstance(refusal, Refusal) else ()
    return [parse_instant(item.start, UTC) for item in items]
