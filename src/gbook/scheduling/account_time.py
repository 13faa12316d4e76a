"""The busy time and the bookings of each account, as its calendars give them."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from gbook.calendars.busy.cached import OwnBooking, Policy, ReadOptions
from gbook.calendars.busy.elsewhere import Elsewhere, bookings_elsewhere
from gbook.calendars.busy.loader import CalendarBusy, Progress, Source, load_calendars
from gbook.engine.intervals import Interval, Intervals
from gbook.errors import Warn
from gbook.scheduling.participation import affected_bookings
from gbook.workspace.config import Account, CalendarRef
from gbook.workspace.workspace import Workspace

__all__ = ["AccountBusy", "load_accounts", "read_options"]


class AccountBusy(msgspec.Struct, frozen=True):
    """The busy time and bookings of one account."""

    account: Account
    busy: Intervals
    # Of any time, not only of the window: limits look beyond it.
    bookings: Sequence[OwnBooking]
    warnings: Sequence[Warn]
    # False: some calendar could not be read, so no time counts as free.
    readable: bool

    def busy_within(self, window: Interval) -> Intervals:
        """Return the busy time in `window`: all of it if some calendar could not be read."""
        return self.busy.clip(*window) if self.readable else Intervals([window])


def load_accounts(
    workspace: Workspace,
    accounts: Sequence[Account],
    zone: ZoneInfo,
    window: Interval,
    *,
    now: int,
    moving: str | None = None,
    proposal: str | None = None,
    progress: Progress | None = None,
) -> dict[str, AccountBusy]:
    """Return the busy time of accounts in `window` (instants), by account id.

    `zone` is that of accounts without one. Reservations that have expired at `now`, the booking `moving` and
    the reservations of `proposal` do not block.
    """
    sources = [source for account in accounts for source in _sources(workspace, account, zone)]
    loaded = load_calendars(sources, *window, workspace.cache, progress)
    by_account: dict[str, list[CalendarBusy]] = {account.id: [] for account in accounts}
    for source, time in zip(sources, loaded, strict=True):
        by_account[source.account_id].append(time)
    elsewhere = _elsewhere(workspace, by_account)
    others = _others(sources, loaded, elsewhere, by_account)
    unknown = _unknown(workspace, elsewhere.unreadable)
    times = {}
    for account in accounts:
        calendars = by_account[account.id]
        own = [booking for calendar in calendars for booking in calendar.booked]
        booked = [
            booking
            for booking in affected_bookings(account, own, others.get(account.id, ()))
            if booking.uid != moving and not (proposal and booking.proposal == proposal)
        ]
        times[account.id] = _merge(workspace, account, calendars, booked, unknown, window, now)
    return times


def read_options(account: Account, calendar: CalendarRef, zone: ZoneInfo) -> ReadOptions:
    """Return how a calendar of an account is read; `zone` is that of an account without one."""
    policy = Policy(
        calendar.blocking, calendar.all_day, calendar.tentative, calendar.unanswered, calendar.travel
    )
    return ReadOptions(account.email, account.timezone or zone.key, policy)


def _sources(workspace: Workspace, account: Account, zone: ZoneInfo) -> list[Source]:
    return [
        Source(
            account.id,
            workspace.calendar_path(calendar),
            calendar.path,
            read_options(account, calendar, zone),
        )
        for calendar in account.calendars
    ]


def _elsewhere(workspace: Workspace, asked: Mapping[str, object]) -> Elsewhere:
    """Return the bookings that name the accounts asked for, from the calendars of all other accounts."""
    sources = [
        source
        for account in workspace.accounts.values()
        if account.id not in asked
        for source in _sources(workspace, account, workspace.zone)
    ]
    if not sources:
        return Elsewhere([], [])
    return bookings_elsewhere(sources, asked.keys(), workspace.config_path, workspace.cache)


def _others(
    sources: Sequence[Source],
    loaded: Sequence[CalendarBusy],
    elsewhere: Elsewhere,
    asked: Mapping[str, object],
) -> dict[str, list[tuple[str, OwnBooking]]]:
    """Return, for each account asked for, the bookings in calendars of others that name it.

    Each comes with the id of the account that has the calendar.
    """
    loaded_bookings = [
        (source, booking) for source, time in zip(sources, loaded, strict=True) for booking in time.booked
    ]
    by_account: dict[str, list[tuple[str, OwnBooking]]] = {}
    for source, booking in (*loaded_bookings, *elsewhere.bookings):
        for name in booking.accounts:
            if name != source.account_id and name in asked:
                by_account.setdefault(name, []).append((source.account_id, booking))
    return by_account


def _unknown(workspace: Workspace, unreadable: Iterable[Source]) -> list[Warn]:
    """Warn of unreadable calendars of hosts: with `deliver: host` only they would name the other accounts."""
    if workspace.config.deliver != "host":
        return []
    warnings = []
    for source in unreadable:
        account = workspace.accounts[source.account_id]
        if account.can_host and account.primary and account.primary.path == source.shown:
            message = (
                "cannot be read; with `deliver: host` it may hold bookings of any account, so none is free"
            )
            warnings.append(Warn("unreadable_calendar", message, source.account_id, source.shown))
    return warnings


def _merge(
    workspace: Workspace,
    account: Account,
    calendars: Sequence[CalendarBusy],
    booked: Sequence[OwnBooking],
    unknown: Sequence[Warn],
    window: Interval,
    now: int,
) -> AccountBusy:
    low, high = window
    busy = Intervals(
        (booking.start, booking.end)
        for booking in booked
        if booking.start < high and booking.end > low and booking.blocks_at(now)
    )
    for calendar in calendars:
        busy |= calendar.busy
    warnings = [*(warning for calendar in calendars for warning in calendar.warnings), *unknown]
    if not calendars:
        message = f"account {account.id} has no calendar in {workspace.config_path}: it is never free"
        warnings.append(Warn("no_calendar", message, account.id))
    readable = bool(calendars) and all(calendar.readable for calendar in calendars) and not unknown
    return AccountBusy(account, busy, booked, warnings, readable)
