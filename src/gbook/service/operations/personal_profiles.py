"""The account"s own profiles: list, create, read, change, delete; and its work hours."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = [
    "create_profile",
    "delete_profile",
    "list_profiles",
    "read_profile",
    "read_work_hours",
    "update_profile",
]


def read_work_hours(call: Call) -> Any:
    """Return the work hours of the account."""
    raise NotImplementedError


def list_profiles(call: Call) -> Any:
    """Return a page of the account's profiles."""
    raise NotImplementedError


def create_profile(call: Call) -> Any:
    """Create a profile of the account and return it."""
    raise NotImplementedError


def read_profile(call: Call) -> Any:
    """Return a profile of the account."""
    raise NotImplementedError


def update_profile(call: Call) -> Any:
    """Change a profile of the account."""
    raise NotImplementedError


def delete_profile(call: Call) -> Any:
    """Delete a profile of the account; its bookings stay."""
    raise NotImplementedError
