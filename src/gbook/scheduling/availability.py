"""When a profile's meeting can take place: one function for listing and for booking.

    profile ─► candidate slots ─┐
    calendars ─► busy time ─────┴─► masks ─► slots

`ask` answers a `Query`. A booking asks about its own slot again, under the locks: so a slot can be booked
if and only if it is listed.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from gbook.calendars.busy.cached import OwnBooking
from gbook.calendars.busy.loader import Progress
from gbook.engine.candidates import Candidates, Meeting
from gbook.engine.intervals import Interval
from gbook.engine.quorum import Member, Required, Slot, find_slots, needed
from gbook.errors import NotFound, Warn, did_you_mean
from gbook.profiles.model import Profile
from gbook.profiles.rooms import accounts_in
from gbook.profiles.schedule import period
from gbook.scheduling.account_time import AccountBusy, Exemptions, load_accounts
from gbook.scheduling.masks import find_candidates, free_masks, series_of
from gbook.scheduling.zones import profile_zone
from gbook.timeutil.instants import DAY, MINUTE
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gbook.scheduling.sessions import Session
    from gbook.timeutil.repeats import Repeat

__all__ = [
    "Answer",
    "Query",
    "account_times",
    "ask",
    "bookable",
    "chosen_members",
    "is_past",
    "profile_members",
]

READONLY = "its first calendar is readonly, so that no booking can be written there"


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question: which profile, how many of its members, which members, in which window (instants)."""

    profile: Profile
    now: int
    # None: as many as the profile requires.
    required: Required | None = None
    # Only these members; both empty: all of them.
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    # The e-mail address of the guest, whose bookings are counted if the profile limits them.
    guest: str | None = None
    # The dates of a series, which the same accounts must take; the window is that of its first date.
    repeat: "Repeat | None" = None
    # Only the first date must be free; the others that are busy are left out.
    skip_busy: bool = False
    # The UID of a booking whose own time does not block (it is being moved); of a series only that of
    # `moving_date` (its RECURRENCE-ID, an instant), or all its dates.
    moving: str | None = None
    moving_date: int | None = None
    # A proposal whose reservations do not block: only one of its slots will be used.
    proposal: str | None = None
    # The accounts that have already agreed to `[low, high)`. It is then the only candidate, and neither the
    # hours of the profile nor those of these accounts matter. None: no time was agreed.
    agreed: tuple[str, ...] | None = None
    # How many people a room must have seats for, if more than the profile says.
    people: int | None = None
    # The time of the booking that is being moved, for each account that has declined it.
    declined: Mapping[str, Interval] = {}
    # The same for each that has accepted it.
    accepted: Mapping[str, Interval] = {}
    # Guests must be free too: the accounts among them (see `colleagues`), and the time of other bookings of
    # the guest, which no slot may overlap.
    attending: Mapping[str, Sequence[Interval]] = {}
    engaged: tuple[Interval, ...] = ()

    @property
    def quorum(self) -> Required:
        """How many members must be free: as asked, else as the profile says, at most all that are chosen."""
        if self.required is not None:
            return self.required
        required = self.profile.required
        if isinstance(required, int) and (self.accounts or self.groups):
            return min(required, len({*self.accounts}) + len({*self.groups}))
        return required

    @property
    def seats(self) -> int | None:
        """How many guests may share a slot; None for one guest.

        The seat of a time that was agreed before is kept. Neither a series nor a date of one joins a session.
        """
        if self.profile.seats and self.agreed:
            return sys.maxsize
        return self.profile.seats if self.repeat is None and self.moving_date is None else None

    @property
    def exempt(self) -> Exemptions:
        """The bookings that do not block it."""
        return Exemptions(self.now, self.moving, self.moving_date, self.proposal, self.accepted)


def is_past(query: Query) -> bool:
    """Return whether the window asked for has ended."""
    return query.high is not None and query.high <= query.now


class Answer(msgspec.Struct, frozen=True):
    """The slots of a query, and the data that they were found with."""

    query: Query
    zone: ZoneInfo
    # The window that was searched, and the whole period of the profile.
    window: Interval
    period: Interval
    members: Sequence[Member]
    candidates: Candidates
    times: Mapping[str, AccountBusy]
    free: Mapping[str, int]
    slots: Sequence[Slot] = ()
    warnings: Sequence[Warn] = ()
    # Of a series: the masks of each date, over the candidates of the first one (see `series`).
    by_date: Sequence[Mapping[str, int]] = ()
    # Of a profile with seats: the session that a guest joins, by its start.
    sessions: Mapping[int, "Session"] = {}
    # The accounts of members that are never free, since no copy can be written to their calendars.
    readonly: Sequence[str] = ()

    @property
    def needed(self) -> int:
        """How many members a slot needs."""
        return needed(self.query.quorum, len(self.members))

    @property
    def of_guest(self) -> Sequence[OwnBooking]:
        """The bookings of the query's guest, if the profile limits them."""
        return next((time.of_guest for time in self.times.values()), ())


