"""Requests to one server: within a deadline and limits, with a login that only this server gets.

The library's http.client parses HTTP; it has no total time limit, follows no redirect, and takes a cut answer
for a whole one, so this module and its neighbours do that. Names are resolved by the system, outside the
deadline.

A read uses a connection that was kept alive, and is repeated once if the server has closed it meanwhile. A
write is never repeated. It uses a kept connection only right after another answer, while the server has not
closed it: a new one would cost two or three round trips in each booking. A connection that breaks in that
moment makes the result of the write unknown, which the caller has to expect of every write.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from pathlib import Path
from ssl import SSLEOFError
from time import monotonic, time
from types import MappingProxyType
from typing import NamedTuple, Self

from gbook import __version__
from gbook.dav.body import Limits
from gbook.dav.connection import Connection, Request
from gbook.dav.deadline import Deadline
from gbook.dav.failures import status_reason, transport_reason
from gbook.dav.login import Login
from gbook.dav.tls import tls_context
from gbook.dav.wire import TooMuch
from gbook.errors import GbookError, InvalidFile, LoginRefused, Unreachable
from gbook.urls import Url, parse_url

__all__ = ["Client", "Limits", "Response"]

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
# Seconds after an answer in which a connection is used again. Servers close idle ones after 5 s or more.
IDLE_READ, IDLE_WRITE = 60.0, 2.0
# Errors that mean: the server had closed the connection before the request came.
CLOSED = (RemoteDisconnected, ConnectionResetError, ConnectionAbortedError, BrokenPipeError, SSLEOFError)
NONE: Mapping[str, str] = MappingProxyType({})
_FOLD = re.compile(r"\s*[\r\n]+\s*")


class Response(NamedTuple):
    """An answer: header names in lower case; `url` is the address after all redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def date(self) -> float | None:
        """The server's clock in UTC seconds (RFC 9110 §6.6.1), if the answer has it."""
        from email.utils import parsedate_to_datetime

        try:
            return parsedate_to_datetime(self.headers["date"]).replace(tzinfo=UTC).timestamp()
        except (KeyError, ValueError, OverflowError):
            return None


