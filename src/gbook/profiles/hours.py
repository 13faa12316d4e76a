"""The short form of work hours, `mon-fri 09:00-12:00,13:00-17:00`: parsing and formatting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gbook.errors import UsageError, did_you_mean
from gbook.timeutil.instants import WEEKDAYS
from gbook.workspace.work_hours import DaySchedule, WorkingInterval, second_of_day

__all__ = ["format_hours", "format_time", "parse_hours"]

SHORT = tuple(day[:3] for day in WEEKDAYS)
_SPEC = re.compile(r"(?P<days>[a-z]+(?:\s*[-,]\s*[a-z]+)*)\s+(?P<hours>\S.*)", re.IGNORECASE)
_HOURS = re.compile(r"([0-9:]+)\s*-\s*([0-9:]+)")


def parse_hours(specs: Iterable[str]) -> tuple[DaySchedule, ...]:
    """Return the schedules, from Monday on, of specs such as `mon-fri 09:00-17:00` or `daily 8-20`.

    A day in several specs gets the hours of all of them. Raises UsageError.
    """
    by_day: dict[str, list[WorkingInterval]] = {}
    for part in (part for spec in specs for part in re.split(r"[;\n]", spec) if part.strip()):
        if not (match := _SPEC.fullmatch(part.strip())):
            raise UsageError(
                f"expected hours such as 'mon-fri 09:00-12:00,13:00-17:00', found {part.strip()!r}"
            )
        intervals = [_interval(item.strip(), part.strip()) for item in match["hours"].split(",")]
        for day in _days(match["days"].lower()):
            by_day.setdefault(day, []).extend(intervals)
    return tuple(
        DaySchedule(day_of_week=day, working_intervals=tuple(by_day[day]))
        for day in WEEKDAYS
        if day in by_day
    )


def format_hours(schedules: Iterable[DaySchedule]) -> str:
    """Return the short form of schedules; days with the same hours are joined.

    Example: `mon-fri 09:00-12:00,13:00-17:00; sat 10:00-12:00`.
    """
    by_day: dict[str, list[str]] = {}
    for schedule in schedules:
        hours = [f"{format_time(item.start)}-{format_time(item.end)}" for item in schedule.working_intervals]
        by_day.setdefault(schedule.day_of_week, []).extend(hours)
    by_hours: dict[tuple[str, ...], list[int]] = {}
    for i, day in enumerate(WEEKDAYS):
        if by_day.get(day):
            by_hours.setdefault(tuple(by_day[day]), []).append(i)
    return "; ".join(f"{_join(days)} {','.join(hours)}" for hours, days in by_hours.items()) or "closed"


def format_time(text: str) -> str:
    """Return a time as `09:00`, or as `09:00:30` if it has seconds."""
    second = second_of_day(text)
    short = f"{second // 3600:02}:{second // 60 % 60:02}"
    return f"{short}:{second % 60:02}" if second % 60 else short


def _days(text: str) -> list[str]:
    if text in ("daily", "everyday"):
        return list(WEEKDAYS)
    days: list[str] = []
    for part in re.split(r"\s*,\s*", text):
        first, *last = (_weekday(name) for name in re.split(r"\s*-\s*", part))
        if len(last) > 1:
            raise UsageError(f"expected days such as mon-fri, found {part!r}")
        end = last[0] if last else first
        days += [WEEKDAYS[(first + i) % 7] for i in range((end - first) % 7 + 1)]
    return list(dict.fromkeys(days))


def _weekday(name: str) -> int:
    matches = [i for i, day in enumerate(WEEKDAYS) if len(name) >= 2 and day.startswith(name)]
    if len(matches) != 1:
        raise UsageError(
            f"expected a day such as mon, found {name!r}{did_you_mean(name, (*WEEKDAYS, *SHORT, 'daily'))}"
        )
    return matches[0]


def _interval(text: str, spec: str) -> WorkingInterval:
    if not (match := _HOURS.fullmatch(text)):
        raise UsageError(f"expected hours such as 09:00-17:00, found {text!r} in {spec!r}")
    start, end = (
        f"{int(part):02}:00" if part.isdecimal() and len(part) <= 2 else part for part in match.groups()
    )
    try:
        interval = WorkingInterval(start=format_time(start), end=format_time(end))
    except ValueError as error:
        raise UsageError(f"{error} in {spec!r}") from None
    for problem in interval.check():
        raise UsageError(f"{problem.message} in {spec!r}")
    return interval


def _join(days: Sequence[int]) -> str:
    """Return weekdays as `mon-fri`, `mon,wed` or `daily`; three or more consecutive days make a range."""
    if len(days) == 7:
        return "daily"
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [
        [f"{SHORT[run[0]]}-{SHORT[run[-1]]}"] if len(run) > 2 else [SHORT[day] for day in run] for run in runs
    ]
    return ",".join(name for run in names for name in run)
