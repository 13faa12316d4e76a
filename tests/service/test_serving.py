"""`gbook serve` as a process: where it listens, what it prints, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

import pytest
from support.http_service import HttpService, running_service
from support.running import GBOOK, PATIENCE
from support.samples import copy_samples


def test_it_says_where_it_answers(tmp_path: Path) -> None:
    """The first line is for people; port 0 is a free one."""
    workspace = copy_samples(tmp_path)
    process = subprocess.Popen(
        [GBOOK, "--workspace", workspace, "serve", "--listen", "localhost:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            start, _, address = process.stdout.readline().strip().rpartition(":")
            assert start == f"Serving {workspace} at http://127.0.0.1"
            socket.create_connection(("127.0.0.1", int(address)), PATIENCE).close()
        finally:
            process.kill()


def test_it_answers_at_ipv6(tmp_path: Path) -> None:
    """The address is in brackets."""
    with running_service(copy_samples(tmp_path), "--listen", "[::1]:0") as service:
        assert service.url.startswith("http://[::1]:")
        assert service.ask("GET", "/healthz", is_anonymous=True).status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(http_service: HttpService, number: signal.Signals) -> None:
    """It has nothing to finish: exit code 0."""
    assert http_service.stop(number) == 0
