"""Caps: how many bookings an account or a guest may have in a day, a week or a month.

Days, weeks (Monday to Sunday, ISO 8601) and months are those of a calendar on the wall, in the zone of the
profile; for the caps of an account, in the account's zone if it has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gbook.calendars.busy.cached import OwnBooking
from gbook.profiles.model import Profile
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.limits import meetings, session_of
from gbook.timeutil.instants import at_midnight, local
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account

__all__ = [
    "Cap",
    "FullPeriod",
    "Tally",
    "account_tallies",
    "full_for_account",
    "full_for_guest",
    "full_periods",
    "guest_tallies",
    "uncapped",
]

Unit = Literal["day", "week", "month"]
UNITS: tuple[Unit, ...] = ("day", "week", "month")


class Cap(NamedTuple):
    """At most `maximum` bookings in each `unit`."""

    # As profiles and gbook.yaml spell it.
    key: str
    unit: Unit
    maximum: int
    # Whether it counts the bookings of all profiles.
    of_all_profiles: bool = False


class Tally(NamedTuple):
    """The bookings that a cap counts: what is counted in each period, by its first date in `zone`."""

    cap: Cap
    zone: ZoneInfo
    counted: Mapping[date, Set[object]]

    def first_day(self, instant: int) -> date:
        """Return the first date of the period of an instant."""
        return _first_day(local(instant, self.zone).date(), self.cap.unit)


class FullPeriod(NamedTuple):
    """A day, week or month in which a cap is reached: its first date, and `[start, end)` in instants."""

    cap: Cap
    first: date
    start: int
    end: int
    bookings: int


def full_periods(
    profile: Profile, now: int, zone: ZoneInfo, time: AccountBusy, *, agreed: bool = False
) -> list[FullPeriod]:
    """Return the periods in which an account, or the guest that is asked for, has reached a cap.

    `zone` is the profile's. If the account has `agreed` to the time, its caps do not matter.
    """
    full = [] if agreed else full_for_account(profile, now, zone, time)
    return [*full, *full_for_guest(profile, zone, time.of_guest)]


def full_for_account(profile: Profile, now: int, zone: ZoneInfo, time: AccountBusy) -> list[FullPeriod]:
    """Return the periods in which an account has as many bookings as a cap allows, in order of time.

    `zone` is the profile's. The caps are those of the profile, then the account's own over all profiles.
    """
    return [*_full(account_tallies(profile, now, zone, time))]


def full_for_guest(profile: Profile, zone: ZoneInfo, booked: Iterable[OwnBooking]) -> list[FullPeriod]:
    """Return the periods in which a guest has as many bookings of a profile as its caps allow.

    `booked` are the bookings of that guest with the profile.
    """
    return [*_full(guest_tallies(profile, zone, booked))]


def account_tallies(profile: Profile, now: int, zone: ZoneInfo, time: AccountBusy) -> Iterator[Tally]:
    """Yield the bookings that each cap of an account counts; `zone` is the profile's."""
    if caps := _caps(profile, "maxBookingsPer"):
        yield from _tallied(caps, meetings(profile, now, time), zone, session_of)
    if caps := _caps(time.account, "maxBookingsPer"):
        own_zone = find_zone(time.account.timezone) if time.account.timezone else zone
        yield from _tallied(caps, meetings(None, now, time), own_zone, session_of)


def guest_tallies(profile: Profile, zone: ZoneInfo, booked: Iterable[OwnBooking]) -> Iterator[Tally]:
    """Yield the bookings that each cap of a guest counts, of those with the profile.

    Each seat that a guest takes counts, also several of one session.
    """
    if caps := _caps(profile, "maxGuestBookingsPer"):
        yield from _tallied(caps, booked, zone, _itself)


def uncapped(profile: Profile) -> tuple[Profile, list[str]]:
    """Return a profile without its caps, and the keys of those that it had."""
    caps = [*_caps(profile, "maxBookingsPer"), *_caps(profile, "maxGuestBookingsPer")]
    bare = msgspec.structs.replace(
        profile,
        max_bookings_per_day=None,
        max_bookings_per_week=None,
        max_bookings_per_month=None,
        max_guest_bookings_per_day=None,
        max_guest_bookings_per_week=None,
        max_guest_bookings_per_month=None,
    )
    return bare, [cap.key for cap in caps]


def _caps(owner: Profile | Account, prefix: str) -> list[Cap]:
    """Return the caps of a profile or an account whose keys begin with `prefix`."""
    names = _FIELDS[prefix]
    values = [getattr(owner, name) for name in names]
    return [
        Cap(f"{prefix}{unit.capitalize()}", unit, value, isinstance(owner, Account))
        for unit, value in zip(UNITS, values, strict=True)
        if value is not None
    ]


def _tallied(
    caps: Iterable[Cap],
    booked: Iterable[OwnBooking],
    zone: ZoneInfo,
    counted_as: Callable[[OwnBooking], object],
) -> Iterator[Tally]:
    """Yield the tally of each cap; bookings for which `counted_as` gives the same count once."""
    counted = [(local(booking.start, zone).date(), counted_as(booking)) for booking in booked]
    for cap in caps:
        periods: defaultdict[date, set[object]] = defaultdict(set)
        for day, one in counted:
            periods[_first_day(day, cap.unit)].add(one)
        yield Tally(cap, zone, periods)


def _itself(booking: OwnBooking) -> object:
    return booking.key


def _full(tallies: Iterable[Tally]) -> Iterator[FullPeriod]:
    for cap, zone, counted in tallies:
        for first in sorted(counted):
            if (number := len(counted[first])) >= cap.maximum:
                start, end = at_midnight(first, zone), at_midnight(_next(first, cap.unit), zone)
                yield FullPeriod(cap, first, start, end, number)


def _first_day(day: date, unit: Unit) -> date:
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)


def _next(first: date, unit: Unit) -> date:
    """Return the first date of the next period."""
    match unit:
        case "day":
            return first + timedelta(days=1)
        case "week":
            return first + timedelta(days=7)
        case "month":
            return (first + timedelta(days=31)).replace(day=1)


_FIELDS = {
    "maxBookingsPer": [f"max_bookings_per_{unit}" for unit in UNITS],
    "maxGuestBookingsPer": [f"max_guest_bookings_per_{unit}" for unit in UNITS],
}
