"""Strangers ask for times under the address of another person: she still books, and they learn nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from falcon import testing
from support.api import FREE
from support.page_forms import parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office
from support.smtp_server import Mailbox, mail_of

from gbook.service.operations.numbers import reservation_number

SITE = "https://book.example.com"
# What one mailbox gets in a day.
MOST = 10
TOUR = """
id: 2
durationMinutes: 30
timeAvailableFor: P7D
subject: Tour
public: true
accounts: [bob]
workHours:
  timezone: Europe/Berlin
  daySchedules: [{dayOfWeek: tuesday, workingIntervals: [{start: "09:00", end: "12:00"}]}]
"""


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """The mails of an office whose guests confirm by mail."""
    office = make_page_office(tmp_path / "office", "confirmEmail: true\n", f"serve: {{baseUrl: '{SITE}'}}\n")
    with mail_of(office) as mailbox:
        yield mailbox


@pytest.fixture
def anyone(tmp_path: Path, mailbox: Mailbox) -> PageGuest:
    """Guests of that office: each request comes from another network."""
    return PageGuest(tmp_path / "office")


def flood(stranger: PageGuest, times: int) -> list[str]:
    """Ask for times under Jane's address, give each back, and return the codes of warnings."""
    for _ in range(times):
        stranger.post(f"{stranger.book(FREE[0])}/release", {})
    return stranger.api.run_jobs()


def links(mailbox: Mailbox) -> list[str]:
    """Return the path of the link in each mail."""
    contents = [message.message.get_content() for message in mailbox.messages]
    return [re.findall(rf"{SITE}(/b/confirm/\S+)", content)[0] for content in contents]


def seen(answer: testing.Result) -> tuple[int, str]:
    """Return what tells one answer from another to the same request: the status, and the words of a page."""
    return answer.status_code, text_of(parsed(answer.text))


def test_a_mailbox_gets_few(anyone: PageGuest, mailbox: Mailbox) -> None:
    """However many networks ask, and however the address is spelled; other mailboxes have their own."""
    assert flood(anyone, MOST + 3) == ["mail_left_out"] * 3
    anyone.book(FREE[0], email="Jane@EXAMPLE.net")
    anyone.book(FREE[1], email="kim@example.net")
    assert anyone.api.run_jobs() == ["mail_left_out"]
    assert [message.to for message in mailbox.messages] == [[JANE["email"]]] * MOST + [["kim@example.net"]]


def test_sending_again_counts_too(anyone: PageGuest, mailbox: Mailbox) -> None:
    """The answer is the same: it does not tell a stranger how many mails others have caused."""
    held = anyone.book()
    assert {anyone.post(f"{held}/mail", {}).status_code for _ in range(MOST + 3)} == {303}
    anyone.api.run_jobs()
    assert len(mailbox.messages) == MOST
    assert anyone.post(f"{held}/release", {}).status_code == 200


def test_the_owner_books_when_no_more_mails_are_sent(anyone: PageGuest, mailbox: Mailbox) -> None:
    """By the link of any mail that she has got, though the strangers' times are gone."""
    flood(anyone, MOST)
    held = anyone.book(FREE[1])
    assert anyone.api.run_jobs() == ["mail_left_out"]
    for link in links(mailbox):
        assert "09:30" in seen(anyone.get(link))[1]
    form = anyone.form(links(mailbox)[0])
    assert booking_path(anyone.send(form)) == held
    assert [(record.status, record.guest.email) for record in anyone.records()] == [
        ("confirmed", JANE["email"])
    ]


def test_the_owner_chooses_among_all_that_wait(anyone: PageGuest, mailbox: Mailbox) -> None:
    """The link of a mail is about its own time, and names the others; each has a button of its own."""
    for start in FREE[:3]:
        anyone.book(start)
        anyone.api.run_jobs()
    first, second, third = links(mailbox)
    words = seen(anyone.get(second))[1]
    assert words.index("09:30") < words.index("Also waiting for you") < words.index("10:30")
    held = booking_path(anyone.send(anyone.form(second)))
    assert [record.status for record in anyone.records()] == ["tentative", "confirmed", "tentative"]
    # A second press leads to the booking, and books nothing else.
    assert booking_path(anyone.post(second, {})) == held
    # Its link leads on to what still waits; without a number it leads to all, and books nothing by itself.
    assert "Also waiting for you" in seen(anyone.get(second))[1]
    assert anyone.post(third.partition("?")[0], {}).status_code == 200
    assert [record.status for record in anyone.records()] == ["tentative", "confirmed", "tentative"]
    assert booking_path(anyone.send(anyone.form(first))) != held


