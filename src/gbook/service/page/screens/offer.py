"""An offer: times that the host has proposed and holds, one of which the guest takes."""

from __future__ import annotations

from collections.abc import Sequence

import gbook
from gbook.service.operations.guest_requests import was_asked_for
from gbook.service.operations.offers import offered
from gbook.service.operations.reservations import confirm
from gbook.service.page.form.details import VARIABLE, Details, inputs_of, read_details
from gbook.service.page.views.bookings import facts_of_booking, guest_zone, other_clock, times_for_new
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import record_link
from gbook.service.page.web.starts import read_slot
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError

__all__ = ["show_offer", "take_offered"]


def show_offer(visit: Visit) -> Answer:
    """Show the times of an offer that are held, or lead to the booking that one of them has become."""
    records = offered(visit.call, visit.call.path["token"])
    return _settled(visit, records) or _page(visit, records)


def take_offered(visit: Visit) -> Answer:
    """Book the chosen time of an offer, and release the others.

    The token in the address is known to the guest only, so this form needs none of its own, and of a form
    that is sent twice the second leads to the booking.
    """
    records = offered(visit.call, visit.call.path["token"])
    if settled := _settled(visit, records):
        return settled
    start = read_slot(visit.form.get("slot"))
    chosen = next((record for record in _held(visit, records) if record.start == start), None)
    given = _details(visit, records[0], is_sent=True)
    if chosen is None or given.problems:
        return _page(visit, records, chosen=start, given=given, problem="" if chosen else "choice")
    try:
        record = confirm(visit.call, chosen, _guest(visit, given))
    except ApiError as error:
        return _failed(visit, records, chosen, given, error)
    return Redirect(record_link(visit, record))


def _settled(visit: Visit, records: Sequence[gbook.Record]) -> Answer | None:
    """Return the answer if there is nothing to choose: an unknown offer, or one of which a time is booked.

    Of times that a guest has asked for, the host chooses.
    """
    if not records:
        return Page("unknown_offer.html", {}, 404, private=True)
    settled = [record for record in records if not record.is_reservation]
    if settled or was_asked_for(records[0]):
        return Redirect(record_link(visit, [*settled, *records][0]))
    return None


def _held(visit: Visit, records: Sequence[gbook.Record]) -> list[gbook.Record]:
    now = visit.call.now
    return [record for record in records if record.holds(now) and record.start > now]


def _failed(
    visit: Visit, records: Sequence[gbook.Record], chosen: gbook.Record, given: Details, error: ApiError
) -> Answer:
    """Return the page for a time that could not be booked. Raises the error if it is another one."""
    if error.status == 404:  # booked or withdrawn by another request meanwhile
        return Redirect(visit.elsewhere())
    if error.status != 409:
        raise error
    others = [record for record in records if record.uid != chosen.uid]
    problem = "refused" if error.code == "refused" else "taken"
    return _page(visit, others, lost=chosen, given=given, problem=problem)


def _details(visit: Visit, record: gbook.Record, *, is_sent: bool = False) -> Details:
    """Return the inputs for what the host did not know of the guest, empty or as they were sent."""
    profile = gbook.event_profile(visit.call.context, record).profile
    inputs = read_details(profile, visit.form).inputs if is_sent else [*inputs_of(profile)]
    known = {"name": record.guest.name, "email": record.guest.email}
    return Details(
        [
            each
            for each in inputs
            if (each.name.removeprefix(VARIABLE) in record.needs if each.label else not known[each.id])
        ]
    )


def _guest(visit: Visit, given: Details) -> gbook.GuestDetails:
    values = {each.id: each.value for each in given.inputs}
    zone = visit.zone.key if visit.zone else None
    return gbook.GuestDetails(
        name=values.get("name"), email=values.get("email"), zone=zone, fields=given.fields
    )


def _page(
    visit: Visit,
    records: Sequence[gbook.Record],
    *,
    chosen: int | None = None,
    lost: gbook.Record | None = None,
    given: Details | None = None,
    problem: str = "",
) -> Page:
    """Return the page of the times that are held; `problem` is the code of what is wrong with the choice."""
    first = lost or records[0]
    held = _held(visit, records)
    zone = guest_zone(visit, first)
    details = given or _details(visit, first)
    values = {
        "facts": facts_of_booking(visit, first),
        "times": [(record.start, record.end) for record in held],
        "lost": lost and (lost.start, lost.end),
        "until": _until(held or records) or first.expires,
        "zone": zone,
        "host_zone": other_clock(visit, first.profile, zone, first.start),
        "guest": first.guest.name,
        "details": details,
        "chosen": chosen,
        "problem": problem,
        "mailed": visit.call.workspace.config.mail is not None,
        "more": times_for_new(visit, first),
    }
    status = 409 if lost else 422 if problem or details.problems else 200
    return Page("offer.html", values, status, private=True)


def _until(records: Sequence[gbook.Record]) -> int | None:
    """Return until when a time can be picked: until they expire, or the last of them begins."""
    ends = [record.expires for record in records if record.expires]
    return min(*ends, max(record.start for record in records)) if ends else None
