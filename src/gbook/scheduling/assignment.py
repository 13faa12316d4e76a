"""The assignment of a slot: its accounts and its host, chosen from the free accounts.

The engine finds the accounts that are free; the profile's `assignment` chooses among people, and among rooms
their size.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import msgspec

from gbook.engine.quorum import Member, Slot, needed
from gbook.scheduling.availability import Answer, Query
from gbook.scheduling.limits import meetings, session_of
from gbook.timeutil.instants import DAY
from gbook.timeutil.repeats import Repeat
from gbook.workspace.config import Account

__all__ = ["Assignment", "Choice", "assign", "repeat_of"]

# How far before and after a slot `assignment: balanced` counts bookings.
BALANCE = 14 * DAY

# How late an account is chosen: whether it cannot host, on how many dates of a series it is busy, the size of
# a room, its number of bookings.
Load = tuple[bool, int, tuple[int, int], int]


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
    return Assignment(answer).choose(slot)


def repeat_of(answer: Answer, slot: Slot, choice: Choice) -> Repeat | None:
    """Return how a series at a slot recurs: the dates on which an account of `choice` is busy are skipped.

    None if the query was not for a series.
    """
    if (repeat := answer.query.repeat) is None:
        return None
    busy = [
        position
        for position, free in enumerate(_free_by_date(answer, slot))
        if not free.issuperset(choice.accounts)
    ]
    return msgspec.structs.replace(repeat, skipped=tuple(sorted({*repeat.skipped, *busy})))


class Assignment:
    """The choice of accounts for the slots of one answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._accounts = {name: time.account for name, time in answer.times.items()}
        # Looked up once for each account, not for each of thousands of slots.
        self._hosts = {name for name, account in self._accounts.items() if account.can_host}
        self._estimates = not _seats_asked(answer.query) and any(
            account.capacity for account in self._accounts.values()
        )
        self._starts: dict[str, list[int]] = {}
        if answer.query.profile.assignment == "balanced":
            profile, now = answer.query.profile, answer.query.now
            self._starts = {
                name: sorted({session_of(one): one.start for one in meetings(profile, now, time)}.values())
                for name, time in answer.times.items()
            }

    def choose(self, slot: Slot) -> Choice:
        """Return who takes a slot of the answer: the accounts of the session that it joins, if any."""
        if session := self._answer.sessions.get(slot.start):
            group = next((m.group for m in self._answer.members if session.accounts[0] in m.accounts), None)
            return Choice(session.accounts, group, slot.optional)
        chosen = self._chosen(slot, people=0)
        if self._estimates:
            people = sum(self._accounts[name].kind == "person" for name in chosen)
            # The guest takes part too.
            chosen = self._chosen(slot, people + 1)
        accounts = sorted(chosen, key=lambda name: name not in self._hosts)
        optional = tuple(account for account in slot.optional if account not in chosen)
        group = chosen[accounts[0]] or next(filter(None, chosen.values()), None)
        return Choice(tuple(accounts), group, optional)

    def _chosen(self, slot: Slot, people: int) -> dict[str, str | None]:
        """Return the accounts that take a slot, each with its group; rooms have `people` seats, if any."""
        load = self._load(slot, people)
        chosen: dict[str, str | None] = {}
        for member in self._members(slot, load):
            for account in _of_member(member, slot, load, chosen):
                chosen.setdefault(account, member.group)
        return chosen

    def _members(self, slot: Slot, load: Callable[[str], Load]) -> list[Member]:
        """Return the members that take part, in the profile's order.

        Groups count as listed; people that are attached directly take their places among each other by load,
        and so do rooms. One of those chosen can host, if any member can.
        """
        able = [
            m
            for m in self._answer.members
            if (m.group in slot.groups if m.group is not None else m.id in slot.accounts)
        ]
        direct = sorted((m for m in able if m.group is None), key=lambda member: load(member.id)[1:])
        people = iter([member for member in direct if self._is_person(member)])
        others = iter([member for member in direct if not self._is_person(member)])
        ranked = [
            member if member.group is not None else next(people if self._is_person(member) else others)
            for member in able
        ]
        count = self._answer.needed
        chosen, rest = ranked[:count], ranked[count:]
        if not any(self._can_host(member, slot) for member in chosen):
            chosen[-1:] = [member for member in rest if self._can_host(member, slot)][:1] or chosen[-1:]
        return [member for member in able if member in chosen]

    def _is_person(self, member: Member) -> bool:
        return self._accounts[member.id].kind == "person"

    def _can_host(self, member: Member, slot: Slot) -> bool:
        return not self._hosts.isdisjoint(_free(member, slot))

    def _load(self, slot: Slot, people: int) -> Callable[[str], Load]:
        """Return the sort key of an account; sorting is stable, so equals stay as listed.

        With `assignment: balanced`, the number of bookings of this profile that it takes part in from two
        weeks before the slot to two weeks after it counts.
        """
        low, high = slot.start - BALANCE, slot.end + BALANCE
        dates = _free_by_date(self._answer, slot) if self._answer.query.skip_busy else []

        def load(name: str) -> Load:
            account, starts = self._accounts[name], self._starts.get(name, ())
            count = bisect_left(starts, high) - bisect_left(starts, low) if starts else 0
            busy = sum(name not in free for free in dates)
            return name not in self._hosts, busy, _size(account, people), count

        return load


def _free_by_date(answer: Answer, slot: Slot) -> list[set[str]]:
    """Return the accounts that are free on each date of a series whose first date is a slot."""
    bit = 1 << answer.candidates.starts.index(slot.start)
    return [{name for name, mask in free.items() if mask & bit} for free in answer.by_date]


def _seats_asked(query: Query) -> int:
    """Return how many seats a room must have; 0 if neither the query nor the profile says."""
    return query.people or (query.profile.rooms.capacity if query.profile.rooms else 0) or 0


def _size(account: Account, people: int) -> tuple[int, int]:
    """Return the order of rooms: the smallest with `people` seats, unknown sizes, the largest of others."""
    if account.kind == "person":
        return 0, 0
    if account.capacity is None:
        return 1, 0
    return (0, account.capacity) if account.capacity >= people else (2, -account.capacity)


def _free(member: Member, slot: Slot) -> Sequence[str]:
    return member.accounts if member.group is None else slot.groups[member.group]


def _of_member(
    member: Member, slot: Slot, load: Callable[[str], Load], chosen: Collection[str]
) -> Sequence[str]:
    """Return the accounts that a member sends; a group sends those first that are not chosen yet."""
    if member.group is None:
        return member.accounts
    free = sorted(_free(member, slot), key=lambda account: (account in chosen, load(account)))
    selected = free[: needed(member.required, len(member.accounts))]
    return [account for account in member.accounts if account in selected]
