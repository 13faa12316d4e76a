"""Work on many files, divided among the processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from gbook.errors import GbookError

__all__ = ["in_processes"]

# Chunks of work for each process: with several, all processes end at nearly the same time.
CHUNKS = 8

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_processes(work: Callable[[Task], Result], tasks: Sequence[Task], *, enough: bool) -> Iterable[Result]:
    """Yield `work` of each task, in order; in several processes if there is `enough` to do.

    The module of `work` should have imported what it needs: processes fork. Raises GbookError if one of them
    is killed.
    """
    workers = min(os.cpu_count() or 1, len(tasks))
    if not enough or workers < 2:
        yield from map(work, tasks)
        return
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

    try:
        with ProcessPoolExecutor(workers) as pool:
            yield from pool.map(work, tasks, chunksize=max(1, len(tasks) // (workers * CHUNKS)))
    except BrokenExecutor:
        raise GbookError("a calendar reader process was killed; is there enough memory?") from None
