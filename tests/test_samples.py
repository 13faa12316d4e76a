"""The samples: a workspace that always has something to show, in calendars like those of real programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import icalendar
import pytest

from gbook.errors import UsageError
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.profiles.template import fields, fill
from gbook.scheduling.availability import Answer, Query, ask
from gbook.timeutil.instants import DAY, parse_instant
from gbook.workspace.workspace import Workspace, open_workspace

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_calendars"
FILES = sorted(SAMPLES.rglob("*.ics"))
PEOPLE = {"alice", "bob", "carol", "dave", "erin", "frank"}
ROOMS = {"cedar", "maple"}
# Single events are before this day.
PAST = date(2026, 1, 1)

MOMENTS = {
    "a monday morning": "2026-11-23T08:00:00Z",
    "a friday night": "2026-01-16T23:59:59Z",
    "a sunday": "2027-05-02T15:00:00Z",
    "christmas eve": "2026-12-24T10:00:00Z",
    "the night of new year": "2028-01-01T00:00:00Z",
    "a leap day": "2028-02-29T12:00:00Z",
    "before the clocks change in America": "2026-03-07T18:00:00Z",
    "between the changes of America and Europe": "2027-03-20T09:00:00Z",
    "the hour of the change in Europe": "2026-10-25T01:00:00Z",
    "the hour of the change in America": "2026-11-01T06:00:00Z",
    "bob on leave": "2026-06-30T07:00:00Z",
    "alice at the lake": "2028-08-04T17:00:00Z",
    "years ahead": "2035-12-18T09:00:00Z",
}


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return open_workspace(ROOT)


def profile(workspace: Workspace, name: str) -> Profile:
    return ProfileStore(workspace).load(name)


def answer(workspace: Workspace, name: str, required: str, moment: str) -> Answer:
    now = parse_instant(moment, UTC)
    query = Query(profile=profile(workspace, name), now=now, required="all" if required == "all" else "one")
    return ask(workspace, query)


def starts(found: Answer) -> set[int]:
    return {slot.start for slot in found.slots}


def events(path: Path) -> Iterator[icalendar.Event]:
    """The events of a file; a booking that somebody tried out here is none of the samples."""
    for event in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"):
        if "X-GBOOK-PROFILE" not in event:
            assert isinstance(event, icalendar.Event)
            yield event


def day(event: icalendar.Event) -> date:
    start = event.start
    return start.date() if isinstance(start, datetime) else start


class TestSlots:
    """Whatever today's date is, the samples have slots, and everybody has fewer of them than somebody."""

    @pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
    def test_all_can_meet_but_far_less_often_than_one(self, workspace: Workspace, moment: str) -> None:
        """At least ten slots in thirty days, and not a quarter of those in which somebody is free."""
        everybody = starts(answer(workspace, "aurinkoDemo", "all", moment))
        somebody = starts(answer(workspace, "aurinkoDemo", "one", moment))
        assert everybody < somebody
        assert 10 <= len(everybody) < len(somebody) / 4

    @pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
    def test_an_interview_can_be_held(self, workspace: Workspace, moment: str) -> None:
        """The groups of the second profile find a time together, but not whenever one of them has."""
        together = starts(answer(workspace, "interview", "all", moment))
        assert together
        assert together < starts(answer(workspace, "interview", "one", moment))

    def test_they_are_read_without_a_warning(self, workspace: Workspace) -> None:
        """Nothing in the samples has to be guessed."""
        for name in ("aurinkoDemo", "interview"):
            assert not answer(workspace, name, "all", "2026-11-23T08:00:00Z").warnings

    def test_a_holiday_that_is_marked_free_blocks(self, workspace: Workspace) -> None:
        """`blocking: always` closes Christmas for all who share the calendar, though it is TRANSPARENT."""
        christmas = parse_instant("2026-12-25T05:00:00Z", UTC)
        found = answer(workspace, "aurinkoDemo", "one", "2026-12-21T08:00:00Z")
        assert not [start for start in starts(found) if christmas <= start < christmas + DAY]


