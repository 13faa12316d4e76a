"""Hours as they are sent: `HH:MM:SS`, by weekday and for given dates."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta

from gbook.errors import Problem
from gbook.profiles import model
from gbook.service.wire.base import WireModel
from gbook.workspace import work_hours
from gbook.workspace.work_hours import WorkHours, second_of_day
from gbook.yamlfiles.field_types import Zone

__all__ = [
    "AvailabilityInterval",
    "AvailabilityIntervals",
    "DayWorkSchedule",
    "WeekWorkSchedule",
    "WorkingInterval",
    "dates_answer",
    "week_answer",
]

# A body may also say `09:00`, and end a time with `Z`, which has no meaning.
_CLOCK = Meta(extra_json_schema={"pattern": r"^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$|^24:00:00$"})
ClockTime = Annotated[work_hours.Time, _CLOCK]
# The title makes it a schema of its own in the description of the API.
DayOfWeek = Annotated[work_hours.Weekday, Meta(title="DayOfWeek")]


class WorkingInterval(WireModel, frozen=True, kw_only=True):
    """Hours of a day in local time; an end at or before the start is on the next day."""

    start: Annotated[ClockTime, Meta(description="Start, `HH:MM:SS`.")]
    end: Annotated[ClockTime, Meta(description="End, `HH:MM:SS`, up to 24:00:00.")]

    def check(self) -> Iterator[Problem]:
        """Yield problems of an empty or impossible interval."""
        return work_hours.WorkingInterval(start=self.start, end=self.end).check()


class DayWorkSchedule(WireModel, frozen=True, kw_only=True):
    """The hours of one weekday."""

    day_of_week: Annotated[DayOfWeek, Meta(description="Weekday.")]
    working_intervals: Annotated[
        tuple[WorkingInterval, ...] | None, Meta(description="Its hours; none closes the day.")
    ] = None


class WeekWorkSchedule(WireModel, frozen=True, kw_only=True):
    """A weekly schedule in one time zone; unlisted days are closed."""

    day_schedules: Annotated[
        tuple[DayWorkSchedule, ...] | None,
        Meta(description="Hours by weekday. A body without it leaves them, or takes the usual ones."),
    ] = None
    timezone: Annotated[
        Zone | None,
        Meta(description="IANA time zone of the hours, such as America/New_York.", examples=["Europe/Paris"]),
    ] = None


class AvailabilityInterval(WireModel, frozen=True, kw_only=True):
    """Hours that replace the weekly schedule on some dates."""

    date_start_inclusive: Annotated[date, Meta(description="First date.")]
    date_end_inclusive: Annotated[date, Meta(description="Last date.")]
    hours: Annotated[
        tuple[WorkingInterval, ...] | None,
        Meta(description="Hours of each of these dates; none closes them."),
    ] = None

    def check(self) -> Iterator[Problem]:
        """Yield a problem if the last date is before the first."""
        first, last = self.date_start_inclusive, self.date_end_inclusive
        return model.AvailabilityInterval(date_start_inclusive=first, date_end_inclusive=last).check()


class AvailabilityIntervals(WireModel, frozen=True, kw_only=True):
    """Exceptions to the weekly schedule."""

    intervals: Annotated[
        tuple[AvailabilityInterval, ...] | None, Meta(description="Exceptions; later ones take precedence.")
    ] = None


def week_answer(hours: WorkHours, zone: str | None = None) -> WeekWorkSchedule:
    """Return work hours as they are sent; without a zone of their own they are in `zone`."""
    days = [
        DayWorkSchedule(
            day_of_week=schedule.day_of_week, working_intervals=_intervals(schedule.working_intervals)
        )
        for schedule in hours.day_schedules
    ]
    return WeekWorkSchedule(day_schedules=tuple(days), timezone=hours.timezone or zone)


def dates_answer(exceptions: model.AvailabilityIntervals) -> AvailabilityIntervals | None:
    """Return hours for given dates as they are sent; None if there are none."""
    if not exceptions.intervals:
        return None
    intervals = [
        AvailabilityInterval(
            date_start_inclusive=each.date_start_inclusive,
            date_end_inclusive=each.date_end_inclusive,
            hours=_intervals(each.hours),
        )
        for each in exceptions.intervals
    ]
    return AvailabilityIntervals(intervals=tuple(intervals))


def _intervals(intervals: Iterable[work_hours.WorkingInterval]) -> tuple[WorkingInterval, ...]:
    return tuple(WorkingInterval(start=_clock(item.start), end=_clock(item.end)) for item in intervals)


def _clock(text: str) -> str:
    """Return a time of day as `HH:MM:SS`."""
    second = second_of_day(text)
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
