"""Lives of bookings in calendars on real servers, and in mixtures of servers, files and vdirs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.caldav_servers import CalDavServer, running
from support.running import Gbook
from support.server_office import make_server_office, stored_events

SLOT = "2026-11-24T14:00Z"
GUEST = ("--name", "Gwen", "--email", "gwen@example.org")


@pytest.fixture(params=["server", "host on server", "host in file"])
def office(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    calendar_server: CalDavServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """alice and bob: both on a server, or one of them in a file."""
    urls = [calendar_server.new_calendar(name) for name in ("alice", "bob")]
    places = {
        "server": {"alice": urls[0], "bob": urls[1]},
        "host on server": {"alice": urls[0], "bob": "bob.ics"},
        "host in file": {"alice": "alice", "bob": urls[1]},
    }[request.param]
    folder = make_server_office(tmp_path / "office", calendar_server, places)
    monkeypatch.chdir(folder)
    return folder


def book(gbook: Gbook, *more: str) -> str:
    return str(gbook.json("book", "--slot", SLOT, "--required", "all", *GUEST, *more)["id"])


def starts(gbook: Gbook) -> list[str]:
    return [
        item["start"]
        for item in gbook.json("availability", "--required", "all", "--to", "2026-11-25")["items"]
    ]


def test_a_booking_is_in_every_calendar_and_takes_the_time(office: Path, gbook: Gbook) -> None:
    """It is listed once, with both accounts, and its time is no longer offered."""
    uid = book(gbook)
    (record,) = gbook.json("booking", "list")["records"]
    assert (record["id"], record["accountIds"], record["status"]) == (uid, ["alice", "bob"], "confirmed")
    assert len(record["calendars"]) == 2
    assert "2026-11-24T14:00:00Z" not in starts(gbook)
    assert "2026-11-24T14:30:00Z" in starts(gbook)
    assert gbook("book", "--slot", SLOT, "--required", "one", *GUEST).code == 3


def test_it_is_moved_and_cancelled_in_every_calendar(office: Path, gbook: Gbook) -> None:
    """Its old time is free again after the move; cancelled, its new time too."""
    uid = book(gbook)
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z")
    assert ["2026-11-24T14:00:00Z" in starts(gbook), "2026-11-24T15:00:00Z" in starts(gbook)] == [True, False]
    cancelled = gbook.json("booking", "cancel", uid)
    assert (cancelled["status"], len(cancelled["calendars"])) == ("cancelled", 2)
    assert "2026-11-24T15:00:00Z" in starts(gbook)
    assert gbook.json("check")["problems"] == []


def test_its_guests_change_in_every_calendar(
    office: Path, gbook: Gbook, calendar_server: CalDavServer
) -> None:
    """No server invites them, and a colleague is asked on the server too."""
    uid = book(gbook)
    gbook.json("booking", "guest", "add", uid, "tom@example.com", "--name", "Tom")
    changed = gbook.json("booking", "guest", "change", uid, "gwen@example.org", "--email", "zoe@example.com")
    assert (changed["sequence"], len(changed["calendars"])) == (2, 2)
    assert [one["email"] for one in changed["attendees"]][2:] == ["tom@example.com", "zoe@example.com"]
    config = (office / "gbook.yaml").read_text()
    for url in {part.split("'")[0] for part in config.split("url: '")[2:]}:
        (stored,) = stored_events(calendar_server, url).values()
        invited = [line for line in stored.replace(b"\r\n ", b"").splitlines() if b"ATTENDEE" in line]
        assert len(invited) == 4
        assert all(b"SCHEDULE-AGENT=CLIENT" in line for line in invited)
    gbook.json("book", "--with", "bob", "--slot", "2026-11-24T16:00Z")
    refused = gbook(
        "book", "--with", "alice", "--slot", "2026-11-24T16:00Z", "--email", "bob@example.com", "--strict"
    )
    assert (refused.code, "is account bob, which is busy" in refused.err) == (3, True)
    gbook.json("booking", "guest", "remove", uid, "tom@example.com")
    assert gbook.json("check")["problems"] == []


def test_a_reservation_is_confirmed_or_dropped(office: Path, gbook: Gbook) -> None:
    """Reserving takes the time; confirming keeps it; dropping gives it back and leaves nothing."""
    kept, dropped = (
        gbook.json("book", "--slot", slot, "--required", "all", "--reserve", "60")["reservationId"]
        for slot in (SLOT, "2026-11-24T16:00Z")
    )
    gbook.json("reservation", "confirm", kept, *GUEST)
    gbook.json("reservation", "drop", dropped)
    assert ["2026-11-24T14:00:00Z" in starts(gbook), "2026-11-24T16:00:00Z" in starts(gbook)] == [False, True]
    assert [record["id"] for record in gbook.json("booking", "list")["records"]] == [kept]
    assert gbook.json("reservation", "list")["records"] == []


def test_the_same_key_books_once(office: Path, gbook: Gbook) -> None:
    """The second run answers with the first booking."""
    assert book(gbook, "--key", "k1") == book(gbook, "--key", "k1")
    assert len(gbook.json("booking", "list")["records"]) == 1


def test_no_hold_and_no_test_event_is_left(office: Path, gbook: Gbook, calendar_server: CalDavServer) -> None:
    """Each calendar has only the event, under the next number, and the server sends no invitations."""
    uid = book(gbook)
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z")
    config = (office / "gbook.yaml").read_text()
    for url in {part.split("'")[0] for part in config.split("url: '")[2:]}:
        stored = stored_events(calendar_server, url)
        assert list(stored) == ["gbook-1.ics"]
        assert uid.encode() in stored["gbook-1.ics"]
        assert b"X-GBOOK-HOLD" not in stored["gbook-1.ics"]
        assert b"SCHEDULE-AGENT=CLIENT" in stored["gbook-1.ics"].replace(b"\r\n ", b"")


def test_what_another_program_writes_counts_at_once(
    office: Path, gbook: Gbook, calendar_server: CalDavServer
) -> None:
    """An event that appears on the server between two commands takes its time."""
    config = (office / "gbook.yaml").read_text()
    url = config.split("url: '")[2].split("'")[0]
    assert "2026-11-24T09:00:00Z" in starts(gbook)
    calendar_server.put(
        f"{url}theirs.ics",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//them//EN\r\nBEGIN:VEVENT\r\nUID:theirs\r\n"
        b"DTSTAMP:20261101T000000Z\r\nDTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nSUMMARY:x\r\n"
        b"END:VEVENT\r\nEND:VCALENDAR\r\n",
    )
    assert "2026-11-24T09:00:00Z" not in starts(gbook)
    assert gbook("book", "--slot", "2026-11-24T09:00Z", "--required", "all", *GUEST).code == 3


def host_url(office: Path) -> str:
    """The URL of alice's calendar."""
    return (office / "gbook.yaml").read_text().split("url: '")[2].split("'")[0]


