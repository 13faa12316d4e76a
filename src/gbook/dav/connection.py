"""One connection to a server: set up within the deadline, kept alive, never trusted to be."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import NamedTuple

from gbook.dav.body import read_body
from gbook.dav.deadline import Deadline
from gbook.dav.proxy import proxy_for
from gbook.dav.wire import Wire
from gbook.urls import Url

__all__ = ["Connection", "CutHeaders", "Request"]

# Bytes of a status line and headers. http.client has limits for one line and the number of lines.
HEAD_LIMIT = 1 << 18


class CutHeaders(HTTPException):
    """The connection ended within the headers; http.client would take them for whole."""


class Request(NamedTuple):
    """One request to one address."""

    method: str
    url: Url
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """A connection to the host of a URL.

    `sent`: the last request was handed over completely, so the server may act on it. `answered`: the status
    of its answer has arrived.
    """

    def __init__(self, url: Url, deadline: Deadline, tls: ssl.SSLContext | None) -> None:
        self.sent = self.answered = False
        self.last_used = monotonic()
        self.wire = _connect(url, deadline, tls)
        self._http = HTTPConnection(url.host, url.port)
        self._http.auto_open = 0
        self._http.sock = self.wire

    def ask(self, request: Request) -> HTTPResponse:
        """Send a request, and return its answer with the body still to be read.

        Raises OSError, HTTPException, TooMuch.
        """
        self.sent = self.answered = False
        self._http.request(
            request.method,
            request.url.target,
            request.body or None,
            {"Host": request.url.shown, **request.headers},
        )
        self.sent = True
        self.wire.allow(HEAD_LIMIT)
        answer = self._http.getresponse()
        if self.wire.ended:
            raise CutHeaders
        self.answered = True
        return answer

    def body(self, answer: HTTPResponse, limit: int, ratio: int) -> bytes:
        """Return the body of the last answer, within the limits of `read_body`, and raise its errors."""
        # Twice, for what divides a body into chunks. A wrong length of a chunk could mean: all there is.
        self.wire.allow(2 * limit + HEAD_LIMIT)
        return read_body(answer, limit, ratio)

    def is_usable(self, idle_limit: float) -> bool:
        """Return whether the connection is open, and its last answer at most `idle_limit` seconds old."""
        return monotonic() - self.last_used <= idle_limit and self.wire.is_quiet()

    def close(self) -> None:
        """Close the connection."""
        self.wire.shut()


def _connect(url: Url, deadline: Deadline, tls: ssl.SSLContext | None) -> Wire:
    proxy = proxy_for(url)
    host, port = (proxy.host, proxy.port) if proxy else (url.host.strip("[]"), url.port)
    connected = _connected(host, port, deadline)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if proxy:
            proxy.tunnel(Wire(connected, deadline), url)
        if tls:
            connected.settimeout(deadline.wait_seconds())
            name = url.host.strip("[]")
            connected = tls.wrap_socket(connected, server_hostname=name, suppress_ragged_eofs=False)
    except BaseException:
        connected.close()
        raise
    return Wire(connected, deadline)


def _connected(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a connection to the first address of a host that accepts one.

    Each address gets its share of the time, so that one network that loses packets does not take all of it.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = OSError("no address")
    for i, (family, kind, protocol, _, address) in enumerate(addresses):
        connected = socket.socket(family, kind, protocol)
        try:
            connected.settimeout(deadline.wait_seconds() / (len(addresses) - i))
            connected.connect(address)
        except OSError as error:
            connected.close()
            failure = error
        else:
            return connected
    raise failure
