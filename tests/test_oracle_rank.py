"""The rank of slots is that of a brute-force search over their minutes, with the same costs for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.oracle_rank import DAYS, Hours, Human, Scene, Wish, best_first, cost

from gbook.engine.intervals import Intervals
from gbook.engine.quorum import Slot
from gbook.profiles.model import Profile
from gbook.scheduling import availability
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.preferences import RankedSlot, rank
from gbook.scheduling.rank_reasons import rank_reason, rank_sentence
from gbook.timeutil.instants import MINUTE, at_midnight
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.preferences import Preferences
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval
from gbook.workspace.workspace import Workspace

NAMES = ("ann", "ben", "cat", "dan")
ZONES = ("Europe/Berlin", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kolkata")
# The clocks of Berlin change on the first day, those of New York on the second.
DATES = (date(2026, 3, 28), date(2026, 11, 1), date(2026, 6, 9))
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def hours(draw: Draw) -> Hours:
    """Draw up to two stretches of a day, which never begin or end in the small hours, when clocks change."""
    stretches = []
    for _ in range(draw(st.integers(1, 2))):
        first = draw(st.integers(20, 84)) * 15
        length = draw(st.integers(1, 40)) * 15
        last = first + length
        stretches.append((first, last if last < 1440 else (last - 1440 if last <= 1440 + 45 else 1425)))
    return tuple(stretches)


def wishes() -> st.SearchStrategy[Wish]:
    return st.builds(
        Wish,
        hours=st.just(()) | hours(),
        days=st.just(()) | st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True).map(tuple),
        adjacent=st.sampled_from([None, None, True, False]),
    )


@st.composite
def humans(draw: Draw, midnight: int) -> Human:
    busy = draw(
        st.lists(st.tuples(st.integers(-8, 30), st.integers(1, 16)), max_size=4).map(
            lambda spans: [(midnight + 60 * at + 15, midnight + 60 * at + 15 + 15 * n) for at, n in spans]
        )
    )
    return Human(
        zone=draw(st.sampled_from(ZONES)),
        busy=tuple(busy),
        hours=draw(st.none() | st.none() | hours()),
        wish=draw(st.none() | wishes()),
        is_room=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def scenes(draw: Draw) -> Scene:
    """Draw a profile of a day or two, and four accounts in some zones."""
    around = draw(st.sampled_from(DATES))
    zone = draw(st.sampled_from(ZONES))
    midnight = at_midnight(around, ZoneInfo(zone)) // MINUTE
    people = {name: draw(humans(midnight)) for name in NAMES}
    return Scene(
        zone=zone,
        hours=draw(hours() | st.just(((360, 1320),))),
        people={**people, "ann": Human(people["ann"].zone, people["ann"].busy, None, people["ann"].wish)},
        length=draw(st.sampled_from([15, 30, 60])),
        before=draw(st.sampled_from([0, 0, 10])),
        after=draw(st.sampled_from([0, 0, 15])),
        wish=draw(st.none() | wishes()),
        optional=draw(st.sampled_from([(), (), ("dan",)])),
        around=around,
    )


def work_hours(hours: Hours, zone: str | None) -> WorkHours:
    week = tuple(DaySchedule(day_of_week=day, working_intervals=_intervals(hours)) for day in DAYS)
    return WorkHours(timezone=zone, day_schedules=week)


def _intervals(hours: Hours) -> tuple[WorkingInterval, ...]:
    return tuple(
        WorkingInterval(start=f"{a // 60:02}:{a % 60:02}", end=f"{b // 60:02}:{b % 60:02}") for a, b in hours
    )


def preferences(wish: Wish | None) -> Preferences | None:
    if wish is None:
        return None
    return Preferences(hours=_intervals(wish.hours), days=wish.days, adjacent=wish.adjacent)


def answered(scene: Scene, required: Any) -> availability.Answer:
    """Return the answer of gbook, with busy time from the scene."""
    accounts = tuple(
        Account(
            id=name,
            email=f"{name}@example.com",
            timezone=human.zone,
            kind="room" if human.is_room else "person",
            work_hours=None if human.hours is None else work_hours(human.hours, None),
            prefer=preferences(human.wish),
            calendars=(CalendarRef(path=f"{name}.ics"),),
        )
        for name, human in scene.people.items()
    )
    profile = Profile(
        name="p",
        duration_minutes=scene.length,
        availability_step=15,
        buffer_before_minutes=scene.before,
        buffer_between_minutes=scene.after,
        start_after_minutes=0,
        time_available_for="P2D",
        work_hours=work_hours(scene.hours, scene.zone),
        accounts=tuple(name for name in NAMES if name not in scene.optional),
        optional=scene.optional,
        prefer=preferences(scene.wish),
    )

    def load(_: Workspace, asked: list[Account], *__: Any) -> dict[str, AccountBusy]:
        return {one.id: AccountBusy(one, _busy(scene.people[one.id]), (), (), True) for one in asked}

    now = at_midnight(scene.around, ZoneInfo(scene.zone))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(availability, "load_accounts", load)
        workspace = Workspace(Path(), Config(timezone="UTC", accounts=accounts))
        return ask(workspace, Query(profile=profile, now=now, required=required))


def _busy(human: Human) -> Intervals:
    return Intervals((start * MINUTE, end * MINUTE) for start, end in human.busy)


def meeting(scene: Scene, slot: Slot, required: Any) -> tuple[list[str], tuple[str, ...]]:
    """Return who meets in a slot, the host first; and the optional accounts that are free."""
    free = sorted(slot.accounts, key=NAMES.index)
    number = {"one": 1, "all": len(NAMES) - len(scene.optional)}.get(required, required)
    persons = [name for name in free if not scene.people[name].is_room]
    rooms = [name for name in free if scene.people[name].is_room]
    chosen = free[:number]
    if not any(name in persons for name in chosen):
        chosen[-1] = persons[0]
    return sorted(chosen, key=lambda name: (name in rooms, NAMES.index(name))), slot.optional


@settings(max_examples=scaled(120), deadline=None, suppress_health_check=CHECKS)
@given(scenes(), st.sampled_from(["one", 2, "all"]))
def test_slots_are_ranked_as_by_brute_force(scene: Scene, required: Any) -> None:
    """The same order; each slot has the same costs, for the same accounts."""
    answer = answered(scene, required)
    ranking = rank(answer)
    slots = {slot.start // MINUTE: meeting(scene, slot, required) for slot in answer.slots}
    for ranked in ranking:
        parts, _ = cost(scene, ranked.slot.start // MINUTE, *slots[ranked.slot.start // MINUTE])
        found = sorted((one.code, one.minutes, one.account_id or "") for one in ranked.factors)
        assert found == sorted((code, minutes, name or "") for code, minutes, name in parts)
        assert ranked.cost == sum(minutes for _, minutes, _ in parts)
    assert [ranked.slot.start // MINUTE for ranked in ranking] == best_first(scene, slots)
    assert [ranked.position for ranked in ranking] == [*range(1, len(slots) + 1)]


@settings(max_examples=scaled(40), deadline=None, suppress_health_check=CHECKS)
@given(scenes())
def test_a_rank_neither_adds_nor_excludes_a_slot(scene: Scene) -> None:
    """With or without preferences there are the same slots; and every cost has its reason, in words."""
    answer = answered(scene, "one")
    ranking = rank(answer)
    assert sorted(ranked.slot.start for ranked in ranking) == [slot.start for slot in answer.slots]
    plain = Scene(
        scene.zone,
        scene.hours,
        {name: Human(one.zone, one.busy, one.hours, None, one.is_room) for name, one in scene.people.items()},
        scene.length,
        scene.before,
        scene.after,
        None,
        scene.optional,
        scene.around,
    )
    assert answered(plain, "one").slots == answer.slots
    for ranked in ranking:
        assert _words(answer, ranked).count(";") == max(len(ranked.factors) - 1, 0)


def _words(answer: availability.Answer, ranked: RankedSlot) -> str:
    assert all(rank_reason(answer, ranked, factor) for factor in ranked.factors)
    return rank_sentence(answer, ranked)
