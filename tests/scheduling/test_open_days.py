"""Days, their free slots, and the class of the reason of a day that has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.uids import own_uid

import gbook
from gbook import NoTimes, Query, open_days
from gbook.engine.quorum import available
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import AvailabilityInterval, AvailabilityIntervals, Group, Profile
from gbook.scheduling.explain import AccountWhy, Why
from gbook.scheduling.reason import Reason
from gbook.timeutil.instants import MINUTE, at_midnight, format_instant, local, parse_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

LONDON = find_zone("Europe/London")
# A Monday. London's clocks go back on Sunday, 25 October.
MONDAY = date(2026, 10, 19)
NOW = "2026-10-19T08:00Z"
BROKEN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
ROOMS = {"hall", "den"}
NAMES = ("ann", "ben", "cat", "den", "hall")

Draw = Callable[[st.SearchStrategy[Any]], Any]
Busy = dict[str, Sequence[str]]


def hours(*lines: str, zone: str = "Europe/London") -> WorkHours:
    return WorkHours(timezone=zone, day_schedules=parse_hours(list(lines)))


def workspace(
    folder: Path, events: Busy | None = None, unreadable: Sequence[str] = (), **own: WorkHours
) -> Workspace:
    """Write a workspace; `events` are VEVENTs by account, `own` the hours of accounts."""
    for name in NAMES:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *(events or {}).get(name, ()), "END:VCALENDAR", ""]
        (folder / f"{name}.ics").write_text(BROKEN if name in unreadable else "\r\n".join(lines), newline="")
    accounts = [
        Account(
            id=name,
            email=f"{name}@example.com",
            kind="room" if name in ROOMS else "person",
            calendars=(CalendarRef(path=f"{name}.ics"),),
            work_hours=own.get(name),
        )
        for name in NAMES
    ]
    return Workspace(folder, Config(timezone="Europe/London", accounts=tuple(accounts)))


def event(start: str, end: str, *more: str) -> str:
    """Return a busy time in UTC, such as `20261020T090000Z`."""
    lines = ["BEGIN:VEVENT", f"UID:{start}", f"DTSTART:{start}", f"DTEND:{end}", *more, "END:VEVENT"]
    return "\r\n".join(lines)


def day_off(day: int) -> str:
    """Return an event that takes a whole day of October."""
    return event(f"202610{day}T000000Z", f"202610{day + 1}T000000Z")


def profile(**fields: Any) -> Profile:
    """Return a profile with slots of an hour from Monday to Thursday, for ann alone."""
    defaults: dict[str, Any] = {
        "name": "demo",
        "duration_minutes": 60,
        "availability_step": 60,
        "start_after_minutes": 0,
        "work_hours": hours("mon-thu 09:00-17:00"),
        "accounts": ("ann",),
    }
    return Profile(**defaults | fields)


def reasons(
    where: Workspace, asked: Profile, first: date = MONDAY, days: int = 7, now: str = NOW
) -> list[str | int]:
    """Return for each day the class of its reason, or the number of its slots."""
    query = Query(profile=asked, now=parse_instant(now, UTC))
    listed, _ = open_days(where, query, first, days, LONDON)
    return [len(day.slots) if day.reason is None else day.reason.value for day in listed]


def test_a_week(tmp_path: Path) -> None:
    """Slots belong to the day of their start; days before today are past, days without hours are closed."""
    found = reasons(workspace(tmp_path), profile(), MONDAY - timedelta(days=1), 9)
    assert found == ["past", 8, 8, 8, 8, "closed", "closed", "closed", 8]


def test_a_day_has_its_slots(tmp_path: Path) -> None:
    """They come in order of time, as `ask` gives them."""
    where, query = workspace(tmp_path), Query(profile=profile(), now=parse_instant(NOW, UTC))
    listed, answer = open_days(where, query, MONDAY, 2, LONDON)
    assert [local(slot.start, LONDON).hour for slot in listed[1].slots] == [*range(9, 17)]
    assert [slot for day in listed for slot in day.slots] == list(answer.slots)


def test_the_possible_times_of_a_day(tmp_path: Path) -> None:
    """All that its hours give, whether they have begun, are taken or lie beyond the period."""
    where = workspace(tmp_path, {"ann": [day_off(20)]})
    query = Query(profile=profile(time_available_for="P2D"), now=parse_instant("2026-10-19T12:00Z", UTC))
    listed, _ = open_days(where, query, MONDAY, 5, LONDON)
    assert [len(day.slots) for day in listed] == [4, 0, 4, 0, 0]
    assert [len(day.possible) for day in listed] == [8, 8, 8, 8, 0]
    assert listed[1].possible[0] == parse_instant("2026-10-20T09:00", LONDON)


def test_a_day_that_is_over(tmp_path: Path) -> None:
    """The last time of today's hours has passed."""
    assert reasons(workspace(tmp_path), profile(), days=2, now="2026-10-19T15:30Z") == ["past", 8]


