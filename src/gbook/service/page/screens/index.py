"""The list of public meetings."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import NamedTuple

import gbook
from gbook.errors import GbookError
from gbook.service.operations.times import ask
from gbook.service.page.views.profiles import Facts, facts_of, public_profiles
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError, calendars_unreadable
from gbook.timeutil.instants import DAY, local

__all__ = ["show_index", "show_start"]

# At most 200 are listed. Of these, the first 20 are searched for a free day, in the next 62 days.
MOST_LISTED = 200
MOST_SEARCHED = 20
DAYS_SEARCHED = 62


class Listed(NamedTuple):
    """A public meeting; `search` is "found", with the next free day, "none", "failed" or "skipped"."""

    facts: Facts
    search: str
    day: date | None = None


def show_start(visit: Visit) -> Answer:
    """Lead from the root of the site to the list."""
    return Redirect("/b/")


def show_index(visit: Visit) -> Answer:
    """Show the public profiles, each with its next free day."""
    found = islice(public_profiles(visit.call), MOST_LISTED)
    listed = [_listed(visit, profile, number < MOST_SEARCHED) for number, profile in enumerate(found)]
    return Page("index.html", {"meetings": listed})


def _listed(visit: Visit, profile: gbook.Profile, is_searched: bool) -> Listed:
    facts = facts_of(visit, profile)
    if not is_searched:
        return Listed(facts, "skipped")
    try:
        day = _next_day(visit, profile)
    except (ApiError, GbookError):
        return Listed(facts, "failed")
    return Listed(facts, "none" if day is None else "found", day)


def _next_day(visit: Visit, profile: gbook.Profile) -> date | None:
    """Return the day of the first free time, in the guest's zone, else in the host's.

    Raises what `ask` raises, and ApiError if there is no time, and an unreadable calendar may be the reason.
    """
    now = visit.call.now
    query = gbook.Query(profile=profile, now=now, low=now, high=now + DAYS_SEARCHED * DAY)
    answer = ask(visit.call, query, "")
    if answer.slots:
        return local(answer.slots[0].start, visit.zone or answer.zone).date()
    if not all(time.readable for time in answer.times.values()):
        raise calendars_unreadable()
    return None
