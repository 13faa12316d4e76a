"""Why a whole window has no slots: how often each account is free, and the time that comes closest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gbook.engine.quorum import at_least, available
from gbook.engine.relaxations import blocked
from gbook.scheduling.availability import Answer

__all__ = ["AccountCount", "Obstacles", "find_obstacles"]


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


def find_obstacles(answer: Answer) -> Obstacles | None:
    """Return what keeps the members from meeting; None if there is no member or no possible slot."""
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
    everything = answer.candidates.all
    masks = [available(member, answer.free, everything) for member in answer.members]
    best = everything
    for number in range(1, len(masks) + 1):
        if not (mask := at_least(masks, number, everything)):
            break
        best = mask
    return answer.candidates.starts[(best & -best).bit_length() - 1]
