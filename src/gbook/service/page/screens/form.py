"""The form of a booking: a time, and who wants it; or the question whether a booking moves to that time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import gbook
from gbook.service.operations.guest_requests import is_at_limit
from gbook.service.operations.slots import refusing
from gbook.service.page.form.details import Details, inputs_of
from gbook.service.page.form.form_tokens import TRAP, Again, form_token
from gbook.service.page.views.bookings import dates_to_come, moved_booking, other_clock
from gbook.service.page.views.profiles import page_facts, zone_of
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import times_path
from gbook.service.page.web.starts import read_slot
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError, Refusal
from gbook.timeutil.instants import MINUTE, parse_instant

__all__ = ["form_page", "show_form", "taken_page"]


def show_form(visit: Visit, profile: gbook.Profile) -> Answer:
    """Show the form for the time `slot` of the address, or the nearest times if it is not free.

    To a booking that has this time already it leads back: the guest has gone back after the move.
    """
    start = read_slot(visit.query.get("slot", ""))
    if start is None:
        return Redirect(visit.link(times_path(profile.name)))
    moved = moved_booking(visit, profile, start)
    if isinstance(moved, Redirect):
        return moved
    try:
        _require_free(visit, profile, start, moved)
    except Refusal as refusal:
        return taken_page(visit, profile, start, refusal)
    return form_page(visit, profile, start, moved=moved)


def _require_free(visit: Visit, profile: gbook.Profile, start: int, moved: gbook.Record | None) -> None:
    """Raise Refusal, with the nearest times, if a time is not free for a booking, or for one that moves."""
    context = visit.call.context
    with refusing(visit.call):
        if moved is None:
            request = gbook.BookingRequest(profile=profile, start=start)
        else:
            request = replace(gbook.move_request(context, moved), start=start)
        gbook.judge(context, request)


def form_page(
    visit: Visit,
    profile: gbook.Profile,
    start: int,
    *,
    moved: gbook.Record | None = None,
    given: Details | None = None,
    again: Again | None = None,
) -> Page:
    """Return the form: empty, or with what was sent and why that is not enough.

    Browsers keep an empty one: who goes back after the booking, and sends it again, is led to the booking.
    """
    details = given or Details([*inputs_of(profile)])
    values = {
        **_common(visit, profile, start),
        "token": form_token(visit, profile, again),
        "moved": moved and dates_to_come(moved, visit.call.now),
        "details": details,
        "again": again.value if again else None,
        "mailed": visit.call.workspace.config.mail is not None,
        "is_confirmed": profile.confirm_email,
    }
    status = 422 if again or details.problems else 200
    return Page("form.html", values, status, profile.embed, private=bool(given or moved))


def taken_page(
    visit: Visit, profile: gbook.Profile, start: int, refusal: ApiError, given: Details | None = None
) -> Page:
    """Return the nearest times: each is a button if the details are known, else a link to the form."""
    times = [parse_instant(item.start, UTC) for item in _alternatives(refusal)]
    values = {
        **_common(visit, profile, start),
        "token": form_token(visit, profile),
        "times": times,
        "details": given,
        "is_move": bool(visit.query.get("move")),
        "is_refused": refusal.code == "refused",
        "is_limited": given is not None and is_at_limit(visit.call, profile, [start]),
        "is_late": start < visit.call.now + profile.start_after_minutes * MINUTE,
    }
    return Page("taken.html", values, 409, profile.embed, private=True)


def _alternatives(refusal: ApiError) -> Sequence[Any]:
    return refusal.alternatives if isinstance(refusal, Refusal) else ()


def _common(visit: Visit, profile: gbook.Profile, start: int) -> dict[str, Any]:
    """Return what the form and the nearest times have in common."""
    zone = zone_of(visit, profile)
    return {
        "facts": page_facts(visit, profile),
        "time": (start, start + profile.duration_minutes * MINUTE),
        "zone": zone,
        "host_zone": other_clock(visit, profile.name, zone, start),
        "trap_name": TRAP,
        "action": visit.link(),
        "to_times": visit.link(times_path(profile.name)),
    }