def ask(
    workspace: Workspace,
    query: Query,
    progress: Progress | None = None,
    *,
    offered: Candidates | None = None,
) -> Answer:
    """Return the slots of a query. Raises NotFound for members that the profile does not have.

    A caller that has the profile's candidates in the query's window, or in a longer one, gives them as
    `offered`.
    """
    profile, zone = query.profile, profile_zone(workspace, query.profile)
    members = chosen_members(query)
    agreed = _agreed_time(query)
    whole = agreed or period(profile, zone, query.now)
    window = _within(whole, query.low, query.high)
    if agreed:
        candidates = _one_candidate(query, agreed)
    elif offered is not None:
        candidates = offered.within(window)
    else:
        candidates = find_candidates(profile, zone, window)
    series = series_of(query, candidates, zone)
    names = dict.fromkeys(account for member in members for account in member.accounts)
    accounts = [workspace.account(name) for name in dict.fromkeys([*names, *profile.optional])]
    around = _needed(query, window if series is None else (window[0], max(window[1], series.high)))
    times = account_times(workspace, query, accounts, around, progress)
    readonly = unwritable(workspace, times, names)
    free, by_date = free_masks(query, series or candidates, zone, times, readonly)
    warnings = [warning for time in times.values() for warning in time.warnings]
    warnings += [
        Warn("readonly_primary", f"account {name} is never free: {READONLY}", name) for name in readonly
    ]
    slots, sessions = bookable(query, candidates, members, free, times)
    if query.attending or query.engaged:
        # Only a query of --strict pays for it.
        from gbook.scheduling.colleagues import with_guests_free

        slots = with_guests_free(workspace, query, slots, zone)
    answer = Answer(query, zone, window, whole, members, candidates, times, free, slots, warnings)
    return msgspec.structs.replace(answer, by_date=by_date, sessions=sessions, readonly=readonly)


def bookable(
    query: Query,
    candidates: Candidates,
    members: Sequence[Member],
    free: Mapping[str, int],
    times: Mapping[str, AccountBusy],
) -> tuple[list[Slot], Mapping[int, "Session"]]:
    """Return the slots that enough members can take, a host among them, and the sessions that they join."""
    slots = find_slots(candidates, members, free, query.quorum, query.profile.optional)
    sessions: Mapping[int, Session] = {}
    if query.seats is not None:
        from gbook.scheduling.sessions import SessionRules, joined_or_new

        rules = SessionRules(query.profile, query.now, query.seats, members, query.quorum)
        slots, sessions = joined_or_new(slots, candidates, free, times, rules)
    if not all(times[name].account.can_host for member in members for name in member.accounts):
        slots = [slot for slot in slots if _has_host(slot, times)]
    return slots, sessions


def account_times(
    workspace: Workspace,
    query: Query,
    accounts: Sequence[Account],
    window: Interval,
    progress: Progress | None = None,
) -> dict[str, AccountBusy]:
    """Return the busy time of these accounts in `window`, without the bookings that the query ignores.

    Each has the bookings of the query's guest too, if the profile limits them.
    """
    zone = profile_zone(workspace, query.profile)
    times = load_accounts(
        workspace, accounts_in(query.profile, accounts), zone, window, query.exempt, progress
    )
    if not query.guest or not query.profile.limits_guests:
        return times
    from gbook.scheduling.guest_bookings import with_guest_bookings

    return with_guest_bookings(workspace, query.profile, query.guest, query.exempt, times)


def unwritable(workspace: Workspace, times: Mapping[str, AccountBusy], accounts: Iterable[str]) -> list[str]:
    """Return the accounts that cannot take a meeting, since no copy can be written to their calendars."""
    if workspace.config.deliver == "host":
        return []
    return [
        name
        for name in accounts
        if times[name].readable
        and not (times[name].account.is_writable or times[name].account.is_invited_by_mail)
    ]


def _has_host(slot: Slot, times: Mapping[str, AccountBusy]) -> bool:
    """Return whether an account that can take a slot can be its host."""
    able = chain(slot.accounts, *slot.groups.values())
    return any(times[name].account.can_host for name in able)


def _agreed_time(query: Query) -> Interval | None:
    if query.agreed is None or query.low is None or query.high is None:
        return None
    return query.low, query.high


def _one_candidate(query: Query, agreed: Interval) -> Candidates:
    """Return the slot whose time was agreed, unless it has begun."""
    start, end = agreed
    before, after = query.profile.buffer_before_minutes, query.profile.buffer_between_minutes
    return Candidates(
        [start] if start >= query.now else [], Meeting(end - start, before * MINUTE, after * MINUTE)
    )


def profile_members(profile: Profile) -> list[Member]:
    """Return the members of a profile: accounts first, then groups, each in the profile's order."""
    attached = [Member((account,)) for account in profile.accounts]
    return attached + [Member(group.account_ids, group.ext_id, group.required) for group in profile.groups]


def chosen_members(query: Query) -> list[Member]:
    """Return the members that a query names, else all. Raises NotFound for one that the profile has not."""
    members = profile_members(query.profile)
    if not (query.accounts or query.groups):
        return members
    attached = {member.id for member in members if member.group is None}
    groups = {member.group for member in members if member.group is not None}
    for noun, named, known in (("account", query.accounts, attached), ("group", query.groups, groups)):
        for name in named:
            if name not in known:
                near = did_you_mean(name, sorted(filter(None, known)))
                raise NotFound(f"no {noun} {name!r} is attached to {query.profile.noun}{near}")
    return [
        member
        for member in members
        if member.id in (query.accounts if member.group is None else query.groups)
    ]


def _within(whole: Interval, low: int | None, high: int | None) -> Interval:
    return (
        whole[0] if low is None else max(whole[0], low),
        whole[1] if high is None else min(whole[1], high),
    )


def _needed(query: Query, window: Interval) -> Interval:
    """Return the window of calendars that slots of `window` depend on: buffers and whole days included."""
    profile = query.profile
    reach = (profile.buffer_before_minutes + profile.buffer_between_minutes) * MINUTE + 2 * DAY
    return window[0] - reach, max(window) + reach
