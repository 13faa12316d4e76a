"""The reasons why a time cannot be booked, and why a window has no slots, in sentences.

Reasons are rules of the profile, and each account's hours, limits and events. They decide nothing: `ask` has
decided before, and `no_slots_cause` has found the cause of an empty window.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from gbook.engine.intervals import Interval, Intervals
from gbook.errors import UNREAD
from gbook.profiles.model import Profile
from gbook.profiles.rooms import lack_of
from gbook.profiles.schedule import working_intervals
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.availability import READONLY, Answer, is_past, unwritable
from gbook.scheduling.busy_reasons import busy_reasons
from gbook.scheduling.cap_reasons import reached, reached_caps
from gbook.scheduling.caps import full_for_account, full_for_guest
from gbook.scheduling.limits import own_closed_time
from gbook.scheduling.masks import find_candidates, is_suitable, keeps
from gbook.scheduling.obstacles import NoSlots, no_slots_cause
from gbook.scheduling.reason import Reason
from gbook.scheduling.sessions import sessions_of
from gbook.scheduling.slot_case import SlotCase
from gbook.timeutil.format import count, day_name, period_name
from gbook.timeutil.instants import DAY, MINUTE, at_midnight, local, parse_instant
from gbook.workspace.config import Account

__all__ = ["NO_HOST", "OTHER_SESSION", "account_reasons", "no_slots_sentence", "rules"]

# The members that are available cannot be hosts.
NO_HOST = "no available member has a writable calendar to host the event"

# Each account can meet, but not without others of its session.
OTHER_SESSION = "those who are free are in a session with others who cannot meet, or who are not asked for"


def rules(case: SlotCase) -> Iterator[Reason]:
    """Return the profile's rules that forbid the slot, whether or not members are free."""
    profile, now, (_, last) = case.query.profile, case.query.now, case.period
    notice = now + profile.start_after_minutes * MINUTE
    is_first = case.position == 0
    if is_first and case.start < now:
        yield Reason("past", "it is in the past", None, now)
    if case.query.agreed is not None:
        yield from _guest_caps(case)
        return
    if is_first and now <= case.start < notice:
        minutes = count(profile.start_after_minutes, "minute")
        text = f"it is less than {minutes} from now, the {_noun(profile)}'s minimum notice"
        yield Reason("notice", text, now, notice)
    if profile.start_time and case.start < (first := parse_instant(profile.start_time, case.zone)):
        yield Reason("period", f"the {_noun(profile)}'s period begins {case.say_instant(first)}", None, first)
    if case.end > last:
        yield Reason("period", f"the {_noun(profile)}'s period ends {case.say_instant(last)}", last, None)
    if not find_candidates(profile, case.profile_zone, (case.start, case.end)):
        yield _outside_grid(case)
    yield from _guest_caps(case)


def account_reasons(case: SlotCase, time: AccountBusy) -> list[Reason]:
    """Return why an account cannot take the slot, apart from the profile's rules."""
    reasons = [
        *_unreadable(time),
        *_readonly(case, time),
        *_unsuitable(case, time),
        *([] if keeps(case.query, time) else _own_hours(case, time)),
        *([] if keeps(case.query, time) else _caps(case, time)),
        *_full_session(case, time),
        *_declined(case, time),
        *busy_reasons(case, time),
    ]
    return reasons or list(_any_busy(case, time))


def no_slots_sentence(answer: Answer, zone: ZoneInfo) -> str:
    """Return the first cause that the window of an answer has no slots; dates are in `zone`."""
    profile = answer.query.profile
    minutes, noun = count(profile.duration_minutes, "minute"), _noun(profile)
    match no_slots_cause(answer):
        case NoSlots.NO_MEMBERS:
            return f"the profile has no members; add some: gbook profile attach-accounts {profile.name} ID…"
        case NoSlots.OUTSIDE_PERIOD if is_past(answer.query):
            return "that range is in the past."
        case NoSlots.OUTSIDE_PERIOD:
            dates = period_name(answer.period, zone)
            return f"that range is outside the {noun}'s booking window ({dates})."
        case NoSlots.SHORT_WINDOW:
            return f"that range leaves less than {minutes} of the {noun}'s booking window."
        case NoSlots.NO_HOURS:
            return f"the {noun} has no working hours of {minutes} or more in that range."
        case NoSlots.NO_DATES:
            return f"the {noun}'s hours and period have no room for all dates of the series."
        case NoSlots.FEW_MEMBERS:
            return f"{answer.needed} members are required, and there are only {len(answer.members)}."
        case NoSlots.NEVER_FREE:
            return f"{'; '.join([_never_free(answer), *reached_caps(answer)])}."


def _noun(profile: Profile) -> str:
    """Return what sets the rules: a profile, or the options of a meeting without one."""
    return "profile" if profile.name else "meeting"


