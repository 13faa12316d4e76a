"""Several times: a guest asks for up to three, and the host confirms one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gbook
from gbook.service.operations.guest_requests import (
    TimesTaken,
    is_at_limit,
    request_times,
    taken_times,
)
from gbook.service.page.form.details import Details, inputs_of, read_details
from gbook.service.page.form.form_tokens import TRAP, Again, check_form, form_token
from gbook.service.page.form.guest_call import guest_call
from gbook.service.page.views.bookings import other_clock
from gbook.service.page.views.profiles import page_facts, zone_of
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import record_link, times_path
from gbook.service.page.web.starts import read_slots, stamps
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError
from gbook.timeutil.instants import MINUTE

__all__ = ["ask_for_times", "show_request"]


def show_request(visit: Visit, profile: gbook.Profile) -> Answer:
    """Show the form for the times of the address, or those that are left of them if some are not free."""
    starts = read_slots(visit.query.get("slot", ""))
    if not starts:
        return Redirect(visit.link(times_path(profile.name)))
    if taken := taken_times(visit.call, profile, starts):
        return _taken_page(visit, profile, starts, taken)
    return _form_page(visit, profile, starts)


def ask_for_times(visit: Visit, profile: gbook.Profile) -> Answer:
    """Hold the times of a form until the host confirms one, and lead to the page of the request.

    The nonce of the form is the key of the request: the same form makes one request, however often it
    arrives. Raises ApiError if the calendars cannot be read or written.
    """
    starts = read_slots(visit.form.get("slot"))
    if not starts:
        return Redirect(visit.link(times_path(profile.name)))
    given, nonce = read_details(profile, visit.form), check_form(visit, profile)
    again = nonce if isinstance(nonce, Again) else None
    if again or given.problems:
        return _form_page(visit, profile, starts, given, again)
    try:
        records = request_times(guest_call(visit, starts[0], given, str(nonce)), profile, starts)
    except TimesTaken as error:
        return _taken_page(visit, profile, starts, error.starts, given)
    except ApiError as error:
        if error.code != "key_taken":
            raise
        return _form_page(visit, profile, starts, given, Again.USED)
    return Redirect(record_link(visit, records[0]))


def _form_page(
    visit: Visit,
    profile: gbook.Profile,
    starts: Sequence[int],
    given: Details | None = None,
    again: Again | None = None,
) -> Page:
    """Return the form: empty, or with what was sent and why that is not enough.

    Browsers keep an empty one: who goes back, and sends it again, is led to the request.
    """
    details = given or Details([*inputs_of(profile)])
    values = {
        **_common(visit, profile, starts),
        "token": form_token(visit, profile, again),
        "details": details,
        "again": again.value if again else None,
    }
    status = 422 if again or details.problems else 200
    return Page("several.html", values, status, profile.embed, private=given is not None)


def _taken_page(
    visit: Visit,
    profile: gbook.Profile,
    starts: Sequence[int],
    taken: Sequence[int],
    given: Details | None = None,
) -> Page:
    """Return the page that says which times are not free, and goes on with the others."""
    left = [start for start in starts if start not in taken]
    length = profile.duration_minutes * MINUTE
    lost = [(start, start + length) for start in taken]
    is_limited = given is not None and is_at_limit(visit.call, profile, taken)
    values = {
        **_common(visit, profile, left),
        "token": form_token(visit, profile),
        "details": given,
        "lost": lost,
        "is_limited": is_limited,
    }
    return Page("several_taken.html", values, 409, profile.embed, private=True)


def _common(visit: Visit, profile: gbook.Profile, starts: Sequence[int]) -> dict[str, Any]:
    """Return what the form and the page about times that are taken have in common."""
    zone = zone_of(visit, profile)
    length = profile.duration_minutes * MINUTE
    return {
        "facts": page_facts(visit, profile),
        "times": [(start, start + length) for start in starts],
        "slot": stamps(starts),
        "zone": zone,
        "host_zone": other_clock(visit, profile.name, zone, starts[0] if starts else visit.call.now),
        "trap_name": TRAP,
        "mailed": visit.call.workspace.config.mail is not None,
        "to_times": visit.link(picked=stamps(starts) or None),
    }
