"""The engine finds what a brute-force search finds, in every zone, around every change of the clocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from support.examples import scaled
from support.oracle import Item, Meeting, Person, World, slots, window
from support.uids import own_uid

from gbook.bookings.book import draft_for
from gbook.bookings.context import BookingContext
from gbook.bookings.request import BookingRequest
from gbook.calendars.busy.cached import OwnBooking
from gbook.engine.intervals import Intervals
from gbook.profiles.model import AvailabilityInterval, AvailabilityIntervals, Group, Profile
from gbook.scheduling import availability as gbook_query
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import MINUTE, WEEKDAYS, at_midnight, from_local, local
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval
from gbook.workspace.workspace import Workspace

# Its clocks went back from 00:01 to 23:01: one night has a date, then the next one, then the first again.
NIGHT_OF_TWO_DATES = ("America/St_Johns", date(2010, 11, 7))
# A zone, and a day to search around: changes of the clock, also at midnight, by half an hour, by a whole day.
SCENES = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Asia/Kolkata", date(2026, 6, 30)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Apia", date(2020, 4, 5)),
    NIGHT_OF_TWO_DATES,
    ("America/St_Johns", date(2011, 3, 13)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("UTC", date(2026, 12, 31)),
]
NAMES = ("ann", "ben", "cat", "dan")
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]

Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def working(draw: Draw) -> WorkingInterval:
    """Draw hours that start at any time of a day, often near midnight, and may end on the next day."""
    start = draw(st.integers(0, 47).map(lambda half: half * 1800) | st.integers(0, 86_399))
    length = draw(st.integers(6, 48).map(lambda half: half * 1800) | st.integers(60, 86_399))
    end = start + length
    if end > 86_400:
        end -= 86_400
    if end == start:
        end += 1
    return WorkingInterval(start=_clock(start), end=_clock(end))


def _clock(second: int) -> str:
    hours, minutes, seconds = second // 3600, second // 60 % 60, second % 60
    return f"{hours:02}:{minutes:02}:{seconds:02}" if seconds else f"{hours:02}:{minutes:02}"


def week(zone: str | None) -> st.SearchStrategy[WorkHours]:
    """Draw a week with up to three intervals a day, or with days of 24 hours."""
    whole = st.just((WorkingInterval(start="00:00", end="24:00"),))
    hours = st.lists(working(), min_size=1, max_size=3).map(tuple) | whole
    days = st.lists(hours, min_size=7, max_size=7).map(
        lambda week: tuple(
            DaySchedule(day_of_week=day, working_intervals=intervals)
            for day, intervals in zip(WEEKDAYS, week, strict=True)
        )
    )
    return days.map(lambda schedule: WorkHours(timezone=zone, day_schedules=schedule))


def exceptions(day: date) -> st.SearchStrategy[AvailabilityIntervals]:
    """Draw other hours, or none, for some days around `day`."""
    one = st.tuples(st.integers(-3, 3), st.integers(0, 3), st.lists(working(), max_size=2)).map(
        lambda drawn: AvailabilityInterval(
            date_start_inclusive=day + timedelta(days=drawn[0]),
            date_end_inclusive=day + timedelta(days=drawn[0] + drawn[1]),
            hours=tuple(drawn[2]),
        )
    )
    return st.lists(one, max_size=2).map(lambda intervals: AvailabilityIntervals(intervals=tuple(intervals)))


@st.composite
def profiles(draw: Draw, zone: str, day: date) -> Profile:
    """Draw a profile of some accounts and up to two groups, which may share accounts."""
    groups = tuple(
        Group(
            ext_id=f"group{number}",
            account_ids=(ids := tuple(draw(st.permutations(NAMES))[: draw(st.integers(1, 4))])),
            required=draw(st.sampled_from(["one", "all", *range(1, len(ids) + 1)])),
        )
        for number in range(draw(st.sampled_from([0, 1, 1, 2, 2])))
    )
    return Profile(
        name="p",
        duration_minutes=draw(st.sampled_from([1, 15, 30, 45, 60, 90, 480, 1500])),
        availability_step=draw(st.sampled_from([5, 7, 15, 30, 60, 90, 1440])),
        buffer_before_minutes=draw(st.sampled_from([0, 0, 5, 45])),
        buffer_between_minutes=draw(st.sampled_from([0, 0, 0, 10, 10, 1450])),
        start_after_minutes=draw(st.sampled_from([0, 0, 60, 1440])),
        time_available_for=draw(st.sampled_from(["P1D", "P2D", "P4D"])),
        work_hours=draw(week(zone)),
        availability_intervals=draw(exceptions(day)),
        align=draw(st.sampled_from(["interval", "clock"])),
        max_bookings_per_day=draw(st.sampled_from([None, None, 1, 2])),
        accounts=tuple(draw(st.permutations(NAMES))[: draw(st.integers(0, 3))]),
        groups=groups,
    )


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a value, mostly None."""
    return st.sampled_from([False, False, True]).flatmap(lambda now: strategy if now else st.none())


