"""Measurement of whole processes: time, CPU, peak memory, turns and medians."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

__all__ = ["Contender", "Run", "in_turns", "run", "table", "tree_peak"]

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Run:
    """One process from start to exit: elapsed seconds, and CPU seconds of it and its children.

    `peak` is the memory of the largest of these processes in MB, and at least that of the process that
    started it.
    """

    seconds: float
    cpu: float = 0.0
    peak: float = 0.0
    output: bytes = b""


@dataclass
class Contender:
    """One row of a table. `prepare` runs before each turn, untimed; `turns` limits a slow contender.

    `program` is the name and the version of another program, whose output is the busy time of the accounts.
    """

    name: str
    action: Callable[[], Run]
    prepare: Callable[[], None] = lambda: None
    turns: int = 1_000_000
    program: str = ""
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median of its turns."""
        return median(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median CPU time of its turns, which a busy machine disturbs less."""
        return median(run.cpu for run in self.runs)

    @property
    def peak(self) -> float:
        """The largest of its turns, in MB."""
        return max(run.peak for run in self.runs)


def run(command: Command, folder: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a command in a folder. If it fails, end the benchmark and print its output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode:
            err.seek(0)
            said = (err.read()[-2000:] + out.read()[-2000:]).decode(errors="replace")
            sys.exit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{said}")
        unit = 1024**2 if sys.platform == "darwin" else 1024
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, out.read())


def in_turns(contenders: Sequence[Contender], rounds: int) -> None:
    """Run the contenders in turns, A B C A B C …, so that other load on the machine affects all of them."""
    for turn in range(rounds):
        for contender in contenders:
            if turn < contender.turns:
                contender.prepare()
                contender.runs.append(contender.action())
                print(
                    f"{turn + 1}/{rounds} {contender.name}: {contender.runs[-1].seconds:.3f} s",
                    file=sys.stderr,
                )


def tree_peak(command: Command, folder: Path, env: Mapping[str, str]) -> float | None:
    """Return the peak memory in MB of a process and its children; None without /proc.

    Shared pages count once. The memory is sampled every few milliseconds, which costs time, so this must not
    be a timed run.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak, ended = 0, threading.Event()
    threading.Thread(target=_wait, args=(process, ended), daemon=True).start()
    while not ended.wait(0.005):
        peak = max(peak, sum(map(_proportional_size, _family(process.pid))))
    return peak / 1024


def _wait(process: subprocess.Popen[bytes], ended: threading.Event) -> None:
    process.wait()
    ended.set()


def _family(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        with suppress(OSError):
            for children in Path(f"/proc/{member}/task").glob("*/children"):
                members += map(int, children.read_text().split())
    return members


def _proportional_size(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with padded columns."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )
