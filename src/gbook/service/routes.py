"""The table of routes, from which come routing, the OpenAPI document, the reference in docs/ and tests."""

from __future__ import annotations

from gbook.service.account_routes import ACCOUNT_ROUTES
from gbook.service.group_routes import GROUP_ROUTES
from gbook.service.operations import public
from gbook.service.route import Access, Route
from gbook.service.wire.meetings import (
    BookingTimesOutDto,
    CreateMeetingDto,
    CreateMeetingResponse,
    MeetingQuery,
    TimesQuery,
)

__all__ = ["ROUTES"]

_PUBLIC = "/v1/book/{clientId}/{name}/meeting"

_PUBLIC_MEETINGS = (
    Route(
        "getMeetingTimes",
        "GET",
        _PUBLIC,
        Access.PUBLIC,
        "Find the times of a public profile that can be booked",
        public.read_times,
        BookingTimesOutDto,
        query=TimesQuery,
        tags=("Availability",),
    ),
    Route(
        "createMeeting",
        "POST",
        _PUBLIC,
        Access.PUBLIC,
        "Book or reserve a time of a public profile",
        public.create_meeting,
        CreateMeetingResponse,
        query=MeetingQuery,
        body=CreateMeetingDto,
        tags=("Availability",),
    ),
)
ROUTES: tuple[Route, ...] = (*GROUP_ROUTES, *_PUBLIC_MEETINGS, *ACCOUNT_ROUTES)
