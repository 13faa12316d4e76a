"""Find in raw bytes what can touch a window, and pass over the rest.

Parsing a calendar is slow and a query touches little of it. One regular expression walks the file and stops
only at lines that tell where components begin and end (RFC 5545 §3.4, §3.6) and when events happen.
An event is passed over only where that is certain: a single one by its dates, with days of slack for zones,
a series that provably ended. When in doubt, it is handed on.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import NamedTuple

from gbook.calendars.ics.frames import Enclosing, Frame, find_frames, invalid, unfold, value_of
from gbook.calendars.ics.gbook_properties import PROFILE
from gbook.timeutil.instants import local

__all__ = ["Component", "holds_own_events", "scan", "unfold"]

# No event is so short that fewer NUL bytes can have replaced it.
NUL_BLOCK = 16
# How far a zone, an all-day event or an event without an end may reach beyond its dates as written.
SLACK = timedelta(days=2)


class Component(NamedTuple):
    """A component of a VCALENDAR that matters for a window, or what is none: then it has no name."""

    name: str
    # Its own lines, unfolded, without those of nested components (of a VTIMEZONE or VAVAILABILITY with them).
    content: bytes
    # Where it begins, counted from 1.
    line: int
    # What is wrong with its frame, or None.
    broken: str | None
    calendar: Enclosing


def scan(data: bytes, low: int, high: int) -> Iterator[Component]:
    """Yield the events that may touch `[low, high)`, and gbook's own at any time.

    Every VFREEBUSY, VAVAILABILITY and VTIMEZONE comes too. A place with something else has no name: an event
    may have been lost there.
    Raises InvalidFile for what is no complete iCalendar stream: garbage, a file that is cut off.
    """
    # Every line then follows a line break, which is what the expressions below look for first.
    data = b"\n" + data.removeprefix(b"\xef\xbb\xbf")
    plain = True
    if (nul := data.find(b"\0")) >= 0:
        yield _with_nul(data, nul)
        plain = False
    if _UNUSUAL_NAME.search(data):
        data, plain = unfold(data), False
    line = at = 0
    for frame, end in _relevant(data, _WindowFilter(low, high, _own_marks(data)), plain):
        if frame.start < at:
            line = at = 0
        line, at = line + data.count(b"\n", at, frame.start), frame.start
        content = _own_lines(data, frame, end) if frame.name else b""
        yield Component(frame.name, content, line, frame.broken, frame.calendar)


def _with_nul(data: bytes, at: int) -> Component:
    """Return the place of NUL bytes. Raises InvalidFile where there are so many that an event may be gone."""
    if (block := data.find(bytes(NUL_BLOCK))) >= 0:
        raise invalid(data, block, "NUL bytes: a part of the file is lost, restore it from a copy")
    line = data.count(b"\n", 0, at)
    return Component("", b"", line, "NUL bytes: a part of the calendar may be lost", Enclosing())


def _relevant(data: bytes, judge: _WindowFilter, plain: bool) -> Iterator[tuple[Frame, int]]:
    """The components that may matter, each with where it ends.

    RANGE=THISANDFUTURE (§3.2.13) can move what is left of a series into the window: where a file has it,
    no series is passed over.
    """
    passed: list[tuple[Frame, int]] = []
    moves = False
    for frame, end in find_frames(data, judge.passes if plain else None):
        if frame.name not in _WANTED:
            continue
        kept = frame.broken or judge.holds_own(frame.start, end)
        if frame.name != "VEVENT" or kept or judge.may_overlap(frame.dates):
            moves = moves or b"THISANDFUTURE" in unfold(frame.dates.get(b"RECURRENCE-ID", b"")).upper()
            yield frame, end
        elif b"RRULE" in frame.dates:
            passed.append((frame, end))
    if moves:
        yield from passed


def _own_lines(data: bytes, frame: Frame, end: int) -> bytes:
    if not frame.nested or frame.name in {"VTIMEZONE", "VAVAILABILITY"}:
        return unfold(data[frame.start : end])
    edges = [frame.start, *frame.nested]
    if len(edges) % 2:
        edges.append(end)
    elif b"DTSTART" not in frame.dates:
        # The last component in it has no END, if it is one at all: its lines may be the event's.
        edges += [edges[-1], end]
    return unfold(b"".join(data[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)))


def holds_own_events(data: bytes) -> bool:
    """Whether a file may hold events of gbook's own; a quick look, without reading it."""
    return any(mark in data for mark in _OWN_MARKS)


