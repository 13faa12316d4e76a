"""Booking profiles as they are sent.

A group profile belongs to the clients, a personal one to an account. Both have the same fields, which are
written once, in `ProfileFields`, and are all optional: a new profile needs a name, a change names what it
changes, and an answer leaves out what is not set.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from gbook.errors import Problem
from gbook.profiles.model import WEEK_MINUTES, Moment, PeriodText
from gbook.profiles.title import Title
from gbook.service.wire.base import AccountNumber, Count, Number, RequiredMode, WireModel, instant
from gbook.service.wire.hours import AvailabilityIntervals, WeekWorkSchedule
from gbook.service.wire.pages import Page
from gbook.yamlfiles.field_types import Line

__all__ = [
    "AdditionalField",
    "BookingInDto",
    "BookingOutDto",
    "BookingPage",
    "BookingUpdateDto",
    "GroupBookingInDto",
    "GroupBookingOutDto",
    "GroupBookingPage",
    "GroupBookingUpdateDto",
    "ProfileFields",
]

_NAME = Meta(description="Name that clients and guests see. It identifies the profile in links.")
Minutes = Annotated[int, Meta(ge=0, le=WEEK_MINUTES)]
ClientOrgId = Annotated[str | None, Meta(description="The client's own id of an organization.")]
ProfileId = Annotated[Number | None, Meta(description="Number of the profile, given by the service.")]


class AdditionalField(WireModel, frozen=True, kw_only=True):
    """A `{{variable}}` of the profile's texts, which a guest is asked for."""

    name: Annotated[Line, Meta(description="The variable's name, as between `{{` and `}}`.")]
    type: Annotated[Line | None, Meta(description="Type of the field in a form.")] = None
    default: Annotated[
        str | None, Meta(description="Value if the guest gives none; without a default one is needed.")
    ] = None


