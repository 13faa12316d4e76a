"""Real CalDAV servers, Radicale and xandikos, each in a process with a folder and a free port of its own.

A server is started once in each worker of pytest; a test asks for a new calendar. The process ends when its
stdin is closed, so it ends with the tests even if they are killed.
"""

from __future__ import annotations

import http.client
import itertools
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from support.environment import clean_environment
from support.ports import free_port

__all__ = [
    "PASSWORD",
    "SERVERS",
    "USERNAME",
    "Answer",
    "CalDavServer",
    "calendar_server",
    "radicale",
    "running",
    "xandikos",
]

SERVERS = ("radicale", "xandikos")
USERNAME = "alice"
PASSWORD = "correct horse"
# A started server answers within this time even on a busy machine.
START_SECONDS = 30
# Another process may take the free port before the server does.
ATTEMPTS = 3

# Runs a module as a program, and ends it when stdin is closed: no server outlives its test. It does not
# wait for the disk, which only a failure of the power would show.
_LAUNCH = """
import os, runpy, sys, threading
os.fsync = lambda descriptor: None
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
# xandikos accepts any login, or none.
_HOMES = {"radicale": f"{USERNAME}/", "xandikos": "user/calendars/"}

_numbers = itertools.count()


class Answer(NamedTuple):
    """What a server answered; the names of headers are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CalDavServer(NamedTuple):
    """A running server: `url` is its root, `home` the URL of the calendars of its one user."""

    kind: str
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def home(self) -> str:
        return self.url + _HOMES[self.kind]

    @property
    def authorization(self) -> str:
        """The Authorization header of the user (RFC 7617)."""
        return "Basic " + b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()

    def new_calendar(self, name: str = "calendar") -> str:
        """Create an empty calendar with a unique name, and return its URL."""
        url = f"{self.home}{name}-{next(_numbers)}/"
        answer = self.ask("MKCALENDAR", url)
        assert answer.status == 201, answer
        return url

    def put(self, url: str, content: bytes, **headers: str) -> Answer:
        """Write a resource as another program would: without conditions unless headers have some."""
        return self.ask("PUT", url, content, **{"content_type": "text/calendar; charset=utf-8", **headers})

    def delete(self, url: str) -> None:
        """Delete a resource as another program would."""
        assert self.ask("DELETE", url).status in (200, 204)

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request on a connection of its own; `if_match` is the header If-Match."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        sent = {"authorization": self.authorization} | {n.replace("_", "-"): v for n, v in headers.items()}
        try:
            connection.request(method, url.removeprefix(self.url.rstrip("/")), body, sent)
            response = connection.getresponse()
            lowered = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, lowered, response.read())
        finally:
            connection.close()


@contextmanager
def running(kind: str, folder: Path) -> Iterator[CalDavServer]:
    """Run a server of SERVERS on a free port, with its files in `folder`; it answers when this yields."""
    for _ in range(ATTEMPTS):
        server = CalDavServer(kind, free_port(), folder)
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", _LAUNCH, *_arguments(server)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=clean_environment(folder),
                cwd=folder,
            )
        try:
            if _answers(server, process):
                yield server
                return
        finally:
            process.kill()
            process.communicate()
    raise AssertionError(f"{kind} does not start:\n{(folder / 'log').read_text()[-2000:]}")


def _arguments(server: CalDavServer) -> list[str]:
    folder = server.folder
    if server.kind == "xandikos":
        place = ["-l", "127.0.0.1", "-p", str(server.port), "--no-detect-systemd"]
        return ["xandikos", "serve", "-d", f"{folder}/data", "--defaults", "--state-dir", f"{folder}", *place]
    (folder / "users").write_text(f"{USERNAME}:{PASSWORD}\n")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{server.port}\nmax_connections = 100\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder}/users\nhtpasswd_encryption = plain\n"
        "delay = 0\n"
        f"[storage]\nfilesystem_folder = {folder}/data\n[logging]\nlevel = warning\n"
    )
    return ["radicale", "-C", f"{folder}/config"]


def _answers(server: CalDavServer, process: subprocess.Popen[bytes]) -> bool:
    """Wait until a server answers; return False if it has ended instead, or the port is another program's."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        try:
            # Radicale creates the home of its user at the first request with a login.
            return server.ask("PROPFIND", server.home, depth="0").status == 207
        except OSError:
            assert time.monotonic() < deadline, f"{server.kind} does not answer"
            time.sleep(0.05)
    return False


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    """Radicale, which asks for the login of its one user."""
    with running("radicale", tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    """xandikos, which asks for no login."""
    with running("xandikos", tmp_path_factory.mktemp("xandikos")) as server:
        yield server


@pytest.fixture(params=SERVERS)
def calendar_server(request: pytest.FixtureRequest) -> CalDavServer:
    """Each of the real servers in turn."""
    server: CalDavServer = request.getfixturevalue(request.param)
    return server
