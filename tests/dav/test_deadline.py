"""One deadline holds in every phase of a request, also against a server that sends a byte now and then."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from support.certificates import certificate
from support.clients import client_of
from support.fault_server import HANG, Action, Drip, fault_server, reply

from gbook.dav.http import Deadline
from gbook.errors import Unreachable

# Seconds of the deadline, and those after which it did not hold: the drips below would take minutes.
SHORT, GENEROUS = 0.4, 15.0
DRIP = Drip(b"x" * 9999)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key with its certificate."""
    return certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")


@contextmanager
def bounded() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < GENEROUS


ANSWERS: dict[str, list[Action]] = {
    "nothing": [HANG],
    "status": [b"HTTP/1.1 2", DRIP],
    "a byte of the status": [Drip(reply(200, b"x" * 9999))],
    "headers": [b"HTTP/1.1 200 OK\r\nX-Long: ", DRIP],
    "more headers": [b"HTTP/1.1 200 OK\r\n", Drip(b"X: y\r\n" * 9999)],
    "body": [reply(200, b"", content_length="9999"), DRIP],
    "no more body": [reply(200, b"whole")[:-1], HANG],
    "unlimited body": [reply(200, b"", content_length=None), DRIP],
    "size of a chunk": [reply(200, content_length=None, transfer_encoding="chunked") + b"5;", DRIP],
    "chunks": [reply(200, content_length=None, transfer_encoding="chunked"), Drip(b"1\r\nx\r\n" * 9999)],
    "trailers": [reply(200, b"x", chunk=1)[:-2], Drip(b"X: y\r\n" * 9999)],
    "continue": [Drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 999, seconds=0.001)],
}


@pytest.mark.parametrize(
    ("verb", "phase"), [*(("write", phase) for phase in ANSWERS), ("read", "nothing"), ("read", "body")]
)
def test_it_holds_in_an_answer(verb: str, phase: str) -> None:
    """A write may have been made."""
    with (
        bounded(),
        fault_server([ANSWERS[phase]]) as server,
        client_of(server.url, seconds=SHORT) as client,
        pytest.raises(
            Unreachable, match=r"did not answer within 0\.4 s; allow more with --timeout"
        ) as caught,
    ):
        getattr(client, verb)("GET", "/")
    assert caught.value.sent


@pytest.mark.parametrize("phase", ["nothing", "headers", "body"])
def test_it_holds_over_tls(phase: str, signed: Path) -> None:
    """Each byte is a record of its own."""
    with (
        bounded(),
        fault_server([ANSWERS[phase]], tls=signed) as server,
        client_of(server.url, seconds=SHORT, ca_file=signed) as client,
        pytest.raises(Unreachable, match="did not answer within"),
    ):
        client.read("GET", "/")


@pytest.mark.parametrize("greeting", [[HANG], [b"\x16\x03\x03\x40\x00", DRIP]])
def test_it_holds_in_a_handshake(greeting: list[Action], signed: Path) -> None:
    """Nothing was sent."""
    with (
        bounded(),
        fault_server(reply(), greeting=greeting, tls=signed) as server,
        client_of(server.url, seconds=SHORT, ca_file=signed) as client,
        pytest.raises(Unreachable, match="did not answer within") as caught,
    ):
        client.write("PUT", "/")
    assert not caught.value.sent


def test_it_holds_while_a_large_body_is_sent() -> None:
    """A server that reads no more; the request is not whole, so it cannot have been made."""
    with (
        bounded(),
        fault_server(reply(), greeting=[HANG]) as server,
        client_of(server.url, seconds=SHORT) as client,
        pytest.raises(Unreachable, match="did not answer within") as caught,
    ):
        client.write("PUT", "/", body=bytes(64 << 20))
    assert not caught.value.sent


def test_it_holds_while_a_connection_is_made() -> None:
    """A host that takes no more connections answers nothing."""
    with ExitStack() as sockets, bounded():
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        with (
            client_of(f"http://127.0.0.1:{listener.getsockname()[1]}/", seconds=SHORT) as client,
            pytest.raises(Unreachable, match="did not answer within") as caught,
        ):
            client.write("PUT", "/")
    assert not caught.value.sent


def test_it_is_one_for_all_requests() -> None:
    """Redirects and repeated reads get no time of their own; when it has passed, nothing is sent."""
    with fault_server(reply()) as server, client_of(server.url, seconds=60) as client:
        client.read("GET", "/")
        client._deadline._end = 0.0
        for ask in (client.read, client.write):
            with pytest.raises(Unreachable, match="did not answer within 60 s") as caught:
                ask("GET", "/")
            assert not caught.value.sent
    assert len(server.requests) == 1


def test_one_address_of_a_host_does_not_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with IPv6 in a network that loses it is reached by IPv4."""
    with ExitStack() as sockets, fault_server(reply(204)) as server:
        silent = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(silent.getsockname())
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (silent.getsockname()[1], server.port)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with client_of(server.url, seconds=2) as client:
            assert client.read("GET", "/").status == 204


def test_a_deadline_counts_down_to_nothing() -> None:
    """It never is negative."""
    deadline = Deadline.after(3600)
    assert 3500 < deadline.remaining() <= 3600 and not deadline.passed and deadline.seconds == 3600
    over = Deadline.after(-1)
    assert over.remaining() == 0 and over.passed
    with pytest.raises(TimeoutError):
        over.wait_seconds()