class Client:
    """A client of one server: the origin of `base_url` gets the login, no other does.

    `authorization` returns the value of the Authorization header, or None; it is called once. The client is
    not to be shared between threads. Every error names the host, and nothing else of an address.
    """

    def __init__(
        self,
        base_url: str,
        authorization: Callable[[], str | None],
        deadline: Deadline,
        *,
        ca_file: Path | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self._home = parse_url(base_url)
        self._login = Login(authorization)
        self._deadline = deadline
        self._ca_file = ca_file
        self._limits = limits
        self._connections: dict[tuple[str, str, int], Connection] = {}
        # How many seconds the server's clock was ahead at its last answer, if that had a date.
        self.clock_skew: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def renew(self, deadline: Deadline) -> None:
        """Let the next requests have another deadline, also on connections that are kept."""
        self._deadline = deadline
        for connection in self._connections.values():
            connection.wire.deadline = deadline

    def close(self) -> None:
        """Close all connections."""
        while self._connections:
            self._connections.popitem()[1].close()

    def read(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NONE,
        body: bytes = b"",
        depth: int | None = None,
    ) -> Response:
        """Send a request that changes nothing, and return the answer after at most 5 redirects.

        `url` may be relative to the base URL. Raises LoginRefused for 401; Unreachable for 429, 5xx, and
        every answer that did not arrive whole; InvalidFile for wrong redirects and answers over the limits.
        """
        fields = {"Accept-Encoding": "gzip", **headers}
        if depth is not None:
            fields["Depth"] = str(depth)
        target = self._url(self._home, url)
        for _ in range(MOST_REDIRECTS + 1):
            response = self._exchange(Request(method, target, fields, body), is_read=True)
            if response.status not in REDIRECTS:
                return response
            target = self._redirected(target, response)
        raise InvalidFile(
            self._home.shown, [f"redirects more than {MOST_REDIRECTS} times; check its address"]
        )

    def write(
        self, method: str, url: str, *, headers: Mapping[str, str] = NONE, body: bytes = b""
    ) -> Response:
        """Send a request that may change something, once, to this address only.

        Raises LoginRefused for 401, InvalidFile for a redirect, and Unreachable for 429, 5xx and every answer
        that did not arrive whole; `sent` of the last one says whether the server may have acted.
        """
        target = self._url(self._home, url)
        response = self._exchange(Request(method, target, headers, body), is_read=False)
        if response.status in REDIRECTS:
            new = self._redirected(target, response)
            raise InvalidFile(
                target.shown, [f"redirects a write to {new.shown}; change the url to the new address"]
            )
        return response

    def _url(self, base: Url, reference: str) -> Url:
        try:
            return base.join(reference)
        except ValueError as error:
            raise InvalidFile(base.shown, [f"{error}"]) from None

    def _redirected(self, source: Url, response: Response) -> Url:
        if not (location := response.headers.get("location")):
            raise InvalidFile(source.shown, ["redirects without an address"])
        target = self._url(source, location)
        if (source.scheme, target.scheme) == ("https", "http"):
            raise InvalidFile(source.shown, [f"redirects to {target.shown} without TLS, which is not safe"])
        return target

    def _exchange(self, request: Request, *, is_read: bool) -> Response:
        """Send a request; `is_read` says that it only reads."""
        signed = self._with_login(request)
        connection = self._kept(request.url, IDLE_READ if is_read else IDLE_WRITE)
        was_kept = connection is not None
        try:
            connection = connection or self._new(request.url)
            return self._received(connection, signed)
        except (OSError, HTTPException, zlib.error, TooMuch) as error:
            self._drop(request.url)
            has_answered = connection is not None and connection.answered
            if is_read and was_kept and isinstance(error, CLOSED) and not has_answered:
                return self._exchange(request, is_read=True)
            raise self._failure(request.url, error, connection, is_read=is_read) from error
        except BaseException:
            self._drop(request.url)
            raise

    def _received(self, connection: Connection, request: Request) -> Response:
        answer = connection.ask(request)
        if answer.status == 401 and self._is_home(request.url) and self._login.accepts(_challenges(answer)):
            connection.body(answer, self._limits.resource, self._limits.ratio)
            self._keep(connection, request.url, answer)
            connection = self._kept(request.url, IDLE_WRITE) or self._new(request.url)
            answer = connection.ask(self._with_login(request))
        self._check_status(request.url, answer)
        limit = self._limits.resource if request.method == "GET" else self._limits.listing
        body = connection.body(answer, limit, self._limits.ratio)
        self._keep(connection, request.url, answer)
        response = Response(answer.status, _headers(answer), body, str(request.url))
        if response.date is not None:
            self.clock_skew = response.date - time()
        return response

    def _check_status(self, url: Url, answer: HTTPResponse) -> None:
        """Raise LoginRefused or Unreachable for a status that is no answer to the request."""
        status = answer.status
        if status == 401:
            raise LoginRefused(f"{url.shown}: {self._login_reason(url)}", server=url.shown)
        if not 200 <= status < 500 or status in (407, 429):
            reason = status_reason(status, answer.getheader("Retry-After"))
            raise Unreachable(url.shown, reason, sent=True, status=status)

    def _login_reason(self, url: Url) -> str:
        if not self._is_home(url):
            return (
                f"asks for a login, but only {self._home.shown} gets it; change the url if this host is right"
            )
        if not self._login.is_known:
            return (
                "asks for a login; add a server with username and passwordCommand to gbook.yaml, "
                "as `gbook account discover` does"
            )
        return "refuses the login; check the user name and the password"

    def _with_login(self, request: Request) -> Request:
        login = self._login.header(request.method, request.url.target) if self._is_home(request.url) else {}
        return request._replace(headers={"User-Agent": f"gbook/{__version__}", **request.headers, **login})

    def _is_home(self, url: Url) -> bool:
        return url.origin == self._home.origin

    def _kept(self, url: Url, idle_limit: float) -> Connection | None:
        """Return the connection to the origin of a URL that was kept alive, if it still is."""
        connection = self._connections.get(url.origin)
        if connection and not connection.is_usable(idle_limit):
            self._drop(url)
            return None
        return connection

    def _new(self, url: Url) -> Connection:
        tls = tls_context(self._ca_file) if url.scheme == "https" else None
        connection = Connection(url, self._deadline, tls)
        self._connections[url.origin] = connection
        return connection

    def _keep(self, connection: Connection, url: Url, answer: HTTPResponse) -> None:
        connection.last_used = monotonic()
        if answer.will_close:
            self._drop(url)

    def _drop(self, url: Url) -> None:
        if connection := self._connections.pop(url.origin, None):
            connection.close()

    def _failure(
        self, url: Url, error: Exception, connection: Connection | None, *, is_read: bool
    ) -> GbookError:
        if isinstance(error, TooMuch):
            if is_read:
                return InvalidFile(url.shown, [str(error)])
            reason = str(error)
        else:
            reason = transport_reason(error, self._deadline)
        return Unreachable(url.shown, reason, sent=bool(connection and connection.sent))


def _challenges(answer: HTTPResponse) -> list[str]:
    return answer.headers.get_all("WWW-Authenticate", [])


def _headers(answer: HTTPResponse) -> Mapping[str, str]:
    return {
        name: ", ".join(_FOLD.sub(" ", value) for value in answer.headers.get_all(name, ()))
        for name in {name.lower() for name in answer.headers}
    }
