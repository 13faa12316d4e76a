"""The booking profile: what kind of meeting can be booked, when, and with whom.

The fields have the names of the API; gbook's own follow. The profile reference in docs/ and the JSON Schema
are generated from the descriptions here. Files are checked on reading, so later code trusts a model.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gbook.errors import Problem
from gbook.profiles.needs import Needs
from gbook.profiles.title import Title
from gbook.timeutil.instants import END_OF_TIME, START_OF_TIME, parse_instant
from gbook.timeutil.periods import Period
from gbook.workspace.preferences import Preferences
from gbook.workspace.work_hours import WorkHours, WorkingInterval
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import AccountId, Line, Name, Origin
from gbook.yamlfiles.quoting import quote

__all__ = [
    "AD_HOC_PERIOD",
    "AD_HOC_WINDOW",
    "MAX_RESERVATION",
    "WEEK_MINUTES",
    "AdditionalField",
    "AvailabilityInterval",
    "AvailabilityIntervals",
    "Group",
    "Moment",
    "PeriodText",
    "Profile",
    "Required",
    "requires_too_many",
]

WEEK_MINUTES = 7 * 24 * 60
# How far ahead a meeting without a profile can be.
AD_HOC_PERIOD = "P1Y"
# How far it is searched for if no time is named (seconds).
AD_HOC_WINDOW = 30 * 86_400
# The longest reservation, a year, in minutes.
MAX_RESERVATION = 525_600


def _read_period(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected an ISO 8601 period such as P30D, P4W or P3M, found {quote(value)}")
    Period.parse(value)
    text = value.strip().upper()
    return text if text.startswith("P") else f"P{text}"


def _read_moment(value: Any) -> str:
    try:
        if not isinstance(value, str) or not re.search(r"(?:Z|z|[+-]\d\d:?\d\d)$", value.strip()):
            raise ValueError
        if not START_OF_TIME <= parse_instant(value.strip().upper(), UTC) <= END_OF_TIME:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"expected a date and time with an offset such as 2026-11-24T09:00:00Z, found {quote(value)}"
        ) from None
    return value.strip().upper()


Moment = Annotated[str, Meta(extra={"read": _read_moment}, extra_json_schema={"format": "date-time"})]
PeriodText = Annotated[str, Meta(extra={"read": _read_period}, examples=["P30D", "P4W", "P3M"])]
# How many of several must be free.
Required = Literal["one", "all"] | Annotated[int, Meta(ge=1)]

# A number of bookings that is not exceeded; None: any number.
Maximum = Annotated[int, Meta(ge=1)] | None


def requires_too_many(required: Required, members: int) -> bool:
    """Return whether more members are required than there are; where there are none, some may be added."""
    return isinstance(required, int) and required > members > 0


class AvailabilityInterval(Model, frozen=True, kw_only=True):
    """Hours that replace the weekly schedule on some dates."""

    date_start_inclusive: Annotated[date, Meta(description="First date.")]
    date_end_inclusive: Annotated[date, Meta(description="Last date.")]
    hours: Annotated[
        tuple[WorkingInterval, ...],
        Meta(description="Hours of each of these dates; [] closes them."),
    ] = ()

    def check(self) -> Iterator[Problem]:
        """Yield a problem if the last date is before the first."""
        if self.date_end_inclusive < self.date_start_inclusive:
            first, last = self.date_start_inclusive, self.date_end_inclusive
            yield Problem(
                f"expected a date on or after dateStartInclusive, {first}, found {last}",
                key="dateEndInclusive",
            )


class AvailabilityIntervals(Model, frozen=True, kw_only=True):
    """Exceptions to the weekly schedule; later ones take precedence."""

    intervals: Annotated[
        tuple[AvailabilityInterval, ...], Meta(description="Exceptions; later ones take precedence.")
    ] = ()


class Group(Model, frozen=True, kw_only=True):
    """A set of accounts: one, all or a given number of them must be free."""

    ext_id: Annotated[Name, Meta(description="The group's id.")]
    account_ids: Annotated[tuple[AccountId, ...], Meta(description="Its accounts, in order of preference.")]
    required: Annotated[
        Required, Meta(description="How many of them must be free: one, all or a number.")
    ] = "one"

    @property
    def is_of_rooms(self) -> bool:
        """Its name says that its accounts are rooms."""
        return self.ext_id.casefold() in ("room", "rooms")

    def check(self) -> Iterator[Problem]:
        """Yield problems of an empty group, repeated accounts, or a number that is too high."""
        if not self.account_ids:
            yield Problem("expected at least one account, found an empty group", key="accountIds")
        yield from _repeated(self.account_ids, "accountIds", "account")
        if requires_too_many(self.required, len(self.account_ids)):
            yield Problem(
                f"expected at most {len(self.account_ids)}, the size of the group, found {self.required}",
                key="required",
            )


class AdditionalField(Model, frozen=True, kw_only=True):
    """A template variable that the guest is asked for."""

    name: Annotated[Line, Meta(description="The variable's name, as between {{ and }}.")]
    type: Annotated[Line, Meta(description="Type of the field in a form.")] = "text"
    default: Annotated[
        str | None, Meta(description="Value if none is given; without a default the field is required.")
    ] = None


class Profile(Model, frozen=True, kw_only=True):
    """A kind of meeting that can be booked."""

    id: Annotated[int | None, Meta(description="Number of the profile; assigned by `profile create`.")] = None
    name: Annotated[Name, Meta(description="Name of the profile and of its file.")] = ""
    title: Annotated[
        Title | None,
        Meta(description="Name that clients and guests see, which may have spaces; default: the name."),
    ] = None
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
            description="Minutes between slot starts; the API allows 5, 10, 15, 20, 30, 60.",
        ),
    ] = 30
    start_after_minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=366 * 1440,
            description="Minimum notice: minutes from now to the earliest slot.",
        ),
    ] = 60
    start_time: Annotated[
        Moment | None, Meta(description="No slot starts before this date-time; in the past it has no effect.")
    ] = None
    end_time: Annotated[
        Moment | None,
        Meta(description="No slot ends after this date-time; if past, there are none."),
    ] = None
    time_available_for: Annotated[
        PeriodText, Meta(description="ISO 8601 period from now in which slots are offered: P30D, P4W, P3M.")
    ] = "P30D"
    subject: Annotated[str, Meta(description="Subject of the event; may contain {{variables}}.")] = "Meeting"
    description: Annotated[str, Meta(description="Description of the event; may contain {{variables}}.")] = ""
    location: Annotated[str, Meta(description="Location of the event; may contain {{variables}}.")] = ""
    work_hours: Annotated[
        WorkHours,
        Meta(description="Weekly hours of meetings; default: Monday to Friday, 09:00 to 17:00."),
    ] = msgspec.field(default_factory=WorkHours)
    availability_intervals: Annotated[
        AvailabilityIntervals, Meta(description="Hours for given dates, instead of the weekly ones.")
    ] = msgspec.field(default_factory=AvailabilityIntervals)
    context: Annotated[str | None, Meta(description="The client's own data, kept with the profile.")] = None
    client_org_id: Annotated[
        str | None, Meta(description="The client's id of an organization, kept with the profile.")
    ] = None
    start_conference: Annotated[bool, Meta(description="Give the event an online conference.")] = False
    open_meeting_url: Annotated[
        Line | None, Meta(description="Link of the meeting: the value of {{openMeetingUrl}}.")
    ] = None
    public: Annotated[
        bool, Meta(description="Anyone can see its times and book over `gbook serve`, without credentials.")
    ] = False
    embed: Annotated[
        tuple[Origin, ...],
        Meta(description="Sites that may show its booking page in a frame, such as https://example.com."),
    ] = ()
    confirm_email: Annotated[
        bool,
        Meta(description="A guest of the booking page confirms by a link that is sent to the address given."),
    ] = False
    several: Annotated[
        bool,
        Meta(description="A guest of the booking page picks up to three times; the host confirms one."),
    ] = False
    owner: Annotated[
        AccountId | None,
        Meta(description="Account whose personal profile it is in the API; the group operations omit it."),
    ] = None
    accounts: Annotated[
        tuple[AccountId, ...], Meta(description="Accounts attached directly, in order of preference.")
    ] = ()
    groups: Annotated[tuple[Group, ...], Meta(description="Groups of accounts attached.")] = ()
    required: Annotated[
        Required,
        Meta(
            description="How many members must be free: one, all or a number; a group is one member. "
            "`--required` takes precedence."
        ),
    ] = "one"
    optional: Annotated[
        tuple[AccountId, ...],
        Meta(description="Accounts invited if free; they affect the order of slots but never exclude one."),
    ] = ()
    max_bookings_per_day: Annotated[
        Maximum, Meta(description="Maximum number of bookings of this profile per day and account.")
    ] = None
    max_bookings_per_week: Annotated[
        Maximum, Meta(description="The same per week, Monday to Sunday, in the zone of `workHours`.")
    ] = None
    max_bookings_per_month: Annotated[Maximum, Meta(description="The same per month of the calendar.")] = None
    max_guest_bookings_per_day: Annotated[
        Maximum,
        Meta(
            description="Maximum number of bookings of this profile per day for one guest (e-mail address)."
        ),
    ] = None
    max_guest_bookings_per_week: Annotated[
        Maximum, Meta(description="The same per week, Monday to Sunday.")
    ] = None
    max_guest_bookings_per_month: Annotated[
        Maximum, Meta(description="The same per month of the calendar.")
    ] = None
    seats: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(description="How many guests can book the same time, each with a booking of their own."),
    ] = None
    assignment: Annotated[
        Literal["order", "balanced"],
        Meta(description="Which of several accounts is booked: as listed, or the one with fewest bookings."),
    ] = "order"
    prefer: Annotated[
        Preferences | None, Meta(description="Times at which the meeting is best, for `--sort best`.")
    ] = None
    rooms: Annotated[Needs | None, Meta(description="What a room must have to be free for this profile.")] = (
        None
    )
    resources: Annotated[
        Needs | None, Meta(description="What a resource must have to be free for this profile.")
    ] = None
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
    def display_name(self) -> str:
        """The title, or the name if there is none."""
        return self.title or self.name

    @property
    def noun(self) -> str:
        """The profile in messages: `profile demo`; a meeting without a profile has no name."""
        return f"profile {self.name}" if self.name else "this meeting"

    def scheduler_link(self, base_url: str | None) -> str | None:
        """Return the address of its booking page at a service; None unless it is public."""
        if not (base_url and self.public and self.name):
            return None
        from urllib.parse import quote

        return f"{base_url}/b/{quote(self.name)}"

    @property
    def limits_guests(self) -> bool:
        """Whether the number of bookings that one guest can have in a day, a week or a month is limited."""
        return any(
            limit is not None
            for limit in (
                self.max_guest_bookings_per_day,
                self.max_guest_bookings_per_week,
                self.max_guest_bookings_per_month,
            )
        )

    @property
    def account_ids(self) -> set[str]:
        """All accounts of the profile: attached, in groups and optional."""
        return {
            *self.accounts,
            *self.optional,
            *(member for group in self.groups for member in group.account_ids),
        }

    @property
    def room_ids(self) -> set[str]:
        """The accounts that are rooms because their group is called `rooms`; none if only they could host."""
        rooms = {name for group in self.groups if group.is_of_rooms for name in group.account_ids}
        others = {name for group in self.groups if not group.is_of_rooms for name in group.account_ids}
        others |= {*self.accounts}
        return rooms - others if others else set()

    def check(self) -> Iterator[Problem]:
        """Yield problems of repeated names, accounts in two roles, and the order of start and end."""
        yield from _repeated(self.accounts, "accounts", "account")
        yield from _repeated(self.optional, "optional", "account")
        yield from _repeated([group.ext_id for group in self.groups], "groups", "group")
        yield from _repeated([field.name for field in self.additional_fields], "additionalFields", "field")
        yield from self._too_much_with_several()
        for account_id in self.optional:
            if account_id in self.accounts:
                yield Problem(
                    f"account {account_id!r} is also attached; it is either required or optional",
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

    def _too_much_with_several(self) -> Iterator[Problem]:
        """Yield a problem for each key that contradicts `several`: the host decides, about one guest."""
        if self.several and self.seats:
            yield Problem(
                "a guest of a meeting with seats takes one time; remove it, or seats", key="several"
            )
        if self.several and self.confirm_email:
            problem = "the host confirms each booking of this profile; remove it, or several"
            yield Problem(problem, key="confirmEmail")


def _repeated(names: Iterable[str], key: str, noun: str) -> Iterator[Problem]:
    earlier: set[str] = set()
    reported: set[str] = set()
    for name in names:
        if name in earlier and name not in reported:
            reported.add(name)
            yield Problem(f"{noun} {name!r} is listed twice", key=key)
        earlier.add(name)
