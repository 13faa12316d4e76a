"""The form of a booking: the time in both zones, its inputs, and a time that is not free."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from support.api import FREE, TAKEN
from support.markup import markup_problems
from support.page_forms import link_of, parsed, text_of
from support.page_guest import PageGuest, booking_path, make_page_office

FIELDS = """
description: "{{company}} {{phone}} {{topic}} {{vat id}}"
additionalFields:
  - {name: company}
  - {name: phone, type: PHONE, default: ""}
  - {name: topic, type: textarea, default: none}
"""


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest at the pages of the test office."""
    return PageGuest(make_page_office(tmp_path / "office"))


def page(guest: PageGuest, path: str, status: int = 200) -> str:
    """Return a page, which is sound."""
    answer = guest.get(path)
    assert answer.status_code == status and markup_problems(answer.text) == []
    return answer.text


def times_of(html: str) -> list[str]:
    """Return the lines that say when, in words."""
    block = parsed(html).find(".//main/div")
    assert block is not None
    return [text_of(line) for line in block]


@pytest.mark.parametrize(
    ("zone", "lines"),
    [
        ("", ["Tuesday 24 November, 09:00 to 09:30 in Berlin"]),
        ("&tz=Europe/Paris", ["Tuesday 24 November, 09:00 to 09:30 in Paris"]),
        ("&tz=Nowhere/Else", ["Tuesday 24 November, 09:00 to 09:30 in Berlin"]),
        (
            "&tz=Europe/London",
            [
                "Tuesday 24 November, 08:00 to 08:30 in London",
                "09:00 to 09:30 in Berlin, the host’s time zone",  # noqa: RUF001
            ],
        ),
        (
            "&tz=Pacific/Honolulu",
            [
                "Monday 23 November, 22:00 to 22:30 in Honolulu",
                "Tuesday 24 November, 09:00 to 09:30 in Berlin, the host’s time zone",  # noqa: RUF001
            ],
        ),
    ],
)
def test_the_time_is_said_on_both_clocks(guest: PageGuest, zone: str, lines: list[str]) -> None:
    """The guest's first; the host's if it differs, with its day if that is another one."""
    assert times_of(page(guest, f"/b/demo?slot={FREE[0]}{zone}")) == lines


def test_the_form_asks_for_what_the_texts_need(tmp_path: Path) -> None:
    """Each variable of the profile's texts, with its type; one with a default may be left out."""
    guest = PageGuest(make_page_office(tmp_path / "office", FIELDS))
    html = page(guest, f"/b/demo?slot={FREE[0]}")
    form = parsed(html).find(".//form")
    assert form is not None and "novalidate" in form.attrib
    labels = {label.get("for"): text_of(label) for label in form.iter("label")}
    inputs = {each.get("id"): each for each in form.iter() if each.get("id") in labels}
    shown = {labels[key]: described(each) for key, each in inputs.items()}
    assert shown == {
        "Your name": ("input", "text", "name", True),
        "Your email address": ("input", "email", "email", True),
        "Company": ("input", "text", "organization", True),
        "Phone (optional)": ("input", "tel", "tel", False),
        "Topic (optional)": ("textarea", None, None, False),
        "Vat id": ("input", "text", None, True),
        "Leave this empty": ("input", "text", "off", False),
    }


def described(control: Element) -> tuple[str, str | None, str | None, bool]:
    """Return what a browser and a screen reader know of an input."""
    return control.tag, control.get("type"), control.get("autocomplete"), "required" in control.attrib


def test_who_may_keep_a_form(guest: PageGuest) -> None:
    """The browser of who goes back may, but not where its address has the token of a booking."""
    assert guest.get(f"/b/demo?slot={FREE[0]}").headers["cache-control"] == "no-cache"
    path = guest.book()
    move = f"/b/demo?slot={FREE[3]}&move={path.rpartition('/')[2]}"
    assert guest.get(move).headers["cache-control"] == "no-store"


def test_the_way_back_keeps_the_zone(guest: PageGuest) -> None:
    """Another time is chosen in the same zone and language."""
    path = f"/b/demo?slot={FREE[0]}&tz=Asia/Tokyo&lang=en-US"
    assert link_of(page(guest, path), path, "Choose another time") == "/b/demo?tz=Asia/Tokyo&lang=en-US"


def test_a_time_that_is_not_free_shows_the_nearest(guest: PageGuest) -> None:
    """As links, before anything was typed."""
    html = page(guest, f"/b/demo?slot={TAKEN}&tz=Europe/London", 409)
    assert "That time is no longer free" in html and "<form" not in html
    starts = [link.get("href") for link in parsed(html).iter("a") if link.get("class") == "button"]
    assert len(starts) == 5
    assert starts[0] == "?tz=Europe/London&slot=2026-11-24T08:00:00Z"


@pytest.mark.parametrize("slot", ["", "x", "2026-11-24", "0001-01-01T00:00Z", "9999-12-31T23:59Z", "%00"])
def test_what_is_no_time_shows_the_times(guest: PageGuest, slot: str) -> None:
    """Also a date without a time, and one that no clock can show everywhere."""
    answer = guest.get(f"/b/demo?tz=Asia/Tokyo&slot={slot}")
    assert answer.status_code in (303, 200, 409), answer.text
    if answer.status_code == 303:
        assert answer.headers["location"] == "/b/demo?tz=Asia/Tokyo"


def test_only_public_profiles_have_a_form(guest: PageGuest) -> None:
    """Any other one does not exist."""
    guest.api.ok("PATCH", "/group/profiles/1", {"public": False})
    assert guest.get(f"/b/demo?slot={FREE[0]}").status_code == 404
    assert guest.post("/b/demo", {"slot": FREE[0]}).status_code == 404


def test_a_booking_that_moves_asks_for_nothing(guest: PageGuest) -> None:
    """Its old time is shown beside the new one."""
    token = guest.book().rpartition("/")[2]
    html = page(guest, f"/b/demo?slot={FREE[3]}&move={token}")
    assert "Move the meeting" in html and 'id="name"' not in html
    assert times_of(html) == [
        "Tuesday 24 November, 11:00 to 11:30 in Berlin",
        "Until now: Tuesday 24 November, 09:00 to 09:30",
    ]


def test_a_booking_that_has_this_time_stays(guest: PageGuest) -> None:
    """Who goes back after the move is led to the booking again."""
    path = guest.book()
    assert booking_path(guest.get(f"/b/demo?slot={FREE[0]}&move={path.rpartition('/')[2]}")) == path


def test_a_booking_that_cannot_move_leads_to_its_page(guest: PageGuest) -> None:
    """An old link of one that was cancelled shows what has become of it."""
    path = guest.book()
    guest.send(guest.form(path))
    for query in (f"slot={FREE[3]}&", ""):
        assert booking_path(guest.get(f"/b/demo?{query}move={path.rpartition('/')[2]}")) == path
    assert guest.get(f"/b/demo?slot={FREE[3]}&move=nothing").status_code == 404
