"""Times as iCalendar writes them: dates, date-times, durations, periods (RFC 5545 §3.3), and their zones.

An `IcsDateTime` keeps its wall clock and its zone apart, because recurrence happens on the wall clock.
`IcsDateTime.instant` alone converts it to an instant, by the rules of §3.3.5.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from math import ceil
from typing import NamedTuple, Protocol

from gbook.calendars.ics.content_lines import Line
from gbook.timeutil.instants import DAY, WEEKDAYS, from_local

__all__ = [
    "WEEKDAY_CODES",
    "IcsDateTime",
    "NominalDuration",
    "OneZone",
    "Zones",
    "read_date_time",
    "read_date_times",
    "read_day",
    "read_duration",
    "zone_of",
]

# `weekday` of a recurrence rule (§3.3.10), by `date.weekday()`.
WEEKDAY_CODES = tuple(day[:2].upper() for day in WEEKDAYS)


class IcsDateTime(NamedTuple):
    """A DATE (midnight, `is_date`) or DATE-TIME: a wall clock and its zone."""

    wall: datetime
    zone: tzinfo
    is_date: bool = False

    @property
    def instant(self) -> int:
        """The instant. A wall clock in a gap has the offset before the gap; an ambiguous one is the first."""
        return from_local(self.wall, self.zone)

    def in_zone(self, zone: tzinfo) -> datetime:
        """Return the wall clock of `zone` at this time (a DATE is that date everywhere)."""
        if self.is_date or zone is self.zone:
            return self.wall
        return self.wall.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None)


class NominalDuration(NamedTuple):
    """The duration of an instance: days on the calendar, then exact seconds (§3.3.6, §3.8.5.3)."""

    days: int
    seconds: int

    def end(self, start: IcsDateTime) -> int:
        """Return the instant at which an instance that begins at `start` ends."""
        if not self.days:
            return start.instant + self.seconds
        return from_local(start.wall + timedelta(days=self.days), start.zone) + self.seconds


class Zones(Protocol):
    """The zones of TZIDs, and the zone of times without one."""

    fallback: tzinfo

    def find(self, tzid: str) -> tzinfo:
        """Return the zone of a TZID."""


class OneZone:
    """The same zone for every TZID."""

    def __init__(self, zone: tzinfo) -> None:
        self.fallback = zone

    def find(self, tzid: str) -> tzinfo:
        """Return the zone of a TZID."""
        return self.fallback


def read_date_times(line: Line, zones: Zones) -> list[tuple[IcsDateTime, int | NominalDuration | None]]:
    """Return the times of a DTSTART, DTEND, RECURRENCE-ID, RDATE or EXDATE line.

    With each comes the end of a PERIOD (§3.3.9): an instant, a duration, or None. Raises ValueError.
    """
    line = _with_whole_tzid(line)
    zone = _stated_zone(line, zones)
    date_times: list[tuple[IcsDateTime, int | NominalDuration | None]] = []
    for text in line.value.strip().split(","):
        start, slash, end = text.strip().partition("/")
        date_time = read_date_time(start, zone)
        if not slash:
            date_times.append((date_time, None))
        elif end.strip()[:1].upper() in "P+-":
            date_times.append((date_time, read_duration(end)))
        else:
            date_times.append((date_time, read_date_time(end, zone).instant))
    return date_times


def zone_of(line: Line, zones: Zones) -> tzinfo:
    """Return the zone of a line's times without a zone of their own (§3.2.19)."""
    return _stated_zone(_with_whole_tzid(line), zones)


def _stated_zone(line: Line, zones: Zones) -> tzinfo:
    tzid = line.parameters.get("TZID")
    return zones.fallback if tzid is None else zones.find(tzid)


def read_date_time(text: str, zone: tzinfo) -> IcsDateTime:
    """Return the DATE or DATE-TIME (§3.3.4, §3.3.5) of a text; without a zone of its own it is in `zone`.

    Unambiguous forms of ISO 8601 are read too: hyphens and colons, no seconds, fractions, offsets, 24:00.
    Raises ValueError.
    """
    if (wall := _plain_wall(text)) is not None:
        return IcsDateTime(wall, UTC if len(text) == 16 else zone)
    match = _STAMP.fullmatch(text) or re.fullmatch(_ISO_STAMP, text.strip())
    try:
        wall = _wall(match) if match else None
    except (ValueError, OverflowError):
        wall = None
    if match is None or wall is None:
        raise ValueError(f"{text[:40]!r} is not a valid date or date-time")
    return IcsDateTime(wall, _own_zone(match[7]) or zone, match[4] is None)


