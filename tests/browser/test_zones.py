"""A guest in another zone: the time that is picked is the time that is booked, shown on both clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, expect
from support.browser import Guest
from support.ics import parsed_events
from support.page_states import FORM_AGE
from support.studio import running_studio


class Case(NamedTuple):
    """A present time, a guest's zone, the link of a day and of a time in it, and what is booked."""

    now: str
    zone: str
    day: str
    time: str
    booked: str
    start: datetime


CASES = {
    # The clocks of Berlin went back on 25 October, those of New York do on 1 November.
    "after the change in Berlin": Case(
        "2026-10-22T14:05:00Z",
        "America/New_York",
        "Monday 26 October",
        "09:00 in New York, 14:00 in Berlin",
        "Monday, 26 October 2026, 09:00",
        datetime(2026, 10, 26, 13, 0, tzinfo=UTC),
    ),
    "after the change in New York": Case(
        "2026-10-22T14:05:00Z",
        "America/New_York",
        "Monday 2 November",
        "08:00 in New York, 14:00 in Berlin",
        "Monday, 2 November 2026, 08:00",
        datetime(2026, 11, 2, 13, 0, tzinfo=UTC),
    ),
    "over midnight": Case(
        "2026-11-25T14:05:00Z",
        "Pacific/Auckland",
        "Tuesday 1 December",
        "03:30 in Auckland, Monday 15:30 in Berlin",
        "Tuesday, 1 December 2026, 03:30",
        datetime(2026, 11, 30, 14, 30, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_time_picked_is_the_time_booked(browser: Browser, tmp_path: Path, case: Case) -> None:
    """Over a change of the clocks on one side, and where the day is another one."""
    with running_studio(tmp_path, case.now) as service:
        guest = Guest(browser, service.url, zone=case.zone)
        page = guest.page
        page.goto(f"/b/intro?tz={case.zone}")
        page.get_by_role("link", name=case.day).locator("visible=true").click()
        page.get_by_role("link", name=case.time, exact=True).click()
        page.get_by_label("Your name").fill("Sam Okafor")
        page.get_by_label("Your email address").fill("sam@example.org")
        page.get_by_label("Company").fill("Okafor Ceramics")
        page.wait_for_timeout(1000 * FORM_AGE)
        page.get_by_role("button", name="Book this time").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
        expect(page.get_by_text(case.booked)).to_be_visible()
        guest.close()
    events = parsed_events((tmp_path / "studio/mara.ics").read_bytes())
    booked = [event.start.astimezone(UTC) for event in events if event["SUMMARY"] == "Introductory call"]
    assert booked == [case.start]