def some_of(names: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw a few items, mostly none."""
    few = st.lists(st.sampled_from(names), max_size=2, unique=True) if names else st.just([])
    return sometimes(few.map(tuple)).map(lambda drawn: drawn or ())


def spans(around: int) -> st.SearchStrategy[tuple[int, int]]:
    """Draw a time in the days around an instant, often on a quarter of an hour."""
    return st.tuples(
        st.integers(-4 * 96, 5 * 96).map(lambda quarter: quarter * 900)
        | st.integers(-4 * 86_400, 5 * 86_400),
        st.integers(1, 12).map(lambda quarter: quarter * 900) | st.integers(1, 7000),
    ).map(lambda drawn: (around + drawn[0], around + drawn[0] + drawn[1]))


@st.composite
def persons(draw: Draw, around: int) -> Person:
    """Draw an account with busy times around an instant, perhaps with hours, a room, or invited by mail."""
    return Person(
        busy=tuple(draw(st.lists(spans(around), max_size=6))),
        hours=draw(sometimes(week(draw(st.sampled_from([None, "Asia/Kolkata", "America/St_Johns"]))))),
        zone=draw(st.sampled_from([None, *dict(SCENES)])),
        is_room=draw(st.sampled_from([False, False, False, True])),
        is_mailed=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def meetings(draw: Draw, around: int) -> Meeting:
    """Draw a booking of this profile or another one; some participants may have no copy of it."""
    start, end = draw(spans(around))
    accounts = tuple(draw(st.permutations(NAMES))[: draw(st.integers(1, 3))])
    written = tuple(draw(st.permutations(NAMES))[: draw(st.integers(1, 3))])
    profile = draw(st.sampled_from(["p", "p", "q"]))
    before, after = draw(st.sampled_from([(0, 0), (0, 900), (3600, 0), (86_400, 4 * 86_400)]))
    return Meeting(start, end, profile, accounts, written, before, after)


@st.composite
def worlds(draw: Draw) -> World:
    """Draw a profile, its accounts, and a query shortly before a change of the clocks."""
    zone, day = draw(st.sampled_from(SCENES))
    midnight = at_midnight(day, find_zone(zone))
    profile = draw(profiles(zone, day))
    if (zone, day) == NIGHT_OF_TWO_DATES:
        profile = structs.replace(profile, max_bookings_per_day=None)
    now = midnight + draw(st.integers(-3 * 1440, 720)) * MINUTE + draw(st.integers(0, 59))
    extids = [group.ext_id for group in profile.groups]
    bound = sometimes(st.integers(-2 * 86_400, 3 * 86_400).map(lambda shift: midnight + shift))
    return World(
        profile=profile,
        people={name: draw(persons(midnight)) for name in NAMES},
        now=now,
        meetings=tuple(draw(st.lists(meetings(midnight), max_size=6))),
        required=draw(st.sampled_from(["one", "one", "all", 1, 2, 3, 6])),
        accounts=draw(some_of(profile.accounts)),
        groups=draw(some_of(extids)),
        low=draw(bound),
        high=draw(bound),
        zone=zone,
    )


def asked(world: World) -> Query:
    return Query(
        profile=world.profile,
        now=world.now,
        required=world.required,
        accounts=world.accounts,
        groups=world.groups,
        low=world.low,
        high=world.high,
    )


def workspace(world: World, root: Path) -> Workspace:
    accounts = tuple(
        Account(
            id=name,
            email=f"{name}@example.com",
            timezone=person.zone,
            work_hours=person.hours,
            kind="room" if person.is_room else "person",
            calendars=(CalendarRef(path=f"{name}.ics"),),
            deliver="mail" if person.is_mailed else "copy",
        )
        for name, person in world.people.items()
    )
    return Workspace(root, Config(timezone="UTC", accounts=accounts))


def found(world: World, root: Path) -> list[Item]:
    """Return the slots of the engine."""
    answer = ask(workspace(world, root), asked(world))
    return [(slot.start, slot.end, slot.accounts, dict(slot.groups)) for slot in answer.slots]


def from_memory(world: World) -> Callable[..., dict[str, AccountBusy]]:
    """Replace the calendars."""

    def load_accounts(_: Workspace, accounts: list[Account], *__: Any, **___: Any) -> dict[str, AccountBusy]:
        return {account.id: time_of(account, world) for account in accounts}

    return load_accounts


def time_of(account: Account, world: World) -> AccountBusy:
    own = []
    for one, meeting in zip(booked(world), world.meetings, strict=True):
        is_named = account.id in meeting.accounts or not world.people[account.id].is_mailed
        if not is_named or all(world.people[name].is_mailed for name in meeting.written):
            # A booking of another gbook.
            one = structs.replace(one, profile="", accounts=())
        if account.id in (*one.accounts, *meeting.written):
            own.append(one)
    busy = Intervals((*world.people[account.id].busy, *((one.start, one.end) for one in own)))
    return AccountBusy(account, busy, own, (), True)


def booked(world: World) -> list[OwnBooking]:
    return [own_booking(f"meeting{number}", one) for number, one in enumerate(world.meetings)]


def own_booking(uid: str, meeting: Meeting) -> OwnBooking:
    return OwnBooking(
        uid=uid,
        start=meeting.start,
        end=meeting.end,
        profile=meeting.profile,
        host=meeting.accounts[0],
        blocks=True,
        accounts=meeting.accounts,
        buffers=(meeting.before, meeting.after),
    )


@settings(max_examples=scaled(150), deadline=None, suppress_health_check=CHECKS)
@given(worlds())
def test_the_engine_finds_what_brute_force_finds(world: World) -> None:
    """The same slots, with the same accounts and groups, to the second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gbook_query, "load_accounts", from_memory(world))
        assert found(world, Path()) == slots(world)


