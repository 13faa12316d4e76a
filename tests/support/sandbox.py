"""Processes of gbook with little memory, little time or few rights."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.running import Result, check_contract

__all__ = ["NOBODY", "public_folder", "run", "run_as_nobody", "tree"]

NOBODY = 65534
MEMORY = 1 << 30
SECONDS = 20


_AS_NOBODY = """
import importlib, importlib.resources, os, pkgutil, sys, tzdata
import dateutil.tz, icalendar, recurring_ical_events, ruamel.yaml, yaml
import rich.console, rich.table, tzlocal, sqlite3, msgspec, encodings.idna, encodings.utf_8_sig
import gbook, gbook.cli
for module in pkgutil.walk_packages(gbook.__path__, "gbook."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
exec(sys.argv.pop(1))
sys.exit(gbook.cli.run(sys.argv[1:]))
"""
_BECOME_NOBODY = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})"


def run(
    workspace: Path, *arguments: str, before: Callable[[], None] | None = None, stdin: bytes = b""
) -> Result:
    """Run gbook with one gibibyte of memory and 20 seconds of CPU; the new process calls `before` first.

    Raise AssertionError if it does not end by itself or breaks the contract of exit codes.
    """
    return _run([sys.executable, "-m", "gbook", *arguments], workspace, before, stdin)


def run_as_nobody(workspace: Path, *arguments: str, become: str = _BECOME_NOBODY) -> Result:
    """Run gbook in the same way as a user without rights, which only root can become.

    Everything is imported before: that user may not be able to read the program.
    """
    return _run([sys.executable, "-c", _AS_NOBODY, become, *arguments], workspace)


def _run(
    command: Sequence[str], workspace: Path, before: Callable[[], None] | None = None, stdin: bytes = b""
) -> Result:
    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        if before is not None:
            before()

    environment = os.environ | {
        "GBOOK_WORKSPACE": str(workspace),
        "GBOOK_INDEX": str(workspace.parent / "cache/index.sqlite"),
    }
    process = subprocess.run(
        command,
        env=environment,
        input=stdin,
        capture_output=True,
        preexec_fn=prepare,
        timeout=120,
    )
    result = Result(process.returncode, process.stdout.decode(), process.stderr.decode())
    return check_contract(command, result)


@contextmanager
def public_folder() -> Iterator[Path]:
    """Yield a folder that all users can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "cache").mkdir()
        (folder / "cache").chmod(0o777)
        yield folder


def tree(folder: Path) -> dict[str, bytes | str]:
    """Return the bytes of files and the targets of links in a folder, by path, without locks and cache."""
    contents: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.name.endswith((".lock", "-lock")) or name.startswith("cache"):
            continue
        if path.is_symlink():
            contents[name] = str(path.readlink())
        elif path.is_file():
            contents[name] = path.read_bytes()
        else:
            contents[name] = ""
    return contents