def _plain_wall(text: str) -> datetime | None:
    """Return the wall clock of a DATE-TIME as nearly all programs write it; None for any other text."""
    plain = text[:15]
    if text[15:] not in ("", "Z") or text[8:9] != "T" or not plain.isascii():
        return None
    if len(plain) != 15 or not (plain[:8].isdigit() and plain[9:].isdigit()):
        return None
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        return None


def _wall(match: re.Match[str]) -> datetime:
    """Return the wall clock of year, month, day, hour, minute, second. Raises ValueError, OverflowError."""
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    if hour == 24 and not minute and not second:
        return datetime(year, month, day) + timedelta(days=1)
    # A leap second counts as second 59 (§3.3.12).
    return datetime(year, month, day, hour, minute, 59 if second == 60 else second)


def read_day(text: str) -> datetime | None:
    """Return the midnight of the day that an unreadable text begins with, or None."""
    match = re.match(_DAY, text.strip())
    if match is None:
        return None
    year, month, day = (int(group) for group in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    # 30 February becomes 1 or 2 March.
    return datetime(min(max(year, 1), 9990), month, 1) + timedelta(days=day - 1)


def _own_zone(text: str | None) -> tzinfo | None:
    """Return the zone of `Z`, `+01:00` or `-0330` after a time."""
    if not text:
        return None
    digits = "".join(filter(str.isdigit, text))
    if not digits:
        return UTC
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0))
    if offset > timedelta(hours=15):
        raise ValueError(f"{text[:40]!r} is not an offset from UTC")
    return timezone(-offset if text.startswith("-") else offset)


def _with_whole_tzid(line: Line) -> Line:
    """Return a line whose TZID has a colon and no quotes, as in `TZID=(UTC+01:00) Paris:20261124T090000`."""
    if "TZID" not in line.parameters or _TIMES.match(line.value):
        return line
    for colon in (match.end() for match in re.finditer(":", line.value)):
        if _TIMES.match(line.value, colon):
            tzid = f"{line.parameters['TZID']}:{line.value[: colon - 1]}"
            return Line(line.name, {**line.parameters, "TZID": tzid}, line.value[colon:])
    return line


def read_duration(text: str) -> NominalDuration:
    """Return a DURATION (§3.3.6): weeks and days are nominal, the time part is exact. Raises ValueError."""
    match = re.fullmatch(_DURATION, text.strip().upper())
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f"{text[:40]!r} is not a duration")
    years, months, weeks, days = (int(group or 0) for group in match.groups()[1:5])
    hours, minutes, exact = (float((group or "0").replace(",", ".")) for group in match.groups()[5:])
    seconds = ceil(hours * 3600 + minutes * 60 + exact)
    # ISO 8601 has years and months, iCalendar does not: each counts with its greatest length.
    days += years * 366 + months * 31
    sign = -1 if match[1] == "-" else 1
    if weeks * 7 + days > _MAX_DAYS or seconds > _MAX_DAYS * DAY:
        raise ValueError(f"{text[:40]!r} is longer than {_MAX_DAYS} days")
    return NominalDuration(sign * (weeks * 7 + days), sign * seconds)


_MAX_DAYS = 100_000
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
# Patterns as text are compiled at the first use: few files need them.
_ISO_STAMP = (
    r"(?ai)(\d{4})-?(\d\d)-?(\d\d)(?:"
    r"(?:\s*T\s*|\s+)(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?|Z)?"
)
# The beginning of the value of a line with TZID.
_TIMES = re.compile(r"\s*\d{4}-?\d\d-?\d\d(?!\d)", re.ASCII)
_DAY = r"(?a)(\d{4})[-/]?(\d\d)[-/]?(\d\d)(?!\d)"
_DURATION = (
    r"(?a)([+-]?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    # Some programs leave the T out; an M is a month then.
    r"T?(?:(\d{1,9}(?:[.,]\d{1,9})?)H)?(?:(\d{1,9}(?:[.,]\d{1,9})?)M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?"
)
