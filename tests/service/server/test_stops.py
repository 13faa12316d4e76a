"""A server that is stopped while clients book: what was answered is booked, and nothing is half done."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from support.http_service import HttpService, running_service
from support.running import PATIENCE
from support.samples import copy_samples

MEETING = "/v1/book/group/profiles/1/meeting?required=all"
# Two threads let msgspec look at the same model for the first time.
RACE = """
import sys, threading
from gbook.profiles.model import Profile
from gbook.workspace.config import Config
from gbook.service.server.preparation import prepare_models
import msgspec
prepare_models()
sys.setswitchinterval(1e-6)
barrier = threading.Barrier(8)
def decode():
    barrier.wait()
    for model in (Profile, Config):
        try:
            msgspec.msgpack.decode(b"\\x80", type=model)
        except msgspec.ValidationError:
            pass
threads = [threading.Thread(target=decode) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


class Booker(NamedTuple):
    """A client that reserves one slot after the other: those that it got, and those that it tried."""

    answered: list[str]
    tried: list[str]

    def work(self, service: HttpService, authorization: str, slots: Iterator[dict[str, str]]) -> None:
        """Book until the server is gone."""
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(*service.address, timeout=PATIENCE)
        try:
            for slot in slots:
                body = json.dumps({"time": slot, "schedulerInfo": {"name": slot["start"]}})
                self.tried.append(slot["start"])
                connection.request("POST", MEETING, body, headers)
                response = connection.getresponse()
                document = json.loads(response.read())
                if response.status == 200:
                    self.answered.append(document["id"])
                else:
                    assert response.status in (409, 503), document
        except (OSError, http.client.HTTPException):
            pass


def book_until(service: HttpService, number: signal.Signals) -> list[Booker]:
    """Let four clients book, and send a signal when some bookings are made."""
    authorization = service.credentials.authorization
    items = service.ask("GET", MEETING).document["items"]
    slots = [{"start": item["start"], "end": item["end"]} for item in items]
    bookers = [Booker([], []) for _ in range(4)]
    threads = [
        Thread(target=booker.work, args=(service, authorization, iter(slots[first::4])))
        for first, booker in enumerate(bookers)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    while sum(len(booker.answered) for booker in bookers) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    service.process.send_signal(number)
    for thread in threads:
        thread.join()
    return bookers


def booked(service: HttpService) -> list[str]:
    """Return the bookings that the next command finds, which completes what was left."""
    checked = service.run("booking", "list", "--json")
    assert "warnings" not in checked or checked["warnings"] == []
    return [record["id"] for record in checked["records"]]


@pytest.mark.crash
def test_what_is_booked_was_answered(tmp_path: Path) -> None:
    """SIGTERM: each request that was taken has its whole answer."""
    with running_service(copy_samples(tmp_path / "workspace")) as service:
        bookers = book_until(service, signal.SIGTERM)
        assert service.process.wait(PATIENCE) == 0
        answered = sorted(uid for booker in bookers for uid in booker.answered)
        assert sorted(booked(service)) == answered


@pytest.mark.crash
@pytest.mark.parametrize("attempt", range(5))
def test_a_killed_server_leaves_whole_bookings(tmp_path: Path, attempt: int) -> None:
    """SIGKILL: what was answered is booked, in every calendar; one more of each client may be."""
    with running_service(copy_samples(tmp_path / "workspace")) as service:
        bookers = book_until(service, signal.SIGKILL)
        service.process.wait(PATIENCE)
        found = booked(service)
        answered = {uid for booker in bookers for uid in booker.answered}
        assert answered <= set(found)
        assert len(found) <= len(answered) + len(bookers)
        calendars = service.workspace / "sample_calendars"
        assert not list(calendars.rglob(".*gbook-journal"))
        for uid in found:
            copies = [path for path in calendars.rglob("*.ics") if f"UID:{uid}".encode() in path.read_bytes()]
            assert len(copies) == 5
        with running_service(service.workspace) as again:
            assert again.ask("GET", "/readyz", is_anonymous=True).status == 200
            assert sorted(booked(again)) == sorted(found)


@pytest.mark.slow
def test_models_are_prepared_before_there_are_threads() -> None:
    """Without it, one process of five crashes."""
    for _ in range(20):
        done = subprocess.run(
            [sys.executable, "-c", RACE], capture_output=True, timeout=PATIENCE, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
