"""What a RECUR value (RFC 5545 §3.3.10) means on the wall clock, and what it may cost to find out.

recurring-ical-events gives the starts; here a rule is begun anew near the window, so that ten years need not
be walked to reach it, and one that is too dense to walk is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from gbook.calendars.times import Stamp
from gbook.instants import DAY

__all__ = ["DENSE", "FOREVER", "SETTING_OUT", "Dense", "Rule", "Walk"]

# A rule that makes more instances than this in a year (or ever, where it ends) is not walked.
DENSE = 100_000
FOREVER = 253_000_000_000
# A rule that takes more steps than this to come through the window, met or not, is not walked either.
STEPS = 700_000
# All series of a file together may take so many; to set out on one costs as much as some of them.
FILE_STEPS = 900_000
SETTING_OUT = 25


class Dense(Exception):
    """A rule that is too dense to walk; it may have instances until `end` (an instant)."""

    def __init__(self, end: int, what: str = f"repeats more than {DENSE:,} times") -> None:
        until = "for ever" if end == FOREVER else "until its end"
        super().__init__(f"{what}: it blocks all the time from its start {until}")
        self.end = end


class Walk:
    """The window `[low, high)` (instants) in which a file's series are walked, and what that may cost."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high
        self.left: float = FILE_STEPS

    def spend(self, steps: float, end: int = FOREVER) -> None:
        """Take steps with a series that may have instances until `end`. Raises Dense where none are left."""
        self.left -= steps
        if self.left < 0:
            raise Dense(end, "repeats too often, together with the rest of its file")


class Rule(NamedTuple):
    """A RECUR value (§3.3.10) without its UNTIL, which is kept as an instant."""

    parts: dict[str, str]
    until: int | None

    @classmethod
    def parse(cls, text: str, start: Stamp) -> Rule:
        """Raises ValueError for what is no rule."""
        parts: dict[str, str] = {}
        # Exchange writes spaces behind commas.
        for part in filter(None, "".join(text.upper().split()).split(";")):
            key, equals, value = part.partition("=")
            if not equals or not _PART.fullmatch(value) or key in parts:
                raise ValueError(f"RRULE part {part[:40]!r} cannot be read")
            parts[key] = value
        if parts.get("FREQ") not in _SECONDS:
            raise ValueError(f"RRULE has no FREQ that is known: {text[:60]!r}")
        if int(parts.get("INTERVAL", "1")) < 1 or int(parts.get("COUNT", "1")) < 1:
            raise ValueError(f"RRULE counts from 1: {text[:60]!r}")
        until = parts.pop("UNTIL", None)
        return cls(parts, None if until is None else _until(until, start))

    @property
    def interval(self) -> int:
        return int(self.parts.get("INTERVAL", "1"))

    @property
    def _step(self) -> float:
        """How many seconds dateutil goes on in a step, at least, whether or not it meets an instance."""
        frequency = self.parts["FREQ"]
        name, size = _OWN.get(frequency, ("", 1))
        named = len(self.parts[name].split(",")) if name in self.parts else size
        return _SECONDS[frequency] * self.interval * max(1.0, size / named)

    @property
    def _end(self) -> int:
        """The instant after which it has no instance, a COUNT left aside."""
        return FOREVER if self.until is None else self.until + DAY

    @property
    def _rate(self) -> float:
        """How many instances it has a day, at most."""
        period = _SECONDS[self.parts["FREQ"]]
        rate = DAY / (min(period, DAY) if _NAMES_DAYS & self.parts.keys() else period) / self.interval
        if self.parts["FREQ"] == "WEEKLY" and "BYDAY" in self.parts:
            rate = len(self.parts["BYDAY"].split(",")) / 7 / self.interval
        for name, (unit, size) in _TIMES.items():
            if name in self.parts:
                named = len(self.parts[name].split(","))
                rate *= named if period > unit else min(1.0, named / size)
        return rate

    def walls(
        self, start: datetime, window: tuple[datetime, datetime], reach: int, walk: Walk
    ) -> Iterator[datetime]:
        """The wall clocks that the rule gives in the window, for a series that starts at `start`.

        `reach` is the part of that window, in seconds, that is there because instances last so long.
        """
        low, high = window
        if high <= start:
            return
        self._check_density(start, reach)
        rule, first = self._forward(start, low)
        steps = (high - first) / timedelta(seconds=1) / self._step
        if steps > STEPS:
            raise Dense(self._end)
        walk.spend(max(steps, (high - low) / timedelta(days=1) * self._rate), self._end)
        shift = _late_years(first, high)
        for wall in _expand(rule, first + shift, low + shift, high + shift):
            yield wall - shift

    def _check_density(self, start: datetime, reach: int) -> None:
        """Raise Dense for a rule that makes more than DENSE instances in a year, or in all it has.

        Where instances reach far, those of that time have to be walked too.
        """
        first, end = Stamp(start, UTC).instant, self._end
        count = int(self.parts.get("COUNT", DENSE * 1000))
        if "COUNT" in self.parts and self.parts.keys() <= _PLAIN:
            end = min(end, first + (count + 1) * self.interval * _SECONDS[self.parts["FREQ"]] + DAY)
        if min(self._rate * min(366.0 + 2 * reach / DAY, (end - first) / DAY), count) > DENSE:
            raise Dense(min(end, FOREVER))

    def _forward(self, start: datetime, low: datetime) -> tuple[Rule, datetime]:
        """The same rule, begun anew shortly before `low`, so that ten years need not be walked to reach it.

        Whole multiples of the interval keep its phase. A COUNT can be shortened only where every period
        holds just one instance.
        """
        periods = self._periods_between(start, low)
        if periods < 2:
            return self, start
        skipped = (periods - 1) * self.interval
        parts = dict(self.parts)
        if "COUNT" in parts:
            if not parts.keys() <= _PLAIN:
                return self, start
            parts["COUNT"] = str(int(parts["COUNT"]) - (periods - 1))
            if int(parts["COUNT"]) < 1:
                parts["COUNT"] = "1"
                skipped = (int(self.parts["COUNT"]) - 1) * self.interval
        return Rule(parts, self.until), _advance(start, self.parts["FREQ"], skipped)

    def _periods_between(self, start: datetime, low: datetime) -> int:
        frequency = self.parts["FREQ"]
        if frequency in {"MONTHLY", "YEARLY"}:
            # Only a day that every month has stays put.
            if start.day > 28:
                return 0
            months = (low.year - start.year) * 12 + low.month - start.month
            return months // (self.interval * (12 if frequency == "YEARLY" else 1))
        return int((low - start).total_seconds()) // (_SECONDS[frequency] * self.interval)


