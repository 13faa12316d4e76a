"""`ask` and a workspace: own work hours, buffers, reservations, and the booking that is being moved."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from support.uids import own_uid

from gbook.errors import NotFound
from gbook.profiles.model import Group, Profile
from gbook.scheduling.availability import Answer, Query, ask
from gbook.timeutil.instants import WEEKDAYS, format_instant, parse_instant
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval
from gbook.workspace.workspace import Workspace

NOW = parse_instant("2026-11-24T00:00", UTC)


def week(start: str, end: str, zone: str | None = "UTC") -> WorkHours:
    hours = (WorkingInterval(start=start, end=end),)
    days = tuple(DaySchedule(day_of_week=day, working_intervals=hours) for day in WEEKDAYS)
    return WorkHours(timezone=zone, day_schedules=days)


def demo(**more: object) -> Profile:
    given = {
        "name": "demo",
        "duration_minutes": 60,
        "availability_step": 60,
        "start_after_minutes": 0,
        "time_available_for": "P1D",
        "work_hours": week("09:00", "17:00"),
        "accounts": ("ann",),
    }
    return Profile(**{**given, **more})  # type: ignore[arg-type]


def account(name: str, **more: object) -> Account:
    calendars = (CalendarRef(path=f"{name}.ics"),)
    return Account(**{"id": name, "email": f"{name}@example.com", "calendars": calendars, **more})  # type: ignore[arg-type]


def event(start: str, end: str, *more: str) -> str:
    """Return an event on that Tuesday, `10:00` to `11:00` UTC."""
    times = [f"DTSTART:20261124T{start.replace(':', '')}00Z", f"DTEND:20261124T{end.replace(':', '')}00Z"]
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{own_uid((start, more))}", *times, *more, "END:VEVENT"])


@pytest.fixture
def calendars(tmp_path: Path) -> Path:
    """The calendars of Ann and Ben are empty."""
    for name in ("ann", "ben"):
        write(tmp_path, name)
    return tmp_path


def write(folder: Path, name: str, *events: str) -> None:
    content = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""])
    (folder / f"{name}.ics").write_text(content, newline="")


def answer(folder: Path, profile: Profile, *accounts: Account, **more: object) -> Answer:
    workspace = Workspace(
        folder, Config(timezone="UTC", accounts=accounts or (account("ann"), account("ben")))
    )
    return ask(workspace, Query(**{"profile": profile, "now": NOW, **more}))  # type: ignore[arg-type]


def starts(answered: Answer) -> list[str]:
    return [format_instant(slot.start)[11:16] for slot in answered.slots]


@pytest.mark.parametrize(
    ("hours", "zone", "expected"),
    [
        (week("09:00", "12:00", None), "America/New_York", ["14:00", "15:00", "16:00"]),
        (week("09:00", "12:00", "Europe/Berlin"), "America/New_York", ["09:00", "10:00"]),
        (week("10:00", "12:00", None), None, ["10:00", "11:00"]),
        (week("22:00", "06:00", "Asia/Tokyo"), None, ["13:00", "14:00", "15:00", "16:00"]),
        (week("10:30", "12:30", "UTC"), None, ["11:00"]),
    ],
)
def test_an_account_has_hours_of_its_own(
    calendars: Path, hours: WorkHours, zone: str | None, expected: list[str]
) -> None:
    """Their zone is their own, else the account's, else the profile's; a slot is wholly inside them."""
    answered = answer(calendars, demo(), account("ann", work_hours=hours, timezone=zone))
    assert starts(answered) == expected


def test_buffers_must_be_free_but_need_no_hours(calendars: Path) -> None:
    """Buffers are exact to the second; the first slot of the day needs no free time before the hours."""
    write(calendars, "ann", event("12:00", "13:00"))
    both = demo(buffer_before_minutes=30, buffer_between_minutes=60)
    own = account("ann", work_hours=week("09:00", "17:00"))
    assert starts(answer(calendars, both, own)) == ["09:00", "10:00", "14:00", "15:00", "16:00"]
    assert "11:00" in starts(answer(calendars, demo(buffer_before_minutes=60), own))


def test_midnight_is_a_time_like_others(calendars: Path) -> None:
    """An event that starts at 00:00 blocks."""
    write(calendars, "ann", event("00:00", "01:00"))
    answered = answer(calendars, demo(work_hours=week("00:00", "03:00")))
    assert starts(answered) == ["01:00", "02:00"]


def test_a_reservation_holds_until_it_expires(calendars: Path) -> None:
    """At the instant of its expiry it no longer blocks."""
    own = ("X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:ann", "STATUS:TENTATIVE", "X-GBOOK-EXPIRES:20261124T003000Z")
    write(calendars, "ann", event("10:00", "11:00", *own))
    for now, free in (("00:29:59", False), ("00:30:00", True)):
        moment = parse_instant(f"2026-11-24T{now}", UTC)
        assert ("10:00" in starts(answer(calendars, demo(), now=moment))) is free


def test_a_booking_that_is_moved_does_not_block_itself(calendars: Path) -> None:
    """Nor does it count for the maximum of its day."""
    own = ("X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:ann")
    write(calendars, "ann", event("10:00", "11:00", *own))
    profile = demo(max_bookings_per_day=1)
    assert starts(answer(calendars, profile)) == []
    moving = str(answer(calendars, profile).times["ann"].bookings[0].uid)
    assert "10:00" in starts(answer(calendars, profile, moving=moving))


def test_optional_accounts_are_read_and_exclude_nothing(calendars: Path) -> None:
    """An unreadable calendar of an optional account is a warning."""
    (calendars / "ben.ics").unlink()
    answered = answer(calendars, demo(optional=("ben",)), required="all")
    assert len(answered.slots) == 8
    assert {slot.optional for slot in answered.slots} == {()}
    assert [warning.account_id for warning in answered.warnings] == ["ben"]


def test_one_calendar_of_several_cannot_be_read(calendars: Path) -> None:
    """Then no time of the account is free."""
    several = (CalendarRef(path="ann.ics"), CalendarRef(path="missing.ics"))
    answered = answer(calendars, demo(), account("ann", calendars=several))
    assert (answered.slots, [warning.path for warning in answered.warnings]) == ([], ["missing.ics"])


def test_only_attached_members_can_be_asked_for(calendars: Path) -> None:
    """An account of a group is not attached itself, and a group's name is not an account."""
    profile = demo(groups=(Group(ext_id="g", account_ids=("ben",)),))
    assert len(answer(calendars, profile, groups=("g",)).members) == 1
    for wrong in ({"accounts": ("ben",)}, {"groups": ("ann",)}, {"accounts": ("g",)}):
        with pytest.raises(NotFound):
            answer(calendars, profile, **wrong)


def test_one_question_about_a_slot_is_that_about_all(calendars: Path) -> None:
    """A query for one slot lists it if and only if the whole list has it."""
    write(calendars, "ann", event("09:30", "10:15"), event("13:00", "13:01"))
    profile = demo(availability_step=30, buffer_before_minutes=15)
    whole = answer(calendars, profile).slots
    alone = [
        slot
        for start in range(NOW, NOW + 86_400, 900)
        for slot in answer(calendars, profile, low=start, high=start + 3600).slots
    ]
    assert alone == list(whole)
