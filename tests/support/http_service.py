"""A real `gbook serve` on a free port of the loopback, over the workspace of a test."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from support.running import GBOOK, PATIENCE
from support.samples import copy_samples

__all__ = ["Credentials", "HttpAnswer", "HttpService", "http_service", "running_service"]


class HttpAnswer(NamedTuple):
    """What the service answered; the names of headers are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The JSON document in the body."""
        return json.loads(self.body)


class Credentials(NamedTuple):
    """The id and the secret of an API client."""

    client_id: str
    secret: str

    @property
    def authorization(self) -> str:
        """The Authorization header (RFC 7617)."""
        return "Basic " + b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


class HttpService:
    """A running service. Its log is a file, so that it never waits for a reader."""

    def __init__(
        self,
        workspace: Path,
        process: subprocess.Popen[str],
        url: str,
        log_path: Path,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.workspace = workspace
        self.process = process
        self.url = url
        self._log_path = log_path
        self._variables = variables or {}

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port of its socket."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    @property
    def log(self) -> str:
        """What it has written on stderr."""
        return self._log_path.read_text("utf-8")

    @cached_property
    def credentials(self) -> Credentials:
        """A client of the workspace, made at the first use."""
        added = self.run("client", "add", "tests", "--json")
        return Credentials(added["clientId"], added["clientSecret"])

    def run(self, *arguments: str, **variables: str) -> Any:
        """Run another command over the same workspace, and return its document; `variables` replace some."""
        command = [str(GBOOK), "--workspace", str(self.workspace), *arguments]
        environment = {**os.environ, **self._variables, **variables}
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True, env=environment)
        return json.loads(done.stdout)

    def ask(
        self, method: str, path: str, body: Any = None, *, is_anonymous: bool = False, **headers: str
    ) -> HttpAnswer:
        """Send one request on a connection of its own, as a client unless `is_anonymous`.

        A body that is not bytes is sent as JSON; `x_name` is the header x-name.
        """
        sent = {} if is_anonymous else {"authorization": self.credentials.authorization}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["content-type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            lowered = {name.lower(): value for name, value in response.getheaders()}
            return HttpAnswer(response.status, lowered, response.read())
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end of the process, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def running_service(workspace: Path, *arguments: str, **variables: str) -> Iterator[HttpService]:
    """Serve a workspace; it answers when this yields. `arguments` follow `gbook serve`.

    The variables are those of the service and of the commands that `HttpService.run` runs.
    """
    log_path = workspace / f".service-{os.urandom(4).hex()}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [GBOOK, "--workspace", workspace, "serve", "--json", "--listen", "127.0.0.1:0", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **variables},
            text=True,
        )
    with process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line, log_path.read_text("utf-8")
            yield HttpService(workspace, process, json.loads(line)["url"], log_path, variables)
        finally:
            process.kill()


@pytest.fixture
def http_service(tmp_path: Path) -> Iterator[HttpService]:
    """A service over a copy of the sample workspace."""
    with running_service(copy_samples(tmp_path / "workspace")) as service:
        yield service
