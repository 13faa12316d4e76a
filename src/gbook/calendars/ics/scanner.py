"""Find the components in raw bytes that can touch a window, and skip the rest.

Parsing a calendar is slow, and a query touches little of it. One regular expression walks the file and stops
only at lines that begin or end a component (RFC 5545 §3.4, §3.6) or give the time of an event.
An event is skipped only if that is certainly right: a single event by its dates, with some days of margin, a
series if it provably ended. In doubt, the event is returned.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import NamedTuple

from gbook.calendars.ics.content_lines import TO_VALUE, normalize, unfold, value_of
from gbook.calendars.ics.frames import FRAME_NAMES, Enclosing, Frame, find_frames, invalid
from gbook.calendars.ics.gbook_properties import PROFILE
from gbook.calendars.ics.values import WEEKDAY_CODES
from gbook.timeutil.instants import ALL_TIME, local

__all__ = ["Component", "holds_own_events", "scan"]

# An event is longer than this: fewer NUL bytes cannot have replaced one.
NUL_BLOCK = 16
# Margin for zones, all-day events and events without an end.
MARGIN = timedelta(days=2)


class Component(NamedTuple):
    """A component of a VCALENDAR that matters for a window; without a name: a place with something else."""

    name: str
    # Its own lines, unfolded, without those of nested components (of a VTIMEZONE or VAVAILABILITY with them).
    content: bytes
    # The line of its file where it begins, counted from 1.
    line: int
    # The fault of its frame, or None.
    broken: str | None
    calendar: Enclosing


def scan(data: bytes, low: int, high: int) -> Iterator[Component]:
    """Yield the events that may touch `[low, high)` (instants), and gbook's own at any time.

    It also yields each VFREEBUSY, VAVAILABILITY and VTIMEZONE, and each place with something else, where an
    event may have been lost. Raises InvalidFile if the file is not a complete iCalendar stream.
    """
    # The expressions below look for a line break first: now each line follows one.
    data = b"\n" + data.removeprefix(b"\xef\xbb\xbf")
    plain = True
    if (nul := data.find(b"\0")) >= 0:
        yield _with_nul(data, nul)
        plain = False
    if _ODD_LINE.search(data) and re.search(_UNUSUAL_NAME, data):
        data, plain = normalize(data), False
    line = at = 0
    for frame, end in _relevant(data, _WindowFilter(low, high, _own_marks(data)), plain):
        if frame.start < at:
            line = at = 0
        line, at = line + data.count(b"\n", at, frame.start), frame.start
        content = _own_lines(data, frame, end) if frame.name else b""
        yield Component(frame.name, content, line, frame.broken, frame.calendar)


def _with_nul(data: bytes, at: int) -> Component:
    """Return the place of NUL bytes. Raises InvalidFile if there are enough to have replaced an event."""
    if (block := data.find(bytes(NUL_BLOCK))) >= 0:
        raise invalid(data, block, "NUL bytes: a part of the file is lost, restore it from a copy")
    line = data.count(b"\n", 0, at)
    return Component("", b"", line, "NUL bytes: a part of the calendar may be lost", Enclosing())


def _relevant(data: bytes, window: _WindowFilter, plain: bool) -> Iterator[tuple[Frame, int]]:
    """Yield the components that may matter, each with its end.

    RANGE=THISANDFUTURE (§3.2.13) can move the rest of a series into the window: a file that has it keeps all
    its series.
    """
    skipped: list[tuple[Frame, int]] = []
    moves = False
    for frame, end in find_frames(data, window.skip if plain else None):
        if frame.name not in _RELEVANT:
            continue
        kept = frame.broken or window.holds_own(frame.start, end)
        if frame.name != "VEVENT" or kept or window.may_overlap(frame.dates):
            moves = moves or b"THISANDFUTURE" in unfold(frame.dates.get(b"RECURRENCE-ID", b"")).upper()
            yield frame, end
        elif b"RRULE" in frame.dates:
            skipped.append((frame, end))
    if moves:
        yield from skipped


def _own_lines(data: bytes, frame: Frame, end: int) -> bytes:
    if not frame.nested or frame.name in {"VTIMEZONE", "VAVAILABILITY"}:
        return normalize(data[frame.start : end])
    edges = [frame.start, *frame.nested]
    if len(edges) % 2:
        edges.append(end)
    elif b"DTSTART" not in frame.dates:
        # The last nested component has no END, if it is a component at all: its lines may be the event's.
        edges += [edges[-1], end]
    return normalize(b"".join(data[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)))


def holds_own_events(data: bytes) -> bool:
    """Return whether a file may have events of gbook's own, without parsing it."""
    return any(mark in data for mark in _OWN_MARKS)


def _own_marks(data: bytes) -> list[int]:
    """Return the positions of the lines that mark events as gbook's own, ascending."""
    positions = []
    for mark in _OWN_MARKS:
        at = data.find(mark)
        while at >= 0:
            positions.append(at)
            at = data.find(mark, at + 1)
    return sorted(positions)


