"""Bookings that repeat: one event in every calendar, moved and cancelled whole or by date."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from support.office import snapshot
from support.running import Gbook, GbookProcess
from support.team import add_event, event, make_team

TUESDAYS = ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15"]
# The office has an event of its own.
KEPT = ["2026-11-30T09:00:00Z"]
WEEKLY = ("--repeat", "weekly", "--count", "4")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """alice (CRLF), bob (LF) and carol (a vdir) in Berlin's time."""
    folder = make_team(tmp_path / "team")
    path = folder / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("timezone: UTC", "timezone: Europe/Berlin"))
    monkeypatch.chdir(folder)
    return folder


def book(gbook: Gbook, at: str = "14:00", *more: str) -> str:
    """Book four Tuesdays with everybody, and return the id."""
    arguments = ("--slot", f"2026-11-24T{at}+01:00", "--name", "Gwen", "--email", "gwen@example.org")
    fields = ("--field", "topic=Looms", "--required", "all")
    return str(gbook.json("book", *arguments, *fields, *WEEKLY, *more)["id"])


def dates(gbook: Gbook, uid: str) -> list[str]:
    """Return the starts of the dates that take place, in UTC."""
    document = gbook.json("booking", "show", uid)
    return [each["start"] for each in document["dates"] if each["status"] != "cancelled"]


def shown(calendar: Path, uid: str) -> list[str]:
    """Return the starts of an event as another program shows them, in UTC."""
    files = sorted(calendar.glob("*.ics")) if calendar.is_dir() else [calendar]
    found = []
    for file in files:
        content: Any = icalendar.Calendar.from_ical(file.read_bytes())
        query = recurring_ical_events.of(content)
        found += [
            f"{each['DTSTART'].dt.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            for each in query.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
            if each["UID"] == uid and each.get("STATUS") != "CANCELLED"
        ]
    return sorted(found)


def check(gbook: Gbook, team: Path, uid: str, expected: list[str]) -> None:
    """gbook, and another program in every calendar, show these dates; the accounts are busy then."""
    assert dates(gbook, uid) == expected
    for name in ("alice.ics", "bob.ics", "carol"):
        assert shown(team / name, uid) == expected, name
    busy = gbook.json("busy", "--from", "2026-11-01", "--to", "2028-01-01")
    for account in busy["items"]:
        taken = [each["start"] for each in account["busy"] if each["start"] not in KEPT]
        assert taken == expected, account["accountId"]
    assert gbook.json("check")["problems"] == []


def at(hour: int, *days: str) -> list[str]:
    return [f"{day}T{hour:02}:00:00Z" for day in days]


def test_one_event_in_every_calendar(team: Path, gbook: Gbook) -> None:
    """It has a rule on the wall clock of the profile's zone, with that zone; other bytes stay."""
    before = (team / "alice.ics").read_bytes()
    uid = book(gbook)
    check(gbook, team, uid, at(13, *TUESDAYS))
    own = event(team, uid)
    assert own["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=4"
    assert own["DTSTART"].params["TZID"] == "Europe/Berlin"
    content = (team / "alice.ics").read_bytes()
    assert content.startswith(before[: before.rindex(b"END:VCALENDAR")])
    book(gbook, "15:00")
    assert (team / "alice.ics").read_bytes().count(b"BEGIN:VTIMEZONE") == 1


def test_the_wall_clock_stays_when_the_clocks_change(team: Path, gbook: Gbook) -> None:
    """Twelve months from November: in summer an hour earlier in UTC."""
    profile = team / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("dayOfWeek: wednesday", "dayOfWeek: thursday"))
    arguments = ("--field", "topic=Looms", "--required", "all", "--repeat", "weekly", "--count", "25")
    uid = gbook.json("book", "--slot", "2026-11-26T14:00+01:00", *arguments)["id"]
    hours = [start[11:13] for start in dates(gbook, uid)]
    assert hours == ["13"] * 18 + ["12"] * 7
    assert shown(team / "bob.ics", uid) == dates(gbook, uid)


