"""The days and times of a meeting: what is free, and why the rest is not, for every guest."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from support.markup import markup_problems
from support.page import Browser
from support.page_forms import forms_of, link_of, parsed, text_of
from support.page_guest import PageGuest, booking_path
from support.samples import copy_samples
from support.studio import STUDIO_NOW, make_studio

import gbook
from gbook.workspace.tokens import RescheduleTokens

LONDON = "/b/intro?tz=Europe/London"


@pytest.fixture(autouse=True)
def studio_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the day on which the studio is visited."""
    monkeypatch.setenv("GBOOK_NOW", STUDIO_NOW)


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    return make_studio(tmp_path / "studio")


@pytest.fixture
def browser(studio: Path) -> Browser:
    return Browser(studio)


def page(browser: Browser, address: str, **headers: str) -> str:
    answer = browser.get(address, **headers)
    assert answer.status_code == 200
    assert markup_problems(answer.text) == []
    return answer.text


def texts(html: str, tag: str, **attributes: str) -> list[str]:
    """Return the words of all elements of a page with a tag and attributes; class is `class_`."""
    wanted = {name.rstrip("_"): value for name, value in attributes.items()}
    return [
        text_of(element)
        for element in parsed(html).iter(tag)
        if all(element.get(name) == value for name, value in wanted.items())
    ]


def part(html: str, element_id: str) -> str:
    """Return the words of the element with an id."""
    return next(text_of(each) for each in parsed(html).iter() if each.get("id") == element_id)


def slots(html: str) -> list[str]:
    """Return the names of the times of the chosen day."""
    lists = [each for each in parsed(html).iter("ul") if each.get("class") == "slots"]
    return [text_of(item) for each in lists for item in each.iter("li")]


def reasons(html: str) -> list[str]:
    (found,) = [each for each in parsed(html).iter("ul") if each.get("class") == "reasons"]
    return [text_of(item) for item in found.iter("li")]


def test_it_opens_on_the_first_day_with_times(browser: Browser) -> None:
    """And says so."""
    html = page(browser, LONDON)
    assert "The first day with times is Monday 30 November." in text_of(parsed(html))
    assert part(html, "day-title") == "Monday 30 November"
    assert slots(html) == [
        f"{own} in London, {host} in Berlin"
        for own, host in [
            ("08:30", "09:30"),
            ("09:00", "10:00"),
            ("10:30", "11:30"),
            ("13:00", "14:00"),
            ("14:30", "15:30"),
            ("15:00", "16:00"),
        ]
    ]
    assert texts(html, "h3") == ["Morning", "Afternoon"]


def test_every_day_is_named_in_the_list_and_in_the_table(browser: Browser) -> None:
    """The list has the days with times, four of them and the rest; the table five weeks."""
    html = page(browser, LONDON)
    listed = [item for each in parsed(html).iter("ul") if each.get("class") == "days" for item in each]
    names = [text_of(item) for item in listed]
    assert names[:2] == ["Monday 30 November, 6 times", "Tuesday 1 December, 4 times"]
    assert len(names) == 12
    assert texts(html, "summary")[0] == "8 more days, until 22 December"
    cells = texts(html, "td")
    assert len(cells) == 35
    assert cells[0] == "Monday 23 November, past23 Nov"
    assert cells[2] == "Wednesday 25 November, too soon to booktoday"
    assert cells[7:9] == ["Monday 30 November, 6 times", "Tuesday 1 December, 1 Dec4 times"]
    assert cells[11] == "Friday 4 December, closed"
    assert cells[15] == "Tuesday 8 December, all times takenfull"


def test_a_day_is_a_link_to_its_times(browser: Browser) -> None:
    """It keeps the zone."""
    html = page(browser, link_of(page(browser, LONDON), LONDON, "Tuesday 1 December"))
    assert part(html, "day-title") == "Tuesday 1 December"
    assert "The first day with times" not in html
    assert [text_of(each) for each in parsed(html).iter() if each.get("aria-current") == "true"] == [
        "Tuesday 1 December, 4 times",
        "Tuesday 1 December, 1 Dec4 times",
    ]


