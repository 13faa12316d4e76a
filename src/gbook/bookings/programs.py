"""Running the programs that gbook.yaml names: argument lists, never a shell line, and never for ever.

Input and output go through files: a program need not read what it is given, may say as much as it likes, and
may leave a child behind in the background without keeping gbook waiting.
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

from gbook.bookings.event import one_line
from gbook.errors import GbookError
from gbook.workspace.workspace import Workspace

__all__ = ["Finished", "ProgramFailed", "run_program"]

# Of what a program says, so many bytes are read: the first of stdout, the last of stderr.
ENOUGH = 1 << 16
# A line of it that is quoted has at most so many characters.
LONGEST = 500
# Seconds to clean up in, once a program was told to end.
GRACE = 2.0


class ProgramFailed(GbookError):
    """A program could not be started, took too long or reported a failure; the message says which."""

    code = "program_failed"


class Finished(NamedTuple):
    """What a program left behind."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def run_program(
    workspace: Workspace, arguments: Sequence[str], timeout: float, document: bytes = b""
) -> bytes:
    """Runs a program in the workspace's folder with `document` on its stdin; gives the first of its stdout.

    Its environment is gbook's own, with GBOOK_WORKSPACE. After `timeout` seconds it is ended with all its
    children. Raises ProgramFailed, where it can with the last line that the program wrote to stderr.
    """
    done = _run(workspace.root, arguments, timeout, document)
    if done.exit_code == 0:
        return done.stdout
    said = _last_line(done.stderr) or _last_line(done.stdout)
    if done.exit_code < 0:
        said = said or f"{arguments[0]} was ended by {signal.Signals(-done.exit_code).name}"
    raise ProgramFailed(said or f"{arguments[0]} ended with exit code {done.exit_code}")


def _run(folder: Path, arguments: Sequence[str], timeout: float, document: bytes) -> Finished:
    with ExitStack() as files:
        try:
            stdin, out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            stdin.write(document)
            stdin.seek(0)
        except OSError as error:
            raise ProgramFailed(f"{arguments[0]} cannot be run: {error.strerror}") from error
        try:
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                env={**os.environ, "GBOOK_WORKSPACE": str(folder)},
                stdin=stdin,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ProgramFailed(f"{arguments[0]} cannot be run: {reason}") from error
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise ProgramFailed(f"{arguments[0]} took longer than {timeout:g} s") from error
        except BaseException:
            _end(process)
            raise
        return Finished(code, _first(out), _last(err))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a program and its children: first asked, then killed."""
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


def _last_line(said: bytes) -> str:
    lines = (one_line(line) for line in reversed(said.decode("utf-8", "replace").splitlines()))
    return next(filter(None, lines), "")[:LONGEST]
