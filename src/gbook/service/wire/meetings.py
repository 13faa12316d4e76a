"""Meetings and reservations as they are sent."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, field

from gbook.errors import Problem
from gbook.profiles.model import MAX_RESERVATION, Moment
from gbook.service.wire.base import (
    AccountNumber,
    Number,
    PersonName,
    RequiredMode,
    WireModel,
    instant,
)
from gbook.service.wire.parameters import in_query
from gbook.yamlfiles.field_types import Email

__all__ = [
    "CancelQuery",
    "ConfirmReservationOutDto",
    "CreateMeetingDto",
    "CreateMeetingResponse",
    "Invitee",
    "MeetingQuery",
    "SchedulerInfo",
    "SelectedMeetingTime",
]

MAX_INVITEES = 100


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
