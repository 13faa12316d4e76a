"""Reservations of group profiles: confirm, drop."""

from __future__ import annotations

from typing import Any

from gbook.service.call import Call

__all__ = ["confirm_reservation", "delete_reservation"]


def confirm_reservation(call: Call) -> Any:
    """Turn a reservation into a booking."""
    raise NotImplementedError


def delete_reservation(call: Call) -> Any:
    """Drop a reservation."""
    raise NotImplementedError
