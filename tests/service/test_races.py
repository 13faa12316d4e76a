"""Many clients want the same time at once: one of them gets it."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from support.http_service import HttpAnswer, HttpService, running_service
from support.samples import copy_samples

CLIENTS = 64
NOW = "2026-11-22T12:00:00Z"
PATH = "/v1/book/group/profiles/1/meeting?required=all"
SLOT = {"start": "2026-11-23T15:30:00Z", "end": "2026-11-23T16:00:00Z"}


@pytest.mark.crash
@pytest.mark.parametrize("servers", [1, 2])
def test_one_of_64_clients_gets_the_time(tmp_path: Path, servers: int) -> None:
    """One is told 200, all others 409 with other times; each calendar has the event once."""
    workspace = copy_samples(tmp_path / "team")
    with ExitStack() as stack:
        services = [stack.enter_context(running_service(workspace, GBOOK_NOW=NOW)) for _ in range(servers)]
        answers = at_once(services)
    counted = Counter(status for status, _ in answers)
    assert counted == {200: 1, 409: CLIENTS - 1}
    (booked,) = (document for status, document in answers if status == 200)
    refused = [document for status, document in answers if status == 409]
    assert {document["code"] for document in refused} == {"slot_unavailable"}
    assert all(document["alternatives"] for document in refused)
    uid = f"UID:{booked['id']}".encode()
    calendars = [workspace / f"sample_calendars/{name}.ics" for name in ("alice", "bob", "dave", "erin")]
    calendars += (workspace / "sample_calendars/carol").glob(f"{booked['id'].partition('@')[0]}*.ics")
    assert [path.read_bytes().count(uid) for path in calendars] == [1] * 5


def at_once(services: list[HttpService]) -> list[tuple[int, Any]]:
    """Return the status and the document of the answer to each client; all ask at the same time.

    One that is told to try again does so, as HTTP clients do (RFC 9110 §10.2.3).
    """
    credentials = services[0].credentials.authorization
    start = Barrier(CLIENTS)

    def ask(number: int) -> tuple[int, Any]:
        start.wait()
        while (answer := book(services[number % len(services)], number)).status == 503:
            time.sleep(int(answer.headers["retry-after"]))
        return answer.status, answer.document

    def book(service: HttpService, number: int) -> HttpAnswer:
        guest = {"name": f"Guest {number}", "email": f"guest{number}@example.com"}
        body = {"time": SLOT, "schedulerInfo": guest}
        return service.ask("POST", PATH, body, is_anonymous=True, authorization=credentials)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(ask, range(CLIENTS)))
