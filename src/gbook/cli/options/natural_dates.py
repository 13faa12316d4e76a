"""Dates in words: `tomorrow 9:30`, `next monday 14:00`, `+3d`, `24 Nov`, `24.11.2026`.

The shape of a phrase is told here, so that nothing is guessed: dateparser, which finds a date in nearly
everything ("a" is January to it), is only asked about days with a month's name, and lengths in words.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, NoReturn
from zoneinfo import ZoneInfo

from gbook.cli.options.date_types import Ambiguous, Days, instant_of, iso_days
from gbook.timeutil.instants import DAY, MINUTE, from_local, local

__all__ = ["read_phrase"]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {"tues": 1, "thur": 3, "thurs": 3, **{name[:3]: number for number, name in enumerate(_WEEKDAYS)}}
_BY_NAME = {**_SHORT, **{name: number for number, name in enumerate(_WEEKDAYS)}}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ORDINAL = r"[0-9]{1,2}(?:st|nd|rd|th|\.)?"
_LENGTH = r"(?:[0-9]{1,4}|an?|one|two|three|four|five|six) (?:day|week|month|year)s?"
_HOURS = re.compile(r"(?:\+ ?|in )(?:([0-9]{1,5}) ?h(?:(?:ou)?rs?)?)? ?(?:([0-9]{1,6}) ?min(?:ute)?s?)?")
# Hour, minute, second, half of the day; hour and half alone; a name.
_CLOCK = (
    r"(?:at )?(?:([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([ap]m))?|([0-9]{1,2}) ?([ap]m)|(noon|midnight))"
)
_SPLIT = re.compile(rf"(?P<first>{_CLOCK})(?: (?P<after>.+))?|(?P<before>.+?) (?P<last>{_CLOCK})")


class _SomeWeekday(Ambiguous):
    """A weekday's name, said on that very day."""


class _Clock(NamedTuple):
    """A time of day; 24:00 is the next day's midnight."""

    seconds: int

    def on(self, day: date) -> datetime:
        return datetime.combine(day, time()) + timedelta(seconds=self.seconds)


def read_phrase(text: str, zone: ZoneInfo, now: int) -> Days | int:
    """What a phrase means to somebody in `zone` at `now`: whole days, or an instant.

    Raises Ambiguous with the readings, ValueError for what is no date.
    """
    words = " ".join(text.casefold().replace(",", " ").split())
    if words == "now":
        return now
    if (hours := _HOURS.fullmatch(words)) and any(hours.groups()):
        return now + int(hours[1] or 0) * 60 * MINUTE + int(hours[2] or 0) * MINUTE
    day, clock = _split(words)
    today = local(now, zone).date()
    if clock is None:
        return _days(day, today)
    try:
        days = _days(day or "today", today)
    except _SomeWeekday as several:
        days = _still_to_come(several, clock, zone, now)
    if days.first != days.last:
        raise ValueError
    return instant_of(clock.on(days.first), zone)


def _still_to_come(several: Ambiguous, clock: _Clock, zone: ZoneInfo, now: int) -> Days:
    """On a Monday, `monday 9:00` is next week's where nine has passed; before nine it may be today's."""
    walls = [clock.on(date.fromisoformat(reading)) for reading in several.readings]
    coming = [wall for wall in walls if from_local(wall, zone) >= now]
    if len(coming) != 1:
        raise Ambiguous(*(f"{wall:%Y-%m-%dT%H:%M}" for wall in walls))
    day = coming[0].date()
    return Days(day, day)


def _split(words: str) -> tuple[str, _Clock | None]:
    """A phrase as its day and its time of day, which stands first or last."""
    if (found := _SPLIT.fullmatch(words)) is None:
        return words, None
    return found["after"] or found["before"] or "", _read_clock(found["first"] or found["last"])


