"""A flood of reservations: others see the truth, and soon everything is free again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import pytest
from support.api import FREE
from support.http_service import running_service
from support.page_guest import PageGuest, booking_path, make_page_office

from gbook.workspace.tokens import ConfirmTokens, OfferTokens

NOW, LATER = "2026-11-23T08:00:00Z", "2026-11-23T08:16:00Z"
# No mail arrives anywhere: no server listens at this port.
MORE = """
serve: {baseUrl: https://book.example.com}
mail: {host: localhost, port: 9, security: none}
"""


@pytest.fixture
def guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PageGuest:
    """A guest of an office whose guests confirm by mail; each request comes from another address."""
    monkeypatch.setenv("GBOOK_NOW", NOW)
    return PageGuest(make_page_office(tmp_path / "office", "confirmEmail: true\n", MORE))


def asked(guest: PageGuest, start: str, number: int) -> int:
    """Ask for a time as another guest, and return the status of the answer."""
    fields = {"slot": start, "name": f"Guest {number}", "email": f"guest{number}@example.net"}
    return guest.post("/b/demo", {"token": guest.token(), **fields}).status_code


def test_one_time_is_wanted_by_many(guest: PageGuest) -> None:
    """One holds it; the others get the nearest times, and nothing else is held."""
    counted = Counter(asked(guest, FREE[0], number) for number in range(20))
    assert counted == {303: 1, 409: 19}
    assert [record.is_reservation for record in guest.records()] == [True]


def test_all_times_are_held(guest: PageGuest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says that all are taken; after a quarter of an hour they are free, and can be booked."""
    times = guest.api.starts("/group/profiles/1")
    assert [asked(guest, start, number) for number, start in enumerate(times)] == [303] * len(times)
    assert "all times are taken" in guest.get("/b/demo").text
    assert asked(guest, times[0], 99) == 409
    monkeypatch.setenv("GBOOK_NOW", LATER)
    assert guest.api.starts("/group/profiles/1") == times
    assert asked(guest, times[0], 99) == 303
    # The reservations that have expired are gone from the calendar.
    assert [record.guest.email for record in guest.records()] == ["guest99@example.net"]


def test_one_visitor_books_and_sends_few(guest: PageGuest) -> None:
    """Five bookings and further mails a day, together, from one address of the network."""
    office = guest.api.root
    form = {"content_type": "application/x-www-form-urlencoded", "sec_fetch_site": "same-origin"}
    tokens = [guest.token() for _ in FREE]
    with running_service(office, GBOOK_NOW=NOW) as service:

        def send(path: str, **fields: str) -> tuple[int, str]:
            answer = service.ask("POST", path, urlencode(fields).encode(), is_anonymous=True, **form)
            return answer.status, answer.headers.get("location", "")

        jane = {"name": "Jane", "email": "jane@example.net"}
        status, path = send("/b/demo", token=tokens[0], slot=FREE[0], **jane)
        again = [send(f"{path}/mail")[0] for _ in range(4)]
        assert (status, again) == (303, [303] * 4)
        assert send(f"{path}/mail")[0] == send("/b/demo", token=tokens[1], slot=FREE[1], **jane)[0] == 429
        # What is held can be given back all the same.
        assert send(f"{path}/release")[0] == 200


def test_what_is_released_is_free_at_once(guest: PageGuest) -> None:
    """Others need not wait for its end."""
    path = booking_path(
        guest.post(
            "/b/demo", {"token": guest.token(), "slot": FREE[0], "name": "J", "email": "j@example.net"}
        )
    )
    guest.post(f"{path}/release", {})
    assert asked(guest, FREE[0], 1) == 303


def test_a_token_serves_one_purpose(guest: PageGuest) -> None:
    """Who asked for a time cannot confirm it without the mail; and no link that is opened changes a byte."""
    fields = {"token": guest.token(), "slot": FREE[0], "name": "Jane", "email": "jane@example.net"}
    booking = booking_path(guest.post("/b/demo", fields)).rpartition("/")[2]
    (record,) = guest.records()
    with guest.api.opened() as workspace:
        confirm = ConfirmTokens(workspace).of("jane@example.net")
        offer = OfferTokens(workspace).of(record.uid)
    before = {path: path.read_bytes() for path in guest.api.root.rglob("*") if path.is_file()}
    for kind, own in (("booking", booking), ("confirm", confirm), ("offer", None)):
        for token in (booking, confirm, offer):
            path = f"/b/{kind}/{token}"
            assert guest.get(path).status_code == (200 if token == own else 404)
            if token != own:
                assert guest.post(path, {"slot": FREE[0]}).status_code in (404, 405)
    assert guest.get(f"/b/demo?move={confirm}").status_code == 404
    assert {path: path.read_bytes() for path in guest.api.root.rglob("*") if path.is_file()} == before
