"""The addresses of the pages of bookings and times, in the language and the zone of the visit."""

from __future__ import annotations

from urllib.parse import quote

import gbook
from gbook.service.page.web.visit import Visit
from gbook.workspace.tokens import RescheduleTokens

__all__ = ["booking_link", "record_link", "times_path"]


def times_path(profile: str) -> str:
    """Return the path of the times of a profile by its name."""
    return f"/b/{quote(profile)}"


def booking_link(visit: Visit, token: str, more: str = "") -> str:
    """Return the address of the page of a booking by its token, or of what belongs to it."""
    return visit.elsewhere(f"/b/booking/{quote(token)}{more}")


def record_link(visit: Visit, record: gbook.Record) -> str:
    """Return the address of the page of a booking or reservation."""
    return booking_link(visit, RescheduleTokens(visit.call.workspace).of(record.uid))