class _WindowFilter:
    """Decides by the dates of an event whether it may touch a window. `marks`: see `_own_marks`."""

    def __init__(self, low: int, high: int, marks: list[int]) -> None:
        self.marks = marks
        self.all_time = (low, high) == ALL_TIME
        self.low = _day_text(local(low, UTC).date() - MARGIN)
        self.high = _day_text(local(high, UTC).date() + MARGIN)

    def skip(self, data: bytes, at: int) -> int:
        """Return the end of the events from `at` on that plainly do not touch the window, 0 if there is none.

        `at` is the end of a BEGIN:VEVENT. Nearly all events are skipped here, each with one match; names must
        be in upper case and not folded. `may_overlap` decides about all other events.
        """
        if self.all_time:
            return 0
        low, high = self.low, self.high
        # Before the next event of gbook's own: the match of one that reaches beyond the limit fails.
        mark = bisect_left(self.marks, at)
        limit = self.marks[mark] if mark < len(self.marks) else len(data)
        skipped_to, event = 0, _PLAIN_EVENT.match(data, at, limit)
        while event:
            before, start, after, following = event.groups()
            if start <= high and (start >= low or (before or after or start) >= low):
                break
            skipped_to = event.end()
            event = _PLAIN_EVENT.match(data, event.end(4), limit) if following else None
        return skipped_to

    def holds_own(self, start: int, end: int) -> bool:
        """Return whether `[start, end)` of the bytes has a line that only gbook writes."""
        first = bisect_left(self.marks, start)
        return first < len(self.marks) and self.marks[first] < end

    def may_overlap(self, dates: dict[bytes, bytes]) -> bool:
        """Return whether an event with these lines may touch the window."""
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
    """Return how many days an instance lasts after its first, at most; None if that is not plain."""
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
    """Return a day on or after the last instance of a rule (§3.3.10); None without a certain bound."""
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
    # Each period has an instance only if no filter can leave it empty.
    plain = {**_PLAIN_PARTS, b"BYDAY": _WEEKDAYS} if days == 7 else _PLAIN_PARTS
    if not all(name in plain and plain[name].fullmatch(value) for name, value in parts):
        return None
    return _later(start, (int(rule[b"COUNT"]) + 1) * (int(rule.get(b"INTERVAL", b"1")) or 1) * days)


def _exists(day: bytes) -> bool:
    """Return whether the calendar has a day: a rule whose UNTIL is not a day does not end."""
    return _day_text(_date(day)) == day


def _day(line: bytes | None) -> bytes | None:
    """Return the eight digits of a line's date; None if they are not plain."""
    if line is None:
        return None
    match = _DAY.match(line)
    return match[1] if match else None


def _date(day: bytes) -> date:
    """Return eight digits as a date; a day that the calendar does not have becomes one that it has."""
    year, month, number = int(day[:4]), int(day[4:6]), int(day[6:])
    return date(min(max(year, 1), 9990), min(max(month, 1), 12), 1) + timedelta(days=max(number, 1) - 1)


def _later(day: bytes, days: int) -> bytes:
    try:
        return _day_text(_date(day) + timedelta(days=days))
    except OverflowError:
        return b"99991231"


def _day_text(day: date) -> bytes:
    return b"%04d%02d%02d" % (day.year, day.month, day.day)


# A line that is not a name in upper case with its value, nor the rest of a folded line. Few files have one,
# and it is found much faster than an unusual name.
_ODD_LINE = re.compile(rb"\n(?:[A-Z0-9-]++(?![:;])|[^A-Z \t\r\n])")
# A name that is folded, or one of those below in another case than upper. Both are rare, and legal.
# Compiled at the first use.
_UNUSUAL_NAME = (
    rb"\n(?:[A-Za-z0-9-]++(?:\r?\n)+[ \t]|(?![A-Z-]+[:;])"
    rb"(?i:%s)[:;])" % FRAME_NAMES
)
# Programs keep the case of unknown names, or write all names in one case.
_OWN_MARKS = (b"\n" + PROFILE.encode(), b"\n" + PROFILE.lower().encode())
# Days that no calendar has are not plain: the time of such an event is unknown.
_DAY = re.compile(TO_VALUE + rb"(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))")
# A plain event, from the end of its BEGIN: one DTSTART, at most one DTEND on either side of it, and no other
# line that decides when it happens; its only nested components are alarms.
_OTHER_LINES = rb"(?:\n(?!%s)[^\n]*+)*+" % FRAME_NAMES
_DAY_LINE = rb"\n%s" + _DAY.pattern + rb"[^\n]*+" + _OTHER_LINES
_ALARM = rb"\nBEGIN:VALARM\r?(?:\n(?!BEGIN|END)[^\n]*+)*+\nEND:VALARM\r?(?=\n)"
# The last group is the line that begins the event after it.
_PLAIN_EVENT = re.compile(
    rb"\r?%s(?:%s)?%s(?:%s)?(?:%s%s)*+\nEND:VEVENT\r?(?=\n)(?=(\nBEGIN:VEVENT)?)"
    % (
        _OTHER_LINES,
        _DAY_LINE % b"DTEND",
        _DAY_LINE % b"DTSTART",
        _DAY_LINE % b"DTEND",
        _ALARM,
        _OTHER_LINES,
    )
)
_DURATION = re.compile(rb"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:\d{1,3}M)?(?:\d{1,3}S)?)?")
_PERIOD_DAYS = {b"DAILY": 1, b"WEEKLY": 7}
_UNTIL = re.compile(rb"\d{8}(?:T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?")
_WEEKDAY = b"(?:%s)" % "|".join(WEEKDAY_CODES).encode()
_WEEKDAYS = re.compile(_WEEKDAY + b"(?:," + _WEEKDAY + b")*")
_PLAIN_PARTS = {
    b"FREQ": re.compile(rb"DAILY|WEEKLY"),
    b"COUNT": re.compile(rb"[1-9]\d{0,4}"),
    b"INTERVAL": re.compile(rb"\d{1,4}"),
    b"WKST": _WEEKDAYS,
}
# Without a name: a place with something else.
_RELEVANT = frozenset({"", "VEVENT", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
