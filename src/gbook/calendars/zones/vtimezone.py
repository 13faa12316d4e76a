"""Time zones that a file defines itself: VTIMEZONE components (RFC 5545 §3.6.5).

Only zones that events use are read, and the clock changes of a year are computed when a time in that year is
needed: a file may define thousands of zones, with rules that reach back to 1601.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from gbook.calendars.ics.content_lines import Line, read_lines
from gbook.calendars.ics.values import IcsDateTime, read_date_time
from gbook.calendars.rules.rule import Rule, read_rule
from gbook.calendars.rules.stepper import expand
from gbook.calendars.zones.tzids import tzid_key
from gbook.timeutil.instants import DAY

__all__ = ["MAX_COST", "MAX_DEFINITION", "FileZone", "by_tzid", "lic_location", "read_zone"]

# The size of a VTIMEZONE in bytes. All clock changes since 1900 take less than half of it.
MAX_DEFINITION = 1 << 16
# The limit of the cost of its rules in a year; a numbered weekday of a month costs 1.
MAX_COST = 100
# A rule of any other form looks at the days of one month.
COST_OF_MONTH = 8
MAX_COUNT = 20
# 29 February may be missing for eight years.
MAX_YEARS_APART = 12
# No zone has ever been further from UTC.
MAX_OFFSET = timedelta(hours=16)


class _Observance(NamedTuple):
    """A STANDARD or DAYLIGHT component: when clocks change (wall clocks before the change), and to what."""

    dates: list[datetime]
    rule: Rule | None
    # None if it is missing or invalid: the offset after the change before is the same.
    offset_from: timedelta | None
    # None if it cannot be read.
    offset_to: timedelta | None

    def changes(self, low: datetime, high: datetime) -> Iterator[datetime]:
        """Yield the wall clocks in `[low, high)` at which clocks change, in no order."""
        yield from self.dates[bisect_left(self.dates, low) : bisect_left(self.dates, high)]
        high = min(high, self._end)
        if self.rule is not None and low < high:
            start = self.dates[0]
            if _is_plain(self.rule):
                walls = _numbered_weekdays(self.rule, start, low.year, high.year)
            else:
                walls = expand(self.rule, start, (low, high), lambda steps: None)
            yield from (wall for wall in walls if start < wall and low <= wall < high)

    def last_before(self, wall: datetime) -> datetime | None:
        """Return the last change before a wall clock."""
        end = min(wall, max(self._end, self.dates[-1] + timedelta(days=1)))
        # Nearly all rules are yearly.
        for years in (1, MAX_YEARS_APART):
            low = end - timedelta(days=years * 366) if end.year > 20 else self.dates[0]
            if changes := list(self.changes(low, end)):
                return max(changes)
        before = bisect_left(self.dates, end)
        return self.dates[before - 1] if before else None

    @property
    def _end(self) -> datetime:
        """Return the wall clock of its last change, and a day more: UNTIL is often wrong by hours."""
        if self.rule is None or self.rule.until is None:
            return datetime.max
        until = min(max(self.rule.until, -_FAR), _FAR)
        return datetime(1970, 1, 1) + timedelta(seconds=until + DAY)


class _Year(NamedTuple):
    """The clock changes that matter in a year: the offsets (before, after) of each, and its times."""

    offsets: list[tuple[timedelta, timedelta]]
    # In UTC, and as wall clocks: for the first of two equal ones (or one in a gap), and for the second.
    utc: list[datetime]
    first: list[datetime]
    second: list[datetime]

    def at(self, times: list[datetime], time: datetime) -> timedelta:
        """Return the offset at a time; `times` is one of the three lists."""
        index = bisect_right(times, time)
        return self.offsets[index - 1][1] if index else self.offsets[0][0]


class FileZone(tzinfo):
    """A zone from a VTIMEZONE. A time in a gap has the offset before the gap (§3.3.5)."""

    def __init__(self, observances: list[_Observance]) -> None:
        self._observances = observances
        self._years: dict[int, _Year] = {}

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return the offset of a wall clock; `fold` 1 is the second of two equal ones."""
        if dt is None:
            return None
        year = self._year(dt.year)
        return year.at(year.second if dt.fold else year.first, dt.replace(tzinfo=None, fold=0))

    def fromutc(self, dt: datetime) -> datetime:
        """Return the wall clock at a time in UTC."""
        year = self._year(dt.year)
        offset = year.at(year.utc, dt.replace(tzinfo=None))
        wall = dt + offset
        return wall if self.utcoffset(wall) == offset else wall.replace(fold=1)

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Return None: a VTIMEZONE does not say how much of an offset is summer time."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Return None: names do not matter."""
        return None

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            self._years[number] = self._compute(min(max(number, 2), 9997))
        return self._years[number]

    def _compute(self, number: int) -> _Year:
        """Return the changes of a year and of the days around it, and the last change before them."""
        low, high = datetime(number, 1, 1) - _DAYS, datetime(number + 1, 1, 1) + _DAYS
        changes = [
            (wall, observance) for observance in self._observances for wall in observance.changes(low, high)
        ]
        before = [
            (last, observance) for observance in self._observances if (last := observance.last_before(low))
        ]
        changes.sort(key=lambda change: change[0])
        changes[:0] = [max(before, key=lambda change: change[0])] if before else []
        if not changes:
            # The time before the first change of all.
            first = min(self._observances, key=lambda observance: observance.dates[0])
            changes = [(first.dates[0], first)]
        year = _Year([], [], [], [])
        for wall, observance in changes:
            after = observance.offset_to or timedelta(0)
            previous = year.offsets[-1][1] if year.offsets else observance.offset_from
            offset = after if previous is None else previous
            year.offsets.append((offset, after))
            year.utc.append(wall - offset)
            year.first.append(wall + max(after - offset, timedelta(0)))
            year.second.append(wall + min(after - offset, timedelta(0)))
        return year


