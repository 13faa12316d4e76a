"""Requests for meetings, as gbook takes them, and what was booked, as clients see it."""

from __future__ import annotations

from collections.abc import Iterator

import gbook
from gbook.engine.intervals import Interval
from gbook.profiles.template import fields
from gbook.service.call import ANONYMOUS, Call
from gbook.service.operations.numbers import AccountNumbers, reservation_number
from gbook.service.problems import Problem, refuse
from gbook.service.wire.base import instant
from gbook.service.wire.meetings import CreateMeetingDto, CreateMeetingResponse
from gbook.timeutil.instants import MINUTE

__all__ = ["booked", "booking_request", "meeting_time"]

MAX_INVITEES_OF_GUEST = 5
# The longest reservation of a guest, in minutes.
MAX_RESERVATION_OF_GUEST = 60


def booking_request(call: Call, profile: gbook.Profile) -> gbook.BookingRequest:
    """Return the request of a body and query. Raises Refusal with all that does not fit the profile."""
    body: CreateMeetingDto = call.body
    attached = AccountNumbers(call.workspace, profile.accounts)
    unknown = attached.unknown(body.account_ids or (), "accountIds")
    refuse([*_wrong_length(profile, body), *unknown, *_wrong_for(call, profile)])
    start, end = _span(profile, body)
    known = {field.name for field in fields(profile)}
    return gbook.BookingRequest(
        profile=profile,
        start=start,
        end=end,
        required=call.query.required,
        accounts=attached.ids(body.account_ids or ()),
        groups=tuple(body.group_xids or ()),
        guest=gbook.Guest(*body.guest, zone=call.guest_zone),
        invitees=tuple(gbook.Guest(person.name, person.email) for person in body.invitees or ()),
        fields={name: text for name, text in body.fields.items() if name in known},
        reserve_minutes=call.query.reserve_for_minutes,
        key=_own_key(call),
    )


def meeting_time(call: Call, profile: gbook.Profile) -> Interval:
    """Return the time of a body. Raises Refusal if it has not the length of the profile's meeting."""
    refuse(_wrong_length(profile, call.body))
    return _span(profile, call.body)


def _span(profile: gbook.Profile, body: CreateMeetingDto) -> Interval:
    start = instant(body.time.start)
    return start, start + profile.duration_minutes * MINUTE


def _wrong_length(profile: gbook.Profile, body: CreateMeetingDto) -> Iterator[Problem]:
    if body.time.end is not None and instant(body.time.end) != _span(profile, body)[1]:
        yield "time.end", f"expected {profile.duration_minutes} minutes after the start"


def _wrong_for(call: Call, profile: gbook.Profile) -> Iterator[Problem]:
    """Yield problems of the groups, values and invitees of a body, and of what a guest may not ask for."""
    yield from _unknown_groups(profile, call.body)
    yield from _missing_fields(profile, call.body)
    yield from _too_many_invitees(call, call.body)
    yield from _held_too_long(call)


def _unknown_groups(profile: gbook.Profile, body: CreateMeetingDto) -> Iterator[Problem]:
    known = {group.ext_id for group in profile.groups}
    for i, name in enumerate(body.group_xids or ()):
        if name not in known:
            yield f"groupXids[{i}]", f"expected a group of the profile, found {name!r}"


def _missing_fields(profile: gbook.Profile, body: CreateMeetingDto) -> Iterator[Problem]:
    """Yield a problem for each field that lacks a value: a reservation too is confirmed as it is."""
    for field in fields(profile):
        if field.default is None and field.name not in body.fields:
            yield f"substitutionData.{field.name}", "expected a value, found none"


def _too_many_invitees(call: Call, body: CreateMeetingDto) -> Iterator[Problem]:
    """Yield a problem if a guest without credentials would have mail sent to many addresses."""
    if call.caller == ANONYMOUS and len(body.invitees or ()) > MAX_INVITEES_OF_GUEST:
        yield "invitees", f"expected at most {MAX_INVITEES_OF_GUEST} without credentials"


def _held_too_long(call: Call) -> Iterator[Problem]:
    """Yield a problem if a guest without credentials would keep a time from others for long."""
    if call.caller == ANONYMOUS and (call.query.reserve_for_minutes or 0) > MAX_RESERVATION_OF_GUEST:
        yield "reserveForMinutes", f"expected at most {MAX_RESERVATION_OF_GUEST} without credentials"


def _own_key(call: Call) -> str | None:
    """Return the key of the request, apart from those of other callers: none learns of another's booking."""
    if not call.key:
        return None
    client, account = call.caller
    caller = f"account {account.id}" if account else f"client {client.id}" if client else "guest"
    return f"{caller} {call.key}"


def booked(record: gbook.Record, token: str) -> CreateMeetingResponse:
    """Return the answer about a booking or reservation that is in the calendars; `token` is its own."""
    if record.is_reservation:
        number = reservation_number(record.uid)
        return CreateMeetingResponse(
            created=False,
            reservation_id=number,
            old_reservation_id=number,
            group_xid=record.group,
            reschedule_token=token,
        )
    return CreateMeetingResponse(created=True, id=record.uid, group_xid=record.group, reschedule_token=token)
