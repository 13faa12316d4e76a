"""When can a profile's meeting take place: the one function behind listing and booking.

    profile ─► candidate slots ─┐
    calendars ─► busy time ─────┴─► masks ─► slots

`ask` answers a `Query`. A booking asks it about the one slot that it is for, under the locks; so what is
listed can be booked, and only that.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import msgspec

from gbook.availability.candidates import Candidates, Meeting, candidate_starts
from gbook.availability.members import Member, Required, Slot, find_slots
from gbook.availability.spans import Span, Spans
from gbook.calendars.digest import Booked, Policy, View
from gbook.calendars.load import CalendarTime, Progress, Source, load_calendars
from gbook.errors import NotFound, Warn, did_you_mean
from gbook.index import Index
from gbook.instants import DAY, MINUTE, at_midnight, local
from gbook.profiles.model import Profile
from gbook.profiles.schedule import closed_time, period, working_intervals
from gbook.workspace import Account, CalendarRef, Workspace
from gbook.zones import find_zone

__all__ = [
    "AccountTime",
    "Answer",
    "Query",
    "ask",
    "chosen_members",
    "find_candidates",
    "free_slots",
    "full_days",
    "hosted",
    "keeps",
    "load_accounts",
    "own_closed_time",
    "profile_members",
    "profile_zone",
    "view_of",
]

READONLY = "its first calendar is readonly, and nothing can be booked in it"
# How far back and ahead `assignment: balanced` counts bookings.
BALANCE = 14 * DAY


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: a profile, how many of its members, of which members, in which window (instants)."""

    profile: Profile
    now: int
    required: Required = "one"
    # Only these members; both empty: all of them.
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    # The UID of a booking whose own time does not block (it is being moved).
    moving: str | None = None
    # Account and span of what is to be booked together with it, and stands in no calendar yet.
    taken: tuple[tuple[str, int, int], ...] = ()
    # The accounts that agreed to `[low, high)` before, which is the one candidate then: neither the profile's
    # hours nor those of these accounts matter. None: no time was agreed.
    agreed: tuple[str, ...] | None = None


class AccountTime(msgspec.Struct, frozen=True):
    """What the calendars say of one account."""

    account: Account
    busy: Spans
    booked: Sequence[Booked]
    warnings: Sequence[Warn]
    # False: some calendar could not be read, so nothing may be taken for free.
    readable: bool


class Answer(msgspec.Struct, frozen=True):
    """The slots, and what they were found with."""

    query: Query
    zone: ZoneInfo
    # The window that was searched, and the whole period of the profile.
    window: Span
    period: Span
    members: Sequence[Member]
    candidates: Candidates
    times: Mapping[str, AccountTime]
    free: Mapping[str, int]
    slots: Sequence[Slot] = ()
    warnings: Sequence[Warn] = ()


def ask(workspace: Workspace, query: Query, index: Index, progress: Progress | None = None) -> Answer:
    """Answer a query. Raises NotFound for members that the profile does not have."""
    profile, zone = query.profile, profile_zone(workspace, query.profile)
    members = chosen_members(query)
    agreed = _agreed_time(query)
    whole = agreed or period(profile, zone, query.now)
    window = _within(whole, query.low, query.high)
    candidates = _one_candidate(query, agreed) if agreed else find_candidates(profile, zone, window)
    names = dict.fromkeys([*(a for member in members for a in member.accounts), *profile.optional])
    accounts = [workspace.account(name) for name in names]
    times = load_accounts(
        workspace,
        accounts,
        zone,
        _needed(query, window),
        index,
        now=query.now,
        moving=query.moving,
        progress=progress,
    )
    free = {name: free_slots(query, candidates, zone, time) for name, time in times.items()}
    warnings = [warning for time in times.values() for warning in time.warnings]
    asked = dict.fromkeys(account for member in members for account in member.accounts)
    for name in unwritable(workspace, times, asked):
        free[name] = 0
        warnings.append(Warn("readonly_primary", f"{READONLY}: account {name} is never free", name))
    slots = find_slots(candidates, members, free, query.required, profile.optional)
    if workspace.config.deliver == "host":
        slots = [slot for slot in slots if _has_host(slot, times)]
    return Answer(query, zone, window, whole, members, candidates, times, free, slots, warnings)