@settings(max_examples=scaled(25), deadline=None, suppress_health_check=CHECKS)
@given(worlds())
def test_calendar_files_give_the_slots_of_brute_force(tmp_path: Path, world: World) -> None:
    """Calendars written in UTC, in local time and with durations."""
    for name in world.people:
        (tmp_path / f"{name}.ics").write_text(calendar(name, world), newline="")
    assert found(world, tmp_path) == slots(world)


def calendar(name: str, world: World) -> str:
    """Return the account's events, written in varying ways, and its copies of bookings."""
    busy = enumerate(world.people[name].busy)
    plain = [event(f"{name}{n}", *span, (None, world.zone)[n % 2]) for n, span in busy]
    own = [
        event(one.uid, one.start, one.end, None, *marks(one))
        for one, meeting in zip(booked(world), world.meetings, strict=True)
        if name in meeting.written
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *plain, *own, "END:VCALENDAR", ""]
    return "\r\n".join(lines)


def marks(one: OwnBooking) -> list[str]:
    before, after = one.buffers or (0, 0)
    return [
        f"X-GBOOK-PROFILE:{one.profile}",
        f"X-GBOOK-HOST:{one.host}",
        f"X-GBOOK-ACCOUNTS:{' '.join(one.accounts)}",
        f"X-GBOOK-BUFFERS:{before // 60} {after // 60}",
    ]


def event(uid: str, start: int, end: int, zone: str | None, *more: str) -> str:
    wall = local(start, find_zone(zone or "UTC")).replace(tzinfo=None, fold=0)
    if zone is None or from_local(wall, find_zone(zone)) != start:
        begins = f"DTSTART:{local(start, UTC):%Y%m%dT%H%M%SZ}"
    else:
        begins = f"DTSTART;TZID={zone}:{wall:%Y%m%dT%H%M%S}"
    ends = f"DURATION:PT{end - start}S" if zone else f"DTEND:{local(end, UTC):%Y%m%dT%H%M%SZ}"
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{own_uid(uid)}", begins, ends, *more, "END:VEVENT"])


@settings(max_examples=scaled(30), deadline=None, suppress_health_check=CHECKS)
@given(worlds(), st.data())
def test_a_time_can_be_booked_if_and_only_if_it_is_listed(tmp_path: Path, world: World, data: Any) -> None:
    """For any second of a day, `book` agrees with `availability`."""
    for name in world.people:
        (tmp_path / f"{name}.ics").write_text(calendar(name, world), newline="")
    world = replace(world, low=None, high=None)
    listed = {start for start, *_ in found(world, tmp_path)}
    low, high = window(world)
    some = st.integers(low - 3600, max(low, high) + 3600)
    near = st.sampled_from(sorted(listed)) if listed else some
    asked_for = data.draw(
        st.lists(near | some | near.map(lambda start: start + 60), min_size=12, max_size=12)
    )
    desk = BookingContext(workspace(world, tmp_path), world.now)
    for start in asked_for:
        assert can_book(desk, world, start) == (start in listed), local(start, UTC)


def can_book(desk: BookingContext, world: World, start: int) -> bool:
    request = BookingRequest(
        profile=world.profile,
        start=start,
        required=world.required,
        accounts=world.accounts,
        groups=world.groups,
    )
    try:
        draft_for(desk, request, own_uid(0))
    except SlotUnavailable:
        return False
    return True