def _outside_grid(case: SlotCase) -> Reason:
    profile, zone = case.query.profile, case.profile_zone
    midnight, next_midnight = _day_of(case.start, zone)
    intervals = working_intervals(
        profile.work_hours, zone, (midnight, next_midnight + DAY), profile.availability_intervals
    )
    hours = Intervals((interval.start, interval.end) for interval in intervals)
    if hours.covers(case.start, case.end):
        return Reason("off_grid", f"no slot starts at that time{_closest(case)}")
    that_day = Intervals((start, end) for start, end in hours if start < next_midnight)
    if not that_day:
        return Reason(
            "closed", f"the {_noun(profile)} has no hours on {day_name(local(case.start, zone).date())}"
        )
    return Reason("closed", f"it is outside the {_noun(profile)}'s hours ({case.say_all(that_day)})")


def _closest(case: SlotCase) -> str:
    """Return the starts of the slots before and after, as text."""
    starts = find_candidates(case.query.profile, case.profile_zone, (case.start - DAY, case.end + DAY)).starts
    position = bisect_left(starts, case.start)
    near = [case.say_clock(start) for start in starts[max(0, position - 1) : position + 1]]
    return f": slots start at {' and '.join(near)}" if near else ""


def _unreadable(time: AccountBusy) -> Iterator[Reason]:
    for warning in time.warnings:
        if warning.code in UNREAD:
            yield Reason("unreadable", f"{warning.path}: {warning.message}", calendar=warning.path)
        elif warning.code == "no_calendar":
            yield Reason("no_calendar", "has no calendar")


def _readonly(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    name, calendar = time.account.id, time.account.primary
    if calendar is not None and unwritable(case.workspace, {name: time}, [name]):
        yield Reason("readonly", READONLY, calendar=calendar.shown)


def _unsuitable(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    if is_suitable(case.query, time):
        return
    lack = lack_of(time.account, case.query.profile, case.query.people)
    if lack.seats:
        yield Reason("capacity", f"{_seats(time.account)}, {lack.seats} needed")
    if lack.features:
        yield Reason("features", f"lacks {', '.join(lack.features)}")


def _seats(account: Account) -> str:
    """Return the seats of a room or resource in words."""
    if account.capacity is None:
        return "has no capacity in gbook.yaml"
    return f"has {count(account.capacity, 'seat')}"


def _own_hours(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    closed = own_closed_time(time.account, case.profile_zone, case.start - DAY, case.end + DAY)
    inside = closed.clip(case.start, case.end)
    if not inside:
        return
    midnight, next_midnight = _day_of(case.start, case.zone)
    hours = own_closed_time(time.account, case.profile_zone, midnight, next_midnight).gaps(
        midnight, next_midnight
    )
    text = f"outside own work hours ({case.say_all(hours)})" if hours else "no own work hours that day"
    yield Reason("own_hours", text, inside.starts[0], inside.ends[-1])


def _caps(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    profile = case.query.profile
    for full in full_for_account(profile, case.query.now, case.profile_zone, time):
        if full.start <= case.start < full.end:
            yield Reason("cap", f"has {reached(profile, full)}", full.start, full.end)


def _guest_caps(case: SlotCase) -> Iterator[Reason]:
    profile = case.query.profile
    for full in full_for_guest(profile, case.profile_zone, case.of_guest):
        if full.start <= case.start < full.end:
            text = f"guest {case.query.guest} has {reached(profile, full)}"
            yield Reason("guest_cap", text, full.start, full.end)


def _full_session(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    profile, seats = case.query.profile, case.query.seats
    for session in sessions_of(profile, case.query.now, time) if seats else ():
        if (session.start, session.end) == (case.start, case.end) and session.taken >= (seats or 0):
            yield Reason("seats", f"all {profile.seats} seats are taken", case.start, case.end)


def _declined(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    start, end = case.query.declined.get(time.account.id, (0, 0))
    if Intervals([(start, end)]).clip(*case.around):
        yield Reason("declined", f"has declined this meeting {case.say(start, end)}", start, end)


def _any_busy(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    """Return busy time that no calendar holds any more, since it has just been removed."""
    for start, end in time.busy.clip(*case.around):
        yield Reason("busy", f"busy {case.say(start, end)}", start, end)


def _day_of(instant: int, zone: ZoneInfo) -> Interval:
    day = local(instant, zone).date()
    return at_midnight(day, zone), at_midnight(day + timedelta(days=1), zone)


def _never_free(answer: Answer) -> str:
    """Return who is never free; if less than the whole period was searched, it says that."""
    members = len(answer.members)
    is_part = answer.window != answer.period
    where = " in that range" if is_part else ""
    if answer.query.repeat is not None and not answer.query.skip_busy:
        where = f" on all {count(answer.query.repeat.count, 'date')}{where}"
    if members == 1:
        return f"{answer.members[0].id} is never free{where}"
    if answer.needed == members:
        return f"the {members} members are never all free at the same time{where}"
    if answer.needed == 1:
        return f"none of the {members} members is {'' if is_part else 'ever '}free{where}"
    return f"{answer.needed} of the {members} members are never free at the same time{where}"