def _own_marks(data: bytes) -> list[int]:
    """Where the lines stand that mark events as gbook's own, ascending."""
    found = []
    for mark in _OWN_MARKS:
        at = data.find(mark)
        while at >= 0:
            found.append(at)
            at = data.find(mark, at + 1)
    return sorted(found)


class _WindowFilter:
    """Whether an event, by its dates as written, may touch a window. `marks`: see `_own_marks`."""

    def __init__(self, low: int, high: int, marks: list[int]) -> None:
        self.marks = marks
        self.low = _day_text(local(low, UTC).date() - SLACK)
        self.high = _day_text(local(high, UTC).date() + SLACK)

    def passes(self, data: bytes, at: int) -> int:
        """Where an event ends that begins at `at` and plainly does not touch the window; 0 for any other.

        This is the fate of nearly all events, so it is judged with a few searches of bytes; names are in
        upper case and not folded. What is not plain is left to `may_overlap`.
        """
        end = data.find(b"\nEND", at)
        while data.startswith(b"\nEND:VALARM", end):
            end = data.find(b"\nEND", end + 1)
        # Whatever else ends here is no plain event; looking further could mean to look again and again.
        if not data.startswith(b"\nEND:VEVENT", end) or _NOT_PLAIN.search(event := data[at:end]):
            return 0
        start, until = _DAY_OF_START.search(event), _DAY_OF_END.search(event)
        if start is None or (until is None and b"\nDTEND" in event):
            return 0
        if start[1] > self.high or max(start[1], until[1] if until else start[1]) < self.low:
            return 0 if self.holds_own(at, end) else end + len(b"\nEND:VEVENT")
        return 0

    def holds_own(self, start: int, end: int) -> bool:
        """Whether `[start, end)` of the bytes has a line that only gbook writes."""
        first = bisect_left(self.marks, start)
        return first < len(self.marks) and self.marks[first] < end

    def may_overlap(self, dates: dict[bytes, bytes]) -> bool:
        start = _day(dates.get(b"DTSTART"))
        if start is None or b"RECURRENCE-ID" in dates or b"RDATE" in dates:
            return True
        if start > self.high:
            return False
        if start >= self.low:
            return True
        days = _days_long(start, dates)
        if days is None:
            return True
        last = _last_start(start, dates[b"RRULE"]) if b"RRULE" in dates else start
        return last is None or last >= self.low or _later(last, days) >= self.low


def _days_long(start: bytes, dates: dict[bytes, bytes]) -> int | None:
    """At least how many days an instance reaches beyond its first; None where that is not plain."""
    if b"DTEND" in dates:
        end = _day(dates[b"DTEND"])
        if end is None:
            return None
        return 0 if end <= start else (_date(end) - _date(start)).days
    if b"DURATION" in dates:
        match = _DURATION.fullmatch(value_of(unfold(dates[b"DURATION"])).upper())
        if match is None:
            return None
        weeks, days, hours = (int(group or 0) for group in match.groups())
        return weeks * 7 + days + hours // 24 + 1
    return 0


