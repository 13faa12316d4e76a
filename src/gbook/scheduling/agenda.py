"""What is in the calendars of accounts: the events of a window with their titles, except for private ones.

The events come from the reader that availability uses, so recurring events and overrides are the same. The
times of bookings that only another calendar holds (`deliver: host`) are shown too: they take time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gbook.calendars.busy.events import blocks, is_cancelled, own_answer, read_own_booking
from gbook.calendars.busy.files import read_files
from gbook.calendars.busy.loader import Progress
from gbook.engine.intervals import Interval
from gbook.errors import GbookError, Warn
from gbook.scheduling.account_time import AccountBusy, Exemptions, load_accounts, read_options
from gbook.timeutil.instants import DAY, local
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gbook.calendars.busy.cached import OwnBooking, ReadOptions
    from gbook.calendars.busy.events import Event

__all__ = ["Agenda", "AgendaItem", "read_agenda"]

# All-day events have the dates of their own zone, which may begin this much earlier or later.
ZONES_APART = 2 * DAY


class AgendaItem(NamedTuple):
    """One event of one account, `[start, end)` in instants, or busy time without an event."""

    account_id: str
    start: int
    end: int
    # As the user named it.
    calendar: str
    # None if it is private, or if there is no event.
    subject: str | None = None
    location: str | None = None
    # confirmed, tentative or declined.
    status: str = "confirmed"
    is_busy: bool = True
    # The first and the last date of an all-day event, in its own zone.
    dates: tuple[date, date] | None = None
    uid: str = ""
    is_private: bool = False
    # What the bookings of one session have in common, and its number of guests; empty for all other events.
    session: str = ""
    guests: int = 0

    @property
    def is_all_day(self) -> bool:
        """Whether it has dates instead of times."""
        return self.dates is not None

    def touches(self, low: int, high: int) -> bool:
        """Return whether it overlaps `[low, high)`; one without length, whether it is inside."""
        return self.start < high and (self.end > low or self.start >= low)


class Agenda(NamedTuple):
    """The items of a window in order of time, all-day events of a day first; `zone` decides about days."""

    window: Interval
    zone: ZoneInfo
    # Those asked for.
    accounts: Sequence[str]
    items: Sequence[AgendaItem]
    # Accounts with a calendar that cannot be read: their items are not complete.
    unreadable: Sequence[str]
    warnings: Sequence[Warn]


def read_agenda(
    workspace: Workspace,
    accounts: Sequence[Account],
    zone: ZoneInfo,
    window: Interval,
    now: int,
    progress: Progress | None = None,
) -> Agenda:
    """Return the events of accounts in `window` (instants), without cancelled ones and expired reservations.

    `zone` is that of the days, and of accounts without a zone.
    """
    times = load_accounts(workspace, accounts, zone, window, Exemptions(now), progress)
    days = local(window[0], zone).date(), local(max(window[0], window[1] - 1), zone).date()
    reader = _Reader(workspace, zone, (window[0] - ZONES_APART, window[1] + ZONES_APART), now)
    items = [item for time in times.values() for item in reader.items(time) if _touches(item, window, days)]
    items = one_a_session(items)
    items.sort(key=lambda item: _order(item, window, days[0], zone))
    warnings = [warning for time in times.values() for warning in time.warnings]
    unreadable = [name for name, time in times.items() if not time.readable]
    return Agenda(window, zone, list(times), items, unreadable, warnings)


def one_a_session(items: Iterable[AgendaItem]) -> list[AgendaItem]:
    """Return items with one for all bookings of a session, which has their subject if they have the same."""
    merged: dict[object, AgendaItem] = {}
    for number, item in enumerate(items):
        key = (item.account_id, item.start, item.end, item.session) if item.session else number
        known = merged.get(key)
        if known is None:
            merged[key] = item._replace(guests=1) if item.session else item
        else:
            merged[key] = _with_guest(known, item)
    return list(merged.values())


def _with_guest(session: AgendaItem, item: AgendaItem) -> AgendaItem:
    subject = session.subject if session.subject == item.subject else item.session.split()[0]
    return session._replace(
        guests=session.guests + 1,
        subject=subject,
        location=session.location if session.location == item.location else None,
        # The same in the calendars of all accounts, whatever the order there.
        uid=min(session.uid, item.uid),
        status=session.status if session.status == item.status else "confirmed",
        is_busy=session.is_busy or item.is_busy,
        is_private=session.is_private or item.is_private,
    )


def _touches(item: AgendaItem, window: Interval, days: tuple[date, date]) -> bool:
    if item.dates:
        return item.dates[0] <= days[1] and item.dates[1] >= days[0]
    return item.touches(*window)


def _order(item: AgendaItem, window: Interval, first: date, zone: ZoneInfo) -> tuple[date, bool, int, int]:
    start = max(item.start, window[0])
    day = max(item.dates[0], first) if item.dates else local(start, zone).date()
    return day, not item.is_all_day, start, item.end


class _Reader(msgspec.Struct):
    """How items are read: those near `window`, at the present time `now`, of each account only once."""

    workspace: Workspace
    zone: ZoneInfo
    window: Interval
    now: int
    # By account id.
    known: dict[str, list[AgendaItem]] = {}

    def items(self, time: AccountBusy) -> Iterator[AgendaItem]:
        """Yield all items of an account, and the bookings that only another account's calendar holds."""
        low, high = self.window
        items = self.calendar_items(time.account)
        yield from items
        own = {(item.uid, item.start, item.end) for item in items}
        elsewhere = [
            booking
            for booking in time.bookings
            if booking.blocks_at(self.now)
            and booking.start < high
            and booking.end > low
            and (booking.uid, booking.start, booking.end) not in own
        ]
        for host in dict.fromkeys(booking.host for booking in elsewhere):
            bookings = [booking for booking in elsewhere if booking.host == host]
            yield from self.held_by(host, time.account.id, bookings)

    def calendar_items(self, account: Account) -> list[AgendaItem]:
        """Return the items of an account's calendars; several accounts may ask for those of their host."""
        if account.id not in self.known:
            self.known[account.id] = list(self.read(account))
        return self.known[account.id]

    def read(self, account: Account) -> Iterator[AgendaItem]:
        """Yield the items of an account's calendars; errors are among the warnings of the account."""
        low, high = self.window
        for calendar in account.calendars:
            options = _without_travel(read_options(account, calendar, self.zone))
            with suppress(GbookError):
                for file in read_files(self.workspace.store(calendar), options, self.window):
                    for start, end in file.freebusy()[0].clip(low, high):
                        yield AgendaItem(account.id, start, end, calendar.shown)
                    for start, end, event in file.occurrences():
                        is_busy = None if is_cancelled(event) else self.takes_time(event, options)
                        if is_busy is not None:
                            yield _event_item(account, calendar, event, (start, end), is_busy=is_busy)

    def takes_time(self, event: Event, options: ReadOptions) -> bool | None:
        """Return whether an event is busy time for its account; None for an expired reservation."""
        if not event.is_ours or event.is_series:
            return blocks(event, options.policy, options.email)
        booking, _ = read_own_booking(event, options.policy, options.email)
        # Also in a calendar whose tentative events do not block.
        is_expired = booking.expires is not None and booking.expires <= self.now
        return None if is_expired else booking.blocks

    def held_by(self, host: str, account_id: str, bookings: Sequence[OwnBooking]) -> Iterator[AgendaItem]:
        """Yield bookings that an account's own calendars do not have, as those of the host show them."""
        holder = self.workspace.accounts.get(host)
        shown = {(item.uid, item.start): item for item in self.calendar_items(holder)} if holder else {}
        for booking in bookings:
            unknown = AgendaItem(account_id, booking.start, booking.end, "", uid=booking.uid)
            item = shown.get((booking.uid, booking.start), unknown)
            yield item._replace(account_id=account_id, is_busy=True)


def _without_travel(options: ReadOptions) -> ReadOptions:
    """Return options with which an event begins when it begins, not when the way to it does."""
    policy = msgspec.structs.replace(options.policy, travel="free")
    return msgspec.structs.replace(options, policy=policy)


def _event_item(
    account: Account, calendar: CalendarRef, event: Event, time: Interval, *, is_busy: bool
) -> AgendaItem:
    """Return one instance of an event."""
    start, end = time
    answer = own_answer(event, account.email)
    tentative = "TENTATIVE" in (answer, event.value("STATUS"))
    dates = None
    if event.start.is_date:
        own_zone = event.start.zone
        dates = local(start, own_zone).date(), local(max(start, end - 1), own_zone).date()
    return AgendaItem(
        account.id,
        start,
        max(start, end),
        calendar.shown,
        None if event.is_private else event.subject,
        None if event.is_private else event.location or None,
        "declined" if answer == "DECLINED" else "tentative" if tentative else "confirmed",
        is_busy,
        dates,
        event.uid,
        event.is_private,
        event.session,
    )