def test_why_the_other_days_have_none(browser: Browser) -> None:
    """Grouped by the reason, in words about the meeting."""
    assert reasons(page(browser, LONDON)) == [
        "25–26 Nov: this meeting must be booked at least 2 days ahead.",
        "8 Dec and 16 Dec: all times are taken.",
        "Every Friday, Saturday and Sunday: this meeting is not offered.",
        "23–24 Dec: bookings end on 22 December.",
    ]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-24", "this day is over."),
        ("2026-11-26", "this meeting must be booked at least 2 days ahead."),
        ("2026-12-04", "this meeting is not offered on a Friday."),
        ("2026-12-08", "all times are taken."),
        ("2026-12-24", "bookings end on 22 December."),
    ],
)
def test_an_empty_day_says_why_and_where_times_are(browser: Browser, day: str, said: str) -> None:
    """With the nearest days that have times, in the order of the calendar."""
    html = page(browser, f"{LONDON}&day={day}")
    times = part(html, "times")
    assert f"No times: {said}" in times
    assert "Nearest days with times" in times
    if day == "2026-12-08":
        assert times.index("Monday 7 December") < times.index("Wednesday 9 December")


def test_weeks_without_times(studio: Path) -> None:
    """The page says why, and leads to the next days that have some, beyond these weeks."""
    profile = studio / "profiles/intro.yaml"
    profile.write_text(
        re.sub(
            r"endTime: .*", 'startTime: "2027-02-01T08:00:00Z"\ntimeAvailableFor: P1Y', profile.read_text()
        )
    )
    html = page(Browser(studio), LONDON)
    assert part(html, "day-title") == "No times until Sunday 27 December"
    assert "bookings begin on 1 February." in part(html, "times")
    address = link_of(html, LONDON, "Monday 1 February")
    assert part(page(Browser(studio), address), "day-title") == "Monday 1 February"


def test_a_meeting_that_has_no_times_at_all(studio: Path) -> None:
    """The heading does not ask for a choice; a period that is over has the same."""
    planning = studio / "profiles/planning.yaml"
    kept = planning.read_text()
    over = 'startTime: "2026-11-01T00:00:00Z"\nendTime: "2026-11-20T00:00:00Z"\n'
    for changed in (
        kept[: kept.index("workHours:")] + "workHours: {timezone: UTC, daySchedules: []}\n",
        over + kept,
    ):
        planning.write_text(changed)
        html = page(Browser(studio), "/b/planning?tz=Europe/London")
        assert markup_problems(html) == []
        assert texts(html, "h1") == ["There are no times to choose at the moment"]
        assert "please ask the people you want to meet" in html


def test_calendars_that_cannot_be_read(studio: Path) -> None:
    """The guest is asked to try again, and learns nothing about the file."""
    (studio / "mara.ics").write_text("BEGIN:VCALENDAR\n")
    html = page(Browser(studio), LONDON)
    assert "we cannot read the calendars now. Please try again in a few minutes." in part(html, "times")
    assert "mara" not in html


def test_earlier_and_later_days(studio: Path) -> None:
    """As long as there are any; days before this week are none."""
    profile = studio / "profiles/intro.yaml"
    profile.write_text(re.sub("endTime: .*", "timeAvailableFor: P60D", profile.read_text()))
    browser = Browser(studio)
    first = page(browser, LONDON)
    assert "No earlier days" in first
    address = link_of(first, LONDON, "Later days")
    assert "from=2026-12-28" in address
    later = page(browser, address)
    assert texts(later, "td")[0] == "Monday 28 December, 28 Dec14 times"
    assert link_of(later, address, "Earlier days") == LONDON
    assert "No later days" in later


