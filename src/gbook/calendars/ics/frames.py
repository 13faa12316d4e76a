"""Find where the components of a file begin and end (RFC 5545 §3.4, §3.6), and the dates of events.

Real files are damaged: components without an END, text that looks like one, lines outside any component. All
that is readable is returned, with its faults; an incomplete file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from gbook.calendars.ics.content_lines import FOLD, unfold, value_of
from gbook.errors import InvalidFile, Problem

__all__ = [
    "FRAME_NAMES",
    "MAX_COMPONENTS",
    "MAX_NESTING",
    "TOP_LEVEL",
    "Enclosing",
    "Frame",
    "find_frames",
    "invalid",
    "is_text",
]

# The lines that decide where a component begins and ends, and when its event happens: an alternation.
FRAME_NAMES = rb"BEGIN|END|DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID"
MAX_NESTING = 16
MAX_COMPONENTS = 1_000_000
# At most this many places with something else than a calendar are reported.
MAX_PLACES = 10


class Enclosing:
    """The properties of a VCALENDAR that apply to its components; complete at the end of the scan."""

    __slots__ = ("_method", "_outer", "_zone")

    def __init__(self, outer: Enclosing | None = None) -> None:
        self._outer = outer
        self._zone: str | None = None
        self._method: str | None = None

    @property
    def zone(self) -> str | None:
        """X-WR-TIMEZONE, the zone of floating and all-day times, or None."""
        return self._zone or (self._outer.zone if self._outer else None)

    @property
    def method(self) -> str | None:
        """METHOD in upper case (RFC 5546 §1.4), or None."""
        return self._method or (self._outer.method if self._outer else None)

    def add(self, name: bytes, line: bytes) -> None:
        """Add a property of the VCALENDAR; of several, the first that is not empty counts."""
        value = value_of(unfold(line)).decode("utf-8", "replace").strip()
        if name == b"METHOD":
            self._method = self._method or value.upper()
        else:
            self._zone = self._zone or value


class Frame:
    """An open component of a VCALENDAR; without a name: a place with something else."""

    __slots__ = ("broken", "calendar", "dates", "depth", "name", "nested", "start")

    def __init__(self, name: str, start: int, depth: int, calendar: Enclosing) -> None:
        self.name = name
        self.start = start
        # The number of components around it.
        self.depth = depth
        self.calendar = calendar
        self.broken: str | None = None
        # The begin and the end of each component nested in it, in turns.
        self.nested: list[int] = []
        # The first line of each name in _LINES, from the character after the name.
        self.dates: dict[bytes, bytes] = {}


def find_frames(data: bytes, skip: Callable[[bytes, int], int] | None) -> Iterator[tuple[Frame, int]]:
    """Yield the components that are in a VCALENDAR or in something unknown in it, each with its end.

    `skip` returns the end of the events to leave out, or 0. Places with something else come between them.
    """
    walk = _Walk(data)
    find = (_UPPER_LINES if skip else _LINES).search
    end = 0
    while match := find(data, end):
        word, at = match[1].upper(), match.start(1)
        # Components follow each other with only a line break between them.
        if at - end > 2 and walk.frame is None and (place := walk.stray(end, at)):
            yield place, at
        end = match.end()
        if word == b"BEGIN":
            walk.count += 1
            may_skip = match[2] == b":VEVENT" and walk.frame is None and walk.stack
            if skip and may_skip and (skipped_to := skip(data, end)):
                walk.count += data.count(b"\nBEGIN:", end, skipped_to)
                end = skipped_to
            elif lost := walk.begin(at, match[2]):
                yield lost, at
            elif skip and may_skip and (closed := walk.usual_event(end)):
                yield closed
                end = closed[1]
        elif word == b"END":
            if closed := walk.end(at, end, match[2]):
                yield closed
        elif place := walk.property(at, word, match[2]):
            yield place, at
    if walk.frame is None and (place := walk.stray(end, len(data))):
        yield place, len(data)
    walk.finish()


class _Walk:
    """The state of a walk over a file: the open components."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.stack: list[str] = []
        # One for each open VCALENDAR.
        self.calendars: list[Enclosing] = []
        self.frame: Frame | None = None
        # The number of components that have begun.
        self.count = 0
        self.places = 0

    def begin(self, at: int, rest: bytes) -> Frame | None:
        """Open a component. Return an open one that has lost its END: the new component is not part of it."""
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

    def usual_event(self, begin: int) -> tuple[Frame, int] | None:
        """Close the event whose BEGIN ends at `begin`. Return it and its end; None if it is not usual.

        Nothing but alarms is nested in a usual event: all its dates are found at once.
        """
        frame, match = self.frame, _USUAL_EVENT.match(self.data, begin)
        if frame is None or match is None or len(self.stack) == MAX_NESTING:
            return None
        end = match.end()
        for alarm in _ALARM.finditer(self.data, match.start(1), end):
            frame.nested += (alarm.start() + 1, alarm.end())
        self.count += len(frame.nested) // 2
        edges = [begin, *frame.nested, end]
        dates = [
            date for i in range(0, len(edges), 2) for date in _DATES.findall(self.data, *edges[i : i + 2])
        ]
        # Of several lines with the same name, the first counts; with two rules, see `property`.
        frame.dates = dict(reversed(dates))
        if [name for name, _ in dates].count(b"RRULE") > 1:
            frame.dates[b"RRULE"] = b""
        self.stack.pop()
        self.frame = None
        return frame, end

    def end(self, at: int, end: int, rest: bytes) -> tuple[Frame, int] | None:
        """Close a component. Return it and its end if it is one of a VCALENDAR."""
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
        """Add a property to its component. Return its place if it belongs to none."""
        frame = self.frame
        if frame is not None:
            if len(self.stack) == frame.depth + 1:
                first = frame.dates.setdefault(name, rest)
                if name == b"RRULE" and first is not rest:
                    # With two rules, the end of the first is not the end of the series.
                    frame.dates[name] = b""
        elif self.stack and self.stack[-1] == "VCALENDAR":
            if name not in _OF_CALENDAR:
                return self._place(at, f"{name.decode()} outside of any event")
            self.calendars[-1].add(name, rest)
        return None

    def stray(self, start: int, end: int) -> Frame | None:
        """Return the place of the first line between two components that is not a property."""
        match = _STRAY.search(self.data, start, end)
        if match is None:
            return None
        return self._place(match.start(1), "not a line of a calendar")

    def finish(self) -> None:
        """Raise InvalidFile if the file is not complete."""
        if self.stack:
            raise invalid(self.data, len(self.data), f"{self.stack[-1]} has no END: the file is cut off")
        if not self.count:
            raise invalid(self.data, 0, "expected an iCalendar file (BEGIN:VCALENDAR … END:VCALENDAR)")

    def _close(self, at: int, depth: int, lost: Frame | None) -> None:
        """Close a VCALENDAR or an unknown component, and a component in it that has lost its END."""
        inner = self.stack[depth + 1 : lost.depth if lost else None]
        if inner:
            raise invalid(self.data, at, f"{inner[-1]} has no END")
        if self.stack[depth] == "VCALENDAR":
            self.calendars.pop()
        del self.stack[depth:]

    def _text(self, at: int, message: str) -> Frame | None:
        """Mark the open component as broken: a line that looks like BEGIN or END is part of its text."""
        if self.frame is None:
            return self._place(at, message)
        self.frame.broken = self.frame.broken or message
        return None

    def _place(self, at: int, message: str) -> Frame | None:
        """Return a place with something that is not part of a calendar; None after MAX_PLACES of them."""
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


