"""Read recurrence rules as programs write them: RFC 5545 §3.3.10, RFC 7529, vCalendar 1.0.

A mistake with only one possible meaning is corrected silently. A part that cannot be read is left out if the
rule can only gain instances without it: too much busy time is safe, too little is not. Any other rule cannot
be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from gbook.calendars.ics.values import IcsDateTime
from gbook.calendars.rules.legacy_rules import legacy_parts
from gbook.timeutil.instants import WEEKDAYS

__all__ = ["FREQUENCIES", "Rule", "Unreadable", "read_rule"]

T = TypeVar("T")
# From the longest to the shortest.
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")


class Rule(NamedTuple):
    """A rule: its numbers are within the bounds of §3.3.10, each list is sorted and without duplicates."""

    frequency: str
    interval: int = 1
    # COUNT: DTSTART is the first instance, even if the rule does not give it.
    total: int | None = None
    # UNTIL, as an instant: no instance begins after it.
    until: int | None = None
    # Monday is 0.
    week_start: int = 0
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    # Pairs of a number (0 for every one) and a weekday.
    weekdays: tuple[tuple[int, int], ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    # The replacement of a day that a month does not have (RFC 7529 §4.1).
    skip: str = "OMIT"


class Unreadable(ValueError):
    """A rule or date that cannot be read; no instance of its series begins after the instant `until`."""

    def __init__(self, message: str, until: int | None) -> None:
        super().__init__(message)
        self.until = until


def read_rule(text: str, start: IcsDateTime) -> tuple[Rule, list[str]]:
    """Return the rule of a series that starts at `start`, and the faults of parts that are left out of it.

    Raises Unreadable.
    """
    faults: list[str] = []
    parts, until = {}, None
    shown = repr(text.strip()[:60])
    try:
        parts = legacy_parts(text, start.wall) or _parts(text, faults)
        until = _part(parts, "UNTIL", lambda value: _until(value, start), faults)
        return _rule(parts, start, faults)._replace(until=until), faults
    except (ValueError, KeyError, OverflowError) as error:
        raise Unreadable(f"rule {shown} cannot be read: {error}", until) from error


def _parts(text: str, faults: list[str]) -> dict[str, str]:
    """Return the parts of a RECUR value by their names. Raises ValueError for text that is not a part."""
    parts: dict[str, str] = {}
    name = ""
    for part in _plain(text).split(";"):
        key, equals, value = part.partition("=")
        if key.startswith("X-"):
            # RFC 2445 §4.3.10 has such parts.
            faults[:] = faults or [f"rule has the part {part[:40]!r}, which is left out"]
        elif equals and value.strip(","):
            name = key
            if parts.setdefault(name, value) != value:
                raise ValueError(f"it has more than one {name[:40]}")
        elif part and not equals and name in _LISTS:
            # Some programs put a semicolon between the values of a list.
            parts[name] += f",{part}"
        elif part and not equals:
            raise ValueError(f"{part[:40]!r} is not a part of a rule")
    return parts


def _plain(text: str) -> str:
    r"""Return a RECUR value in upper case, without additions that some programs make.

    These are a second property name, quotes, the escapes of a TEXT, and spaces (also instead of commas).
    Example: `rrule:FREQ=WEEKLY; BYDAY=MO\, TU` is `FREQ=WEEKLY;BYDAY=MO,TU`.
    """
    if re.fullmatch(_PLAIN, text):
        return text
    text = re.sub(r'\\N|[\\"]', "", text.upper())
    text = re.sub(r"\s*([;=,])\s*", r"\1", re.sub(r"^\s*(?:(?:RRULE|EXRULE)\s*:\s*)+", "", text).strip())
    return re.sub(r"\s+", ",", text)


def _frequency_and_skip(parts: dict[str, str]) -> tuple[str, str]:
    """Return FREQ and SKIP. Raises ValueError if a rule with these, or its RSCALE, cannot be read."""
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise ValueError(f"{frequency[:40]!r} is not a frequency" if frequency else "it has no FREQ")
    if parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError("its calendar (RSCALE) is not the Gregorian one")
    skip = parts.pop("SKIP", "OMIT")
    if skip not in {"OMIT", "BACKWARD", "FORWARD"}:
        raise ValueError(f"{skip[:40]!r} is not a valid SKIP")
    return frequency, skip


def _rule(parts: dict[str, str], start: IcsDateTime, faults: list[str]) -> Rule:
    frequency, skip = _frequency_and_skip(parts)
    known = len(faults)
    lists: dict[str, Any] = {
        name: _list(parts, part, read, frequency, faults) if part in parts else ()
        for part, (name, read) in _LISTS.items()
    }
    if start.is_date:
        # §3.3.10: the time parts are ignored for a DATE.
        lists |= {"hours": (), "minutes": (), "seconds": ()}
    interval = _part(parts, "INTERVAL", _interval, faults) or 1
    week_start = _part(parts, "WKST", _weekday, faults) if "WKST" in parts else (0, 0)
    if week_start is None:
        # An interval of weeks depends on it.
        interval, week_start = 1, (0, 0)
        if lists["weeks"] or lists["positions"]:
            raise ValueError("the first day of its weeks is not known")
    count = _part(parts, "COUNT", _count, faults)
    if parts:
        raise ValueError(f"{min(parts)[:40]!r} is not a known part of a rule")
    return Rule(
        frequency,
        interval,
        # A rule that lacks a part may have too many instances: COUNT would end the series too soon.
        count if len(faults) == known else None,
        week_start=week_start[1],
        skip=skip,
        **lists,
    )


def _part(parts: dict[str, str], name: str, read: Callable[[str], T], faults: list[str]) -> T | None:
    """Return a part without which a rule has more instances, never fewer; None if missing or unreadable."""
    if (value := parts.pop(name, None)) is None:
        return None
    try:
        return read(value)
    except (ValueError, OverflowError):
        faults.append(f"rule has {name}={value[:40]}, which cannot be read and is left out")
        return None


def _list(
    parts: dict[str, str],
    name: str,
    read: Callable[[str], tuple[int, ...]],
    frequency: str,
    faults: list[str],
) -> tuple[tuple[int, ...], ...]:
    """Return the sorted numbers of a list part; an unreadable part that only limits is left out."""

    def numbers(value: str) -> tuple[tuple[int, ...], ...]:
        return tuple(sorted({read(item) for item in value.split(",") if item}))

    if frequency in _LIMITS.get(name, ()):
        return _part(parts, name, numbers, faults) or ()
    return numbers(parts.pop(name, ""))


def _number(low: int, high: int, *, signed: bool = False) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`; if `signed`, also of their negatives."""

    def read(text: str) -> int:
        number = int(text) if re.fullmatch(_DIGITS, text) else low - 1
        if not low <= (abs(number) if signed else number) <= high:
            raise ValueError(f"{text[:40]!r} is not a number from {low} to {high}")
        return number

    return read


