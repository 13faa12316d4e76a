"""Sessions: bookings of a profile with seats that share one time and the same accounts, each of a guest.

    free accounts and sessions with a seat left ─► masks ─► slots ─► by slot: a session to join, or a new one

A session does not take the time of its accounts for its own slot until all seats are taken; for any other
time, and for other profiles, its bookings take time as all others do. A guest joins a session, and meets all
its accounts, before a new one begins with other accounts at that time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from gbook.calendars.busy.cached import OwnBooking
from gbook.engine.candidates import Candidates
from gbook.engine.intervals import Intervals
from gbook.engine.quorum import Member, Required, Slot, find_slots
from gbook.profiles.model import Profile
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.limits import is_of_profile

__all__ = ["Session", "SessionRules", "joinable", "joined_or_new", "sessions_of", "takes_seat"]


class Session(NamedTuple):
    """The accounts of a session at `[start, end)`, the host first, and how many seats are taken."""

    start: int
    end: int
    accounts: tuple[str, ...]
    taken: int

    @property
    def length(self) -> int:
        """Its length in seconds."""
        return self.end - self.start


def sessions_of(profile: Profile, now: int, time: AccountBusy) -> list[Session]:
    """Return the sessions of a profile that take the time of an account, at `now`."""
    keys: dict[tuple[int, int, frozenset[str]], dict[object, OwnBooking]] = {}
    for booking in time.bookings:
        if time.account.id in booking.accounts and takes_seat(booking, profile, now):
            key = booking.start, booking.end, frozenset(booking.accounts)
            keys.setdefault(key, {})[booking.key] = booking
    return [
        Session(start, end, next(iter(booked.values())).accounts, len(booked))
        for (start, end, _), booked in keys.items()
    ]


def takes_seat(booking: OwnBooking, profile: Profile, now: int) -> bool:
    """Return whether a booking takes a seat of a profile at `now`."""
    return is_of_profile(booking, profile) and booking.blocks_at(now)


def joinable(
    profile: Profile,
    now: int,
    seats: int,
    candidates: Candidates,
    time: AccountBusy,
    is_free: Callable[[Candidates, AccountBusy], int],
) -> int:
    """Return the mask of the slots at which an account has a session with a seat left.

    `is_free` says whether the account can take one slot, here with its time but for that session.
    """
    mask = 0
    for session in sessions_of(profile, now, time):
        position = bisect_left(candidates.starts, session.start)
        is_slot = candidates.starts[position : position + 1] == [session.start]
        if is_slot and session.taken < seats and session.length == candidates.meeting.duration:
            one = Candidates([session.start], candidates.meeting)
            mask |= is_free(one, _without(time, session, profile, now)) << position
    return mask


def _without(time: AccountBusy, session: Session, profile: Profile, now: int) -> AccountBusy:
    """Return the time of an account without the bookings of a session."""
    bookings = [
        booking
        for booking in time.bookings
        if not (
            takes_seat(booking, profile, now)
            and (booking.start, booking.end) == (session.start, session.end)
            and set(booking.accounts) == set(session.accounts)
        )
    ]
    taken = Intervals((one.start, one.end) for one in bookings if one.blocks_at(now))
    return msgspec.structs.replace(time, busy=time.events | taken, bookings=bookings)


class SessionRules(NamedTuple):
    """The values of a query that its sessions depend on. `seats` are those that a session may have."""

    profile: Profile
    now: int
    seats: int
    members: Sequence[Member]
    required: Required


def joined_or_new(
    slots: Sequence[Slot],
    candidates: Candidates,
    free: Mapping[str, int],
    times: Mapping[str, AccountBusy],
    rules: SessionRules,
) -> tuple[list[Slot], dict[int, Session]]:
    """Return the slots with those who would meet: a session with a seat left, or else accounts of no session.

    Also return the session to join at each start. `free` are masks in which accounts are free for a new
    session, or have one with a seat left at that very time. A slot that neither gives is left out.
    """
    by_start = _by_start(rules, times)
    positions = {start: position for position, start in enumerate(candidates.starts)}
    found: list[Slot] = []
    joined: dict[int, Session] = {}
    for slot in slots:
        sessions = [each for each in by_start.get(slot.start, ()) if each.end == slot.end]
        if not sessions:
            found.append(msgspec.structs.replace(slot, seats_left=rules.seats))
            continue
        bit = 1 << positions[slot.start]
        able = {name for name, mask in free.items() if mask & bit}
        for session, accounts in _choices(sessions, able, rules):
            if one := _slot_of(slot, accounts, free, candidates, rules):
                left = rules.seats - (session.taken if session else 0)
                found.append(msgspec.structs.replace(one, optional=slot.optional, seats_left=left))
                if session:
                    joined[slot.start] = session
                break
    return found, joined


def _by_start(rules: SessionRules, times: Mapping[str, AccountBusy]) -> dict[int, list[Session]]:
    """Return all sessions by start, each once, with the highest number of seats taken."""
    merged: dict[tuple[int, int, frozenset[str]], Session] = {}
    for time in times.values():
        for session in sessions_of(rules.profile, rules.now, time):
            key = session.start, session.end, frozenset(session.accounts)
            if (known := merged.get(key)) is None or known.taken < session.taken:
                merged[key] = session
    by_start: dict[int, list[Session]] = {}
    for session in merged.values():
        by_start.setdefault(session.start, []).append(session)
    return by_start


def _choices(
    sessions: Sequence[Session], able: set[str], rules: SessionRules
) -> Iterator[tuple[Session | None, set[str]]]:
    """Yield the sessions that can be joined, the fullest first, then the accounts that have no session."""
    order = [name for member in rules.members for name in member.accounts]
    joinable = [
        each for each in sessions if each.taken < rules.seats and able.intersection(order) >= {*each.accounts}
    ]
    for session in sorted(joinable, key=lambda each: (-each.taken, min(map(order.index, each.accounts)))):
        yield session, {*session.accounts}
    yield None, able.difference(*(session.accounts for session in sessions))


def _slot_of(
    slot: Slot, accounts: set[str], free: Mapping[str, int], candidates: Candidates, rules: SessionRules
) -> Slot | None:
    """Return the slot if only these accounts can take it; None if they are not enough."""
    one = Candidates([slot.start], candidates.meeting)
    masks = {name: int(name in accounts) for name in free}
    return next(iter(find_slots(one, rules.members, masks, rules.required)), None)
