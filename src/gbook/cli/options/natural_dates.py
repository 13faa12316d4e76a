"""Dates in words: `tomorrow 9:30`, `next monday 14:00`, `+3d`, `24 Nov`, `24.11.2026`.

Every form is matched as a whole, so that nothing is guessed. Weeks begin on Monday (ISO 8601). A weekday, a
date without a year and a time without a date count from a day that may be later than today: that of --from.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, NoReturn
from zoneinfo import ZoneInfo

from gbook.cli.options.date_types import Ambiguous, Days, Use, instant_of, iso_days
from gbook.timeutil.instants import DAY, MINUTE, WEEKDAYS, from_local, local

__all__ = ["DAY_MONTH", "MONTHS", "MONTH_DAY", "WEEKDAY_NUMBERS", "read_phrase"]

_SHORT = {"tues": 1, "thur": 3, "thurs": 3, **{name[:3]: number for number, name in enumerate(WEEKDAYS)}}
WEEKDAY_NUMBERS = {**_SHORT, **{name: number for number, name in enumerate(WEEKDAYS)}}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNTS = (
    "a",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_COUNT_NUMBERS = {"an": 1, "a": 1, **{name: number for number, name in enumerate(_COUNTS[1:], 1)}}

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ORDINAL = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"(?: (?P<year>[0-9]{4}))?"
DAY_MONTH = re.compile(rf"{_ORDINAL} ?{_MONTH}{_YEAR}")
MONTH_DAY = re.compile(rf"{_MONTH} ?{_ORDINAL}{_YEAR}")
_DISTANCE = re.compile(
    rf"(?P<ahead>in )?(?P<count>[0-9]{{1,4}}|{'|'.join(_COUNT_NUMBERS)}) (?P<unit>day|week|month|year)s?"
    r"(?P<after> from now| ago)?"
)
_HOURS = re.compile(r"(?:\+ ?|in )(?:([0-9]{1,5}) ?h(?:(?:ou)?rs?)?)? ?(?:([0-9]{1,6}) ?min(?:ute)?s?)?")
_CLOCK = (
    r"(?:at )?(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?(?: ?(?P<half>[ap]m))?"
    r"|(?P<whole_hour>[0-9]{1,2}) ?(?P<whole_half>[ap]m)|(?P<name>noon|midnight))"
)
_CLOCK_FIRST = re.compile(rf"{_CLOCK}(?: (?P<date>.+))?")
_CLOCK_LAST = re.compile(rf"(?P<date>.+?) {_CLOCK}")

# The longest window over New Year whose end may lack the year.
MOST_DAYS_OVER_NEW_YEAR = 270


class _SameWeekday(Ambiguous):
    """A weekday's name that is that of the first day: this day, or the same day of next week."""


class _First(NamedTuple):
    """Today, and the first day that a weekday or a date without a year can be."""

    today: date
    day: date
    # Whether it is the day of --from, and the end of that window is read.
    is_start: bool = False


class _Clock(NamedTuple):
    """A time of day; 24:00 is the next day's midnight."""

    seconds: int

    def on(self, day: date) -> datetime:
        """Return this time on a day, as a wall clock."""
        return datetime.combine(day, time()) + timedelta(seconds=self.seconds)


def read_phrase(text: str, zone: ZoneInfo, now: int, use: Use, since: int | None = None) -> Days | int:
    """Return the days or the instant of a phrase, as read in `zone` at the instant `now`.

    `since` is the instant of --from, from which the end of a window counts. Raises Ambiguous with the
    possible readings, ValueError for anything that is not a date.
    """
    words = " ".join(text.casefold().replace(",", " ").split())
    if words == "now":
        return now
    if (hours := _HOURS.fullmatch(words)) and any(hours.groups()):
        # Slots start at whole minutes.
        minute = now + -now % MINUTE
        return minute + int(hours[1] or 0) * 60 * MINUTE + int(hours[2] or 0) * MINUTE
    day, clock = _split(_with_colon(words, local(now if since is None else since, zone).date()))
    is_start, since = since is not None, now if since is None else since
    first = _First(local(now, zone).date(), local(since, zone).date(), is_start)
    if clock is None:
        try:
            return _days(day, first)
        except _SameWeekday as ambiguous:
            return _one_day(_weekday_for(use, ambiguous))
    try:
        days = _days(day, first) if day else _one_day(first.day)
    except _SameWeekday as ambiguous:
        days = _still_to_come(ambiguous, clock, zone, since, use)
    if days.first != days.last:
        raise ValueError
    return instant_of(clock.on(days.first), zone)