def is_text(name: str, *, known: bool = False) -> bool:
    """Return whether BEGIN or END with this name is a line of a text that was not folded.

    The name is not a valid one; with `known`, it is not one of the components that calendars have.
    """
    return name not in _KNOWN if known else not _NAME.fullmatch(name)


@lru_cache(maxsize=256)
def _frame_name(line: bytes) -> str:
    return value_of(unfold(line)).strip().upper().decode("ascii", "replace")[:40]


def invalid(data: bytes, at: int, message: str) -> InvalidFile:
    """Return the error for a fault at a position; each line of `data` follows a line break."""
    return InvalidFile("", [Problem(message, line=max(1, data.count(b"\n", 0, at)))])


_REST = rb"([:;][^\r\n]*+(?:" + FOLD + rb"[^\r\n]*+)*+)"
_LINES = re.compile(rb"\n((?i:%s|X-WR-TIMEZONE|METHOD))" % FRAME_NAMES + _REST)
# The same lines, found faster, where the names that count are in upper case.
_UPPER_LINES = re.compile(rb"\n(%s|(?i:X-WR-TIMEZONE|METHOD))" % FRAME_NAMES + _REST)
_DATES = re.compile(rb"\n(DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID)" + _REST)
# From the end of the BEGIN of an event to its end: its lines, and its alarms with the lines after each.
_ANY_LINES = rb"(?:\n(?!BEGIN|END)[^\n]*+)*+"
_ALARM_LINES = rb"\nBEGIN:VALARM(?=\r?\n[^ \t])\r?%s\nEND:VALARM(?=\r?\n[^ \t])" % _ANY_LINES
_ALARM = re.compile(_ALARM_LINES)
_USUAL_EVENT = re.compile(
    rb"\r?%s((?:%s\r?%s)*+)\nEND:VEVENT(?=\r?\n[^ \t])" % (_ANY_LINES, _ALARM_LINES, _ANY_LINES)
)
TOP_LEVEL = frozenset({"VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
# Names that are not in a text by chance.
_KNOWN = TOP_LEVEL | {"VALARM", "STANDARD", "DAYLIGHT", "AVAILABLE"}
_OF_CALENDAR = frozenset({b"X-WR-TIMEZONE", b"METHOD"})
_NAME = re.compile(r"[A-Z0-9_.-]+")
_STRAY = re.compile(rb"\n(?![A-Za-z0-9_.-]+[:;]|[ \t\r\n])([^\r\n]+)")
