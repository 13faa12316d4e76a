"""Items of a vdir: thousands of small files with the same properties and time zones before their event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from gbook.calendars.busy.cached import ReadOptions, SeriesBusy
from gbook.calendars.busy.reader import FileBusy, read_busy
from gbook.calendars.ics.scanner import scan
from gbook.engine.intervals import Intervals
from gbook.errors import InvalidFile

__all__ = ["read_item"]

NOTHING = FileBusy(Intervals(), [], [], {})


def read_item(
    data: bytes, options: ReadOptions, low: int, high: int, known: Mapping[bytes, SeriesBusy] | None = None
) -> FileBusy:
    """Return what `read_busy` returns; what precedes the event in many items is read only once.

    Most items are outside of the window: nothing but their event is scanned then. Raises InvalidFile.
    """
    start, end = data.find(b"\nBEGIN:VEVENT"), data.rfind(b"\nEND:VEVENT")
    if 0 < start < end and _TAIL.fullmatch(data, end):
        head = data[: start + 1]
        if _adds_nothing(head, options) and _is_outside(b"BEGIN:VCALENDAR" + data[start:], low, high):
            return NOTHING
    return read_busy(data, options, low, high, known)


@lru_cache(256)
def _adds_nothing(head: bytes, options: ReadOptions) -> bool:
    """Return whether a file with this beginning has only the busy time and the faults of its events."""
    if len(_BEGIN.findall(head)) != len(_END.findall(head)) + 1 or _OTHER_TIME.search(head):
        return False
    try:
        return read_busy(head + b"END:VCALENDAR\n", options, 0, 0) == NOTHING
    except InvalidFile:
        return False


def _is_outside(event: bytes, low: int, high: int) -> bool:
    try:
        return next(scan(event, low, high), None) is None
    except InvalidFile:
        return False


_TAIL = re.compile(rb"\nEND:VEVENT\r?\nEND:VCALENDAR\s*")
# Folded names too: a head with one is not plain.
_BEGIN = re.compile(rb"(?:^|\n)\s*B\s*E\s*G\s*I\s*N\s*:", re.IGNORECASE)
_END = re.compile(rb"\n\s*E\s*N\s*D\s*:", re.IGNORECASE)
# Components that give time without an event, and that depend on what else is in the file.
_OTHER_TIME = re.compile(rb"VFREEBUSY|VAVAILABILITY", re.IGNORECASE)
