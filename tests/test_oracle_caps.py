"""Caps hide the slots that counting by hand hides: of each day, week and month, in every zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from support.examples import scaled
from support.oracle_caps import Booked, Limits, may_book
from support.uids import own_uid

from gbook.bookings.book import draft_for
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.request import BookingRequest
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Profile
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.caps import uncapped
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import DAY, at_midnight, local
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

# Changes of the clock, also at midnight, and the ends of months and years.
SCENES = [
    ("America/New_York", date(2026, 10, 26)),
    ("Europe/Berlin", date(2026, 3, 23)),
    ("Asia/Kolkata", date(2026, 6, 28)),
    ("Australia/Lord_Howe", date(2026, 9, 30)),
    ("America/Havana", date(2026, 10, 30)),
    ("UTC", date(2026, 12, 20)),
]
NAMES = ("ann", "ben", "cat")
GUESTS = ("pat@example.com", "PAT@example.com", "kim@example.com", "")
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
ALWAYS = parse_hours(["mon-sun 00:00-24:00"])

Draw = Callable[[st.SearchStrategy[Any]], Any]
World = tuple[Profile, str, dict[str, tuple[str | None, Limits]], list[Booked]]


def limits() -> st.SearchStrategy[Limits]:
    """Draw caps of a day, a week and a month, mostly one of them."""
    one = st.sampled_from([None, None, 1, 2, 3])
    return st.tuples(one, one, one)


@st.composite
def bookings(draw: Draw, midnight: int) -> Booked:
    """Draw a booking in the weeks around a midnight."""
    start = midnight + draw(st.integers(-10 * 24, 40 * 24)) * 3600
    accounts = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)))
    written = accounts if draw(st.booleans()) else accounts[:1]
    state = draw(st.sampled_from(["confirmed", "confirmed", "cancelled", "reserved", "expired"]))
    profile = draw(st.sampled_from(["p", "p", "q"]))
    return Booked(start, start + 3600, profile, accounts, written, draw(st.sampled_from(GUESTS)), state)


@st.composite
def worlds(draw: Draw) -> World:
    """Draw a profile that is open all the time, its accounts, and bookings."""
    zone, day = draw(st.sampled_from(SCENES))
    midnight = at_midnight(day, find_zone(zone))
    per_profile, per_guest = draw(limits()), draw(limits())
    profile = Profile(
        name="p",
        duration_minutes=60,
        availability_step=draw(st.sampled_from([60 * 5, 60 * 7])),
        start_after_minutes=0,
        time_available_for="P5W",
        work_hours=WorkHours(timezone=zone, day_schedules=ALWAYS),
        max_bookings_per_day=per_profile[0],
        max_bookings_per_week=per_profile[1],
        max_bookings_per_month=per_profile[2],
        max_guest_bookings_per_day=per_guest[0],
        max_guest_bookings_per_week=per_guest[1],
        max_guest_bookings_per_month=per_guest[2],
        accounts=NAMES[: draw(st.integers(1, 3))],
    )
    zones = st.sampled_from([None, "Asia/Kolkata", "America/Los_Angeles"])
    people = {name: (draw(zones), draw(limits())) for name in NAMES}
    booked = draw(st.lists(bookings(midnight), max_size=12))
    return profile, zone, people, booked


def workspace(world: World, root: Path) -> Workspace:
    accounts = tuple(
        Account(
            id=name,
            email=f"{name}@example.com",
            timezone=zone,
            calendars=(CalendarRef(path=f"{name}.ics"),),
            max_bookings_per_day=caps[0],
            max_bookings_per_week=caps[1],
            max_bookings_per_month=caps[2],
        )
        for name, (zone, caps) in world[2].items()
    )
    for name in NAMES:
        events = [event(f"b{n}", one) for n, one in enumerate(world[3]) if name in one.written]
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]
        (root / f"{name}.ics").write_text("\r\n".join(lines), newline="")
    return Workspace(root, Config(timezone="UTC", accounts=accounts))


def event(uid: str, one: Booked) -> str:
    more = {
        "confirmed": ["STATUS:CONFIRMED"],
        "cancelled": ["STATUS:CANCELLED"],
        "reserved": ["STATUS:TENTATIVE", "X-GBOOK-EXPIRES:20300101T000000Z"],
        "expired": ["STATUS:TENTATIVE", "X-GBOOK-EXPIRES:20200101T000000Z"],
    }[one.state]
    lines = [
        "BEGIN:VEVENT",
        f"UID:{own_uid(uid)}",
        f"DTSTART:{local(one.start, UTC):%Y%m%dT%H%M%SZ}",
        f"DTEND:{local(one.end, UTC):%Y%m%dT%H%M%SZ}",
        f"X-GBOOK-PROFILE:{one.profile}",
        f"X-GBOOK-HOST:{one.accounts[0]}",
        f"X-GBOOK-ACCOUNTS:{' '.join(one.accounts)}",
        *([f"X-GBOOK-GUEST:mailto:{one.guest}"] if one.guest else []),
        *more,
        "END:VEVENT",
    ]
    return "\r\n".join(lines)


def listed(place: Workspace, profile: Profile, now: int, guest: str | None) -> dict[int, set[str]]:
    answer = ask(place, Query(profile=profile, now=now, guest=guest))
    return {slot.start: set(slot.accounts) for slot in answer.slots}


@settings(max_examples=scaled(60), deadline=None, suppress_health_check=CHECKS)
@given(worlds(), st.sampled_from([None, "pat@example.com", "Pat@Example.com", "new@example.com"]))
def test_caps_hide_what_counting_hides(tmp_path: Path, world: World, guest: str | None) -> None:
    """The slots of each account are those that it has without caps, and for which the counts allow it."""
    profile, zone, people, booked = world
    now = at_midnight(dict(SCENES)[zone], find_zone(zone))
    free_of_caps: dict[str, tuple[str | None, Limits]] = {
        name: (own_zone, (None, None, None)) for name, (own_zone, _) in people.items()
    }
    bare = (uncapped(profile)[0], zone, free_of_caps, booked)
    expected = {
        start: may
        for start, accounts in listed(workspace(bare, tmp_path), bare[0], now, guest).items()
        if (may := {name for name in accounts if may_book(name, start, guest, world)})
    }
    assert listed(workspace(world, tmp_path), profile, now, guest) == expected


@settings(max_examples=scaled(20), deadline=None, suppress_health_check=CHECKS)
@given(worlds(), st.data())
def test_a_capped_time_cannot_be_booked(tmp_path: Path, world: World, data: Any) -> None:
    """`book` for a guest takes a time if and only if it is listed for that guest."""
    profile, zone, _, _ = world
    now = at_midnight(dict(SCENES)[zone], find_zone(zone))
    place, guest = (
        workspace(world, tmp_path),
        data.draw(st.sampled_from(["pat@example.com", "x@example.com"])),
    )
    slots = listed(place, profile, now, guest)
    every = [*listed(place, uncapped(profile)[0], now, None)]
    context = BookingContext(place, now)
    for start in data.draw(st.lists(st.sampled_from(every), max_size=8)) if every else ():
        request = BookingRequest(profile=profile, start=start, guest=Guest("G", guest))
        try:
            draft_for(context, request, own_uid(0))
            booked = True
        except SlotUnavailable:
            booked = False
        assert booked == (start in slots), local(start, UTC)


def test_a_cap_counts_the_bookings_of_earlier_weeks_of_the_month(tmp_path: Path) -> None:
    """Bookings before the window that is asked for count too."""
    first = at_midnight(date(2026, 11, 2), UTC)
    booked = [Booked(first + DAY, first + DAY + 3600, "p", ("ann",), ("ann",))]
    hours = WorkHours(timezone="UTC", day_schedules=ALWAYS)
    profile = Profile(name="p", accounts=("ann",), work_hours=hours, max_bookings_per_month=1)
    place = workspace((profile, "UTC", dict.fromkeys(NAMES, (None, (None, None, None))), booked), tmp_path)
    starts = listed(place, structs.replace(profile, time_available_for="P10D"), first + 25 * DAY, None)
    assert {local(start, UTC).month for start in starts} == {12}
