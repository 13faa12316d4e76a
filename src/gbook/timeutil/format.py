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
    "dated_range",
    "day_name",
    "day_range",
    "days",
    "moment_name",
    "offset_name",
    "period_name",
    "range_ends",
    "slot_value",
    "time_range",
    "zone_key",
    "zone_name",
    "zoned_moment",
    "zoned_range",
    "zoned_times",
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
    return f"{moment_name(instant, zone)} {_offset(instant, zone)}"


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


def range_ends(start: int, end: int, zone: ZoneInfo) -> tuple[str, str]:
    """Return the times of day at which a range of instants begins and ends in `zone`: `09:00` and `09:30`.

    If its UTC offset changes in between, each has its own: `01:30 EDT` and `01:00 EST`.
    """
    begin, until = local(start, zone), local(end, zone)
    first, last = (_clock(_second_of_day(moment)) for moment in (begin, until))
    if begin.utcoffset() == until.utcoffset():
        return first, last
    before, after = (offset_name(moment, brief=True) for moment in (begin, until))
    if before == after:
        # An abbreviation can have two meanings: MSK was UTC+4 until 2014, and then UTC+3.
        before, after = _utc_offset(begin), _utc_offset(until)
    return f"{first} {before}", f"{last} {after}"


def time_range(start: int, end: int, zone: ZoneInfo) -> str:
    """Return a range of times: `09:00–09:30`; `23:30–00:30 Wed` if it ends on another day.

    If the UTC offset changes between its ends, or on one of their days, it has the zone's abbreviation, as in
    `zoned_times`.
    """
    begin = local(start, zone)
    day = begin.date()
    if end < _next_midnight(day, zone) and not _offset_changes(day, zone):
        second = _second_of_day(begin)
        return f"{_clock(second)}–{_clock(second + end - start)}"
    changes = _has_changes(start, end, zone)
    if end == _next_midnight(day, zone) and not changes:
        return f"{_clock(_second_of_day(begin))}–24:00"
    first, last = range_ends(start, end, zone)
    offset = _shared_offset(start, end, zone) if changes else ""
    return f"{first}–{last}{offset}{_later_day(start, end, zone)}"


def zoned_times(start: int, end: int, zone: ZoneInfo) -> str:
    """Return a range of times with the abbreviation of the zone, once if that is the same at both ends.

    `09:00–09:30 EST`, `01:30 EDT–01:00 EST`.
    """
    times = time_range(start, end, zone)
    return times if _has_changes(start, end, zone) else f"{times} {_offset(start, zone)}"


def day_range(start: int, end: int, zone: ZoneInfo, today: date | None = None) -> str:
    """Return a range of times with the date on which it begins: `Tue 24 Nov 2026 09:00–09:30`."""
    return f"{day_name(local(start, zone).date(), today)} {time_range(start, end, zone)}"


def zoned_range(start: int, end: int, zone: ZoneInfo) -> str:
    """Return such a range with the abbreviation of the zone: `Tue 24 Nov 2026 09:00–09:30 EST`."""
    return f"{day_name(local(start, zone).date())} {zoned_times(start, end, zone)}"


def dated_range(start: int, end: int, zone: ZoneInfo) -> str:
    """Return a zoned range in which the end has its date too, if that is another one.

    `Tue 24 Nov 2026 23:30–Wed 25 Nov 00:30 EST`, `Sat 31 Oct 2026 23:30 EDT–Sun 1 Nov 02:30 EST`.
    """
    day, last_day = (local(instant, zone).date() for instant in (start, end))
    first, last = range_ends(start, end, zone)
    later = f"{day_name(last_day, day)} " if last_day != day else ""
    return f"{day_name(day)} {first}–{later}{last}{_shared_offset(start, end, zone)}"


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
    offset, letters = _utc_offset(moment), moment.tzname() or ""
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


def _utc_offset(moment: datetime) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" if not minutes else f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"


def _offset(instant: int, zone: ZoneInfo) -> str:
    return offset_name(local(instant, zone), brief=True)


def _shared_offset(start: int, end: int, zone: ZoneInfo) -> str:
    """Return the offset of both ends of a range, to follow them; nothing if each has its own."""
    is_shared = local(start, zone).utcoffset() == local(end, zone).utcoffset()
    return f" {_offset(end, zone)}" if is_shared else ""


def _later_day(start: int, end: int, zone: ZoneInfo) -> str:
    """Return the day on which a range ends, to follow it; nothing if it begins on that day."""
    day, last_day = (local(instant, zone).date() for instant in (start, end))
    if day == last_day:
        return ""
    return f" {last_day:%a}" if (last_day - day).days < 7 else f" {day_name(last_day)}"


def _has_changes(start: int, end: int, zone: ZoneInfo) -> bool:
    """Return whether the UTC offset changes between the ends of a range, or on one of their days."""
    begin, until = local(start, zone), local(end, zone)
    changing = any(_offset_changes(moment.date(), zone) for moment in (begin, until))
    return changing or begin.utcoffset() != until.utcoffset()


# Thousands of slots are on a few days.
@lru_cache(1024)
def _next_midnight(day: date, zone: ZoneInfo) -> int:
    return at_midnight(day + timedelta(days=1), zone)


@lru_cache(1024)
def _offset_changes(day: date, zone: ZoneInfo) -> bool:
    first, next_first = at_midnight(day, zone), _next_midnight(day, zone)
    return local(first, zone).utcoffset() != local(next_first, zone).utcoffset()
