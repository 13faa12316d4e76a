"""Where the events of a calendar stand, byte for byte: what a change needs to know before it may cut.

The scanner reads generously, for a query must see through a damaged file. This outline is strict, for a
file that is not whole must never be written: every component is closed by its own END, and nothing guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from gbook.calendars.ics.content_lines import text_value
from gbook.calendars.ics.frames import TOP_LEVEL, is_text
from gbook.errors import InvalidFile, Problem

__all__ = [
    "CalendarStructure",
    "EventRange",
    "content_lines",
    "fold",
    "line_break",
    "read_structure",
    "unfold",
]

# A content line has at most this many octets before it is folded (RFC 5545 §3.1), its break not counted.
FOLD_AT = 75


class EventRange(NamedTuple):
    """A VEVENT: the bytes `[start, end)`, its last line break included.

    Its VCALENDAR may be inside another one or inside an unknown component.
    """

    start: int
    end: int
    # Decoded, escapes undone; None where it has none.
    uid: str | None
    # RECURRENCE-ID as written, from the character behind its name; None in a master.
    recurrence: bytes | None


class CalendarStructure(NamedTuple):
    """The frame of a whole iCalendar stream."""

    events: list[EventRange]
    # How many components VCALENDARs hold, not counting VTIMEZONE, which only explains.
    items: int
    # Where the last END:VCALENDAR begins: what is put here comes last.
    end: int


def read_structure(content: bytes, path: str) -> CalendarStructure:
    """The outline of `content`. Raises InvalidFile, naming `path` and the line, where it is not whole."""
    walk = _Walk(content, path)
    # Every line then follows a line break, which the expression looks for first: that is four times as fast.
    # A match begins at that break, so its position is that of the line in `content`.
    for mark in _MARKS.finditer(b"\n" + content):
        word, rest = mark[1][:1].upper(), mark[2]
        if word == b"B":
            walk.begin(mark.start(), _component(rest))
        elif word == b"E":
            walk.finish(mark.start(), mark.end(), _component(rest))
        elif walk.in_event:
            walk.properties.setdefault(word, rest)
    return walk.result()


class _Walk:
    """The state of one walk over a stream: which components are open, and what is known of them."""

    def __init__(self, content: bytes, path: str) -> None:
        self.content = content
        self.path = path
        self.stack: list[str] = []
        self.events: list[EventRange] = []
        self.items = 0
        self.start = 0
        self.last_end = -1
        self.in_event = False
        # The component that is open of those that a VCALENDAR holds, and how many are around it.
        self.item: int | None = None
        # The first UID and RECURRENCE-ID of the open event, by their first letter.
        self.properties: dict[bytes, bytes] = {}

    def begin(self, at: int, name: str) -> None:
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
        if self.stack:
            raise self.invalid(len(self.content), f"{self.stack[-1]} has no END: the file is cut off")
        if self.last_end < 0:
            raise self.invalid(0, "expected an iCalendar file (BEGIN:VCALENDAR … END:VCALENDAR)")
        return CalendarStructure(self.events, self.items, self.last_end)

    def invalid(self, at: int, message: str) -> InvalidFile:
        return InvalidFile(self.path, [Problem(message, line=self.content.count(b"\n", 0, at) + 1)])

    def _uid(self) -> str | None:
        rest = self.properties.get(b"U")
        if rest is None:
            return None
        value = _value(unfold(rest)).decode("utf-8", "replace").strip()
        return text_value(value) if "\\" in value else value

    def _recurrence(self) -> bytes | None:
        rest = self.properties.get(b"R")
        return None if rest is None else unfold(rest).strip()


def content_lines(component: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The content lines of a component: each as it stands, line break included, and unfolded without it."""
    for match in _LINE.finditer(component):
        yield match[0], unfold(match[0]).rstrip(b"\r\n")


def unfold(line: bytes) -> bytes:
    """A line joined where it was folded (§3.1)."""
    return _FOLD.sub(b"", line) if b"\n" in line else line


def fold(line: bytes, line_break: bytes) -> bytes:
    """A content line folded after at most 75 octets, never inside a character, with its line break."""
    pieces = []
    rest, room = line, FOLD_AT
    while len(rest) > room:
        cut = room
        while cut > room - 4 and rest[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(rest[:cut])
        # The space that marks a continuation counts.
        rest, room = rest[cut:], FOLD_AT - 1
    pieces.append(rest)
    return (line_break + b" ").join(pieces) + line_break


def line_break(content: bytes) -> bytes:
    """The line break that `content` uses: that of its first line."""
    first = content.partition(b"\n")[0]
    return b"\n" if not first.endswith(b"\r") else b"\r\n"


@lru_cache(maxsize=256)
def _component(rest: bytes) -> str:
    return _value(unfold(rest)).strip().upper().decode("ascii", "replace")[:40]


def _value(rest: bytes) -> bytes:
    """What follows the first colon outside quotes, of a line from the character behind its name."""
    if rest[:1] == b":":
        return rest[1:]
    match = _PARAMETERS.match(rest)
    return rest[match.end() :] if match else rest


def _word(name: bytes) -> bytes:
    """An expression for a property's name that may be folded anywhere: nobody writes it, it is legal."""
    return rb"(?:\r?\n[ \t])*".join(re.escape(bytes([octet])) for octet in name)


_FOLD = re.compile(rb"\r?\n[ \t]")
_LINE = re.compile(rb"[^\n]*+(?:\n[ \t][^\n]*+)*+\n|[^\n]++")
_PARAMETERS = re.compile(rb'(?:;[^":;]*(?:"[^"]*"[^":;]*)*)*:')
# From a line break up to and with the line's own. Files put one behind the other may have a BOM each.
_MARKS = re.compile(
    rb"(?i)\n(?:\xef\xbb\xbf)?(" + b"|".join(map(_word, (b"BEGIN", b"END", b"UID", b"RECURRENCE-ID"))) + rb")"
    rb"((?:\r?\n[ \t])*[:;][^\n]*+(?:\n[ \t][^\n]*+)*+)"
)
