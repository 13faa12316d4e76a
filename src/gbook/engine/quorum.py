"""Members: from who is free to who can hold the meeting.

An attached account is a member by itself; an attached group is a member that can take a slot when `required`
of its accounts can. The same count, over members, answers a query's `required`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import Literal, NamedTuple

from gbook.engine.candidates import Candidates, bits

__all__ = ["Member", "Required", "Roster", "Slot", "at_least", "available", "find_slots", "needed"]

Required = Literal["one", "all"] | int


class Member(NamedTuple):
    """What is attached to a profile: one account, or a group (API key extId) of several."""

    accounts: tuple[str, ...]
    group: str | None = None
    required: Required = "all"

    @property
    def id(self) -> str:
        """The group's extId, or the account's id."""
        return self.accounts[0] if self.group is None else self.group


class Slot(NamedTuple):
    """A time that can be booked, and who can take it.

    `accounts` are attached directly, `groups` maps an extId to those of its accounts that are free; both only
    for members that can take the slot. `optional` are the optional accounts that are free.
    """

    start: int
    end: int
    accounts: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    optional: tuple[str, ...] = ()


def needed(required: Required, of: int) -> int:
    """How many of `of` it takes: one, all, or the number (which may be more than there are)."""
    match required:
        case "one":
            return 1
        case "all":
            return of
        case _:
            return required


def at_least(masks: Iterable[int], count: int, everything: int) -> int:
    """The mask of the slots that at least `count` of `masks` have.

    Counts all slots at once: `digits[d]` holds bit `d` of every slot's count; adding a mask ripples carries.
    """
    if count <= 0:
        return everything
    digits: list[int] = []
    for mask in masks:
        carry = mask
        for place, digit in enumerate(digits):
            digits[place], carry = digit ^ carry, digit & carry
            if not carry:
                break
        if carry:
            digits.append(carry)
    if count.bit_length() > len(digits):
        return 0
    above, equal = 0, everything
    for place in reversed(range(len(digits))):
        if count >> place & 1:
            equal &= digits[place]
        else:
            above |= equal & digits[place]
            equal &= ~digits[place]
    return above | equal


def available(member: Member, free: Mapping[str, int], everything: int) -> int:
    """The mask of the slots that a member can take."""
    masks = [free[account] for account in member.accounts]
    return at_least(masks, needed(member.required, len(masks)), everything)


def find_slots(
    candidates: Candidates,
    members: Sequence[Member],
    free: Mapping[str, int],
    required: Required,
    optional: Sequence[str] = (),
) -> list[Slot]:
    """The slots that `required` of `members` can take, in order of time. No members: no slots."""
    if not members:
        return []
    size, everything = len(candidates), candidates.all
    masks = [available(member, free, everything) for member in members]
    found = at_least(masks, needed(required, len(masks)), everything)
    attached = Roster(size, ((m.id, mask) for m, mask in zip(members, masks, strict=True) if m.group is None))
    groups = [
        (member.group, mask, Roster(size, ((account, free[account]) for account in member.accounts)))
        for member, mask in zip(members, masks, strict=True)
        if member.group is not None
    ]
    ranking = Roster(size, ((account, free[account]) for account in optional))
    return [
        Slot(
            start := candidates.starts[position],
            start + candidates.meeting.duration,
            attached.at(position),
            {group: roster.at(position) for group, mask, roster in groups if mask >> position & 1},
            ranking.at(position),
        )
        for position in bits(found)
    ]


class Roster:
    """Masks turned on their side: for one slot, the ids whose mask has it.

    A row of 0 and 1 bytes for each mask, laid end to end; a slot is then one strided slice,
    which keeps ten thousand accounts in C.
    """

    def __init__(self, size: int, masks: Iterable[tuple[str, int]]) -> None:
        listed = list(masks)
        self._ids = [name for name, _ in listed]
        self._size = size
        rows = "".join(f"{mask:0{size}b}" for _, mask in listed) if size else ""
        self._rows = rows.encode("ascii").translate(_DIGITS)

    def at(self, position: int) -> tuple[str, ...]:
        """The ids at a slot's position, in the order given."""
        return tuple(compress(self._ids, self._rows[self._size - 1 - position :: self._size]))


_DIGITS = bytes.maketrans(b"01", b"\x00\x01")
