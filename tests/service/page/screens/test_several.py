"""Several times: a guest asks for up to three, and the host confirms one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from falcon import testing
from support.api import FREE
from support.markup import markup_problems
from support.page_forms import link_of, parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office
from support.running import Gbook

from gbook.service.operations.guest_requests import asked_with
from gbook.workspace.tokens import RescheduleTokens

THREE = ",".join(FREE[:3])


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest of an office whose host confirms each booking."""
    return PageGuest(make_page_office(tmp_path / "office", "several: true\n"))


def form_path(slots: str = THREE) -> str:
    """Return the address of the form for times."""
    return f"/b/demo?slot={slots}"


def words_of(answer: testing.Result) -> str:
    """Return the words of a page that is without errors."""
    assert markup_problems(answer.text) == []
    return text_of(parsed(answer.text))


def asked(guest: PageGuest, slots: str = THREE, **values: Any) -> testing.Result:
    """Return the answer to a form for times."""
    return guest.send(guest.form(form_path(slots)), **JANE, **values)


def take(guest: PageGuest, start: str) -> None:
    """Let another guest have a time."""
    guest.api.ok("POST", "/group/profiles/1/meeting", {"time": {"start": start}})


def free_times(guest: PageGuest) -> list[str]:
    """Return which of the times that were asked for are free."""
    return [start for start in guest.api.starts("/group/profiles/1") if start in FREE[:3]]


def test_one_form_for_three_times(guest: PageGuest) -> None:
    """It names them, in order, and leads back to them."""
    page = guest.get(form_path(f"{FREE[2]},{FREE[0]},soon,{FREE[0]},{FREE[1]}"))
    words = words_of(page)
    assert "You ask for one of these times" in words and "Ask for these times" in words
    found = [words.index(f"Tuesday 24 November, {time} to") for time in ("09:00", "10:30")]
    assert found == sorted(found)
    assert guest.form_in(page, form_path()).fields["slot"] == [f"{FREE[0]},{FREE[2]}".replace(":00Z", "Z")]
    assert FREE[0].replace(":00Z", "Z") in link_of(page.text, form_path(), "Choose other times")


def test_the_times_are_held_for_the_host(guest: PageGuest) -> None:
    """For two days, or until the notice before the first; the page says what happens next."""
    path = booking_path(asked(guest))
    records = guest.records()
    assert {(record.status, record.guest.email) for record in records} == {("tentative", JANE["email"])}
    assert len({record.proposal for record in records}) == 1
    assert free_times(guest) == []
    words = words_of(guest.get(path))
    assert "The host will answer" in words
    assert "kept for you until Tuesday 24 November, 08:00, Berlin time" in words
    assert all(f"{time} to" in words for time in ("09:00", "09:30", "10:30"))


def test_a_form_that_is_sent_twice(guest: PageGuest) -> None:
    """It makes one request."""
    form = guest.form(form_path())
    first, second = guest.send(form, **JANE), guest.send(form, **JANE)
    assert booking_path(first) == booking_path(second)
    assert len(guest.records()) == 3


def test_the_host_confirms_one(guest: PageGuest, gbook: Gbook) -> None:
    """Every link of the guest leads to that booking, which can be moved and cancelled as any other."""
    path = booking_path(asked(guest))
    records = guest.records()
    gbook.json("--workspace", str(guest.api.root), "reservation", "confirm", records[1].uid)
    assert free_times(guest) == [FREE[0], FREE[2]]
    with guest.api.opened() as workspace:
        tokens = RescheduleTokens(workspace)
    paths = [f"/b/booking/{tokens.of(record.uid)}" for record in records]
    assert path in paths
    assert [booking_path(guest.get(paths[k])) for k in (0, 2)] == [paths[1]] * 2
    assert "You are booked" in words_of(guest.get(paths[1]))
    booking_path(guest.post(f"{paths[1]}/cancel", {}))
    assert {record.status for record in guest.records()} == {"cancelled"}


def test_the_guest_takes_the_request_back(guest: PageGuest) -> None:
    """All times are free again, and the link is unknown; a second press has the same answer."""
    path = booking_path(asked(guest))
    assert "release" not in guest.get(path).headers.get("location", "")
    answer = guest.post(f"{path}/release", {})
    assert "Nothing is held for you any more" in words_of(answer)
    assert free_times(guest) == FREE[:3] and guest.records() == []
    assert guest.get(path).status_code == 404
    assert "Nothing is held for you any more" in words_of(guest.post(f"{path}/release", {}))