def by_tzid(definitions: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Return VTIMEZONE components (unfolded) by the key of their TZID, without those that are too long."""
    by_key = defaultdict(list)
    for definition in definitions:
        if len(definition) <= MAX_DEFINITION:
            for name in read_lines(definition, {"TZID"}).get("TZID", ()):
                by_key[tzid_key(name.value)].append(definition)
    return by_key


def lic_location(definition: bytes) -> str:
    """Return the tz database name in the X-LIC-LOCATION of a VTIMEZONE, or an empty string."""
    lines = read_lines(definition, {"X-LIC-LOCATION"}).get("X-LIC-LOCATION")
    return lines[0].value.strip() if lines else ""


@lru_cache(maxsize=256)
def read_zone(definition: bytes) -> FileZone | None:
    """Return the zone of a VTIMEZONE; None if a part that may matter cannot be read.

    The items of a vdir have the same few definitions, so zones are cached by their bytes.
    """
    try:
        observances = [_observance(match[2]) for match in re.finditer(_OBSERVANCE, definition)]
    except (ValueError, OverflowError):
        return None
    sound = [observance for observance in observances if observance.offset_to is not None]
    if not sound or sum(_cost(observance.rule) for observance in sound if observance.rule) > MAX_COST:
        return None
    replaced = min(max(observance.dates[-1] for observance in sound), _LONG_AGO)
    if any(
        observance.offset_to is None and (observance.rule or observance.dates[-1] > replaced)
        for observance in observances
    ):
        return None
    return FileZone(sound)


def _observance(content: bytes) -> _Observance:
    """Read a STANDARD or DAYLIGHT component. Raises ValueError if its changes are unknown."""
    lines = read_lines(content, {"DTSTART", "RDATE", "RRULE", "TZOFFSETFROM", "TZOFFSETTO"})
    before, after = (_offset(lines.get(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    if "DTSTART" not in lines:
        raise ValueError("an observance has no DTSTART")
    zone = timezone(before or after or timedelta(0))
    values = [line.value.split(",") for name in ("DTSTART", "RDATE") for line in lines.get(name, ())]
    dates = [read_date_time(value.partition("/")[0], zone) for listed in values for value in listed]
    # Some begin in the year 1. The calendar repeats after 400 years.
    walls = [_late_enough(date_time.in_zone(zone)) for date_time in dates]
    rules = [read_rule(line.value, IcsDateTime(walls[0], zone)) for line in lines.get("RRULE", ())]
    if len(rules) > 1 or any(faults for _, faults in rules):
        raise ValueError("an observance has a rule that cannot be read")
    first = walls[0]
    rule = rules[0][0] if rules else None
    if rule and rule.total:
        walls += _counted(rule, first)
        rule = None
    observance = _Observance(sorted({wall for wall in walls if wall >= first}), rule, before, after)
    _check_rule(observance)
    return observance


def _counted(rule: Rule, start: datetime) -> Iterator[datetime]:
    """Return all changes of a rule with a COUNT. Raises ValueError for one that is too large."""
    if not rule.total or rule.total > MAX_COUNT or _cost(rule) > MAX_COST:
        raise ValueError("an observance has a rule that takes too long to follow")
    until = start + timedelta(days=MAX_COUNT * MAX_YEARS_APART * 366)
    return expand(rule, start, (start, until), lambda steps: None)


def _check_rule(observance: _Observance) -> None:
    """Raise ValueError for a rule that takes too long to follow, or gives nothing."""
    if observance.rule is None or _is_plain(observance.rule):
        return
    after = observance.dates[0] + timedelta(seconds=1)
    until = after + timedelta(days=MAX_YEARS_APART * 366)
    if _cost(observance.rule) > MAX_COST or (
        observance.rule.until is None and not any(observance.changes(after, until))
    ):
        raise ValueError("an observance has a rule without instances")


def _cost(rule: Rule) -> int:
    """Return what a rule costs in a year; more than MAX_COST if no clock changes by a rule of its form."""
    if _is_plain(rule):
        return len(rule.months or range(12)) * len(rule.weekdays)
    usual = rule.frequency == "YEARLY" and rule.interval <= MAX_YEARS_APART
    one_month = len(rule.months) == 1 or not (rule.weekdays or rule.months)
    unusual = rule.weeks or rule.hours or rule.minutes or rule.seconds
    return COST_OF_MONTH if usual and one_month and not unusual else MAX_COST + 1


def _late_enough(wall: datetime) -> datetime:
    return wall if wall.year > 400 else wall.replace(year=wall.year + 1600)


def _is_plain(rule: Rule) -> bool:
    """Return whether a rule has numbered weekdays of months, as nearly all do (`BYMONTH=10;BYDAY=-1SU`)."""
    plain = Rule(
        rule.frequency,
        until=rule.until,
        week_start=rule.week_start,
        months=rule.months,
        weekdays=rule.weekdays,
    )
    of_months = rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and bool(rule.months))
    numbered = bool(rule.weekdays) and all(number for number, _ in rule.weekdays)
    return rule == plain and of_months and numbered


def _numbered_weekdays(rule: Rule, start: datetime, first: int, last: int) -> Iterator[datetime]:
    """Return the instances of such a rule from one year to another, without looking at other days."""
    return (
        datetime.combine(date(year, month, day), start.time())
        for year in range(first, last + 1)
        for month in rule.months or range(1, 13)
        for number, weekday in rule.weekdays
        if (day := _day_of_month(year, month, number, weekday))
    )


def _day_of_month(year: int, month: int, number: int, weekday: int) -> int:
    """Return the day of the month of a numbered weekday (from its end below 0), or 0."""
    weekday_of_first, length = monthrange(year, month)
    if number > 0:
        day = 1 + (weekday - weekday_of_first) % 7 + 7 * (number - 1)
    else:
        weekday_of_last = (weekday_of_first + length - 1) % 7
        day = length - (weekday_of_last - weekday) % 7 + 7 * (number + 1)
    return day if 1 <= day <= length else 0


def _offset(lines: list[Line] | None) -> timedelta | None:
    """Return a UTC-OFFSET (§3.3.14), also without its sign or with colons; None if it is invalid."""
    match = re.fullmatch(_OFFSET, lines[0].value.strip()) if lines else None
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0), seconds=int(match[4] or 0))
    if offset > MAX_OFFSET:
        return None
    return -offset if match[1] == "-" else offset


# Compiled at the first use: the zones of most files are known by their names.
_OBSERVANCE = rb"(?is)\nBEGIN:(STANDARD|DAYLIGHT)[ \t\r]*(\n.*?)\nEND:\1"
# The number of digits distinguishes an hour of one digit, as in `100`, from `0100`.
_OFFSET = r"(?a)([+-]?)(\d{1,2}?)(?::?([0-5]\d)(?::?([0-5]\d))?)?"
_DAYS = timedelta(days=2)
# Clock changes before this do not matter for current events.
_LONG_AGO = datetime(2000, 1, 1)
_FAR = 60_000_000_000
