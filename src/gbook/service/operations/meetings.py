"""Free times and meetings of group profiles."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = ["available_profiles", "create_meeting", "read_times"]


def read_times(call: Call) -> Any:
    """Return the times of a profile that can be booked."""
    raise NotImplementedError


def create_meeting(call: Call) -> Any:
    """Book a time, or reserve it."""
    raise NotImplementedError


def available_profiles(call: Call) -> Any:
    """Return the profiles that can take a time."""
    raise NotImplementedError