def _weekday(text: str) -> tuple[int, int]:
    """Return the number and the weekday of `-1SU`; the number is 0 if there is none.

    Longer names (`MON`) are read too.
    """
    match = re.fullmatch(_WEEKDAY, text)
    names = [name for name in _WEEKDAYS if match and len(match[2]) > 1 and name.startswith(match[2])]
    if match is None or not names:
        raise ValueError(f"{text[:40]!r} is not a weekday")
    number = int(match[1] or 0)
    if abs(number) > 53:
        raise ValueError(f"{text[:40]!r} is not a weekday of a year")
    return number, _WEEKDAYS.index(names[0])


def _interval(text: str) -> int:
    # All programs that accept INTERVAL=0 read it as 1.
    return _number(0, 1_000_000_000)(text) or 1


def _count(text: str) -> int:
    return _number(1, 1_000_000_000_000)(text)


def _until(text: str, start: IcsDateTime) -> int:
    """Return UNTIL as an instant. It is in UTC, in the zone of the series, or a date (to its end)."""
    match = re.fullmatch(_UNTIL, text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a valid UNTIL")
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    last = datetime(year, month, day, 23, 59, 59)
    if match[4] is None:
        return IcsDateTime(last, start.zone).instant
    if max(hour - 24, minute - 59, second - 60) > 0:
        raise ValueError(f"{text[:40]!r} is not a valid UNTIL")
    wall = datetime(year, month, day) + timedelta(hours=hour, minutes=minute, seconds=second)
    if match[8]:
        # An offset from UTC, as in ISO 8601.
        wall -= int(f"{match[8]}1") * timedelta(hours=int(match[9]), minutes=int(match[10]))
    until = IcsDateTime(wall, UTC if match[7] else start.zone)
    if not start.is_date:
        return until.instant
    # Some programs write the last day as a day in UTC, others its local midnight in UTC. If these are two
    # different days, the later one counts: the series must not end too soon.
    local = until.in_zone(start.zone).replace(hour=23, minute=59, second=59)
    return IcsDateTime(max(last, local), start.zone).instant


_WEEKDAYS = tuple(day.upper() for day in WEEKDAYS)
# Compiled at the first use: after a change, few files have a rule that is not known.
_WEEKDAY = r"(?a)([+-]?\d{1,3})?([A-Z]+)"
_PLAIN = r"[A-Z0-9;=,+-]+"
_DIGITS = r"(?a)[+-]?\d{1,15}"
_UNTIL = (
    r"(?a)(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)"
    r"(?:[T,]?(\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z|([+-])(\d\d):?(\d\d))?)?"
)
_LISTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "BYMONTH": ("months", _number(1, 12)),
    "BYWEEKNO": ("weeks", _number(1, 53, signed=True)),
    "BYYEARDAY": ("year_days", _number(1, 366, signed=True)),
    "BYMONTHDAY": ("month_days", _number(1, 31, signed=True)),
    "BYDAY": ("weekdays", _weekday),
    "BYHOUR": ("hours", _number(0, 23)),
    "BYMINUTE": ("minutes", _number(0, 59)),
    "BYSECOND": ("seconds", lambda text: min(_number(0, 60)(text), 59)),
    "BYSETPOS": ("positions", _number(1, 366, signed=True)),
}
# Where a part only takes instances away (the table of §3.3.10).
_DAYS = FREQUENCIES[3:]
_LIMITS = {
    "BYMONTH": FREQUENCIES[1:],
    "BYMONTHDAY": _DAYS,
    "BYYEARDAY": FREQUENCIES[4:],
    "BYDAY": _DAYS,
    "BYHOUR": FREQUENCIES[4:],
    "BYMINUTE": FREQUENCIES[5:],
    "BYSECOND": FREQUENCIES[6:],
    "BYSETPOS": FREQUENCIES,
}
