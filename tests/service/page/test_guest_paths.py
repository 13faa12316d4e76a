"""A guest's whole path, from the times to the page of the booking, over changes of clocks and midnights."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode, urljoin

import icalendar
import pytest
from support.http_service import HttpAnswer, HttpService, running_service
from support.page_forms import PageForm, forms_of, parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office

import gbook

NOW = "2026-11-23T08:00:00Z"
SLOT = "2026-11-24T08:00:00Z"
# A form is taken when it is two seconds old.
FORM_AGE = 2.1


@pytest.mark.parametrize(
    ("now", "zone", "day", "start", "guests", "hosts"),
    [
        # The clocks of Berlin change on 28 March: what was 21:00 in Auckland on Friday is 20:00 on Tuesday.
        (
            "2027-03-25T08:00Z",
            "Pacific/Auckland",
            "2027-03-26",
            "2027-03-26T08:00:00Z",
            "Friday 26 March, 21:00 to 21:30 in Auckland",
            "09:00 to 09:30 in Berlin",
        ),
        (
            "2027-03-25T08:00Z",
            "Pacific/Auckland",
            "2027-03-30",
            "2027-03-30T07:00:00Z",
            "Tuesday 30 March, 20:00 to 20:30 in Auckland",
            "09:00 to 09:30 in Berlin",
        ),
        # Those of the guest change on 1 November, those of the host did so a week before.
        (
            "2026-10-29T08:00Z",
            "America/New_York",
            "2026-10-30",
            "2026-10-30T08:00:00Z",
            "Friday 30 October, 04:00 to 04:30 in New York",
            "09:00 to 09:30 in Berlin",
        ),
        (
            "2026-10-29T08:00Z",
            "America/New_York",
            "2026-11-03",
            "2026-11-03T08:00:00Z",
            "Tuesday 3 November, 03:00 to 03:30 in New York",
            "09:00 to 09:30 in Berlin",
        ),
        # The day before, and over midnight into the day after.
        (
            "2026-11-23T08:00Z",
            "Pacific/Honolulu",
            "2026-11-23",
            "2026-11-24T08:00:00Z",
            "Monday 23 November, 22:00 to 22:30 in Honolulu",
            "Tuesday 24 November, 09:00 to 09:30 in Berlin",
        ),
        (
            "2026-11-23T08:00Z",
            "Pacific/Kiritimati",
            "2026-11-24",
            "2026-11-24T09:30:00Z",
            "Tuesday 24 November, 23:30 to Wednesday 25 November, 00:00 in Kiritimati",
            "10:30 to 11:00 in Berlin",
        ),
    ],
)
def test_the_time_picked_is_the_time_booked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    now: str,
    zone: str,
    day: str,
    start: str,
    guests: str,
    hosts: str,
) -> None:
    """The day's list, the form, the calendar, the booking's page and its file name one instant."""
    monkeypatch.setenv("GBOOK_NOW", now)
    guest = PageGuest(make_page_office(tmp_path / "office"))
    address = f"/b/demo?tz={zone}&day={day}"
    links = [link.get("href", "") for link in parsed(guest.get(address).text).iter("a")]
    instant = start.replace(":00Z", "Z")
    (link,) = [urljoin(address, each) for each in links if f"slot={instant}" in each]
    form_page = text_of(parsed(guest.get(link).text))
    assert guests in form_page and hosts in form_page
    path = booking_path(answer := guest.send(guest.form(link), **JANE))
    (record,) = guest.records()
    assert gbook.format_instant(record.start) == start
    page = text_of(parsed(guest.get(answer.headers["location"]).text))
    assert hosts in page and guests.partition(" ")[2].rpartition(" to ")[2].partition(" in ")[0] in page
    (event,) = icalendar.Calendar.from_ical(guest.get(f"{path}.ics").content).walk("VEVENT")
    assert event["DTSTART"].to_ical() == start.replace("-", "").replace(":", "").encode()


@pytest.mark.slow
@pytest.mark.parametrize("servers", [1, 2])
def test_one_of_two_guests_gets_the_time(tmp_path: Path, servers: int) -> None:
    """One booking is made; the other guest has five other times. The services are real processes."""
    workspace = make_page_office(tmp_path / "office")
    with ExitStack() as stack:
        services = [stack.enter_context(running_service(workspace, GBOOK_NOW=NOW)) for _ in range(servers)]
        forms = [open_form(services[number % servers]) for number in range(2)]
        time.sleep(FORM_AGE)
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(send, services[k % servers], forms[k], f"guest{k}") for k in range(2)]
            answers = [each.result() for each in sent]
    assert sorted(answer.status for answer in answers) == [303, 409]
    (taken,) = [answer for answer in answers if answer.status == 409]
    assert taken.body.count(b'name="slot"') == 5
    calendar = (workspace / "alice.ics").read_bytes()
    assert calendar.count(b"X-GBOOK-PROFILE") == 1


def open_form(service: HttpService) -> PageForm:
    """Return the form of a page."""
    path = f"/b/demo?slot={SLOT}"
    html = service.ask("GET", path, is_anonymous=True).body.decode()
    return next(form for form in forms_of(html, path) if form.method == "post")


def send(service: HttpService, form: PageForm, name: str) -> HttpAnswer:
    """Send a form for a guest with this name."""
    values = {**form.fields, "name": name, "email": f"{name}@example.net"}
    headers = {"content_type": "application/x-www-form-urlencoded", "sec_fetch_site": "same-origin"}
    body = urlencode(values, doseq=True).encode()
    return service.ask("POST", form.action, body, is_anonymous=True, **headers)
