"""A guest's own calendar on the page: marked on the times, kept in the link, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ics import raw_vcalendar, raw_vevent
from support.markup import markup_problems
from support.page import Browser
from support.page_forms import link_of, parsed, text_of
from support.studio import STUDIO_NOW, make_studio

ADDRESS = "/b/intro/mine?tz=Europe/London"
# 09:00 to 10:45 in London on the first day with times, written without a zone.
BUSY = raw_vcalendar(raw_vevent("a", b"DTSTART:20261130T090000", b"DURATION:PT1H45M", b"SUMMARY:Secret"))


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setenv("GBOOK_NOW", STUDIO_NOW)
    return Browser(make_studio(tmp_path / "studio"))


def sent(browser: Browser, data: str | bytes, address: str = ADDRESS) -> tuple[str, str]:
    """Send a calendar as text, or as a file; return the address to which the form leads, and its page."""
    if isinstance(data, str):
        answer = browser.post(address, {"text": data})
    else:
        answer = browser.upload(address, "ics", data)
    assert answer.status_code == 303
    path = answer.headers["location"].partition("#")[0]
    html = browser.get(path).text
    assert markup_problems(html) == []
    return path, html


def statuses(html: str) -> list[str]:
    return [text_of(each) for each in parsed(html).iter("p") if each.get("role") in ("status", "alert")]


def busy(html: str) -> list[str]:
    return [text_of(each)[:5] for each in parsed(html).iter("a") if each.get("class") == "busy"]


def test_the_times_at_which_the_guest_is_busy(browser: Browser) -> None:
    """They are marked, and can be chosen all the same; the comparison goes along to other days and zones."""
    address, html = sent(browser, BUSY.decode())
    assert busy(html) == ["09:00", "10:30"]
    assert statuses(html) == [
        "Compared with your calendar: you are busy at 2 of the 6 times on this day. Stop comparing"
    ]
    other = browser.get(link_of(html, address, "Tuesday 1 December")).text
    assert busy(other) == []
    assert statuses(other)[0].startswith(
        "Compared with your calendar: you are free at all times on this day."
    )
    assert busy(browser.get(address.replace("Europe/London", "Europe/Berlin")).text) == ["10:00", "11:30"]
    assert busy(browser.get(link_of(html, address, "Stop comparing")).text) == []


def test_a_file(browser: Browser) -> None:
    """It is sent as a browser sends files; the chosen day is kept."""
    address, _ = sent(browser, BUSY, f"{ADDRESS}&day=2026-12-01")
    assert "day=2026-12-01" in address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a calendar file, or paste its text."),
        (
            raw_vcalendar(raw_vevent("a", b"DTSTART:banana")).decode(),
            "You are busy at all times by this calendar, or a part of it cannot be read, so no times are "
            "marked.",
        ),
        (
            "Hello",
            "This is not a calendar. A calendar file ends in .ics, and its first line is BEGIN:VCALENDAR.",
        ),
    ],
)
def test_no_calendar(browser: Browser, text: str, said: str) -> None:
    """The times say what is wrong, and the form is open; another day says so no more."""
    address, html = sent(browser, text)
    assert statuses(html) == [said]
    assert "<title>Error: Choose a day and a time" in html
    assert '<details class="after" id="compare" open>' in html
    other = browser.get(link_of(html, address, "Tuesday 1 December"))
    assert other.status_code == 200 and statuses(other.text) == []


def test_a_calendar_that_takes_too_long(browser: Browser) -> None:
    """It is given up after some seconds."""
    rule = b"RRULE:FREQ=MINUTELY;INTERVAL=6"
    series = (raw_vevent(str(n), b"DTSTART:19700101T090000Z", rule) for n in range(9000))
    _, html = sent(browser, raw_vcalendar(*series))
    assert statuses(html)[0].startswith("This calendar is too large to compare.")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(range(256)) * 3000,
        bytes(500_000),
        b"BEGIN:VCALENDAR\r\n" * 40_000,
        BUSY[:-10],
    ],
    ids=["zip", "zeros", "nesting", "cut off"],
)
def test_what_is_no_calendar(browser: Browser, data: bytes) -> None:
    """For any other file the page says what a calendar is."""
    _, html = sent(browser, data)
    assert statuses(html)[0].startswith("This is not a calendar.")


def test_another_site_cannot_send_one(browser: Browser) -> None:
    """As no form of the page."""
    assert browser.post(ADDRESS, {"text": "x"}, Sec_Fetch_Site="cross-site").status_code == 403


def test_a_mask_of_other_times(browser: Browser) -> None:
    """Nothing is said to be free; the guest is asked for the calendar again."""
    html = browser.get("/b/intro?tz=Europe/London&mine=AAAAAAAA").text
    assert markup_problems(html) == []
    assert busy(html) == []
    assert statuses(html)[0].startswith("Your calendar was compared with other days or times.")


def test_nothing_is_kept(browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the workspace nor in the log."""
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    browser.post(ADDRESS, {"text": BUSY.decode()})
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    logged = "".join(capsys.readouterr())
    assert "/b/{name}/mine 303" in logged
    assert "Secret" not in logged and "mine=" not in logged
