"""The server process: it answers until a signal stops it, and then finishes what it has begun."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from gbook.service import log
from gbook.service.connections import THREADS, Channel, listener

__all__ = ["Server"]

# How long requests that have arrived may take after a signal, and then what comes after their answers.
FINISH_SECONDS = 10.0
# The longest time without a look at signals and overdue connections.
POLL_SECONDS = 1.0


class Server:
    """A WSGI application at listening sockets. `run` returns after SIGTERM or SIGINT."""

    def __init__(self, app: Callable[..., Iterable[bytes]], sockets: Sequence[socket.socket]) -> None:
        self._channels: dict[int, Any] = {}
        self._threads = ThreadedTaskDispatcher()
        self._listeners = [listener(app, each, self._channels, self._threads) for each in sockets]
        self._is_stopping = False

    def run(self, started: Callable[[], None]) -> None:
        """Call `started`, and answer requests. After a signal, answer only those that have arrived.

        A second signal ends the process at once.
        """
        log.take_over()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # A terminal that is closed must not end a server that was started on it.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._threads.set_thread_count(THREADS)
        started()
        while not self._is_stopping:
            self._poll(POLL_SECONDS)
        self._finish(time.monotonic() + FINISH_SECONDS)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        self._listeners[0].pull_trigger()

    def _poll(self, seconds: float) -> None:
        wasyncore.poll2(seconds, self._channels)

    def _finish(self, deadline: float) -> None:
        """Take the requests that have arrived, close what is idle, and answer until `deadline`."""
        for each in self._listeners:
            each.accept_all()
        self._poll(0)
        for each in self._listeners:
            each.stop_accepting()
        while (channels := self._open_channels()) and time.monotonic() < deadline:
            for channel in channels:
                channel.close_if_idle(time.time())
            self._poll(0.1)
        if left := len(self._open_channels()):
            log.notice(f"stopped; {left} clients had not got their answers")
        self._threads.shutdown(timeout=0)

    def _open_channels(self) -> list[Channel]:
        return [channel for each in self._listeners for channel in each.active_channels.values()]
