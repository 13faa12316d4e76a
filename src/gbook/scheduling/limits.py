"""Limits of an account beside its busy time: buffers, its own work hours; the bookings that caps count."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from gbook.calendars.busy.cached import OwnBooking
from gbook.engine.intervals import Interval, Intervals
from gbook.profiles.model import Profile
from gbook.profiles.schedule import closed_time
from gbook.scheduling.account_time import AccountBusy
from gbook.timeutil.instants import MINUTE
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account

__all__ = ["buffers_of", "is_of_profile", "kept_free", "meetings", "own_closed_time", "session_of"]


def own_closed_time(account: Account, zone: ZoneInfo, low: int, high: int) -> Intervals:
    """Return the time in `[low, high)` outside the account's own workHours; none without workHours."""
    if (hours := account.work_hours) is None:
        return Intervals()
    own_zone = hours.timezone or account.timezone
    return closed_time(hours, find_zone(own_zone) if own_zone else zone, low, high)


def is_of_profile(booked: OwnBooking, profile: Profile) -> bool:
    """Return whether a booking is of a profile; two meetings without a profile have nothing in common."""
    return bool(profile.name) and booked.profile == profile.name


def buffers_of(booked: OwnBooking, profile: Profile) -> tuple[int, int]:
    """Return the seconds that a booking keeps free before and after itself.

    A booking of the profile has its current buffers, one of another profile those it was made with.
    """
    if is_of_profile(booked, profile):
        return profile.buffer_before_minutes * MINUTE, profile.buffer_between_minutes * MINUTE
    return booked.buffers or (0, 0)


def kept_free(profile: Profile, now: int, time: AccountBusy) -> Intervals:
    """Return the time of an account's bookings, widened by their own buffers.

    The engine keeps the buffers of the slot asked for, so only what exceeds them is added: between two
    meetings the longer buffer counts, in either order.
    """
    before, after = profile.buffer_before_minutes * MINUTE, profile.buffer_between_minutes * MINUTE
    return Intervals(_widened(time.bookings, profile, now, before, after))


def _widened(
    booked: Sequence[OwnBooking], profile: Profile, now: int, before: int, after: int
) -> Iterator[Interval]:
    for booking in booked:
        if booking.blocks_at(now):
            early, late = buffers_of(booking, profile)
            yield booking.start - max(early - after, 0), booking.end + max(late - before, 0)


def meetings(profile: Profile | None, now: int, time: AccountBusy) -> list[OwnBooking]:
    """Return the active bookings that an account takes part in, each once: of a profile or of all.

    Each date of a series is a booking.
    """
    by_key = {
        booking.key: booking
        for booking in time.bookings
        if (profile is None or is_of_profile(booking, profile))
        and time.account.id in booking.accounts
        and booking.blocks_at(now)
    }
    return list(by_key.values())


def session_of(booking: OwnBooking) -> object:
    """Return what the bookings of one session have in common: several guests at the same time count once.

    A meeting without a profile is a session of its own.
    """
    return (booking.profile, booking.start, booking.end) if booking.profile else booking.key