class TestWorkspace:
    """gbook.yaml and profiles/ show what there is to configure."""

    def test_there_are_people_in_several_zones_and_rooms(self, workspace: Workspace) -> None:
        """Six people in five zones, two meeting rooms."""
        assert set(workspace.accounts) == PEOPLE | ROOMS
        assert len({account.timezone for account in workspace.accounts.values()}) == 5

    def test_every_calendar_belongs_to_somebody(self, workspace: Workspace) -> None:
        """No file of sample_calendars is there for nothing, and one is a folder."""
        paths = {workspace.calendar_path(ref) for one in workspace.accounts.values() for ref in one.calendars}
        assert paths == {path for path in SAMPLES.iterdir() if not path.name.startswith(".")}
        assert [path.name for path in paths if path.is_dir()] == ["carol"]

    def test_a_holiday_calendar_is_shared_and_never_written(self, workspace: Workspace) -> None:
        """No account has it as its primary calendar."""
        shared = [
            ref
            for account in workspace.accounts.values()
            for ref in account.calendars
            if ref.shown.endswith("holidays.ics")
        ]
        assert len(shared) == 5
        assert all(ref.readonly and ref.blocking == "always" for ref in shared)
        assert all(account.primary not in shared for account in workspace.accounts.values())

    def test_the_demo_profile_asks_for_nothing(self, workspace: Workspace) -> None:
        """Its one variable has a default: name and address of the guest are enough."""
        demo = ProfileStore(workspace).choose()
        assert [field.name for field in fields(demo)] == ["comments"]
        assert "Jane" in fill(demo, {}, {"name": "Jane", "email": "jane@example.com"}).description

    def test_the_interview_asks_for_the_position(self, workspace: Workspace) -> None:
        """A field without a default is mandatory."""
        with pytest.raises(UsageError, match="needs position"):
            fill(profile(workspace, "interview"), {}, {})

    def test_the_groups_show_every_kind_of_required(self, workspace: Workspace) -> None:
        """One, all and a number."""
        interview = profile(workspace, "interview")
        assert {group.required for group in interview.groups} == {"one", "all", 2}
        assert interview.optional == ("bob",)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
class TestEveryFile:
    """Each file is what a calendar program would write."""

    def test_another_reader_finds_no_fault(self, path: Path) -> None:
        """icalendar reads every component without an error."""
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        assert [error for part in calendar.walk() for error in part.errors] == []
        assert calendar.walk("VEVENT")

    def test_lines_are_folded_and_end_alike(self, path: Path) -> None:
        """At most 75 octets (RFC 5545 §3.1); CRLF, but LF in the one written in an editor."""
        data = path.read_bytes()
        ending = b"\n" if path.name == "alice.ics" else b"\r\n"
        lines = data.split(ending)
        assert lines.pop() == b""
        assert all(b"\n" not in line and len(line) <= 75 for line in lines)

    def test_what_recurs_never_ends_and_the_rest_is_past(self, path: Path) -> None:
        """So the samples are never out of date."""
        for event in events(path):
            if rule := event.get("RRULE"):
                assert not {"UNTIL", "COUNT"} & rule.keys()
            else:
                assert day(event) < PAST


class TestPeculiarities:
    """What makes calendars of real programs hard to read is in the samples."""

    def test_dave_comes_from_google(self) -> None:
        """UTC times, METHOD and zone of the calendar, a folded description, an invitation declined."""
        calendar = icalendar.Calendar.from_ical((SAMPLES / "dave.ics").read_bytes())
        assert calendar["PRODID"] == "-//Google Inc//Google Calendar 70.9054//EN"
        assert {"X-WR-CALNAME", "X-WR-TIMEZONE", "METHOD"} <= calendar.keys()
        text = (SAMPLES / "dave.ics").read_text()
        assert "\nDTSTART:20250108T150000Z" in text
        assert "PARTSTAT=DECLINED" in text

    def test_bob_comes_from_outlook(self) -> None:
        """A Windows zone with its VTIMEZONE, busy status in Microsoft's words, text as HTML."""
        text = (SAMPLES / "bob.ics").read_text()
        assert 'DTSTART;TZID="W. Europe Standard Time":' in text
        assert "\nTZID:W. Europe Standard Time\n" in text
        assert "\nX-ALT-DESC;FMTTYPE=text/html:" in text
        for status in ("BUSY", "FREE", "TENTATIVE", "OOF"):
            assert f"\nX-MICROSOFT-CDO-BUSYSTATUS:{status}\n" in text

    def test_alice_writes_floating_times(self) -> None:
        """Neither TZID nor Z, and no zone of the calendar."""
        text = (SAMPLES / "alice.ics").read_text()
        assert "\nDTSTART:20240108T093000\n" in text
        assert "TZID" not in text and "X-WR-TIMEZONE" not in text

    def test_series_have_exceptions_and_overrides(self) -> None:
        """EXDATE as date-time and as date; RECURRENCE-ID in five calendars, once in another zone."""
        overridden = [path for path in FILES if b"\nRECURRENCE-ID" in path.read_bytes()]
        assert len(overridden) == 5
        assert "\nEXDATE;VALUE=DATE:" in (SAMPLES / "alice.ics").read_text()
        text = (SAMPLES / "carol/8DZQ1N6PXKWTV4M0RJH2.ics").read_text()
        assert "DTSTART;TZID=America/New_York:" in text
        assert "RECURRENCE-ID;TZID=Europe/London:" in text

    def test_some_events_take_no_time(self) -> None:
        """Birthdays are transparent all-day events, leave is an opaque one; some events are tentative."""
        found = [event for path in FILES for event in events(path)]
        all_day = [event for event in found if not isinstance(event.start, datetime)]
        assert {event.get("TRANSP", "OPAQUE") for event in all_day} == {"OPAQUE", "TRANSPARENT"}
        assert any(event.get("STATUS") == "TENTATIVE" for event in found)
