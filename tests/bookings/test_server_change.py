"""Lives of bookings in calendars on real servers, and in mixtures of servers, files and vdirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.caldav_servers import CalDavServer
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
    """It is listed once, with both accounts; its time is free for nobody any more."""
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
    """Each calendar on the server has the one event, under the next number, and invites nobody by itself."""
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
