"""Why a whole window has no slots: its cause, how often each account is free, and the best time."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from gbook.engine.quorum import at_least, available
from gbook.engine.relaxations import blocked
from gbook.scheduling.availability import Answer
from gbook.scheduling.masks import series_of, slots_in_time_of
from gbook.timeutil.instants import MINUTE

__all__ = ["AccountCount", "NoSlots", "Obstacles", "find_obstacles", "no_slots_cause"]


class NoSlots(Enum):
    """The cause that a window has no slots. Only NEVER_FREE depends on calendars."""

    NO_MEMBERS = "no members"
    OUTSIDE_PERIOD = "the window is outside the profile's period"
    SHORT_WINDOW = "the meeting is longer than the window"
    NO_HOURS = "no working hours of the meeting's length in the window"
    NO_DATES = "no series has all its dates in working hours"
    FEW_MEMBERS = "more members required than the profile has"
    NEVER_FREE = "the members are never free"


class AccountCount(NamedTuple):
    """How many of the possible slots an account is free for; None if its calendars cannot be read."""

    account_id: str
    free: int | None


class Obstacles(NamedTuple):
    """The number of possible slots, the accounts (least often free first), and the best start (an instant).

    The best start is the first at which as many members are free as at any other.
    """

    candidates: int
    accounts: Sequence[AccountCount]
    best_start: int


def no_slots_cause(answer: Answer) -> NoSlots:
    """Return the first cause, in the order of NoSlots, that an answer has no slots."""
    low, high = answer.window
    causes = {
        NoSlots.NO_MEMBERS: not answer.members,
        NoSlots.OUTSIDE_PERIOD: low >= high,
        NoSlots.SHORT_WINDOW: high - low < answer.query.profile.duration_minutes * MINUTE,
        NoSlots.NO_HOURS: not answer.candidates,
        NoSlots.NO_DATES: not answer.query.skip_busy and not _whole_series(answer),
        NoSlots.FEW_MEMBERS: answer.needed > len(answer.members),
    }
    return next((cause for cause, applies in causes.items() if applies), NoSlots.NEVER_FREE)


def _whole_series(answer: Answer) -> bool:
    """Return whether the profile offers a series: all dates of some slot are its slots, busy or not."""
    series = series_of(answer.query, answer.candidates, answer.zone)
    if series is None or not answer.candidates:
        return True
    offered = slots_in_time_of(answer.query, series, answer.zone)
    return any(series.on_all_dates(series.by_date(offered, {"anyone": offered.all}, {})).values())


def find_obstacles(answer: Answer) -> Obstacles | None:
    """Return the obstacles to a meeting in the window; None without members or possible slots."""
    total = len(answer.candidates)
    if not total or not answer.members:
        return None
    taken = blocked(answer.members, answer.free, answer.candidates.all)
    accounts = [
        AccountCount(account_id, total - count if answer.times[account_id].readable else None)
        for account_id, count in taken.items()
    ]
    return Obstacles(total, accounts, _best_start(answer))


def _best_start(answer: Answer) -> int:
    """Return the first start at which as many members are available as at any other."""
    everything = answer.candidates.all
    masks = [available(member, answer.free, everything) for member in answer.members]
    best = everything
    for number in range(1, len(masks) + 1):
        if not (mask := at_least(masks, number, everything)):
            break
        best = mask
    return answer.candidates.starts[(best & -best).bit_length() - 1]
