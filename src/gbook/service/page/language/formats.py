"""Dates, times, lengths and lists as people of a locale write them (Unicode CLDR, by Babel)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    get_day_names,
    get_timezone_gmt,
    get_timezone_location,
    match_skeleton,
)
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from gbook.timeutil.instants import DAY, MINUTE, format_instant, local

__all__ = ["Formats", "city_of"]

HOUR = 60 * MINUTE


# Further away than this, a day without its year could be read as another one.
FAR = timedelta(days=300)


class Formats(NamedTuple):
    """The formats of a locale; `f` in templates. A day far from `today` has its year."""

    locale: Locale
    today: date

    @property
    def tag(self) -> str:
        """The language tag of the page (BCP 47), such as en-GB."""
        return str(self.locale).replace("_", "-")

    def language_name(self, language: str) -> str:
        """Return the name of a language in itself."""
        return (Locale(language).get_display_name() or language).capitalize()

    def number(self, number: int) -> str:
        """Return a number: 1,024."""
        return format_decimal(number, locale=self.locale)

    def and_(self, texts: Sequence[str]) -> str:
        """Return texts as a list in a sentence: a, b and c."""
        return format_list([*texts], locale=self.locale)

    def day(self, day: date) -> str:
        """Return a date, without its year if that is clear: Monday 30 November."""
        return self.full_day(day) if self._is_far(day) else _day(self.locale, day)

    def full_day(self, day: date) -> str:
        """Return a date with its year: Monday, 30 November 2026."""
        return format_date(day, _pattern(self.locale, "yMMMMEEEEd"), locale=self.locale)

    def short_day(self, day: date) -> str:
        """Return a date without weekday, and without its year if that is clear: 30 November."""
        skeleton = "yMMMMd" if self._is_far(day) else "MMMMd"
        return format_date(day, _pattern(self.locale, skeleton), locale=self.locale)

    def brief_day(self, day: date) -> str:
        """Return a date in few letters: 30 Nov."""
        return _brief(self.locale, day, day)

    def brief_days(self, runs: Sequence[tuple[date, date]]) -> str:
        """Return runs of days, each from a first to a last one: 30 Nov, 2 Dec and 7–11 Dec."""
        return self.and_([_brief(self.locale, first, last) for first, last in runs])

    def months(self, first: date, last: date) -> str:
        """Return the months of some weeks: November and December."""
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        numbers = [(first.month - 1 + number) % 12 + 1 for number in range(count)]
        names = [format_date(date(2000, number, 1), "LLLL", locale=self.locale) for number in numbers]
        return f"{self.and_(names)} {last.year}" if self._is_far(last) else self.and_(names)

    def weekday(self, day: date) -> str:
        """Return the weekday of a date: Monday."""
        return str(get_day_names("wide", "stand-alone", self.locale)[day.weekday()])

    def weekdays(self, days: Sequence[date]) -> str:
        """Return the weekdays of some dates as a list: Friday and Saturday."""
        return self.and_([self.weekday(day) for day in days])

    def brief_weekday(self, day: date) -> str:
        """Return the weekday of a date in few letters: Mon."""
        return str(get_day_names("abbreviated", "stand-alone", self.locale)[day.weekday()])

    def clock(self, instant: int, zone: ZoneInfo) -> str:
        """Return the time of an instant (UTC seconds) in a zone: 09:30, or 9:30 AM.

        In the hour that a zone has twice when summer ends, it says which one: 02:30 GMT+02:00.
        """
        time = local(instant, zone)
        text = format_time(time, "short", locale=self.locale)
        if time.utcoffset() == time.replace(fold=1 - time.fold).utcoffset():
            return text
        return f"{text} {get_timezone_gmt(time, locale=self.locale)}"

    def moment(self, instant: int, zone: ZoneInfo, *, full: bool = False) -> str:
        """Return the date and time of an instant: Monday 30 November, 09:30; with its year if `full`."""
        day = local(instant, zone).date()
        pattern = str(self.locale.datetime_formats["medium"])
        return pattern.format(self.clock(instant, zone), self.full_day(day) if full else self.day(day))

    def stamp(self, instant: int) -> str:
        """Return an instant for programs, as the value of `datetime`."""
        return format_instant(instant)

    def date_in(self, instant: int, zone: ZoneInfo) -> date:
        """Return the date of an instant in a zone."""
        return local(instant, zone).date()

    def city(self, zone: ZoneInfo) -> str:
        """Return the city after which a zone is called: London."""
        return city_of(self.locale, zone)

    def duration(self, seconds: int) -> str:
        """Return a length of whole minutes: 45 minutes; 1 hour, 30 minutes; 2 days."""
        days, rest = divmod(seconds, DAY)
        hours, rest = divmod(rest, HOUR)
        counted = (("day", days), ("hour", hours), ("minute", rest // MINUTE))
        units = [_unit(self.locale, number, unit) for unit, number in counted if number]
        return format_list(units, style="unit", locale=self.locale)

    def wait(self, seconds: int) -> str:
        """Return how long to wait at most, in the largest fitting unit: 40 seconds, 2 minutes, 5 hours."""
        for unit, length in (("hour", HOUR), ("minute", MINUTE)):
            if seconds > length:
                return _unit(self.locale, -(-seconds // length), unit)
        return _unit(self.locale, max(seconds, 1), "second")

    def _is_far(self, day: date) -> bool:
        return abs(day - self.today) > FAR


@lru_cache(maxsize=4096)
def city_of(locale: Locale, zone: ZoneInfo) -> str:
    """Return the city after which a zone is called in a language."""
    # CLDR has no name for some; then it is the path of the zone, such as Argentina/Buenos Aires.
    return get_timezone_location(zone, locale=locale, return_city=True).rpartition("/")[2]


@lru_cache(maxsize=4096)
def _day(locale: Locale, day: date) -> str:
    return format_date(day, _pattern(locale, "MMMMEEEEd"), locale=locale)


@lru_cache(maxsize=4096)
def _brief(locale: Locale, first: date, last: date) -> str:
    if first == last:
        return format_skeleton("MMMd", first, locale=locale)
    return format_interval(first, last, "MMMd", locale=locale)


@lru_cache(maxsize=256)
def _unit(locale: Locale, number: int, unit: str) -> str:
    return format_unit(number, f"duration-{unit}", locale=locale)


@cache
def _pattern(locale: Locale, skeleton: str) -> str:
    """Return the pattern of the fields of a skeleton, with weekday and month in words.

    CLDR has patterns for some widths only. The nearest one is widened, as its rules say (UTS #35, Dates,
    "Missing Skeleton Fields").
    """
    nearest = match_skeleton(skeleton, locale.datetime_skeletons) or skeleton
    pattern = locale.datetime_skeletons[nearest].pattern
    return re.sub("E+", "EEEE", re.sub("M+", "MMMM", pattern))
