"""The page of a booking: each state, the file for a calendar, and cancelling."""

from __future__ import annotations

from pathlib import Path

import icalendar
import pytest
from support.api import ALICE, FREE
from support.markup import markup_problems
from support.page_forms import link_of, parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office
from support.running import Gbook

from gbook.workspace.tokens import RescheduleTokens

MAIL = """
mail: {from: bookings@example.com, host: mail.example.com}
"""


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest at the pages of the test office."""
    return PageGuest(make_page_office(tmp_path / "office"))


def page_of(guest: PageGuest, uid: str) -> str:
    """Return the path of the page of any booking."""
    with guest.api.opened() as workspace:
        return f"/b/booking/{RescheduleTokens(workspace).of(uid)}"


def test_a_new_booking_says_what_when_and_where(tmp_path: Path) -> None:
    """The guest's zone comes first, the host's below it; the address keeps the zone and the language."""
    guest = PageGuest(make_page_office(tmp_path / "office", "location: Room 1\nstartConference: true\n"))
    form = guest.form(f"/b/demo?slot={FREE[0]}&tz=America/New_York&lang=en-US")
    answer = guest.send(form, **JANE)
    assert answer.headers["location"].endswith("?tz=America/New_York&lang=en-US")
    page = guest.get(answer.headers["location"])
    assert page.status_code == 200 and markup_problems(page.text) == []
    assert "You are booked" in page.text
    assert "Tuesday, November 24, 2026, 3:00" in page.text
    assert "in New York" in page.text and "in Berlin, the host" in page.text
    assert "Room 1" in page.text and 'href="https://meet.jit.si/' in page.text
    assert page.headers["cache-control"] == "no-store"


def test_a_meeting_without_a_subject_is_called_as_its_profile(tmp_path: Path) -> None:
    """As on the page on which it was booked; a subject of the host's own is what the calendars have."""
    guest = PageGuest(make_page_office(tmp_path / "office", "title: First talk\n"))
    assert "Demo, 30 minutes" in text_of(parsed(guest.get(guest.book()).text))
    guest.api.ok("PATCH", "/group/profiles/1", {"subject": "Meeting"})
    assert "First talk, 30 minutes" in text_of(parsed(guest.get(guest.book(FREE[1])).text))


def test_the_zone_is_kept_with_the_booking(guest: PageGuest) -> None:
    """The link of a mail has no zone: the page is in that of the booking."""
    path = guest.book(query="&tz=Asia/Tokyo")
    assert guest.records()[0].guest.zone == "Asia/Tokyo"
    assert "17:00" in guest.get(path).text and "in Tokyo" in guest.get(path).text
    # Without a choice it is the host's, said once.
    (other,) = [guest.get(guest.book(FREE[1])).text]
    assert "in Berlin" in other and "Berlin, the host" not in other


@pytest.mark.parametrize("mail", [False, True])
def test_mail_is_promised_only_if_it_is_sent(tmp_path: Path, mail: bool) -> None:
    """Without settings of mail the guest has to keep the meeting."""
    guest = PageGuest(make_page_office(tmp_path / "office", more=MAIL if mail else ""))
    shown = text_of(parsed(guest.get(guest.book()).text))
    assert ("Mail about it goes to jane@example.net" in shown) is mail
    assert ("Please add it to yours" in shown) is not mail


def test_a_calendar_imports_the_booking(guest: PageGuest) -> None:
    """It is a publication with the booking's UID: no program asks to accept it, or answers the host."""
    path = guest.book()
    answer = guest.get(link_of(guest.get(path).text, path, "Add to your calendar"))
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "meeting.ics" in answer.headers["content-disposition"]
    calendar = icalendar.Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    (record,) = guest.records()
    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == record.uid and event["DTSTART"].to_ical() == b"20261124T080000Z"
    assert "ORGANIZER" in event and "ATTENDEE" not in event
    assert not any(name.startswith("X-GBOOK") for name in event)


def test_a_series_is_imported_whole(guest: PageGuest, gbook: Gbook) -> None:
    """The file has the rule, and the page the dates to come."""
    made = gbook.json(
        "book", "--workspace", str(guest.api.root), "-p", "demo", "--slot", FREE[0], "--repeat", "weekly",
        "--count", "3", "--name", "Jane", "--email", "jane@example.net",
    )  # fmt: skip
    path = page_of(guest, made["id"])
    assert "Further dates" in guest.get(path).text
    assert "1 December 2026" in guest.get(path).text
    (event, *_) = icalendar.Calendar.from_ical(guest.get(f"{path}.ics").content).walk("VEVENT")
    assert b"RRULE:FREQ=WEEKLY;COUNT=3" in event.to_ical()


