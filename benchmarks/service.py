"""Requests a second of `gbook serve`, and its memory: free times over HTTP, warm, by clients on this machine.

Also how long a guest waits for the booking page, and how large it is: its HTML, and then what that loads.

    python benchmarks/service.py [--quick] [--accounts 20] [--events 2000]

Each client is a process with one connection, which it keeps. The server and the clients share the processors.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from contenders import HERE, Ground
from growth import make_data
from measure import table

__all__ = ["Promise", "measure_service"]

CLIENTS = 8
TIMES = "/v1/book/group/profiles/1/meeting?required=all"
PAGE = "/b/aurinkoDemo?tz=Europe/London"
PATIENCE = 600
# Name, what was measured, and the most that it may be.
Promise = tuple[str, float, float]
# The least requests a second, of the sample and of 20 accounts with 2,000 events each.
SAMPLE_RATE, LARGE_RATE = 150, 60
LONGEST_MS = 100
PAGE_MS, PAGE_KB = 50, 30
GROWTH = 1.1


class Service(NamedTuple):
    """A running server, and the login of a client."""

    process: subprocess.Popen[str]
    url: str
    authorization: str

    @property
    def memory(self) -> float:
        """Its resident memory in MB; 0 where the system does not tell it."""
        status = Path(f"/proc/{self.process.pid}/status")
        found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
        return int(found[1]) / 1024 if found else 0.0


class Load(NamedTuple):
    """The seconds of each request, sorted, and those of all together."""

    times: Sequence[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the milliseconds that this share of the requests took at most."""
        return 1000 * self.times[int((len(self.times) - 1) * share)]


def measure_service(ground: Ground, *, quick: bool) -> tuple[str, list[Promise]]:
    """Return the table of the sample and of the calendars of `ground`, and the promises."""
    count = 200 if quick else 2000
    rows, promises = [], []
    sample = replace(ground, data=_sample(ground.scratch / "sample"))
    for name, where, least in (("sample", sample, SAMPLE_RATE), ("calendars", ground, LARGE_RATE)):
        with _serving(where, f"service-{name}") as service:
            load(service, 10 * CLIENTS)
            alone, first = load(service, count // 2, clients=1), service.memory
            together = load(service, count)
            rows.append([name, *_cells(alone), *_cells(together), f"{service.memory:.0f} MB"])
            promises.append((f"{name} over HTTP, ms a request", 1000 / together.rate, 1000 / least))
            if name == "sample":
                promises.append(
                    ("sample over HTTP, 99 of 100 requests, ms", together.percentile(0.99), LONGEST_MS)
                )
                promises.append(_growth(service, first, 500 if quick else 7000))
                promises += _first_screen(service, count // 10)
    head = [
        "free times over HTTP",
        "1 client",
        "99 of 100 in",
        f"{CLIENTS} clients",
        "99 of 100 in",
        "memory",
    ]
    return table(head, rows), promises


def _cells(measured: Load) -> list[str]:
    return [f"{measured.rate:.0f}/s", f"{measured.percentile(0.99):.1f} ms"]


def _growth(service: Service, first: float, count: int) -> Promise:
    """Return the memory after `count` more requests, divided by that after the `first` thousand, in MB."""
    load(service, count)
    return "memory after 10,000 requests ÷ after 1,000", service.memory / first if first else 1.0, GROWTH


def _first_screen(service: Service, count: int) -> list[Promise]:
    """Return the time and the size of the page of a profile with what it loads, on one connection."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=PATIENCE)
    times, size = [], 0
    for number in range(count):
        guest = f"198.18.{number // 250}.{number % 250 + 1}"
        begin = time.perf_counter()
        html = _fetched(connection, PAGE, guest)
        addresses = re.findall(rb'(?:href|src)="(/b/[^"]+[.](?:css|js)[^"]*)"', html)
        loaded = [_fetched(connection, address.decode(), guest) for address in addresses]
        times.append(1000 * (time.perf_counter() - begin))
        size = len(html) + sum(map(len, loaded))
    return [
        ("the page's first screen, warm, ms (median)", median(times), PAGE_MS),
        ("the page's first screen, uncompressed, kB", size / 1000, PAGE_KB),
    ]


def _fetched(connection: http.client.HTTPConnection, path: str, guest: str) -> bytes:
    """Return what a guest gets. Each has an address of their own, so that no limit is reached."""
    connection.request("GET", path, headers={"X-Forwarded-For": guest})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        sys.exit(f"{path}: HTTP {response.status}")
    return body


def load(service: Service, count: int, clients: int = CLIENTS) -> Load:
    """Let clients send `count` requests together, each as fast as it is answered."""
    words = [service.url, service.authorization, str(count // clients)]
    command = [sys.executable, str(Path(__file__).resolve()), "--client", *words]
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(clients)
        ]
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        begin = time.perf_counter()
        for process in running:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=PATIENCE)[0] for process in running]
        seconds = time.perf_counter() - begin
    return Load(sorted(each for answer in answers for each in json.loads(answer)), seconds)


def _client(url: str, authorization: str, count: str) -> None:
    """Send requests on one connection, and print how long each took. A wrong answer is an error."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.connect()
    print("ready", flush=True)
    sys.stdin.readline()
    times = []
    for _ in range(int(count)):
        begin = time.perf_counter()
        connection.request("GET", TIMES, headers={"Authorization": authorization})
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - begin)
        if response.status != 200:
            sys.exit(f"HTTP {response.status}")
    print(json.dumps(times))


@contextmanager
def _serving(ground: Ground, index: str) -> Iterator[Service]:
    """Serve a workspace on a free port; its log goes to a file."""
    added = json.loads(ground.gbook(index, "client", "add", "bench", "--json").output)
    login = f"{added['clientId']}:{added['clientSecret']}"
    command = ground.command("serve", "--listen", "127.0.0.1:0", "--json")
    with (ground.scratch / f"{index}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ground.data, env=ground.env(index), stdout=subprocess.PIPE, stderr=log, text=True
        )
    with process:
        try:
            assert process.stdout
            url = json.loads(process.stdout.readline())["url"]
            yield Service(process, url, _basic(login))
        finally:
            process.terminate()


def _basic(login: str) -> str:
    return f"Basic {b64encode(login.encode()).decode()}"


def _sample(folder: Path) -> Path:
    """Copy the sample workspace of the repository, with files that gbook trusts, as if behind a proxy."""
    folder.mkdir()
    config = (HERE.parent / "gbook.yaml").read_text("utf-8")
    proxied = config.replace("serve: {", "serve: {trustedProxies: [127.0.0.1], ", 1)
    (folder / "gbook.yaml").write_text(proxied, "utf-8")
    for name in ("profiles", "sample_calendars"):
        shutil.copytree(HERE.parent / name, folder / name)
    past = time.time() - 7200
    for path in folder.rglob("*"):
        os.utime(path, (past, past))
    return folder


def main() -> None:
    """Generate the calendars, and print the table and the promises; exit code 1 if one is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gbook-benchmark-") as temporary:
        scratch = Path(temporary)
        words = ("--accounts", str(chosen.accounts), "--events", str(chosen.events))
        ground = Ground(make_data(scratch / "data", *words), scratch, words)
        text, promises = measure_service(ground, quick=chosen.quick)
    print(text)
    rows = [
        [name, f"{measured:.3g}", f"{most:.3g}", "kept" if measured <= most else "MISSED"]
        for name, measured, most in promises
    ]
    print("\n" + table(["promise", "measured", "at most", ""], rows))
    sys.exit(any(row[-1] == "MISSED" for row in rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        _client(*sys.argv[2:])
    else:
        main()
