"""The dates of gbook's own series in queries: each takes its time, counts for limits, and can be moved."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

import pytest
from msgspec import structs
from support.ics import vcalendar, vevent
from support.uids import own_uid

from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Profile
from gbook.scheduling.account_time import Exemptions, load_accounts
from gbook.scheduling.agenda import read_agenda
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.explain import explain
from gbook.timeutil.instants import DAY, local, parse_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

NOW = parse_instant("2026-11-24T00:00", UTC)
UID = own_uid("series")
HOURS = WorkHours(timezone="UTC", day_schedules=parse_hours(["mon-sun 09:00-12:00"]))
PROFILE = Profile(
    name="demo",
    duration_minutes=60,
    availability_step=60,
    start_after_minutes=0,
    time_available_for="P3D",
    work_hours=HOURS,
    accounts=("ann",),
)
OWN = (
    f"UID:{UID}",
    "X-GBOOK-PROFILE:demo",
    "X-GBOOK-HOST:ann",
    "X-GBOOK-ACCOUNTS:ann ben",
    "SUMMARY:Course",
    "DTSTART:20261124T100000Z",
    "DTEND:20261124T110000Z",
    "RRULE:FREQ=DAILY;COUNT=3",
)
CANCELLED = (
    f"UID:{UID}",
    "X-GBOOK-PROFILE:demo",
    "X-GBOOK-HOST:ann",
    "SEQUENCE:1",
    "STATUS:CANCELLED",
    "RECURRENCE-ID:20261125T100000Z",
    "DTSTART:20261125T100000Z",
    "DTEND:20261125T110000Z",
)


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    """Ann hosts a daily series, whose copy Ben has lost."""
    accounts = tuple(
        Account(id=name, email=f"{name}@example.com", calendars=(CalendarRef(path=f"{name}.ics"),))
        for name in ("ann", "ben")
    )
    (tmp_path / "ann.ics").write_bytes(vcalendar(vevent(*OWN)))
    (tmp_path / "ben.ics").write_bytes(vcalendar())
    return Workspace(tmp_path, Config(timezone="UTC", accounts=accounts))


def starts(office: Workspace, **more: object) -> list[str]:
    """Return the slots as `24 09`: day and hour."""
    query = Query(**{"profile": PROFILE, "now": NOW, **more})  # type: ignore[arg-type]
    return [f"{local(slot.start, UTC):%d %H}" for slot in ask(office, query).slots]


def of(name: str) -> Profile:
    return structs.replace(PROFILE, accounts=(name,))


def with_cap(cap: int) -> Profile:
    return structs.replace(PROFILE, max_bookings_per_day=cap)


@pytest.mark.parametrize("name", ["ann", "ben"])
def test_every_date_takes_time(office: Workspace, name: str) -> None:
    """Of each participant, with a copy or without."""
    free = starts(office, profile=of(name))
    assert free == ["24 09", "24 11", "25 09", "25 11", "26 09", "26 11"]


@pytest.mark.parametrize("name", ["ann", "ben"])
def test_a_cancelled_date_is_free_again(office: Workspace, name: str) -> None:
    """The others are not."""
    (office.root / "ann.ics").write_bytes(vcalendar(vevent(*OWN), vevent(*CANCELLED)))
    free = starts(office, profile=of(name))
    assert free == ["24 09", "24 11", "25 09", "25 10", "25 11", "26 09", "26 11"]


def test_an_older_copy_does_not_know_of_a_cancelled_date(office: Workspace) -> None:
    """Of the copies of others, the host's and the newest count; one's own takes one's time."""
    (office.root / "ann.ics").write_bytes(vcalendar(vevent(*OWN), vevent(*CANCELLED)))
    (office.root / "ben.ics").write_bytes(vcalendar(vevent(*OWN)))
    assert "25 10" in starts(office)
    assert "25 10" not in starts(office, profile=of("ben"))


def test_each_date_counts_for_its_day(office: Workspace) -> None:
    """One booking a day is the limit, and each of the three days has one."""
    assert starts(office, profile=with_cap(1)) == []
    assert len(starts(office, profile=with_cap(2))) == 6


def test_a_date_that_is_moved_does_not_block_itself(office: Workspace) -> None:
    """The whole series, or one date of it."""
    assert len(starts(office, moving=UID)) == 9
    date = NOW + DAY + 10 * 3600
    assert starts(office, moving=UID, moving_date=date) == [
        *("24 09", "24 11", "25 09", "25 10", "25 11", "26 09", "26 11")
    ]
    assert starts(office, profile=with_cap(1), moving=UID, moving_date=date) == ["25 09", "25 10", "25 11"]


def test_why_names_the_series_of_a_date(office: Workspace) -> None:
    """Unless that date is being moved."""
    start = NOW + DAY + 10 * 3600
    query = Query(profile=PROFILE, now=NOW)
    (reason,) = explain(office, query, start, find_zone("UTC")).members[0].accounts[0].reasons
    assert (reason.code, reason.subject, reason.start) == ("busy", "Course", start)
    moved = Query(profile=PROFILE, now=NOW, moving=UID, moving_date=start)
    assert explain(office, moved, start, find_zone("UTC")).available


def test_the_agenda_shows_each_date(office: Workspace) -> None:
    """And not the one that was cancelled; Ben sees those of the host."""
    (office.root / "ann.ics").write_bytes(vcalendar(vevent(*OWN), vevent(*CANCELLED)))
    accounts = list(office.accounts.values())
    window = NOW, NOW + 3 * DAY
    agenda = read_agenda(office, accounts, find_zone("UTC"), window, NOW)
    assert [(item.account_id, item.subject, (item.start - NOW) // DAY) for item in agenda.items] == [
        ("ann", "Course", 0),
        ("ben", "Course", 0),
        ("ann", "Course", 2),
        ("ben", "Course", 2),
    ]


def test_a_warm_query_gives_the_same(office: Workspace, tmp_path: Path) -> None:
    """The dates are in the rows of the cache."""
    for path in tmp_path.glob("*.ics"):
        os.utime(path, (1_600_000_000,) * 2)
    zone = find_zone("UTC")
    times = [
        load_accounts(office, list(office.accounts.values()), zone, (NOW, NOW + DAY), Exemptions(NOW))
        for _ in range(2)
    ]
    assert times[0]["ann"].bookings == times[1]["ann"].bookings
    assert [booking.recurrence for booking in times[1]["ben"].bookings] == [
        NOW + number * DAY + 10 * 3600 for number in range(3)
    ]
