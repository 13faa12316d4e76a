"""A booking in three calendars that is interrupted: by a kill, a failed system call, a power failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.crash import DRILLS

TESTS = Path(__file__).parents[2]

pytestmark = pytest.mark.crash


def watched(*arguments: str) -> int:
    """Run a drill that must succeed, and return the number of its faults."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("drill", DRILLS)
def test_a_booking_that_is_cut_short_is_there_everywhere_or_nowhere(drill: str) -> None:
    """The process is killed before, in or after each system call, or the call fails.

    After the next command all calendars have the event or none has, no other byte has changed, and the next
    booking leaves no temporary file. An error is one line, and nothing has changed unless it says so.
    """
    assert watched("support.crash", drill) >= 5


def test_a_power_failure_leaves_a_booking_everywhere_or_nowhere() -> None:
    """Content and names that were not fsynced may be lost or cut; after exit 0 the event exists.

    The power may fail again during the recovery.
    """
    assert watched("support.power_loss") >= 100
