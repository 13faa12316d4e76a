"""Presses at the same time, on real servers over the same calendars."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

import pytest
from support.api import FREE
from support.http_service import HttpService, running_service
from support.page_guest import make_page_office
from support.running import Gbook

import gbook as public_api
from gbook.workspace.tokens import FormTokens, OfferTokens

NOW = "2026-11-23T08:00:00Z"
FORM = "application/x-www-form-urlencoded"
PRESSES = 6


def tell(service: HttpService, path: str, fields: dict[str, str]) -> tuple[int, str]:
    """Send a form until the service is not busy; return the status, and where the answer leads."""
    body = urlencode(fields).encode()
    headers = {"content_type": FORM, "sec_fetch_site": "same-origin"}
    while (answer := service.ask("POST", path, body, is_anonymous=True, **headers)).status == 503:
        time.sleep(int(answer.headers["retry-after"]))
    return answer.status, answer.headers.get("location", "")


def at_once(services: list[HttpService], path: str, forms: list[dict[str, str]]) -> list[tuple[int, str]]:
    """Return the answers to forms that are all sent at the same time, to the services in turn."""
    start = Barrier(len(forms))

    def press(number: int) -> tuple[int, str]:
        start.wait()
        return tell(services[number % len(services)], path, forms[number])

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(press, range(len(forms))))


def records(office: Path) -> list[public_api.Record]:
    """Return what is in the calendars."""
    return public_api.read_records(public_api.open_workspace(office))[0]


@pytest.mark.crash
@pytest.mark.parametrize("servers", [1, 2])
def test_two_presses_on_two_times_of_an_offer(tmp_path: Path, gbook: Gbook, servers: int) -> None:
    """One time is booked, and everybody is led to it; the others are free again."""
    office = make_page_office(tmp_path / "office")
    slots = [part for start in FREE[:2] for part in ("--slot", start)]
    jane = ("--name", "Jane", "--email", "jane@example.net")
    made = gbook.json("--workspace", str(office), "propose", "-p", "demo", *slots, "--for", "2d", *jane)
    path = f"/b/offer/{OfferTokens(public_api.open_workspace(office)).of(made['proposalId'])}"
    with ExitStack() as stack:
        services = [stack.enter_context(running_service(office, GBOOK_NOW=NOW)) for _ in range(servers)]
        answers = at_once(services, path, [{"slot": FREE[number % 2]} for number in range(PRESSES)])
        booked = services[0].ask("GET", path, is_anonymous=True)
    assert {status for status, _ in answers} == {303}
    # Those who came second are led to the offer, which leads to the booking.
    assert {place for _, place in answers} <= {booked.headers["location"], path, "?"}
    [record] = records(office)
    assert (booked.status, record.status) == (303, "confirmed")


@pytest.mark.crash
@pytest.mark.parametrize("servers", [1, 2])
def test_a_form_for_several_times_that_is_sent_at_once(tmp_path: Path, servers: int) -> None:
    """Pressed many times at the same moment, it makes one request."""
    office = make_page_office(tmp_path / "office", "several: true\n")
    token = FormTokens(public_api.open_workspace(office)).of("demo", int(time.time()) - 10)
    form = {"token": token, "slot": ",".join(FREE[:3]), "name": "Jane", "email": "jane@example.net"}
    with ExitStack() as stack:
        services = [stack.enter_context(running_service(office, GBOOK_NOW=NOW)) for _ in range(servers)]
        answers = at_once(services, "/b/demo", [form] * PRESSES)
    assert {status for status, _ in answers} == {303}
    assert len({place for _, place in answers}) == 1
    assert len(records(office)) == 3
