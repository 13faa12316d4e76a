"""Why a series cannot be booked: the dates that fail, for whom, and what would help."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from msgspec import structs
from support.ics import vcalendar, vevent
from support.uids import own_uid

from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Profile
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.explain import Why, explain, summarize
from gbook.scheduling.reasons import no_slots_sentence
from gbook.scheduling.suggestions import suggest
from gbook.timeutil.instants import DAY, parse_instant
from gbook.timeutil.repeats import Repeat
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

# Tuesday.
NOW = parse_instant("2026-11-24T00:00", UTC)
TEN = NOW + 10 * 3600
ZONE = find_zone("UTC")
HOURS = WorkHours(timezone="UTC", day_schedules=parse_hours(["mon-fri 09:00-12:00"]))
PROFILE = Profile(
    name="demo",
    duration_minutes=60,
    availability_step=60,
    start_after_minutes=0,
    time_available_for="P1D",
    work_hours=HOURS,
    accounts=("ann", "ben"),
    required="all",
)
DAILY = Repeat("daily", 4)


def event(day: int, subject: str, *more: str) -> str:
    return vevent(f"DTSTART:202611{day}T100000Z", f"DTEND:202611{day}T110000Z", f"SUMMARY:{subject}", *more)


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    """Ben is busy at ten on the second and third day of four."""
    accounts = tuple(
        Account(id=name, email=f"{name}@example.com", calendars=(CalendarRef(path=f"{name}.ics"),))
        for name in ("ann", "ben")
    )
    (tmp_path / "ann.ics").write_bytes(vcalendar())
    (tmp_path / "ben.ics").write_bytes(vcalendar(event(25, "Dentist"), event(26, "Gym")))
    return Workspace(tmp_path, Config(timezone="UTC", accounts=accounts))


def query(**more: object) -> Query:
    return Query(**{"profile": PROFILE, "now": NOW, "repeat": DAILY, **more})  # type: ignore[arg-type]


def why(office: Workspace, start: int = TEN, **more: object) -> Why:
    return explain(office, query(**more), start, ZONE)


def messages(found: Why) -> dict[str, list[str]]:
    return {
        member.member.id: [reason.message for reason in member.accounts[0].reasons]
        for member in found.members
    }


def test_each_date_that_fails_is_named(office: Workspace) -> None:
    """With the account; the others are free on all dates."""
    found = why(office)
    assert not found.available
    assert messages(found) == {
        "ann": [],
        "ben": [
            "Wed 25 Nov 2026: busy 10:00–11:00 (Dentist, ben.ics)",
            "Thu 26 Nov 2026: busy 10:00–11:00 (Gym, ben.ics)",
        ],
    }
    assert [member.available for member in found.members] == [True, False]
    assert [reason.date for reason in found.members[1].accounts[0].reasons] == [TEN + DAY, TEN + 2 * DAY]
    assert why(office, TEN + 3600).available


def test_a_date_outside_the_hours_is_a_rule(office: Workspace) -> None:
    """The fifth day is a Saturday; the notice and the period are for the first date."""
    found = why(office, TEN + 3600, repeat=Repeat("daily", 5))
    assert [rule.message for rule in found.rules] == ["the profile has no hours on Sat 28 Nov 2026"]
    assert found.rules[0].date == TEN + 3600 + 4 * DAY
    assert not found.available


def test_the_profile_ends_before_the_last_date(office: Workspace) -> None:
    """Its endTime counts for every date."""
    profile = structs.replace(PROFILE, end_time="2026-11-26T12:00:00Z")
    found = why(office, TEN + 3600, profile=profile)
    assert [rule.message for rule in found.rules] == [
        "Fri 27 Nov 2026: the profile's period ends Thu 26 Nov 2026 12:00"
    ]
    assert not found.available


def test_a_date_that_is_left_out_forbids_nothing(office: Workspace) -> None:
    """With skip_busy only the first date must be free; the others are explained all the same."""
    found = why(office, skip_busy=True)
    assert found.available
    assert [member.available for member in found.members] == [True, True]
    assert len(messages(found)["ben"]) == 2
    assert not why(office, TEN + DAY, skip_busy=True).available


def test_the_series_counts_for_its_own_caps(office: Workspace) -> None:
    """Two bookings a week, and it has four dates in one."""
    profile = structs.replace(PROFILE, max_bookings_per_week=2)
    found = why(office, TEN + 3600, profile=profile)
    text = "with the earlier dates of the series, a limit of bookings is reached"
    assert messages(found)["ann"] == [f"Thu 26 Nov 2026: {text}", f"Fri 27 Nov 2026: {text}"]
    assert not found.available


def test_dates_that_overlap(office: Workspace) -> None:
    """A meeting of 25 hours on every day."""
    hours = WorkHours(timezone="UTC", day_schedules=parse_hours(["mon-sun 00:00-24:00"]))
    profile = structs.replace(PROFILE, duration_minutes=1500, time_available_for="P3D", work_hours=hours)
    found = why(office, NOW, profile=profile, repeat=Repeat("daily", 2))
    assert messages(found)["ann"] == ["Wed 25 Nov 2026: too close to an earlier date of the series"]


def test_a_long_series_is_explained_in_part(office: Workspace) -> None:
    """The calendars are read for each date that is explained."""
    (office.root / "ben.ics").write_bytes(vcalendar(event(25, "Daily", "RRULE:FREQ=DAILY")))
    found = why(office, repeat=Repeat("weekly", 60))
    assert len(messages(found)["ben"]) == 13
    assert messages(found)["ben"][-1] == "not free on 47 more dates"


def test_a_refusal_names_the_dates(office: Workspace) -> None:
    """In one line."""
    answer = ask(office, query(low=TEN, high=TEN + 3600))
    assert summarize(office, answer, TEN, ZONE) == (
        "ben: Wed 25 Nov 2026: busy 10:00–11:00 (Dentist, ben.ics), "
        "Thu 26 Nov 2026: busy 10:00–11:00 (Gym, ben.ics)"
    )
    late = ask(office, query(low=TEN, high=TEN + 3600, repeat=Repeat("daily", 5)))
    assert summarize(office, late, TEN, ZONE) == "the profile has no hours on Sat 28 Nov 2026"


def test_no_start_at_all(office: Workspace) -> None:
    """The sentence says whether members or hours are the reason."""
    all_morning = event(24, "x", "RDATE:20261124T090000Z,20261124T110000Z")
    (office.root / "ann.ics").write_bytes(vcalendar(all_morning))
    sentence = no_slots_sentence(ask(office, query()), ZONE)
    assert sentence == "the 2 members are never all free at the same time on all 4 dates."
    closed = no_slots_sentence(ask(office, query(repeat=Repeat("daily", 5))), ZONE)
    assert closed == "the profile's hours and period have no room for all dates of the series."


def test_what_would_help_a_series(office: Workspace) -> None:
    """Leaving out busy dates, fewer dates, or fewer people."""
    changes = {suggestion.change: suggestion.slots for suggestion in suggest(office, ask(office, query()))}
    assert changes["with --skip-busy"] == 1
    assert changes["without ben"] == 1
    assert "with --count 3" not in changes
    longer = ask(office, query(repeat=Repeat("daily", 6)))
    assert {one.change: one.slots for one in suggest(office, longer)}["with --count 4"] == 2


def test_a_series_that_is_moved_does_not_block_itself(office: Workspace) -> None:
    """None of its dates does."""
    uid = own_uid("moved")
    own = (f"UID:{uid}", "X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:ann", "RRULE:FREQ=DAILY;COUNT=4")
    (office.root / "ann.ics").write_bytes(
        vcalendar(vevent(*own, "DTSTART:20261124T110000Z", "DTEND:20261124T120000Z"))
    )
    assert [slot.start for slot in ask(office, query()).slots] == [NOW + 9 * 3600]
    moved = ask(office, query(moving=uid))
    assert [slot.start for slot in moved.slots] == [NOW + 9 * 3600, NOW + 11 * 3600]