def test_notice(tmp_path: Path) -> None:
    """Of a day with a last slot, the notice is no reason."""
    asked = profile(start_after_minutes=24 * 60)
    assert reasons(workspace(tmp_path), asked, days=3, now="2026-10-19T14:30Z") == ["notice", 1, 8]


def test_the_period(tmp_path: Path) -> None:
    """It begins on Tuesday at noon, and ends on Wednesday at noon."""
    asked = profile(start_time="2026-10-20T12:00:00+01:00", end_time="2026-10-21T12:00:00+01:00")
    assert reasons(workspace(tmp_path), asked, days=6) == ["not_yet", 5, 3, "over", "closed", "closed"]
    assert reasons(workspace(tmp_path), profile(time_available_for="P2D"), days=4) == [8, 8, "over", "over"]


def test_a_period_that_has_ended(tmp_path: Path) -> None:
    """The notice is not said to be the reason then."""
    asked = profile(start_after_minutes=1440, end_time="2026-10-18T12:00:00Z")
    assert reasons(workspace(tmp_path), asked, days=4) == ["over"] * 4


def test_taken_or_few(tmp_path: Path) -> None:
    """None is free on Tuesday, one of two on Wednesday."""
    where = workspace(tmp_path, {"ann": [day_off(20), day_off(21)], "ben": [day_off(20)]})
    assert reasons(where, profile(), days=3) == [8, "taken", "taken"]
    assert reasons(where, profile(accounts=("ann", "ben"), required="all"), days=3) == [8, "taken", "few"]
    assert reasons(where, profile(accounts=("ann", "ben"), required=2), days=3) == [8, "taken", "few"]


def test_rooms_are_no_people(tmp_path: Path) -> None:
    """A free room is not some of the people; where only the room lacks, people are not said to lack."""
    rooms = Group(ext_id="rooms", account_ids=("hall", "den"))
    where = workspace(tmp_path, {"ann": [day_off(20)], "hall": [day_off(21)], "den": [day_off(21)]})
    assert reasons(where, profile(groups=(rooms,), required="all"), days=3) == [8, "taken", "taken"]


def test_too_few_members(tmp_path: Path) -> None:
    """More are required than the profile has, or it has none."""
    assert reasons(workspace(tmp_path), profile(accounts=("ann",), required=2), days=1) == ["few"]
    assert reasons(workspace(tmp_path), profile(accounts=()), days=1) == ["few"]


def test_members_with_hours_of_their_own(tmp_path: Path) -> None:
    """A day on which too few of them work at all is closed, whatever their calendars say."""
    where = workspace(tmp_path, {"ann": [day_off(20)]}, ann=hours("mon-tue 09:00-17:00"))
    assert reasons(where, profile(), days=4) == [8, "taken", "closed", "closed"]


def test_a_calendar_that_cannot_be_read(tmp_path: Path) -> None:
    """It is the reason where its account might be free; others can still meet, or have other reasons."""
    where = workspace(tmp_path, {"ann": [day_off(20)]}, ["ben"], ben=hours("tue-wed 09:00-17:00"))
    both = ("ann", "ben")
    assert reasons(where, profile(accounts=both, required="all"), days=3) == ["closed", "taken", "unreadable"]
    assert reasons(where, profile(accounts=both, required="one"), days=3) == [8, "unreadable", 8]


def test_a_cap(tmp_path: Path) -> None:
    """A day on which all bookings that are allowed have been made is taken."""
    uid = own_uid(1)
    own = ("X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:ann", "X-GBOOK-ACCOUNTS:ann")
    booked = event("20261020T090000Z", "20261020T100000Z", *own).replace("UID:20261020T090000Z", f"UID:{uid}")
    where = workspace(tmp_path, {"ann": [booked]})
    assert reasons(where, profile(max_bookings_per_day=1), days=3) == [8, "taken", 8]
    # The query that moves the booking does not count it.
    query = Query(profile=profile(max_bookings_per_day=1), now=parse_instant(NOW, UTC), moving=uid)
    assert len(open_days(where, query, MONDAY, 2, LONDON)[0][1].slots) == 8


