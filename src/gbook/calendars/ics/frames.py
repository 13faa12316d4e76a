"""Find where the components of a file begin and end (RFC 5545 §3.4, §3.6), and when events are.

Files are damaged in practice: components without an END, text that looks like one, lines that belong to
nothing. What can be read is read, with what is wrong with it; a file that is not complete is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from gbook.errors import InvalidFile, Problem

__all__ = [
    "MAX_COMPONENTS",
    "MAX_NESTING",
    "TOP_LEVEL",
    "Enclosing",
    "Frame",
    "find_frames",
    "invalid",
    "is_text",
    "unfold",
    "value_of",
]

MAX_NESTING = 16
MAX_COMPONENTS = 1_000_000
# So many places with something else than a calendar are reported.
MAX_PLACES = 10


class Enclosing:
    """What a VCALENDAR says for all that it holds. Complete once the whole file is scanned."""

    __slots__ = ("_method", "_outer", "_zone")

    def __init__(self, outer: Enclosing | None = None) -> None:
        self._outer = outer
        self._zone: str | None = None
        self._method: str | None = None

    @property
    def zone(self) -> str | None:
        """X-WR-TIMEZONE: the zone of floating and all-day times, where it is given."""
        return self._zone or (self._outer.zone if self._outer else None)

    @property
    def method(self) -> str | None:
        """METHOD in upper case (RFC 5546 §1.4), where it is given."""
        return self._method or (self._outer.method if self._outer else None)

    def add(self, name: bytes, line: bytes) -> None:
        """Take over a property of the VCALENDAR; of several, the first that is not empty counts."""
        value = value_of(unfold(line)).decode("utf-8", "replace").strip()
        if name == b"METHOD":
            self._method = self._method or value.upper()
        else:
            self._zone = self._zone or value


class Frame:
    """An open component of a VCALENDAR, or a place where something else is: then it has no name."""

    __slots__ = ("broken", "calendar", "dates", "depth", "name", "nested", "start")

    def __init__(self, name: str, start: int, depth: int, calendar: Enclosing) -> None:
        self.name = name
        self.start = start
        # How many components it is in.
        self.depth = depth
        self.calendar = calendar
        self.broken: str | None = None
        # Begins and ends of the components nested in it, in turns.
        self.nested: list[int] = []
        # The first line of each name in _LINES, from the character behind the name.
        self.dates: dict[bytes, bytes] = {}


def find_frames(data: bytes, passes: Callable[[bytes, int], int] | None) -> Iterator[tuple[Frame, int]]:
    """Yield the components that are in a VCALENDAR or in something unknown in it, each with where it ends.

    `passes` returns where an event ends that is left out, or 0. Places with something else come between them.
    """
    walk = _Walk(data)
    end = 0
    while match := _LINES.search(data, end):
        word, at = match[1].upper(), match.start(1)
        # The line break apart, one component follows the other.
        if at - end > 2 and walk.frame is None and (place := walk.stray(end, at)):
            yield place, at
        end = match.end()
        if word == b"BEGIN":
            walk.count += 1
            judged = passes and match[2] == b":VEVENT" and walk.frame is None and walk.stack
            if passes and judged and (over := passes(data, end)):
                end = over
            elif done := walk.begin(at, match[2]):
                yield done, at
        elif word == b"END":
            if closed := walk.end(at, end, match[2]):
                yield closed
        elif place := walk.property(at, word, match[2]):
            yield place, at
    if walk.frame is None and (place := walk.stray(end, len(data))):
        yield place, len(data)
    walk.finish()


class _Walk:
    """The state of a walk over a file: which components are open."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.stack: list[str] = []
        # One for each open VCALENDAR.
        self.calendars: list[Enclosing] = []
        self.frame: Frame | None = None
        # How many components have begun.
        self.count = 0
        self.places = 0

    def begin(self, at: int, rest: bytes) -> Frame | None:
        """Open a component; returns one that has lost its END, so that this one does not disappear in it."""
        name = _frame_name(rest)
        if self.stack and is_text(name):
            return self._text(at, f"BEGIN:{name} begins nothing")
        self._check_begin(at, name)
        lost = self.frame if name in TOP_LEVEL else None
        if lost is not None:
            lost.broken = f"{lost.name} has no END"
            del self.stack[lost.depth :]
            self.frame = None
        self.stack.append(name)
        if self.frame is not None:
            if len(self.stack) == self.frame.depth + 2:
                self.frame.nested.append(at)
        elif name == "VCALENDAR":
            self.calendars.append(Enclosing(self.calendars[-1] if self.calendars else None))
        elif name in TOP_LEVEL:
            self.frame = Frame(name, at, len(self.stack) - 1, self.calendars[-1])
        return lost

    def end(self, at: int, end: int, rest: bytes) -> tuple[Frame, int] | None:
        """Close a component; returns it, and where it ends, if it is one of a VCALENDAR."""
        name, frame = _frame_name(rest), self.frame
        if name not in self.stack:
            if frame is None or not is_text(name, known=True):
                raise invalid(self.data, at, f"END:{name} without its BEGIN")
            self._text(at, f"END:{name} without its BEGIN")
            return None
        depth = len(self.stack) - 1 - self.stack[::-1].index(name)
        if frame is not None and depth < len(self.stack) - 1:
            frame.broken = f"{self.stack[-1]} has no END"
        if frame is None or depth < frame.depth:
            self._close(at, depth, frame)
            self.frame = None
            return (frame, at) if frame else None
        del self.stack[depth:]
        if depth == frame.depth + 1:
            frame.nested.append(end)
        if depth > frame.depth:
            return None
        self.frame = None
        return frame, end

    def property(self, at: int, name: bytes, rest: bytes) -> Frame | None:
        """Take a property that counts; returns its place if it belongs to nothing."""
        frame = self.frame
        if frame is not None:
            if len(self.stack) == frame.depth + 1:
                first = frame.dates.setdefault(name, rest)
                if name == b"RRULE" and first is not rest:
                    # Of two rules the first does not tell when the series ends.
                    frame.dates[name] = b""
        elif self.stack and self.stack[-1] == "VCALENDAR":
            if name not in _OF_CALENDAR:
                return self._place(at, f"{name.decode()} outside of any event")
            self.calendars[-1].add(name, rest)
        return None

    def stray(self, start: int, end: int) -> Frame | None:
        """Return the place of the first line between two components that is no property."""
        match = _STRAY.search(self.data, start, end)
        if match is None:
            return None
        return self._place(match.start(1), "not a line of a calendar")

    def finish(self) -> None:
        """Raise InvalidFile for a file that is not complete."""
        if self.stack:
            raise invalid(self.data, len(self.data), f"{self.stack[-1]} has no END: the file is cut off")
        if not self.count:
            raise invalid(self.data, 0, "expected an iCalendar file (BEGIN:VCALENDAR … END:VCALENDAR)")

    def _close(self, at: int, depth: int, lost: Frame | None) -> None:
        """Close a VCALENDAR or what is unknown, and a component in it that has lost its END."""
        inner = self.stack[depth + 1 : lost.depth if lost else None]
        if inner:
            raise invalid(self.data, at, f"{inner[-1]} has no END")
        if self.stack[depth] == "VCALENDAR":
            self.calendars.pop()
        del self.stack[depth:]

    def _text(self, at: int, message: str) -> Frame | None:
        """Note a line that looks like BEGIN or END and is text of the open component."""
        if self.frame is None:
            return self._place(at, message)
        self.frame.broken = self.frame.broken or message
        return None

    def _place(self, at: int, message: str) -> Frame | None:
        """Return a place with something that is not part of a calendar; None after many of them."""
        self.places += 1
        if self.places > MAX_PLACES:
            return None
        calendar = self.calendars[-1] if self.calendars else Enclosing()
        place = Frame("", at, len(self.stack), calendar)
        place.broken = f"{message}: an event may have been lost here"
        return place

    def _check_begin(self, at: int, name: str) -> None:
        if not self.stack and name != "VCALENDAR":
            raise invalid(self.data, at, f"expected BEGIN:VCALENDAR, found BEGIN:{name}")
        if len(self.stack) >= MAX_NESTING:
            raise invalid(self.data, at, f"components are nested deeper than {MAX_NESTING}")
        if self.count > MAX_COMPONENTS:
            raise invalid(self.data, at, f"more than {MAX_COMPONENTS} components")


