"""The page of a booking, for anyone with its token: see it, keep it in a calendar, move it, cancel it."""

from __future__ import annotations

from functools import partial

import gbook
from gbook.errors import NotFound
from gbook.service.operations.cancellations import cancel_record
from gbook.service.operations.moves import is_open
from gbook.service.page.screens.held import chosen_instead, held_page
from gbook.service.page.views.bookings import embed_of_booking, facts_of_booking, find_booking, see
from gbook.service.page.web.answers import Answer, Download, Page, Redirect
from gbook.service.page.web.links import booking_link
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError
from gbook.text import printable

__all__ = ["cancel_booking", "download_booking", "show_booking"]

# The longest message to the host, in characters.
MOST_REASON = 1000


def show_booking(visit: Visit) -> Answer:
    """Show a booking, whatever has become of it."""
    token = visit.call.path["token"]
    record = find_booking(visit, token)
    if record is None:
        return chosen_instead(visit, token) or Page("unknown_booking.html", {}, 404, private=True)
    if record.is_reservation:
        return held_page(visit, record, token)
    values = {
        "facts": facts_of_booking(visit, record),
        "booking": see(visit, record, token),
        "link_to": partial(booking_link, visit, token),
        "has_link_in_mail": bool(visit.call.workspace.config.serve.base_url),
    }
    return Page("booking.html", values, embed=embed_of_booking(visit, record), private=True)


def download_booking(visit: Visit) -> Answer:
    """Give a booking as a file that a calendar imports.

    Its METHOD is PUBLISH: to an import of REQUEST, calendars would ask the guest to accept, and send an
    answer to the host, about a meeting that the guest has chosen.
    """
    record = find_booking(visit, visit.call.path["token"])
    if record is None or record.is_reservation:
        return Page("unknown_booking.html", {}, 404, private=True)
    url = gbook.GuestLinks(visit.call.workspace).manage(record)
    data = gbook.publication_of(record, visit.call.now, url)
    return Download(data, "text/calendar; charset=utf-8; method=PUBLISH", "meeting.ics")


def cancel_booking(visit: Visit) -> Answer:
    """Cancel a booking, and show what has become of it: it may have been cancelled before, or be over.

    The token in the address is known to the guest only, so this form needs none of its own.
    """
    token = visit.call.path["token"]
    record = find_booking(visit, token)
    if record is not None and is_open(record, visit.call.now) and not record.is_reservation:
        _cancel(visit, record)
    return Redirect(booking_link(visit, token))


def _cancel(visit: Visit, record: gbook.Record) -> None:
    reason = printable(visit.form.get("reason"))[:MOST_REASON]
    try:
        cancel_record(visit.call, record, reason or None)
    except NotFound:
        pass  # another request has cancelled it since
    except ApiError as error:
        if error.status >= 500:
            raise
