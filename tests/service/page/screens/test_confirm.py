"""Guests who confirm by the link of a mail, which proves that the address is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from falcon import testing
from support.api import FREE
from support.markup import markup_problems
from support.page_forms import parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office
from support.smtp_server import Mailbox, mail_of

LATER = "2026-11-23T09:00:00Z"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An office whose guests confirm their bookings."""
    more = "serve: {baseUrl: 'https://book.example.com'}\n"
    return make_page_office(tmp_path / "office", "confirmEmail: true\n", more)


@pytest.fixture
def mailbox(office: Path) -> Iterator[Mailbox]:
    """The mails that the office sends."""
    with mail_of(office) as mailbox:
        yield mailbox


@pytest.fixture
def guest(office: Path, mailbox: Mailbox) -> PageGuest:
    """A guest of that office."""
    return PageGuest(office)


def words_of(answer: testing.Result) -> str:
    """Return the words of a page that is without errors."""
    assert markup_problems(answer.text) == []
    return text_of(parsed(answer.text))


def mailed_path(guest: PageGuest, mailbox: Mailbox) -> str:
    """Send what waits, and return the path of the link in the last mail."""
    assert guest.api.run_jobs() == []
    [link] = re.findall(r"https://book\.example\.com/\S+", mailbox.messages[-1].message.get_content())
    return str(link.removeprefix("https://book.example.com"))


def states(guest: PageGuest) -> list[str]:
    """Return the states of what is in the calendars."""
    return [record.status for record in guest.records()]


def test_nothing_is_booked_before_the_guest_confirms(guest: PageGuest, mailbox: Mailbox) -> None:
    """The form holds the time for fifteen minutes; the page shows where the mail went, and no link of it."""
    page = guest.get(guest.book())
    words = words_of(page)
    assert "Check your mail" in words and JANE["email"] in words
    assert "until Monday 23 November, 09:15, Berlin time" in words
    path = mailed_path(guest, mailbox)
    assert path.startswith("/b/confirm/") and path not in page.text
    assert (mailbox.messages[0].to, states(guest)) == ([JANE["email"]], ["tentative"])


def test_the_form_says_that_a_link_comes_first(guest: PageGuest) -> None:
    """Else the button would promise a booking."""
    words = words_of(guest.get(f"/b/demo?slot={FREE[0]}"))
    assert "The meeting is booked when you confirm it there." in words


def test_the_button_books(guest: PageGuest, mailbox: Mailbox) -> None:
    """Opening the link, as scanners of mail do, changes nothing; a second press leads to the booking."""
    held = guest.book()
    path = mailed_path(guest, mailbox)
    for _ in range(3):
        assert "Book this time?" in words_of(guest.get(path))
    assert states(guest) == ["tentative"]
    assert booking_path(guest.post(path, {})) == held
    assert states(guest) == ["confirmed"]
    assert booking_path(guest.post(path, {})) == booking_path(guest.get(path)) == held
    assert guest.api.run_jobs() == []
    assert [message.to for message in mailbox.messages] == [[JANE["email"]]] * 2
    assert "You are booked" in words_of(guest.get(held))


