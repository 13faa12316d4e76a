"""A literal expansion of recurrence rules (RFC 5545 §3.3.10), to compare with `calendars.rules.stepper`.

It tests every possible time of every day against each part of the rule, then groups the times by period. It
shares no code with gbook and takes no short cuts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product

__all__ = ["walls"]

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UNITS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
Parts = dict[str, str]


def walls(parts: Parts, start: datetime, end: datetime) -> list[datetime]:
    """Return the instances after `start` and before `end`."""
    first = period_of(parts, start)
    sets: defaultdict[int, list[datetime]] = defaultdict(list)
    for wall in candidates(parts, start, end):
        sets[period_of(parts, wall)].append(wall)
    found: set[datetime] = set()
    for period, members in sets.items():
        if (period - first) % int(parts.get("INTERVAL", "1")) == 0:
            found |= chosen(parts, sorted(members))
    # COUNT includes DTSTART, even if the rule does not generate it.
    later = sorted(wall for wall in found if wall > start)[: int(parts.get("COUNT", "999999")) - 1]
    return [wall for wall in later if wall < end]


def chosen(parts: Parts, members: list[datetime]) -> set[datetime]:
    if "BYSETPOS" not in parts:
        return set(members)
    places = [n - 1 if n > 0 else len(members) + n for n in numbers(parts, "BYSETPOS")]
    return {members[place] for place in places if 0 <= place < len(members)}


def candidates(parts: Parts, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the times that pass the filters, from the start of the first period to the end of the last."""
    slack = timedelta(days={"YEARLY": 375, "MONTHLY": 31, "WEEKLY": 7}.get(parts["FREQ"], 0))
    clocks = [time(h, m, s) for h, m, s in product(*(units(parts, start, n) for n in range(3)))]
    day = start.date() - slack
    while day <= end.date() + slack:
        if fits(parts, day, start):
            yield from (datetime.combine(day, clock) for clock in clocks)
        day += timedelta(days=1)


def units(parts: Parts, start: datetime, place: int) -> list[int]:
    """Return the hours, minutes or seconds that a rule allows."""
    name, size, own = [
        ("BYHOUR", 24, start.hour),
        ("BYMINUTE", 60, start.minute),
        ("BYSECOND", 60, start.second),
    ][place]
    if name in parts:
        return sorted(set(numbers(parts, name)))
    repeats = ["HOURLY", "MINUTELY", "SECONDLY"].index(parts["FREQ"]) if parts["FREQ"] in UNITS else -1
    return list(range(size)) if place <= repeats else [own]


def fits(parts: Parts, day: date, start: datetime) -> bool:
    """Return whether a day matches every part of the rule, and DTSTART in place of missing parts."""
    by_day = {name for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO") if name in parts}
    frequency = parts["FREQ"]
    if (
        frequency == "YEARLY"
        and not by_day
        and (day.day, day.month)
        != (
            start.day,
            day.month if "BYMONTH" in parts else start.month,
        )
    ):
        return False
    if frequency == "MONTHLY" and not by_day and day.day != start.day:
        return False
    by_weekday = by_day == {"BYWEEKNO"} if frequency == "YEARLY" else frequency == "WEEKLY" and not by_day
    if by_weekday and day.weekday() != start.weekday():
        return False
    week, weeks, _ = week_of(parts, day)
    year = days_of_year(day.year)
    month = [other for other in year if other.month == day.month]
    return all(
        [
            "BYMONTH" not in parts or day.month in numbers(parts, "BYMONTH"),
            "BYMONTHDAY" not in parts or is_one(numbers(parts, "BYMONTHDAY"), day, month),
            "BYYEARDAY" not in parts or is_one(numbers(parts, "BYYEARDAY"), day, year),
            "BYWEEKNO" not in parts or not {week, week - weeks - 1}.isdisjoint(numbers(parts, "BYWEEKNO")),
            "BYDAY" not in parts or is_weekday(parts, day, month, year),
        ]
    )


@cache
def days_of_year(year: int) -> list[date]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    return [day for day in days if day.year == year]


def is_one(places: list[int], day: date, days: list[date]) -> bool:
    return any(abs(n) <= len(days) and days[n - 1 if n > 0 else n] == day for n in places)


def is_weekday(parts: Parts, day: date, month: list[date], year: list[date]) -> bool:
    """Return whether BYDAY includes a day. Numbers count in the month or year, and are ignored elsewhere."""
    whole: list[date] = []
    if parts["FREQ"] == "MONTHLY":
        whole = month
    if parts["FREQ"] == "YEARLY" and "BYWEEKNO" not in parts:
        whole = month if "BYMONTH" in parts else year
    for text in parts["BYDAY"].split(","):
        number, weekday = int(text[:-2] or 0), WEEKDAYS.index(text[-2:])
        same = [one for one in whole if one.weekday() == weekday]
        if day.weekday() == weekday and (not number or not whole or is_one([number], day, same)):
            return True
    return False


def week_of(parts: Parts, day: date) -> tuple[int, int, int]:
    """The week that a day is in, how many its year has, and that year: the one that has four of its days."""
    monday = WEEKDAYS.index(parts.get("WKST", "MO"))
    fourth = day + timedelta(days=3 - (day.weekday() - monday) % 7)
    last = date(fourth.year, 12, 28)
    last += timedelta(days=3 - (last.weekday() - monday) % 7)
    return (day_of_year(fourth) + 6) // 7, (day_of_year(last) + 6) // 7, fourth.year


def day_of_year(day: date) -> int:
    return (day - date(day.year, 1, 1)).days + 1


def period_of(parts: Parts, wall: datetime) -> int:
    """The number of the year, month, week, day, hour, minute or second that a time is in."""
    day, frequency = wall.date(), parts["FREQ"]
    if frequency == "YEARLY":
        return week_of(parts, day)[2] if "BYWEEKNO" in parts else day.year
    if frequency == "MONTHLY":
        return day.year * 12 + day.month
    if frequency == "WEEKLY":
        return (day.toordinal() - 1 - WEEKDAYS.index(parts.get("WKST", "MO"))) // 7
    if frequency == "DAILY":
        return day.toordinal()
    return (day.toordinal() * 86_400 + wall.hour * 3600 + wall.minute * 60 + wall.second) // UNITS[frequency]


def numbers(parts: Parts, name: str) -> list[int]:
    return [int(text) for text in parts[name].split(",")]
