"""What a profile may say: the API's payloads, defaults, and every rule."""

from __future__ import annotations

import json

import msgspec
import pytest

from gbook.errors import InvalidFile
from gbook.profiles.model import Profile
from gbook.workspace.work_hours import WorkingInterval, second_of_day
from gbook.yamlfiles.parser import parse_yaml
from gbook.yamlfiles.reader import convert

DOCUMENTED = """{
        "id": 1,
        "name": "aurinkoDemo",
        "durationMinutes": 30,
        "availabilityStep": 15,
        "timeAvailableFor": "30D",
        "subject": "Aurinko Demo",
        "description": "A conference call with Aurinko.",
        "location": "Teleconference",
        "workHours": {
            "timezone": "Americas/New_York",
            "daySchedules": [
                {
                    "dayOfWeek": "monday",
                    "workingIntervals": [{"start": "14:15:22Z","end": "14:15:22Z"}]
                }
            ]
        },
        "context": "string",
        "startConference": true
}"""


def profile(text: str) -> Profile:
    return convert(parse_yaml(text, "x.yaml"), Profile, "x.yaml", text)


def holiday(first: str, last: str) -> str:
    interval = f"{{dateStartInclusive: {first}, dateEndInclusive: {last}}}"
    return f"availabilityIntervals: {{intervals: [{interval}]}}"


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        profile(text)
    return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


def test_the_documented_payload_is_read_but_for_its_two_slips() -> None:
    """The API's own example has a zone that is none and an interval without length: both are told at once."""
    assert problems(DOCUMENTED) == [
        "workHours.timezone: unknown time zone 'Americas/New_York'; did you mean America/New_York?",
        "workHours.daySchedules[0].workingIntervals[0]: start and end are both '14:15:22Z': "
        "the interval is empty; "
        "a whole day is 00:00 to 24:00",
    ]
    mended = DOCUMENTED.replace("Americas", "America").replace('"end": "14', '"end": "18')
    made = profile(mended)
    assert (made.id, made.name, made.duration_minutes, made.time_available_for) == (
        1,
        "aurinkoDemo",
        30,
        "P30D",
    )
    assert made.work_hours.day_schedules[0].working_intervals[0].seconds == (51_322, 65_722)
    assert made.start_conference


def test_an_almost_empty_profile_has_defaults() -> None:
    """Half an hour, monday to friday, nine to five, for a month, an hour's notice."""
    made = profile("name: x")
    days = [
        (day.day_of_week, [item.seconds for item in day.working_intervals])
        for day in made.work_hours.day_schedules
    ]
    assert days == [
        (day, [(32_400, 61_200)]) for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    ]
    assert (made.duration_minutes, made.availability_step, made.start_after_minutes) == (30, 30, 60)
    assert (made.time_available_for, made.work_hours.timezone, made.assignment, made.align) == (
        "P30D",
        None,
        "order",
        "interval",
    )


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("00:00", 0),
        ("9:05", 32_700),
        ("09:05:07", 32_707),
        ("14:15:22Z", 51_322),
        ("24:00", 86_400),
        ("24:00:00Z", 86_400),
    ],
)
def test_times_of_day(text: str, second: int) -> None:
    """Seconds are allowed, a trailing Z is ignored, 24:00 ends the day."""
    assert second_of_day(text) == second


