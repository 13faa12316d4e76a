"""The API over calendars on a real CalDAV server: bookings, races, and a server that is gone."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.caldav_servers import CalDavServer, running
from support.http_service import HttpService, running_service
from support.server_office import make_server_office, stored_events

NOW = "2026-11-23T08:00:00Z"
MEETING = "/v1/book/group/profiles/1/meeting"
JANE = {"name": "Jane", "email": "jane@example.com"}
FIRST, SECOND = "2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z"


def make_office(folder: Path, server: CalDavServer) -> tuple[Path, list[str]]:
    """Make a workspace with alice and bob, and return it with the URLs of their calendars."""
    urls = [server.new_calendar(name) for name in ("alice", "bob")]
    calendars = dict(zip(("alice", "bob"), urls, strict=True))
    return make_server_office(folder / "office", server, calendars, "id: 1\nrequired: all\n"), urls


def book(service: HttpService, start: str) -> tuple[int, Any]:
    """Return the status and the document of the answer to a booking."""
    answer = service.ask("POST", MEETING, {"time": {"start": start}, "schedulerInfo": JANE})
    return answer.status, answer.document


def starts(service: HttpService) -> list[str]:
    """Return the times that are offered."""
    return [item["start"] for item in service.ask("GET", MEETING).document["items"]]


def test_a_life_of_a_booking(tmp_path: Path, calendar_server: CalDavServer) -> None:
    """Booked, moved and cancelled: both calendars have the event as another program sees it."""
    office, urls = make_office(tmp_path, calendar_server)
    with running_service(office, GBOOK_NOW=NOW) as service:
        status, booked = book(service, FIRST)
        assert status == 200 and FIRST not in starts(service)
        moved = service.ask(
            "POST", f"{MEETING}?rescheduleToken={booked['rescheduleToken']}", {"time": {"start": SECOND}}
        )
        assert (moved.status, moved.document["id"]) == (200, booked["id"])
        for url in urls:
            (event,) = stored_events(calendar_server, url).values()
            assert b"20261124T093000Z" in event and b"jane@example.com" in event
        assert service.ask("DELETE", f"{MEETING}/{booked['id']}").status == 200
        assert starts(service)[:2] == [FIRST, SECOND]
    for url in urls:
        (event,) = stored_events(calendar_server, url).values()
        assert b"STATUS:CANCELLED" in event


@pytest.mark.slow
def test_one_of_many_clients_gets_the_time(tmp_path: Path, calendar_server: CalDavServer) -> None:
    """On two services at once: the holds on the calendars keep them apart."""
    office, urls = make_office(tmp_path, calendar_server)
    with (
        running_service(office, GBOOK_NOW=NOW) as one,
        running_service(office, GBOOK_NOW=NOW) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        assert one.credentials and two.credentials
        answers = list(pool.map(lambda service: book(service, FIRST), [one, two] * 4))
        assert FIRST not in starts(one) and FIRST not in starts(two)
    counted = Counter(status for status, _ in answers)
    assert counted[200] == 1 and set(counted) <= {200, 409, 503}
    (booked,) = (document for status, document in answers if status == 200)
    for url in urls:
        events = stored_events(calendar_server, url)
        assert [booked["id"].encode() in event for event in events.values()] == [True]


def test_a_server_that_is_gone(tmp_path: Path) -> None:
    """503 with Retry-After, without a word about the server; never a time that may be taken."""
    folder = tmp_path / "radicale"
    folder.mkdir()
    with running("radicale", folder) as server:
        office, _ = make_office(tmp_path, server)
        with running_service(office, GBOOK_NOW=NOW) as service:
            assert book(service, FIRST)[0] == 200
    with running_service(office, GBOOK_NOW=NOW) as service:
        for answer in (
            service.ask("GET", MEETING),
            service.ask("POST", MEETING, {"time": {"start": SECOND}, "schedulerInfo": JANE}),
        ):
            assert (answer.status, answer.document["code"]) == (503, "calendars_unreadable")
            assert "retry-after" in answer.headers
            assert not any(word in answer.body for word in (b"alice", b"127.0.0.1", b"http"))
