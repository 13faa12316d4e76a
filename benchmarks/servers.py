"""Calendars on CalDAV servers beside the same calendars on the disk: queries, bookings and the first sync.

The servers are Radicale and xandikos on this machine. A round trip is the request that tells the tokens of
all calendars; the promises are counted in it, because the time of a server is not gbook's.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from contenders import GUEST, HERE, Ground, once
from measure import Contender, Run, in_turns, run, table

from gbook.cache import Cache
from gbook.calendars.commit.pending import make_current
from gbook.calendars.stores.remotes import Asking
from gbook.dav.deadline import Deadline
from gbook.dav.home import tokens
from gbook.dav.http import Client
from gbook.workspace.workspace import open_workspace

sys.path.insert(0, str(HERE.parent / "tests"))
from support.caldav_servers import PASSWORD, SERVERS, USERNAME, CalDavServer, running

__all__ = ["Promise", "measure_servers"]

# Name, what was measured, and the most that it may be.
Promise = tuple[str, float, float]
# Round trips that a query and a booking may take beyond the same calendars on the disk.
QUERY_TRIPS, BOOKING_TRIPS = 3, 4
# Seconds that the first sync may take on a slow machine.
PATIENCE = 600
IMPORTS = (
    "gbook.calendars.stores.caldav, gbook.calendars.stores.refresh, gbook.dav.collection, gbook.dav.home"
)


def measure_servers(ground: Ground, rounds: int) -> tuple[str, list[Promise]]:
    """Return the table of all servers, and the promises; the calendars of `ground` are vdirs."""
    alone = ground.data / "profiles/bench.yaml"
    (alone.parent / "alone.yaml").write_text(_of_first_account(alone.read_text()))
    rows: list[list[str]] = []
    promises: list[Promise] = []
    for kind in SERVERS:
        folder = ground.scratch / kind
        folder.mkdir()
        with running(kind, folder) as server:
            race = _Race(ground, server)
            race.run(rounds)
            rows += race.rows()
            promises += race.promises()
    return table(["calendars on servers, and the same as vdirs", "time", "CPU"], rows), promises


def _of_first_account(profile: str) -> str:
    """Return a profile without its other accounts."""
    named = profile.replace("id: 1\nname: bench", "id: 3\nname: alone")
    return re.sub(r"(?m)^accounts: \[([^,\]]+).*\]$", r"accounts: [\1]", named)


class _Race:
    """Commands on one server and on the disk, in turns."""

    def __init__(self, ground: Ground, server: CalDavServer) -> None:
        self.server = server
        self.kind = server.kind
        self.local = _copied(ground, f"disk-{self.kind}")
        self.remote = _copied(ground, f"on-{self.kind}")
        _move_to_server(self.remote.data, server)
        os.environ["NETRC"] = str(_netrc(self.remote.data))
        # Once more before each turn, so that the server has in memory what it has for curl.
        self.sync = Contender("first sync", self._first_sync, self._warm_server)
        self.curl = Contender("the same requests by curl", self._replay)
        self.trip = Contender("round trip", self._round_trip)
        self.imports = Contender("imports of HTTP", _import_time)
        self.queries = [self._query(each) for each in (self.local, self.remote)]
        ask = partial(self.remote.gbook, self.remote.data.name, *self.remote.question, "--offline")
        self.offline = Contender("offline", ask)
        self.books = [self._book(each) for each in (self.local, self.remote)]
        self._requests: list[dict[str, Any]] = []

    def run(self, rounds: int) -> None:
        """Measure everything; the answers on the server and on the disk must be the same."""
        rows = [self.sync, self.curl, self.trip, self.imports, *self.queries, self.offline, *self.books]
        in_turns(rows, rounds)
        if self.queries[0].runs[0].output != self.queries[1].runs[0].output:
            sys.exit(f"gbook availability: {self.kind} gives another answer than the disk")

    def rows(self) -> list[list[str]]:
        """Return the rows of the table."""
        names = ("vdirs: gbook warm", "gbook warm", "gbook --offline", "vdirs: gbook book", "gbook book")
        shown = [*zip(names, (*self.queries, self.offline, *self.books), strict=True)]
        shown += [(each.name, each) for each in (self.sync, self.curl, self.trip, self.imports)]
        return [[f"{self.kind}: {name}", f"{row.seconds:.3f} s", f"{row.cpu:.3f} s"] for name, row in shown]

    def promises(self) -> list[Promise]:
        """Return the promises of docs/explanation/benchmarks.md for this server."""
        query, remote_query = (each.seconds for each in self.queries)
        book, remote_book = (each.seconds for each in self.books)
        trip, imports = self.trip.seconds, self.imports.seconds
        return [
            (f"{self.kind}: warm, s", remote_query, query + imports + QUERY_TRIPS * trip),
            (f"{self.kind}: --offline ÷ vdirs, warm", self.offline.seconds / query, 1.1),
            (f"{self.kind}: book, s", remote_book, book + imports + BOOKING_TRIPS * trip),
            (f"{self.kind}: first sync ÷ curl", self.sync.seconds / self.curl.seconds, 1.2),
        ]

    def _query(self, ground: Ground) -> Contender:
        ask = partial(ground.query, ground.data.name)
        patient = partial(ground.gbook, ground.data.name, *ground.question, "--timeout", str(PATIENCE))
        return Contender(ground.data.name, ask, once(patient))

    def _book(self, ground: Ground) -> Contender:
        words = ("book", "-p", "alone", "--slot", "first", *GUEST, "--json")
        index = ground.data.name

        def warm() -> None:
            ground.query(index)

        return Contender(index, partial(ground.gbook, index, *words), warm)

    def _first_sync(self) -> Run:
        """Fetch all calendars into an empty mirror, in memory."""
        self._requests.clear()
        workspace = open_workspace(self.remote.data, Cache(None), Asking(timeout=PATIENCE))
        stores = [
            workspace.store(each) for account in workspace.accounts.values() for each in account.calendars
        ]
        with patch.object(Client, "read", _recorded(self._requests)):
            run_of = _timed(partial(make_current, stores))
        if failed := make_current(stores):
            sys.exit(f"first sync: {next(iter(failed.values()))}")
        workspace.close()
        return run_of

    def _warm_server(self) -> None:
        self._first_sync()

    def _replay(self) -> Run:
        """Send the requests of the last first sync again, with curl, over one connection."""
        folder = self.remote.scratch / f"curl-{self.kind}"
        folder.mkdir(exist_ok=True)
        lines = []
        for number, request in enumerate(self._requests):
            (folder / str(number)).write_bytes(request["body"])
            headers = {**request["headers"], "accept-encoding": "gzip"}
            headers |= {} if request["depth"] is None else {"depth": request["depth"]}
            settings = {
                "request": request["method"],
                "url": request["url"],
                "user": f"{USERNAME}:{PASSWORD}",
                "data-binary": f"@{folder}/{number}",
                "output": "/dev/null",
                "write-out": "%{http_code} ",
            }
            lines += ["next", "silent", *(f"{name} = {_quoted(value)}" for name, value in settings.items())]
            lines += [f"header = {_quoted(f'{name}: {value}')}" for name, value in headers.items()]
        (folder / "config").write_text("\n".join(lines[1:]))
        replayed = run(["curl", "--config", folder / "config"], folder)
        if set(replayed.output.split()) != {b"207"}:
            sys.exit(f"curl: {replayed.output.decode()}")
        return replayed

    def _round_trip(self) -> Run:
        """Ask for the tokens of all calendars, over a connection that was used already."""
        with Client(self.server.url, lambda: self.server.authorization, Deadline.after(60)) as client:
            tokens(client, self.server.home)
            return _timed(partial(tokens, client, self.server.home))


def _quoted(text: str) -> str:
    """Return a value of a configuration of curl."""
    return '"' + text.replace('"', '\\"') + '"'


def _copied(ground: Ground, name: str) -> Ground:
    shutil.copytree(ground.data, ground.scratch / name)
    return replace(ground, data=ground.scratch / name)


def _move_to_server(folder: Path, server: CalDavServer) -> None:
    """Put all items of a workspace's vdirs on a server, and name those calendars in its gbook.yaml."""
    config = (folder / "gbook.yaml").read_text()
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    headers = {"authorization": server.authorization, "content-type": "text/calendar"}
    for vdir in sorted((folder / "calendars").iterdir()):
        url = server.new_calendar(vdir.name)
        for item in vdir.iterdir():
            path = f"{url.removeprefix(server.url.rstrip('/'))}{item.name}"
            connection.request("PUT", path, item.read_bytes(), headers)
            answer = connection.getresponse()
            if answer.status not in (201, 204):
                sys.exit(f"{server.kind}: PUT {path}: {answer.status} {answer.read()[:200]!r}")
            answer.read()
        config = config.replace(f"- calendars/{vdir.name}\n", f"- {{url: {url}, server: bench}}\n")
    login = f"{{id: bench, url: {server.url}, netrc: true}}"
    (folder / "gbook.yaml").write_text(f"servers:\n  - {login}\n{config}")
    shutil.rmtree(folder / "calendars")


def _netrc(folder: Path) -> Path:
    path = folder / "netrc"
    path.write_text(f'machine 127.0.0.1 login {USERNAME} password "{PASSWORD}"\n')
    path.chmod(0o600)
    return path


def _recorded(requests: list[dict[str, Any]]) -> Callable[..., Any]:
    """Return Client.read, which also notes each request."""
    read = Client.read

    def noted(client: Client, method: str, url: str, **rest: Any) -> Any:
        requests.append({"method": method, "url": url, "headers": {}, "depth": None, "body": b"", **rest})
        return read(client, method, url, **rest)

    return noted


def _timed(action: Callable[[], object]) -> Run:
    cpu, begin = time.process_time(), time.perf_counter()
    action()
    return Run(time.perf_counter() - begin, time.process_time() - cpu)


def _import_time() -> Run:
    """Return what the imports add to a process that has those of every command."""
    base = "import gbook.cli.commands.availability, gbook.workspace.workspace"
    with_http, without = (run([sys.executable, "-c", f"{base}{more}"], HERE) for more in (f", {IMPORTS}", ""))
    return Run(max(0.0, with_http.seconds - without.seconds), max(0.0, with_http.cpu - without.cpu))
