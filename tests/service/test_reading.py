"""Bodies and query parameters: what is wrong is answered at once, each problem with its place."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from gbook.render.page_position import PagePosition
from gbook.service.problems import Refusal
from gbook.service.wire.attachments import BookingAttachGroupsDto
from gbook.service.wire.meetings import CreateMeetingDto, MeetingQuery
from gbook.service.wire.pages import PageQuery
from gbook.service.wire.profiles import GroupBookingInDto, GroupBookingUpdateDto
from gbook.service.wire.reading import read_body, read_query
from gbook.service.wire.times import TimesQuery

# As the guide of the API prints it, with two slips: the name of the zone, and an interval that is empty.
GUIDE = {
    "id": 1,
    "name": "aurinkoDemo",
    "durationMinutes": 30,
    "availabilityStep": 15,
    "timeAvailableFor": "30D",
    "subject": "Aurinko Demo",
    "workHours": {
        "timezone": "Americas/New_York",
        "daySchedules": [
            {"dayOfWeek": "monday", "workingIntervals": [{"start": "14:15:22Z", "end": "14:15:22Z"}]}
        ],
    },
    "context": "string",
    "startConference": True,
}


def problems(raw: bytes, model: type[Any]) -> dict[str, str]:
    """Return the problems of a body by key."""
    with pytest.raises(Refusal) as refused:
        read_body(raw, model)
    assert refused.value.status == 400
    return dict(refused.value.problems)


def test_the_guides_example_names_both_slips() -> None:
    """One answer names every mistake of a body, and the near miss of a zone."""
    found = problems(json.dumps(GUIDE).encode(), GroupBookingInDto)
    assert list(found) == ["workHours.timezone", "workHours.daySchedules[0].workingIntervals[0]"]
    assert "did you mean America/New_York?" in found["workHours.timezone"]
    assert "the interval is empty" in found["workHours.daySchedules[0].workingIntervals[0]"]


def test_unknown_keys_and_null_are_absent() -> None:
    """A body may have fields of another version, an id, and null for what is not set, at every level."""
    body = {
        "id": 7,
        "name": "demo",
        "seats": None,
        "fromTheFuture": {"a": 1},
        "workHours": {"timezone": None},
    }
    read = read_body(json.dumps(body).encode(), GroupBookingInDto)
    assert read == read_body(b'{"name": "demo", "workHours": {}}', GroupBookingInDto)
    assert read.seats is None


def test_a_change_needs_no_field() -> None:
    """PATCH changes what it names, a new profile needs a name."""
    assert read_body(b"{}", GroupBookingUpdateDto) == GroupBookingUpdateDto()
    assert problems(b"{}", GroupBookingInDto) == {"": "'name' is missing"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  ",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"{} {}",
        b'{"name": NaN}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"name": "demo", "name": "other"}',
        b'{"name": "demo", "workHours": {"timezone": "UTC", "timezone": "UTC"}}',
        b'{"seats": 1e999}',
        b'{"seats": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'\xef\xbb\xbf{"name": "demo"}',
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_a_body_that_is_no_object_has_one_problem(raw: bytes) -> None:
    """What is not JSON, not an object, or ambiguous is refused as a whole."""
    assert list(problems(raw, GroupBookingInDto)) == [""]


def test_a_text_that_was_cut_within_a_character_is_named() -> None:
    """Programs that count UTF-16 units cut emoji in two."""
    found = problems(b'{"name": "\\ud83c"}', GroupBookingInDto)
    assert found == {"": "expected JSON: a text has half of a character (a lone surrogate)"}
    assert "truncated" in problems(b'{"name": "\\ud83c', GroupBookingInDto)[""]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"durationMinutes": "30"}, "durationMinutes"),
        ({"durationMinutes": 10**30}, "durationMinutes"),
        ({"durationMinutes": 30.5}, "durationMinutes"),
        ({"startConference": "yes"}, "startConference"),
        ({"startTime": "2026-11-24T09:00:00"}, "startTime"),
        ({"startTime": "0001-01-01T00:00:00Z"}, "startTime"),
        ({"startTime": "2026-11-25T00:00:00Z", "endTime": "2026-11-24T00:00:00Z"}, "endTime"),
        ({"required": "some"}, "required"),
        ({"optional": [1, -1]}, "optional[1]"),
        ({"optional": [2**53]}, "optional[0]"),
        ({"workHours": []}, "workHours"),
        ({"workHours": {"daySchedules": {}}}, "workHours.daySchedules"),
        ({"workHours": {"daySchedules": [{}]}}, "workHours.daySchedules[0]"),
        (
            {"availabilityIntervals": {"intervals": [{"dateStartInclusive": "2026-11-31"}]}},
            "availabilityIntervals.intervals[0].dateStartInclusive",
        ),
    ],
)
def test_a_problem_names_its_field(body: dict[str, Any], key: str) -> None:
    """The key of a problem is the path of the field in the body."""
    assert key in problems(json.dumps({"name": "demo", **body}).encode(), GroupBookingInDto)


def test_a_group_has_members() -> None:
    """A group with no account, an account twice, or too many required is refused."""
    groups = [
        {"extId": "a", "accountIds": []},
        {"extId": "b", "accountIds": [1, 1]},
        {"extId": "c", "accountIds": [1], "requiredCount": 2},
    ]
    found = problems(json.dumps({"groups": groups}).encode(), BookingAttachGroupsDto)
    assert list(found) == ["groups[0].accountIds", "groups[1].accountIds", "groups[2].requiredCount"]


def test_a_meeting_takes_the_guest_from_either_place() -> None:
    """schedulerInfo takes precedence over the older name and email, field by field."""
    body = {
        "time": {"start": "2026-11-24T09:00:00.000Z"},
        "name": "Jane\nDoe",
        "email": "old@example.com",
        "schedulerInfo": {"id": "x", "email": "jane@example.com"},
        "substitutionData": {"comment": "hello", "other": None},
    }
    read = read_body(json.dumps(body).encode(), CreateMeetingDto)
    assert read.guest == ("Jane Doe", "jane@example.com")
    assert read.fields == {"comment": "hello"}


def test_a_meeting_has_a_bounded_number_of_invitees() -> None:
    """A request cannot mail the world."""
    body = {"time": {"start": "2026-11-24T09:00:00Z"}, "invitees": [{"email": "jane@example.com"}] * 101}
    assert problems(json.dumps(body).encode(), CreateMeetingDto) == {
        "invitees": "expected a list of at most 100, found 101"
    }


def test_parameters_are_read_from_text() -> None:
    """Numbers, dates and periods arrive as text; an empty parameter is absent, an unknown one ignored."""
    parameters = {
        "fromDate": "2026-11-24",
        "intervalLength": "7D",
        "limit": "500",
        "offset": "0",
        "required": "",
        "x": "y",
    }
    read = read_query(parameters, TimesQuery)
    assert (read.from_date, read.interval_length) == (date(2026, 11, 24), "P7D")
    assert (read.page, read.required) == (PagePosition(0, 500), None)
    assert read_query({}, PageQuery) == PageQuery(limit=50, offset=0)


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (PageQuery, "limit", "0"),
        (PageQuery, "limit", "501"),
        (PageQuery, "limit", "ten"),
        (PageQuery, "limit", ["1", "2"]),
        (PageQuery, "limit", "٣"),
        (PageQuery, "offset", "-1"),
        (PageQuery, "offset", "9" * 5_000),
        (TimesQuery, "required", "2"),
        (TimesQuery, "fromDate", "tomorrow"),
        (TimesQuery, "intervalLength", "7"),
        (TimesQuery, "pageToken", "MS4wLjEwMA=="),
        (TimesQuery, "pageToken", "MS4wLjA"),
        (TimesQuery, "pageToken", "é"),
        (MeetingQuery, "reserveForMinutes", "0"),
    ],
)
def test_a_wrong_parameter_is_named(model: type[Any], name: str, value: Any) -> None:
    """The key of a problem is the name of the parameter."""
    with pytest.raises(Refusal) as refused:
        read_query({name: value}, model)
    assert [key for key, _ in refused.value.problems] == [name]


def test_a_page_token_has_the_position() -> None:
    """A token leads to its own page, whatever offset and limit say."""
    position = PagePosition(20, 10)
    assert read_query({"pageToken": position.token, "limit": "5"}, TimesQuery).page == position
