"""The reasons why a time cannot be booked: rules of the profile, and each account's hours and events.

This module decides nothing: `explain` asks for reasons only if `ask` has found the time unavailable.
The text of every refusal is here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from gbook.engine.intervals import Interval, Intervals
from gbook.errors import GbookError
from gbook.profiles.schedule import working_intervals
from gbook.scheduling.account_time import AccountBusy, read_options
from gbook.scheduling.availability import READONLY, Answer, find_candidates, keeps, unwritable
from gbook.scheduling.limits import buffers_of, full_days, own_closed_time
from gbook.timeutil.format import count, day_name, days, time_range
from gbook.timeutil.instants import DAY, END_OF_TIME, MINUTE, at_midnight, local, parse_instant
from gbook.workspace.config import CalendarRef
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gbook.calendars.busy.cached import ReadOptions
    from gbook.calendars.busy.events import Event

__all__ = ["Reason", "SlotCase", "account_reasons", "rules"]

# Characters of a subject in a message.
SUBJECT_LENGTH = 60


class Reason(NamedTuple):
    """One reason why a time cannot be booked. `code` is stable; `start` and `end` are instants.

    Codes of the profile: past, notice, period, closed, off_grid.
    Codes of an account: own_hours, cap, busy, buffer, unreadable, no_calendar, readonly.
    """

    code: str
    message: str
    start: int | None = None
    end: int | None = None
    # The title of an event that is not private.
    subject: str | None = None
    # As the user named it.
    calendar: str | None = None


class _Busy(NamedTuple):
    """A busy interval, and the seconds that must be free before and after it."""

    start: int
    end: int
    what: str = ""
    subject: str | None = None
    calendar: str | None = None
    buffers: tuple[int, int] = (0, 0)


class SlotCase(NamedTuple):
    """The slot `[start, end)` that is explained, and the answer that refused it; messages are in `zone`."""

    workspace: Workspace
    answer: Answer
    start: int
    end: int
    zone: ZoneInfo

    @property
    def day(self) -> date:
        """The date of the slot, as it is shown."""
        return local(self.start, self.zone).date()

    def buffers(self, other: tuple[int, int] = (0, 0)) -> tuple[int, int]:
        """Return the seconds to keep free before and after, next to a meeting with the buffers `other`."""
        profile = self.answer.query.profile
        before, after = profile.buffer_before_minutes * MINUTE, profile.buffer_between_minutes * MINUTE
        return max(before, other[1]), max(after, other[0])

    @property
    def around(self) -> Interval:
        """The slot and the time around it that must be free, next to another meeting of the profile too."""
        before, after = self.buffers()
        longer = max(before, after)
        return self.start - longer, self.end + longer

    def say(self, start: int, end: int) -> str:
        """Return an interval as text, with the date if it is not the slot's."""
        if end >= END_OF_TIME:
            return f"from {day_name(local(start, self.zone).date())} on"
        first, last = local(start, self.zone).date(), local(end - 1, self.zone).date()
        midnights = at_midnight(first, self.zone), at_midnight(last + timedelta(days=1), self.zone)
        if (start, end) == midnights:
            return "all day" if first == last == self.day else days(first, last)
        times = time_range(start, end, self.zone)
        return times if first == self.day else f"{day_name(first)} {times}"

    def say_all(self, intervals: Intervals) -> str:
        """Return several intervals as text."""
        return ", ".join(self.say(start, end) for start, end in intervals)


def rules(case: SlotCase) -> Iterator[Reason]:
    """Return the profile's rules that forbid the slot, whether or not members are free."""
    profile, now, (_, last) = case.answer.query.profile, case.answer.query.now, case.answer.period
    notice = now + profile.start_after_minutes * MINUTE
    if case.start < now:
        yield Reason("past", "it is in the past", None, now)
    if case.answer.query.agreed is not None:
        return
    if now <= case.start < notice:
        minutes = count(profile.start_after_minutes, "minute")
        text = f"it is less than {minutes} from now, the profile's minimum notice"
        yield Reason("notice", text, now, notice)
    if profile.start_time and case.start < (first := parse_instant(profile.start_time, case.zone)):
        yield Reason("period", f"the profile's period begins {_moment(first, case.zone)}", None, first)
    if case.end > last:
        yield Reason("period", f"the profile's period ends {_moment(last, case.zone)}", last, None)
    if not find_candidates(profile, case.answer.zone, (case.start, case.end)):
        yield _outside_grid(case)


