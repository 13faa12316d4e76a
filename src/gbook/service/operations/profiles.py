"""Group profiles: list, create, read, change, delete."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = ["create_profile", "delete_profile", "list_profiles", "read_profile", "update_profile"]


def list_profiles(call: Call) -> Any:
    """Return a page of the group profiles."""
    raise NotImplementedError


def create_profile(call: Call) -> Any:
    """Create a group profile and return it."""
    raise NotImplementedError


def read_profile(call: Call) -> Any:
    """Return a group profile."""
    raise NotImplementedError


def update_profile(call: Call) -> Any:
    """Change a group profile."""
    raise NotImplementedError


def delete_profile(call: Call) -> Any:
    """Delete a group profile; its bookings stay."""
    raise NotImplementedError
