"""Connections: whatever a client sends or does not send, others are answered."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email import message_from_bytes
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from support.http_service import HttpService, running_service
from support.running import PATIENCE
from support.samples import copy_samples
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from gbook.service.server import connections, requests
from gbook.service.server.connections import Channel

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpService]:
    """A server for all tests: what one does to it must not concern the next."""
    with running_service(copy_samples(tmp_path_factory.mktemp("workspace"))) as running:
        yield running


class Raw(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Any
    body: bytes


def connect(service: HttpService) -> socket.socket:
    """Open a connection."""
    return socket.create_connection(service.address, PATIENCE)


def read_answer(stream: Any) -> Raw:
    """Read one answer from a connection."""
    status = int(stream.readline().split()[1])
    lines = iter(stream.readline, b"\r\n")
    headers = message_from_bytes(b"".join(lines))
    return Raw(status, headers, stream.read(int(headers["Content-Length"])))


def refusal(service: HttpService, sent: bytes) -> Raw:
    """Return the answer to bytes that are refused, after which the connection is closed."""
    with connect(service) as client:
        client.sendall(sent)
        stream = client.makefile("rb")
        answer = read_answer(stream)
        assert stream.read() == b""
    document = json.loads(answer.body)
    assert document["requestId"] == answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", document["requestId"])
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Server"] is None
    return answer


def is_answered(service: HttpService) -> bool:
    """Return whether somebody else gets an answer now."""
    return service.ask("GET", "/healthz", is_anonymous=True).status == 200


def test_silent_connections_keep_nobody_out(service: HttpService) -> None:
    """Two hundred connections send nothing."""
    with ExitStack() as held:
        for _ in range(200):
            held.enter_context(connect(service))
        assert is_answered(service)


def test_half_requests_keep_nobody_out(service: HttpService) -> None:
    """Fifty connections have sent a part: of the first line, of a header, of a body."""
    parts = [b"GET /heal", HEALTH[:-4], b"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123"]
    with ExitStack() as held:
        for number in range(50):
            held.enter_context(connect(service)).sendall(parts[number % len(parts)])
        assert is_answered(service)


def test_a_client_that_has_sent_all_is_answered(service: HttpService) -> None:
    """It has closed its side."""
    with connect(service) as client:
        client.sendall(HEALTH)
        client.shutdown(socket.SHUT_WR)
        stream = client.makefile("rb")
        assert read_answer(stream).status == 200
        assert stream.read() == b""


def test_clients_that_leave_are_forgotten(service: HttpService) -> None:
    """Fifty leave without their answers."""
    for _ in range(50):
        with connect(service) as client:
            client.sendall(HEALTH * 3)
    assert is_answered(service)
    assert "Traceback" not in service.log
    assert "a bug in gbook" not in service.log


def test_requests_are_answered_in_their_order(service: HttpService) -> None:
    """A hundred come at once on one connection."""
    paths = [f"/none/{number}" if number % 3 else "/healthz" for number in range(100)]
    with connect(service) as client:
        sent = "".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths)
        client.sendall(sent.encode())
        stream = client.makefile("rb")
        answers = [read_answer(stream).status for _ in paths]
    assert answers == [200 if path == "/healthz" else 404 for path in paths]


def test_a_request_comes_byte_by_byte(service: HttpService) -> None:
    """It is as good as any other."""
    with connect(service) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in HEALTH:
            client.sendall(bytes([byte]))
        assert read_answer(client.makefile("rb")).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(service: HttpService, sent: bytes) -> None:
    """The answer is a document like all others."""
    answer = refusal(service, sent)
    assert answer.status in (400, 501)
    assert json.loads(answer.body)["code"] == "invalid_request"


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["two lengths", "HTTP/1.0"],
)
def test_a_request_of_ambiguous_length_hides_no_second_one(service: HttpService, head: bytes) -> None:
    """A proxy may read its length in the other way: it is refused, and what follows is not read."""
    answer = refusal(service, head + b"0\r\n\r\n" + HEALTH)
    assert answer.status == 400


def test_a_long_body_is_refused(service: HttpService) -> None:
    """One of 1 MiB is taken; the answer to a longer one is not lost while the rest of it comes."""
    head = b"POST /v1/none HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    with connect(service) as client:
        client.sendall(head % (1 << 20) + b"x" * (1 << 20))
        assert read_answer(client.makefile("rb")).status == 404
    answer = refusal(service, head % ((1 << 20) + 1) + b"x" * ((1 << 20) + 1))
    assert (answer.status, json.loads(answer.body)["code"]) == (413, "too_large")


def test_a_body_of_unknown_length_has_the_same_limit(service: HttpService) -> None:
    """Its chunks are counted as they come."""
    head = b"POST /v1/none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = refusal(service, head + b"10000\r\n%s\r\n" % (b"x" * 65536) * 17)
    assert (answer.status, json.loads(answer.body)["code"]) == (413, "too_large")


def test_a_guest_whose_file_is_too_long_gets_a_page(service: HttpService) -> None:
    """In the guest's language, with the way back."""
    head = b"POST /b/demo/mine?lang=de HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    with connect(service) as client:
        client.sendall(head % (17 << 20) + b"x" * (17 << 20))
        answer = read_answer(client.makefile("rb"))
    assert answer.status == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>Das ist zu groß</h1>" in answer.body.decode()
    assert 'href="/b/demo?lang=de"' in answer.body.decode()


