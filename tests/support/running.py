"""Running gbook in tests: in this process, and in another one on a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gbook.cli import run

PATIENCE = 30


class Result(NamedTuple):
    code: int
    out: str
    err: str


class Gbook:
    """Runs a command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Result:
        self._capsys.readouterr()
        code = run(arguments)
        return Result(code, *self._capsys.readouterr())

    def json(self, *arguments: str) -> Any:
        """The document of a command that must succeed."""
        result = self(*arguments, "--json")
        assert result.code == 0, result.err
        return json.loads(result.out)


class GbookProcess(Gbook):
    """Runs a command line in a process of its own, as a shell does."""

    def __init__(self) -> None:
        pass

    def __call__(self, *arguments: str) -> Result:
        return ended(started(*arguments))


def started(*arguments: str) -> subprocess.Popen[str]:
    """A process of gbook's that runs in the current folder."""
    command = [str(Path(sys.executable).with_name("gbook")), *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> Result:
    """What has become of it."""
    out, err = process.communicate(timeout=PATIENCE)
    return Result(process.returncode, out, err)


def on_terminal(arguments: Sequence[str], answers: Sequence[str], folder: Path) -> tuple[int, str]:
    """Runs gbook on a terminal, types an answer at each question; gives exit code and output."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "gbook", *arguments])
    shown = ""
    try:
        for answer in answers:
            shown += _read(terminal, until=": ")
            os.write(terminal, answer.encode() + (b"" if answer == "\x03" else b"\n"))
        shown += _read(terminal, until=None)
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def _read(terminal: int, until: str | None) -> str:
    """What is shown until it ends with a question, or for ever."""
    shown = ""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.1)[0]:
            if until and shown.endswith(until):
                return shown
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the other side is gone
            return shown
        if not data:
            return shown
        shown += data.decode(errors="replace")
    raise AssertionError(f"expected {until!r}, saw {shown!r}")