def test_a_busy_date_refuses_all_or_is_skipped(team: Path, gbook: Gbook) -> None:
    """Nothing is written, or the date is left out in every calendar."""
    add_event(team / "bob.ics", "13:00", "13:30", "RRULE:FREQ=WEEKLY;COUNT=2;INTERVAL=2")
    add_event(team / "bob.ics", "13:15", "13:45", "RDATE:20261208T131500Z")
    before = snapshot(team)
    slot = ("--slot", "2026-12-01T14:00+01:00", "--field", "topic=x", "--required", "all", *WEEKLY)
    refused = gbook("book", *slot)
    assert (refused.code, snapshot(team)) == (3, before), refused.err
    assert "8 Dec 2026" in refused.err
    document = gbook.json("book", *slot, "--skip-busy")
    assert document["skipped"] == at(13, "2026-12-08")
    starts = [each["start"] for each in document["dates"]]
    assert starts == at(13, "2026-12-01", "2026-12-15", "2026-12-22")
    assert shown(team / "carol", document["id"]) == starts


class TestOneDate:
    def test_cancelled(self, team: Path, gbook: Gbook) -> None:
        """Its time is free again, once; the reason is in its override."""
        uid = book(gbook)
        gbook.json("booking", "cancel", uid, "--date", "8 Dec 2026", "--reason", "holiday")
        check(gbook, team, uid, at(13, TUESDAYS[0], TUESDAYS[1], TUESDAYS[3]))
        again = gbook("booking", "cancel", uid, "--date", "2026-12-08")
        assert (again.code, "already cancelled" in again.err) == (4, True)
        assert b"COMMENT:holiday" in (team / "bob.ics").read_bytes()
        wrong = gbook("booking", "cancel", uid, "--date", "2026-12-09")
        assert wrong.code == 4
        assert (
            "is not on Wed 9 Dec 2026; it is on Tue 24 Nov 2026, Tue 1 Dec 2026, Tue 15 Dec 2026" in wrong.err
        )

    def test_removed(self, team: Path, gbook: Gbook) -> None:
        """Also after it was cancelled or moved: an exception of the rule, without an override."""
        uid = book(gbook)
        gbook.json("booking", "cancel", uid, "--date", "2026-12-08")
        gbook.json("booking", "reschedule", uid, "--date", "2026-12-15", "--slot", "2026-12-16T10:00+01:00")
        for day in ("2026-12-08", "2026-12-16"):
            gbook.json("booking", "cancel", uid, "--date", day, "--remove")
        check(gbook, team, uid, at(13, *TUESDAYS[:2]))
        assert b"RECURRENCE-ID" not in (team / "alice.ics").read_bytes()
        assert gbook.json("booking", "show", uid)["skipped"] == at(13, *TUESDAYS[2:])

    def test_moved(self, team: Path, gbook: Gbook) -> None:
        """The others stay; it moves again, and back; a busy time is refused."""
        uid = book(gbook)
        move = ("booking", "reschedule", uid, "--date")
        gbook.json(*move, "2026-12-08", "--slot", "2026-12-09T10:00+01:00")
        check(gbook, team, uid, [*at(13, *TUESDAYS[:2]), "2026-12-09T09:00:00Z", *at(13, TUESDAYS[3])])
        assert gbook("book", "--slot", "2026-12-08T14:00+01:00", "--field", "topic=x", "--dry-run").code == 0
        refused = gbook(*move, "2026-12-09", "--slot", "2026-12-01T14:00+01:00")
        assert refused.code == 3, refused.err
        gbook.json(*move, "2026-12-09", "--slot", "2026-12-08T14:15+01:00")
        gbook.json(*move, "2026-12-08", "--slot", "2026-12-08T14:00+01:00")
        check(gbook, team, uid, at(13, *TUESDAYS))

    def test_moved_beyond_the_period_of_the_profile(self, team: Path, gbook: Gbook) -> None:
        """Only the first date of a series lies in it; `first` is the first slot about a late date too."""
        uid = book(gbook, "14:00", "--count", "8")
        move = ("booking", "reschedule", uid, "--date", "2027-01-12", "--slot")
        gbook.json(*move, "2027-01-13T10:00+01:00")
        assert dates(gbook, uid)[-1] == "2027-01-13T09:00:00Z"
        assert gbook("book", "--slot", "2027-01-19T10:00+01:00", "--field", "topic=x").code == 3

    def test_a_single_booking_has_no_dates(self, team: Path, gbook: Gbook) -> None:
        """--date is refused."""
        uid = gbook.json("book", "--slot", "2026-11-24T14:00+01:00", "--field", "topic=x")["id"]
        result = gbook("booking", "cancel", uid, "--date", "2026-11-24")
        assert (result.code, "does not repeat" in result.err) == (2, True)


