"""The booking profile: what kind of meeting can be booked, when, and with whom.

The fields are the API's, by the API's names, then gbook's own; the profile reference in docs/ and the JSON
Schema are made from the descriptions here. A model is checked when it is made from a file, so later code
trusts it.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gbook.errors import Problem, did_you_mean
from gbook.fields import AccountId, Line, Name, Zone, found
from gbook.instants import DAY, Period, parse_instant

__all__ = [
    "DEFAULT_WEEK",
    "WEEKDAYS",
    "AdditionalField",
    "AvailabilityInterval",
    "AvailabilityIntervals",
    "DaySchedule",
    "Group",
    "Profile",
    "WorkHours",
    "WorkingInterval",
    "second_of_day",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK_MINUTES = 7 * 24 * 60
_TIME = re.compile(
    r"(?:([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.0+)?)?|24:00(?::00)?)Z?", re.IGNORECASE
)


def second_of_day(text: str) -> int:
    """Seconds from midnight of `HH:MM[:SS]`, a trailing `Z` ignored; 24:00 is 86400. Raises ValueError."""
    if not (match := _TIME.fullmatch(text.strip())):
        raise ValueError(f"expected a time such as 09:00 or 17:30:00, found {found(text)}")
    if match[1] is None:
        return DAY
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def _read_time(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a time such as 09:00 or 17:30:00, found {found(value)}")
    second_of_day(value)
    return value.strip()


def _read_weekday(value: Any) -> Any:
    if isinstance(value, str):
        if (day := value.strip().lower()) in WEEKDAYS:
            return day
        raise ValueError(
            f"expected a day from monday to sunday, found {found(value)}{did_you_mean(value, WEEKDAYS)}"
        )
    raise ValueError(f"expected a day from monday to sunday, found {found(value)}")


def _read_period(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected an ISO 8601 period such as P30D, P4W or P3M, found {found(value)}")
    Period.parse(value)
    text = value.strip().upper()
    return text if text.startswith("P") else f"P{text}"


def _read_moment(value: Any) -> str:
    try:
        if not isinstance(value, str) or not re.search(r"(?:Z|z|[+-]\d\d:?\d\d)$", value.strip()):
            raise ValueError
        parse_instant(value.strip(), UTC)
    except ValueError:
        raise ValueError(
            f"expected a date and time with an offset such as 2026-11-24T09:00:00Z, found {found(value)}"
        ) from None
    return value.strip()


Time = Annotated[str, Meta(extra={"read": _read_time}, examples=["09:00"])]
Moment = Annotated[str, Meta(extra={"read": _read_moment}, extra_json_schema={"format": "date-time"})]
PeriodText = Annotated[str, Meta(extra={"read": _read_period}, examples=["P30D", "P4W", "P3M"])]
Weekday = Annotated[Literal[WEEKDAYS], Meta(extra={"read": _read_weekday})]  # type: ignore[valid-type]


class Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What all models are: immutable, by the API's camelCase keys in files."""


class WorkingInterval(Model, frozen=True, kw_only=True):
    """Wall-clock hours [start, end); an end at or before the start lies in the next day."""

    start: Annotated[Time, Meta(description="First moment, HH:MM or HH:MM:SS.")]
    end: Annotated[
        Time,
        Meta(description="End, HH:MM or HH:MM:SS; 24:00 ends the day; before start: the next day."),
    ]

    @property
    def seconds(self) -> tuple[int, int]:
        """Start and end as seconds of wall clock from the midnight the interval begins on; end > start."""
        start, end = second_of_day(self.start), second_of_day(self.end)
        return start, end if end > start else end + DAY

    def check(self) -> Iterator[Problem]:
        start, end = second_of_day(self.start), second_of_day(self.end)
        if start == DAY:
            yield Problem(f"expected a start before 24:00, found {self.start!r}", key="start")
        elif start == end:
            yield Problem(
                f"start and end are both {self.start!r}, an empty interval; a whole day is 00:00 to 24:00"
            )