@pytest.fixture
def two(tmp_path: Path, calendar_server: CalDavServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """alice and bob, both on a server."""
    places = {name: calendar_server.new_calendar(name) for name in ("alice", "bob")}
    folder = make_server_office(tmp_path / "office", calendar_server, places)
    monkeypatch.chdir(folder)
    return folder


def test_copies_without_the_hosts_event_are_named_and_cleared_by_the_key(
    two: Path, gbook: Gbook, calendar_server: CalDavServer
) -> None:
    """As after a kill before the commit: the same command books again, once, and leaves nothing else."""
    uid = book(gbook, "--key", "k1")
    calendar_server.delete(f"{host_url(two)}gbook-1.ics")
    problems = gbook.json("check")["problems"]
    assert [(each["code"], uid in each["message"]) for each in problems] == [("host_missing", True)]
    assert book(gbook, "--key", "k1") == uid
    (record,) = gbook.json("booking", "list")["records"]
    assert (record["id"], len(record["calendars"])) == (uid, 2)
    assert gbook.json("check")["problems"] == []


def test_a_hold_that_was_left_expires(
    two: Path, gbook: Gbook, calendar_server: CalDavServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It blocks for two minutes; then check names it, and the next booking deletes it."""
    record = gbook.json("book", "--slot", SLOT, "--required", "all", "--reserve", "2")
    stored = stored_events(calendar_server, host_url(two))["gbook-1.ics"]
    gbook.json("reservation", "drop", record["reservationId"])
    left = stored.replace(b"END:VEVENT", b"X-GBOOK-HOLD:0123\r\nEND:VEVENT")
    calendar_server.put(f"{host_url(two)}gbook-7.ics", left)
    assert "2026-11-24T14:00:00Z" not in starts(gbook)
    assert gbook.json("reservation", "list")["records"] == []
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:03Z")
    assert "2026-11-24T14:00:00Z" in starts(gbook)
    assert [each["code"] for each in gbook.json("check")["problems"]] == ["left_hold"]
    book(gbook)
    assert list(stored_events(calendar_server, host_url(two))) == ["gbook-1.ics"]


def test_a_server_that_does_not_answer_is_not_free(
    tmp_path: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slots are not listed, the warning says why, and a booking ends with exit 6: try again."""
    with running("radicale", tmp_path) as server:
        places = {"alice": server.new_calendar("alice"), "bob": "bob.ics"}
        monkeypatch.chdir(make_server_office(tmp_path / "office", server, places))
        assert starts(gbook)
    document = gbook.json("availability", "--required", "all")
    assert document["items"] == []
    assert [each["code"] for each in document["warnings"]] == ["unreachable_calendar"]
    refused = gbook("book", "--slot", SLOT, "--required", "all", *GUEST)
    assert (refused.code, "alice" in refused.err) == (6, True)
    assert gbook("book", "--slot", SLOT, "--account", "bob", *GUEST).code == 0


def test_a_clock_that_is_wrong_writes_nothing(
    two: Path, gbook: Gbook, calendar_server: CalDavServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reservations expire by the clock; the message says by how much it is wrong."""
    monkeypatch.setattr("gbook.dav.http.time", lambda: time.time() - 300)
    refused = gbook("book", "--slot", SLOT, "--required", "all", *GUEST)
    assert (refused.code, "clock" in refused.err, "ahead of" in refused.err) == (5, True, True)
    assert stored_events(calendar_server, host_url(two)) == {}
