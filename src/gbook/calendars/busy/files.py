"""The events of a whole calendar, with their titles: for explanations and the agenda."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.reader import read_file
from gbook.calendars.stores.base import Store

if TYPE_CHECKING:
    from gbook.calendars.busy.reader import File
    from gbook.engine.intervals import Interval

__all__ = ["read_files"]


def read_files(calendar: Store, options: ReadOptions, window: Interval) -> Iterator[File]:
    """Yield the events of each file of a calendar that may touch `window` (instants). Raises GbookError."""
    for name, _ in calendar.look():
        yield read_file(calendar.read(name), options, *window)
