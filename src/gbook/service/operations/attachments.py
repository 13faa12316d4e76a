"""The accounts and groups of a group profile: list, attach, detach."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = [
    "attach_accounts",
    "attach_groups",
    "detach_accounts",
    "detach_groups",
    "list_accounts",
    "list_groups",
]


def list_accounts(call: Call) -> Any:
    """Return a page of the accounts attached by themselves."""
    raise NotImplementedError


def attach_accounts(call: Call) -> Any:
    """Attach accounts."""
    raise NotImplementedError


def detach_accounts(call: Call) -> Any:
    """Detach accounts."""
    raise NotImplementedError


def list_groups(call: Call) -> Any:
    """Return a page of the attached groups."""
    raise NotImplementedError


def attach_groups(call: Call) -> Any:
    """Attach groups."""
    raise NotImplementedError


def detach_groups(call: Call) -> Any:
    """Detach groups, or accounts of groups."""
    raise NotImplementedError