def test_seats(tmp_path: Path) -> None:
    """A session is offered until its last seat is taken; a day whose only session is full is taken."""
    own = ("X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:ann", "X-GBOOK-ACCOUNTS:ann")

    def seat(number: int) -> str:
        booked = event("20261020T080000Z", "20261020T090000Z", *own)
        return booked.replace("UID:20261020T080000Z", f"UID:{own_uid(number)}")

    asked = profile(seats=2, work_hours=hours("tue 09:00-10:00"))
    query = Query(profile=asked, now=parse_instant(NOW, UTC))
    (day,), _ = open_days(
        workspace(tmp_path, {"ann": [seat(1)]}), query, MONDAY + timedelta(days=1), 1, LONDON
    )
    assert [slot.seats_left for slot in day.slots] == [1]
    where = workspace(tmp_path, {"ann": [seat(1), seat(2)]})
    assert reasons(where, asked, days=3) == ["closed", "taken", "closed"]


def test_members_who_are_invited_by_mail(tmp_path: Path) -> None:
    """Without a host whose calendar gbook writes, no time is free."""
    where = workspace(tmp_path)
    assert reasons(where, profile(accounts=("hall",)), days=1) == ["taken"]


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        # 09:00 in London is 21:00 in Auckland.
        ("Pacific/Auckland", MONDAY, [3, 8, 8]),
        ("America/Los_Angeles", MONDAY - timedelta(days=1), [0, 8, 8]),
        # 09:00 in London is 22:00 in Honolulu, of the day before; 11:00 is midnight.
        ("Pacific/Honolulu", MONDAY - timedelta(days=1), [2, 8, 8]),
    ],
)
def test_days_are_those_of_the_guest(tmp_path: Path, zone: str, first: date, expected: list[int]) -> None:
    """Slots near midnight belong to another day than in the profile's zone."""
    query = Query(profile=profile(), now=parse_instant("2026-10-18T20:00Z", UTC))
    listed, _ = open_days(workspace(tmp_path), query, first, 3, find_zone(zone))
    for day in listed:
        assert {local(slot.start, find_zone(zone)).date() for slot in day.slots} <= {day.day}
    assert [len(day.slots) for day in listed] == expected


def test_a_day_of_25_hours(tmp_path: Path) -> None:
    """All its slots are listed once, the ambiguous hour twice; so are those of a day of 23 hours."""
    whole = profile(work_hours=hours("mon-sun 00:00-24:00"), time_available_for="P1Y")
    where, query = workspace(tmp_path), Query(profile=whole, now=parse_instant(NOW, UTC))
    for day, length in ((date(2026, 10, 25), 25), (date(2027, 3, 28), 23)):
        listed, _ = open_days(where, query, day - timedelta(days=1), 3, LONDON)
        assert [len(each.slots) for each in listed] == [24, length, 24]