def _weekday_for(use: Use, ambiguous: Ambiguous) -> date:
    """Return the day of a weekday's name on that weekday. Raises Ambiguous for a slot."""
    if use is Use.SLOT:
        raise ambiguous
    soon, later = map(date.fromisoformat, ambiguous.readings)
    return soon if use is Use.END else later


def _still_to_come(ambiguous: Ambiguous, clock: _Clock, zone: ZoneInfo, since: int, use: Use) -> Days:
    """Return the only day whose time is still to come, or the first for the end of a window.

    On a Monday after nine, `monday 9:00` can only be next week's. Raises Ambiguous if both are possible.
    """
    walls = [clock.on(date.fromisoformat(reading)) for reading in ambiguous.readings]
    coming = [wall for wall in walls if from_local(wall, zone) >= since]
    if len(coming) != 1 and use is not Use.END:
        raise Ambiguous(*(f"{wall:%Y-%m-%dT%H:%M}" for wall in walls))
    return _one_day(coming[0].date())


def _with_colon(words: str, today: date) -> str:
    """Return `friday at 9.30` or `24 nov 9.30` with its time as 9:30, unless `9.30` may be a date."""
    match = re.fullmatch(r"(.+?)( at)? ([0-9]{1,2})\.([0-9]{2})", words)
    if match is None:
        return words
    left, right = int(match[3]), int(match[4])
    number = WEEKDAY_NUMBERS.get(match[1].rstrip("."))
    if number is not None and not match[2]:
        dates = [_dated(day, month, None, today) for day, month in ((left, right), (right, left))]
        if 1 <= right <= 12 or any(day and day.weekday() == number for day in dates):
            return words
    return f"{match[1]} {match[3]}:{match[4]}"


def _split(words: str) -> tuple[str, _Clock | None]:
    """Return the date of a phrase and its time of day, which comes first or last."""
    match = _CLOCK_FIRST.fullmatch(words) or _CLOCK_LAST.fullmatch(words)
    if match is None:
        return words, None
    return match["date"] or "", _read_clock(match)


