"""Offers: a guest takes one of the times that the host has proposed and holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from falcon import testing
from support.api import FREE
from support.page_forms import forms_of, parsed, text_of
from support.page_guest import PageGuest, booking_path, make_page_office
from support.running import Gbook

from gbook.workspace.tokens import OfferTokens

JANE = ("--name", "Jane Doe", "--email", "jane@example.net")


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest of an office without any booking."""
    return PageGuest(make_page_office(tmp_path / "office"))


def offered(guest: PageGuest, gbook: Gbook, *more: str) -> tuple[str, list[Any]]:
    """Propose three times for two days; return the page of the offer and the reservations."""
    slots = [part for start in FREE[:3] for part in ("--slot", start)]
    made = gbook.json(
        "--workspace", str(guest.api.root), "propose", "-p", "demo", *slots, "--for", "2d", *more
    )
    with guest.api.opened() as workspace:
        token = OfferTokens(workspace).of(made["proposalId"])
    return f"/b/offer/{token}", made["reservations"]


def heading(answer: testing.Result) -> str:
    """Return the words of the heading of a page."""
    return text_of(next(parsed(answer.text).iter("h1")))


def choices(answer: testing.Result) -> list[str]:
    """Return the times that a page offers."""
    inputs = parsed(answer.text).iter("input")
    return [each.get("value", "") for each in inputs if each.get("type") == "radio"]


def states(guest: PageGuest) -> list[tuple[str, str | None]]:
    """Return what is in the calendars: states and the guests' addresses."""
    return [(record.status, record.guest.email) for record in guest.records()]


def test_one_of_three_times(guest: PageGuest, gbook: Gbook) -> None:
    """The page shows the times in the guest's zone beside the host's, and until when one can be picked."""
    path, _ = offered(guest, gbook, *JANE)
    page = guest.get(f"{path}?tz=America/New_York")
    assert (page.status_code, heading(page)) == (200, "Choose one of 3 times")
    assert choices(page) == FREE[:3]
    words = text_of(parsed(page.text))
    assert "Tuesday 24 November, 03:00 to 03:30 in New York" in words
    assert "09:00 to 09:30 in Berlin" in words
    assert "kept for you until Tuesday 24 November, 04:30, New York time" in words
    assert page.headers["cache-control"] == "no-store"
    assert [name for form in forms_of(page.text, path) for name in form.fields] == []


def test_the_guest_books_one(guest: PageGuest, gbook: Gbook) -> None:
    """The others are free again; the link of the offer leads to the booking from then on."""
    path, made = offered(guest, gbook, *JANE)
    booked = booking_path(guest.post(path, {"slot": FREE[1]}))
    assert [(record.uid, record.status) for record in guest.records()] == [(made[1]["id"], "confirmed")]
    assert heading(guest.get(booked)) == "You are booked"
    assert booking_path(guest.get(path)) == booked
    assert booking_path(guest.post(path, {"slot": FREE[0]})) == booked
    assert len(guest.records()) == 1
    assert guest.api.run_jobs() == []


def test_the_guest_says_who_it_is(tmp_path: Path, gbook: Gbook) -> None:
    """Where the host did not: name, address and what the texts need; the choice is kept meanwhile."""
    guest = PageGuest(make_page_office(tmp_path / "office", "description: '{{topic}}'\n"))
    path, _ = offered(guest, gbook)
    assert [*guest.form(path).fields] == ["name", "email", "field:topic"]
    wrong = guest.post(path, {"slot": FREE[2], "name": "Jane", "email": "jane", "field:topic": ""})
    assert wrong.status_code == 422
    assert "Please correct 2 things" in wrong.text
    assert guest.form_in(wrong, path).fields["slot"] == [FREE[2]]
    assert {status for status, _ in states(guest)} == {"tentative"}
    given = {"name": "Jane", "email": "jane@example.net", "field:topic": "Looms"}
    booking_path(guest.post(f"{path}?tz=America/New_York", {"slot": FREE[2], **given}))
    [record] = guest.records()
    assert (record.guest.name, record.guest.email, record.guest.zone) == (
        "Jane",
        "jane@example.net",
        "America/New_York",
    )
    assert record.fields["topic"] == record.description == "Looms"


