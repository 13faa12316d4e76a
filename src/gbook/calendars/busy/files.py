"""The events of a whole calendar, with their titles: for explanations and the agenda."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.reader import read_file
from gbook.calendars.stores.vdir import list_items, read_bytes

if TYPE_CHECKING:
    from gbook.calendars.busy.reader import File
    from gbook.engine.intervals import Interval

__all__ = ["read_files"]


def read_files(calendar: Path, options: ReadOptions, window: Interval) -> Iterator[File]:
    """Yield the events of each file of a calendar that may touch `window` (instants). Raises GbookError."""
    for item in list_items(calendar):
        yield read_file(read_bytes(item.path), options, *window)
