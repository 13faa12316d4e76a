"""Why there are no more slots, told from masks alone: who stands in the way, and which change would help.

A `Relaxation` is a change of the question (without bob, with two of sales) and the mask of the further slots
that it would give.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gbook.engine.candidates import bits
from gbook.engine.quorum import Member, Required, Roster, at_least, available, needed

__all__ = ["Relaxation", "blocked", "reliefs"]

# Of so many at most it is told what leaving them out together would give.
TOGETHER = 3


class Relaxation(NamedTuple):
    """What could be asked instead: without some members or accounts of a group, or with `enough` of `of`."""

    mask: int
    # The members that are left out; with `group`: those of its accounts.
    without: tuple[str, ...] = ()
    # How many are enough: of the group, else of the members.
    enough: int = 0
    of: int = 0
    group: str | None = None


def blocked(members: Sequence[Member], free: Mapping[str, int], everything: int) -> dict[str, int]:
    """For each account the number of candidate slots that it cannot take, the most first."""
    accounts = dict.fromkeys(account for member in members for account in member.accounts)
    counts = {account: (everything & ~free[account]).bit_count() for account in accounts}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def reliefs(
    members: Sequence[Member], free: Mapping[str, int], required: Required, everything: int
) -> Iterator[Relaxation]:
    """Every relief that gives more slots."""
    masks = [available(member, free, everything) for member in members]
    count = needed(required, len(masks))
    found = at_least(masks, count, everything)
    names = [member.id for member in members]
    yield from _of_some(names, masks, count, everything & ~found)
    for position, member in enumerate(members):
        if member.group is None or len(member.accounts) < 2:
            continue
        willing = at_least([*masks[:position], everything, *masks[position + 1 :]], count, everything)
        own = [free[account] for account in member.accounts]
        enough = needed(member.required, len(own))
        for relief in _of_some(member.accounts, own, enough, willing & ~found):
            yield relief._replace(group=member.group)


def _of_some(names: Sequence[str], masks: Sequence[int], count: int, open_to: int) -> Iterator[Relaxation]:
    """What it gives to leave out those that are missing, where all are needed; or to be content with fewer.

    `open_to` are the slots that only these stand in the way of.
    """
    if count == len(masks):
        for number in range(1, min(TOGETHER, len(masks) - 1) + 1):
            if almost := at_least(masks, len(masks) - number, open_to) & open_to:
                yield from (Relaxation(mask, without) for without, mask in _missing(names, masks, almost))
                break
    for fewer in range(min(count, len(masks) + 1) - 1, 0, -1):
        if mask := at_least(masks, fewer, open_to) & open_to:
            yield Relaxation(mask, enough=fewer, of=len(masks))
            break


def _missing(names: Sequence[str], masks: Sequence[int], slots: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The sets of those that are missing, each with the mask of the slots that it stands in the way of."""
    absent = Roster(
        slots.bit_length(), ((name, slots & ~mask) for name, mask in zip(names, masks, strict=True))
    )
    by_set: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for position in bits(slots):
        by_set[absent.at(position)] |= 1 << position
    yield from by_set.items()
