"""How often a command that changes a booking reads one calendar file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, make_team

# Count the times that a file is opened for its content (O_PATH only looks at the path).
COUNTING = """
import os, sys
from gbook.cli import run

opened = 0

def count(event, arguments):
    global opened
    # `open()` reports itself too, with a mode; each file is also reported by `os.open`, without one.
    if event == "open" and arguments[1] is None and str(arguments[0]).endswith("alice.ics"):
        opened += not arguments[2] & getattr(os, "O_PATH", 0)

sys.addaudithook(count)
code = run(sys.argv[1:])
print(opened, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team", "accounts: [alice]"))
    return tmp_path / "team"


def reads(team: Path, *arguments: str) -> int:
    """Run gbook, and return how often it opened alice's calendar, which nothing changed for a while."""
    calm = time.time() - 60
    os.utime(team / "alice.ics", (calm, calm))
    command = [sys.executable, "-c", COUNTING, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return int(result.stderr.split()[-1])


def test_each_change_reads_a_calendar_twice_at_most(team: Path, gbook: Gbook) -> None:
    """Once before the locks, and once under them, to see that no other program has changed it."""
    book = ("book", "--slot", f"{TUESDAY}09:00Z", "--field", "topic=Looms")
    assert reads(team, *book) <= 2
    (booking,) = gbook.json("booking", "list")["records"]
    assert reads(team, "booking", "reschedule", booking["id"], "--slot", f"{TUESDAY}10:00Z") <= 2
    assert reads(team, "booking", "cancel", booking["id"]) <= 2
    for command in ("confirm", "drop"):
        assert reads(team, *book, "--reserve", "60") <= 2
        (reservation,) = gbook.json("reservation", "list")["records"]
        assert reads(team, "reservation", command, reservation["id"]) <= 2
        if command == "confirm":
            gbook.json("booking", "cancel", reservation["id"])
