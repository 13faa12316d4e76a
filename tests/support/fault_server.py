"""An HTTP server on a loopback port that fails as it is told, with real sockets.

A script says what the server does, request by request. It is the answer to every request, a list of answers
of which the last repeats, or a function from a `Request` to its answer. An answer is bytes (`reply` makes
them), or a list of bytes and actions:

    with fault_server(reply(200, b"hello")) as server:
    with fault_server([reply(500), reply(200, b"now")]) as server:
    with fault_server(lambda request: reply(200, request.body)) as server:
    with fault_server([[reply(200, b"hello")[:-2], CLOSE]]) as server:   # a cut body
    with fault_server([[b"HTTP/1.1 200 OK\\r\\n", Drip(b"X: y\\r\\n" * 99)]]) as server:  # a byte each 0.05 s
    with fault_server([[HANG]]) as server:                               # no answer
    with fault_server([[store.commit, RESET]]) as server:                # acts, then loses the answer

A function without parameters among the actions is called, for example to commit before a fault. After an
answer the connection stays open for the next request, unless an action has ended it or the bytes say
`Connection: close`. Closing after a complete answer: `[reply(200), CLOSE]`.

`greeting` is played on each new connection before anything is read: `greeting=[HANG]` never starts TLS,
`greeting=[b"220 mail\\r\\n", CLOSE]` is another kind of server.
`tls` is a PEM file with a key and its certificate (support.certificates makes one).

`server.url` is its address, `server.requests` what it has received, `server.connections` how many connections
it has accepted. Leaving the block ends everything that waits.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from http.client import responses
from pathlib import Path
from typing import BinaryIO, NamedTuple

__all__ = [
    "CLOSE",
    "HANG",
    "RESET",
    "Answer",
    "Drip",
    "FaultServer",
    "Request",
    "fault_server",
    "reply",
]


class Ending(Enum):
    """An action that ends a connection, or its answers."""

    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"


CLOSE, RESET, HANG = Ending.CLOSE, Ending.RESET, Ending.HANG


class Drip(NamedTuple):
    """Bytes that are sent one by one."""

    content: bytes
    seconds: float = 0.05


class Request(NamedTuple):
    """A request as received. Names of headers are in lower case; `connection` counts from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


Action = bytes | Drip | Ending | Callable[[], object]
Answer = bytes | Sequence[Action]
Script = bytes | Sequence[Answer] | Callable[[Request], Answer]


def reply(status: int = 200, body: bytes = b"", *, chunk: int = 0, **headers: str | None) -> bytes:
    """Return a whole answer, in chunks of `chunk` bytes (RFC 9112 §7.1) if that is given.

    `content_type="text/html"` is a header, and None leaves a header out.
    """
    length: dict[str, str | None] = (
        {"transfer_encoding": "chunked"} if chunk else {"content_length": str(len(body))}
    )
    lines = [
        f"{name.replace('_', '-').title()}: {value}" for name, value in (length | headers).items() if value
    ]
    head = "\r\n".join([f"HTTP/1.1 {status} {responses.get(status, 'Odd')}", *lines, "", ""]).encode()
    if not chunk:
        return head + body
    pieces = [body[i : i + chunk] for i in range(0, len(body), chunk)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


class FaultServer:
    """A server that plays a script; see the docstring of the module."""

    def __init__(self, script: Script, greeting: Sequence[Action], tls: Path | None, host: str) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._answers = _player(script)
        self._greeting = greeting
        self._context = _server_context(tls) if tls else None
        self._listener = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://localhost:{self.port}/"

    def close(self) -> None:
        """End everything that waits."""
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connected in self._open:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                connected, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connected, self.connections), daemon=True).start()

    def _serve(self, connected: socket.socket, number: int) -> None:
        with self._lock:
            self._open.add(connected)
        with suppress(OSError), connected:
            if self._play(connected, self._greeting):
                self._converse(connected, number)

    def _converse(self, connected: socket.socket, number: int) -> None:
        if self._context:
            connected = self._context.wrap_socket(connected, server_side=True)
        with connected, connected.makefile("rb") as stream:
            while (request := _read_request(stream, number)) and self._answer(connected, request):
                pass

    def _answer(self, connected: socket.socket, request: Request) -> bool:
        """Answer a request; return whether the connection stays open."""
        with self._lock:
            self.requests.append(request)
            answer = self._answers(request)
        actions = [answer] if isinstance(answer, bytes) else answer
        written = b"".join(action for action in actions if isinstance(action, bytes))
        return self._play(connected, actions) and b"\r\nConnection: close" not in written

    def _play(self, connected: socket.socket, actions: Sequence[Action]) -> bool:
        for action in actions:
            if isinstance(action, bytes):
                connected.sendall(action)
            elif isinstance(action, Drip):
                for i in range(len(action.content)):
                    if self._over.wait(action.seconds):
                        return False
                    connected.sendall(action.content[i : i + 1])
            elif action is HANG:
                self._over.wait()
                return False
            elif action is RESET:
                # Closing with SO_LINGER of 0 seconds sends RST.
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            elif action is CLOSE:
                return False
            elif callable(action):
                action()
        return True


def _player(script: Script) -> Callable[[Request], Answer]:
    """Return the function that gives the answer to each request."""
    if callable(script):
        return script
    answers = [script] if isinstance(script, bytes) else script
    left = iter(answers[:-1])
    return lambda _: next(left, answers[-1])


def _read_request(stream: BinaryIO, number: int) -> Request | None:
    """Return the next request of a connection; None at its end, or within a request that was given up."""
    start = stream.readline().split()
    if len(start) != 3:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    body = stream.read(length)
    return (
        Request(start[0].decode(), start[1].decode(), headers, body, number) if len(body) == length else None
    )


def _server_context(tls: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls)
    return context


@contextmanager
def fault_server(
    script: Script,
    *,
    greeting: Sequence[Action] = (),
    tls: Path | None = None,
    host: str = "127.0.0.1",
) -> Iterator[FaultServer]:
    """Run a server on a free port of this machine."""
    server = FaultServer(script, greeting, tls, host)
    try:
        yield server
    finally:
        server.close()
