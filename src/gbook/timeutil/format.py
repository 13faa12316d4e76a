"""The format of times and numbers, the same in every message and every view."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from gbook.timeutil.instants import DAY, MINUTE, at_midnight, local

__all__ = [
    "age_name",
    "count",
    "day_name",
    "day_range",
    "days",
    "moment_name",
    "offset_name",
    "period_name",
    "slot_value",
    "time_range",
    "zone_key",
    "zone_name",
    "zoned_moment",
    "zoned_range",
]

# Names of UTC in the tz database, of which only `UTC` is shown.
UTC_NAMES = frozenset({"Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"})


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 slot`, `2 slots`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `3rd`, `11th`."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def age_name(seconds: int) -> str:
    """Return an age in words: `less than a minute`, `2 hours`, `3 days`."""
    for unit, noun in ((DAY, "day"), (60 * MINUTE, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            return count(seconds // unit, noun)
    return "less than a minute"


@lru_cache(1024)
def day_name(day: date, today: date | None = None) -> str:
    """Return a date as `Tue 24 Nov 2026`, without the year if it is that of `today`."""
    year = "" if today and day.year == today.year else f" {day:%Y}"
    return f"{day:%a} {day.day} {day:%b}{year}"


def moment_name(instant: int, zone: ZoneInfo, today: date | None = None) -> str:
    """Return an instant in `zone` as `Tue 24 Nov 2026 09:00`, without the year if it is that of `today`."""
    moment = local(instant, zone)
    return f"{day_name(moment.date(), today)} {_clock(_second_of_day(moment))}"


def zoned_moment(instant: int, zone: ZoneInfo) -> str:
    """Return an instant in `zone` with the zone's abbreviation: `Tue 24 Nov 2026 09:00 EST`."""
    return f"{moment_name(instant, zone)} {offset_name(local(instant, zone), brief=True)}"


def days(first: date, last: date) -> str:
    """Return a range of dates, both included: `23 Nov – 29 Nov 2026`; one date if they are the same."""
    if first == last:
        return day_name(first)
    year = f" {first:%Y}" if first.year != last.year else ""
    return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


def period_name(window: tuple[int, int], zone: ZoneInfo) -> str:
    """Return the range of dates in `zone` that a half-open window of instants touches."""
    low, high = window
    return days(local(low, zone).date(), local(max(low, high - 1), zone).date())


def time_range(start: int, end: int, zone: ZoneInfo) -> str:
    """Return a range of times: `09:00–09:30`; `23:30–00:30 Wed` if it ends on another day.

    On a day whose UTC offset changes, ambiguous times have a zone: `01:30 EDT–01:00 EST`.
    """
    begin = local(start, zone)
    day = begin.date()
    if end < _next_midnight(day, zone) and not _offset_changes(day, zone):
        second = _second_of_day(begin)
        return f"{_clock(second)}–{_clock(second + end - start)}"
    return _unusual_range(begin, local(end, zone), is_midnight=end == _next_midnight(day, zone), zone=zone)


def day_range(start: int, end: int, zone: ZoneInfo, today: date | None = None) -> str:
    """Return a range of times with the date on which it begins: `Tue 24 Nov 2026 09:00–09:30`."""
    return f"{day_name(local(start, zone).date(), today)} {time_range(start, end, zone)}"


def zoned_range(start: int, end: int, zone: ZoneInfo) -> str:
    """Return such a range with the abbreviation of the zone, once: `Tue 24 Nov 2026 09:00–09:30 EST`."""
    text, letters = day_range(start, end, zone), offset_name(local(start, zone), brief=True)
    return text if letters in text else f"{text} {letters}"


def _unusual_range(begin: datetime, until: datetime, zone: ZoneInfo, *, is_midnight: bool) -> str:
    """Return a range of times that ends on another day, or on a day whose UTC offset changes.

    `is_midnight` says that it ends at the end of the day on which it begins.
    """
    day, last_day = begin.date(), until.date()
    changing = _offset_changes(day, zone) or (last_day != day and _offset_changes(last_day, zone))
    first, last = (_clock(_second_of_day(moment)) for moment in (begin, until))
    if last_day != day and is_midnight and not changing:
        return f"{first}–24:00"
    later = f" {_later_day(begin, until)}" if last_day != day else ""
    if not changing:
        return f"{first}–{last}{later}"
    before, after = (offset_name(moment, brief=True) for moment in (begin, until))
    return f"{first} {before}–{last} {after}{later}" if before != after else f"{first}–{last} {after}{later}"


def zone_key(zone: ZoneInfo) -> str:
    """Return the name of a zone as it is shown: `UTC` for each name of UTC."""
    return "UTC" if zone.key in UTC_NAMES else zone.key


def zone_name(zone: ZoneInfo, instants: Iterable[int]) -> str:
    """Return a zone with every offset that it has at `instants`: `America/New_York (EST, UTC-5)`."""
    key = zone_key(zone)
    moments = (local(instant, zone) for instant in instants)
    distinct = {(moment.utcoffset(), moment.tzname()): moment for moment in moments}
    # Some zones are named like their abbreviation: `CET (UTC+1)`.
    offsets = dict.fromkeys(offset_name(moment).removeprefix(f"{key}, ") for moment in distinct.values())
    return key if set(offsets) <= {key} else f"{key} ({', then '.join(offsets)})"


def offset_name(moment: datetime, *, brief: bool = False) -> str:
    """Return the offset of an aware date-time: `EST, UTC-5`; if `brief`, `EST`.

    The tz database has no abbreviation for many zones: `UTC+5:30`.
    """
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    offset = (
        "UTC" if not minutes else f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"
    )
    letters = moment.tzname() or ""
    if not letters.isalpha() or letters == offset:
        return offset
    return letters if brief else f"{letters}, {offset}"


def slot_value(instant: int, zone: tzinfo) -> str:
    """Return an instant in a zone as `--slot` takes it, without zero seconds: `2026-11-24T09:00-05:00`."""
    moment = local(instant, zone)
    text = moment.isoformat(timespec="seconds" if moment.second else "minutes")
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _second_of_day(moment: datetime) -> int:
    return (moment.hour * 60 + moment.minute) * 60 + moment.second


# Thousands of slots begin at a few times of the day.
@lru_cache(1024)
def _clock(second_of_day: int) -> str:
    minute, second = divmod(second_of_day, 60)
    clock = f"{minute // 60:02}:{minute % 60:02}"
    return f"{clock}:{second:02}" if second else clock


def _later_day(begin: datetime, until: datetime) -> str:
    near = (until.date() - begin.date()).days < 7
    return f"{until:%a}" if near else day_name(until.date())


# Thousands of slots are on a few days.
@lru_cache(1024)
def _next_midnight(day: date, zone: ZoneInfo) -> int:
    return at_midnight(day + timedelta(days=1), zone)


@lru_cache(1024)
def _offset_changes(day: date, zone: ZoneInfo) -> bool:
    first, next_first = at_midnight(day, zone), _next_midnight(day, zone)
    return local(first, zone).utcoffset() != local(next_first, zone).utcoffset()
