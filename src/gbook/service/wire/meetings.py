"""Free times, meetings and reservations as they are sent."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from msgspec import Meta, field

from gbook.errors import Problem
from gbook.profiles.model import MAX_RESERVATION, Moment, PeriodText
from gbook.render.page_position import PagePosition
from gbook.service.wire.base import (
    AccountNumber,
    DateTime,
    Limit,
    Number,
    Offset,
    PersonName,
    RequiredMode,
    WireModel,
    instant,
)
from gbook.service.wire.parameters import in_query
from gbook.service.wire.profiles import AdditionalField
from gbook.yamlfiles.field_types import Email

__all__ = [
    "BookingAvailableProfilesInDto",
    "BookingAvailableProfilesOutDto",
    "BookingMeetingInterval",
    "BookingTimesOutDto",
    "CancelQuery",
    "ConfirmReservationOutDto",
    "CreateMeetingDto",
    "CreateMeetingResponse",
    "ExistingMeeting",
    "Invitee",
    "MeetingQuery",
    "SchedulerInfo",
    "SelectedMeetingTime",
    "TimesQuery",
]

# The usual number of members of a page: with more than ten users, clients ask for further pages.
PAGE = 10
MAX_INVITEES = 100


def _read_token(value: Any) -> Any:
    """Return a page token. Raises ValueError."""
    if isinstance(value, str):
        PagePosition.of_token(value)
    return value


class TimesQuery(WireModel, frozen=True, kw_only=True):
    """Which free times of a profile are asked for, and for which of its members."""

    required: Annotated[
        RequiredMode | None,
        Meta(description="Whether one member must be free or all; default: as the profile says."),
    ] = None
    from_date: Annotated[
        date | None, Meta(description="First date, in the profile's time zone; default: now.")
    ] = None
    interval_length: Annotated[
        PeriodText | None,
        Meta(
            description="ISO 8601 period from the first date on; default: to the end of the profile's period."
        ),
    ] = None
    page_token: Annotated[
        Annotated[str, Meta(extra={"read": _read_token})] | None,
        Meta(description="`nextPageToken` of an earlier answer: the same times for the next members."),
    ] = None
    limit: Annotated[
        Limit, in_query, Meta(description="Maximum number of members in an answer. A group is one member.")
    ] = PAGE
    offset: Annotated[Offset, in_query, Meta(description="Number of members to skip.")] = 0
    reschedule_token: Annotated[
        str | None,
        Meta(
            description="Token of a booking that is to be moved: the answer shows it as `existingMeeting`, "
            "and its own time counts as free."
        ),
    ] = None

    @property
    def page(self) -> PagePosition:
        """The members that are asked for; a token takes precedence."""
        if self.page_token is not None:
            return PagePosition.of_token(self.page_token)
        return PagePosition(self.offset, self.limit)


class MeetingQuery(WireModel, frozen=True, kw_only=True):
    """How a meeting is booked."""

    required: Annotated[
        RequiredMode | None,
        Meta(description="Whether one member must be free or all; default: as the profile says."),
    ] = None
    reserve_for_minutes: Annotated[
        Annotated[int, in_query, Meta(ge=1, le=MAX_RESERVATION, extra_json_schema={"format": "int64"})]
        | None,
        Meta(description="Only reserve the time, for this many minutes; without credentials at most 60."),
    ] = None
    reschedule_token: Annotated[
        str | None, Meta(description="Token of a booking, which is moved to the time.")
    ] = None


class CancelQuery(WireModel, frozen=True, kw_only=True):
    """Which meeting a guest cancels."""

    reschedule_token: Annotated[str, Meta(description="Token of the meeting, given when it was booked.")]


class BookingMeetingInterval(WireModel, frozen=True, kw_only=True):
    """A time that can be booked, with the groups and accounts that are free."""

    start: Annotated[DateTime, Meta(description="Start.")]
    end: Annotated[DateTime, Meta(description="End.")]
    group_xids: Annotated[tuple[str, ...], Meta(description="Groups that are free, by `extId`.")]
    account_ids: Annotated[
        tuple[AccountNumber, ...],
        Meta(description="Accounts that are free, of those attached by themselves."),
    ]
    seats_left: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Free seats, if several guests can book the same time."),
    ] = None


class ExistingMeeting(WireModel, frozen=True, kw_only=True):
    """The booking that a reschedule token belongs to."""

    id: Annotated[str, Meta(description="Its event.")]
    start: Annotated[DateTime, Meta(description="Start.")]
    end: Annotated[DateTime, Meta(description="End.")]


class BookingTimesOutDto(WireModel, frozen=True, kw_only=True):
    """The times that can be booked."""

    items: Annotated[tuple[BookingMeetingInterval, ...], Meta(description="Times, in order.")]
    start_time: Annotated[DateTime, Meta(description="Start of the period that was searched.")]
    end_time: Annotated[DateTime, Meta(description="End of the period that was searched.")]
    time_available_for: Annotated[
        str, Meta(description="ISO 8601 period from now in which the profile offers times.")
    ]
    duration_minutes: Annotated[int, Meta(description="Length of a meeting in minutes.")]
    availability_step: Annotated[int, Meta(description="Minutes between the starts of times.")]
    subject: Annotated[str, Meta(description="Subject of the event; may contain `{{variables}}`.")]
    primary_color: Annotated[str, Meta(description="First colour of a booking page.")]
    secondary_color: Annotated[str, Meta(description="Second colour of a booking page.")]
    additional_fields: Annotated[
        tuple[AdditionalField, ...], Meta(description="Variables that the guest is asked for.")
    ]
    offset: Annotated[Offset, Meta(description="Number of members before those of this answer.")]
    limit: Annotated[Limit, Meta(description="Maximum number of members in an answer.")]
    total_size: Annotated[Number, Meta(description="Number of all members.")]
    done: Annotated[bool, Meta(description="Whether there are no further members.")]
    next_page_token: Annotated[
        str | None, Meta(description="`pageToken` for the same times with the next members.")
    ] = None
    next_from_date: Annotated[
        date | None, Meta(description="`fromDate` to go on from, if the profile's period does.")
    ] = None
    existing_meeting: Annotated[
        ExistingMeeting | None, Meta(description="The booking of `rescheduleToken`.")
    ] = None


class SelectedMeetingTime(WireModel, frozen=True, kw_only=True):
    """The time of a meeting."""

    start: Annotated[Moment, Meta(description="Start, with an offset or `Z`.")]
    end: Annotated[
        Moment | None, Meta(description="End; without it the meeting has the profile's length.")
    ] = None

    def check(self) -> Iterator[Problem]:
        """Yield a problem if the end is not after the start."""
        if self.end is not None and instant(self.end) <= instant(self.start):
            message = f"expected a time after start, {self.start}, found {self.end!r}"
            yield Problem(message, key="end")


class SchedulerInfo(WireModel, frozen=True, kw_only=True):
    """The guest who asks for the meeting."""

    id: Annotated[str | None, Meta(description="Ignored.", extra_json_schema={"readOnly": True})] = None
    email: Annotated[
        Email | None,
        Meta(description="E-mail address; without it the event has no guest and no mail is sent."),
    ] = None
    name: Annotated[PersonName | None, Meta(description="Name.")] = None


class Invitee(WireModel, frozen=True, kw_only=True):
    """Another person to invite."""

    email: Annotated[Email, Meta(description="E-mail address.")]
    name: Annotated[PersonName | None, Meta(description="Name.")] = None


class CreateMeetingDto(WireModel, frozen=True, kw_only=True):
    """A meeting to book, at a time that was offered."""

    time: Annotated[SelectedMeetingTime, Meta(description="Its time.")]
    group_xids: Annotated[
        tuple[str, ...] | None,
        Meta(description="Groups that meet, by `extId`, of those offered with the time."),
    ] = None
    account_ids: Annotated[
        tuple[AccountNumber, ...] | None,
        Meta(description="Accounts that meet, of those offered with the time."),
    ] = None
    name: Annotated[
        PersonName | None,
        Meta(description="Deprecated: `schedulerInfo.name`.", extra_json_schema={"deprecated": True}),
    ] = None
    email: Annotated[
        Email | None,
        Meta(description="Deprecated: `schedulerInfo.email`.", extra_json_schema={"deprecated": True}),
    ] = None
    substitution_data: Annotated[
        dict[str, str | None] | None,
        Meta(description="Values of the `additionalFields`, by name; others are ignored."),
    ] = None
    scheduler_info: Annotated[
        SchedulerInfo | None, Meta(description="The guest; takes precedence over `name` and `email`.")
    ] = None
    invitees: Annotated[
        Annotated[tuple[Invitee, ...], Meta(max_length=MAX_INVITEES)] | None,
        Meta(description="Further people to invite."),
    ] = None
    reschedule_token: Annotated[
        str | None, Meta(description="Token of a booking, which is moved to the time.")
    ] = None

    @property
    def guest(self) -> tuple[str | None, str | None]:
        """Name and e-mail address of the guest."""
        info = self.scheduler_info or SchedulerInfo()
        return info.name or self.name or None, info.email or self.email

    @property
    def fields(self) -> dict[str, str]:
        """The values of variables that were given."""
        return {name: text for name, text in (self.substitution_data or {}).items() if text is not None}


class CreateMeetingResponse(WireModel, frozen=True, kw_only=True):
    """What was booked or reserved."""

    created: Annotated[bool, Meta(description="Whether an event was created; false for a reservation.")]
    id: Annotated[str | None, Meta(description="The event, if one was created.")] = None
    reservation_id: Annotated[Number | None, Meta(description="The reservation, if one was made.")] = None
    # Some of the published clients read one spelling, some the other.
    old_reservation_id: Annotated[Number | None, Meta(description="The same.")] = field(
        default=None, name="ReservationId"
    )
    group_xid: Annotated[str | None, Meta(description="The group whose account was booked.")] = None
    reschedule_token: Annotated[
        str | None, Meta(description="Token with which the booking can be moved or cancelled.")
    ] = None


class ConfirmReservationOutDto(WireModel, frozen=True, kw_only=True):
    """The booking that a reservation has become."""

    id: Annotated[str | None, Meta(description="The event that was created.")] = None
    reschedule_token: Annotated[
        str | None, Meta(description="Token with which the booking can be moved or cancelled.")
    ] = None


class BookingAvailableProfilesInDto(WireModel, frozen=True, kw_only=True):
    """A time, and the profiles that could take it."""

    time_min: Annotated[Moment, Meta(description="Start of the time.")]
    time_max: Annotated[Moment, Meta(description="End of the time.")]
    profile_names: Annotated[
        tuple[str, ...] | None, Meta(description="Profiles to look at, by name; default: all.")
    ] = None
    profile_ids: Annotated[
        tuple[Number, ...] | None, Meta(description="Profiles to look at, by number; default: all.")
    ] = None
    required: Annotated[
        RequiredMode | None,
        Meta(description="Whether one member must be free or all; default: as each profile says."),
    ] = None

    def check(self) -> Iterator[Problem]:
        """Yield a problem if the time is empty."""
        if instant(self.time_max) <= instant(self.time_min):
            message = f"expected a time after timeMin, {self.time_min}, found {self.time_max!r}"
            yield Problem(message, key="timeMax")


class BookingAvailableProfilesOutDto(WireModel, frozen=True, kw_only=True):
    """The profiles that can take a time."""

    profile_ids: Annotated[tuple[Number, ...], Meta(description="Numbers of the profiles.")]
