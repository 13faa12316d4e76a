"""The operations of accounts: personal profiles and their meetings, work hours."""

from __future__ import annotations

from gbook.service.call import Scope
from gbook.service.operations import cancellations, meetings, profiles, reservations, times, work_hours
from gbook.service.routes.route import Access, Route
from gbook.service.wire.hours import WeekWorkSchedule
from gbook.service.wire.meetings import (
    ConfirmReservationOutDto,
    CreateMeetingDto,
    CreateMeetingResponse,
    MeetingQuery,
)
from gbook.service.wire.pages import PageQuery
from gbook.service.wire.profiles import (
    BookingInDto,
    BookingOutDto,
    BookingPage,
    BookingUpdateDto,
)
from gbook.service.wire.states import BookingSuccessOutDto, ConfirmSlotDeleteOutDto
from gbook.service.wire.times import BookingTimesOutDto, TimesQuery

__all__ = ["ACCOUNT_ROUTES"]

_ACCOUNT = "/v1/book/account"
_OWN_PROFILES = f"{_ACCOUNT}/profiles"
_OWN_PROFILE = f"{_OWN_PROFILES}/{{id}}"
_OWN_RESERVATION = f"{_ACCOUNT}/reservations/{{id}}"

_ROUTES = (
    Route(
        "workHours",
        "GET",
        f"{_ACCOUNT}/workHours",
        Access.ACCOUNT,
        "Read the work hours of the account",
        work_hours.read_work_hours,
        WeekWorkSchedule,
        tags=("Booking",),
    ),
    Route(
        "getAccBookings",
        "GET",
        _OWN_PROFILES,
        Access.ACCOUNT,
        "List personal profiles",
        profiles.list_profiles,
        BookingPage,
        query=PageQuery,
        tags=("Booking",),
    ),
    Route(
        "create",
        "POST",
        _OWN_PROFILES,
        Access.ACCOUNT,
        "Create a personal profile",
        profiles.create_profile,
        BookingOutDto,
        body=BookingInDto,
        tags=("Booking",),
    ),
    Route(
        "getBooking",
        "GET",
        _OWN_PROFILE,
        Access.ACCOUNT,
        "Read a personal profile",
        profiles.read_profile,
        BookingOutDto,
        tags=("Booking",),
    ),
    Route(
        "updateBooking",
        "PATCH",
        _OWN_PROFILE,
        Access.ACCOUNT,
        "Change a personal profile",
        profiles.update_profile,
        BookingSuccessOutDto,
        body=BookingUpdateDto,
        tags=("Booking",),
    ),
    Route(
        "deleteBooking",
        "DELETE",
        _OWN_PROFILE,
        Access.ACCOUNT,
        "Delete a personal profile",
        profiles.delete_profile,
        BookingSuccessOutDto,
        tags=("Booking",),
    ),
    Route(
        "bookingAccountMeetingTimes",
        "GET",
        f"{_OWN_PROFILE}/meeting",
        Access.CLIENT_OR_ACCOUNT,
        "Find the times of a personal profile that can be booked",
        times.read_times,
        BookingTimesOutDto,
        query=TimesQuery,
        tags=("Booking", "Availability"),
    ),
    Route(
        "bookingAccountCreateMeeting",
        "POST",
        f"{_OWN_PROFILE}/meeting",
        Access.ACCOUNT,
        "Book or reserve a time of a personal profile",
        meetings.create_meeting,
        CreateMeetingResponse,
        query=MeetingQuery,
        body=CreateMeetingDto,
        tags=("Booking", "Availability"),
    ),
    Route(
        "cancelAccountMeeting",
        "DELETE",
        f"{_OWN_PROFILE}/meeting/{{meetingId}}",
        Access.ACCOUNT,
        "Cancel a meeting of a personal profile",
        cancellations.cancel_meeting,
        BookingSuccessOutDto,
        tags=("Booking",),
    ),
    Route(
        "bookingAccountReservationConfirm",
        "POST",
        f"{_OWN_RESERVATION}/confirm",
        Access.ACCOUNT,
        "Turn a reservation of a personal profile into a booking",
        reservations.confirm_reservation,
        ConfirmReservationOutDto,
        tags=("Booking",),
    ),
    Route(
        "bookingAccountReservationDelete",
        "DELETE",
        _OWN_RESERVATION,
        Access.ACCOUNT,
        "Drop a reservation of a personal profile",
        reservations.delete_reservation,
        ConfirmSlotDeleteOutDto,
        tags=("Booking",),
    ),
)
ACCOUNT_ROUTES = tuple(route._replace(scope=Scope.PERSONAL) for route in _ROUTES)
