"""Free times, meetings and reservations of the account"s own profiles."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = ["confirm_reservation", "create_meeting", "delete_reservation", "read_times"]


def read_times(call: Call) -> Any:
    """Return the times of a profile that can be booked."""
    raise NotImplementedError


def create_meeting(call: Call) -> Any:
    """Book a time, or reserve it."""
    raise NotImplementedError


def confirm_reservation(call: Call) -> Any:
    """Turn a reservation into a booking."""
    raise NotImplementedError


def delete_reservation(call: Call) -> Any:
    """Drop a reservation."""
    raise NotImplementedError
