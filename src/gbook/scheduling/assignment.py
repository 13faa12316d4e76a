"""The assignment of a slot: its accounts and its host, chosen from the free accounts.

The engine finds the accounts that are free; the profile's `assignment` chooses among them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from gbook.engine.quorum import Member, Slot, needed
from gbook.scheduling.availability import Answer
from gbook.scheduling.limits import meetings
from gbook.timeutil.instants import DAY

__all__ = ["Choice", "assign"]

# How far before and after a slot `assignment: balanced` counts bookings.
BALANCE = 14 * DAY

Load = tuple[bool, int]


class Choice(NamedTuple):
    """The accounts that meet, the host first; `group` is the host's, else the first group that takes part."""

    accounts: tuple[str, ...]
    group: str | None
    optional: tuple[str, ...]

    @property
    def host(self) -> str:
        """The account whose primary calendar the event is booked in."""
        return self.accounts[0]


def assign(answer: Answer, slot: Slot) -> Choice:
    """Return who takes a slot: as many members as `required` asks for, and of each group as many as it needs.

    The host is the first of them, in the members' order, that can be one.
    """
    load = _load(answer, slot)
    chosen: dict[str, str | None] = {}
    for member in _members(answer, slot, load):
        for account in _of_member(member, slot, load, chosen):
            chosen.setdefault(account, member.group)
    accounts = sorted(chosen, key=lambda account: not answer.times[account].account.can_host)
    optional = tuple(account for account in slot.optional if account not in chosen)
    group = chosen[accounts[0]] or next(filter(None, chosen.values()), None)
    return Choice(tuple(accounts), group, optional)


def _members(answer: Answer, slot: Slot, load: Callable[[str], Load]) -> list[Member]:
    """Return the members that take part, in the profile's order.

    Groups count as listed; accounts that are attached directly take their places among each other by load.
    One of those chosen can host, if any member can.
    """
    able = [m for m in answer.members if (m.group in slot.groups if m.group else m.id in slot.accounts)]
    direct = iter(sorted((m for m in able if m.group is None), key=lambda member: load(member.id)[1]))
    ranked = [member if member.group else next(direct) for member in able]
    count = answer.needed
    chosen, rest = ranked[:count], ranked[count:]
    if not any(_can_host(answer, member, slot) for member in chosen):
        chosen[-1:] = [member for member in rest if _can_host(answer, member, slot)][:1] or chosen[-1:]
    return [member for member in able if member in chosen]


def _can_host(answer: Answer, member: Member, slot: Slot) -> bool:
    return any(answer.times[account].account.can_host for account in _free(member, slot))


def _free(member: Member, slot: Slot) -> Sequence[str]:
    return member.accounts if member.group is None else slot.groups[member.group]


def _of_member(
    member: Member, slot: Slot, load: Callable[[str], Load], chosen: Collection[str]
) -> Sequence[str]:
    """Return the accounts that a member sends; a group sends those first that are not chosen yet."""
    free = sorted(_free(member, slot), key=lambda account: (account in chosen, load(account)))
    selected = free[: needed(member.required, len(member.accounts))]
    return [account for account in member.accounts if account in selected]


def _load(answer: Answer, slot: Slot) -> Callable[[str], Load]:
    """Return the sort key of an account: whether it cannot host, then its load with `assignment: balanced`.

    The load is the number of bookings of this profile that it takes part in from two weeks before the slot
    to two weeks after it. Sorting is stable, so equals stay as listed.
    """
    cannot_host = {name: not time.account.can_host for name, time in answer.times.items()}
    profile, now = answer.query.profile, answer.query.now
    if profile.assignment != "balanced":
        return lambda account: (cannot_host[account], 0)
    low, high = slot.start - BALANCE, slot.end + BALANCE
    counts = {
        name: sum(low <= meeting.start < high for meeting in meetings(profile, now, time))
        for name, time in answer.times.items()
    }
    return lambda account: (cannot_host[account], counts[account])
