"""How often a command that changes a booking reads one calendar file."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.running import Gbook
from support.team import TUESDAY, make_team

# The paths of files that were opened for their content, while it is not None.
_opened: list[str] | None = None


def _note_open(event: str, arguments: tuple[Any, ...]) -> None:
    # `open()` reports itself too, with a mode; each file is also reported by `os.open`, without one.
    if _opened is not None and event == "open" and arguments[1] is None:
        # With O_PATH only the path is looked at.
        _opened.extend([str(arguments[0])] * (not arguments[2] & getattr(os, "O_PATH", 0)))


# An audit hook cannot be removed.
sys.addaudithook(_note_open)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team", "accounts: [alice]"))
    return tmp_path / "team"


def reads(team: Path, *arguments: str) -> int:
    """Run gbook, and return how often it opened alice's calendar, which nothing changed for a while."""
    calm = time.time() - 60
    os.utime(team / "alice.ics", (calm, calm))
    global _opened
    opened: list[str] = []
    _opened = opened
    try:
        result = Gbook()(*arguments)
    finally:
        _opened = None
    assert result.code == 0, result.err
    return sum(path.endswith("alice.ics") for path in opened)


def test_each_change_reads_a_calendar_twice_at_most(team: Path, gbook: Gbook) -> None:
    """Once before the locks, and once under them, to see that no other program has changed it."""
    book = ("book", "--slot", f"{TUESDAY}09:00Z", "--field", "topic=Looms")
    assert 0 < reads(team, *book) <= 2
    (booking,) = gbook.json("booking", "list")["records"]
    assert 0 < reads(team, "booking", "reschedule", booking["id"], "--slot", f"{TUESDAY}10:00Z") <= 2
    assert 0 < reads(team, "booking", "cancel", booking["id"]) <= 2
    for command in ("confirm", "drop"):
        assert 0 < reads(team, *book, "--reserve", "60") <= 2
        (reservation,) = gbook.json("reservation", "list")["records"]
        assert 0 < reads(team, "reservation", command, reservation["id"]) <= 2
        if command == "confirm":
            gbook.json("booking", "cancel", reservation["id"])
