"""The form with a guest's own calendar: much longer than any other, and few of them at a time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

import pytest
from support.http_service import HttpService, running_service
from support.ics import raw_vcalendar, raw_vevent
from support.page_guest import make_page_office
from support.running import PATIENCE

from gbook.service.server.connections import THREADS, adjustments
from gbook.service.server.requests import (
    BODY_BYTES,
    FILE_BYTES,
    FILE_SECONDS,
    MOST_FILES,
    REQUEST_SECONDS,
    IncomingRequest,
)

MINE = "/b/demo/mine?lang=en"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpService]:
    """A server for all tests: what one does to it must not concern the next."""
    office = make_page_office(tmp_path_factory.mktemp("office") / "office")
    with running_service(office, GBOOK_NOW="2026-11-23T08:00:00Z") as running:
        yield running


class Raw(NamedTuple):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: str


def connect(service: HttpService) -> socket.socket:
    """Open a connection."""
    return socket.create_connection(service.address, PATIENCE)


def head(length: int, path: str = MINE, more: str = "") -> bytes:
    """Return the header of a form with a file, `more` of its lines among them."""
    lines = f"Content-Length: {length}\r\nSec-Fetch-Site: same-origin\r\n{more}"
    kind = "Content-Type: multipart/form-data; boundary=x"
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}{kind}\r\n\r\n".encode()


def form(length: int) -> bytes:
    """Return a form with a file of nearly this many bytes: the invitations of years, as they are exported."""
    text = b"DESCRIPTION:" + b"\r\n ".join([b"Join the meeting: https://example.com/meet/1234567890"] * 60)
    event = raw_vevent("a", b"DTSTART:20190101T090000Z", b"DTEND:20190101T100000Z", text)
    calendar = raw_vcalendar(*[event] * (length // len(event)))
    disposition = b'Content-Disposition: form-data; name="ics"; filename="my.ics"'
    return b"--x\r\n" + disposition + b"\r\n\r\n" + calendar + b"\r\n--x--\r\n"


def answer(client: socket.socket, sent: bytes) -> Raw:
    """Return the answer to what is sent on a connection."""
    client.sendall(sent)
    response = HTTPResponse(client)
    response.begin()
    return Raw(response.status, {**response.headers}, response.read().decode())


def asked(service: HttpService, sent: bytes) -> Raw:
    """Return the answer to a client of its own."""
    with connect(service) as client:
        return answer(client, sent)


def test_a_calendar_of_many_years_is_read(service: HttpService) -> None:
    """It may have 16 MiB; the form of no other address may."""
    body = form(FILE_BYTES - 10_000)
    assert 15 * BODY_BYTES < len(body) < FILE_BYTES
    read = asked(service, head(len(body)) + body)
    assert read.status == 303 and "mine=" in read.headers["Location"]
    assert asked(service, head(len(body), "/b/demo")).status == 413
    assert asked(service, head(FILE_BYTES)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n").status == 400
    assert asked(service, head(FILE_BYTES + 1)).status == 413


def test_few_long_files_are_in_memory(service: HttpService) -> None:
    """Another one is refused before it is read, others are answered, and it is taken when one has left."""
    body = form(2 * BODY_BYTES)
    with ExitStack() as held:
        slow = [held.enter_context(connect(service)) for _ in range(MOST_FILES)]
        for client in slow:
            client.sendall(head(len(body)) + body[:-100])
        for sent in (head(len(body)), head(len(body), more="Expect: 100-continue\r\n")):
            refused = asked(service, sent)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
            assert "<h1>Please wait a moment</h1>" in refused.body
            assert "Nothing is booked or changed." in refused.body
        assert service.ask("GET", "/b/demo", is_anonymous=True).status == 200
        small = form(BODY_BYTES // 2)
        assert asked(service, head(len(small)) + small).status == 303
        assert answer(slow[0], body[-100:]).status == 303
        slow[1].close()
        until = time.monotonic() + PATIENCE
        while (taken := asked(service, head(len(body)) + body)).status == 503:
            assert time.monotonic() < until
        assert taken.status == 303


def resident(service: HttpService) -> int:
    """Return the bytes of memory that a service has now."""
    status = Path(f"/proc/{service.process.pid}/status").read_text("utf-8")
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_long_files_leave_no_memory_behind(tmp_path: Path) -> None:
    """Each thread has had one, and keeps none of it."""
    with running_service(make_page_office(tmp_path / "office")) as service:
        body = form(FILE_BYTES - 10_000).replace(b"BEGIN", b"BEGUN")
        first = resident(service)
        for _ in range(THREADS):
            assert "unread=none" in asked(service, head(len(body)) + body).headers["Location"]
        assert resident(service) - first < 2 * FILE_BYTES


def test_a_long_file_has_more_time() -> None:
    """Many guests have connections that send slowly."""

    def seconds(sent: bytes) -> float:
        request = IncomingRequest(adjustments())
        request.received(sent)
        return request.seconds

    assert seconds(head(BODY_BYTES + 1)) == FILE_SECONDS > REQUEST_SECONDS
    assert seconds(head(BODY_BYTES)) == seconds(head(BODY_BYTES, "/b/demo")) == REQUEST_SECONDS
