"""Check that a calendar can be read at all, whatever its content."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from gbook.calendars.ics.scanner import scan
from gbook.calendars.stores.vdir import list_items, read_settled

__all__ = ["check_readable"]


def check_readable(calendar: Path) -> None:
    """Read a calendar, a file or a folder, to its last line. Raises GbookError, InvalidFile."""
    for item in list_items(calendar):
        read_settled(item.path, lambda data: deque(scan(data, 0, 0), maxlen=0))
