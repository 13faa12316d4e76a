"""A guest's own calendar, compared with the times of a meeting: read once, and not kept."""

from __future__ import annotations

from gbook.calendars.busy.untrusted import CostsTooMuch
from gbook.errors import InvalidFile
from gbook.service.page.screens.times import times_page
from gbook.service.page.views.bookings import moved_booking
from gbook.service.page.views.choice import Choice
from gbook.service.page.views.own_calendar import OwnCalendar, read_busy, times_from
from gbook.service.page.views.profiles import profile_of, zone_of
from gbook.service.page.web.answers import Answer, Redirect
from gbook.service.page.web.links import times_path
from gbook.service.page.web.visit import Visit
from gbook.timeutil.instants import local

__all__ = ["compare"]


def compare(visit: Visit) -> Answer:
    """Lead to the times on which the guest is busy by the calendar of the form, a file or a text.

    Without a calendar that can be read the page says what is wrong. Raises ApiError, 503, if too many
    calendars are being read.
    """
    profile = profile_of(visit)
    moved = moved_booking(visit, profile)
    if isinstance(moved, Redirect):
        return moved
    zone = zone_of(visit, profile)
    choice = Choice.of(visit, local(visit.call.now, zone).date())
    times = times_from(visit.call.workspace, profile, choice.first)
    data = visit.form.files.get("ics") or visit.form.get("text").encode()
    if not data:
        return times_page(visit, profile, moved, "missing")
    try:
        own = OwnCalendar.of(times, read_busy(data, zone.key, times))
    except InvalidFile:
        return times_page(visit, profile, moved, "none")
    except CostsTooMuch:
        return times_page(visit, profile, moved, "costly")
    if own.is_full:
        return times_page(visit, profile, moved, "full")
    return Redirect(visit.link(times_path(profile.name), **{**choice.here, "mine": own.text}) + "#times")