def test_long_headers_are_refused(service: HttpService) -> None:
    """They have a limit of 64 KiB."""
    sent = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n\r\n" % (b"x" * 70_000)
    answer = refusal(service, sent)
    assert (answer.status, json.loads(answer.body)["code"]) == (431, "too_large")


def test_the_server_does_not_name_itself(service: HttpService) -> None:
    """No header has a version."""
    answer = service.ask("GET", "/healthz", is_anonymous=True)
    assert set(answer.headers) == {"content-length", "content-type", "date", "x-request-id"}


def test_too_many_connections_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that has been silent for the longest is closed."""
    monkeypatch.setattr(connections, "CONNECTIONS", 3)
    channels: dict[int, Any] = {}
    with ExitStack() as held:
        opened = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        server = connections.listener(lambda *request: [], opened, channels, ThreadedTaskDispatcher())
        clients = []
        for _ in range(5):
            clients.append(held.enter_context(socket.create_connection(opened.getsockname(), PATIENCE)))
            wasyncore.poll2(1, channels)
        assert len(server.active_channels) == 3
        assert [client.recv(1) for client in clients[:2]] == [b"", b""]
        for each in list(channels.values()):
            each.close()


def channel(**state: Any) -> Channel:
    """Return a connection in some state, without a socket."""
    made = Channel.__new__(Channel)
    made.requests, made.last_activity = [], 1000.0
    for name, value in state.items():
        setattr(made, name, value)
    return made


# Bytes go on coming, but the request began long ago.
COMING = {"began": 1000.0, "last_activity": 2000.0, "has_served": True}


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        ({}, connections.FIRST_SECONDS),
        ({"has_served": True}, connections.IDLE_SECONDS),
        ({**COMING, "request": requests.IncomingRequest(None)}, requests.REQUEST_SECONDS),
        ({"total_outbufs_len": 1, "has_served": True}, connections.SEND_SECONDS),
        ({"drained_since": 1000.0}, connections.LINGER_SECONDS),
    ],
)
def test_no_client_lets_the_server_wait_for_ever(state: dict[str, Any], seconds: float) -> None:
    """Each kind of waiting has its end; a request that is being answered has none."""
    assert not channel(**state).is_overdue(1000.0 + seconds)
    assert channel(**state).is_overdue(1000.1 + seconds)
    assert not channel(**state | {"requests": [SimpleNamespace()]}).is_overdue(time.time())