@st.composite
def scenes(draw: Draw) -> dict[str, Any]:
    """Draw a profile, its accounts' time, and the zone of a guest."""
    some = st.sampled_from([None, None, "mon-wed 09:00-12:00", "thu-sun 08:00-20:00", "tue 15:00-17:00"])
    busy = st.tuples(st.integers(0, 12 * 24), st.integers(1, 40))
    groups = [
        Group(ext_id="rooms", account_ids=("hall", "den"), required=draw(st.sampled_from(["one", "all"])))
    ]
    groups.append(Group(ext_id="team", account_ids=("ben", "cat"), required=draw(st.sampled_from([1, 2]))))
    closed = AvailabilityInterval(
        date_start_inclusive=MONDAY + timedelta(days=8), date_end_inclusive=MONDAY + timedelta(days=8)
    )
    return {
        "profile": profile(
            accounts=draw(st.sampled_from([("ann",), ("ann", "ben"), ("ann", "ben", "cat"), ()])),
            groups=tuple(draw(st.lists(st.sampled_from(groups), max_size=2, unique=True))),
            required=draw(st.sampled_from(["one", "all", "all", 2])),
            start_after_minutes=draw(st.sampled_from([0, 60, 1440, 3000])),
            start_time=draw(st.sampled_from([None, None, "2026-10-22T10:00:00Z"])),
            end_time=draw(st.sampled_from([None, None, "2026-10-28T10:00:00Z", "2026-10-20T10:00:00Z"])),
            time_available_for=draw(st.sampled_from(["P1D", "P8D", "P30D"])),
            availability_intervals=AvailabilityIntervals(intervals=(closed,)),
        ),
        "busy": {name: draw(st.lists(busy, max_size=6)) for name in NAMES},
        "unreadable": draw(st.sampled_from([(), (), ("ben",), ("ann", "hall")])),
        "own": {name: hours(line) for name in ("ann", "ben") if (line := draw(some))},
        "now": at_midnight(MONDAY, LONDON) + draw(st.integers(0, 4 * 24 * 60)) * MINUTE,
        "zone": draw(
            st.sampled_from(["Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])
        ),
    }


@settings(max_examples=scaled(100), deadline=None)
@given(scenes(), st.data())
def test_the_class_fits_the_reasons_of_each_time(scene: dict[str, Any], data: Any) -> None:
    """`explain` is asked about every hour of a day: what it says of them gives the slots and the class."""
    zone, midnight = find_zone(scene["zone"]), at_midnight(MONDAY, LONDON)

    def stamp(hour: int) -> str:
        return format_instant(midnight + hour * 3600).replace("-", "").replace(":", "")

    events: Busy = {
        name: [event(stamp(start), stamp(start + length)) for start, length in sorted({*spans})]
        for name, spans in scene["busy"].items()
    }
    with TemporaryDirectory() as folder:
        where = workspace(Path(folder), events, scene["unreadable"], **scene["own"])
        query = Query(profile=scene["profile"], now=scene["now"])
        listed, _ = open_days(where, query, MONDAY, 14, zone)
        for day in data.draw(
            st.lists(st.sampled_from(listed), min_size=4, max_size=4, unique_by=lambda d: d.day)
        ):
            whys = [gbook.explain(where, query, start, zone) for start in hours_of(day.day, zone.key)]
            assert [slot.start for slot in day.slots] == [why.start for why in whys if why.available]
            today = local(query.now, zone).date()
            assert day.reason is (None if day.slots else expected(day.day, today, whys))


def hours_of(day: date, zone: str) -> list[int]:
    """Return the whole hours of London that are in a day of another zone."""
    first = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 14 * 3600
    instants = range(first, first + 52 * 3600, 3600)
    return [instant for instant in instants if local(instant, find_zone(zone)).date() == day]


def expected(day: date, today: date, whys: Sequence[Why]) -> NoTimes:
    """Return the class of a day without free times, from the reasons of all its hours."""
    offered = [why for why in whys if not codes(why.rules) & {"closed", "off_grid"}]
    if day < today or (offered and "past" in codes(offered[-1].rules)):
        return NoTimes.PAST
    if not offered:
        return NoTimes.CLOSED
    if inside := [why for why in offered if not why.rules]:
        return expected_of_members(inside)
    early = {*codes(offered[-1].rules), *(("begins",) if has_not_begun(offered[-1]) else ())}
    if has_ended(offered[0]) or not early & {"notice", "begins"}:
        return NoTimes.OVER
    return NoTimes.NOTICE if "notice" in early else NoTimes.NOT_YET


def codes(found: Sequence[Reason]) -> set[str]:
    return {reason.code for reason in found}


def has_not_begun(why: Why) -> bool:
    return any(rule.code == "period" and rule.start is None for rule in why.rules)


def has_ended(why: Why) -> bool:
    return any(rule.code == "period" and rule.end is None for rule in why.rules)


def expected_of_members(inside: Sequence[Why]) -> NoTimes:
    """Return the class of a day some of whose times only its members prevent."""
    if any(would_do(why, lambda one: one.available or is_only_unread(one), hosted=True) for why in inside):
        return NoTimes.UNREADABLE
    if not 0 < inside[0].needed <= len(inside[0].members):
        return NoTimes.FEW
    if not any(would_do(why, lambda one: "own_hours" not in codes(one.reasons)) for why in inside):
        return NoTimes.CLOSED
    return NoTimes.FEW if any(map(are_few, inside)) else NoTimes.TAKEN


def is_only_unread(one: AccountWhy) -> bool:
    return "unreadable" in codes(one.reasons) and "own_hours" not in codes(one.reasons)


def would_do(why: Why, is_free: Callable[[AccountWhy], bool], *, hosted: bool = False) -> bool:
    """Return whether enough members could take a time if those were free for whom `is_free` says so."""
    free = {one.account_id: int(is_free(one)) for member in why.members for one in member.accounts}
    able = [member.member for member in why.members if available(member.member, free, 1)]
    hosts = [name for member in able for name in member.accounts if free[name] and name not in ROOMS]
    return len(able) >= why.needed and (bool(hosts) or not hosted)


def are_few(why: Why) -> bool:
    """Return whether some people are free, but not all members who are people."""
    people = [member for member in why.members if not ROOMS.issuperset(member.member.accounts)]
    some = any(one.available for member in people for one in member.accounts if one.account_id not in ROOMS)
    return some and not all(member.available for member in people)
