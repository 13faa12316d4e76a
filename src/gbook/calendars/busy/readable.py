"""Check that a calendar can be read at all, whatever its content."""

from __future__ import annotations

from collections import deque

from gbook.calendars.ics.scanner import scan
from gbook.calendars.stores.base import Item, Store, read_settled

__all__ = ["check_readable"]


def check_readable(calendar: Store) -> None:
    """Read a calendar to its last line. Raises GbookError, InvalidFile."""
    for name, _ in calendar.look():
        read_settled(Item(calendar, name), lambda data: deque(scan(data, 0, 0), maxlen=0))