def unfold(content: bytes) -> bytes:
    """Return lines joined where they were folded (§3.1), ended by LF alone. Blank lines before a fold go."""
    content = content.replace(b"\r", b"")
    if b"\n\n" in content:
        content = _BLANK_LINES.sub(b"\n", content)
    return content.replace(b"\n ", b"").replace(b"\n\t", b"")


def value_of(line: bytes) -> bytes:
    """What follows the first colon outside quotes, of a line from the character behind its name."""
    match = _PARAMETERS.match(line)
    return line[match.end() :] if match else line


def is_text(name: str, *, known: bool = False) -> bool:
    """Whether BEGIN or END with this name is a line of a text that was not folded.

    It is no name of a component; with `known`, it is not one that calendars have.
    """
    return name not in _KNOWN if known else not _NAME.fullmatch(name)


@lru_cache(maxsize=256)
def _frame_name(line: bytes) -> str:
    return value_of(unfold(line)).strip().upper().decode("ascii", "replace")[:40]


def invalid(data: bytes, at: int, message: str) -> InvalidFile:
    return InvalidFile("", [Problem(message, line=max(1, data.count(b"\n", 0, at)))])


_LINES = re.compile(
    rb"(?i)\n(BEGIN|END|DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID|X-WR-TIMEZONE|METHOD)"
    rb"([:;][^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*+)"
)
_BLANK_LINES = re.compile(rb"\n{2,}")
_PARAMETERS = re.compile(rb'(?:;[^":;]*(?:"[^"]*"[^":;]*)*)*:')
TOP_LEVEL = frozenset({"VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
# Names that are not part of a text by chance.
_KNOWN = TOP_LEVEL | {"VALARM", "STANDARD", "DAYLIGHT", "AVAILABLE"}
_OF_CALENDAR = frozenset({b"X-WR-TIMEZONE", b"METHOD"})
_NAME = re.compile(r"[A-Z0-9_.-]+")
_STRAY = re.compile(rb"\n(?![A-Za-z0-9_.-]+[:;]|[ \t\r\n])([^\r\n]+)")