class DaySchedule(Model, frozen=True, kw_only=True):
    """The working intervals of one weekday."""

    day_of_week: Annotated[Weekday, Meta(description="monday to sunday.")]
    working_intervals: Annotated[
        tuple[WorkingInterval, ...], Meta(description="The hours of that day; none closes it.")
    ] = ()


DEFAULT_WEEK = tuple(
    DaySchedule(day_of_week=day, working_intervals=(WorkingInterval(start="09:00", end="17:00"),))
    for day in WEEKDAYS[:5]
)


class WorkHours(Model, frozen=True, kw_only=True):
    """A weekly schedule in one zone."""

    timezone: Annotated[
        Zone | None,
        Meta(description="IANA zone of the hours; default: the account's or the workspace's."),
    ] = None
    day_schedules: Annotated[
        tuple[DaySchedule, ...], Meta(description="Working hours by weekday; a day not named is closed.")
    ] = DEFAULT_WEEK


class AvailabilityInterval(Model, frozen=True, kw_only=True):
    """Hours that replace the weekly schedule on some dates."""

    date_start_inclusive: Annotated[date, Meta(description="First date.")]
    date_end_inclusive: Annotated[date, Meta(description="Last date.")]
    hours: Annotated[
        tuple[WorkingInterval, ...], Meta(description="The hours of each of these dates; none closes them.")
    ] = ()

    def check(self) -> Iterator[Problem]:
        if self.date_end_inclusive < self.date_start_inclusive:
            first, last = self.date_start_inclusive, self.date_end_inclusive
            yield Problem(f"expected no earlier date than {first}, found {last}", key="dateEndInclusive")


class AvailabilityIntervals(Model, frozen=True, kw_only=True):
    """Exceptions from the weekly schedule; later ones win."""

    intervals: Annotated[
        tuple[AvailabilityInterval, ...], Meta(description="The exceptions, later ones win.")
    ] = ()


class Group(Model, frozen=True, kw_only=True):
    """Accounts of which one, all or so many must be free."""

    ext_id: Annotated[Name, Meta(description="The group's id.")]
    account_ids: Annotated[tuple[AccountId, ...], Meta(description="Its accounts, in order of preference.")]
    required: Annotated[
        Literal["one", "all"] | Annotated[int, Meta(ge=1)],
        Meta(description="How many of them must be free: one, all or a number."),
    ] = "one"

    def check(self) -> Iterator[Problem]:
        if not self.account_ids:
            yield Problem("expected at least one account, found an empty group", key="accountIds")
        yield from _repeated(self.account_ids, "accountIds", "account")
        if isinstance(self.required, int) and self.required > len(self.account_ids) > 0:
            yield Problem(
                f"expected at most {len(self.account_ids)}, the accounts of the group, found {self.required}",
                key="required",
            )


class AdditionalField(Model, frozen=True, kw_only=True):
    """A template variable that the guest is asked for."""

    name: Annotated[Line, Meta(description="The variable's name, as between {{ and }}.")]
    type: Annotated[Line, Meta(description="What a form asks for; text unless said otherwise.")] = "text"
    default: Annotated[
        str | None, Meta(description="Its value when none is given; without one it must be given.")
    ] = None


