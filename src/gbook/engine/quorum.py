"""Members and quorum: from free accounts to slots that enough members can take.

An account that is attached to a profile is a member by itself. An attached group is one member, which can
take a slot if `required` of its accounts can. A query's `required` is the same count over members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import Literal

import msgspec

from gbook.engine.candidates import Candidates, bits

__all__ = ["Member", "Required", "Roster", "Slot", "at_least", "available", "find_slots", "needed"]

Required = Literal["one", "all"] | int


class Member(msgspec.Struct, frozen=True):
    """An attachment of a profile: one account, or a group (API key extId) of several."""

    accounts: tuple[str, ...]
    group: str | None = None
    required: Required = "all"

    @property
    def id(self) -> str:
        """The group's extId, or the account's id."""
        return self.accounts[0] if self.group is None else self.group


class Slot(msgspec.Struct, frozen=True):
    """A time `[start, end)` that can be booked, and the members that can take it.

    `accounts` are those attached directly; `groups` maps the extId of a group to its free accounts. Both
    contain only members that can take the slot. `optional` are the optional accounts that are free.
    """

    start: int
    end: int
    accounts: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    optional: tuple[str, ...] = ()
    # How many guests can still book it; None if it is for one guest.
    seats_left: int | None = None


def needed(required: Required, total: int) -> int:
    """Return how many of `total` are needed; a number in `required` may be larger than `total`."""
    match required:
        case "one":
            return 1
        case "all":
            return total
        case _:
            return required


def at_least(masks: Iterable[int], count: int, everything: int) -> int:
    """Return the mask of the slots that are set in at least `count` of `masks`.

    It counts all slots at once: `digits[d]` holds bit `d` of the count of every slot, and adding a mask
    ripples the carries.
    """
    if count <= 0:
        return everything
    digits: list[int] = []
    for mask in masks:
        carry = mask
        for index, digit in enumerate(digits):
            digits[index], carry = digit ^ carry, digit & carry
            if not carry:
                break
        if carry:
            digits.append(carry)
    if count.bit_length() > len(digits):
        return 0
    above, equal = 0, everything
    for index in reversed(range(len(digits))):
        if count >> index & 1:
            equal &= digits[index]
        else:
            above |= equal & digits[index]
            equal &= ~digits[index]
    return above | equal


def available(member: Member, free: Mapping[str, int], everything: int) -> int:
    """Return the mask of the slots that a member can take."""
    masks = [free[account] for account in member.accounts]
    return at_least(masks, needed(member.required, len(masks)), everything)


def find_slots(
    candidates: Candidates,
    members: Sequence[Member],
    free: Mapping[str, int],
    required: Required,
    optional: Sequence[str] = (),
) -> list[Slot]:
    """Return the slots that `required` of `members` can take, in order of time; none without members."""
    if not members:
        return []
    size, everything = len(candidates), candidates.all
    masks = [available(member, free, everything) for member in members]
    bookable = at_least(masks, needed(required, len(masks)), everything)
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
        for position in bits(bookable)
    ]


class Roster:
    """Transposed masks: for one slot, the ids of the masks in which it is set.

    The masks are rows of 0 and 1 bytes, one after another; a slot is then one strided slice, which the
    interpreter cuts in C even for ten thousand accounts.
    """

    def __init__(self, size: int, masks: Iterable[tuple[str, int]]) -> None:
        listed = list(masks)
        self._ids = [name for name, _ in listed]
        self._size = size
        rows = "".join(f"{mask:0{size}b}" for _, mask in listed) if size else ""
        self._rows = rows.encode("ascii").translate(_DIGITS)

    def at(self, position: int) -> tuple[str, ...]:
        """Return the ids at the position of a slot, in the order given."""
        if not self._ids:
            return ()
        return tuple(compress(self._ids, self._rows[self._size - 1 - position :: self._size]))


_DIGITS = bytes.maketrans(b"01", b"\x00\x01")