@pytest.mark.parametrize(
    "text", ["", "9", "25:00", "24:01", "09:60", "9am", "09:00+01:00", "-1:00", "\u0660\u0669:00"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    """Each is told with an example."""
    with pytest.raises(ValueError, match="expected a time such as 09:00"):
        second_of_day(text)


def test_an_end_before_its_start_is_the_next_days() -> None:
    """22:00 to 02:00 is four hours."""
    assert WorkingInterval(start="22:00", end="02:00").seconds == (79_200, 93_600)
    assert WorkingInterval(start="00:00", end="24:00").seconds == (0, 86_400)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("durationMinutes: 0", "durationMinutes: expected a whole number from 1 to 10080, found 0"),
        ("durationMinutes: 10081", "durationMinutes: expected a whole number from 1 to 10080"),
        (
            "durationMinutes: half an hour",
            "durationMinutes: expected a whole number from 1 to 10080, found 'half an hour'",
        ),
        ("durationMinutes: 30.5", "durationMinutes: expected a whole number"),
        ("durationMinutes: true", "found true"),
        ("availabilityStep: 0", "availabilityStep: expected a whole number from 1 to 1440, found 0"),
        ("availabilityStep: 1441", "availabilityStep: expected"),
        ("bufferBetweenMinutes: -5", "bufferBetweenMinutes: expected a whole number from 0"),
        ("bufferBeforeMinutes: -5", "bufferBeforeMinutes: expected a whole number from 0"),
        ("startAfterMinutes: -1", "startAfterMinutes: expected a whole number from 0"),
        ("maxBookingsPerDay: 0", "maxBookingsPerDay: expected a whole number of at least 1"),
        ("id: one", "id: expected a whole number"),
        ("name: a/b", "name: expected letters, digits"),
        ("name: .a", "not starting with a dot"),
        ("startConference: yes", "startConference: expected true or false, found 'yes'"),
        ("timeAvailableFor: 30", "timeAvailableFor: expected an ISO 8601 period such as P30D"),
        ("timeAvailableFor: a month", "timeAvailableFor: 'a month' is not an ISO 8601 period"),
        ("timeAvailableFor: P0D", "empty period"),
        ("startTime: tomorrow", "startTime: expected a date and time with an offset"),
        ("startTime: 2026-11-24T09:00:00", "startTime: expected a date and time with an offset"),
        ("startTime: 2026-11-24", "startTime: expected a date and time with an offset"),
        (
            "startTime: 2026-11-24T09:00:00Z\nendTime: 2026-11-24T10:00:00+01:00",
            "endTime: expected a time after startTime",
        ),
        ("durationminutes: 30", "durationminutes: unknown key; did you mean durationMinutes?"),
        ("hello: 30", "hello: unknown key"),
        (
            "workHours: {daySchedules: [{dayOfWeek: mon}]}",
            "dayOfWeek: expected a day from monday to sunday, found 'mon'",
        ),
        ("workHours: {daySchedules: [{dayOfWeek: mondey}]}", "did you mean monday?"),
        (
            "workHours: {daySchedules: [{workingIntervals: []}]}",
            "workHours.daySchedules[0]: 'dayOfWeek' is missing",
        ),
        (
            "workHours: {daySchedules: [{dayOfWeek: monday, workingIntervals: [{start: 9, end: 17:00}]}]}",
            "found 9",
        ),
        (
            "workHours: {daySchedules: [{dayOfWeek: friday, workingIntervals: [{start: 24:00, end: 1:00}]}]}",
            "before 24:00",
        ),
        (
            holiday("2026-02-30", "2026-03-01"),
            "a date such as",
        ),
        (
            holiday("2026-03-02", "2026-03-01"),
            "dateEndInclusive: expected a date on or after dateStartInclusive, 2026-03-02, found 2026-03-01",
        ),
        ("accounts: [a, b, a]", "accounts: account 'a' is listed twice"),
        ("accounts: [7, '7']", "accounts: account '7' is listed twice"),
        ("accounts: [a]\noptional: [a]", "optional: account 'a' is also attached"),
        ("groups: [{extId: g, accountIds: []}]", "groups[0].accountIds: expected at least one account"),
        ("groups: [{extId: g, accountIds: [a, a]}]", "groups[0].accountIds: account 'a' is listed twice"),
        (
            "groups: [{extId: g, accountIds: [a]}, {extId: g, accountIds: [b]}]",
            "groups: group 'g' is listed twice",
        ),
        ("groups: [{extId: g, accountIds: [a], required: 2}]", "groups[0].required: expected at most 1"),
        (
            "groups: [{extId: g, accountIds: [a], required: 0}]",
            "groups[0].required: expected one or all or a whole number of at least 1",
        ),
        (
            "groups: [{extId: g, accountIds: [a], required: any}]",
            "groups[0].required: expected one or all or",
        ),
        ("groups: [{accountIds: [a]}]", "groups[0]: 'extId' is missing"),
        ("assignment: balance", "did you mean balanced?"),
        ("additionalFields: [{name: a}, {name: a}]", "additionalFields: field 'a' is listed twice"),
        ("embed: [https://example.com/team]", "embed[0]: expected an address such as https://book"),
        ("embed: https://example.com", "embed: expected a list"),
        ("confirmEmail: true\nseveral: true", "confirmEmail: the host confirms each booking"),
        ("several: true\nseats: 3", "several: a guest of a meeting with seats takes one time"),
        ('openMeetingUrl: "https://x\\r\\nATTENDEE:y"', "openMeetingUrl: expected one line"),
    ],
)
def test_an_invalid_option_is_refused(text: str, said: str) -> None:
    """One problem with its key, what was expected and the nearest name."""
    (problem,) = problems(text)
    assert said in problem


def test_a_site_that_embeds_is_an_origin() -> None:
    """It is normalized, so that a browser compares it with its own spelling."""
    made = profile("embed: ['https://Example.com:443/', 'http://localhost:8000']")
    assert made.embed == ("https://example.com", "http://localhost:8000")


def test_days_are_written_in_any_case() -> None:
    """The API's clients write monday, Monday and MONDAY."""
    made = profile("workHours: {daySchedules: [{dayOfWeek: MONDAY}, {dayOfWeek: Tuesday}]}")
    assert [day.day_of_week for day in made.work_hours.day_schedules] == ["monday", "tuesday"]


def test_a_profile_survives_the_memory() -> None:
    """Encoded for the index and read back it is equal."""
    made = profile(
        "startTime: 2026-11-24T09:00:00+01:00\n"
        f"{holiday('2026-03-01', '2026-03-01')}\n"
        "groups: [{extId: g, accountIds: [a, 7], required: 2}, {extId: h, accountIds: [a], required: all}]\n"
        "maxBookingsPerDay: 3\nadditionalFields: [{name: c, default: x}]"
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Profile) == made
    assert made.account_ids == {"a", "7"}


def test_the_schema_describes_every_key() -> None:
    """Editors complete from it: each key has a description, unknown ones are refused."""
    definitions = json.loads(json.dumps(msgspec.json.schema(Profile)))["$defs"]
    for name, definition in definitions.items():
        assert definition["additionalProperties"] is False, name
        for key, schema in definition["properties"].items():
            assert "description" in schema or any(
                "description" in part for part in schema.get("anyOf", ())
            ), (name, key)
