"""Work that is divided among processes: the order of results, errors, killed and interrupted processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from gbook.calendars.busy.processes import in_processes
from gbook.errors import GbookError, UsageError

PID = os.getpid()


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three processors; afterwards no descriptor is open and no process is left that was not before."""
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    before = descriptors(), children()
    yield
    assert (descriptors(), children()) == before


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0


def children() -> list[str]:
    """The processes that this one has started and not waited for: servers of other tests are among them."""
    pids: list[str] = []
    for file in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # its thread has just ended
            pids += file.read_text().split()
    return sorted(pids)


def is_fork() -> bool:
    return os.getpid() != PID


class TestResults:
    """What the caller gets."""

    @pytest.mark.parametrize("count", [0, 1, 2, 7, 1000, 3333])
    def test_results_have_the_order_of_their_tasks(self, count: int) -> None:
        """Whichever process computed them."""
        assert list(in_processes(lambda task: task * 2, range(count))) == [task * 2 for task in range(count)]

    def test_a_process_with_threads_does_all_itself(self) -> None:
        """A fork would have the locks that other threads hold, for ever."""
        ended = Event()
        thread = Thread(target=ended.wait)
        thread.start()
        try:
            assert not any(in_processes(lambda _: is_fork(), range(1000)))
        finally:
            ended.set()
            thread.join()

    def test_several_processes_work(self) -> None:
        """This process is one of them."""

        def work(task: int) -> int:
            time.sleep(0.01)
            return os.getpid()

        pids = set(in_processes(work, range(30)))
        assert len(pids) == 3
        assert os.getpid() in pids

    def test_results_larger_than_a_pipe(self) -> None:
        """A fork waits until they are received."""
        sizes = [len(data) for data in in_processes(lambda size: b"x" * size, [300_000] * 20)]
        assert sizes == [300_000] * 20

    def test_an_error_is_raised_here(self) -> None:
        """Wherever it occurred; the processes end."""

        def work(task: int) -> int:
            if task == 40:
                raise UsageError("task 40")
            return task

        with pytest.raises(UsageError, match="task 40"):
            list(in_processes(work, range(60)))

    def test_a_caller_that_stops_early(self) -> None:
        """The processes end with it."""
        with closing(in_processes(lambda task: task, range(1000))) as results:
            assert next(results) == 0


class TestLostProcesses:
    """A process that is missing costs an error or time, never a result."""

    @pytest.mark.parametrize("size", [10, 1_000_000])
    def test_a_killed_process_is_an_error(self, size: int) -> None:
        """Also one that has sent results."""

        def work(task: int) -> bytes:
            if is_fork() and task > 20:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.01)
            return b"x" * size

        with pytest.raises(GbookError, match="a calendar reader process was killed"):
            list(in_processes(work, range(60)))

    def test_without_forks_this_process_does_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The system may allow no more processes."""

        def refuse() -> int:
            raise BlockingIOError

        monkeypatch.setattr(os, "fork", refuse)
        assert list(in_processes(lambda task: task, range(50))) == list(range(50))

    def test_ctrl_c_ends_the_forks(self) -> None:
        """They say nothing, and KeyboardInterrupt is raised here."""

        def work(task: int) -> int:
            if is_fork():
                time.sleep(60)
            elif task > 3:
                raise KeyboardInterrupt
            return task

        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            list(in_processes(work, range(60)))
        assert time.monotonic() - began < 20

    def test_an_interrupted_fork_runs_none_of_its_callers_code(self) -> None:
        """Ctrl-C reaches all processes of a terminal."""

        def work(task: int) -> int:
            if is_fork():
                os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            return task

        with pytest.raises(GbookError, match="was killed"):
            list(in_processes(work, range(60)))
