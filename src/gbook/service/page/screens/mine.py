"""A guest's own calendar, compared with the times of a meeting: read once, and not kept."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from gbook.calendars.busy.untrusted import CostsTooMuch
from gbook.errors import InvalidFile
from gbook.service.page.views.choice import Choice
from gbook.service.page.views.own_calendar import OwnCalendar, Times, Unread, read_busy, times_from
from gbook.service.page.views.profiles import profile_of, zone_of
from gbook.service.page.web.answers import Answer, Redirect
from gbook.service.page.web.links import times_path
from gbook.service.page.web.visit import Visit
from gbook.timeutil.instants import local

__all__ = ["compare"]


def compare(visit: Visit) -> Answer:
    """Lead to the times, which say when the guest is busy by the calendar of the form, a file or a text.

    If it cannot be read, they say why. Raises ApiError, 503, if too many calendars are being read.
    """
    profile = profile_of(visit)
    zone = zone_of(visit, profile)
    choice = Choice.of(visit, local(visit.call.now, zone).date())
    own = _own_calendar(visit, times_from(visit.call.workspace, profile, choice.first), zone)
    path, kept = times_path(profile.name), choice.here
    if isinstance(own, Unread):
        return Redirect(visit.link(path, **kept, unread=own.value) + "#compare")
    return Redirect(visit.link(path, **kept, mine=own.text) + "#times")


def _own_calendar(visit: Visit, times: Times, zone: ZoneInfo) -> OwnCalendar | Unread:
    data = visit.form.files.get("ics") or visit.form.get("text").encode()
    if not data:
        return Unread.MISSING
    try:
        own = OwnCalendar.of(times, read_busy(data, zone.key, times))
    except InvalidFile:
        return Unread.NONE
    except CostsTooMuch:
        return Unread.COSTLY
    return Unread.FULL if own.is_full else own