def unwritable(workspace: Workspace, times: Mapping[str, AccountTime], accounts: Iterable[str]) -> list[str]:
    """The accounts that cannot take a meeting, since no copy of it could be written for them."""
    if workspace.config.deliver == "host":
        return []
    return [name for name in accounts if times[name].readable and not times[name].account.can_host]


def _has_host(slot: Slot, times: Mapping[str, AccountTime]) -> bool:
    """Whether any of those who can take a slot can be its host."""
    able = chain(slot.accounts, *slot.groups.values())
    return any(times[name].account.can_host for name in able)


def find_candidates(profile: Profile, zone: ZoneInfo, window: Span) -> Candidates:
    """The profile's slots in `window` (instants), were everybody free."""
    meeting = Meeting(
        profile.duration_minutes * MINUTE,
        profile.buffer_before_minutes * MINUTE,
        profile.buffer_between_minutes * MINUTE,
    )
    intervals = working_intervals(
        profile.work_hours, zone, window, profile.availability_intervals, profile.align
    )
    step = profile.availability_step * MINUTE
    return Candidates(candidate_starts(intervals, step, meeting.duration, window), meeting)


def _agreed_time(query: Query) -> Span | None:
    if query.agreed is None or query.low is None or query.high is None:
        return None
    return query.low, query.high


def _one_candidate(query: Query, agreed: Span) -> Candidates:
    """The slot whose time was agreed, unless it has begun."""
    start, end = agreed
    before, after = query.profile.buffer_before_minutes, query.profile.buffer_between_minutes
    return Candidates(
        [start] if start >= query.now else [], Meeting(end - start, before * MINUTE, after * MINUTE)
    )


def profile_zone(workspace: Workspace, profile: Profile) -> ZoneInfo:
    """The profile's zone: that of its work hours, else the workspace's."""
    return find_zone(profile.work_hours.timezone) if profile.work_hours.timezone else workspace.zone


def profile_members(profile: Profile) -> list[Member]:
    """The members of a profile: accounts first, then groups, each in the profile's order."""
    attached = [Member((account,)) for account in profile.accounts]
    return attached + [Member(group.account_ids, group.ext_id, group.required) for group in profile.groups]


def chosen_members(query: Query) -> list[Member]:
    """The members that a query is about. Raises NotFound for one that is not attached to the profile."""
    members = profile_members(query.profile)
    if not (query.accounts or query.groups):
        return members
    attached = {member.id for member in members if member.group is None}
    groups = {member.group for member in members if member.group is not None}
    for noun, named, known in (("account", query.accounts, attached), ("group", query.groups, groups)):
        for name in named:
            if name not in known:
                near = did_you_mean(name, sorted(filter(None, known)))
                raise NotFound(f"no {noun} {name!r} is attached to profile {query.profile.name}{near}")
    return [
        member
        for member in members
        if member.id in (query.accounts if member.group is None else query.groups)
    ]


def load_accounts(
    workspace: Workspace,
    accounts: Sequence[Account],
    zone: ZoneInfo,
    window: Span,
    index: Index,
    *,
    now: int,
    moving: str | None = None,
    progress: Progress | None = None,
) -> dict[str, AccountTime]:
    """What the calendars of accounts say about `window` (instants), by account id.

    `zone` stands in for accounts without one. Reservations that have expired at `now`, and the booking
    `moving`, do not block.
    """
    sources = [
        Source(account.id, workspace.calendar_path(calendar), calendar.path, view_of(account, calendar, zone))
        for account in accounts
        for calendar in account.calendars
    ]
    loaded = load_calendars(sources, *window, index, progress)
    by_account: dict[str, list[CalendarTime]] = {account.id: [] for account in accounts}
    for source, time in zip(sources, loaded, strict=True):
        by_account[source.account_id].append(time)
    return {
        account.id: _merge(account, by_account[account.id], now, moving, workspace) for account in accounts
    }


def view_of(account: Account, calendar: CalendarRef, zone: ZoneInfo) -> View:
    """Through whose eyes an account's calendar is read; `zone` stands in for an account without one."""
    policy = Policy(
        calendar.blocking, calendar.all_day, calendar.tentative, calendar.unanswered, calendar.travel
    )
    return View(account.email, account.timezone or zone.key, policy)