def test_a_series_says_which_dates_change(
    guest: PageGuest, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that are to come, counted; of one that is over nothing is said."""
    made = gbook.json(
        "book", "--workspace", str(guest.api.root), "-p", "demo", "--slot", FREE[0], "--repeat", "weekly",
        "--count", "3", "--name", "Jane", "--email", "jane@example.net",
    )  # fmt: skip
    path = page_of(guest, made["id"])
    page = guest.get(path).text
    assert markup_problems(page) == []
    words = text_of(parsed(page))
    assert "Another time, or cancelling, is for all 3 dates to come." in words
    assert "Cancel all dates to come" in words and "Yes, cancel all of them" in words
    monkeypatch.setenv("GBOOK_NOW", "2026-11-25T08:00:00Z")
    assert "is for all 2 dates to come." in text_of(parsed(guest.get(path).text))
    move = link_of(guest.get(path).text, path, "Choose another time")
    times = guest.get(move).text
    assert markup_problems(times) == []
    assert "The next date of your meeting is Tuesday 1 December, 09:00." in text_of(parsed(times))
    later = text_of(parsed(guest.get(f"{move}&slot=2026-11-27T09:00Z").text))
    assert "Until now: Tuesday 1 December, 09:00 to 09:30" in later
    assert "The date after it moves with it." in later


def test_a_file_of_a_video_meeting_has_the_link_too(tmp_path: Path) -> None:
    """Its URL is that of the conference, so the guest's own link is in the description."""
    more = "conferenceUrl: 'https://meet.example.org/{{id}}'\nserve: {baseUrl: 'https://book.example.org'}\n"
    guest = PageGuest(make_page_office(tmp_path / "office", "startConference: true\n", more))
    path = guest.book()
    (event,) = icalendar.Calendar.from_ical(guest.get(f"{path}.ics").content).walk("VEVENT")
    assert str(event["URL"]).startswith("https://meet.example.org/")
    assert str(event["DESCRIPTION"]).splitlines()[-1] == f"Change or cancel: https://book.example.org{path}"


def test_a_guest_cancels(guest: PageGuest) -> None:
    """With a message to the host; sent again, the form shows the same page."""
    path = guest.book()
    form = guest.form(path)
    for _ in range(2):
        assert booking_path(guest.send(form, reason="I am ill.\r\nSorry")) == path
    page = guest.get(path).text
    assert markup_problems(page) == []
    assert "The meeting is cancelled" in page and "Monday 23 November" in page and "I am ill. Sorry" in page
    assert "Cancel this meeting" not in page and "Add to your calendar" not in page
    assert [record.status for record in guest.records()] == ["cancelled"]
    assert link_of(page, path, "Book a new time") == "/b/demo"


def test_a_meeting_that_is_over_stays_as_it_was(guest: PageGuest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old page cannot cancel it, and says so by its state."""
    path = guest.book()
    form = guest.form(path)
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T08:30Z")
    assert booking_path(guest.send(form)) == path
    page = guest.get(path).text
    assert "This meeting is over" in page and "Cancel this meeting" not in page
    assert [record.status for record in guest.records()] == ["confirmed"]


def test_a_reservation_says_until_when_it_holds(guest: PageGuest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then that it is no longer held; nothing of it can be cancelled or imported."""
    made = guest.api.ok(
        "POST", "/group/profiles/1/meeting", {"time": {"start": FREE[0]}}, {"reserveForMinutes": 30}
    )
    path = f"/b/booking/{made['rescheduleToken']}"
    held = guest.get(path).text
    assert markup_problems(held) == []
    assert "We hold this time for you" in held and "09:30" in held and "Cancel this meeting" not in held
    assert guest.get(f"{path}.ics").status_code == 404
    assert booking_path(guest.post(f"{path}/cancel", {})) == path
    assert len(guest.records()) == 1
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:31Z")
    assert "This time is no longer held" in guest.get(path).text


def test_seats_are_shown(tmp_path: Path) -> None:
    """A session says how many can come."""
    guest = PageGuest(make_page_office(tmp_path / "office", "seats: 8\n"))
    assert "A session for up to 8 guests" in guest.get(guest.book()).text


def test_a_booking_of_any_profile_has_its_page(guest: PageGuest) -> None:
    """The token is the right; new times are offered for public profiles only."""
    guest.api.ok("PATCH", "/group/profiles/1", {"public": False})
    body = {"time": {"start": FREE[0]}, "accountIds": [ALICE]}
    made = guest.api.ok("POST", "/group/profiles/1/meeting", body)
    path = f"/b/booking/{made['rescheduleToken']}"
    assert "You are booked" in guest.get(path).text
    guest.send(guest.form(path))
    page = guest.get(path).text
    assert "The meeting is cancelled" in page and "Book a new time" not in page


@pytest.mark.parametrize("more", ["", ".ics"])
@pytest.mark.parametrize("token", ["", "x", "A" * 22, "ä", "..%2f", "%00", "A" * 3000])
def test_an_unknown_link_says_so(guest: PageGuest, token: str, more: str) -> None:
    """Whatever is wrong with it, with the way to all meetings."""
    guest.book()
    answer = guest.get(f"/b/booking/{token}{more}")
    assert answer.status_code == 404 and markup_problems(answer.text) == []
    assert "This link does not work" in answer.text or "There is no such page" in answer.text


def test_a_truncated_token_is_none(guest: PageGuest) -> None:
    """No part of a token, and nothing after it, opens the page."""
    path = guest.book()
    for wrong in (path[:-1], f"{path}A", path[:-1] + ("A" if path[-1] != "A" else "B"), path.lower()):
        assert guest.get(wrong).status_code == 404
        assert guest.post(f"{wrong}/cancel", {}).status_code == 303
    assert [record.status for record in guest.records()] == ["confirmed"]


def test_a_link_of_the_host_leads_to_the_web_only(tmp_path: Path) -> None:
    """What the host has written into the profile is no link unless a browser can open it."""
    profile = "startConference: true\nopenMeetingUrl: 'javascript:alert(1)'\n"
    guest = PageGuest(make_page_office(tmp_path / "office", profile))
    assert "javascript:" not in guest.get(guest.book()).text
