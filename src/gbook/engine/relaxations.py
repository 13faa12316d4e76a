"""Relaxations: changes of a query that would give more slots, found from masks alone.

A `Relaxation` is such a change (without bob; with any two of sales) and the mask of the slots that it adds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gbook.engine.candidates import bits
from gbook.engine.quorum import Member, Required, Roster, at_least, available, needed

__all__ = ["Relaxation", "blocked", "relaxations"]

# Suggest leaving out at most this many members at once.
MAX_LEFT_OUT = 3


class Relaxation(NamedTuple):
    """A query without some members, or without some accounts of a group; or with any `enough` of `of`."""

    mask: int
    # The members that are left out; with `group`: those of its accounts.
    without: tuple[str, ...] = ()
    # How many are enough: of the group, else of the members.
    enough: int = 0
    of: int = 0
    group: str | None = None


def blocked(members: Sequence[Member], free: Mapping[str, int], everything: int) -> dict[str, int]:
    """Return for each account the number of candidate slots that it cannot take, highest first."""
    accounts = dict.fromkeys(account for member in members for account in member.accounts)
    counts = {account: (everything & ~free[account]).bit_count() for account in accounts}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def relaxations(
    members: Sequence[Member], free: Mapping[str, int], required: Required, everything: int
) -> Iterator[Relaxation]:
    """Yield every relaxation that adds slots to those that `required` of `members` can take."""
    masks = [available(member, free, everything) for member in members]
    count = needed(required, len(masks))
    bookable = at_least(masks, count, everything)
    names = [member.id for member in members]
    yield from _relaxed(names, masks, count, everything & ~bookable)
    for position, member in enumerate(members):
        if member.group is None or len(member.accounts) < 2:
            continue
        if_always_free = at_least([*masks[:position], everything, *masks[position + 1 :]], count, everything)
        own = [free[account] for account in member.accounts]
        enough = needed(member.required, len(own))
        for relaxation in _relaxed(member.accounts, own, enough, if_always_free & ~bookable):
            yield relaxation._replace(group=member.group)


def _relaxed(names: Sequence[str], masks: Sequence[int], count: int, blocked: int) -> Iterator[Relaxation]:
    """Yield the relaxations of "at least `count` of `masks`": leave some out, or require fewer.

    `blocked` is the mask of the slots that only this requirement blocks.
    """
    if count == len(masks):
        for number in range(1, min(MAX_LEFT_OUT, len(masks) - 1) + 1):
            if almost := at_least(masks, len(masks) - number, blocked) & blocked:
                yield from (Relaxation(mask, without) for without, mask in _missing(names, masks, almost))
                break
    for fewer in range(min(count, len(masks) + 1) - 1, 0, -1):
        if mask := at_least(masks, fewer, blocked) & blocked:
            yield Relaxation(mask, enough=fewer, of=len(masks))
            break


def _missing(names: Sequence[str], masks: Sequence[int], slots: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield each set of names that blocks one of `slots`, with the mask of the slots that it blocks."""
    absent = Roster(
        slots.bit_length(), ((name, slots & ~mask) for name, mask in zip(names, masks, strict=True))
    )
    by_set: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for position in bits(slots):
        by_set[absent.at(position)] |= 1 << position
    yield from by_set.items()