def _merge(
    account: Account, calendars: Sequence[CalendarTime], now: int, moving: str | None, workspace: Workspace
) -> AccountTime:
    booked = [one for calendar in calendars for one in calendar.booked]
    ours = [(one.start, one.end) for one in booked if one.blocks_at(now) and one.uid != moving]
    busy = Spans(ours)
    for calendar in calendars:
        busy |= calendar.busy
    warnings = [warning for calendar in calendars for warning in calendar.warnings]
    if not calendars:
        remedy = f"account {account.id} has no calendar in {workspace.config_path}: it is never free"
        warnings.append(Warn("no_calendar", remedy, account.id))
    readable = bool(calendars) and all(calendar.readable for calendar in calendars)
    return AccountTime(account, busy, booked, warnings, readable)


def _within(whole: Span, low: int | None, high: int | None) -> Span:
    return (
        whole[0] if low is None else max(whole[0], low),
        whole[1] if high is None else min(whole[1], high),
    )


def _needed(query: Query, window: Span) -> Span:
    """The window of calendars that slots of `window` depend on: buffers, whole days, the balance."""
    profile = query.profile
    reach = (profile.buffer_before_minutes + profile.buffer_between_minutes) * MINUTE + 2 * DAY
    low, high = window[0] - reach, max(window) + reach
    if profile.assignment == "balanced":
        low, high = min(low, query.now - BALANCE), max(high, query.now + BALANCE)
    return low, high


def free_slots(query: Query, candidates: Candidates, zone: ZoneInfo, time: AccountTime) -> int:
    """The mask of the slots that an account can take."""
    if not time.readable or not candidates.starts:
        return 0
    low, high = candidates.starts[0] - DAY, candidates.starts[-1] + candidates.meeting.duration + DAY
    closed = Spans() if keeps(query, time) else own_closed_time(time.account, zone, low, high)
    mask = candidates.free(time.busy | _held(query, time), closed)
    for day_start, day_end in full_days(query, zone, time):
        mask &= ~candidates.run(day_start, day_end)
    return mask


def keeps(query: Query, time: AccountTime) -> bool:
    """Whether the time was agreed with this account, whose own hours no longer matter then."""
    return query.agreed is not None and time.account.id in query.agreed


def own_closed_time(account: Account, zone: ZoneInfo, low: int, high: int) -> Spans:
    """What of `[low, high)` lies outside the account's own workHours; nothing where it has none."""
    if (hours := account.work_hours) is None:
        return Spans()
    own_zone = hours.timezone or account.timezone
    return closed_time(hours, find_zone(own_zone) if own_zone else zone, low, high)


def _held(query: Query, time: AccountTime) -> Spans:
    """What meetings of the profile take, so that it also stays free around them.

    The buffers of the slot asked for are kept by the engine. Between two meetings the longer buffer counts,
    whichever of them was there first.
    """
    profile = query.profile
    longer = (profile.buffer_between_minutes - profile.buffer_before_minutes) * MINUTE
    early, late = max(-longer, 0), max(longer, 0)
    there = [
        (one.start, one.end)
        for one in time.booked
        if one.profile == profile.name and one.blocks_at(query.now) and one.uid != query.moving
    ]
    coming = [(start, end) for name, start, end in query.taken if name == time.account.id]
    return Spans((start - early, end + late) for start, end in [*there, *coming])


def full_days(query: Query, zone: ZoneInfo, time: AccountTime) -> list[Span]:
    """The days (of the profile's zone) on which an account has hosted as much as maxBookingsPerDay allows."""
    cap = query.profile.max_bookings_per_day
    if cap is None:
        return []
    counts = Counter(local(one.start, zone).date() for one in hosted(time, query))
    return [
        (at_midnight(day, zone), at_midnight(day + timedelta(days=1), zone))
        for day, count in counts.items()
        if count >= cap
    ]


def hosted(time: AccountTime, query: Query) -> list[Booked]:
    """The bookings of the profile that an account is the host of, cancelled and expired ones left out."""
    found = {
        one.uid: one
        for one in time.booked
        if one.profile == query.profile.name
        and one.host == time.account.id
        and one.blocks_at(query.now)
        and one.uid != query.moving
    }
    return list(found.values())
