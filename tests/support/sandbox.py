"""A machine that is short of everything, for gbook as a shell starts it; and calendars in a few bytes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from support.office import make_office

__all__ = [
    "END",
    "EXIT_CODES",
    "NOBODY",
    "NOW",
    "START",
    "Ended",
    "office",
    "public_folder",
    "run",
    "run_as_nobody",
    "tree",
    "vcalendar",
    "vevent",
]

NOW = "2026-11-23T08:00:00Z"
NOBODY = 65534
MEMORY = 1 << 30
SECONDS = 20
EXIT_CODES = {0, 1, 2, 3, 4, 5, 6, 130}
START, END = b"DTSTART:20261124T100000Z", b"DTEND:20261124T110000Z"


_AS_NOBODY = """
import importlib, importlib.resources, os, pkgutil, sys, tzdata
import concurrent.futures.process, dateutil.tz, icalendar, recurring_ical_events, ruamel.yaml, yaml
import rich.console, rich.table, tzlocal, sqlite3, msgspec, encodings.idna, encodings.utf_8_sig
import gbook, gbook.cli
for module in pkgutil.walk_packages(gbook.__path__, "gbook."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
exec(sys.argv.pop(1))
sys.exit(gbook.cli.run(sys.argv[1:]))
"""
_BECOME_NOBODY = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})"


class Ended(NamedTuple):
    """What a process said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)


def office(folder: Path, members: str = "accounts: [alice, bob]") -> Path:
    """A workspace of alice (CRLF), bob (LF) and carol (a vdir), who are free on Tuesday and Wednesday."""
    make_office(folder)
    profile = folder / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("accounts: [alice, bob]", members))
    return folder


def run(
    workspace: Path, *arguments: str, before: Callable[[], None] | None = None, given: bytes = b""
) -> Ended:
    """gbook with a gibibyte and twenty seconds; `before` is what else is done to it.

    It must end by itself, with an exit code that means something and without a word of Python's.
    """

    return _run([sys.executable, "-m", "gbook", *arguments], workspace, before, given)


def run_as_nobody(workspace: Path, *arguments: str, become: str = _BECOME_NOBODY) -> Ended:
    """The same, by somebody who owns nothing; only root can become that.

    Everything is imported before, for the program itself may lie where nobody may look.
    """
    return _run([sys.executable, "-c", _AS_NOBODY, become, *arguments], workspace)


def _run(
    command: Sequence[str], workspace: Path, before: Callable[[], None] | None = None, given: bytes = b""
) -> Ended:
    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        if before is not None:
            before()

    environment = os.environ | {
        "GBOOK_NOW": NOW,
        "GBOOK_WORKSPACE": str(workspace),
        "GBOOK_INDEX": str(workspace.parent / "cache/index.sqlite"),
        "TZ": "UTC",
    }
    for name in ("GBOOK_PROFILE", "GBOOK_DEBUG"):
        environment.pop(name, None)
    process = subprocess.run(
        command,
        env=environment,
        input=given,
        capture_output=True,
        preexec_fn=prepare,
        timeout=120,
    )
    ended = Ended(process.returncode, process.stdout.decode(), process.stderr.decode())
    assert ended.code in EXIT_CODES, ended
    assert "Traceback" not in ended.err and "a bug in gbook" not in ended.err, ended.err[-2000:]
    return ended


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that everybody can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "cache").mkdir()
        (folder / "cache").chmod(0o777)
        yield folder


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything in a workspace that is not a lock or the index: bytes of files, where links lead."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.name.endswith((".lock", "-lock")) or name.startswith("cache"):
            continue
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        else:
            found[name] = ""
    return found


def vcalendar(*parts: bytes) -> bytes:
    """A VCALENDAR of whole components or lines, each with its line break."""
    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//somebody//else//EN\r\n"
    return b"".join([head, *parts, b"END:VCALENDAR\r\n"])


def vevent(uid: str, *lines: bytes) -> bytes:
    """A VEVENT of these lines."""
    return b"\r\n".join([b"BEGIN:VEVENT", f"UID:{uid}".encode(), *lines, b"END:VEVENT", b""])
