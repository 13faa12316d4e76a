"""The address of a meeting: its times, and the form for what is chosen of them."""

from __future__ import annotations

import gbook
from gbook.service.operations.guest_requests import confirms_by_mail
from gbook.service.operations.notifications import require_mailed_links
from gbook.service.page.screens.book import book_time
from gbook.service.page.screens.form import show_form
from gbook.service.page.screens.several import ask_for_times, show_request
from gbook.service.page.screens.times import show_times
from gbook.service.page.views.profiles import profile_of
from gbook.service.page.web.answers import Answer
from gbook.service.page.web.visit import Visit

__all__ = ["show_meeting", "take_form"]


def show_meeting(visit: Visit) -> Answer:
    """Show the times, or the form for the time, or times, of the address.

    Raises ApiError, 503, if the settings for a booking are incomplete, before the guest has filled in a form.
    """
    profile = profile_of(visit)
    if confirms_by_mail(visit.call, profile) and not visit.query.get("move"):
        require_mailed_links(visit.call)
    if "slot" not in visit.query:
        return show_times(visit, profile)
    return show_request(visit, profile) if _is_request(visit, profile) else show_form(visit, profile)


def take_form(visit: Visit) -> Answer:
    """Book the time of a form, or hold its times for the host's answer."""
    profile = profile_of(visit)
    return ask_for_times(visit, profile) if _is_request(visit, profile) else book_time(visit, profile)


def _is_request(visit: Visit, profile: gbook.Profile) -> bool:
    """Return whether the host confirms each booking; a booking that moves has been confirmed."""
    return profile.several and not visit.query.get("move")
