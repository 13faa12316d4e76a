"""The rank of the slots of an answer: what each costs the accounts that would be booked.

The engine has the formula; this module knows whose hours, zones and days it is applied to. A rank never
excludes a slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.engine.candidates import Meeting
from gbook.engine.intervals import Interval, Intervals
from gbook.engine.quorum import Slot
from gbook.engine.ranking import OTHER_DAY, WITHOUT, Factor, Shape, away, day_shape
from gbook.profiles.schedule import working_intervals
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.assignment import Assignment
from gbook.scheduling.availability import Answer
from gbook.scheduling.limits import own_closed_time
from gbook.timeutil.instants import DAY, MINUTE, WEEKDAYS, local
from gbook.timeutil.zones import find_zone
from gbook.workspace.preferences import Preferences
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval

__all__ = ["RankedSlot", "rank"]

# The hours of people in other zones, unless they prefer others.
OFFICE = (WorkingInterval(start="09:00", end="17:00"),)


class RankedSlot(NamedTuple):
    """A slot, its position (1 is the best), its cost in minutes, and the factors, the largest first."""

    slot: Slot
    position: int
    cost: int
    factors: Sequence[Factor]


def rank(answer: Answer) -> list[RankedSlot]:
    """Return the slots of an answer, the best first.

    Of equal cost, those come first at which people of several zones are nearest to their hours, all together;
    then the earliest.
    """
    ranking = _Ranking(answer)
    costed = []
    for slot in answer.slots:
        factors, together = ranking.factors(slot)
        costed.append((sum(factor.minutes for factor in factors), together, slot.start, slot, factors))
    costed.sort(key=lambda item: item[:3])
    return [
        RankedSlot(slot, position, cost, sorted(factors, key=lambda factor: -factor.minutes))
        for position, (cost, _, _, slot, factors) in enumerate(costed, 1)
    ]


class _Ranking:
    """The costs of the slots of one answer."""

    def __init__(self, answer: Answer) -> None:
        starts = answer.candidates.starts
        reach = answer.candidates.meeting.duration + 2 * DAY
        window = (starts[0] - reach, starts[-1] + reach) if starts else (0, 0)
        profile = answer.query.profile
        self._meeting = answer.candidates.meeting
        self._assignment = Assignment(answer)
        self._optional = profile.optional
        self._profile = _Wishes(profile.prefer, answer.zone, window)
        hours = working_intervals(profile.work_hours, answer.zone, window, profile.availability_intervals)
        closed = Intervals((one.start, one.end) for one in hours).gaps(*window)
        self._participants = {
            name: _Participant(time, profile.prefer, answer.zone, closed, window)
            for name, time in answer.times.items()
        }

    def factors(self, slot: Slot) -> tuple[list[Factor], int]:
        """Return the factors of the cost of a slot.

        And if the clocks of the people differ, by how many minutes they are outside their hours, together.
        """
        chosen = self._assignment.choose(slot).accounts
        participants = [self._participants[name] for name in chosen]
        people = [participant for participant in participants if participant.is_person]
        span = slot.start, slot.end
        factors = [*self._profile.hours_factor(span, None), *self._profile.day_factor(span, None)]
        are_apart = _are_apart(people, slot.start)
        for participant in participants:
            if not (are_apart and participant.is_person):
                factors += participant.wishes.hours_factor(span, participant.name)
            factors += participant.factors(span, self._meeting)
        missing = (name for name in self._optional if name not in slot.optional and name not in chosen)
        factors += [Factor("without", WITHOUT, name) for name in missing]
        minutes = [person.away(span) for person in people] if are_apart else []
        if any(minutes):
            factors.append(_zone_factor(people, minutes))
        return factors, sum(minutes)


def _zone_factor(people: Sequence[_Participant], minutes: Sequence[int]) -> Factor:
    """Return the cost of hours that do not suit: for each of the people that of the one worst off."""
    worst = max(minutes)
    return Factor("zone", worst * len(people), people[minutes.index(worst)].name, worst)


def _are_apart(people: Sequence[_Participant], start: int) -> bool:
    """Return whether the clocks of people differ at an instant."""
    zones = {person.zone.key: person.zone for person in people}
    return len(zones) > 1 and len({local(start, zone).utcoffset() for zone in zones.values()}) > 1


class _Wishes:
    """The preferred hours and days of an account or a profile, as instants of a window."""

    def __init__(self, preferences: Preferences | None, zone: ZoneInfo, window: Interval) -> None:
        self._zone = zone
        self._days = {WEEKDAYS.index(day) for day in preferences.days} if preferences else set()
        self.hours = Intervals()
        if preferences and preferences.hours:
            self.hours = _daily(preferences.hours, zone, window)

    def hours_factor(self, span: Interval, name: str | None) -> Iterator[Factor]:
        """Yield the cost of a meeting that is outside the hours."""
        if minutes := away(*span, self.hours) // MINUTE:
            yield Factor("hours", minutes, name)

    def day_factor(self, span: Interval, name: str | None) -> Iterator[Factor]:
        """Yield the cost of a meeting that is on another day."""
        if self._days and local(span[0], self._zone).weekday() not in self._days:
            yield Factor("day", OTHER_DAY, name)


class _Participant:
    """What makes a slot good or bad for one account."""

    def __init__(
        self,
        time: AccountBusy,
        usual: Preferences | None,
        zone: ZoneInfo,
        closed: Intervals,
        window: Interval,
    ) -> None:
        account = time.account
        self.name = account.id
        self.is_person = account.kind == "person"
        self.zone = find_zone(account.timezone) if account.timezone else zone
        self.wishes = _Wishes(account.prefer, self.zone, window)
        own = account.prefer.adjacent if account.prefer else None
        adjacent = usual.adjacent if own is None and usual else own
        self._has_shape = self.is_person or own is not None
        self._window, self._time, self._adjacent = window, time, adjacent
        self._closed = own_closed_time(account, zone, *window) if account.work_hours else closed

    @cached_property
    def _shape(self) -> Shape:
        return Shape(self._time.busy, self._time.busy | self._closed, self._adjacent)

    @cached_property
    def _office(self) -> Intervals:
        return self.wishes.hours or _daily(OFFICE, self.zone, self._window)

    def away(self, span: Interval) -> int:
        """Return by how many minutes a meeting is outside the hours that suit the account."""
        return away(*span, self._office) // MINUTE

    def factors(self, span: Interval, meeting: Meeting) -> Iterator[Factor]:
        """Yield the costs of the day of a meeting and its place in it."""
        yield from self.wishes.day_factor(span, self.name)
        if self._has_shape:
            for code, minutes in day_shape(span, self._shape, meeting):
                yield Factor(code, minutes, self.name)


def _daily(hours: Iterable[WorkingInterval], zone: ZoneInfo, window: Interval) -> Intervals:
    """Return hours of every day in a window of instants."""
    schedules = tuple(DaySchedule(day_of_week=day, working_intervals=tuple(hours)) for day in WEEKDAYS)
    found = working_intervals(WorkHours(day_schedules=schedules), zone, window)
    return Intervals((one.start, one.end) for one in found)
