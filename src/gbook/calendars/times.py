"""Times as iCalendar writes them: dates, date-times, durations, periods (RFC 5545 §3.3), and their zones.

A `Stamp` keeps the wall clock and the zone apart, since recurrence happens on the wall clock;
it becomes an instant by the rules of §3.3.5 in one place, `Stamp.instant`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from gbook.calendars.lines import Line, read_lines, text_value
from gbook.instants import DAY, from_local
from gbook.zones import UnknownZone, find_zone

__all__ = ["Extent", "Stamp", "Zones", "by_tzid", "read_duration", "read_stamps"]


class Stamp(NamedTuple):
    """A DATE (midnight, `is_date`) or DATE-TIME: a wall clock, and the zone that it is of."""

    wall: datetime
    zone: tzinfo
    is_date: bool = False

    @property
    def instant(self) -> int:
        """The instant; a wall clock in a gap has the offset before it, an ambiguous one is the first."""
        return from_local(self.wall, self.zone)

    def in_zone(self, zone: tzinfo) -> datetime:
        """The wall clock of `zone` at this time (a DATE is that date everywhere)."""
        if self.is_date or zone is self.zone:
            return self.wall
        return self.wall.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None)


class Extent(NamedTuple):
    """How long an instance lasts: days on the calendar, then exact seconds (§3.3.6, §3.8.5.3)."""

    days: int
    seconds: int

    def end(self, start: Stamp) -> int:
        """The instant at which an instance that begins at `start` ends."""
        if not self.days:
            return start.instant + self.seconds
        return from_local(start.wall + timedelta(days=self.days), start.zone) + self.seconds


class Zones:
    """What TZID means in one file: the tz database first, Windows names, the file's own VTIMEZONE.

    A VTIMEZONE that has an IANA name is not read: it is often stale. `fallback` is the zone of times
    without one; `unknown` is told of a zone that nobody knows, and gives what stands in for it.
    """

    def __init__(
        self,
        fallback: tzinfo,
        definitions: Mapping[str, Sequence[bytes]],
        unknown: Callable[[str], tzinfo],
    ) -> None:
        self.fallback = fallback
        self._definitions = definitions
        self._unknown = unknown
        self._found: dict[str, tzinfo] = {}

    def find(self, tzid: str) -> tzinfo:
        """The zone of a TZID."""
        if tzid not in self._found:
            zone = _by_name(tzid) or _by_windows_name(tzid) or self._defined(tzid)
            self._found[tzid] = zone or self._unknown(tzid)
        return self._found[tzid]

    def _defined(self, tzid: str) -> tzinfo | None:
        for definition in self._definitions.get(tzid.strip(), ()):
            import icalendar

            try:
                component = icalendar.Timezone.from_ical(definition)
                if isinstance(component, icalendar.Timezone):
                    zone = _FileZone(component.to_tz(lookup_tzid=False))
                    # Asked twice, dateutil waits for ever for what makes no sense (BYMONTH=13;BYDAY=1SU).
                    zone.utcoffset(_LATE)
                    return zone
            except Exception:  # noqa: S112 - whatever is wrong with it, it is no zone
                continue
        return None


def by_tzid(definitions: Iterable[bytes]) -> dict[str, list[bytes]]:
    """VTIMEZONE components by their TZID, less those that would take for ever to read."""
    found = defaultdict(list)
    for definition in definitions:
        if len(definition) <= MAX_DEFINITION and not _TOO_OFTEN.search(definition):
            for name in read_lines(definition, {"TZID"}).get("TZID", ()):
                found[text_value(name.value).strip()].append(definition)
    return found


class _FileZone(tzinfo):
    """A zone from a VTIMEZONE, which keeps the rule for gaps that its reader does not."""

    def __init__(self, rules: tzinfo) -> None:
        self._rules = rules

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        if dt is None:
            return None
        from dateutil.tz import datetime_exists

        wall = dt.replace(tzinfo=None)
        exists = datetime_exists(wall, self._rules)
        return self._rules.utcoffset(wall if exists else wall - timedelta(days=1))

    def fromutc(self, dt: datetime) -> datetime:
        return self._rules.fromutc(dt.replace(tzinfo=self._rules)).replace(tzinfo=self)

    def dst(self, dt: datetime | None) -> timedelta | None:
        return self._rules.dst(dt)

    def tzname(self, dt: datetime | None) -> str | None:
        return self._rules.tzname(dt)


@lru_cache(maxsize=1024)
def _by_name(tzid: str) -> tzinfo | None:
    """The tz database, also by names like `/freeassociation.sourceforge.net/Europe/Berlin` (§3.8.3.1)."""
    parts = tzid.strip().strip("/").split("/")
    # Names of the tz database have at most three parts.
    for first in range(max(0, len(parts) - 3), len(parts)) if tzid.startswith("/") else (0,):
        try:
            return find_zone("/".join(parts[first:]))
        except UnknownZone:
            continue
    return None


def _by_windows_name(tzid: str) -> tzinfo | None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = WINDOWS_TO_OLSON.get(tzid.strip().strip('"'))
    return _by_name(name) if name else None


def read_stamps(line: Line, zones: Zones) -> list[tuple[Stamp, int | Extent | None]]:
    """The times of a DTSTART, DTEND, RECURRENCE-ID, RDATE or EXDATE line.

    With each comes the end that a PERIOD (§3.3.9) gives it: instant, extent or None. Raises ValueError.
    """
    zone = zones.find(line.parameters["TZID"]) if "TZID" in line.parameters else zones.fallback
    stamps: list[tuple[Stamp, int | Extent | None]] = []
    for text in line.value.strip().split(","):
        start, slash, end = text.strip().partition("/")
        stamp = _stamp(start, zone)
        if not slash:
            stamps.append((stamp, None))
        elif end[:1] in "P+-":
            stamps.append((stamp, read_duration(end)))
        else:
            stamps.append((stamp, _stamp(end, zone).instant))
    return stamps


def _stamp(text: str, zone: tzinfo) -> Stamp:
    match = _STAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no date or date-time")
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    # A leap second is the last one that the clock has (§3.3.12).
    wall = datetime(year, month, day, hour, minute, min(second, 59))
    return Stamp(wall, UTC if match[7] else zone, match[4] is None)


def read_duration(text: str) -> Extent:
    """A DURATION (§3.3.6): weeks and days are nominal, the time part is exact. Raises ValueError."""
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f"{text[:40]!r} is no duration")
    *whole, fraction = match.groups()[1:]
    years, months, weeks, days, hours, minutes, seconds = (int(group or 0) for group in whole)
    seconds += bool((fraction or "").strip(".,0"))
    # ISO 8601 has years and months, which iCalendar has not: the longest that they may be.
    days += years * 366 + months * 31
    sign = -1 if match[1] == "-" else 1
    if weeks * 7 + days > _MAX_DAYS or hours * 3600 + minutes * 60 + seconds > _MAX_DAYS * DAY:
        raise ValueError(f"{text[:40]!r} is longer than {_MAX_DAYS} days")
    return Extent(sign * (weeks * 7 + days), sign * (hours * 3600 + minutes * 60 + seconds))


# A VTIMEZONE may have this many bytes. Those of all clock changes since 1900 have less than half.
MAX_DEFINITION = 1 << 16
# Clocks change by the year, or by the month (Ramadan in Morocco).
_TOO_OFTEN = re.compile(rb"(?i)FREQ=(?:SECOND|MINUTE|HOUR|DAI|WEEK)LY")
_LATE = datetime(2100, 1, 1)
_MAX_DAYS = 100_000
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})([.,]\d{1,9})?S)?)?",
    re.ASCII,
)
