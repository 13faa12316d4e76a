"""The connections of the server: waitress, with limits by which no client keeps others out.

A request must arrive within its time, and a connection must bring its first one within FIRST_SECONDS.
When there are too many connections, the one that has been silent for the longest gives way.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from gbook.service import log
from gbook.service.server.refusals import refusal_of
from gbook.service.server.requests import BODY_BYTES, FILE_BYTES, IncomingRequest

__all__ = ["Channel", "adjustments", "listener"]

THREADS = 8
FIRST_SECONDS = 20
# Longer than proxies keep a connection that they do not use, so that they close it first.
IDLE_SECONDS = 150
# A client that does not read its answer.
SEND_SECONDS = 30
CONNECTIONS = 1000
HEADER_BYTES = 64 << 10
# An answer to a request that is too long is read before the rest of the request is thrown away.
LINGER_SECONDS = 1


def adjustments() -> Adjustments:
    """Return how waitress is to run: nothing of a request or an answer is written to a disk."""
    return Adjustments(
        threads=THREADS,
        connection_limit=2 * CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=1,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=BODY_BYTES + 1,
        inbuf_overflow=2 * FILE_BYTES,
        outbuf_overflow=64 << 20,
        log_socket_errors=False,
        # Whose X-Forwarded-For is believed is decided per request, by gbook.yaml.
        clear_untrusted_proxy_headers=False,
        ident=None,
        asyncore_use_poll=True,
    )


class _Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to bytes that are no request, or a too long one."""

    def execute(self) -> None:
        error, request_id = self.request.error, str(uuid.uuid4())
        headers, body = refusal_of(self.request, request_id)
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [*headers.items(), ("X-Request-Id", request_id)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
        log.write_request(request_id, "-", "-", error.code, 0.0, "-")
        self.channel.lingers = True


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection, which knows for how long its client has let it wait."""

    error_task_class = _Refusal
    parser_class = IncomingRequest
    # When the first byte of the request came that is not complete yet (time.time()).
    began: float | None = None
    has_served = False
    # The rest of a refused request is thrown away before the connection is closed: closing it with unread
    # bytes would take the answer from the client.
    lingers = False
    drained_since: float | None = None

    def received(self, data: bytes) -> bool:
        if self.drained_since is not None:
            return False
        known = bool(super().received(data))
        if self.request is None:
            self.began = None
        elif self.began is None:
            self.began = time.time()
        return known

    def readable(self) -> bool:
        return self.drained_since is not None or bool(super().readable())

    def writable(self) -> bool:
        return bool(self.will_close) if self.drained_since is not None else bool(super().writable())

    def handle_write(self) -> None:
        if self.lingers and self.close_when_flushed and self.drained_since is None:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len:
                self._linger()
            return
        super().handle_write()

    def service(self) -> None:
        super().service()
        self.has_served = True

    def is_overdue(self, now: float) -> bool:
        """Return whether the client has let the server wait too long, and no request of it is answered."""
        if self.requests:
            return False
        if self.drained_since is not None:
            return now - self.drained_since > LINGER_SECONDS
        if self.total_outbufs_len:
            return bool(now - self.last_activity > SEND_SECONDS)
        if self.began is not None:
            return bool(now - self.began > self.request.seconds)
        return bool(now - self.last_activity > (IDLE_SECONDS if self.has_served else FIRST_SECONDS))

    def close_if_idle(self, now: float) -> None:
        """Close the connection unless a request of it has arrived that is not answered."""
        if self.drained_since is None and not self.requests and not self.total_outbufs_len:
            self._linger()
        elif self.is_overdue(now):
            self.handle_close()

    def _linger(self) -> None:
        self.drained_since = time.time()
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True


class _Limits(BaseWSGIServer):  # type: ignore[misc]
    """What is the same for all kinds of sockets: how many connections there are, and for how long."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        for channel in self.active_channels.values():
            if channel.is_overdue(now):
                channel.will_close = True

    def accept_all(self) -> None:
        """Accept all connections that wait for it."""
        known = -1
        while known < len(self.active_channels) < CONNECTIONS:
            known = len(self.active_channels)
            super().handle_accept()

    def stop_accepting(self) -> None:
        """Close the socket, but none of its connections."""
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def handle_accept(self) -> None:
        super().handle_accept()
        if len(self.active_channels) > CONNECTIONS:
            waiting = [channel for channel in self.active_channels.values() if not channel.requests]
            if waiting:
                min(waiting, key=lambda channel: channel.last_activity).handle_close()


class _TcpListener(_Limits, TcpWSGIServer):  # type: ignore[misc]
    """A socket of IPv4 or IPv6."""


class _UnixListener(_Limits, UnixWSGIServer):  # type: ignore[misc]
    """A Unix socket: its peers have no address, waitress names them `localhost`."""


def listener(
    app: Callable[..., Iterable[bytes]],
    opened: socket.socket,
    channels: dict[int, Any],
    threads: ThreadedTaskDispatcher,
) -> BaseWSGIServer:
    """Return the server of one socket; all of them share the map of `channels` and the `threads`."""
    kind = _UnixListener if opened.family == socket.AF_UNIX else _TcpListener
    info = opened.family, opened.type, opened.proto, opened.getsockname()
    return kind(
        app, channels, True, opened, dispatcher=threads, adj=adjustments(), sockinfo=info, bind_socket=False
    )
