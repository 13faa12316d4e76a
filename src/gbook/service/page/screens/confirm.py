"""The link in a mail by which a guest confirms a reservation: a page with a button, which books it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import gbook
from gbook.service.operations.reservations import confirm, mailed_reservation
from gbook.service.page.views.bookings import facts_of_booking, guest_zone, other_clock
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import record_link, times_path
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError, Refusal
from gbook.timeutil.instants import parse_instant

__all__ = ["confirm_time", "show_confirmation"]


def show_confirmation(visit: Visit) -> Answer:
    """Show the time and the button. Nothing changes: scanners of mail open every link."""
    record = mailed_reservation(visit.call, visit.call.path["token"])
    if record is None:
        return Page("unknown_confirmation.html", {}, 404, private=True)
    return _page(visit, record) if record.is_reservation else Redirect(record_link(visit, record))


def confirm_time(visit: Visit) -> Answer:
    """Book the time, also after it has expired if it is still free, and lead to the booking.

    The token in the address was mailed to the guest only, so this form needs none of its own; a second press
    leads to the booking.
    """
    record = mailed_reservation(visit.call, visit.call.path["token"])
    if record is None or not record.is_reservation:
        return show_confirmation(visit)
    try:
        record = confirm(visit.call, record, gbook.GuestDetails())
    except ApiError as error:
        if error.status == 404:  # confirmed or released by another request meanwhile
            return Redirect(visit.elsewhere())
        if error.status != 409:
            raise
        return _page(visit, record, error)
    return Redirect(record_link(visit, record))


def _page(visit: Visit, record: gbook.Record, refusal: ApiError | None = None) -> Page:
    """Return the page of the reservation; if it could not be booked, with the nearest times."""
    zone = guest_zone(visit, record)
    values = {
        "facts": facts_of_booking(visit, record),
        "times": [(record.start, record.end)],
        "is_held": record.holds(visit.call.now),
        "until": record.expires,
        "zone": zone,
        "host_zone": other_clock(visit, record.profile, zone, record.start),
        "refused": refusal and refusal.code,
        "nearest": _nearest(refusal),
        "times_path": times_path(record.profile),
    }
    return Page("confirm.html", values, 409 if refusal else 200, private=True)


def _nearest(refusal: ApiError | None) -> Sequence[int]:
    items = refusal.alternatives if isinstance(refusal, Refusal) else ()
    return [parse_instant(item.start, UTC) for item in items]
