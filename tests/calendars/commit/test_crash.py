"""A booking in three calendars that is cut short: killed, failing, out of power."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.crash import DRILLS

TESTS = Path(__file__).parents[2]

pytestmark = pytest.mark.crash


def watched(*arguments: str) -> int:
    """How many accidents a drill has seen, each of which ended as it should."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("drill", DRILLS)
def test_a_booking_that_is_cut_short_is_there_everywhere_or_nowhere(drill: str) -> None:
    """Killed before, after or within each system call, or an error from it: after the next command all
    calendars have the event or none has, no other byte has changed, and the next booking leaves nothing over.
    An error is one line; unless it says that the change is recorded, nothing has changed.
    """
    assert watched("support.crash", drill) >= 5


def test_a_power_failure_leaves_a_booking_everywhere_or_nowhere() -> None:
    """Whatever was not fsynced may be lost or cut, names too, and the power may fail again during the
    recovery. After exit 0 the event is there.
    """
    assert watched("support.power_loss") >= 100
