"""Running gbook in tests: in this process, in another one, and on a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gbook.cli import run

__all__ = [
    "GBOOK",
    "PATIENCE",
    "Gbook",
    "GbookProcess",
    "Result",
    "check_contract",
    "ended",
    "started",
]

PATIENCE = 30
GBOOK = Path(sys.executable).with_name("gbook")
EXIT_CODES = {0, 1, 2, 3, 4, 5, 6, 130}


class Result(NamedTuple):
    """The exit code of a command, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)


class Gbook:
    """Runs a command line in this process."""

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> Result:
        """Run a command; without `stdin` it gets the one of the test."""
        with _streams(stdin) as (out, err):
            code = run(arguments)
            return Result(code, _text(out), _text(err))

    def json(self, *arguments: str) -> Any:
        """Return the document of a command that must succeed."""
        result = self(*arguments, "--json")
        assert result.code == 0, result.err
        return result.document


@contextlib.contextmanager
def _streams(stdin: bytes | None) -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """Replace the three streams as `gbook.__main__` opens them, and yield stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "replace", newline="\n") for _ in range(2))
    previous = sys.stdin
    if stdin is not None:
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield out, err
    finally:
        sys.stdin = previous


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


class GbookProcess(Gbook):
    """Runs a command line in a process of its own, as a shell does."""

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> Result:
        """Run a command in the current folder; without `stdin` it gets nothing to read."""
        done = subprocess.run(
            [GBOOK, *arguments], input=stdin or b"", capture_output=True, timeout=PATIENCE, check=False
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def started(*arguments: str) -> subprocess.Popen[str]:
    """Start gbook in the current folder, and return the process."""
    return subprocess.Popen(
        [GBOOK, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Result:
    """Wait for a process, and return what it gave."""
    out, err = process.communicate(timeout=PATIENCE)
    return Result(process.returncode, out, err)


def check_contract(arguments: Sequence[str], result: Result) -> Result:
    """Return the result if it keeps to the contract: a documented exit code, and no traceback."""
    assert result.code in EXIT_CODES, (arguments, result)
    assert "Traceback" not in result.err, (arguments, result.err[-2000:])
    assert "a bug in gbook" not in result.err, (arguments, result.err[-2000:])
    return result
