"""A second implementation of caps, which shares only models: it counts all bookings for each slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gbook.profiles.model import Profile
from gbook.timeutil.zones import find_zone

__all__ = ["Booked", "Limits", "may_book"]

# Of the day, the week and the month of a moment: equal for two moments of the same one.
SAME: Sequence[Callable[[datetime], object]] = (
    lambda moment: moment.date(),
    lambda moment: moment.isocalendar()[:2],
    lambda moment: (moment.year, moment.month),
)
Limits = tuple[int | None, int | None, int | None]


@dataclass(frozen=True)
class Booked:
    """A booking: its time (instants), its guest, its accounts, those whose calendars have it, its state."""

    start: int
    end: int
    profile: str
    accounts: tuple[str, ...]
    written: tuple[str, ...]
    guest: str = ""
    # confirmed, cancelled, reserved or expired
    state: str = "confirmed"


def may_book(
    name: str,
    start: int,
    guest: str | None,
    world: tuple[Profile, str, Mapping[str, tuple[str | None, Limits]], Sequence[Booked]],
) -> bool:
    """Return whether an account may have one more booking at `start`.

    The world is the profile, its zone, the zone and the caps of each account, and all bookings.
    """
    profile, zone, people, booked = world
    live = [one for one in booked if one.state in ("confirmed", "reserved")]
    own = [one for one in live if name in one.accounts]
    same = [one for one in own if one.profile == profile.name]
    theirs = [one for one in live if one.profile == profile.name and guest and _equal(one.guest, guest)]
    per_profile = profile.max_bookings_per_day, profile.max_bookings_per_week, profile.max_bookings_per_month
    per_guest = (
        profile.max_guest_bookings_per_day,
        profile.max_guest_bookings_per_week,
        profile.max_guest_bookings_per_month,
    )
    own_zone, per_account = people[name]
    return (
        _allows(per_profile, same, start, zone)
        and _allows(per_guest, theirs, start, zone, sessions=False)
        and _allows(per_account, own, start, own_zone or zone)
    )


def _equal(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _allows(
    limits: Limits, booked: Sequence[Booked], start: int, zone: str, *, sessions: bool = True
) -> bool:
    moment = datetime.fromtimestamp(start, find_zone(zone))
    for limit, same in zip(limits, SAME, strict=True):
        there = [
            one for one in booked if same(datetime.fromtimestamp(one.start, find_zone(zone))) == same(moment)
        ]
        # Several guests of one session are one booking of its accounts.
        meetings = {(one.profile, one.start, one.end) for one in there} if sessions else there
        if limit is not None and len(meetings) >= limit:
            return False
    return True
