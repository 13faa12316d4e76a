"""The table of routes, from which come routing, the OpenAPI document, the reference in docs/ and tests."""

from __future__ import annotations

from gbook.service.call import Scope
from gbook.service.operations import cancellations, meetings, times
from gbook.service.routes.account_routes import ACCOUNT_ROUTES
from gbook.service.routes.group_routes import GROUP_ROUTES
from gbook.service.routes.route import Access, Route
from gbook.service.wire.meetings import CancelQuery, CreateMeetingDto, CreateMeetingResponse, MeetingQuery
from gbook.service.wire.states import BookingSuccessOutDto
from gbook.service.wire.times import BookingTimesOutDto, TimesQuery

__all__ = ["ROUTES"]

_PUBLIC = "/v1/book/{clientId}/{name}/meeting"

_PUBLIC_MEETINGS = (
    Route(
        "getMeetingTimes",
        "GET",
        _PUBLIC,
        Access.PUBLIC,
        "Find the times of a public profile that can be booked",
        times.read_times,
        BookingTimesOutDto,
        query=TimesQuery,
        tags=("Availability",),
        scope=Scope.PUBLIC,
    ),
    Route(
        "createMeeting",
        "POST",
        _PUBLIC,
        Access.PUBLIC,
        "Book or reserve a time of a public profile",
        meetings.create_meeting,
        CreateMeetingResponse,
        query=MeetingQuery,
        body=CreateMeetingDto,
        tags=("Availability",),
        scope=Scope.PUBLIC,
    ),
    Route(
        "cancelMeeting",
        "DELETE",
        _PUBLIC,
        Access.PUBLIC,
        "Cancel a meeting of a public profile",
        cancellations.cancel_own_meeting,
        BookingSuccessOutDto,
        query=CancelQuery,
        tags=("Availability",),
        scope=Scope.PUBLIC,
    ),
)
ROUTES: tuple[Route, ...] = (*GROUP_ROUTES, *_PUBLIC_MEETINGS, *ACCOUNT_ROUTES)
