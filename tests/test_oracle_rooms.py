"""The rooms that are free and chosen are those that a brute-force search finds, for every hour of a day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.oracle_rooms import Place, Wish, booked

from gbook.engine.intervals import Intervals
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Group, Profile
from gbook.profiles.needs import Needs
from gbook.scheduling import availability, explain
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.assignment import assign
from gbook.scheduling.availability import Query, ask
from gbook.timeutil.instants import MINUTE, parse_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

NIGHT = parse_instant("2026-11-24T00:00:00Z", find_zone("UTC"))
HOURS = WorkHours(timezone="UTC", day_schedules=parse_hours(["tue 09:00-15:00"]))
FEATURES = ("screen", "Whiteboard", "wheelchair")
HOUR = 60 * MINUTE
Draw = Callable[[st.SearchStrategy[Any]], Any]


class World(NamedTuple):
    """Some rooms, of which some have `kind: room`; what is needed, and how many people meet."""

    places: dict[str, Place]
    kinds: dict[str, str]
    wish: Wish
    people: int


@st.composite
def worlds(draw: Draw) -> World:
    """Draw up to five rooms, busy at some hours, and needs that about half of them have."""
    places, kinds = {}, {}
    for name in ("cedar", "maple", "oak", "pine", "yew")[: draw(st.integers(1, 5))]:
        places[name] = Place(
            draw(st.none() | st.integers(1, 6)),
            tuple(draw(st.lists(st.sampled_from(FEATURES), unique=True))),
            frozenset(draw(st.sets(st.integers(9, 14), max_size=4))),
        )
        kinds[name] = draw(st.sampled_from(["room", "person"]))
    number = st.none() | st.integers(1, 5)
    features = st.lists(st.sampled_from(("Screen", "whiteboard")), max_size=1)
    rooms = draw(st.integers(1, len(places)))
    wish = Wish(rooms, draw(number), draw(number), tuple(draw(features)))
    return World(places, kinds, wish, draw(st.integers(1, 3)))


def time_of(account: Account, world: World) -> AccountBusy:
    place = world.places.get(account.id)
    hours = [(NIGHT + hour * HOUR, NIGHT + (hour + 1) * HOUR) for hour in (place.busy if place else ())]
    return AccountBusy(account, Intervals(hours), (), (), True)


def asked(world: World) -> Query:
    wish, names = world.wish, tuple(f"p{number}" for number in range(world.people))
    profile = Profile(
        name="p",
        duration_minutes=60,
        availability_step=60,
        start_after_minutes=0,
        time_available_for="P1D",
        work_hours=HOURS,
        groups=(
            Group(ext_id="people", account_ids=names, required="all"),
            Group(ext_id="Rooms", account_ids=tuple(world.places), required=wish.rooms),
        ),
        required="all",
        rooms=Needs(capacity=wish.seats, features=wish.features) if wish.seats or wish.features else None,
    )
    return Query(profile=profile, now=NIGHT, people=wish.people)


def workspace(world: World) -> Workspace:
    people = [_account(f"p{number}") for number in range(world.people)]
    rooms = [
        _account(name, kind=world.kinds[name], capacity=place.seats, features=place.features)
        for name, place in world.places.items()
    ]
    return Workspace(Path(), Config(timezone="UTC", accounts=(*people, *rooms)))


def _account(name: str, **keys: Any) -> Account:
    return Account(id=name, email=f"{name}@example.com", calendars=(CalendarRef(path=f"{name}.ics"),), **keys)


@settings(max_examples=scaled(200), deadline=None)
@given(worlds())
def test_rooms_are_those_of_brute_force(world: World) -> None:
    """At each hour the same rooms are booked, and there is no slot where too few are suitable and free."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(availability, "load_accounts", lambda _, accounts, *__: _load(accounts, world))
        answer = ask(workspace(world), asked(world))
    chosen = {(slot.start - NIGHT) // HOUR: assign(answer, slot).accounts for slot in answer.slots}
    for hour in range(9, 15):
        rooms = booked(world.places, world.wish, hour, world.people + 1)
        people = tuple(f"p{number}" for number in range(world.people))
        assert chosen.get(hour) == (None if rooms is None else (*people, *rooms)), hour


@settings(max_examples=scaled(50), deadline=None)
@given(worlds())
def test_a_room_that_is_not_free_has_a_reason(world: World) -> None:
    """`why` says of each room that is not free what it lacks, or that it is busy, and nothing of others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(availability, "load_accounts", lambda _, accounts, *__: _load(accounts, world))
        for hour in range(9, 15):
            why = explain.explain(workspace(world), asked(world), NIGHT + hour * HOUR, find_zone("UTC"))
            for account in why.members[1].accounts:
                place = world.places[account.account_id]
                suitable = booked({"it": place}, Wish(1, *_asked_of(world.wish)), -1, 0) is not None
                reasons = {reason.code for reason in account.reasons}
                assert suitable == (not reasons & {"capacity", "features"})
                if suitable:
                    assert reasons == ({"busy"} if hour in place.busy else set())


def _asked_of(wish: Wish) -> tuple[int | None, int | None, tuple[str, ...]]:
    return wish.seats, wish.people, wish.features


def _load(accounts: list[Account], world: World) -> dict[str, AccountBusy]:
    return {account.id: time_of(account, world) for account in accounts}
