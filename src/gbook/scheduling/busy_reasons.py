"""The events and bookings of an account that block a slot, as reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gbook.engine.intervals import Interval
from gbook.errors import GbookError
from gbook.scheduling.account_time import AccountBusy, read_options
from gbook.scheduling.limits import buffers_of, is_of_profile
from gbook.scheduling.reason import Reason
from gbook.scheduling.slot_case import SlotCase
from gbook.timeutil.format import count
from gbook.timeutil.instants import MINUTE
from gbook.workspace.calendar_ref import CalendarRef

if TYPE_CHECKING:
    from gbook.calendars.busy.cached import OwnBooking, ReadOptions
    from gbook.calendars.busy.events import Event

__all__ = ["busy_reasons", "shares_slot"]

# Characters of a subject in a message.
SUBJECT_LENGTH = 60


class _Busy(NamedTuple):
    """A busy interval, and the seconds that must be free before and after it."""

    start: int
    end: int
    # What the message calls it.
    name: str = ""
    subject: str | None = None
    calendar: str | None = None
    buffers: tuple[int, int] = (0, 0)


def busy_reasons(case: SlotCase, time: AccountBusy) -> list[Reason]:
    """Return the events and bookings that block the slot, in order of time."""
    reasons = [reason for calendar in time.account.calendars for reason in _events_of(case, time, calendar)]
    known = {(reason.start, reason.end) for reason in reasons}
    reasons += (reason for reason in _bookings(case, time) if (reason.start, reason.end) not in known)
    return sorted(dict.fromkeys(reasons), key=lambda reason: (reason.start or 0, reason.end or 0))


def _events_of(case: SlotCase, time: AccountBusy, calendar: CalendarRef) -> Iterator[Reason]:
    """Return the events of one calendar that block the slot; `_unreadable` reports read errors."""
    from gbook.calendars.busy.files import read_files

    view = read_options(time.account, calendar, case.profile_zone)
    try:
        for file in read_files(case.workspace.store(calendar), view, _reach(case, time)):
            for start, end in file.freebusy()[0]:
                yield from _busy(case, _Busy(start, end, calendar=calendar.shown))
            for start, end, event in file.occurrences():
                yield from _event(case, _Busy(start, end, calendar=calendar.shown), event, view)
    except GbookError:
        return


def _reach(case: SlotCase, time: AccountBusy) -> Interval:
    """Return the slot and the time around it that must be free, the buffers of other bookings included."""
    widest = max((max(buffers_of(booking, case.query.profile)) for booking in time.bookings), default=0)
    return case.around[0] - widest, case.around[1] + widest


def _event(case: SlotCase, busy: _Busy, event: Event, view: ReadOptions) -> Iterator[Reason]:
    """Return the reason that an event gives, if it blocks the slot."""
    from gbook.calendars.busy.events import blocks, read_own_booking

    query = case.query
    if not event.is_ours or event.is_series:
        if not blocks(event, view.policy, view.email):
            return
    else:
        booked, _ = read_own_booking(event, view.policy, view.email)
        if query.exempt.includes(booked) or not booked.blocks_at(query.now):
            return
        if shares_slot(case, booked):
            return
        busy = busy._replace(buffers=buffers_of(booked, query.profile))
    if event.is_private:
        yield from _busy(case, busy._replace(name="private event"))
    else:
        subject = event.subject
        yield from _busy(case, busy._replace(name=_shortened(subject), subject=subject or None))


def _bookings(case: SlotCase, time: AccountBusy) -> Iterator[Reason]:
    """Return the account's bookings that block the slot, also those that only another calendar holds."""
    query = case.query
    for booking in time.bookings:
        if booking.blocks_at(query.now) and not shares_slot(case, booking):
            origin = f"of profile {booking.profile}" if booking.profile else "without a profile"
            name = f"booking {origin}, host {booking.host}"
            buffers = buffers_of(booking, query.profile)
            yield from _busy(case, _Busy(booking.start, booking.end, name, buffers=buffers))


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
    details = ", ".join(filter(None, (busy.name, busy.calendar)))
    yield Reason(code, f"{text} ({details})" if details else text, start, end, busy.subject, busy.calendar)


def shares_slot(case: SlotCase, booked: OwnBooking) -> bool:
    """Return whether a booking only takes a seat of the slot: `_full_session` says if that matters."""
    is_same = (booked.start, booked.end) == (case.start, case.end)
    return bool(case.query.seats) and is_same and is_of_profile(booked, case.query.profile)


def _shortened(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_LENGTH else f"{subject[: SUBJECT_LENGTH - 1].rstrip()}…"