def test_what_is_booked_is_not_released(guest: PageGuest, gbook: Gbook) -> None:
    """A page that was open when the host confirmed leads to the booking."""
    path = booking_path(asked(guest))
    first = guest.records()[0]
    gbook.json("--workspace", str(guest.api.root), "reservation", "confirm", first.uid)
    assert booking_path(guest.post(f"{path}/release", {})) == path
    assert [record.status for record in guest.records()] == ["confirmed"]


def test_a_time_is_taken_while_the_form_is_open(guest: PageGuest) -> None:
    """Nothing is held; one press asks for the others."""
    form = guest.form(form_path())
    take(guest, FREE[1])
    answer = guest.send(form, **JANE)
    assert answer.status_code == 409
    words = words_of(answer)
    assert "One of your times is no longer free" in words
    assert "Tuesday 24 November, 09:30 cannot be booked any more" in words
    assert free_times(guest) == [FREE[0], FREE[2]]
    booking_path(guest.send(guest.form_in(answer, form_path())))
    assert [record.start for record in guest.records() if record.proposal] == [
        record.start for record in guest.records() if record.guest.email == JANE["email"]
    ]
    assert free_times(guest) == []


def test_a_guest_who_has_as_many_as_the_host_allows(tmp_path: Path) -> None:
    """The page does not say that the times are taken."""
    profile = "several: true\nmaxGuestBookingsPerDay: 1\n"
    guest = PageGuest(make_page_office(tmp_path / "limited", profile))
    booking_path(asked(guest, FREE[3]))
    answer = asked(guest, FREE[0])
    assert answer.status_code == 409 and "You cannot book another time then" in words_of(answer)
    assert "no longer free" not in words_of(answer)


def test_a_time_that_was_taken_before(guest: PageGuest) -> None:
    """The link of the times goes on with those that are left, or back to the days."""
    take(guest, FREE[1])
    page = guest.get(form_path())
    assert page.status_code == 409
    left = link_of(page.text, form_path(), "Continue with these times")
    assert guest.get(left).status_code == 200
    take(guest, FREE[0])
    take(guest, FREE[2])
    none = guest.get(form_path())
    assert "3 of your times are no longer free" in words_of(none)
    assert "See all days and times" in none.text


@pytest.mark.parametrize("values", [{"email": "jane"}, {"name": " "}])
def test_a_form_with_mistakes(guest: PageGuest, values: dict[str, str]) -> None:
    """The same form, with the times and what was written."""
    answer = guest.send(guest.form(form_path()), **{**JANE, **values})
    assert answer.status_code == 422 and "Please correct one thing" in words_of(answer)
    assert guest.form_in(answer, form_path()).fields["slot"] == [THREE.replace(":00Z", "Z")]
    assert guest.records() == []


def test_a_form_that_is_too_old(guest: PageGuest) -> None:
    """It is sent once more."""
    answer = guest.send(guest.form(form_path(), age=4000), **JANE)
    assert answer.status_code == 422 and guest.records() == []
    booking_path(guest.send(guest.form_in(answer, form_path())))


def test_one_time_alone(guest: PageGuest) -> None:
    """The words are about one; the host confirms it all the same."""
    assert "Ask for this time" in words_of(guest.get(form_path(FREE[0])))
    path = booking_path(asked(guest, FREE[0]))
    assert "Nothing is booked before the host confirms it" in words_of(guest.get(path))
    [record] = guest.records()
    assert record.is_reservation and record.uid in asked_with(record)


def test_no_time_at_all(guest: PageGuest) -> None:
    """A form without a time leads to the times."""
    for slots in ("soon", ",,", "9999-99-99T00:00Z"):
        assert guest.get(form_path(slots)).headers["location"] == "/b/demo"
        assert guest.post("/b/demo", {"slot": slots, **JANE}).headers["location"] == "/b/demo"


def test_an_expired_request(guest: PageGuest, monkeypatch: pytest.MonkeyPatch, gbook: Gbook) -> None:
    """The page says so, the times are free, and the host can still confirm one."""
    path = booking_path(asked(guest))
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T07:00:00Z")
    guest.api.ok("PATCH", "/group/profiles/1", {"startAfterMinutes": 0})
    words = words_of(guest.get(path))
    assert "These times are no longer held" in words
    assert free_times(guest) == FREE[:3]
    gbook.json("--workspace", str(guest.api.root), "reservation", "confirm", guest.records()[2].uid)
    assert "You are booked" in guest.get(booking_path(guest.get(path))).text