def _advance(start: datetime, frequency: str, periods: int) -> datetime:
    if frequency in {"MONTHLY", "YEARLY"}:
        months = start.month - 1 + periods * (12 if frequency == "YEARLY" else 1)
        return start.replace(year=start.year + months // 12, month=months % 12 + 1)
    return start + timedelta(seconds=periods * _SECONDS[frequency])


def _until(text: str, start: Stamp) -> int:
    """UNTIL as an instant: in UTC, in local time of the series, or a date, of which the whole day counts."""
    match = re.fullmatch(r"(\d{8})(?:T(\d{6})(Z?))?", text)
    if match is None:
        raise ValueError(f"RRULE has an UNTIL that cannot be read: {text[:40]!r}")
    wall = datetime.strptime(match[1] + (match[2] or "235959"), "%Y%m%d%H%M%S")
    if start.is_date:
        wall = wall.replace(hour=23, minute=59, second=59)
    zone = UTC if match[3] and not start.is_date else start.zone
    return Stamp(wall, zone).instant


def _late_years(first: datetime, high: datetime) -> timedelta:
    """How far to move a rule into the future so that it ends soon.

    dateutil gives a rule up only after the year 9999, so one that matches nothing (February 30th every day)
    would be walked until then. Between 1901 and 2099, and between 9901 and 9999, the calendar is a plain
    cycle of 28 years: the same rule is walked in such years shortly before the end. Other years repeat
    after 400.
    """
    if first.year < 1902 or high.year > 2098 or high.year - first.year > 60:
        return _FOUR_CENTURIES * ((9998 - high.year) // 400)
    for year in range(9998, 9960, -1):
        if (year - high.year) % 4 == 0 and date(year, 1, 1).weekday() == date(high.year, 1, 1).weekday():
            return date(year, 1, 1) - date(high.year, 1, 1)
    raise AssertionError("a cycle of 28 years fits into 38")


def _expand(rule: Rule, start: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """The starts of a rule by recurring-ical-events. Raises ValueError for a rule that it cannot read."""
    from icalendar import Event as Vevent
    from icalendar import vDDDTypes, vRecur
    from recurring_ical_events import EventAdapter
    from recurring_ical_events.series import Series

    component = Vevent()
    component["DTSTART"] = vDDDTypes(start)
    text = ";".join(f"{key}={value}" for key, value in rule.parts.items())
    try:
        component["RRULE"] = vRecur.from_ical(text)
        series = Series([EventAdapter(component)])
        yield from series.recurrence.rrule_between(low, high)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise ValueError(f"RRULE has no meaning: {text[:60]!r}") from error


_PART = re.compile(r"[A-Z0-9,+-]{1,2000}")
_SECONDS = {
    "SECONDLY": 1,
    "MINUTELY": 60,
    "HOURLY": 3600,
    "DAILY": DAY,
    "WEEKLY": 7 * DAY,
    "MONTHLY": 28 * DAY,
    "YEARLY": 365 * DAY,
}
# What a rule of a frequency jumps to, and how many of them there are to step over otherwise.
_OWN = {"SECONDLY": ("BYSECOND", 60), "MINUTELY": ("BYMINUTE", 60), "HOURLY": ("BYHOUR", 24)}
_FOUR_CENTURIES = timedelta(days=146_097)
# What names times of the day: the seconds of one, and how many there are of it in the next larger unit.
_TIMES = {"BYSECOND": (1, 60), "BYMINUTE": (60, 60), "BYHOUR": (3600, 24)}
# A rule of these alone has one instance in every period.
_PLAIN = {"FREQ", "COUNT", "INTERVAL", "WKST"}
_NAMES_DAYS = {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH"}