def test_limits_of_a_guest_count_what_is_confirmed(anyone: PageGuest, mailbox: Mailbox) -> None:
    """A stranger's requests do not reach them; of the owner's, as many are booked as the profile allows."""
    with (anyone.api.root / "profiles/demo.yaml").open("a") as profile:
        profile.write("maxGuestBookingsPerDay: 1\n")
    _, held, _ = [anyone.book(start) for start in FREE[:3]]
    anyone.api.run_jobs()
    first, second, third = links(mailbox)
    assert booking_path(anyone.send(anyone.form(second))) == held
    for link in (first, third):
        refused = anyone.send(anyone.form(link))
        assert refused.status_code == 409
        words = seen(refused)[1]
        assert "You cannot book another time then" in words and "The host cannot take" not in words
    assert [record.status for record in anyone.records()] == ["tentative", "confirmed", "tentative"]


def test_an_expired_time_is_not_hidden(
    anyone: PageGuest, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its link is still about it, whatever strangers have asked for meanwhile."""
    (anyone.api.root / "profiles/tour.yaml").write_text(f"{TOUR}confirmEmail: true\n")
    held = anyone.book(FREE[0])
    anyone.api.run_jobs()
    [link] = links(mailbox)
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T12:00:00Z")
    meeting = {"time": {"start": FREE[2]}, "schedulerInfo": JANE}
    anyone.api.ok("POST", f"/{anyone.api.client_id}/tour/meeting", meeting)
    words = seen(anyone.get(link))[1]
    assert words.index("you can still book it") < words.index("Also waiting for you") < words.index("Tour")
    assert booking_path(anyone.send(anyone.form(link))) == held


def test_answers_tell_nothing(anyone: PageGuest, mailbox: Mailbox) -> None:
    """A stranger sees the same of an address with requests and mails of the day as of any other one."""
    path = f"/{anyone.api.client_id}/demo/meeting"
    body = {"time": {"start": FREE[0]}, "schedulerInfo": JANE}

    def answers() -> list[object]:
        held = anyone.book(FREE[0])
        pages = [anyone.get(held), anyone.post(f"{held}/mail", {}), anyone.get(held)]
        released = anyone.post(f"{held}/release", {})
        answer = anyone.api.ask("POST", path, body)
        number = answer.json["reservationId"]
        assert anyone.api.ok("DELETE", f"/group/reservations/{number}") == {"status": "Ok"}
        return [*map(seen, (*pages, released)), answer.status_code, sorted(answer.json)]

    before = answers()
    flood(anyone, MOST + 3)
    for start in FREE[1:4]:
        anyone.book(start)
    anyone.send(anyone.form(links(mailbox)[0]))
    assert answers() == before


def test_mails_that_could_not_be_sent_do_not_count(anyone: PageGuest, mailbox: Mailbox) -> None:
    """She has none of them, and needs a link."""
    config = anyone.api.root / "gbook.yaml"
    sound = config.read_text()
    config.write_text(re.sub(r"port: \d+", "port: 9", sound))
    assert flood(anyone, MOST + 3) == ["mail_failed"] * (MOST + 3)
    config.write_text(sound)
    anyone.book()
    assert anyone.api.run_jobs() == []
    assert len(mailbox.messages) == 1


def test_a_link_confirms_nothing_that_waits_for_others(anyone: PageGuest, mailbox: Mailbox) -> None:
    """A reservation of a profile without confirmEmail waits for those who made it, not for its guest."""
    (anyone.api.root / "profiles/tour.yaml").write_text(TOUR)
    meeting = {"time": {"start": FREE[0]}, "schedulerInfo": JANE}
    made = anyone.api.ok("POST", "/group/profiles/2/meeting", meeting, {"reserveForMinutes": 60})
    anyone.book(FREE[1])
    anyone.api.run_jobs()
    base = links(mailbox)[0].partition("?")[0]
    other = f"{base}?reservation={made['reservationId']}"
    assert "Also waiting for you" not in seen(anyone.get(other))[1]
    assert anyone.post(other, {}).status_code == 200
    assert {record.status for record in anyone.records()} == {"tentative"}
    # Nor does it confirm what waits for another guest.
    anyone.book(FREE[2], email="kim@example.net")
    [kim] = [record for record in anyone.records() if record.guest.email == "kim@example.net"]
    assert anyone.post(f"{base}?reservation={reservation_number(kim.uid)}", {}).status_code == 200
    assert {record.status for record in anyone.records()} == {"tentative"}
