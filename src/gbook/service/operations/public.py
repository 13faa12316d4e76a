"""What guests may do without credentials, with public profiles."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = ["create_meeting", "read_times"]


def read_times(call: Call) -> Any:
    """Return the times of a public profile that can be booked."""
    raise NotImplementedError


def create_meeting(call: Call) -> Any:
    """Book a time of a public profile, or reserve it."""
    raise NotImplementedError
