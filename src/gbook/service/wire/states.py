"""Answers that say only that a request has succeeded, or why it has not."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from gbook.service.wire.base import WireModel
from gbook.service.wire.times import BookingMeetingInterval

__all__ = ["OK", "ApiRequestFailed", "BookingSuccessOutDto", "ConfirmSlotDeleteOutDto", "RequestProblem"]

Ok = Annotated[Literal["Ok"], Meta(description="The request has succeeded.")]


class BookingSuccessOutDto(WireModel, frozen=True, kw_only=True):
    """A change was made."""

    status: Ok


OK = BookingSuccessOutDto(status="Ok")


class ConfirmSlotDeleteOutDto(WireModel, frozen=True, kw_only=True):
    """A reservation was dropped."""

    status: Ok


class RequestProblem(WireModel, frozen=True, kw_only=True):
    """One mistake in a request."""

    key: Annotated[
        str,
        Meta(
            description="Path of the field, such as `workHours.daySchedules[0].dayOfWeek`, or name of the "
            "parameter; empty for the whole body."
        ),
    ]
    message: Annotated[str, Meta(description="What was expected and found.")]


class ApiRequestFailed(WireModel, frozen=True, kw_only=True):
    """An error."""

    code: Annotated[str, Meta(description="Kind of the error, for programs.")]
    message: Annotated[str, Meta(description="The error in words.")]
    request_id: Annotated[
        str,
        Meta(description="Number of the request, also in the log.", extra_json_schema={"format": "uuid"}),
    ]
    problems: Annotated[
        tuple[RequestProblem, ...] | None, Meta(description="Every mistake of a request that is not valid.")
    ] = None
    alternatives: Annotated[
        tuple[BookingMeetingInterval, ...] | None,
        Meta(description="The nearest times, if one cannot be booked."),
    ] = None
    original_error: Annotated[
        dict[str, Any] | None, Meta(description="Never sent: it could tell what is not meant for the client.")
    ] = None
