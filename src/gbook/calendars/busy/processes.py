"""Work on many files, divided among the processors.

This process and its forks take chunks of the tasks from one queue until it is empty. A fork has the tasks in
its memory and sends back their results; it prints nothing, and ends without cleaning up.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeVar

from gbook.errors import GbookError

__all__ = ["in_processes"]

# Chunks for each process: with many of them, all processes end at nearly the same time, and no fork waits
# long for the other end of its pipe. The numbers of all chunks must fit into a pipe.
CHUNKS = 100
MAX_WORKERS = 64
# The bytes of the number of a chunk in the queue, and of the size of a message.
NUMBER, SIZE = 2, 8

Task = TypeVar("Task")
Result = TypeVar("Result")
Work = Callable[[Task], Result]


def in_processes(work: Work[Task, Result], tasks: Sequence[Task]) -> Generator[Result, None, None]:
    """Yield `work` of each task, in order, computed by as many processes as there are processors.

    In a process with several threads it is this one alone. The module of `work` should have imported what it
    needs: processes fork. Raises what `work` raises, and GbookError if a process is killed.
    """
    workers = min(os.cpu_count() or 1, MAX_WORKERS) if _may_fork() else 1
    length = -(-len(tasks) // (workers * CHUNKS)) or 1
    chunks = [tasks[start : start + length] for start in range(0, len(tasks), length)]
    results: dict[int, list[Result]] = {}
    following = 0
    with _queue(len(chunks)) as queue, _forks(min(workers, len(chunks)) - 1, work, chunks, queue) as forks:
        while following < len(chunks):
            if (own := _take(queue)) is not None:
                results[own] = [*map(work, chunks[own])]
            for pipe in select.select([*forks], [], [], None if own is None else 0)[0]:
                results |= _receive(pipe, forks)
            while following in results:
                yield from results.pop(following)
                following += 1


def _may_fork() -> bool:
    """Return whether this process has one thread: a fork would have the locks of others, held for ever."""
    return hasattr(os, "fork") and threading.active_count() == 1


@contextmanager
def _queue(count: int) -> Iterator[int]:
    """Hold a pipe that gives the numbers below `count`, to any process that takes one, and then ends."""
    queue, end = os.pipe()
    try:
        with open(end, "wb") as file:
            file.write(b"".join(number.to_bytes(NUMBER) for number in range(count)))
        yield queue
    finally:
        os.close(queue)


def _take(queue: int) -> int | None:
    """Return the next number of the queue; None if it is empty."""
    number = os.read(queue, NUMBER)
    return int.from_bytes(number) if number else None


@contextmanager
def _forks(
    count: int, work: Work[Task, Result], chunks: Sequence[Sequence[Task]], queue: int
) -> Iterator[dict[int, int]]:
    """Hold processes that work on chunks: the pid of each, by the pipe of its results.

    They are fewer than `count` if the system allows no more.
    """
    forks: dict[int, int] = {}
    try:
        with suppress(OSError):
            for _ in range(count):
                _fork(forks, lambda pipe: _serve(work, chunks, queue, pipe))
        yield forks
    finally:
        for pipe, pid in forks.items():
            os.close(pipe)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _fork(forks: dict[int, int], serve: Callable[[int], None]) -> None:
    """Start a process that only calls `serve`, with the writing end of a pipe. Raises OSError."""
    pipe, end = os.pipe()
    # Ctrl-C must not raise KeyboardInterrupt in the fork, which would go on in the code that called this.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        if not (pid := os.fork()):
            _become_fork([pipe, *forks], mask, lambda: serve(end))
        forks[pipe] = pid
    except OSError:
        os.close(pipe)
        raise
    finally:
        os.close(end)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _become_fork(foreign: Sequence[int], mask: Iterable[int], serve: Callable[[], None]) -> NoReturn:
    """Call `serve` in the new process, and end it. The pipes of other processes are `foreign`."""
    code = 1
    try:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # When the reader of a fork's pipe has ended, the fork ends at its next message.
        for pipe in foreign:
            os.close(pipe)
        serve()
        code = 0
    finally:
        os._exit(code)


def _serve(work: Work[Task, Result], chunks: Sequence[Sequence[Task]], queue: int, pipe: int) -> None:
    """Send the results of chunks by their numbers, or an exception, until the queue is empty."""
    with open(pipe, "wb", closefd=False) as file:
        while (number := _take(queue)) is not None:
            try:
                message: Any = {number: [*map(work, chunks[number])]}
            except Exception as error:
                message = error
            data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
            file.write(len(data).to_bytes(SIZE))
            file.write(data)
            file.flush()


def _receive(pipe: int, forks: dict[int, int]) -> dict[int, list[Any]]:
    """Return the next message of a fork; nothing if it has ended. Raises its exception, or GbookError."""
    size = int.from_bytes(_read(pipe, SIZE))
    data = _read(pipe, size)
    if not data or len(data) < size:
        os.close(pipe)
        if os.waitpid(forks.pop(pipe), 0)[1]:
            raise GbookError("a calendar reader process was killed; is there enough memory?")
        return {}
    message: dict[int, list[Any]] | Exception = pickle.loads(data)  # noqa: S301 - from our own fork
    if isinstance(message, Exception):
        raise message
    return message


def _read(pipe: int, size: int) -> bytes:
    """Return `size` bytes of a pipe; fewer at its end."""
    data = bytearray()
    while len(data) < size and (piece := os.read(pipe, size - len(data))):
        data += piece
    return bytes(data)
