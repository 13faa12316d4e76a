"""The team's page: what it has today, what waits, what to send to guests, and what is wrong."""

from pathlib import Path
from typing import Any

import pytest
from support.api import FREE, PRIVATE_CALENDAR, make_api_office
from support.markup import markup_problems
from support.page import Browser
from support.page_forms import parsed, text_of
from support.page_guest import PageGuest
from support.running import Gbook

from gbook.checks import run

TUESDAY = "2026-11-24T06:30:00Z"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace with the public profile demo."""
    return make_api_office(tmp_path / "office", "accounts: [alice]\npublic: true")


def shown(browser: Browser, path: str = "/team", language: str = "en") -> str:
    """Return the words of the main part of the page."""
    answer = browser.get(path, Authorization=browser.api.authorization, Accept_Language=language)
    assert answer.status_code == 200
    assert markup_problems(answer.text) == []
    return text_of(next(parsed(answer.text).iter("main")))


def book(browser: Browser, start: str, query: dict[str, Any] | None = None, **more: Any) -> None:
    """Book, or with reserveForMinutes reserve, half an hour from `start`."""
    body = {"time": {"start": start, "end": start.replace(":00:00", ":30:00")}, **more}
    browser.api.ok("POST", "/group/profiles/1/meeting", body, query)


def test_only_a_client_sees_it(office: Path) -> None:
    """A browser is asked for the id and the secret, and gets a page if it has none."""
    browser = Browser(office)
    answer = browser.get("/team")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert "This page is for the team" in answer.text
    assert browser.get("/team", Authorization="Basic bm9ib2R5OnNlY3JldA==").status_code == 401


def test_nobody_keeps_or_frames_it(office: Path) -> None:
    """It has the names of guests."""
    browser = Browser(office)
    headers = browser.get("/team", Authorization=browser.api.authorization).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_today_has_the_bookings_of_all_profiles(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the team's zone, with guest, host and profile; those of other days are not today's."""
    (office / "profiles/other.yaml").write_text(
        (office / "profiles/demo.yaml").read_text().replace("id: 1", "id: 2")
    )
    browser = Browser(office)
    jane = {"name": "<Jane> Doe", "email": "jane@example.net"}
    book(browser, FREE[3], schedulerInfo=jane)
    book(browser, "2026-11-27T08:00:00Z")
    assert "There are none. The next one is on Tuesday 24 November, 11:00." in shown(browser)
    monkeypatch.setenv("GBOOK_NOW", TUESDAY)
    text = shown(browser)
    assert "Tuesday 24 November 2026 Times are shown for Berlin." in text
    assert "11:00 to 11:30 demo, <Jane> Doe (jane@example.net) Host: Alice Liddell" in text
    assert "27" not in text.partition("Links to copy")[0]
    assert "11:00 bis 11:30" in shown(browser, language="de")


def test_reservations_have_their_end_and_the_command(office: Path, gbook: Gbook) -> None:
    """It can be copied, and says what is still to be given."""
    path = office / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("subject: Demo", 'subject: "Demo of {{the shop}}"'))
    reserve = ("book", "--slot", FREE[0], "--reserve", "30m", "--json")
    reserved = gbook("--workspace", str(office), *reserve)
    assert reserved.code == 0, reserved.err
    text = shown(Browser(office))
    assert "Waiting for you" in text
    assert "Tuesday 24 November, 09:00 demo Host: Alice Liddell" in text
    assert "Held until Monday 23 November," in text
    uid = reserved.document["id"][:8]
    assert f"gbook reservation confirm {uid} --name … --email … --field 'the shop'=…" in text