@pytest.mark.parametrize(
    "wrong", ["day=x", "day=9999-12-31", "from=1900-01-01", "from=&day=", "tz=Mars/Base"]
)
def test_what_an_address_cannot_mean_is_left_out(browser: Browser, wrong: str) -> None:
    """The page opens on its first day."""
    assert part(page(browser, f"/b/intro?{wrong}"), "day-title") == "Monday 30 November"


def test_the_zone_of_the_guest(browser: Browser) -> None:
    """Unknown, it is the host's, and the page says so; changed, the chosen day stays."""
    html = page(browser, "/b/intro?day=2026-12-02")
    assert "We do not know your time zone, so these are the times of Berlin." in part(html, "zone-hint")
    assert slots(html)[0] == "09:30"
    (form, *_) = forms_of(html, "/b/intro?day=2026-12-02")
    assert form.fields == {"day": ["2026-12-02"], "tz": ["Europe/Berlin"]}
    moved = page(browser, "/b/intro?day=2026-12-02&tz=America/New_York")
    assert part(moved, "day-title") == "Wednesday 2 December"
    assert slots(moved)[0] == "03:30 in New York, 09:30 in Berlin"
    assert "It is 09:05 in New York now." in part(moved, "zone-hint")


def test_another_day_at_the_host(browser: Browser) -> None:
    """It is named where the guest's date is another one."""
    html = page(browser, "/b/intro?tz=Pacific/Honolulu&day=2026-11-29")
    assert slots(html)[0] == "22:30 in Honolulu, Monday 09:30 in Berlin"
    assert texts(html, "h3") == ["Evening"]


def test_all_zones(browser: Browser) -> None:
    """Some seventy cities on the first screen, every zone on demand; the chosen one is always there."""
    few = texts(page(browser, LONDON), "option")
    address = link_of(page(browser, LONDON), LONDON, "All time zones")
    many = texts(page(browser, address), "option")
    assert 60 < len(few) < 85 and len(many) > 400
    html = page(browser, "/b/intro?tz=Europe/Vaduz")
    (form, *_) = forms_of(html, LONDON)
    assert form.fields["tz"] == ["Europe/Vaduz"]


def test_twelve_hours_and_weeks_from_sunday(browser: Browser) -> None:
    """As people write in the United States."""
    html = page(browser, f"{LONDON}&lang=en-US")
    assert texts(html, "th")[0] == "SunSunday"
    assert slots(html)[0] == "8:30 AM in London, 9:30 AM in Berlin"


def test_german(browser: Browser) -> None:
    """Dates, reasons and times as people write them there."""
    html = page(browser, f"{LONDON}&lang=de")
    assert part(html, "day-title") == "Montag, 30. November"
    assert reasons(html)[2] == "Jeden Freitag, Samstag und Sonntag: Dieser Termin wird nicht angeboten."
    assert texts(html, "td")[7] == "Montag, 30. November, 306 Termine"


def test_several_times_are_kept_from_day_to_day(browser: Browser) -> None:
    """Up to three; each can be taken out, and all go on to the form."""
    address = "/b/planning?tz=Europe/London"
    html = page(browser, address)
    assert texts(html, "h1") == ["Choose up to 3 times"]
    for words in ("08:30", "Tuesday 1 December", "09:00 in London", "10:00 in London"):
        address = link_of(html, address, words)
        html = page(browser, address)
    assert part(html, "picked-title") == "Your times: 3 of 3"
    assert "Continue with these times" in html
    onward = link_of(html, address, "Continue with these times")
    assert onward.endswith("slot=2026-11-26T08:30Z,2026-12-01T09:00Z,2026-12-01T10:00Z")
    assert len([link for link in parsed(html).iter("a") if link.get("data-start")]) == 2
    html = page(browser, link_of(html, address, "Take out"))
    assert part(html, "picked-title") == "Your times: 2 of 3"


