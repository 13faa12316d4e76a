"""The times at which a profile's meeting can be booked, for clients, guests and accounts alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import gbook
from gbook.engine.quorum import Member, needed
from gbook.errors import UsageError
from gbook.profiles.template import fields
from gbook.service.call import Call
from gbook.service.operations.moves import booking_of_token, existing_meeting
from gbook.service.operations.scope import profile_in
from gbook.service.operations.slots import slot_items
from gbook.service.problems import calendars_unreadable, invalid
from gbook.service.wire.profiles import AdditionalField
from gbook.service.wire.times import BookingTimesOutDto, ExistingMeeting
from gbook.timeutil.instants import at_midnight, format_instant, local
from gbook.timeutil.periods import Period

__all__ = ["ask", "read_times"]

# Beyond it no calendar reaches, and dates cannot be reckoned with.
LAST_YEAR = 9000
FIRST_YEAR = 1970


class Window(NamedTuple):
    """Whole days that are asked about: instants, None for an open end."""

    low: int | None
    high: int | None


def read_times(call: Call) -> BookingTimesOutDto:
    """Return the times of a profile in the days of the query, each with the members of its page.

    With a rescheduleToken they are those to which the booking can move, with the accounts that it has. Raises
    ApiError if the calendars of too many members cannot be read.
    """
    profile, token = profile_in(call), call.query.reschedule_token
    moved = booking_of_token(call, profile, token) if token else None
    answer = ask(call, _query(call, profile, moved), "intervalLength")
    return _answer(call, answer, existing_meeting(call, moved) if moved else None)


def _query(call: Call, profile: gbook.Profile, moved: gbook.Record | None) -> gbook.Query:
    zone = gbook.profile_zone(call.workspace, profile)
    low, high = _window(call.query.from_date, call.query.interval_length, zone, call.now)
    if moved is not None:
        return gbook.move_request(call.context, moved).query(call.now, low, high)
    return gbook.Query(profile=profile, now=call.now, required=call.query.required, low=low, high=high)


def ask(call: Call, query: gbook.Query, key: str) -> gbook.Answer:
    """Return the answer to a query; `key` is where the request says how long its time is.

    Raises Refusal if it has too many slots, ApiError if calendars cannot be read, and too few members are
    left for any time.
    """
    try:
        answer = gbook.ask(call.workspace, query)
    except UsageError as error:
        raise invalid((key, "expected a shorter time, found one with too many slots")) from error
    known = [member for member in answer.members if _is_known(answer, member)]
    if len(known) < min(answer.needed, len(answer.members)):
        raise calendars_unreadable()
    return answer


def _is_known(answer: gbook.Answer, member: Member) -> bool:
    """Return whether the calendars of as many accounts as a member needs can be read."""
    readable = sum(answer.times[name].readable for name in member.accounts)
    return readable >= min(needed(member.required, len(member.accounts)), len(member.accounts))


def _window(first: date | None, length: str | None, zone: ZoneInfo, now: int) -> Window:
    """Return the days from the first date on, in `zone`; without a date they begin today.

    A period that ends within a day ends with it, so that a walk by nextFromDate misses nothing.
    """
    low = None if first is None or first.year < FIRST_YEAR else at_midnight(_bounded(first), zone)
    if length is None:
        return Window(low, None)
    begin = at_midnight(local(now, zone).date(), zone) if low is None else low
    end = local(Period.parse(length).after(begin, zone), zone)
    day = end.date()
    if end != local(at_midnight(day, zone), zone):
        day += timedelta(days=1)
    return Window(low, at_midnight(_bounded(day), zone))


def _bounded(day: date) -> date:
    return min(day, date(LAST_YEAR, 1, 1))


def _answer(call: Call, answer: gbook.Answer, existing: ExistingMeeting | None) -> BookingTimesOutDto:
    page, total = call.query.page, len(answer.members)
    profile, config = answer.query.profile, call.workspace.config
    members = answer.members[page.offset : page.offset + page.limit]
    done = page.offset + len(members) >= total
    low, high = answer.window
    return BookingTimesOutDto(
        items=slot_items(call.workspace, answer.slots, members),
        start_time=format_instant(low),
        end_time=format_instant(max(low, high)),
        time_available_for=profile.time_available_for,
        duration_minutes=profile.duration_minutes,
        availability_step=profile.availability_step,
        subject=profile.subject,
        primary_color=config.primary_color,
        secondary_color=config.secondary_color,
        additional_fields=_asked_for(profile),
        offset=page.offset,
        limit=page.limit,
        total_size=total,
        done=done,
        next_page_token=None if done else page._replace(offset=page.offset + page.limit).token,
        next_from_date=_next_date(answer),
        existing_meeting=existing,
    )


def _asked_for(profile: gbook.Profile) -> tuple[AdditionalField, ...]:
    return tuple(
        AdditionalField(name=field.name, type=field.type, default=field.default) for field in fields(profile)
    )


def _next_date(answer: gbook.Answer) -> date | None:
    """Return the date after the days that were asked about, unless the profile's period ends before it."""
    high = answer.query.high
    if high is None or high >= answer.period[1]:
        return None
    return local(high, answer.zone).date()
