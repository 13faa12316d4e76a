"""Why text is not a date: no such day or time, another weekday, or a misspelt word."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from gbook.cli.options.natural_dates import DAY_MONTH, MONTH_DAY, MONTHS, WEEKDAY_NUMBERS
from gbook.timeutil.instants import WEEKDAYS

__all__ = ["explain"]

WORDS = ("today", "tomorrow", "yesterday", "next", "this", "noon", "midnight", "week", "month", *WEEKDAYS)
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def explain(text: str, today: date) -> str | None:
    """Return why text is not a date or time, as the end of a sentence; None if it has no part of one.

    A date without a year is the next one from `today` on.
    """
    words = " ".join(text.casefold().replace(",", " ").split())
    return next(filter(None, _reasons(words, today)), None)


def _reasons(words: str, today: date) -> Iterator[str | None]:
    yield _unclear_time(words, today)
    for year, month, day in _dates(words, today):
        yield _no_such_day(year, month, day)
        yield _other_weekday(words, year, month, day)
    if week := re.search(r"\b([12][0-9]{3})-?w([0-9]{2})", words):
        weeks = date(int(week[1]), 12, 28).isocalendar().week
        if not 1 <= int(week[2]) <= weeks:
            yield f"{week[1]} has {weeks} weeks"
    if clock := re.search(r"(?<![0-9:+-])([0-9]{1,2}):([0-9]{2})\b", words):
        hour, minute = int(clock[1]), int(clock[2])
        if minute > 59 or hour * 60 + minute > 24 * 60:
            yield f"{clock[0]} is not a time of day"
    for word in re.findall(r"[a-z]{5,}", words):
        if word not in WORDS:
            yield _near_miss(word)


def _unclear_time(words: str, today: date) -> str | None:
    """Return how to write the time of `friday 9`, `friday at 9` or `friday 9.10`, which may be a date."""
    match = re.fullmatch(
        r"(?:(?:on|this|next|coming) )?([a-z]+)\.?( at)? ([0-9]{1,2})(?:\.([0-9]{2}))?", words
    )
    if match is None or not (match[1] in WEEKDAY_NUMBERS or match[1] in ("today", "tomorrow")):
        return None
    hour, minute = int(match[3]), match[4] or "00"
    if hour > 23 or int(minute) > 59:
        return None
    times = f"{hour}:{minute}" + (f" or {hour + 12}:{minute}" if 1 <= hour <= 11 else "")
    return f"write a time as {times}" + ("" if match[2] else ", and a date as 24 Nov")


def _near_miss(word: str) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(word, WORDS, n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else None


def _dates(words: str, today: date) -> Iterator[tuple[int, int, int]]:
    """Yield the year, the month and the day of each date in the text, whether they exist or not."""
    if match := re.search(r"\b([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})(?![0-9])", words):
        yield int(match[1]), int(match[2]), int(match[3])
    elif match := re.search(r"\b([0-9]{1,2})([./-])([0-9]{1,2})(?:\2([0-9]{4}))?\b", words):
        day, month = int(match[1]), int(match[3])
        if day <= 12 < month:
            day, month = month, day
        yield int(match[4]) if match[4] else _next_year(month, day, today), month, day
    plain = re.sub(r"\b(?:of|on|the) ", "", words)
    if match := re.search(DAY_MONTH, plain) or re.search(MONTH_DAY, plain):
        month, day = MONTHS.index(match["month"][:3]) + 1, int(match["day"])
        yield int(match["year"]) if match["year"] else _next_year(month, day, today), month, day


def _next_year(month: int, day: int, today: date) -> int:
    return today.year + ((month, day) < (today.month, today.day))


def _no_such_day(year: int, month: int, day: int) -> str | None:
    """Return that a month ends earlier, or that there is no such month."""
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    if not 1 <= year <= 9999:
        return None
    last = monthrange(year, month)[1]
    if 1 <= day <= last:
        return None
    name = MONTH_NAMES[month - 1]
    shown_year = f" {year}" if month == 2 else ""
    return (
        f"{name}{shown_year} has {last} days, and {last} {name} is the last" if day else "days count from 1"
    )


def _other_weekday(words: str, year: int, month: int, day: int) -> str | None:
    """Return the weekday of a date, if the text names another one."""
    named = WEEKDAY_NUMBERS.get(words.partition(" ")[0].rstrip("."))
    if named is None or not 1900 <= year <= 9000:
        return None
    typed = date(year, month, day)
    if typed.weekday() == named:
        return None
    return f"{day} {MONTH_NAMES[month - 1]} {year} is a {WEEKDAYS[typed.weekday()].capitalize()}"
