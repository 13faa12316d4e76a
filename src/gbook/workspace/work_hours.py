"""Work hours: a weekly schedule in wall-clock times (API key workHours)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal

from msgspec import Meta

from gbook.errors import Problem, did_you_mean
from gbook.timeutil.instants import DAY, WEEKDAYS
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import Zone
from gbook.yamlfiles.quoting import quote

__all__ = ["DEFAULT_WEEK", "DaySchedule", "Weekday", "WorkHours", "WorkingInterval", "second_of_day"]

_TIME = re.compile(r"(?:([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.0+)?)?|24:00(?::00)?)[Zz]?")


@lru_cache(maxsize=4096)
def second_of_day(text: str) -> int:
    """Return the seconds since midnight of `HH:MM[:SS]`; a trailing `Z` is ignored, 24:00 is 86400.

    Raises ValueError.
    """
    if not (match := _TIME.fullmatch(text.strip())):
        raise ValueError(f"expected a time such as 09:00 or 17:30:00, found {quote(text)}")
    if match[1] is None:
        return DAY
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def _read_time(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a time such as 09:00 or 17:30:00, found {quote(value)}")
    second_of_day(value)
    return value.strip()


def _read_weekday(value: Any) -> Any:
    if isinstance(value, str):
        if (day := value.strip().lower()) in WEEKDAYS:
            return day
        raise ValueError(
            f"expected a day from monday to sunday, found {quote(value)}{did_you_mean(value, WEEKDAYS)}"
        )
    raise ValueError(f"expected a day from monday to sunday, found {quote(value)}")


Time = Annotated[str, Meta(extra={"read": _read_time}, examples=["09:00"])]
Weekday = Annotated[Literal[WEEKDAYS], Meta(extra={"read": _read_weekday})]  # type: ignore[valid-type]


class WorkingInterval(Model, frozen=True, kw_only=True):
    """Wall-clock hours `[start, end)`; an end at or before the start is on the next day."""

    start: Annotated[Time, Meta(description="Start, HH:MM or HH:MM:SS.")]
    end: Annotated[
        Time,
        Meta(description="End, HH:MM or HH:MM:SS, up to 24:00; before start it is on the next day."),
    ]

    @property
    def seconds(self) -> tuple[int, int]:
        """Start and end in wall-clock seconds since midnight of the first day; end > start."""
        start, end = second_of_day(self.start), second_of_day(self.end)
        return start, end if end > start else end + DAY

    def check(self) -> Iterator[Problem]:
        """Yield problems of an empty or impossible interval."""
        start, end = second_of_day(self.start), second_of_day(self.end)
        if start == DAY:
            yield Problem(f"expected a start before 24:00, found {self.start!r}", key="start")
        elif start == end:
            yield Problem(
                f"start and end are both {self.start!r}: the interval is empty; a whole day is 00:00 to 24:00"
            )


class DaySchedule(Model, frozen=True, kw_only=True):
    """The working intervals of one weekday."""

    day_of_week: Annotated[Weekday, Meta(description="monday to sunday.")]
    working_intervals: Annotated[
        tuple[WorkingInterval, ...], Meta(description="Hours of that day; an empty list closes it.")
    ] = ()


DEFAULT_WEEK = tuple(
    DaySchedule(day_of_week=day, working_intervals=(WorkingInterval(start="09:00", end="17:00"),))
    for day in WEEKDAYS[:5]
)


class WorkHours(Model, frozen=True, kw_only=True):
    """A weekly schedule in one time zone."""

    timezone: Annotated[
        Zone | None,
        Meta(description="IANA zone of the hours; default: the account's or the workspace's."),
    ] = None
    day_schedules: Annotated[
        tuple[DaySchedule, ...],
        Meta(description="Working hours by weekday; unlisted days are closed."),
    ] = DEFAULT_WEEK