def token_of_booking(studio: Path, start: str, profile: str = "intro") -> str:
    """Book a time, and return the token of the booking."""
    workspace = gbook.open_workspace(studio)
    request = gbook.BookingRequest(
        profile=gbook.ProfileStore(workspace).find(profile),
        start=gbook.parse_instant(start, UTC),
        guest=gbook.Guest("Sam Okafor", "sam@example.org"),
        fields={"company": "Okafor Ceramics"} if profile == "intro" else {},
    )
    context = gbook.BookingContext(workspace, gbook.parse_instant(STUDIO_NOW, UTC))
    return RescheduleTokens(workspace).of(gbook.book(context, request).uid)


def test_a_booking_that_is_moved(studio: Path) -> None:
    """Its own time is free for it, and is no choice; other days and times keep the token."""
    token = token_of_booking(studio, "2026-11-30T10:30Z")
    browser, address = Browser(studio), f"{LONDON}&move={token}"
    html = page(browser, address)
    assert texts(html, "h1") == ["Choose a new time"]
    assert "Your meeting is on Monday 30 November, 10:30. It stays there until" in text_of(parsed(html))
    assert slots(html)[2] == "10:30 in London, 11:30 in Berlinyour time now"
    assert "slot=2026-11-30T10:30Z" not in html
    assert link_of(html, address, "Tuesday 1 December").endswith(f"&move={token}&day=2026-12-01")
    assert link_of(html, address, "09:00 in London").endswith(f"&move={token}&slot=2026-11-30T09:00Z")
    assert link_of(html, address, "Keep this time") == f"/b/booking/{token}?tz=Europe/London"
    assert browser.get(address).headers["cache-control"] == "no-store"
    # For all others the time is taken.
    assert "10:30" not in " ".join(slots(page(browser, LONDON)))


def test_a_booking_of_a_private_profile_is_moved(studio: Path) -> None:
    """Its token shows the times of its profile."""
    token = token_of_booking(studio, "2026-11-26T10:30Z", "workshop")
    html = page(Browser(studio), f"/b/workshop?tz=Europe/London&move={token}")
    assert texts(html, "h1") == ["Choose a new time"]
    assert Browser(studio).get("/b/workshop?move=AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_a_booking_that_moves_is_looked_for_once(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each request, though its profile, its page and the move all need it."""
    token = token_of_booking(studio, "2026-11-26T10:30Z", "workshop")
    guest, path = PageGuest(studio), f"/b/workshop?tz=Europe/London&move={token}"
    search, searched = gbook.search_records, []

    def counted(*given: Any) -> list[gbook.Record]:
        searched.append(given)
        return search(*given)

    monkeypatch.setattr(gbook, "search_records", counted)
    html = page(guest, path)
    assert len(searched) == 1
    form = guest.form(link_of(html, path, "in London"))
    assert len(searched) == 2
    assert booking_path(guest.send(form)) == f"/b/booking/{token}"
    assert len(searched) == 3


def test_a_profile_that_is_not_public_does_not_exist(browser: Browser) -> None:
    """As one that does not exist."""
    assert browser.get("/b/workshop").status_code == browser.get("/b/nothing").status_code == 404


def test_nothing_private(browser: Browser) -> None:
    """Neither accounts, nor addresses, nor what is in the calendars."""
    html = page(browser, LONDON)
    assert not re.search("mara|harbour.example|customer", html, re.IGNORECASE)


def test_the_first_screen_is_small(tmp_path: Path) -> None:
    """The sample's pages, with all that they load, uncompressed: under 30 kB."""
    browser = Browser(copy_samples(tmp_path / "sample"))
    loaded = sum(len(browser.get(f"/b/{name}").content) for name in ("page.css", "page.js", "theme.css"))
    for address in ("aurinkoDemo", "aurinkoDemo?tz=America/New_York", "interview"):
        assert len(page(browser, f"/b/{address}").encode()) + loaded < 30_000
