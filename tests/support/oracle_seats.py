"""A second implementation of seats, slow and literal, which shares only the models.

For each start it tries every session that is there, and then the accounts that have no session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Meeting", "Seat", "Slots", "slots"]

# A start, the accounts and groups that meet, how many seats are left.
Slots = list[tuple[int, tuple[str, ...], dict[str, tuple[str, ...]], int]]
Group = tuple[str, tuple[str, ...], int]


@dataclass(frozen=True)
class Seat:
    """A booking of this profile or another one, by the accounts that take part. Times are instants."""

    start: int
    end: int
    profile: str
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Meeting:
    """What the profile says: the length and the buffers in seconds, seats, members, how many must meet."""

    duration: int
    before: int
    after: int
    seats: int
    accounts: tuple[str, ...]
    groups: tuple[Group, ...]
    required: int


def slots(
    meeting: Meeting,
    starts: Iterable[int],
    busy: Mapping[str, Sequence[tuple[int, int]]],
    booked: Sequence[Seat],
) -> Slots:
    """Return the slots among `starts`; `busy` are the events of each account."""
    found = []
    for start in starts:
        end = start + meeting.duration
        for accounts, left in _ways(meeting, start, end, busy, booked):
            direct = tuple(name for name in meeting.accounts if name in accounts)
            groups = {
                group: present
                for group, names, needed in meeting.groups
                if len(present := tuple(name for name in names if name in accounts)) >= needed
            }
            if len(direct) + len(groups) >= meeting.required:
                found.append((start, direct, groups, left))
                break
    return found


def _ways(
    meeting: Meeting,
    start: int,
    end: int,
    busy: Mapping[str, Sequence[tuple[int, int]]],
    booked: Sequence[Seat],
) -> Iterator[tuple[set[str], int]]:
    """Yield the sets of accounts that could meet, each with the seats that are left, the best first."""
    names = [*meeting.accounts, *(name for _, members, _ in meeting.groups for name in members)]
    here = [one for one in booked if (one.profile, one.start, one.end) == ("p", start, end)]
    sizes = dict.fromkeys({frozenset(one.accounts) for one in here}, 0)
    for one in here:
        sizes[frozenset(one.accounts)] += 1
    rank = sorted(
        (group for group in sizes if group <= {*names}),
        key=lambda group: (-sizes[group], min(names.index(name) for name in group)),
    )
    for group in rank:
        rest = [one for one in booked if one not in here or frozenset(one.accounts) != group]
        if sizes[group] < meeting.seats and all(
            _free(name, meeting, start, end, busy, rest) for name in group
        ):
            yield {*group}, meeting.seats - sizes[group]
    yield (
        {name for name in names if _free(name, meeting, start, end, busy, booked)},
        meeting.seats,
    )


def _free(
    name: str,
    meeting: Meeting,
    start: int,
    end: int,
    busy: Mapping[str, Sequence[tuple[int, int]]],
    booked: Sequence[Seat],
) -> bool:
    first, last = start - meeting.before, end + meeting.after
    if any(low < last and first < high for low, high in busy[name]):
        return False
    for one in booked:
        if name not in one.accounts:
            continue
        if one.start < last and first < one.end:
            return False
        if one.profile == "p" and one.start - meeting.before < end and start < one.end + meeting.after:
            return False
    return True