def _last_start(start: bytes, line: bytes) -> bytes | None:
    """A day on or after the last instance of a rule (§3.3.10); None where no bound is easy to be sure of."""
    parts = [part.partition(b"=")[::2] for part in value_of(unfold(line)).upper().split(b";")]
    rule = dict(parts)
    if len(rule) < len(parts):
        return None
    if b"UNTIL" in rule:
        until = rule[b"UNTIL"]
        return max(until[:8], start) if _UNTIL.fullmatch(until) and _exists(until[:8]) else None
    days = _PERIOD_DAYS.get(rule.get(b"FREQ", b""))
    if days is None or b"COUNT" not in rule:
        return None
    # Every period holds an instance only where no filter can leave one empty.
    plain = {**_PLAIN_PARTS, b"BYDAY": _WEEKDAYS} if days == 7 else _PLAIN_PARTS
    if not all(name in plain and plain[name].fullmatch(value) for name, value in parts):
        return None
    return _later(start, (int(rule[b"COUNT"]) + 1) * (int(rule.get(b"INTERVAL", b"1")) or 1) * days)


def _exists(day: bytes) -> bool:
    """Whether the calendar has a day: a rule with an UNTIL that it has not goes on."""
    return _day_text(_date(day)) == day


def _day(line: bytes | None) -> bytes | None:
    """The eight digits of a line's date; None where they are not plain to see."""
    if line is None:
        return None
    match = _DAY.match(line)
    return match[1] if match else None


def _date(day: bytes) -> date:
    """A day of eight digits as a date; what the calendar does not have is moved to a day that it has."""
    year, month, number = int(day[:4]), int(day[4:6]), int(day[6:])
    return date(min(max(year, 1), 9990), min(max(month, 1), 12), 1) + timedelta(days=max(number, 1) - 1)


def _later(day: bytes, days: int) -> bytes:
    try:
        return _day_text(_date(day) + timedelta(days=days))
    except OverflowError:
        return b"99991231"


def _day_text(day: date) -> bytes:
    return b"%04d%02d%02d" % (day.year, day.month, day.day)


# A name that is folded, or that counts and is not in upper case. Hardly anybody writes it; it is legal.
_UNUSUAL_NAME = re.compile(
    rb"\n(?:[A-Za-z0-9-]++(?:\r?\n)+[ \t]|(?![A-Z-]+[:;])"
    rb"(?i:BEGIN|END|DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID)[:;])"
)
# What an event that is judged at a glance has not: a rule, an override, a length, a component but an alarm.
_NOT_PLAIN = re.compile(
    rb"\n(?:RRULE|RDATE|RECURRENCE-ID|DURATION|(?:BEGIN|END):(?!VALARM\r?(?:\n|\Z)))[:;]?"
)
# Programs keep the case of a name that they do not know, or write all names in one case.
_OWN_MARKS = (b"\n" + PROFILE.encode(), b"\n" + PROFILE.lower().encode())
# Days that no calendar has are not plain: the time of such an event cannot be told.
_DAY = re.compile(
    rb'(?:;[^":;\r\n]*(?:"[^"\r\n]*"[^":;\r\n]*)*)*:(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))'
)
_DAY_OF_START = re.compile(rb"\nDTSTART" + _DAY.pattern)
_DAY_OF_END = re.compile(rb"\nDTEND" + _DAY.pattern)
_DURATION = re.compile(rb"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:\d{1,3}M)?(?:\d{1,3}S)?)?")
_PERIOD_DAYS = {b"DAILY": 1, b"WEEKLY": 7}
_UNTIL = re.compile(rb"\d{8}(?:T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?")
_WEEKDAYS = re.compile(rb"(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:MO|TU|WE|TH|FR|SA|SU))*")
_PLAIN_PARTS = {
    b"FREQ": re.compile(rb"DAILY|WEEKLY"),
    b"COUNT": re.compile(rb"[1-9]\d{0,4}"),
    b"INTERVAL": re.compile(rb"\d{1,4}"),
    b"WKST": _WEEKDAYS,
}
# Without a name: a place with something else.
_WANTED = frozenset({"", "VEVENT", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
