"""Who of those that are free holds the meeting, and in whose calendar it is booked.

The availability engine says who can; here the profile's `assignment` says who does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gbook.availability.members import Member, Slot, needed
from gbook.query import BALANCE, Answer, hosted

__all__ = ["Choice", "choose"]


Load = tuple[bool, int]


class Choice(NamedTuple):
    """The accounts that meet, the host first; `group` is the first group that takes part."""

    accounts: tuple[str, ...]
    group: str | None
    optional: tuple[str, ...]

    @property
    def host(self) -> str:
        """The account whose primary calendar the event is booked in."""
        return self.accounts[0]


def choose(answer: Answer, slot: Slot) -> Choice:
    """Choose for a slot: as many members as `required` asks for, and of each group as many as it needs.

    Those who can host go first, so that there is a host.
    """
    load = _load(answer)
    able = [m for m in answer.members if (m.group in slot.groups if m.group else m.id in slot.accounts)]
    count = needed(answer.query.required, len(answer.members))
    chosen: list[str] = []
    group: str | None = None
    for member in sorted(able, key=lambda m: min(map(load, _free(m, slot))))[:count]:
        group = group or member.group
        for account in _of_member(member, slot, load, chosen):
            if account not in chosen:
                chosen.append(account)
    optional = tuple(account for account in slot.optional if account not in chosen)
    return Choice(tuple(chosen), group, optional)


def _free(member: Member, slot: Slot) -> Sequence[str]:
    return member.accounts if member.group is None else slot.groups[member.group]


def _of_member(
    member: Member, slot: Slot, load: Callable[[str], Load], chosen: Sequence[str]
) -> Sequence[str]:
    """The accounts that a member sends: of a group those who are not there already go first."""
    free = sorted(_free(member, slot), key=lambda account: (account in chosen, load(account)))
    return free[: needed(member.required, len(member.accounts))]


def _load(answer: Answer) -> Callable[[str], Load]:
    """Whether an account cannot host, and how much it has to do: the latter with `assignment: balanced`.

    It is the number of bookings of this profile that it hosts from two weeks ago to two weeks ahead.
    Sorting is stable, so equals stay as listed.
    """
    cannot_host = {name: not time.account.can_host for name, time in answer.times.items()}
    if answer.query.profile.assignment != "balanced":
        return lambda account: (cannot_host[account], 0)
    low, high = answer.query.now - BALANCE, answer.query.now + BALANCE
    counts = {
        name: sum(low <= one.start < high for one in hosted(time, answer.query))
        for name, time in answer.times.items()
    }
    return lambda account: (cannot_host[account], counts[account])