def test_what_a_guest_confirms_has_no_command(office: Path) -> None:
    """The link in the mail proves the guest's address."""
    more = "serve: {baseUrl: https://book.example.com}\nmail: {from: b@example.com, host: mail.example.com}\n"
    (office / "gbook.yaml").write_text((office / "gbook.yaml").read_text() + more)
    path = office / "profiles/demo.yaml"
    path.write_text(path.read_text() + "confirmEmail: true\n")
    guest = PageGuest(office)
    guest.book()
    text = shown(guest)
    assert "Waiting for guests" in text and "jane@example.net" in text
    assert "Waiting for you" not in text and "gbook reservation confirm" not in text
    path.write_text("broken")
    assert "Waiting for you" in shown(guest)


def test_the_command_mails_the_guest(office: Path, gbook: Gbook) -> None:
    """The page of a request says that the invitation comes when the host confirms."""
    config = office / "gbook.yaml"
    config.write_text(config.read_text() + "mail: {from: bookings@example.com, host: mail.example.com}\n")
    guest = ("--name", "Jane", "--email", "jane@example.com")
    made = gbook("--workspace", str(office), "book", "--slot", FREE[0], "--reserve", "30m", *guest, "--json")
    assert f"gbook reservation confirm {made.document['id'][:8]} --mail" in shown(Browser(office))


def test_an_expired_reservation_waits_no_longer(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is free again."""
    browser = Browser(office)
    book(browser, FREE[0], {"reserveForMinutes": 30})
    monkeypatch.setenv("GBOOK_NOW", TUESDAY)
    assert "Waiting for you" not in shown(browser)


def test_links_are_whole_where_the_address_is_known(office: Path) -> None:
    """Without it they lead there all the same; what is not public is named."""
    (office / "profiles/secret.yaml").write_text("title: Secret talks\naccounts: [alice]")
    browser = Browser(office)
    text = shown(browser)
    assert "demo /b/demo Not public: Secret talks." in text
    assert "baseUrl" in text
    config = office / "gbook.yaml"
    config.write_text(config.read_text() + "serve: {baseUrl: https://book.example.com}\n")
    text = shown(browser)
    assert "https://book.example.com/b/demo" in text
    assert "baseUrl" not in text


def test_the_first_public_profile_is_explained(tmp_path: Path) -> None:
    """A new team learns how to make a profile public."""
    text = shown(Browser(make_api_office(tmp_path / "office")))
    assert "No meeting is public. Guests can book one when its profile says public: true." in text


def test_the_check_says_what_is_wrong(office: Path) -> None:
    """As `gbook check` does, with file and line."""
    browser = Browser(office)
    assert "Everything is in order." in shown(browser)
    (office / "profiles/broken.yaml").write_text("public: true\naccounts: [nobody]\n")
    assert "profiles/broken.yaml:2 error: accounts[0]: no account 'nobody'" in shown(browser)


def test_a_long_check_is_made_if_asked_for(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bookings of today do not wait for it."""
    monkeypatch.setattr(run, "PARALLEL_BYTES", 10)
    browser = Browser(office)
    assert "Look for mistakes now" in shown(browser)
    assert "Everything is in order." in shown(browser, "/team?check=yes")


def test_of_many_findings_the_first_are_shown(office: Path) -> None:
    """The command shows all."""
    for number in range(60):
        (office / f"profiles/p{number:02}.yaml").write_text("accounts: [nobody]\n")
    text = shown(Browser(office))
    assert "profiles/p49.yaml" in text and "profiles/p50.yaml" not in text
    assert "10 more: see gbook check." in text


def test_calendars_that_cannot_be_read_are_named(office: Path) -> None:
    """Their bookings are missing."""
    (office / "bob.ics").unlink()
    (office / "bob.ics").symlink_to("bob.ics")
    text = shown(Browser(office))
    assert "Some calendars cannot be read now, and their bookings are missing here: Bob Sawyer." in text


def test_what_is_no_booking_is_not_shown(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The team's private appointments stay in their calendars."""
    monkeypatch.setenv("GBOOK_NOW", TUESDAY)
    assert "Dentist" in PRIVATE_CALENDAR
    assert "Dentist" not in shown(Browser(office))