class Profile(Model, frozen=True, kw_only=True):
    """A kind of meeting that can be booked."""

    id: Annotated[int | None, Meta(description="Number of the profile; given by `profile create`.")] = None
    name: Annotated[Name, Meta(description="Name of the profile: that of its file.")] = ""
    duration_minutes: Annotated[
        int, Meta(ge=1, le=WEEK_MINUTES, description="Length of a meeting in minutes.")
    ] = 30
    buffer_between_minutes: Annotated[
        int, Meta(ge=0, le=WEEK_MINUTES, description="Minutes that must be free after the meeting.")
    ] = 0
    buffer_before_minutes: Annotated[
        int, Meta(ge=0, le=WEEK_MINUTES, description="Minutes that must be free before the meeting.")
    ] = 0
    availability_step: Annotated[
        int,
        Meta(
            ge=1,
            le=1440,
            description="A new slot starts every so many minutes; the API allows 5, 10, 15, 20, 30, 60.",
        ),
    ] = 30
    start_after_minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=366 * 1440,
            description="Notice: a slot starts at the earliest this many minutes after now.",
        ),
    ] = 60
    start_time: Annotated[
        Moment | None, Meta(description="No slot before this date-time; in the past it means now.")
    ] = None
    end_time: Annotated[
        Moment | None, Meta(description="No slot ends after this date-time; in the past there are no slots.")
    ] = None
    time_available_for: Annotated[
        PeriodText, Meta(description="ISO 8601 period from now in which slots are offered: P30D, P4W, P3M.")
    ] = "P30D"
    subject: Annotated[str, Meta(description="Subject of the event; may hold {{variables}}.")] = "Meeting"
    description: Annotated[str, Meta(description="Description of the event; may hold {{variables}}.")] = ""
    location: Annotated[str, Meta(description="Place of the event; may hold {{variables}}.")] = ""
    work_hours: Annotated[
        WorkHours,
        Meta(description="Weekly hours of meetings; default: monday to friday, 09:00 to 17:00."),
    ] = msgspec.field(default_factory=WorkHours)
    availability_intervals: Annotated[
        AvailabilityIntervals, Meta(description="Hours of given dates, instead of the weekly ones.")
    ] = msgspec.field(default_factory=AvailabilityIntervals)
    context: Annotated[str | None, Meta(description="The client's own data, kept with the profile.")] = None
    start_conference: Annotated[bool, Meta(description="Give the event an online conference.")] = False
    open_meeting_url: Annotated[
        Line | None, Meta(description="Link of the meeting: the value of {{openMeetingUrl}}.")
    ] = None
    accounts: Annotated[
        tuple[AccountId, ...], Meta(description="Accounts attached directly, in order of preference.")
    ] = ()
    groups: Annotated[tuple[Group, ...], Meta(description="Groups of accounts attached.")] = ()
    optional: Annotated[
        tuple[AccountId, ...],
        Meta(description="Accounts that rank slots, never exclude one, and are invited when free."),
    ] = ()
    max_bookings_per_day: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="At most so many bookings of this profile a day for one account."),
    ] = None
    assignment: Annotated[
        Literal["order", "balanced"],
        Meta(description="Who of several is booked: as listed, or the one with the fewest bookings."),
    ] = "order"
    align: Annotated[
        Literal["interval", "clock"],
        Meta(
            description="Slots start with each working interval, or at multiples of the step from midnight."
        ),
    ] = "interval"
    additional_fields: Annotated[
        tuple[AdditionalField, ...], Meta(description="Defaults and types of the template variables.")
    ] = ()

    @property
    def account_ids(self) -> set[str]:
        """Every account that the profile names: attached, in groups, optional."""
        return {
            *self.accounts,
            *self.optional,
            *(member for group in self.groups for member in group.account_ids),
        }

    def check(self) -> Iterator[Problem]:
        yield from _repeated(self.accounts, "accounts", "account")
        yield from _repeated(self.optional, "optional", "account")
        yield from _repeated([group.ext_id for group in self.groups], "groups", "group")
        yield from _repeated([field.name for field in self.additional_fields], "additionalFields", "field")
        for account_id in self.optional:
            if account_id in self.accounts:
                yield Problem(
                    f"account {account_id!r} is attached too; it is either required or optional",
                    key="optional",
                )
        if (
            self.start_time
            and self.end_time
            and parse_instant(self.end_time, UTC) <= parse_instant(self.start_time, UTC)
        ):
            yield Problem(
                f"expected a time after startTime, {self.start_time}, found {self.end_time!r}", key="endTime"
            )


def _repeated(names: Iterable[str], key: str, noun: str) -> Iterator[Problem]:
    seen: set[str] = set()
    told: set[str] = set()
    for name in names:
        if name in seen and name not in told:
            told.add(name)
            yield Problem(f"{noun} {name!r} is listed twice", key=key)
        seen.add(name)
