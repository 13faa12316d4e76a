"""One deadline holds in every phase of a request, also against a server that sends a byte now and then."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from support.certificates import certificate
from support.clients import client_of
from support.fault_server import HANG, Action, Drip, fault_server, reply

from gbook.dav.deadline import Deadline
from gbook.errors import Unreachable

# Seconds of the deadline, and those after which it did not hold: the drips below would take minutes.
SHORT, GENEROUS = 1.0, 30.0
DRIP = Drip(b"x" * 9999)


class Phase(NamedTuple):
    """What a server does, and whether the request has then been sent."""

    answer: Sequence[Action] = (HANG,)
    greeting: Sequence[Action] = ()
    tls: bool = False
    sent: bool = True
    body: bytes = b""


CHUNKED = reply(200, content_length=None, transfer_encoding="chunked")
PHASES = {
    "no handshake": Phase(greeting=[HANG], tls=True, sent=False),
    "slow handshake": Phase(greeting=[b"\x16\x03\x03\x40\x00", DRIP], tls=True, sent=False),
    "request": Phase(greeting=[HANG], sent=False, body=bytes(64 << 20)),
    "no answer": Phase(),
    "status": Phase([b"HTTP/1.1 2", DRIP]),
    "a byte of the status": Phase([Drip(reply(200, b"x" * 9999))]),
    "headers": Phase([b"HTTP/1.1 200 OK\r\nX-Long: ", DRIP]),
    "more headers": Phase([b"HTTP/1.1 200 OK\r\n", Drip(b"X: y\r\n" * 9999)]),
    "body": Phase([reply(200, b"", content_length="9999"), DRIP]),
    "no more body": Phase([reply(200, b"whole")[:-1], HANG]),
    "unlimited body": Phase([reply(200, b"", content_length=None), DRIP]),
    "size of a chunk": Phase([CHUNKED + b"5;", DRIP]),
    "chunks": Phase([CHUNKED, Drip(b"1\r\nx\r\n" * 9999)]),
    "trailers": Phase([reply(200, b"x", chunk=1)[:-2], Drip(b"X: y\r\n" * 9999)]),
    "continue": Phase([Drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 999, seconds=0.001)]),
    "no answer over TLS": Phase(tls=True),
    "headers over TLS": Phase([b"HTTP/1.1 200 OK\r\nX-Long: ", DRIP], tls=True),
    "body over TLS": Phase([reply(200, b"", content_length="9999"), DRIP], tls=True),
}


@pytest.mark.parametrize("verb", ["read", "write"])
def test_it_holds_in_every_phase(verb: str, tmp_path: Path) -> None:
    """Over TLS, each byte is a record of its own. An answer is late if any of it is."""
    signed = certificate(tmp_path / "localhost.pem")

    def outcome(name: str) -> tuple[str, bool]:
        phase = PHASES[name]
        with (
            fault_server(
                [phase.answer], greeting=phase.greeting, tls=signed if phase.tls else None
            ) as server,
            client_of(server.url, seconds=SHORT, ca_file=signed) as client,
            pytest.raises(Unreachable) as caught,
        ):
            getattr(client, verb)("PUT", "/", body=phase.body)
        return caught.value.message.partition(": ")[2], caught.value.sent

    started = time.monotonic()
    with ThreadPoolExecutor(len(PHASES)) as threads:
        outcomes = dict(zip(PHASES, threads.map(outcome, PHASES), strict=True))
    late = "did not answer within 1 s; allow more with --timeout"
    assert outcomes == {name: (late, phase.sent) for name, phase in PHASES.items()}
    assert time.monotonic() - started < GENEROUS


@contextmanager
def full_port() -> Iterator[int]:
    """A port whose listener takes no more connections."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


def test_it_holds_while_a_connection_is_made() -> None:
    """A host that takes no more connections answers nothing."""
    with (
        full_port() as port,
        client_of(f"http://127.0.0.1:{port}/", seconds=SHORT) as client,
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
    with full_port() as silent, fault_server(reply(204)) as server:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (silent, server.port)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with client_of(server.url, seconds=2) as client:
            assert client.read("GET", "/").status == 204


def test_a_deadline_counts_down_to_nothing() -> None:
    """It never is negative."""
    deadline = Deadline.after(3600)
    assert 3500 < deadline.remaining() <= 3600 and deadline.seconds == 3600
    over = Deadline.after(-1)
    assert over.remaining() == 0
    with pytest.raises(TimeoutError):
        over.wait_seconds()
