"""The busy time and the bookings of each account, as its calendars give them."""

from collections.abc import Iterable, Mapping, Sequence, Set
from zoneinfo import ZoneInfo

import msgspec

from gbook.calendars.busy.cached import OwnBooking, Policy, ReadOptions
from gbook.calendars.busy.elsewhere import Elsewhere, bookings_elsewhere
from gbook.calendars.busy.loader import CalendarBusy, Progress, Source, confirm_sources, load_calendars
from gbook.engine.intervals import Interval, Intervals
from gbook.errors import Warn
from gbook.scheduling.participation import affected_bookings
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["AccountBusy", "Exemptions", "load_accounts", "read_options", "sources_of"]


# A calendar, and the time in it.
_Loaded = tuple[Source, CalendarBusy]


class AccountBusy(msgspec.Struct, frozen=True):
    """The busy time and bookings of one account."""

    account: Account
    busy: Intervals
    # Of any time, not only of the window: limits look beyond it.
    bookings: Sequence[OwnBooking]
    warnings: Sequence[Warn]
    # False: some calendar could not be read, so no time counts as free.
    readable: bool
    # The bookings of the guest that is asked for, with whichever accounts: see `guest_bookings`.
    of_guest: Sequence[OwnBooking] = ()
    # The busy time without that of gbook's bookings.
    events: Intervals = Intervals()

    def busy_within(self, window: Interval) -> Intervals:
        """Return the busy time in `window`: all of it if some calendar could not be read."""
        return self.busy.clip(*window) if self.readable else Intervals([window])


class Exemptions(msgspec.Struct, frozen=True):
    """The bookings that do not block: expired at `now`, being moved, or reserved by the same proposal."""

    now: int
    # A UID, and of a series the date that is being moved (its RECURRENCE-ID); None for all its dates.
    moving: str | None = None
    moving_date: int | None = None
    proposal: str | None = None
    # The time of the booking being moved, for each account that has accepted it: see `_published`.
    accepted: Mapping[str, Interval] = {}

    def includes(self, booking: OwnBooking) -> bool:
        """Return whether a booking is left out, expired or not."""
        if booking.uid == self.moving and self.moving_date in (None, booking.recurrence):
            return True
        return bool(self.proposal and booking.proposal == self.proposal)


def load_accounts(
    workspace: Workspace,
    accounts: Sequence[Account],
    zone: ZoneInfo,
    window: Interval,
    exempt: Exemptions,
    progress: Progress | None = None,
) -> dict[str, AccountBusy]:
    """Return the busy time of accounts in `window` (instants), by account id.

    `zone` is that of accounts without one. Bookings that are `exempt` do not block.
    """
    sources = [source for account in accounts for source in sources_of(workspace, account, zone)]
    elsewhere_sources = _sources_elsewhere(workspace, {account.id for account in accounts})
    confirm_sources([*sources, *elsewhere_sources])
    read = load_calendars(sources, *window, workspace.cache, progress)
    loaded = [*zip(sources, map(_of_its_writers, sources, read), strict=True)]
    by_account: dict[str, list[_Loaded]] = {account.id: [] for account in accounts}
    for source, time in loaded:
        by_account[source.account_id].append((source, time))
    elsewhere = _elsewhere(workspace, elsewhere_sources, by_account)
    others = _others(loaded, elsewhere, by_account)
    unreadable = [source for source, time in loaded if not time.readable]
    hosts = _of_hosts(workspace, [*unreadable, *elsewhere.unreadable])
    times = {}
    for account in accounts:
        named = others.get(account.id, ())
        own = _own_bookings(by_account[account.id], {booking.uid for _, booking in named})
        booked = [
            booking for booking in affected_bookings(account, own, named) if not exempt.includes(booking)
        ]
        taken = Intervals((one.start, one.end) for one in booked if one.blocks_at(exempt.now))
        unknown = _unknown(workspace, account, hosts)
        calendars = [time for _, time in by_account[account.id]]
        if account.is_invited_by_mail and (agreed := exempt.accepted.get(account.id)) is not None:
            calendars = [_published(time, agreed, window) for time in calendars]
        times[account.id] = _merge(account, calendars, booked, unknown, taken.clip(*window))
    return times


def read_options(account: Account, calendar: CalendarRef, zone: ZoneInfo) -> ReadOptions:
    """Return how a calendar of an account is read; `zone` is that of an account without one."""
    policy = Policy(
        calendar.blocking, calendar.all_day, calendar.tentative, calendar.unanswered, calendar.travel
    )
    return ReadOptions(account.email, account.timezone or zone.key, policy)


def sources_of(workspace: Workspace, account: Account, zone: ZoneInfo) -> list[Source]:
    """Return the calendars of an account, to be read; `zone` is that of an account without one."""
    return [
        Source(
            account.id,
            workspace.store(calendar),
            calendar.shown,
            read_options(account, calendar, zone),
            account.is_foreign(calendar),
        )
        for calendar in account.calendars
    ]


