"""The bookings of a guest with a profile, in all calendars: the profile may limit their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gbook.calendars.busy.cached import OwnBooking
from gbook.calendars.busy.elsewhere import Elsewhere, bookings_of_guests
from gbook.domains import canonical_address
from gbook.errors import Warn
from gbook.profiles.model import Profile
from gbook.scheduling.account_time import AccountBusy, Exemptions, sources_of
from gbook.scheduling.limits import is_of_profile
from gbook.workspace.workspace import Workspace

__all__ = ["with_guest_bookings"]


def with_guest_bookings(
    workspace: Workspace,
    profile: Profile,
    guest: str,
    exempt: Exemptions,
    times: Mapping[str, AccountBusy],
) -> dict[str, AccountBusy]:
    """Return the busy time of accounts, each with the bookings of a guest (an address) with a profile.

    They are those in all calendars that gbook writes. One that cannot be read is a warning: the calendars of
    all who take part have each booking. Where guests confirm their address, reservations do not count: a
    stranger may have made them.
    """
    sources = [
        source
        for account in workspace.accounts.values()
        for source in sources_of(workspace, account, workspace.zone)
        if not source.is_foreign
    ]
    found = bookings_of_guests(sources, workspace.config_path, workspace.cache)
    address = canonical_address(guest)
    booked = [
        booking
        for booking in _newest(booking for _, booking in found.bookings)
        if is_of_profile(booking, profile)
        and canonical_address(booking.guest) == address
        and not booking.cancelled
        and (booking.expires is None or (not profile.confirm_email and booking.expires > exempt.now))
        and not exempt.includes(booking)
    ]
    warnings = _unread(found, times, guest)
    return {
        name: msgspec.structs.replace(
            time, of_guest=booked, warnings=[*time.warnings, *(() if number else warnings)]
        )
        for number, (name, time) in enumerate(times.items())
    }


def _newest(bookings: Iterable[OwnBooking]) -> Iterable[OwnBooking]:
    """Return the newest version of each booking; of equal ones the first."""
    newest: dict[object, OwnBooking] = {}
    for booking in bookings:
        known = newest.get(booking.key)
        if known is None or booking.sequence > known.sequence:
            newest[booking.key] = booking
    return newest.values()


def _unread(found: Elsewhere, asked: Mapping[str, AccountBusy], guest: str) -> Sequence[Warn]:
    """Warn of calendars that cannot be read, unless those of the accounts asked for have said so."""
    message = f"cannot be read; it may hold bookings of guest {guest}, which are not counted"
    return [
        Warn("uncounted_bookings", message, source.account_id, source.shown)
        for source in found.unreadable
        if source.account_id not in asked
    ]