def test_an_expired_link_books_while_the_time_is_free(
    guest: PageGuest, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that it is not held any more."""
    held = guest.book()
    path = mailed_path(guest, mailbox)
    monkeypatch.setenv("GBOOK_NOW", LATER)
    assert "you can still book it" in words_of(guest.get(path))
    assert "This time is no longer held" in words_of(guest.get(held))
    assert booking_path(guest.post(path, {})) == held
    assert states(guest) == ["confirmed"]


def test_an_expired_link_of_a_time_that_was_taken(
    guest: PageGuest, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest times, each a link to the form, if the calendar still knows the reservation."""
    guest.book()
    path = mailed_path(guest, mailbox)
    monkeypatch.setenv("GBOOK_NOW", LATER)
    calendar = guest.api.root / "alice.ics"
    content = calendar.read_bytes()
    calendar.write_bytes(content.replace(b"20261124T090000Z", b"20261124T080000Z", 1))
    answer = guest.post(path, {})
    assert answer.status_code == 409
    assert "That time is no longer free" in words_of(answer)
    assert f"/b/demo?slot={FREE[3]}" in answer.text
    assert states(guest) == ["tentative"]


def test_a_reservation_that_is_gone(
    guest: PageGuest, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another booking takes expired reservations out of the calendar: then the link leads to other times."""
    guest.book()
    path = mailed_path(guest, mailbox)
    monkeypatch.setenv("GBOOK_NOW", LATER)
    guest.api.ok("POST", "/group/profiles/1/meeting", {"time": {"start": FREE[0]}})
    for answer in (guest.get(path), guest.post(path, {})):
        assert answer.status_code == 404
        words = words_of(answer)
        assert "This link does not work" in words and "after that, anybody can book it" in words
        assert 'href="/b/demo"' in answer.text
    assert states(guest) == ["confirmed"]


@pytest.mark.parametrize("name", ["nobody", "", "../team", '"><script>'])
def test_a_link_of_an_unknown_meeting(guest: PageGuest, name: str) -> None:
    """It leads to the list of all."""
    answer = guest.get(f"/b/confirm/{'0' * 22}?meeting={quote(name)}")
    assert answer.status_code == 404
    assert "See all meetings" in words_of(answer) and 'href="/b/"' in answer.text


def test_a_link_of_a_private_meeting(guest: PageGuest) -> None:
    """The same as of none: a guess shows no names."""
    path = guest.api.root / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("public: true", "public: false"))
    answer = guest.get(f"/b/confirm/{'0' * 22}?meeting=demo")
    assert "See all meetings" in words_of(answer) and "/b/demo" not in answer.text


def test_the_guest_releases_the_time(guest: PageGuest, mailbox: Mailbox) -> None:
    """Then the link of the mail books nothing."""
    held = guest.book()
    path = mailed_path(guest, mailbox)
    assert "Nothing is held for you any more" in words_of(guest.post(f"{held}/release", {}))
    assert guest.post(path, {}).status_code == 404
    assert states(guest) == []


def test_the_mail_is_sent_again(guest: PageGuest, mailbox: Mailbox) -> None:
    """As long as the time is held; the link is the same."""
    held = guest.book()
    path = mailed_path(guest, mailbox)
    assert booking_path(guest.post(f"{held}/mail", {})) == held
    assert mailed_path(guest, mailbox) == path
    assert len(mailbox.messages) == 2
    guest.post(path, {})
    guest.api.run_jobs()
    guest.post(f"{held}/mail", {})
    guest.api.run_jobs()
    assert len(mailbox.messages) == 3


@pytest.mark.parametrize("token", ["x", "0" * 22, "%00", "ü"])
def test_a_forged_link(guest: PageGuest, token: str) -> None:
    """A guess confirms nothing; nor does the token of the booking, which the sender of the form knows."""
    held = guest.book()
    for each in (token, held.rpartition("/")[2]):
        assert guest.get(f"/b/confirm/{each}").status_code == 404
        assert guest.post(f"/b/confirm/{each}", {}).status_code == 404
    assert states(guest) == ["tentative"]


def test_guests_of_the_api_confirm_too(guest: PageGuest, mailbox: Mailbox) -> None:
    """Without an address nothing can be confirmed."""
    path = f"/{guest.api.client_id}/demo/meeting"
    wrong = guest.api.problems("POST", path, {"time": {"start": FREE[0]}})
    assert set(wrong) == {"schedulerInfo.email"}
    answer = guest.api.ok("POST", path, {"time": {"start": FREE[0]}, "schedulerInfo": JANE})
    assert answer["created"] is False
    booking_path(guest.post(mailed_path(guest, mailbox), {}))
    assert states(guest) == ["confirmed"]


def test_without_a_mail_server_there_is_no_form(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was booked could not be confirmed: the page says so at once, and the log what to mend."""
    guest = PageGuest(office)
    for path in ("/b/demo", f"/b/demo?slot={FREE[0]}"):
        answer = guest.get(path)
        assert answer.status_code == 503
        words = words_of(answer)
        assert "This meeting cannot be booked at the moment" in words and "link" not in words
    lines = capsys.readouterr().err.splitlines()
    assert sum("gbook.yaml (mail); `gbook check` says more" in x for x in lines) == 2


def test_the_mail_server_is_taken_away_meanwhile(guest: PageGuest, mailbox: Mailbox) -> None:
    """A form that was open holds nothing; a booking still moves, which needs no mail."""
    guest.book()
    booking = booking_path(guest.post(mailed_path(guest, mailbox), {}))
    form = guest.form(f"/b/demo?slot={FREE[1]}")
    path = guest.api.root / "gbook.yaml"
    path.write_text(re.sub(r"(?m)^mail:.*\n(?: .*\n)*", "", path.read_text()))
    answer = guest.send(form, **JANE)
    assert answer.status_code == 503
    assert "This meeting cannot be booked at the moment" in words_of(answer)
    assert len(guest.records()) == 1
    assert guest.get(f"/b/demo?move={booking.rpartition('/')[2]}").status_code == 200
