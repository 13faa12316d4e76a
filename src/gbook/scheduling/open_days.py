"""Days with their free slots, and why a day has none: the class of the reason, without names or titles.

The slots come from `ask`, as for listing and booking. A class says what concerns a guest, and nothing about
who is busy with what; `explain` has all reasons of one time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from functools import cached_property, reduce
from itertools import pairwise
from operator import and_, or_
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from gbook.engine.candidates import Candidates
from gbook.engine.quorum import Slot, at_least, available
from gbook.scheduling.availability import Answer, Query, ask, bookable
from gbook.scheduling.limits import own_closed_time
from gbook.scheduling.masks import find_candidates, is_suitable
from gbook.scheduling.zones import profile_zone
from gbook.timeutil.instants import DAY, MINUTE, at_midnight, local
from gbook.workspace.workspace import Workspace

__all__ = ["NoTimes", "OpenDay", "open_days"]


class NoTimes(Enum):
    """Why a day has no free slot."""

    # The day, or the last time of its hours, is over.
    PAST = "past"
    # The profile, or too many of its members, have no hours that day.
    CLOSED = "closed"
    # Its last time is sooner than the profile's minimum notice allows (startAfterMinutes).
    NOTICE = "notice"
    # The profile's first day (startTime) is later.
    NOT_YET = "not_yet"
    # The profile's period (timeAvailableFor, endTime) ends before.
    OVER = "over"
    # There might be a free slot, but some calendars cannot be read.
    UNREADABLE = "unreadable"
    # Some people are free at some time of the day, but not enough of them.
    FEW = "few"
    TAKEN = "taken"


class OpenDay(NamedTuple):
    """A day with its free slots; the class of the reason if it has none.

    `possible` are the starts that the profile's hours give it, whether they are free or not.
    """

    day: date
    slots: Sequence[Slot]
    reason: NoTimes | None
    possible: Sequence[int]


def open_days(
    workspace: Workspace, query: Query, first: date, days: int, zone: ZoneInfo
) -> tuple[list[OpenDay], Answer]:
    """Return `days` days of `zone` from `first` on, and the answer that their slots are from.

    A slot belongs to the day on which it starts. The query's own window is replaced by these days; a query
    about a time that was agreed has no days. Raises what `ask` raises.
    """
    dates = [first + timedelta(days=number) for number in range(days)]
    midnights = [at_midnight(day, zone) for day in (*dates, first + timedelta(days=days))]
    # A slot that starts on the last day may end on the next one.
    low, high = midnights[0], midnights[-1] + query.profile.duration_minutes * MINUTE
    offered = find_candidates(query.profile, profile_zone(workspace, query.profile), (low, high))
    answer = ask(workspace, replace(query, low=low, high=high), offered=offered)
    free = {slot.start: slot for slot in answer.slots}
    reasons = _Reasons(answer, zone)
    listed = []
    for day, (begin, end) in zip(dates, pairwise(midnights), strict=True):
        possible = offered.starts[bisect_left(offered.starts, begin) : bisect_left(offered.starts, end)]
        slots = [free[start] for start in possible if start in free]
        listed.append(OpenDay(day, slots, None if slots else reasons.of(day, possible), possible))
    return listed, answer


class _Reasons:
    """The reasons of the days of an answer that have no slot; days are in `zone`."""

    def __init__(self, answer: Answer, zone: ZoneInfo) -> None:
        self._answer = answer
        self._query = answer.query
        self._today = local(answer.query.now, zone).date()

    def of(self, day: date, possible: Sequence[int]) -> NoTimes:
        """Return why a day has no slot; `possible` are the starts that the profile's hours give it."""
        now = self._query.now
        if day < self._today or (possible and possible[-1] < now):
            return NoTimes.PAST
        if not possible:
            return NoTimes.CLOSED
        (low, high), duration = self._answer.period, self._answer.candidates.meeting.duration
        if inside := [start for start in possible if low <= start <= high - duration]:
            return self._of_members(inside)
        if possible[0] > high - duration or possible[-1] >= low:
            return NoTimes.OVER
        notice = now + self._query.profile.start_after_minutes * MINUTE
        return NoTimes.NOTICE if possible[-1] < notice else NoTimes.NOT_YET

    def _of_members(self, inside: Sequence[int]) -> NoTimes:
        """Return why no slot is free at starts that the profile's rules allow."""
        if not self._if_readable.isdisjoint(inside):
            return NoTimes.UNREADABLE
        if not self._has_enough_members:
            return NoTimes.FEW
        day = self._candidates.run(inside[0], inside[-1] + 1)
        if not day & self._in_hours:
            return NoTimes.CLOSED
        return NoTimes.FEW if day & self._with_few else NoTimes.TAKEN

    @property
    def _has_enough_members(self) -> bool:
        return 0 < self._answer.needed <= len(self._answer.members)

    @cached_property
    def _hours(self) -> Mapping[str, int]:
        """The slots within each account's own hours."""
        return {name: self._candidates.all & ~mask for name, mask in self._closed()}

    def _closed(self) -> Iterator[tuple[str, int]]:
        starts, zone = self._candidates.starts, self._answer.zone
        low, high = starts[0] - DAY, starts[-1] + self._candidates.meeting.duration + DAY
        for name, time in self._answer.times.items():
            yield name, self._candidates.touched(own_closed_time(time.account, zone, low, high))

    @cached_property
    def _in_hours(self) -> int:
        """The slots that enough members could take if they had no meetings."""
        members, everything = self._answer.members, self._candidates.all
        able = [available(member, self._hours, everything) for member in members]
        return at_least(able, self._answer.needed, everything)

    @cached_property
    def _if_readable(self) -> set[int]:
        """The starts at which a slot would be free if those whose calendars cannot be read were."""
        answer, times = self._answer, self._answer.times
        if all(time.readable for time in times.values()):
            return set()
        unsure = {
            name for name, time in times.items() if not time.readable and is_suitable(self._query, time)
        }
        free = {name: self._hours[name] if name in unsure else mask for name, mask in answer.free.items()}
        slots, _ = bookable(self._query, self._candidates, answer.members, free, times)
        return {slot.start for slot in slots}

    @cached_property
    def _with_few(self) -> int:
        """The slots at which some of the people are free, but not all members who are people."""
        free, everything = self._answer.free, self._candidates.all
        people = {name for name, time in self._answer.times.items() if time.account.kind == "person"}
        members = [member for member in self._answer.members if people.intersection(member.accounts)]
        able = (free[name] for member in members for name in member.accounts if name in people)
        enough = (available(member, free, everything) for member in members)
        return reduce(or_, able, 0) & ~reduce(and_, enough, everything)

    @property
    def _candidates(self) -> Candidates:
        return self._answer.candidates
