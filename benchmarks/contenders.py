"""The setting of a race, and the contenders of gbook: cold, warm, after a change, and booking."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from generate import NOW
from icaltext import stamp
from measure import Contender, Run, run

__all__ = ["HERE", "Ground", "add_event", "gbook_contenders", "once", "typer_contender"]

HERE = Path(__file__).resolve().parent
GUEST = ("--name", "Jane Doe", "--email", "jane@example.com")


@dataclass(frozen=True)
class Ground:
    """The setting of a race: a workspace that stays unchanged, a scratch folder, and the window.

    `options` are those of generate.py that gave the calendars.
    """

    data: Path
    scratch: Path
    options: tuple[str, ...] = ()
    days: int = 30
    now: datetime = field(default=datetime.fromisoformat(NOW))

    @property
    def window(self) -> tuple[int, int]:
        """The window of `days` from now, in seconds since 1970."""
        start = int(self.now.timestamp())
        return start, start + self.days * 86_400

    @property
    def changed(self) -> Path:
        """The copy of the workspace that is changed between turns."""
        return self.scratch / "changed"

    @property
    def vdirs(self) -> Path:
        """The workspace with the same events, but every calendar a vdir."""
        return self.scratch / "vdirs"

    @property
    def libical(self) -> Path:
        """The compiled peer in C."""
        return self.scratch / "peer-libical"

    @property
    def question(self) -> list[str]:
        """The timed command of gbook: list the slots of the window."""
        profile = "bench" if self.days <= 30 else "year"
        return ["availability", "-p", profile, "--for", f"P{self.days}D", "--json"]

    def index(self, name: str) -> Path:
        """Return the path of an index, which replaces the one in the user's cache."""
        return self.scratch / f"{name}.sqlite"

    def forget(self, name: str) -> None:
        """Remove an index and the files that SQLite keeps beside it."""
        for path in self.scratch.glob(f"{name}.sqlite*"):
            path.unlink()

    def env(self, index: str) -> dict[str, str]:
        """Return an environment with the fixed time and one of our indexes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GBOOK_")}
        return kept | {"GBOOK_NOW": f"{self.now:%Y-%m-%dT%H:%M:%SZ}", "GBOOK_INDEX": str(self.index(index))}

    def gbook(self, index: str, *words: str, workspace: Path | None = None) -> Run:
        """Run the `gbook` that is installed beside this Python."""
        return run(self.command(*words), workspace or self.data, self.env(index))

    def complete(self, index: str, *words: str) -> Run:
        """Ask for the completions of the last word of a command line, as bash does."""
        asked = {"COMP_WORDS": "\n".join(("gbook", *words)), "COMP_CWORD": str(len(words))}
        environment = self.env(index) | asked | {"_GBOOK_COMPLETE": "complete_bash"}
        return run(self.command(), self.data, environment)

    def query(self, index: str, workspace: Path | None = None) -> Run:
        """Run the timed command."""
        return self.gbook(index, *self.question, workspace=workspace)

    def busy(self, index: str, workspace: Path | None = None) -> Run:
        """Run the command whose answer is compared: the busy time of every account in the window."""
        end = self.now + timedelta(days=self.days)
        bounds = "--from", f"{self.now:%Y-%m-%dT%H:%M:%SZ}", "--to", f"{end:%Y-%m-%dT%H:%M:%SZ}"
        return self.gbook(index, "busy", *bounds, "--json", workspace=workspace)

    @staticmethod
    def command(*words: str) -> list[str]:
        """Return a command line of gbook."""
        return [str(Path(sys.executable).with_name("gbook")), *words]


def gbook_contenders(ground: Ground) -> dict[str, Contender]:
    """Return the contenders of gbook, which differ in what the index contains before they start."""
    changing, booking = _ChangingWorkspace(ground), _BookedWorkspace(ground)
    return {
        "version": Contender("`gbook --version`", partial(ground.gbook, "warm", "--version")),
        "warm": Contender("gbook warm", partial(ground.query, "warm"), once(partial(ground.query, "warm"))),
        "changed": Contender("gbook, one file changed", changing.query, changing.change),
        "cold": Contender(
            "gbook cold (no index)", partial(ground.query, "cold"), partial(ground.forget, "cold")
        ),
        "book": Contender("gbook book, warm", booking.book, booking.renew),
        "cancel": Contender("gbook booking cancel", booking.cancel, booking.renew_booked),
        "fsync": Contender("durable writes of one booking", partial(_write_durably, ground)),
    }


def typer_contender(ground: Ground, name: str = "import typer") -> Contender:
    """Return the measure of a machine: how long Python takes to import typer."""
    return Contender(name, partial(run, [sys.executable, "-c", "import typer"], ground.scratch))


def once(action: Callable[[], object]) -> Callable[[], None]:
    """Return the preparation of a contender that is prepared only before its first turn."""
    turns = count()

    def prepare() -> None:
        if next(turns) == 0:
            action()

    return prepare


class _ChangingWorkspace:
    """A copy in which another program adds an event to one calendar before each turn."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.turn = ground, 0

    def change(self) -> None:
        if not self.turn:
            shutil.copytree(self.ground.data, self.ground.changed)
            self.query()
        calendars = sorted((self.ground.changed / "calendars").iterdir())
        add_event(calendars[self.turn % len(calendars)], self.ground.now + timedelta(days=3), self.turn)
        self.turn += 1

    def query(self) -> Run:
        return self.ground.query("changed", self.ground.changed)


