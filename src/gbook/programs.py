"""Running the programs that gbook.yaml names: as argument lists, never in a shell, with a timeout.

Input and output are files: a program need not read its input, may write any amount of output, and may leave
a child in the background without keeping gbook waiting.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, NamedTuple

from gbook.errors import GbookError
from gbook.text import one_line

__all__ = ["Finished", "ProgramFailed", "run_program"]

# Bytes of output that are read: the first of stdout, the last of stderr.
ENOUGH = 1 << 16
# Characters of a quoted line of output.
LONGEST = 500
# Seconds that a program has to clean up after SIGTERM.
GRACE = 2.0


class ProgramFailed(GbookError):
    """A program could not be started, took too long or reported a failure; the message says which."""

    code = "program_failed"


class ProgramNotRun(ProgramFailed):
    """A program could not be started."""


class Finished(NamedTuple):
    """The result of a program."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def run_program(
    folder: Path,
    arguments: Sequence[str],
    timeout: float,
    document: bytes = b"",
    *,
    prints_secret: bool = False,
) -> bytes:
    """Run a program in a workspace's folder with `document` on its stdin; return the start of its stdout.

    Its environment is gbook's own, with GBOOK_WORKSPACE. After `timeout` seconds it is ended with all its
    children. Raises ProgramFailed, with the last line of its stderr if there is one, else of its stdout
    unless that may be a secret.
    """
    result = _run(folder, arguments, timeout, document)
    if result.exit_code == 0:
        return result.stdout
    message = _last_line(result.stderr) or (not prints_secret and _last_line(result.stdout)) or ""
    if result.exit_code < 0:
        message = message or f"{arguments[0]} was ended by {signal.Signals(-result.exit_code).name}"
    raise ProgramFailed(message or f"{arguments[0]} ended with exit code {result.exit_code}")


def _run(folder: Path, arguments: Sequence[str], timeout: float, document: bytes) -> Finished:
    with ExitStack() as files:
        try:
            stdin, stdout, stderr = (files.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            stdin.write(document)
            stdin.seek(0)
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                env={**os.environ, "GBOOK_WORKSPACE": str(folder)},
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ProgramNotRun(f"{arguments[0]} cannot be run: {reason}") from error
        return Finished(_wait(process, arguments[0], timeout), _first(stdout), _last(stderr))


def _wait(process: subprocess.Popen[bytes], name: str, timeout: float) -> int:
    """Return the exit code of a program; after `timeout` seconds, or Ctrl-C, end it. Raises ProgramFailed."""
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired as error:
        _end(process)
        raise ProgramFailed(f"{name} took longer than {timeout:g} s") from error
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and its children: SIGTERM first, then SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _first(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(ENOUGH)


def _last(file: IO[bytes]) -> bytes:
    file.seek(max(0, file.seek(0, os.SEEK_END) - ENOUGH))
    return file.read()


def _last_line(output: bytes) -> str:
    lines = (one_line(line) for line in reversed(output.decode("utf-8", "replace").splitlines()))
    return next(filter(None, lines), "")[:LONGEST]
