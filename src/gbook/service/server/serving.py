"""The server process: it answers until a signal stops it, and then finishes what it has begun."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from gbook.calendars.stores.remotes import Asking
from gbook.checks.profiles import unbookable
from gbook.checks.report import Finding
from gbook.errors import UsageError
from gbook.profiles.store import ProfileStore
from gbook.service import log
from gbook.service.access.control import AccessControl
from gbook.service.app import application
from gbook.service.routes.table import ROUTES
from gbook.service.server.connections import CONNECTIONS, THREADS, Channel, listener
from gbook.service.server.jobs import JobQueue
from gbook.service.server.listening import address_of, inherited_sockets, is_private, open_socket
from gbook.service.server.preparation import (
    allow_connections,
    give_memory_back,
    import_all,
    prepare_models,
)
from gbook.service.server.workspaces import Workspaces
from gbook.timeutil.instants import now
from gbook.yamlfiles.field_types import read_origin

__all__ = ["Server", "Settings", "open_server"]

DEFAULT_LISTEN = "127.0.0.1:8080"

# How long after a signal requests that have arrived may take, and what comes after their answers.
ANSWER_SECONDS = 9.0
FINISH_SECONDS = 13.0
# The longest time without a look at signals and overdue connections.
POLL_SECONDS = 1.0


class Settings(NamedTuple):
    """What a server serves, and where: the folder of the workspace, the path of the index, --listen."""

    root: Path
    index_path: Path | None = None
    asking: Asking | None = None
    base_url: str | None = None
    listen: str | None = None
    is_insecure: bool = False


def open_server(settings: Settings) -> Server:
    """Return the server of a workspace, which listens already.

    Raises InvalidFile for an invalid workspace, UsageError, GbookError if it cannot listen.
    """
    base_url = _base_url(settings.base_url)
    workspaces = Workspaces(settings.root, settings.index_path, settings.asking, base_url)
    allow_connections(CONNECTIONS)
    give_memory_back()
    import_all()
    prepare_models()
    workspaces.warm_up(now())
    with workspaces.open(Asking(offline=True)) as workspace:
        serve = workspace.config.serve
        base_url = serve.base_url
        troubles = [_trouble(findings) for findings in unbookable(ProfileStore(workspace), now())]
    sockets = _sockets(settings.listen)
    is_public = not all(map(is_private, sockets))
    if is_public and not settings.is_insecure and not (base_url or "").startswith("https:"):
        raise UsageError(
            "others would reach the service without encryption: put a proxy with TLS in front of it and name "
            "its address (--base-url https://book.example.com), or give --insecure"
        )
    for trouble in troubles:
        log.notice(trouble)
    jobs = JobQueue(workspaces.open)
    access = AccessControl(settings.root, serve)
    return Server(application(ROUTES, workspaces.open, access, jobs.later), sockets, jobs)


def _trouble(findings: Sequence[Finding]) -> str:
    """Return a line about a profile that guests cannot book."""
    first = findings[0]
    place = f"{first.path}:{first.line}" if first.line else first.path
    return f"{place}: guests cannot book this: {'; '.join(finding.message for finding in findings)}"


def _base_url(option: str | None) -> str | None:
    try:
        return None if option is None else read_origin(option)
    except ValueError as error:
        raise UsageError(f"--base-url: {error}") from None


def _sockets(listen: str | None) -> Sequence[socket.socket]:
    inherited = inherited_sockets()
    if inherited and listen:
        raise UsageError("--listen: systemd has opened the sockets; leave the option out of the unit")
    return inherited or [open_socket(listen or DEFAULT_LISTEN)]


class Server:
    """A WSGI application at listening sockets. `run` returns after SIGTERM or SIGINT."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], sockets: Sequence[socket.socket], jobs: JobQueue
    ) -> None:
        self._sockets = sockets
        self._jobs = jobs
        self._channels: dict[int, Any] = {}
        self._threads = ThreadedTaskDispatcher()
        self._listeners = [listener(app, each, self._channels, self._threads) for each in sockets]
        self._is_stopping = False

    def run(self, started: Callable[[str], None]) -> None:
        """Call `started` with the address, and answer requests until a signal.

        Then answer those that have arrived. A second signal ends the process at once.
        """
        log.take_over()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # A terminal that is closed must not end a server that was started on it.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._threads.set_thread_count(THREADS)
        self._jobs.start()
        started(address_of(self._sockets[0]))
        while not self._is_stopping:
            self._poll(POLL_SECONDS)
        stopped = time.monotonic()
        self._finish(stopped + ANSWER_SECONDS)
        self._jobs.drain(stopped + FINISH_SECONDS)

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
