"""Seats give the slots that a brute-force search gives, and no session is ever overbooked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date
from itertools import combinations
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.oracle_seats import Meeting, Seat, Slots, slots
from support.uids import own_uid

from gbook.bookings.book import book
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.records import read_records
from gbook.bookings.request import BookingRequest
from gbook.engine.quorum import needed
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Group, Profile
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import DAY, MINUTE, at_midnight, local
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

MONDAY = at_midnight(date(2026, 11, 23), UTC)
NAMES = ("ann", "ben", "cat")
STEP = 30 * MINUTE
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
HOURS = WorkHours(timezone="UTC", day_schedules=parse_hours(["mon-sun 00:00-24:00"]))

Draw = Callable[[st.SearchStrategy[Any]], Any]
World = tuple[Profile, dict[str, list[tuple[int, int]]], list[Seat]]


@st.composite
def profiles(draw: Draw) -> Profile:
    groups = draw(st.sampled_from([(), (NAMES[1:],), (NAMES,)]))
    return Profile(
        name="p",
        duration_minutes=draw(st.sampled_from([30, 60, 45])),
        availability_step=30,
        buffer_before_minutes=draw(st.sampled_from([0, 0, 30])),
        buffer_between_minutes=draw(st.sampled_from([0, 0, 15])),
        start_after_minutes=0,
        time_available_for="PT8H",
        work_hours=HOURS,
        seats=draw(st.integers(2, 4)),
        accounts=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))) or NAMES[:1],
        groups=tuple(
            Group(ext_id=f"g{n}", account_ids=names, required=draw(st.sampled_from(["one", "all", 2])))
            for n, names in enumerate(groups)
        ),
        required=draw(st.sampled_from(["one", "one", "all", 1])),
        assignment=draw(st.sampled_from(["order", "balanced"])),
    )


@st.composite
def worlds(draw: Draw) -> World:
    """Draw a profile, events, and bookings, many of which are at the same times."""
    profile = draw(profiles())
    some = st.integers(0, 16).map(lambda half: MONDAY + half * STEP)
    busy = {name: [(start, start + STEP) for start in draw(st.lists(some, max_size=2))] for name in NAMES}
    booked = []
    for _ in range(draw(st.integers(0, 5))):
        start = draw(some)
        accounts = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)))
        length = draw(st.sampled_from([profile.duration_minutes, profile.duration_minutes, 30])) * MINUTE
        one = Seat(start, start + length, draw(st.sampled_from(["p", "p", "p", "q"])), accounts)
        booked += [one] * draw(st.integers(1, 4))
    return profile, busy, booked


def workspace(world: World, root: Path) -> Workspace:
    _, busy, booked = world
    for name in NAMES:
        events = [event(f"{name}{n}", *span) for n, span in enumerate(busy[name])]
        events += [
            event(own_uid(n), one.start, one.end, one)
            for n, one in enumerate(booked)
            if name == one.accounts[0] or (name in one.accounts and n % 2)
        ]
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]
        (root / f"{name}.ics").write_text("\r\n".join(lines), newline="")
    accounts = tuple(
        Account(id=name, email=f"{name}@example.com", calendars=(CalendarRef(path=f"{name}.ics"),))
        for name in NAMES
    )
    return Workspace(root, Config(timezone="UTC", accounts=accounts))


def event(uid: str, start: int, end: int, one: Seat | None = None) -> str:
    marks = []
    if one is not None:
        marks = [f"X-GBOOK-PROFILE:{one.profile}", f"X-GBOOK-HOST:{one.accounts[0]}"]
        marks.append(f"X-GBOOK-ACCOUNTS:{' '.join(one.accounts)}")
    times = [f"{name}:{local(at, UTC):%Y%m%dT%H%M%SZ}" for name, at in (("DTSTART", start), ("DTEND", end))]
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *times, *marks, "END:VEVENT"])


def expected(world: World) -> Slots:
    profile, busy, booked = world
    members = len(profile.accounts) + len(profile.groups)
    duration = profile.duration_minutes * MINUTE
    meeting = Meeting(
        duration,
        profile.buffer_before_minutes * MINUTE,
        profile.buffer_between_minutes * MINUTE,
        profile.seats or 0,
        profile.accounts,
        tuple(
            (group.ext_id, group.account_ids, needed(group.required, len(group.account_ids)))
            for group in profile.groups
        ),
        needed(profile.required, members),
    )
    starts = range(MONDAY, MONDAY + 8 * 3600 - duration + 1, STEP)
    return slots(meeting, starts, busy, booked)


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=CHECKS)
@given(worlds())
def test_seats_give_the_slots_of_brute_force(tmp_path: Path, world: World) -> None:
    """The same slots, with the same accounts and the same number of seats left."""
    answer = ask(workspace(world, tmp_path), Query(profile=world[0], now=MONDAY))
    found = [(one.start, one.accounts, dict(one.groups), one.seats_left) for one in answer.slots]
    assert found == expected(world)


@settings(max_examples=scaled(30), deadline=None, suppress_health_check=CHECKS)
@given(worlds(), st.lists(st.integers(0, 4), min_size=4, max_size=14))
def test_bookings_fill_sessions_and_no_more(tmp_path: Path, world: World, halves: list[int]) -> None:
    """What was listed was booked; overlapping bookings of an account are one session within its seats."""
    profile, busy, _ = world
    place = workspace((profile, busy, []), tmp_path)
    context = BookingContext(place, MONDAY)
    for number, half in enumerate(halves):
        start = MONDAY + half * STEP
        listed = {one.start: one for one in ask(place, Query(profile=profile, now=MONDAY)).slots}
        guest = Guest(f"G{number}", f"g{number}@example.com")
        try:
            record = book(context, BookingRequest(profile=profile, start=start, guest=guest))
        except SlotUnavailable:
            assert start not in listed
            continue
        able = {*listed[start].accounts, *(one for some in listed[start].groups.values() for one in some)}
        assert able.issuperset(record.accounts)
    records, _ = read_records(place)
    assert not {one.uid for one in records if len(one.copies) != len(one.accounts)}
    for one, other in combinations(records, 2):
        if one.start < other.end and other.start < one.end and {*one.accounts} & {*other.accounts}:
            assert (one.start, one.end, {*one.accounts}) == (other.start, other.end, {*other.accounts})
    sizes = Counter((one.start, one.accounts) for one in records)
    assert not sizes or max(sizes.values()) <= (profile.seats or 0)


def test_a_day_has_no_more_sessions_than_its_cap(tmp_path: Path) -> None:
    """A session counts once, however many guests it has; a guest can still join when the day is full."""
    start = MONDAY + 2 * STEP
    booked = [Seat(start, start + STEP, "p", ("ann",))] * 2
    profile = Profile(
        name="p", accounts=("ann",), seats=3, max_bookings_per_day=1, work_hours=HOURS, start_after_minutes=0
    )
    answer = ask(
        workspace((profile, {name: [] for name in NAMES}, booked), tmp_path),
        Query(profile=profile, now=MONDAY, high=MONDAY + DAY),
    )
    assert [(one.start, one.seats_left) for one in answer.slots] == [(start, 1)]