def account_reasons(case: SlotCase, time: AccountBusy) -> list[Reason]:
    """Return why an account cannot take the slot, apart from the profile's rules."""
    found = [
        *_unreadable(time),
        *_readonly(case, time),
        *([] if keeps(case.answer.query, time) else _own_hours(case, time)),
        *_full_day(case, time),
        *_events(case, time),
    ]
    return found or list(_any_busy(case, time))


def _outside_grid(case: SlotCase) -> Reason:
    profile, zone = case.answer.query.profile, case.answer.zone
    midnight, next_midnight = _day_of(case.start, zone)
    intervals = working_intervals(
        profile.work_hours, zone, (midnight, next_midnight + DAY), profile.availability_intervals
    )
    hours = Intervals((interval.start, interval.end) for interval in intervals)
    if hours.covers(case.start, case.end):
        return Reason("off_grid", f"no slot starts at that time{_closest(case)}")
    that_day = Intervals((start, end) for start, end in hours if start < next_midnight)
    if not that_day:
        return Reason("closed", f"the profile has no hours on {day_name(local(case.start, zone).date())}")
    return Reason("closed", f"it is outside the profile's hours ({case.say_all(that_day)})")


def _closest(case: SlotCase) -> str:
    """Return the starts of the slots before and after, as text."""
    starts = find_candidates(
        case.answer.query.profile, case.answer.zone, (case.start - DAY, case.end + DAY)
    ).starts
    position = bisect_left(starts, case.start)
    near = [_clock(start, case) for start in starts[max(0, position - 1) : position + 1]]
    return f": slots start at {' and '.join(near)}" if near else ""


def _clock(instant: int, case: SlotCase) -> str:
    moment = local(instant, case.zone)
    return f"{moment:%H:%M}" if moment.date() == case.day else _moment(instant, case.zone)


def _unreadable(time: AccountBusy) -> Iterator[Reason]:
    for warning in time.warnings:
        if warning.code == "unreadable_calendar":
            yield Reason("unreadable", f"{warning.path}: {warning.message}", calendar=warning.path)
        elif warning.code == "no_calendar":
            yield Reason("no_calendar", "has no calendar")


