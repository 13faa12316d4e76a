"""Sentences about caps that are reached: of one slot, and of a whole window."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from gbook.profiles.model import Profile
from gbook.scheduling.availability import Answer
from gbook.scheduling.caps import FullPeriod, full_for_account, full_for_guest
from gbook.scheduling.masks import keeps
from gbook.timeutil.format import count, day_name

__all__ = ["reached", "reached_caps"]

# The maximum number of caps that a message names.
AT_MOST = 3


def reached(profile: Profile, full: FullPeriod) -> str:
    """Return `2 bookings of profile demo in the week of Mon 23 Nov 2026; maxBookingsPerWeek is 2`."""
    cap = full.cap
    bookings, owner = count(full.bookings, "booking"), " of the account" if cap.of_all_profiles else ""
    which = "" if cap.of_all_profiles else f" of {profile.noun}"
    return f"{bookings}{which} {_when(full)}; {cap.key}{owner} is {cap.maximum}"


def reached_caps(answer: Answer) -> list[str]:
    """Return the caps that forbid slots in the window of an answer, each with its account or guest."""
    return [*islice(dict.fromkeys(_all_reached(answer)), AT_MOST)]


def _all_reached(answer: Answer) -> Iterator[str]:
    query, zone = answer.query, answer.zone
    for full in full_for_guest(query.profile, zone, answer.of_guest):
        if answer.candidates.run(full.start, full.end):
            yield f"guest {query.guest} has {reached(query.profile, full)}"
    for name, time in answer.times.items():
        if keeps(query, time) or name in query.profile.optional:
            continue
        for full in full_for_account(query.profile, query.now, zone, time):
            if answer.candidates.run(full.start, full.end):
                yield f"{name} has {reached(query.profile, full)}"


def _when(full: FullPeriod) -> str:
    match full.cap.unit:
        case "day":
            return f"on {day_name(full.first)}"
        case "week":
            return f"in the week of {day_name(full.first)}"
        case "month":
            return f"in {full.first:%B %Y}"