def _of_its_writers(source: Source, time: CalendarBusy) -> CalendarBusy:
    """Return the time in a calendar; gbook's events in a foreign one are not of this workspace.

    Another gbook may use the same ids of accounts and names of profiles, and a feed may say anything.
    """
    if not source.is_foreign:
        return time
    booked = [
        msgspec.structs.replace(booking, profile="", host="", accounts=(), proposal="")
        for booking in time.booked
    ]
    return msgspec.structs.replace(time, booked=booked)


def _own_bookings(calendars: Sequence[_Loaded], elsewhere: Set[str]) -> list[OwnBooking]:
    """Return the bookings in the calendars of an account; `elsewhere` are the UIDs in calendars of others.

    If a foreign calendar has one of this workspace, the calendars that gbook writes know more of it.
    """
    own = [booking for source, time in calendars if not source.is_foreign for booking in time.booked]
    known = elsewhere | {booking.uid for booking in own}
    foreign = [booking for source, time in calendars if source.is_foreign for booking in time.booked]
    return [*own, *(booking for booking in foreign if booking.uid not in known)]


def _published(time: CalendarBusy, agreed: Interval, window: Interval) -> CalendarBusy:
    """Return the time in a calendar that others publish, without that of a meeting which they have accepted.

    Published busy time does not say what it is for: within `agreed`, it is for the meeting being moved.
    """
    low, high = window
    start, end = (min(max(instant, low), high) for instant in agreed)
    busy = Intervals([*time.busy.clip(low, start), *time.busy.clip(end, high)])
    return msgspec.structs.replace(time, busy=busy)


def _sources_elsewhere(workspace: Workspace, asked: Set[str]) -> list[Source]:
    """Return the calendars of all accounts that are not asked for, but for foreign ones."""
    return [
        source
        for account in workspace.accounts.values()
        if account.id not in asked
        for source in sources_of(workspace, account, workspace.zone)
        if not source.is_foreign
    ]


def _elsewhere(workspace: Workspace, sources: list[Source], asked: Mapping[str, object]) -> Elsewhere:
    """Return the bookings in `sources` that name the accounts asked for."""
    if not sources:
        return Elsewhere([], [])
    return bookings_elsewhere(sources, asked.keys(), workspace.config_path, workspace.cache)


def _others(
    loaded: Iterable[_Loaded], elsewhere: Elsewhere, asked: Mapping[str, object]
) -> dict[str, list[tuple[str, OwnBooking]]]:
    """Return, for each account asked for, the bookings in calendars of others that name it.

    Each comes with the id of the account that has the calendar.
    """
    loaded_bookings = [(source, booking) for source, time in loaded for booking in time.booked]
    by_account: dict[str, list[tuple[str, OwnBooking]]] = {}
    for source, booking in (*loaded_bookings, *elsewhere.bookings):
        for name in booking.accounts:
            if name != source.account_id and name in asked:
                by_account.setdefault(name, []).append((source.account_id, booking))
    return by_account


def _of_hosts(workspace: Workspace, unreadable: Iterable[Source]) -> list[Source]:
    """Return the unreadable calendars to which hosts book."""
    found = []
    for source in unreadable:
        account = workspace.accounts[source.account_id]
        if account.can_host and account.primary and account.primary.shown == source.shown:
            found.append(source)
    return found


def _unknown(workspace: Workspace, account: Account, hosts: Iterable[Source]) -> list[Warn]:
    """Warn of unreadable calendars of `hosts` that only would name an account: it has no copies."""
    if workspace.config.deliver == "host":
        reason = "with `deliver: host` it may hold bookings of any account, so none is free"
    elif account.is_invited_by_mail:
        reason = f"it may hold bookings of {account.id}, which has no copies, so {account.id} is not free"
    else:
        return []
    return [
        Warn("unreadable_calendar", f"cannot be read; {reason}", source.account_id, source.shown)
        for source in hosts
        if source.account_id != account.id
    ]


def _merge(
    account: Account,
    calendars: Sequence[CalendarBusy],
    booked: Sequence[OwnBooking],
    unknown: Sequence[Warn],
    taken: Intervals,
) -> AccountBusy:
    events = Intervals()
    for calendar in calendars:
        events |= calendar.busy
    warnings = [*(warning for calendar in calendars for warning in calendar.warnings), *unknown]
    if not calendars:
        warnings.append(
            Warn("no_calendar", f"account {account.id} has no calendar: it is never free", account.id)
        )
    readable = bool(calendars) and all(calendar.readable for calendar in calendars) and not unknown
    return AccountBusy(account, events | taken, booked, warnings, readable, events=events)