class TestWhole:
    def test_moved_before_it_begins(self, team: Path, gbook: Gbook) -> None:
        """The rule moves; there are no overrides. A date may take the time of another one."""
        uid = book(gbook)
        gbook.json("booking", "reschedule", uid, "--slot", "2026-12-01T14:00+01:00")
        check(gbook, team, uid, at(13, *TUESDAYS[1:], "2026-12-22"))
        assert b"RECURRENCE-ID" not in (team / "alice.ics").read_bytes()

    def test_moved_after_it_has_begun(
        self, team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is over stays; the slot is that of the first date to come; a cancelled date stays so."""
        uid = book(gbook)
        gbook.json("booking", "cancel", uid, "--date", "2026-12-08")
        monkeypatch.setenv("GBOOK_NOW", "2026-11-25T12:00:00Z")
        gbook.json("booking", "reschedule", uid, "--slot", "2026-12-02T10:00+01:00")
        check(gbook, team, uid, [*at(13, TUESDAYS[0]), *at(9, "2026-12-02", "2026-12-16")])

    def test_a_date_that_is_busy_keeps_all(self, team: Path, gbook: Gbook) -> None:
        """Nothing is written."""
        uid = book(gbook)
        add_event(team / "alice.ics", "09:00", "09:30", "RDATE:20261215T090000Z")
        before = snapshot(team)
        result = gbook("booking", "reschedule", uid, "--slot", "2026-12-01T10:00+01:00")
        assert (result.code, snapshot(team)) == (3, before), result.err

    def test_cancelled(self, team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
        """After its first date, that one stays; then it can be taken out."""
        uid = book(gbook)
        monkeypatch.setenv("GBOOK_NOW", "2026-11-25T12:00:00Z")
        document = gbook.json("booking", "cancel", uid)
        assert [each["status"] for each in document["dates"]] == ["confirmed"] + ["cancelled"] * 3
        check(gbook, team, uid, at(13, TUESDAYS[0]))
        again = gbook("booking", "cancel", uid)
        assert (again.code, "cannot be changed" in again.err) == (3, True)
        removed = gbook("booking", "cancel", uid, "--remove")
        assert (removed.code, "removed from" in removed.out, "cancelled: " in removed.out) == (0, True, False)
        assert uid.encode() not in b"".join(path.read_bytes() for path in team.rglob("*.ics"))

    def test_cancelled_before_it_begins(self, team: Path, gbook: Gbook) -> None:
        """The whole event is cancelled, also if a date had been moved."""
        uid = book(gbook)
        gbook.json("booking", "reschedule", uid, "--date", "2026-12-08", "--slot", "2026-12-09T10:00+01:00")
        assert gbook.json("booking", "cancel", uid)["status"] == "cancelled"
        check(gbook, team, uid, [])
        (record,) = gbook.json("booking", "list", "--all")["records"]
        assert (record["id"], gbook.json("booking", "list")["records"]) == (uid, [])


def test_a_reservation_of_a_series(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds all its dates, is confirmed with all of them, or expires with all of them."""
    uid, other = book(gbook, "14:00", "--reserve", "60"), book(gbook, "15:00", "--reserve", "60")
    assert (
        gbook("book", "--slot", "2026-12-08T14:00+01:00", "--field", "topic=x", "--required", "all").code == 3
    )
    gbook.json("reservation", "confirm", uid)
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T11:00:00Z")
    check(gbook, team, uid, at(13, *TUESDAYS))
    gbook.json("booking", "cancel", uid, "--remove")
    assert other not in (team / "bob.ics").read_text()


def test_the_same_key_is_the_same_series(team: Path, gbook: Gbook) -> None:
    """It is booked once."""
    assert book(gbook, "14:00", "--key", "k") == book(gbook, "14:00", "--key", "k")
    assert gbook.json("booking", "list")["totalSize"] == 1


def test_a_guest_who_joins_is_in_every_date(team: Path, gbook: Gbook) -> None:
    """A moved date stays moved, a cancelled one cancelled."""
    uid = book(gbook)
    gbook.json("booking", "cancel", uid, "--date", "2026-12-08")
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-15", "--slot", "2026-12-16T10:00+01:00")
    expected = dates(gbook, uid)
    gbook.json("booking", "guest", "add", uid, "ina@example.net")
    check(gbook, team, uid, expected)
    content = (team / "bob.ics").read_text().replace("\r\n", "\n").replace("\n ", "")
    assert content.count("mailto:ina@example.net") == 3


def test_copies_that_differ_are_repaired(team: Path, gbook: Gbook) -> None:
    """A date that another program has moved in one copy."""
    uid = book(gbook)
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-08", "--slot", "2026-12-09T10:00+01:00")
    expected = dates(gbook, uid)
    path = team / "bob.ics"
    path.write_bytes(path.read_bytes().replace(b"20261209T100000", b"20261209T110000"))
    problems = gbook("check", "--json").document["problems"]
    assert "copies_differ" in {problem["code"] for problem in problems}
    gbook.json("booking", "repair", uid)
    check(gbook, team, uid, expected)


@pytest.mark.filterwarnings("ignore:.*globally unique")
@pytest.mark.parametrize("name", ["W. Europe Standard Time", "/example.org/Europe/Berlin"])
def test_the_zone_by_another_name(team: Path, gbook: Gbook, name: str) -> None:
    """A program has written the name of Windows, or with a prefix: the dates are the same, and can move."""
    uid = book(gbook)
    for path in (team / "alice.ics", team / "bob.ics", *team.glob("carol/*.ics")):
        path.write_bytes(path.read_bytes().replace(b"Europe/Berlin", name.encode()))
    shown = GbookProcess()("booking", "show", uid)
    assert (shown.code, shown.err) == (0, "")
    assert dates(gbook, uid) == at(13, *TUESDAYS)
    gbook.json("booking", "cancel", uid, "--date", "2026-12-01")
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T15:00+01:00")
    check(gbook, team, uid, at(14, *TUESDAYS[:1], *TUESDAYS[2:]))


def test_a_zone_that_is_known_to_the_calendar_only(team: Path, gbook: Gbook) -> None:
    """The copy is damaged, which a warning says; gbook changes no date of it by guessing."""
    uid = book(gbook)
    before = dates(gbook, uid)
    path = team / "bob.ics"
    path.write_bytes(path.read_bytes().replace(b"Europe/Berlin", b"Customized Time Zone"))
    assert "unknown time zone 'Customized Time Zone'" in gbook("booking", "list").err
    assert dates(gbook, uid) == before


@pytest.mark.parametrize("exception", ["EXDATE;VALUE=DATE:20261201", "EXDATE:20261201T140000"])
def test_a_date_left_out_by_another_program(team: Path, gbook: Gbook, exception: str) -> None:
    """By its day, or on the clock without a zone: it is skipped, and stays so when the others move."""
    uid = book(gbook)
    for path in (team / "alice.ics", team / "bob.ics", *team.glob("carol/*.ics")):
        path.write_bytes(path.read_bytes().replace(b"RRULE", exception.encode() + b"\r\nRRULE"))
    assert dates(gbook, uid) == at(13, *TUESDAYS[:1], *TUESDAYS[2:])
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T15:00+01:00")
    check(gbook, team, uid, at(14, *TUESDAYS[:1], *TUESDAYS[2:]))