def add_event(calendar: Path, start: datetime, number: int) -> None:
    """Add an event of half an hour to a file or a vdir.

    The time of the file is set back, because gbook does not trust files that changed in the last two seconds.
    """
    lines = ["BEGIN:VEVENT", f"UID:added-{number}", f"DTSTAMP{stamp(start)}", f"DTSTART{stamp(start)}"]
    event = "\r\n".join([*lines, "DURATION:PT30M", "SUMMARY:Added", "END:VEVENT", ""]).encode()
    if calendar.is_dir():
        calendar /= f"added-{number}.ics"
        calendar.write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    head, end, tail = calendar.read_bytes().rpartition(b"END:VCALENDAR")
    calendar.write_bytes(head + event + end + tail)
    past = time.time() - 3600 + number
    for path in (calendar, calendar.parent):
        os.utime(path, (past, past))


class _BookedWorkspace:
    """A fresh copy for each turn, whose index is warm."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.folder = ground, ground.scratch / "booked"
        self.booking = ""

    def renew(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.ground.data, self.folder)
        self.ground.forget("booked")
        self.ground.query("booked", self.folder)

    def book(self) -> Run:
        booked = self.ground.gbook(
            "booked", "book", "--slot", "first", *GUEST, "--json", workspace=self.folder
        )
        if not json.loads(booked.output)["created"]:
            sys.exit(f"gbook book made no booking: {booked.output.decode()}")
        return booked

    def renew_booked(self) -> None:
        """Copy the calendars and book.

        The times of changed files are set back: gbook does not trust files that changed a moment ago.
        """
        self.renew()
        begin = time.time()
        self.booking = json.loads(self.book().output)["id"]
        for path in self.folder.rglob("*.ics"):
            if path.stat().st_mtime >= begin - 1:
                os.utime(path, (begin - 3600, begin - 3600))

    def cancel(self) -> Run:
        cancelled = self.ground.gbook(
            "booked", "booking", "cancel", self.booking, "--json", workspace=self.folder
        )
        if json.loads(cancelled.output)["status"] != "cancelled":
            sys.exit(f"gbook booking cancel cancelled nothing: {cancelled.output.decode()}")
        return cancelled


def _write_durably(ground: Ground) -> Run:
    """Write, sync and rename a calendar and a journal, and sync their folder: the minimum of a booking."""
    folder = ground.scratch / "durable"
    folder.mkdir(exist_ok=True)
    largest = max((path for path in ground.data.rglob("*.ics")), key=lambda path: path.stat().st_size)
    content = largest.read_bytes()
    begin = time.perf_counter()
    for name, data in (("calendar", content), ("journal", b"x" * 200)):
        with (folder / f".{name}").open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    for name in ("calendar", "journal"):
        (folder / f".{name}").replace(folder / name)
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return Run(time.perf_counter() - begin)
