"""Which bookings take an account's time: its own copies, and bookings in other calendars that name it.

A copy may be missing (`deliver: host`, deleted, not synced yet) or differ (moved in a calendar program). An
account is busy for each version of a booking that may be the right one, until `gbook booking repair` makes
the copies equal. Each date of a series is a booking here; its SEQUENCE is that of the whole series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gbook.calendars.busy.cached import OwnBooking
from gbook.workspace.config import Account

__all__ = ["affected_bookings"]


def affected_bookings(
    account: Account, own: Sequence[OwnBooking], others: Iterable[tuple[str, OwnBooking]]
) -> list[OwnBooking]:
    """Return the bookings of an account; `blocks` says whether each takes its time.

    `own` are the copies in its calendars, `others` those in other calendars that name it, each with the id
    of the account that has the calendar.
    """
    versions = {(booking.key, booking.start, booking.end): booking for booking in own if booking.blocks}
    answered = {booking.key for booking in own if not booking.blocks and not booking.cancelled}
    others = [(holder, booking) for holder, booking in others if booking.key not in answered]
    newest: dict[str, int] = {}
    for booking in (*own, *(booking for _, booking in others)):
        newest[booking.uid] = max(booking.sequence, newest.get(booking.uid, 0))
    for holder, booking in others:
        # The host decides; of all other versions only the newest can be right.
        counts = holder == booking.host or booking.sequence == newest[booking.uid]
        if counts and not booking.cancelled and account.email.casefold() not in booking.declined:
            blocking = msgspec.structs.replace(booking, blocks=True)
            versions.setdefault((booking.key, booking.start, booking.end), blocking)
    return [*versions.values(), *(booking for booking in own if not booking.blocks)]