def _readonly(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    name, calendar = time.account.id, time.account.primary
    if calendar is not None and unwritable(case.workspace, {name: time}, [name]):
        yield Reason("readonly", READONLY, calendar=calendar.path)


def _own_hours(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    closed = own_closed_time(time.account, case.answer.zone, case.start - DAY, case.end + DAY)
    inside = closed.clip(case.start, case.end)
    if not inside:
        return
    midnight, next_midnight = _day_of(case.start, case.zone)
    hours = own_closed_time(time.account, case.answer.zone, midnight, next_midnight).gaps(
        midnight, next_midnight
    )
    text = f"outside own work hours ({case.say_all(hours)})" if hours else "no own work hours that day"
    yield Reason("own_hours", text, inside.starts[0], inside.ends[-1])


def _full_day(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    cap = case.answer.query.profile.max_bookings_per_day or 0
    query = case.answer.query
    for start, end in full_days(query.profile, query.now, case.answer.zone, time):
        if start <= case.start < end:
            text = f"already has {count(cap, 'booking')} of the profile that day, the maximum"
            yield Reason("cap", text, start, end)


def _events(case: SlotCase, time: AccountBusy) -> list[Reason]:
    found = [reason for calendar in time.account.calendars for reason in _events_of(case, time, calendar)]
    known = {(reason.start, reason.end) for reason in found}
    found += (reason for reason in _bookings(case, time) if (reason.start, reason.end) not in known)
    return sorted(dict.fromkeys(found), key=lambda reason: (reason.start or 0, reason.end or 0))


def _events_of(case: SlotCase, time: AccountBusy, calendar: CalendarRef) -> Iterator[Reason]:
    """Return the events of one calendar that block the slot; `_unreadable` reports read errors."""
    from gbook.calendars.busy.reader import read_file
    from gbook.calendars.stores.vdir import list_items, read_bytes

    view = read_options(time.account, calendar, case.answer.zone)
    try:
        for item in list_items(case.workspace.calendar_path(calendar)):
            file = read_file(read_bytes(item.path), view, *_reach(case, time))
            for start, end in file.freebusy()[0]:
                yield from _busy(case, _Busy(start, end, calendar=calendar.path))
            for start, end, event in file.occurrences():
                yield from _event(case, _Busy(start, end, calendar=calendar.path), event, view)
    except GbookError:
        return


def _reach(case: SlotCase, time: AccountBusy) -> Interval:
    """Return the slot and the time around it that must be free, the buffers of other bookings included."""
    widest = max((max(buffers_of(one, case.answer.query.profile)) for one in time.bookings), default=0)
    return case.around[0] - widest, case.around[1] + widest


def _event(case: SlotCase, busy: _Busy, event: Event, view: ReadOptions) -> Iterator[Reason]:
    """Return the reason that an event gives, if it blocks the slot."""
    from gbook.calendars.busy.events import blocks, read_own_booking

    query = case.answer.query
    if not event.is_ours or event.is_series:
        if not blocks(event, view.policy, view.email):
            return
    else:
        booked, _ = read_own_booking(event, view.policy, view.email)
        together = query.proposal is not None and booked.proposal == query.proposal
        if booked.uid == query.moving or together or not booked.blocks_at(query.now):
            return
        busy = busy._replace(buffers=buffers_of(booked, query.profile))
    if event.is_private:
        yield from _busy(case, busy._replace(what="private event"))
    else:
        subject = " ".join(event.text("SUMMARY").split())
        yield from _busy(case, busy._replace(what=_shortened(subject), subject=subject or None))


def _bookings(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    """Return the account's bookings that block the slot, also those that only another calendar holds."""
    query = case.answer.query
    for one in time.bookings:
        if one.blocks_at(query.now):
            what = f"booking of profile {one.profile}, host {one.host}"
            yield from _busy(case, _Busy(one.start, one.end, what, buffers=buffers_of(one, query.profile)))


def _busy(case: SlotCase, busy: _Busy) -> Iterator[Reason]:
    """Return the reason that busy time gives, if it overlaps the slot or its buffers."""
    before, after = case.buffers(busy.buffers)
    start, end = busy.start, busy.end
    if start >= end or start >= case.end + after or end <= case.start - before:
        return
    code, text = "busy", f"busy {case.say(start, end)}"
    if end <= case.start or start >= case.end:
        minutes, side = (before, "before") if end <= case.start else (after, "after")
        buffer = f"{count(minutes // MINUTE, 'minute')} {side}"
        code, text = "buffer", f"{text}, within the {buffer} the meeting that must be free"
    details = ", ".join(filter(None, (busy.what, busy.calendar)))
    yield Reason(code, f"{text} ({details})" if details else text, start, end, busy.subject, busy.calendar)


def _any_busy(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    """Return busy time that no calendar holds any more, since it has just been removed."""
    for start, end in time.busy.clip(*case.around):
        yield Reason("busy", f"busy {case.say(start, end)}", start, end)


def _shortened(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_LENGTH else f"{subject[: SUBJECT_LENGTH - 1].rstrip()}…"


def _day_of(instant: int, zone: ZoneInfo) -> Interval:
    day = local(instant, zone).date()
    return at_midnight(day, zone), at_midnight(day + timedelta(days=1), zone)


def _moment(instant: int, zone: ZoneInfo) -> str:
    moment = local(instant, zone)
    return f"{day_name(moment.date())} {moment:%H:%M}"
