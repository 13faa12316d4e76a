"""A proxy before a real CalDAV server, with real sockets, that loses, cuts and changes what it passes on.

    with faulty_proxy(radicale) as proxy:
        proxy.front                      # the server as it is reached through the proxy
        proxy.begin(lost_answer, 7, 8)   # the fault happens to the requests 7 and later, but not to the 8th
        proxy.end()                      # no fault any more; returns whether one has happened

A fault is a function of the request and of `forward`, which carries it out on the server and returns the
answer; it returns what the client gets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypeAlias

from support.caldav_servers import Answer, CalDavServer
from support.fault_server import CLOSE, HANG, RESET, Request, fault_server, reply
from support.fault_server import Answer as Played

__all__ = ["FAULTS", "STALLS", "UNTRUE", "Fault", "FaultyProxy", "faulty_proxy", "moved_clock"]

# Seconds until a request is carried out that its client has given up.
LATE = 1.5
_WANTED = ("content-type", "depth", "if-match", "if-none-match")
_KEPT = ("etag", "content-type", "date", "location", "dav")
_CONDITIONS = ("if-match", "if-none-match")

Forward = Callable[[], Answer]
Fault: TypeAlias = Callable[[Request, Forward], Played]


class FaultyProxy:
    """What the tests ask of the proxy. `methods` limits the faults to requests with these methods."""

    def __init__(self, server: CalDavServer) -> None:
        self._server = server
        self.front = server
        self._fault: Fault | None = None
        self._numbers = range(0)
        self._methods: tuple[str, ...] = ()
        self._count = 0
        self._has_struck = False
        self._late: list[threading.Timer] = []

    def begin(self, fault: Fault, first: int, until: int = 1 << 30, *methods: str) -> None:
        """Let a fault happen to the requests from `first` to before `until`, counted from 0."""
        self._fault, self._numbers, self._methods = fault, range(first, until), methods
        self._count, self._has_struck = 0, False

    def end(self) -> bool:
        """Let no fault happen any more, wait for late requests, and return whether a fault has happened."""
        self._fault = None
        while self._late:
            self._late.pop().join()
        return self._has_struck

    def answer(self, request: Request) -> Played:
        """Answer a request, as the fault wants it."""
        fault = self._fault
        if fault is None or (self._methods and request.method not in self._methods):
            return played(self._forward(request))
        self._count += 1
        if self._count - 1 not in self._numbers:
            return played(self._forward(request))
        self._has_struck = True
        if fault is late:
            timer = threading.Timer(LATE, self._forward_late, [request])
            self._late.append(timer)
            timer.start()
            return [HANG]
        if fault is unconditional:
            headers = {name: text for name, text in request.headers.items() if name not in _CONDITIONS}
            request = request._replace(headers=headers)
        return fault(request, lambda: self._forward(request))

    def _forward(self, request: Request) -> Answer:
        sent: Mapping[str, str] = {
            name.replace("-", "_"): request.headers[name] for name in _WANTED if name in request.headers
        }
        url = self._server.url.rstrip("/") + request.target
        return self._server.ask(request.method, url, request.body, **sent)

    def _forward_late(self, request: Request) -> None:
        with suppress(OSError):
            self._forward(request)


@contextmanager
def faulty_proxy(server: CalDavServer) -> Iterator[FaultyProxy]:
    """Run a proxy before a server on a free port."""
    proxy = FaultyProxy(server)
    with fault_server(proxy.answer) as played_server:
        proxy.front = server._replace(port=played_server.port)
        yield proxy


def played(answer: Answer, **headers: str | None) -> bytes:
    """Return an answer of the server; `headers` replace some of its headers."""
    kept = {name.replace("-", "_"): answer.headers.get(name) for name in _KEPT}
    return reply(answer.status, answer.body, chunk=0, **kept | headers)


# Answers that get lost


def lost_request(request: Request, forward: Forward) -> Played:
    """The connection is reset before the server got the request."""
    return [RESET]


def lost_answer(request: Request, forward: Forward) -> Played:
    """The server acts, and its answer is lost."""
    forward()
    return [RESET]


def closed(request: Request, forward: Forward) -> Played:
    """The server acts, and closes the connection without an answer."""
    forward()
    return [CLOSE]


def cut(request: Request, forward: Forward) -> Played:
    """The server acts, and the last part of its answer is lost."""
    answer = played(forward())
    return [answer[: -len(answer) // 3], CLOSE]


def failed(request: Request, forward: Forward) -> Played:
    """A server in front of it has a failure, and does not pass the request on."""
    return reply(500)


def failed_after(request: Request, forward: Forward) -> Played:
    """The server acts, and reports a failure."""
    forward()
    return reply(500)


def busy(request: Request, forward: Forward) -> Played:
    """The server asks for patience."""
    return reply(503, retry_after="1")


def refused(request: Request, forward: Forward) -> Played:
    """The server does not allow it."""
    return reply(403)


def repeated(request: Request, forward: Forward) -> Played:
    """A proxy sends the request twice, and returns the second answer: the condition has failed then."""
    forward()
    return played(forward())


# Untrue answers


def without_etag(request: Request, forward: Forward) -> Played:
    """The server gives no ETag."""
    return played(forward(), etag=None)


def another_etag(request: Request, forward: Forward) -> Played:
    """A proxy changes the ETag, as some do that compress."""
    answer = forward()
    return played(answer, etag='"another"' if "etag" in answer.headers else None)


def unconditional(request: Request, forward: Forward) -> Played:
    """The conditions of the request are ignored."""
    return played(forward())


# Answers that do not come


def unanswered(request: Request, forward: Forward) -> Played:
    """The server acts, and does not answer."""
    forward()
    return [HANG]


def late(request: Request, forward: Forward) -> Played:
    """The request reaches the server when its client has given it up. The proxy does this itself."""
    raise NotImplementedError


def moved_clock(seconds: float) -> Fault:
    """Return the fault of a server whose clock is ahead by this time."""
    from email.utils import formatdate, parsedate_to_datetime

    def fault(request: Request, forward: Forward) -> Played:
        answer = forward()
        present = parsedate_to_datetime(answer.headers["date"]).timestamp()
        return played(answer, date=formatdate(present + seconds, usegmt=True))

    return fault


FAULTS = (lost_request, lost_answer, closed, cut, failed, failed_after, busy, refused, repeated)
UNTRUE = (without_etag, another_etag, unconditional)
STALLS = (unanswered, late)