def _read_clock(clock: re.Match[str]) -> _Clock:
    """Return the time of day that matched. Raises Ambiguous, ValueError."""
    if clock["name"]:
        return _Clock(DAY // 2) if clock["name"] == "noon" else _refuse("00:00", "24:00")
    hour, minute, second = int(clock["hour"] or clock["whole_hour"]), clock["minute"] or "00", clock["second"]
    if half := clock["half"] or clock["whole_half"]:
        if hour == 12:
            return _refuse(f"00:{minute}", f"12:{minute}")
        if not 1 <= hour <= 11:
            raise ValueError
        hour += 12 * (half == "pm")
    seconds = hour * 3600 + int(minute) * 60 + int(second or 0)
    if int(minute) > 59 or int(second or 0) > 59 or seconds > DAY:
        raise ValueError
    return _Clock(seconds)


def _refuse(*readings: str) -> NoReturn:
    """Raise Ambiguous for 12am, 12pm and midnight: people differ on which end of the day these are."""
    raise Ambiguous(*readings)


def _days(words: str, first: _First) -> Days:
    """Return the days of a phrase without a time. Raises Ambiguous, ValueError."""
    for read in (_named, _ahead, _distance):
        if (days := read(words, first.today)) is not None:
            return days
    if (days := _weekday(words, first)) is not None:
        return days
    for read in (_numeric, _with_month):
        if (days := read(words, first.day)) is not None:
            if first.is_start and read(words, days.last + timedelta(days=1)) != days:
                _check_next_year(days.first, first.day)
            return days
    raise ValueError


def _check_next_year(end: date, start: date) -> None:
    """Raise Ambiguous for the end of a window that is in a later year only because none was typed.

    From 20 December to 10 January is three weeks; from 1 December to 30 November is rather a mistake.
    """
    if end.year > start.year and end - start > timedelta(days=MOST_DAYS_OVER_NEW_YEAR):
        same_year = _dated(end.day, end.month, start.year, start)
        raise Ambiguous(*filter(None, (same_year, end)))


def _named(words: str, today: date) -> Days | None:
    names = {"yesterday": -1, "today": 0, "tomorrow": 1, "day after tomorrow": 2}
    if (days := names.get(words.removeprefix("the "))) is not None:
        return _one_day(today + timedelta(days=days))
    monday = today - timedelta(days=today.weekday())
    match words:
        case "this week":
            return Days(monday, monday + timedelta(days=6))
        case "next week":
            return Days(monday + timedelta(days=7), monday + timedelta(days=13))
        case "this month":
            return _month(today)
        case "next month":
            return _month(_month(today).last + timedelta(days=1))
    return iso_days(words)


def _weekday(words: str, first: _First) -> Days | None:
    """Read `friday` as the next one, and `next friday` as next week's.

    On a Friday, `friday` has two readings, and so has `next friday` on any earlier day of the week.
    """
    match = re.fullmatch(r"(?:on |(this|next|coming) )?([a-z]+)\.?", words)
    if match is None or (number := WEEKDAY_NUMBERS.get(match[2])) is None:
        return None
    today = first.today if match[1] else first.day
    ahead = (number - today.weekday()) % 7
    soon, later = today + timedelta(days=ahead), today + timedelta(days=ahead + 7)
    if match[1] and ahead == 0:
        return _one_day(soon if match[1] == "this" else later)
    if ahead == 0:
        raise _SameWeekday(soon, later)
    if match[1] == "next" and number > today.weekday():
        raise Ambiguous(soon, later)
    return _one_day(soon)


def _ahead(words: str, today: date) -> Days | None:
    """Read `+3d` or `in 2 weeks`, counted from today."""
    match = re.fullmatch(r"(?:\+ ?|in )([0-9]{1,4}) ?(d|days?|w|weeks?)", words)
    if match is None:
        return None
    return _one_day(today + timedelta(days=int(match[1]) * (7 if match[2].startswith("w") else 1)))


def _numeric(words: str, today: date) -> Days | None:
    """Read `24.11.2026`, `24/11` or `2026/11/24`. Raises Ambiguous if both orders give a date.

    Without a year it is the next one from `today` on.
    """
    if match := re.fullmatch(r"([0-9]{4})([./])([0-9]{1,2})\2([0-9]{1,2})", words):
        return _one_day(date(int(match[1]), int(match[3]), int(match[4])))
    match = re.fullmatch(r"([0-9]{1,2})([./-])([0-9]{1,2})(?:\2([0-9]{4})?)?", words)
    if match is None or (match[2] != "." and words.endswith(match[2])):
        return None
    left, right = int(match[1]), int(match[3])
    year = int(match[4]) if match[4] else None
    dates = {_dated(day, month, year, today) for day, month in ((left, right), (right, left))}
    readings = [str(day) for day in sorted(filter(None, dates))]
    if not readings:
        return None
    if re.fullmatch(r"[0-9]{1,2}\.[0-9]{2}", words) and left < 24 and right < 60:
        readings.append(f"{left:02}:{right:02}")
    if len(readings) > 1:
        raise Ambiguous(*readings)
    return _one_day(date.fromisoformat(readings[0]))


def _dated(day: int, month: int, year: int | None, today: date) -> date | None:
    """Return a date if it exists; without a year, the next one from today on."""
    for number in [year] if year is not None else range(today.year, today.year + 9):
        if (
            1 <= month <= 12
            and 1 <= day <= monthrange(number, month)[1]
            and (year is not None or date(number, month, day) >= today)
        ):
            return date(number, month, day)
    return None


def _distance(words: str, today: date) -> Days | None:
    """Read `in two weeks`, `a month from now` or `3 days ago`, counted from today."""
    match = _DISTANCE.fullmatch(words.replace("the ", ""))
    if match is None or bool(match["ahead"]) == bool(match["after"]):
        return None
    count = _COUNT_NUMBERS.get(match["count"]) or int(match["count"])
    if match["after"] == " ago":
        count = -count
    match match["unit"]:
        case "day":
            return _one_day(today + timedelta(days=count))
        case "week":
            return _one_day(today + timedelta(weeks=count))
        case "month":
            return _one_day(_add_months(today, count))
    return _one_day(_add_months(today, 12 * count))


def _add_months(day: date, count: int) -> date:
    """Return the same day of another month, or its last day if it is shorter. Raises ValueError."""
    years, month = divmod(day.month - 1 + count, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def _with_month(words: str, today: date) -> Days | None:
    """Read `24 Nov`, `Nov 24th 2026` or `Tuesday, November 24th`, whose weekday must be right."""
    plain = re.sub(r"\b(?:of|on|the) ", "", words)
    first, _, rest = plain.partition(" ")
    weekday = WEEKDAY_NUMBERS.get(first.rstrip("."))
    if weekday is not None:
        plain = rest
    match = DAY_MONTH.fullmatch(plain) or MONTH_DAY.fullmatch(plain)
    if match is None:
        return None
    month = MONTHS.index(match["month"][:3]) + 1
    day = _dated(int(match["day"]), month, int(match["year"]) if match["year"] else None, today)
    return _one_day(day) if day and weekday in (None, day.weekday()) else None


def _month(day: date) -> Days:
    return Days(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _one_day(day: date) -> Days:
    return Days(day, day)