class ProfileFields(WireModel, frozen=True, kw_only=True):
    """The fields of all profiles, as a client sends and receives them."""

    name: Annotated[Title | None, _NAME] = None
    duration_minutes: Annotated[
        Annotated[int, Meta(ge=1, le=WEEK_MINUTES)] | None,
        Meta(description="Length of a meeting in minutes; default 30."),
    ] = None
    buffer_between_minutes: Annotated[
        Minutes | None, Meta(description="Minutes that must be free after the meeting.")
    ] = None
    buffer_before_minutes: Annotated[
        Minutes | None, Meta(description="Minutes that must be free before the meeting.")
    ] = None
    availability_step: Annotated[
        Annotated[int, Meta(ge=1, le=1440)] | None,
        Meta(
            description="Minutes from one start to the next within the working hours: 5, 10, 15, 20, 30, "
            "60, or any other number; default 30."
        ),
    ] = None
    start_after_minutes: Annotated[
        Annotated[int, Meta(ge=0, le=366 * 1440)] | None,
        Meta(description="Minimum notice: minutes from now to the earliest slot; default 60."),
    ] = None
    start_time: Annotated[
        Moment | None, Meta(description="No slot starts before this time; in the past it has no effect.")
    ] = None
    end_time: Annotated[
        Moment | None, Meta(description="No slot ends after this time; in the past there are none.")
    ] = None
    time_available_for: Annotated[
        PeriodText | None,
        Meta(description="ISO 8601 period from now in which slots are offered; default P30D."),
    ] = None
    subject: Annotated[str | None, Meta(description="Subject of the event; may contain `{{variables}}`.")] = (
        None
    )
    description: Annotated[
        str | None, Meta(description="Description of the event; may contain `{{variables}}`.")
    ] = None
    location: Annotated[
        str | None, Meta(description="Location of the event; may contain `{{variables}}`.")
    ] = None
    work_hours: Annotated[
        WeekWorkSchedule | None,
        Meta(description="Weekly hours of meetings; default: Monday to Friday, 09:00 to 17:00."),
    ] = None
    availability_intervals: Annotated[
        AvailabilityIntervals | None, Meta(description="Hours for given dates, instead of the weekly ones.")
    ] = None
    context: Annotated[str | None, Meta(description="The client's own data, kept with the profile.")] = None
    start_conference: Annotated[bool | None, Meta(description="Whether events get an online conference.")] = (
        None
    )
    open_meeting_url: Annotated[
        Line | None, Meta(description="Link of the meeting: the value of `{{openMeetingUrl}}`.")
    ] = None
    public: Annotated[
        bool | None, Meta(description="Whether guests may book it without credentials; default: false.")
    ] = None
    required: Annotated[
        RequiredMode | None,
        Meta(description="How many members must be free if a request does not say; default: one."),
    ] = None
    required_count: Annotated[
        Count | None, Meta(description="The same as a number; it takes precedence over `required`.")
    ] = None
    optional: Annotated[
        tuple[AccountNumber, ...] | None,
        Meta(description="Accounts invited if they are free; they never exclude a slot."),
    ] = None
    max_bookings_per_day: Annotated[
        Count | None, Meta(description="Maximum number of bookings of the profile per day and account.")
    ] = None
    max_bookings_per_week: Annotated[
        Count | None, Meta(description="The same per week, Monday to Sunday.")
    ] = None
    max_bookings_per_month: Annotated[Count | None, Meta(description="The same per month.")] = None
    max_guest_bookings_per_day: Annotated[
        Count | None, Meta(description="Maximum number of bookings of the profile per day for one guest.")
    ] = None
    max_guest_bookings_per_week: Annotated[
        Count | None, Meta(description="The same per week, Monday to Sunday.")
    ] = None
    max_guest_bookings_per_month: Annotated[Count | None, Meta(description="The same per month.")] = None
    seats: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(description="How many guests can book the same time, each with a booking of their own."),
    ] = None
    assignment: Annotated[
        Literal["order", "balanced"] | None,
        Meta(description="Which of several accounts is booked: as listed, or the one with fewest bookings."),
    ] = None
    align: Annotated[
        Literal["interval", "clock"] | None,
        Meta(
            description="Slots start with each working interval, or at multiples of the step from midnight."
        ),
    ] = None
    additional_fields: Annotated[
        tuple[AdditionalField, ...] | None, Meta(description="Defaults and types of the texts' variables.")
    ] = None

    def check(self) -> Iterator[Problem]:
        """Yield a problem if the end of the period is not after its start."""
        if self.start_time and self.end_time and instant(self.end_time) <= instant(self.start_time):
            message = f"expected a time after startTime, {self.start_time}, found {self.end_time!r}"
            yield Problem(message, key="endTime")


class BookingInDto(ProfileFields, frozen=True, kw_only=True):
    """A new personal profile; it needs a name."""

    name: Annotated[Title, _NAME]


class BookingUpdateDto(ProfileFields, frozen=True, kw_only=True):
    """A change of a personal profile: the fields that it changes. A list replaces the one that is there."""


class BookingOutDto(ProfileFields, frozen=True, kw_only=True):
    """A personal profile."""

    id: ProfileId = None


class GroupBookingInDto(BookingInDto, frozen=True, kw_only=True):
    """A new group profile; it needs a name."""

    client_org_id: ClientOrgId = None


class GroupBookingUpdateDto(BookingUpdateDto, frozen=True, kw_only=True):
    """A change of a group profile: the fields that it changes. A list replaces the one that is there."""

    client_org_id: ClientOrgId = None


class GroupBookingOutDto(BookingOutDto, frozen=True, kw_only=True):
    """A group profile."""

    client_org_id: ClientOrgId = None


class BookingPage(Page, frozen=True, kw_only=True):
    """A page of personal profiles."""

    records: Annotated[tuple[BookingOutDto, ...], Meta(description="Profiles, sorted by name.")]


class GroupBookingPage(Page, frozen=True, kw_only=True):
    """A page of group profiles."""

    records: Annotated[tuple[GroupBookingOutDto, ...], Meta(description="Profiles, sorted by name.")]