@pytest.mark.parametrize("sent", [{}, {"slot": ""}, {"slot": "soon"}, {"slot": FREE[4]}])
def test_nothing_chosen(guest: PageGuest, gbook: Gbook, sent: dict[str, str]) -> None:
    """A time that is not offered is no choice."""
    path, _ = offered(guest, gbook, *JANE)
    answer = guest.post(path, sent)
    assert (answer.status_code, choices(answer)) == (422, FREE[:3])
    assert "Choose one of the times" in answer.text
    assert {status for status, _ in states(guest)} == {"tentative"}


def test_a_time_that_is_taken_meanwhile(guest: PageGuest, gbook: Gbook) -> None:
    """By an event of another program: the others can still be booked."""
    path, _ = offered(guest, gbook, *JANE)
    calendar = guest.api.root / "alice.ics"
    taken = calendar.read_bytes().replace(b"20261124T090000Z", b"20261124T080000Z", 1)
    calendar.write_bytes(taken.replace(b"DTEND:20261124T093000Z", b"DTEND:20261124T083000Z", 1))
    answer = guest.post(path, {"slot": FREE[0]})
    assert (answer.status_code, heading(answer)) == (409, "That time has just been taken")
    assert choices(answer) == FREE[1:3]
    booking_path(guest.post(path, {"slot": FREE[1]}))


def test_one_time_was_withdrawn(guest: PageGuest, gbook: Gbook) -> None:
    """The page goes on with the others; when all are, the link is unknown."""
    path, made = offered(guest, gbook, *JANE)
    at = ("--workspace", str(guest.api.root))
    gbook.json(*at, "reservation", "drop", made[0]["id"])
    assert choices(guest.get(path)) == FREE[1:3]
    for each in made[1:]:
        gbook.json(*at, "reservation", "drop", each["id"])
    assert heading(guest.get(path)) == "This link does not work"
    assert guest.post(path, {"slot": FREE[1]}).status_code == 404


def test_the_offer_has_expired(guest: PageGuest, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is booked by it any more; a public meeting has other times."""
    path, _ = offered(guest, gbook, *JANE)
    monkeypatch.setenv("GBOOK_NOW", "2026-11-25T08:00:00Z")
    for answer in (guest.get(path), guest.post(path, {"slot": FREE[0]})):
        assert heading(answer) == "These times are no longer held"
        assert "until Tuesday 24 November, 10:30, Berlin time" in text_of(parsed(answer.text))
        assert "See all days and times" in answer.text
    assert {status for status, _ in states(guest)} == {"tentative"}


@pytest.mark.parametrize("token", ["x", "0" * 22, "%00", "..", "ü"])
def test_a_forged_link(guest: PageGuest, gbook: Gbook, token: str) -> None:
    """Neither a guess nor the token of another purpose opens an offer."""
    offered(guest, gbook, *JANE)
    assert guest.get(f"/b/offer/{token}").status_code == 404
    assert guest.post(f"/b/offer/{token}", {"slot": FREE[0]}).status_code == 404


def test_a_program_of_the_host_refuses(tmp_path: Path, gbook: Gbook) -> None:
    """The preBook hook is asked as for any booking."""
    hooks = 'hooks: {preBook: ["false"]}\n'
    guest = PageGuest(make_page_office(tmp_path / "office"))
    path, _ = offered(guest, gbook, *JANE)
    config = guest.api.root / "gbook.yaml"
    config.write_text(config.read_text() + hooks)
    answer = guest.post(path, {"slot": FREE[0]})
    assert (answer.status_code, heading(answer)) == (409, "That time cannot be booked")
    assert {status for status, _ in states(guest)} == {"tentative"}
