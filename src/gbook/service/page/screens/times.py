"""The days and the times of a meeting: to book it, or to move a booking of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import gbook
from gbook.service.operations.guest_requests import MOST_ASKED
from gbook.service.page.language.zones import regions
from gbook.service.page.views.bookings import dates_to_come, moved_booking
from gbook.service.page.views.choice import Choice
from gbook.service.page.views.days import DAYS, Day, Weeks, Why
from gbook.service.page.views.own_calendar import MOST_TIMES, OwnCalendar, Unread
from gbook.service.page.views.profiles import page_facts
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import times_path
from gbook.service.page.web.starts import stamp
from gbook.service.page.web.visit import Visit
from gbook.timeutil.instants import MINUTE, local, parse_instant

__all__ = ["show_times"]

# How far the next days with times are looked for, if the weeks shown have none.
AHEAD = 4 * DAYS


class Part(NamedTuple):
    """The times of a part of a day: its code, and the slots."""

    code: str
    slots: Sequence[gbook.Slot]


def show_times(visit: Visit, profile: gbook.Profile) -> Answer:
    """Show the days of five weeks, and the times of one of them, to book it or to move a booking there."""
    moved = moved_booking(visit, profile)
    if isinstance(moved, Redirect):
        return moved
    host_zone = gbook.profile_zone(visit.call.workspace, profile)
    zone = visit.zone or host_zone
    choice = Choice.of(visit, local(visit.call.now, zone).date())
    weeks, answer = _weeks(visit, _query(visit, profile, moved), choice, zone)
    day = weeks.find(choice.day)
    values = {
        **_of_zone(visit, zone, host_zone),
        **_of_days(visit, weeks, choice, zone, answer),
        **_of_calendar(visit, profile, weeks, day),
        "facts": page_facts(visit, profile),
        "moved": moved and dates_to_come(moved, visit.call.now),
        "several": profile.several and moved is None,
        "most": MOST_ASKED,
        "parts": _parts(day.slots if day else (), zone),
        "mine_link": visit.link(f"{times_path(profile.name)}/mine", **choice.here),
    }
    return Page("times.html", values, embed=profile.embed, private=moved is not None)


def _query(visit: Visit, profile: gbook.Profile, moved: gbook.Record | None) -> gbook.Query:
    call = visit.call
    if moved is not None:
        return gbook.move_request(call.context, moved).query(call.now, None, None)
    return gbook.Query(profile=profile, now=call.now)


def _weeks(visit: Visit, query: gbook.Query, choice: Choice, zone: ZoneInfo) -> tuple[Weeks, gbook.Answer]:
    listed, answer = gbook.open_days(visit.call.workspace, query, choice.first, DAYS, zone)
    return Weeks.of(listed, answer, local(visit.call.now, zone).date()), answer


def _of_zone(visit: Visit, zone: ZoneInfo, host_zone: ZoneInfo) -> dict[str, Any]:
    everything = visit.query.get("zones") == "all"
    return {
        "zone": zone,
        "host_zone": host_zone,
        "is_known": visit.zone is not None,
        "now": visit.call.now,
        "regions": regions(visit.locale, zone.key, everything=everything),
        "everything": everything,
    }


def _of_days(
    visit: Visit, weeks: Weeks, choice: Choice, zone: ZoneInfo, answer: gbook.Answer
) -> dict[str, Any]:
    day = weeks.find(choice.day)
    is_more = local(answer.period[1], zone).date() >= choice.end
    ahead = _ahead(visit, answer.query, choice, zone) if is_more and not weeks.open else ()
    return {
        "weeks": weeks,
        "choice": choice,
        "day": day,
        "nearest": weeks.nearest(day.day) if day and not day.slots and weeks.open else ahead,
        "later": choice.end if is_more else None,
        "why": _why(answer, zone),
        "stamp": stamp,
    }


def _ahead(visit: Visit, query: gbook.Query, choice: Choice, zone: ZoneInfo) -> Sequence[Day]:
    """Return the next days with times after weeks without any."""
    listed, answer = gbook.open_days(visit.call.workspace, query, choice.end, AHEAD, zone)
    after = Weeks.of(listed, answer, choice.end)
    return after.nearest(choice.end)


def _why(answer: gbook.Answer, zone: ZoneInfo) -> Why:
    profile = answer.query.profile
    begins, ends = (_day_of(text, zone) for text in (profile.start_time, profile.end_time))
    are_people = all(
        member.group is None and answer.times[member.id].account.kind == "person" for member in answer.members
    )
    people = len(answer.members) if are_people else 0
    return Why(profile.start_after_minutes * MINUTE, begins, ends, answer.needed, people)


def _day_of(text: str | None, zone: ZoneInfo) -> date | None:
    return local(parse_instant(text, UTC), zone).date() if text else None


def _parts(slots: Sequence[gbook.Slot], zone: ZoneInfo) -> Sequence[Part]:
    """Return the times of a day by its parts, without empty ones."""
    parts: dict[str, list[gbook.Slot]] = {"morning": [], "afternoon": [], "evening": []}
    for slot in slots:
        hour = local(slot.start, zone).hour
        parts["morning" if hour < 12 else "afternoon" if hour < 18 else "evening"].append(slot)
    return [Part(code, found) for code, found in parts.items() if found]


def _of_calendar(visit: Visit, profile: gbook.Profile, weeks: Weeks, day: Day | None) -> dict[str, Any]:
    """Return at which times of the day the guest is busy, if the address says so."""
    text = visit.query.get("mine")
    own = OwnCalendar.read(visit.call.workspace, profile, text) if text else None
    starts = {slot.start for slot in day.slots} if day else set()
    return {
        "busy": starts & own.busy if own else frozenset(),
        "is_compared": own is not None and starts <= own.known,
        "is_outdated": bool(text) and (own is None or not starts <= own.known),
        "can_compare": own is None and 0 < weeks.possible <= MOST_TIMES,
        "unread": _unread(visit.query.get("unread")),
    }


def _unread(code: str | None) -> str | None:
    """Return why the calendar that a guest has just sent was not compared, as a code of Unread."""
    return code if code in [each.value for each in Unread] else None
