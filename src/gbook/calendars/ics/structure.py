"""The exact byte ranges of the events in a calendar, which an edit needs.

The scanner is lenient, because a query must cope with damaged files. This module is strict, because an
incomplete file must never be written: each component is closed by its own END, and nothing is guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gbook.calendars.ics.content_lines import FOLD, text_value, unfold, value_of
from gbook.calendars.ics.frames import TOP_LEVEL, is_text
from gbook.errors import InvalidFile, Problem

__all__ = [
    "CalendarStructure",
    "EventRange",
    "read_structure",
]


class EventRange(NamedTuple):
    """A VEVENT: the bytes `[start, end)`, its last line break included.

    Its VCALENDAR may be inside another one or inside an unknown component.
    """

    start: int
    end: int
    # Decoded, escapes undone; None if there is none.
    uid: str | None
    # RECURRENCE-ID as written, from the character after its name; None in a master.
    recurrence: bytes | None


class CalendarStructure(NamedTuple):
    """The structure of a complete iCalendar stream."""

    events: list[EventRange]
    # The number of components in VCALENDARs, without VTIMEZONE.
    items: int
    # The position of the last END:VCALENDAR, where new events are inserted.
    end: int


def read_structure(content: bytes, path: str) -> CalendarStructure:
    """Return the structure of `content`. Raises InvalidFile if it is incomplete."""
    walk = _Walk(content, path)
    # The expression looks for a line break first, which is four times as fast: now each line follows one.
    # A match begins at that break, so its position is that of the line in `content`.
    for mark in re.finditer(_MARKS, b"\n" + content):
        word, rest = mark[1][:1].upper(), mark[2]
        if word == b"B":
            walk.begin(mark.start(), _component(rest))
        elif word == b"E":
            walk.finish(mark.start(), mark.end(), _component(rest))
        elif walk.in_event:
            walk.properties.setdefault(word, rest)
    return walk.result()


class _Walk:
    """The state of a walk over a stream: the open components, and the properties of the open event."""

    def __init__(self, content: bytes, path: str) -> None:
        self.content = content
        self.path = path
        self.stack: list[str] = []
        self.events: list[EventRange] = []
        self.items = 0
        self.start = 0
        self.last_end = -1
        self.in_event = False
        # The number of components around the open component of a VCALENDAR; None if none is open.
        self.item: int | None = None
        # The first UID and RECURRENCE-ID of the open event, by their first letter.
        self.properties: dict[bytes, bytes] = {}

    def begin(self, at: int, name: str) -> None:
        """Open a component."""
        if self.stack and is_text(name):
            return
        self.stack.append(name)
        self.in_event = False
        if self.stack[0] != "VCALENDAR":
            raise self.invalid(at, f"expected BEGIN:VCALENDAR, found BEGIN:{name}")
        if self.item is not None or name == "VCALENDAR":
            return
        self.items += name != "VTIMEZONE"
        if name in TOP_LEVEL:
            self.item = len(self.stack) - 1
            self.in_event = name == "VEVENT"
            self.start = at
            self.properties = {}

    def finish(self, at: int, end: int, name: str) -> None:
        """Close a component. Raises InvalidFile if it is not the one opened last."""
        if self.item is not None and name not in self.stack and is_text(name, known=True):
            return
        if not self.stack or self.stack[-1] != name:
            expected = f"END:{self.stack[-1]}" if self.stack else "BEGIN:VCALENDAR"
            raise self.invalid(at, f"expected {expected}, found END:{name}")
        self.stack.pop()
        if not self.stack:
            self.last_end = at
        elif len(self.stack) == self.item:
            if name == "VEVENT":
                self.events.append(EventRange(self.start, end, self._uid(), self._recurrence()))
            self.item = None
        self.in_event = self.item is not None and self.stack[self.item :] == ["VEVENT"]

    def result(self) -> CalendarStructure:
        """Return the structure. Raises InvalidFile if the stream is incomplete."""
        if self.stack:
            raise self.invalid(len(self.content), f"{self.stack[-1]} has no END: the file is cut off")
        if self.last_end < 0:
            raise self.invalid(0, "expected an iCalendar file (BEGIN:VCALENDAR … END:VCALENDAR)")
        return CalendarStructure(self.events, self.items, self.last_end)

    def invalid(self, at: int, message: str) -> InvalidFile:
        """Return the error for a fault at a position."""
        return InvalidFile(self.path, [Problem(message, line=self.content.count(b"\n", 0, at) + 1)])

    def _uid(self) -> str | None:
        rest = self.properties.get(b"U")
        if rest is None:
            return None
        value = value_of(unfold(rest)).decode("utf-8", "replace").strip()
        return text_value(value) if "\\" in value else value

    def _recurrence(self) -> bytes | None:
        rest = self.properties.get(b"R")
        return None if rest is None else unfold(rest).strip()


@lru_cache(maxsize=256)
def _component(rest: bytes) -> str:
    return value_of(unfold(rest)).strip().upper().decode("ascii", "replace")[:40]


def _word(name: bytes) -> bytes:
    """Return an expression for a name that may be folded anywhere, which is rare and legal."""
    return (b"(?:" + FOLD + b")*").join(re.escape(bytes([octet])) for octet in name)


# From a line break to the end of the next line. Concatenated files may each have a BOM.
# Compiled at the first use: reading needs none of it.
_MARKS = (
    rb"(?i)\n(?:\xef\xbb\xbf)?(" + b"|".join(map(_word, (b"BEGIN", b"END", b"UID", b"RECURRENCE-ID"))) + rb")"
    rb"((?:" + FOLD + rb")*[:;][^\n]*+(?:\n[ \t][^\n]*+)*+)"
)
