"""Which bookings take an account's time: its own copies, and bookings in other calendars that name it.

A copy may be missing (`deliver: host`, deleted, not synced yet) or differ (moved in a calendar program). An
account is busy for each version of a booking that may be the right one, until `gbook booking repair` makes
the copies equal.
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
    found = {(one.uid, one.start, one.end): one for one in own if one.blocks}
    answered = {one.uid for one in own if not one.blocks and not one.cancelled}
    others = [(holder, one) for holder, one in others if one.uid not in answered]
    newest: dict[str, int] = {}
    for one in (*own, *(one for _, one in others)):
        newest[one.uid] = max(one.sequence, newest.get(one.uid, 0))
    for holder, one in others:
        # The host decides; of all other versions only the newest can be right.
        counts = holder == one.host or one.sequence == newest[one.uid]
        if counts and not one.cancelled and account.email.casefold() not in one.declined:
            found.setdefault((one.uid, one.start, one.end), msgspec.structs.replace(one, blocks=True))
    return [*found.values(), *(one for one in own if not one.blocks)]
