"""A booking, a move, a cancellation and a confirmation that are killed before each of their steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.server_crash import CHANGES

TESTS = Path(__file__).parents[2]


def kills(*arguments: str) -> int:
    """Run a drill of support/server_crash.py that must succeed, and return the number of its kills."""
    command = [sys.executable, "-m", "support.server_crash", *arguments]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.crash
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("server", "kind"),
    [("radicale", "server"), ("xandikos", "host on server"), ("radicale", "host in file")],
)
def test_a_change_that_is_killed_can_be_put_right(server: str, kind: str, change: str) -> None:
    """No time is taken twice; `gbook check` names what is left.

    The same command with the same key makes the whole booking, `booking repair` makes all copies the same,
    and `booking cancel` gives all the time back. Holds expire, and the next booking deletes them.
    """
    assert kills(server, kind, change) >= 6
