"""Free times as they are asked for and sent, and the profiles that have one."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from msgspec import Meta

from gbook.errors import Problem
from gbook.profiles.model import Moment, PeriodText
from gbook.render.page_position import PagePosition
from gbook.service.wire.base import (
    AccountNumber,
    DateTime,
    Limit,
    Number,
    Offset,
    RequiredMode,
    WireModel,
    instant,
)
from gbook.service.wire.parameters import in_query
from gbook.service.wire.profiles import AdditionalField

__all__ = [
    "BookingAvailableProfilesInDto",
    "BookingAvailableProfilesOutDto",
    "BookingMeetingInterval",
    "BookingTimesOutDto",
    "ExistingMeeting",
    "TimesQuery",
]

# The usual number of members of a page: with more than ten users, clients ask for further pages.
PAGE = 10


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
