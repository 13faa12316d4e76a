"""The published contract of the booking API, written out by hand: its operations, parameters and fields.

A type is `text`, `int`, `int32`, `int64`, `bool`, `date`, `date-time` or `uuid`, the name of a schema, a
choice such as `one|all`, a list `[type]`, or a mapping `{type}` of names to values. No field of the contract
is required, and none is null.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs

__all__ = ["CHOICES", "OPERATIONS", "SCHEMAS", "Operation", "assert_fits"]

PROFILE = {
    "name": "text",
    "durationMinutes": "int",
    "bufferBetweenMinutes": "int",
    "availabilityStep": "int",
    "startAfterMinutes": "int",
    "startTime": "date-time",
    "endTime": "date-time",
    "timeAvailableFor": "text",
    "subject": "text",
    "description": "text",
    "location": "text",
    "workHours": "WeekWorkSchedule",
    "availabilityIntervals": "AvailabilityIntervals",
    "context": "text",
    "startConference": "bool",
    "openMeetingUrl": "text",
}
PAGE = {"offset": "int", "totalSize": "int64", "done": "bool"}
SCHEMAS: dict[str, dict[str, str]] = {
    "AdditionalField": {"name": "text", "type": "text", "default": "text"},
    "ApiRequestFailed": {"code": "text", "message": "text", "requestId": "uuid", "originalError": "object"},
    "AvailabilityInterval": {
        "dateStartInclusive": "date",
        "dateEndInclusive": "date",
        "hours": "[WorkingInterval]",
    },
    "AvailabilityIntervals": {"intervals": "[AvailabilityInterval]"},
    "BookingAttachAccountsDto": {"accountIds": "[int64]"},
    "BookingAttachGroupDto": {"extId": "text", "accountIds": "[int64]", "required": "BookingRequiredMode"},
    "BookingAttachGroupsDto": {"groups": "[BookingAttachGroupDto]"},
    "BookingAttachedAccountsDto": {"accountIds": "[int64]"},
    "BookingAttachedAccountsPage": {**PAGE, "records": "[BookingAttachedAccountsDto]"},
    "BookingAttachedDto": {"extId": "text", "accountIds": "[int64]", "required": "BookingRequiredMode"},
    "BookingAttachedGroupsPage": {**PAGE, "records": "[BookingAttachedDto]"},
    "BookingAvailableProfilesInDto": {
        "timeMin": "date-time",
        "timeMax": "date-time",
        "profileNames": "[text]",
        "profileIds": "[int64]",
        "required": "BookingRequiredMode",
    },
    "BookingAvailableProfilesOutDto": {"profileIds": "[int64]"},
    "BookingDetachGroupAccountsDto": {"accountIds": "[int64]"},
    "BookingDetachGroupDto": {"extId": "text", "accountIds": "[int64]"},
    "BookingDetachGroupsDto": {"groups": "[BookingDetachGroupDto]"},
    "BookingInDto": PROFILE,
    "BookingMeetingInterval": {
        "start": "date-time",
        "end": "date-time",
        "groupXids": "[text]",
        "accountIds": "[int64]",
    },
    "BookingOutDto": {"id": "int64", **PROFILE},
    "BookingPage": {**PAGE, "records": "[BookingOutDto]"},
    "BookingSuccessOutDto": {"status": "Ok"},
    "BookingTimesOutDto": {
        "items": "[BookingMeetingInterval]",
        "startTime": "date-time",
        "endTime": "date-time",
        "timeAvailableFor": "text",
        "durationMinutes": "int",
        "availabilityStep": "int",
        "subject": "text",
        "primaryColor": "text",
        "secondaryColor": "text",
        "additionalFields": "[AdditionalField]",
        "nextPageToken": "text",
        "nextFromDate": "date",
    },
    "BookingUpdateDto": PROFILE,
    "ConfirmReservationOutDto": {"id": "text"},
    "ConfirmSlotDeleteOutDto": {"status": "Ok"},
    "CreateMeetingDto": {
        "time": "SelectedMeetingTime",
        "groupXids": "[text]",
        "accountIds": "[int64]",
        "name": "text",
        "email": "text",
        "substitutionData": "{text}",
        "schedulerInfo": "SchedulerInfo",
    },
    "CreateMeetingResponse": {
        "created": "bool",
        "id": "text",
        "ReservationId": "int64",
        "groupXid": "text",
    },
    "DayWorkSchedule": {"dayOfWeek": "DayOfWeek", "workingIntervals": "[WorkingInterval]"},
    "GroupBookingInDto": {**PROFILE, "clientOrgId": "text"},
    "GroupBookingOutDto": {"id": "int64", **PROFILE, "clientOrgId": "text"},
    "GroupBookingPage": {**PAGE, "records": "[GroupBookingOutDto]"},
    "GroupBookingUpdateDto": {**PROFILE, "clientOrgId": "text"},
    "SchedulerInfo": {"id": "text", "email": "text", "name": "text"},
    "SelectedMeetingTime": {"start": "date-time", "end": "date-time"},
    "WeekWorkSchedule": {"daySchedules": "[DayWorkSchedule]", "timezone": "text"},
    "WorkingInterval": {"start": "clock", "end": "clock"},
}
CHOICES = {
    "BookingRequiredMode": ["one", "all"],
    "DayOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
}
# HH:MM:SS.
CLOCK = r"^\d{2}:\d{2}:\d{2}$"

PAGE_QUERY = {"limit": "int32", "offset": "int32"}
TIMES_QUERY = {
    "required": "BookingRequiredMode",
    "fromDate": "date",
    "intervalLength": "text",
    "pageToken": "text",
    "limit": "int32",
    "offset": "int32",
}
MEETING_QUERY = {"required": "BookingRequiredMode", "reserveForMinutes": "int64"}


class Operation(NamedTuple):
    """An operation: its id, the types of the variables of its path in order, query, body and answer.

    `access` is that of the contract: `client`, `account` or `public`.
    """

    operation_id: str
    method: str
    path: str
    access: str
    answer: str
    body: str | None = None
    query: dict[str, str] = {}  # noqa: RUF012  (never changed)

    @property
    def variables(self) -> list[str]:
        """The types of the variables of the path."""
        return ["int64"] if "{id}" in self.path else ["text"] * self.path.count("{")


G = "/v1/book/group/profiles"
A = "/v1/book/account/profiles"
OPERATIONS = [
    Operation("getGroupBookings", "get", G, "client", "GroupBookingPage", query=PAGE_QUERY),
    Operation("createGroupBooking", "post", G, "client", "GroupBookingOutDto", "GroupBookingInDto"),
    Operation("getGroupBooking", "get", f"{G}/{{id}}", "client", "GroupBookingOutDto"),
    Operation(
        "updateGroupBooking",
        "patch",
        f"{G}/{{id}}",
        "client",
        "BookingSuccessOutDto",
        "GroupBookingUpdateDto",
    ),
    Operation("deleteGroupBooking", "delete", f"{G}/{{id}}", "client", "BookingSuccessOutDto"),
    Operation(
        "attachedAccountsGroupBooking",
        "get",
        f"{G}/{{id}}/attachAccounts",
        "client",
        "BookingAttachedAccountsPage",
        query=PAGE_QUERY,
    ),
    Operation(
        "attachAccountsGroupBooking",
        "post",
        f"{G}/{{id}}/attachAccounts",
        "client",
        "BookingSuccessOutDto",
        "BookingAttachAccountsDto",
    ),
    Operation(
        "detachAccountsGroupBooking",
        "post",
        f"{G}/{{id}}/detachAccounts",
        "client",
        "BookingSuccessOutDto",
        "BookingDetachGroupAccountsDto",
    ),
    Operation(
        "attachedGroupsBooking",
        "get",
        f"{G}/{{id}}/attachGroups",
        "client",
        "BookingAttachedGroupsPage",
        query=PAGE_QUERY,
    ),
    Operation(
        "attachGroupsBooking",
        "post",
        f"{G}/{{id}}/attachGroups",
        "client",
        "BookingSuccessOutDto",
        "BookingAttachGroupsDto",
    ),
    Operation(
        "detachGroupsBooking",
        "post",
        f"{G}/{{id}}/detachGroups",
        "client",
        "BookingSuccessOutDto",
        "BookingDetachGroupsDto",
    ),
    Operation(
        "bookingGroupMeetingTimes",
        "get",
        f"{G}/{{id}}/meeting",
        "client",
        "BookingTimesOutDto",
        query=TIMES_QUERY,
    ),
    Operation(
        "bookingGroupCreateMeeting",
        "post",
        f"{G}/{{id}}/meeting",
        "client",
        "CreateMeetingResponse",
        "CreateMeetingDto",
        MEETING_QUERY,
    ),
    Operation(
        "bookingGroupReservationConfirm",
        "post",
        "/v1/book/group/reservations/{id}/confirm",
        "client",
        "ConfirmReservationOutDto",
    ),
    Operation(
        "bookingGroupReservationDelete",
        "delete",
        "/v1/book/group/reservations/{id}",
        "client",
        "ConfirmSlotDeleteOutDto",
    ),
    Operation(
        "bookingGroupAvailability",
        "post",
        f"{G}/dynamic/availability",
        "client",
        "BookingAvailableProfilesOutDto",
        "BookingAvailableProfilesInDto",
    ),
    Operation(
        "getMeetingTimes",
        "get",
        "/v1/book/{clientId}/{name}/meeting",
        "public",
        "BookingTimesOutDto",
        query=TIMES_QUERY,
    ),
    Operation(
        "createMeeting",
        "post",
        "/v1/book/{clientId}/{name}/meeting",
        "public",
        "CreateMeetingResponse",
        "CreateMeetingDto",
        MEETING_QUERY,
    ),
    Operation("workHours", "get", "/v1/book/account/workHours", "account", "WeekWorkSchedule"),
    Operation("getAccBookings", "get", A, "account", "BookingPage", query=PAGE_QUERY),
    Operation("create", "post", A, "account", "BookingOutDto", "BookingInDto"),
    Operation("getBooking", "get", f"{A}/{{id}}", "account", "BookingOutDto"),
    Operation("updateBooking", "patch", f"{A}/{{id}}", "account", "BookingSuccessOutDto", "BookingUpdateDto"),
    Operation("deleteBooking", "delete", f"{A}/{{id}}", "account", "BookingSuccessOutDto"),
    Operation(
        "bookingAccountMeetingTimes",
        "get",
        f"{A}/{{id}}/meeting",
        "account",
        "BookingTimesOutDto",
        query=TIMES_QUERY,
    ),
    Operation(
        "bookingAccountCreateMeeting",
        "post",
        f"{A}/{{id}}/meeting",
        "account",
        "CreateMeetingResponse",
        "CreateMeetingDto",
        MEETING_QUERY,
    ),
    Operation(
        "bookingAccountReservationConfirm",
        "post",
        "/v1/book/account/reservations/{id}/confirm",
        "account",
        "ConfirmReservationOutDto",
    ),
    Operation(
        "bookingAccountReservationDelete",
        "delete",
        "/v1/book/account/reservations/{id}",
        "account",
        "ConfirmSlotDeleteOutDto",
    ),
]

_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "object": {"type": "object"},
    "clock": {"type": "string", "pattern": CLOCK},
    "Ok": {"type": "string", "enum": ["Ok"]},
}


def _json_type(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a type of the contract; other schemas are `#/$defs/NAME`."""
    if kind[0] == "[":
        return {"type": "array", "items": _json_type(kind[1:-1])}
    if kind[0] == "{":
        return {"type": "object", "additionalProperties": _json_type(kind[1:-1])}
    if kind in CHOICES:
        return {"type": "string", "enum": CHOICES[kind]}
    return _PLAIN.get(kind) or {"$ref": f"#/$defs/{kind}"}


def assert_fits(schema: str, body: Any) -> None:
    """Assert that a body has only values that the contract allows, by its schema of this name."""
    problems = [
        f"{'.'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator(schema).iter_errors(body)
    ]
    assert not problems, f"{schema}: {problems}"


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    definitions = {
        name: {"type": "object", "properties": {field: _json_type(kind) for field, kind in fields.items()}}
        for name, fields in SCHEMAS.items()
    }
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/$defs/{schema}", "$defs": definitions}, validate_formats=True
    )
