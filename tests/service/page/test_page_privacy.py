"""Nothing private is on a page: each page for guests, with every kind of failure.

Accounts, files, other people's appointments and traces are private. New pages are tested by being in PAGES.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.api import FREE, PRIVATE_CALENDAR, Api
from support.markup import markup_problems
from support.page import Browser
from support.private_office import ACCOUNTS, SECRETS

from gbook.profiles.store import ProfileStore
from gbook.service.page.table import PAGES
from gbook.service.routes.route import Access

CONFIG = f"{ACCOUNTS}serve: {{name: Harbour}}\n"
PROFILE = """
id: 1
durationMinutes: 30
timeAvailableFor: P7D
subject: Demo
location: "{{room}}"
description: "For {{name}}"
public: true
accounts: [zelda-id]
groups: [{extId: quux, accountIds: [zelda-id, yorick-id]}]
workHours:
  timezone: Europe/Berlin
  daySchedules: [{dayOfWeek: tuesday, workingIntervals: [{start: "09:00", end: "12:00"}]}]
"""
# The file of a booking is the guest's invitation, which has its host.
SEEN = [
    route
    for route in PAGES
    if route.method == "GET" and route.access is Access.GUEST and not route.path.endswith(".ics")
]


def healthy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong."""


def unreadable_calendars(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program has left half of a calendar."""
    for name in ("hush.ics", "hush2.ics"):
        (root / name).write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Chemotherapy\r\n")


def broken_profile(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile is no YAML."""
    (root / "profiles/demo.yaml").write_text("subject: {Chemotherapy")


def broken_config(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account of gbook.yaml is not valid."""
    (root / "gbook.yaml").write_text(CONFIG.replace("zelda@private.example", "Chemotherapy"))


def bug(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gbook has a bug, whose error has something private."""

    def fail(*arguments: object) -> None:
        raise RuntimeError(f"{root}: Chemotherapy of zelda-id")

    monkeypatch.setattr(ProfileStore, "_paths", fail)


Failure = Callable[[Path, pytest.MonkeyPatch], None]
FAILURES: list[Failure] = [healthy, unreadable_calendars, broken_profile, broken_config, bug]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace full of secrets."""
    root = tmp_path / "s3cret"
    (root / "profiles").mkdir(parents=True)
    (root / "gbook.yaml").write_text(CONFIG)
    (root / "profiles/demo.yaml").write_text(PROFILE)
    for name in ("hush.ics", "hush2.ics"):
        (root / name).write_text(PRIVATE_CALENDAR.replace("Dentist", "Chemotherapy"))
    return root


def booking_token(api: Api) -> str:
    """Book, and return the token of the booking."""
    guest = {"name": "Jane Doe", "email": "jane@example.net"}
    body = {"time": {"start": FREE[0]}, "schedulerInfo": guest}
    return str(api.ok("POST", "/group/profiles/1/meeting", body)["rescheduleToken"])


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
@pytest.mark.parametrize("path", [route.path for route in SEEN])
def test_no_page_has_anything_private(
    office: Path, path: str, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a good state and in each bad one."""
    browser = Browser(office)
    address = path.replace("{name}", "demo").replace("{token}", booking_token(browser.api))
    failure(office, monkeypatch)
    for query in ("", "?day=2026-11-24", f"?slot={FREE[1]}&day=2026-11-24", "?slot=2026-11-24T09:00:00Z"):
        answer = browser.get(f"{address}{query}")
        assert answer.status_code in (200, 303, 404, 409, 500, 503), answer.text
        told = f"{answer.text}\n{answer.headers}".lower()
        assert not [text for text in SECRETS if text in told], told
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert markup_problems(answer.text) == []