def _read_clock(words: str) -> _Clock:
    clock = re.fullmatch(_CLOCK, words)
    assert clock is not None
    full, minute, second, full_half, bare, bare_half, name = clock.groups()
    if name:
        return _Clock(DAY // 2) if name == "noon" else _either("00:00", "24:00")
    hour, half = int(full or bare), full_half or bare_half
    if half and hour == 12:
        return _either(f"00:{minute or '00'}", f"12:{minute or '00'}")
    if half:
        hour = hour + 12 * (half == "pm") if 1 <= hour <= 11 else DAY
    seconds = hour * 3600 + int(minute or 0) * 60 + int(second or 0)
    if int(minute or 0) > 59 or int(second or 0) > 59 or seconds > DAY:
        raise ValueError
    return _Clock(seconds)


def _either(*readings: str) -> NoReturn:
    """12am, 12pm and midnight: people differ on which end of the day these are."""
    raise Ambiguous(*readings)


def _days(words: str, today: date) -> Days:
    """The days that words mean. Raises Ambiguous, ValueError."""
    for read in (_named, _weekday, _ahead, _numeric, _in_words):
        if (days := read(words, today)) is not None:
            return days
    raise ValueError


def _named(words: str, today: date) -> Days | None:
    names = {"yesterday": -1, "today": 0, "tomorrow": 1, "day after tomorrow": 2}
    if (days := names.get(words.removeprefix("the "))) is not None:
        return _one(today + timedelta(days=days))
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


def _weekday(words: str, today: date) -> Days | None:
    """`friday`: the next one; on a Friday that may be today. `next friday`: the next one where that lies in
    next week; else people mean different days by it.
    """
    found = re.fullmatch(r"(?:on |(this|next|coming) )?([a-z]+)\.?", words)
    if found is None or (number := _BY_NAME.get(found[2])) is None:
        return None
    ahead = (number - today.weekday()) % 7
    soon, later = today + timedelta(days=ahead), today + timedelta(days=ahead + 7)
    if found[1] == "next" and ahead == 0:
        return _one(later)
    if ahead == 0:
        raise _SomeWeekday(soon, later)
    if found[1] == "next" and number > today.weekday():
        raise Ambiguous(soon, later)
    return _one(soon)


def _ahead(words: str, today: date) -> Days | None:
    """`+3d`, `in 2 weeks`: days, counted from today."""
    found = re.fullmatch(r"(?:\+ ?|in )([0-9]{1,4}) ?(d|days?|w|weeks?)", words)
    if found is None:
        return None
    return _one(today + timedelta(days=int(found[1]) * (7 if found[2].startswith("w") else 1)))


def _numeric(words: str, today: date) -> Days | None:
    """`24.11.2026`, `24/11`, `2026/11/24`: whichever order gives a date; two orders are ambiguous."""
    if found := re.fullmatch(r"([0-9]{4})([./])([0-9]{1,2})\2([0-9]{1,2})", words):
        return _one(date(int(found[1]), int(found[3]), int(found[4])))
    found = re.fullmatch(r"([0-9]{1,2})([./-])([0-9]{1,2})(?:\2([0-9]{4})?)?", words)
    if found is None or (found[2] != "." and words.endswith(found[2])):
        return None
    one, other = int(found[1]), int(found[3])
    dates = {
        _dated(day, month, int(found[4]) if found[4] else None, today)
        for day, month in ((one, other), (other, one))
    }
    readings = [str(day) for day in sorted(filter(None, dates))]
    if re.fullmatch(r"[0-9]{1,2}\.[0-9]{2}", words) and one < 24 and other < 60:
        readings.append(f"{one:02}:{other:02}")
    if len(readings) > 1:
        raise Ambiguous(*readings)
    return _one(date.fromisoformat(readings[0])) if dates != {None} and readings else None


def _dated(day: int, month: int, year: int | None, today: date) -> date | None:
    """A date that exists; without a year the next one."""
    for number in [year] if year else range(today.year, today.year + 9):
        if (
            1 <= month <= 12
            and 1 <= day <= monthrange(number, month)[1]
            and (year or date(number, month, day) >= today)
        ):
            return date(number, month, day)
    return None


def _in_words(words: str, today: date) -> Days | None:
    """`24 Nov`, `Tuesday, November 24th 2026`, `in two weeks`, `3 days ago`: by dateparser."""
    plain = re.sub(r"\b(?:of|on|the) ", "", words)
    if re.fullmatch(rf"in {_LENGTH}|{_LENGTH} (?:ago|from now)", plain):
        return _ask_dateparser(plain.removesuffix(" from now"), datetime.combine(today, time()))
    first, _, rest = plain.partition(" ")
    weekday = _BY_NAME.get(first.rstrip("."))
    if weekday is not None:
        plain = rest
    if not re.fullmatch(rf"(?:{_ORDINAL} {_MONTH}\.?|{_MONTH}\.? {_ORDINAL})(?: [0-9]{{4}})?", plain):
        return None
    # Before today begins, so that today's date is not taken for next year's.
    found = _ask_dateparser(plain.replace(".", ""), datetime.combine(today, time()) - timedelta(seconds=1))
    return found if found and weekday in (None, found.first.weekday()) else None


def _ask_dateparser(words: str, base: datetime) -> Days | None:
    from dateparser.date import DateDataParser

    settings = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "future",
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(words).date_obj
    return _one(found.date()) if found else None


def _month(day: date) -> Days:
    return Days(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _one(day: date) -> Days:
    return Days(day, day)
