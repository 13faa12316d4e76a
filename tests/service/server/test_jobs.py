"""What comes after an answer: in order, within a limit, and without a word about guests."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest

from gbook.errors import GbookError, Warn
from gbook.service.server import jobs
from gbook.service.server.jobs import JobQueue
from gbook.workspace.config import Config
from gbook.workspace.workspace import Workspace

PATIENCE = 30


@contextmanager
def sessions() -> Iterator[Workspace]:
    """Hold a workspace without files."""
    yield Workspace(Path(), Config())


@pytest.fixture
def worker() -> JobQueue:
    """A worker that has begun."""
    made = JobQueue(sessions)
    made.start()
    return made


def drained(worker: JobQueue) -> None:
    worker.drain(time.monotonic() + PATIENCE)


def test_jobs_run_in_their_order(worker: JobQueue) -> None:
    """Each with a workspace; the end waits for all."""
    done: list[object] = []
    for number in range(100):

        def job(workspace: Workspace, number: int = number) -> Sequence[Warn]:
            done.append((type(workspace), number))
            return ()

        worker.later(job)
    drained(worker)
    assert done == [(Workspace, number) for number in range(100)]


def test_a_failure_ends_only_its_job(worker: JobQueue, capsys: pytest.CaptureFixture[str]) -> None:
    """The log has codes and classes, never a text: it may name a guest."""

    def bug(workspace: Workspace) -> NoReturn:
        raise KeyError("jane@example.com")

    def failure(workspace: Workspace) -> NoReturn:
        raise GbookError("jane@example.com")

    worker.later(bug)
    worker.later(failure)
    worker.later(lambda workspace: [Warn("mail_failed", "jane@example.com")])
    drained(worker)
    log = capsys.readouterr().err
    assert "KeyError" in log and "failure" in log and "mail_failed" in log
    assert "jane" not in log


def test_too_many_jobs_are_left_out(
    worker: JobQueue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for a mail server that hangs."""
    monkeypatch.setattr(jobs, "MAX_WAITING", 3)
    go, done = Event(), []

    def job(workspace: Workspace) -> Sequence[Warn]:
        go.wait(PATIENCE)
        done.append(1)
        return ()

    for _ in range(5):
        worker.later(job)
    worker.drain(time.monotonic() + 0.01)
    assert "3 bookings are left out" in capsys.readouterr().err
    go.set()
    drained(worker)
    assert len(done) == 3
