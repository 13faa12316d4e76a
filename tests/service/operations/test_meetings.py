"""Free times and bookings over HTTP: what is listed can be booked, and what is not gets the nearest times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.api import ALICE, BOB, CAROL, FREE, TAKEN, Api, make_api_office

import gbook

DEMO = "/group/profiles/1"
MEETING = f"{DEMO}/meeting"
FRIDAY = [f"2026-11-27T{time}:00Z" for time in ("08:00", "08:30", "09:00", "09:30", "10:00", "10:30")]
JANE = {"name": "Jane Doe", "email": "jane@example.net"}
TEAM = """
accounts: [alice, bob]
groups:
  - {extId: support, accountIds: [bob, carol], required: one}
"""


def body(start: str, **more: Any) -> dict[str, Any]:
    """Return the body that books a time for Jane."""
    return {"time": {"start": start}, "schedulerInfo": JANE, **more}


def records(api: Api) -> list[gbook.Record]:
    """Return what is in the calendars."""
    with api.opened() as workspace:
        return gbook.read_records(workspace)[0]


def team(tmp_path: Path, more: str = "") -> Api:
    """Return the API of a profile with two accounts and a group."""
    return Api(make_api_office(tmp_path / "office", TEAM, more))


def test_times_have_the_members_that_are_free(tmp_path: Path) -> None:
    """An item names accounts by numbers and groups by extId, and the answer says what the page needs."""
    api = team(tmp_path)
    answer = api.ok("GET", MEETING)
    items = {item["start"]: item for item in answer.pop("items")}
    assert items[FREE[0]] == {
        "start": FREE[0],
        "end": FREE[1],
        "groupXids": ["support"],
        "accountIds": [ALICE, BOB],
    }
    assert items[TAKEN]["accountIds"] == [BOB]
    assert answer == {
        "startTime": "2026-11-23T09:00:00Z",
        "endTime": "2026-11-30T08:00:00Z",
        "timeAvailableFor": "P7D",
        "durationMinutes": 30,
        "availabilityStep": 30,
        "subject": "Demo",
        "primaryColor": "#303030",
        "secondaryColor": "#30A9EE",
        "additionalFields": [],
        "offset": 0,
        "limit": 10,
        "totalSize": 3,
        "done": True,
    }


def test_required_says_who_must_be_free(tmp_path: Path) -> None:
    """One, all, or what the profile says, also as a number."""
    api = team(tmp_path)
    assert TAKEN in api.starts(DEMO, required="one")
    assert TAKEN not in api.starts(DEMO, required="all")
    api.ok("PATCH", DEMO, {"requiredCount": 3})
    assert TAKEN not in api.starts(DEMO)
    api.ok("PATCH", DEMO, {"requiredCount": 2})
    assert TAKEN in api.starts(DEMO)
    assert set(api.problems("GET", MEETING, query={"required": "some"})) == {"required"}


def test_a_walk_over_days_misses_nothing(api: Api) -> None:
    """Windows of any length follow each other by nextFromDate, without gaps or repetitions, to the end."""
    for length in ("P1D", "P2D", "P1W", "PT30H", "P1M"):
        found: list[str] = []
        query = {"intervalLength": length}
        for _ in range(10):
            answer = api.ok("GET", MEETING, query=query)
            found += [item["start"] for item in answer["items"]]
            if "nextFromDate" not in answer:
                break
            query["fromDate"] = answer["nextFromDate"]
        assert found == [*FREE, *FRIDAY]


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ({"fromDate": "2026-11-25"}, FRIDAY),
        ({"fromDate": "0001-01-01", "intervalLength": "P1D"}, []),
        ({"fromDate": "0001-01-01"}, [*FREE, *FRIDAY]),
        ({"fromDate": "9999-12-31", "intervalLength": "P1000Y"}, []),
        ({"fromDate": "2026-11-24", "intervalLength": "P1D"}, FREE),
    ],
)
def test_windows(api: Api, query: dict[str, str], starts: list[str]) -> None:
    """Days are those of the profile's zone; those in the past or beyond all calendars have no times."""
    assert api.starts(DEMO, **query) == starts


def test_pages_of_members(tmp_path: Path) -> None:
    """Each page has the same times for further members, by offset as well as by token."""
    api = team(tmp_path)
    first = api.ok("GET", MEETING, query={"limit": 2})
    assert [first[key] for key in ("offset", "limit", "totalSize", "done")] == [0, 2, 3, False]
    assert {tuple(item["groupXids"]) for item in first["items"]} == {()}
    second = api.ok("GET", MEETING, query={"pageToken": first["nextPageToken"]})
    assert second == api.ok("GET", MEETING, query={"offset": 2, "limit": 2})
    assert "nextPageToken" not in second
    assert [item["start"] for item in second["items"]] == [item["start"] for item in first["items"]]
    assert {tuple(item["accountIds"]) for item in second["items"]} == {()}
    assert set(api.problems("GET", MEETING, query={"pageToken": "MS4wLjA"})) == {"pageToken"}


def test_a_listed_time_is_booked(api: Api) -> None:
    """The item as listed is what a booking sends; the event has the guest, and no one else gets the time."""
    item = api.ok("GET", MEETING)["items"][0]
    answer = api.ok(
        "POST", MEETING, {"time": {"start": item["start"], "end": item["end"]}, **item, "schedulerInfo": JANE}
    )
    assert set(answer) == {"created", "id", "rescheduleToken"}
    assert answer["created"] is True
    [record] = records(api)
    assert (record.uid, record.accounts, record.guest.email) == (answer["id"], ("alice",), JANE["email"])
    assert api.starts(DEMO) == [*FREE[1:], *FRIDAY]


def test_who_asks(api: Api) -> None:
    """The older name and email count where schedulerInfo lacks them; without an address there is no guest."""
    api.ok("POST", MEETING, {"time": {"start": FREE[0]}, "name": "Old", "email": "old@example.net"})
    mixed = {"name": "Old", "email": "old@example.net", "schedulerInfo": {"name": "New"}}
    api.ok("POST", MEETING, {"time": {"start": FREE[1]}, **mixed})
    invited = [{"email": "eve@example.net", "name": "Eve"}, {"email": "max@example.net"}]
    api.ok("POST", MEETING, {"time": {"start": FREE[2]}, "invitees": invited})
    guests = [(record.guest.name, record.guest.email) for record in records(api)]
    assert guests == [("Old", "old@example.net"), ("New", "old@example.net"), (None, None)]
    named = {attendee.email for attendee in records(api)[2].attendees}
    assert named == {"alice@example.com", "eve@example.net", "max@example.net"}


def test_all_members_meet(tmp_path: Path) -> None:
    """With all required, every account is booked, and of a group one that is free."""
    api = team(tmp_path)
    assert api.ok("POST", MEETING, body(FREE[0]), {"required": "all"})["groupXid"] == "support"
    assert set(records(api)[0].accounts) == {"alice", "bob", "carol"}


def test_a_group_meets(tmp_path: Path) -> None:
    """A group that is named sends an account of its own, and the answer names the group."""
    api = team(tmp_path)
    assert api.ok("POST", MEETING, body(FREE[0], groupXids=["support"]))["groupXid"] == "support"
    assert records(api)[0].accounts == ("bob",)
    api.ok("POST", MEETING, body(FREE[0], accountIds=[ALICE], groupXids=[]))
    assert {record.accounts for record in records(api)} == {("bob",), ("alice",)}


@pytest.mark.parametrize(
    ("start", "members"),
    [(TAKEN, {}), ("2026-11-24T08:10:00Z", {}), ("2026-11-25T09:00:00Z", {}), ("2020-01-07T09:00:00Z", {})],
)
def test_a_time_that_is_not_listed(api: Api, start: str, members: dict[str, Any]) -> None:
    """Busy, between two starts, closed or past: the answer has the nearest times, and nothing is written."""
    answer = api.ask("POST", MEETING, body(start, **members))
    assert (answer.status_code, answer.json["code"]) == (409, "slot_unavailable")
    nearest = answer.json["alternatives"]
    listed = api.ok("GET", MEETING)["items"]
    assert len(nearest) == 5
    assert all(item in listed for item in nearest)
    assert records(api) == []


def test_offsets_are_heeded(api: Api) -> None:
    """A time may be sent with any offset."""
    api.ok("POST", MEETING, body("2026-11-24T03:00:00-05:00"))
    assert api.starts(DEMO) == [*FREE[1:], *FRIDAY]


@pytest.mark.parametrize(
    ("wrong", "keys"),
    [
        ({"time": {"start": FREE[0], "end": FREE[2]}}, {"time.end"}),
        ({"time": {"start": "2026-11-24T08:00:00"}}, {"time.start"}),
        ({"time": {}}, {"time"}),
        ({"time": None}, {"time"}),
        ({"accountIds": [ALICE, BOB, 77]}, {"accountIds[1]", "accountIds[2]"}),
        ({"groupXids": ["sales"], "accountIds": [CAROL]}, {"groupXids[0]", "accountIds[0]"}),
        ({"schedulerInfo": {"email": "nobody"}, "invitees": [{}]}, {"schedulerInfo.email", "invitees[0]"}),
    ],
)
def test_every_problem_is_named(api: Api, wrong: dict[str, Any], keys: set[str]) -> None:
    """A request that does not fit the profile is refused with all that is wrong, and nothing is written."""
    assert set(api.problems("POST", MEETING, body(FREE[0], **wrong))) == keys
    assert records(api) == []


def test_fields_of_the_texts(api: Api) -> None:
    """Values that the profile needs must be given, for reservations too; others are ignored."""
    fields = [{"name": "topic", "default": "-"}]
    api.ok(
        "PATCH",
        DEMO,
        {
            "subject": "{{topic}} {{name}}",
            "description": "{{comments}} {{phone}}",
            "additionalFields": fields,
        },
    )
    asked = api.ok("GET", MEETING)["additionalFields"]
    assert asked == [
        {"name": "topic", "type": "text", "default": "-"},
        {"name": "comments", "type": "text"},
        {"name": "phone", "type": "text"},
    ]
    lacking = {"substitutionData.comments", "substitutionData.phone"}
    for query in ({}, {"reserveForMinutes": 10}):
        assert set(api.problems("POST", MEETING, body(FREE[0]), query)) == lacking
    given = {"comments": "Hello", "phone": "1", "name": "Somebody else", "unheardOf": "x", "topic": None}
    api.ok("POST", MEETING, body(FREE[0], substitutionData=given))
    assert (records(api)[0].subject, records(api)[0].description) == ("- Jane Doe", "Hello 1")


def test_a_repeated_request_has_the_same_answer(api: Api) -> None:
    """With an Idempotency-Key a retry books nothing and mails nothing; for another time the key is taken."""
    key = {"Idempotency-Key": "b1946ac9"}
    first = api.ask("POST", MEETING, body(FREE[0]), headers=key)
    again = api.ask("POST", MEETING, body(FREE[0]), headers=key)
    assert (first.status_code, first.json) == (again.status_code, again.json) == (200, first.json)
    assert (len(records(api)), len(api.jobs)) == (1, 1)
    other = api.ask("POST", MEETING, body(FREE[1]), headers=key)
    assert (other.status_code, other.json["code"]) == (409, "key_taken")
    mine = api.as_account("bob").ask("POST", MEETING, body(FREE[1]), headers=key)
    assert mine.status_code == 200, "the keys of callers are apart"


def test_a_profile_without_members(tmp_path: Path) -> None:
    """It offers nothing, and nothing can be booked."""
    api = Api(make_api_office(tmp_path / "office", "accounts: []"))
    assert api.ok("GET", MEETING)["items"] == []
    assert api.refused("POST", MEETING, body(FREE[0])) == (409, "slot_unavailable")


def test_calendars_that_cannot_be_read(tmp_path: Path) -> None:
    """The others' times are listed and can be booked; if no calendar can be read, nothing is known."""
    api = Api(make_api_office(tmp_path / "office", "accounts: [alice, bob]"))
    (api.root / "alice.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n")
    assert {tuple(item["accountIds"]) for item in api.ok("GET", MEETING)["items"]} == {(BOB,)}
    assert api.ask("POST", MEETING, body(FREE[0])).status_code == 200
    taken = api.ask("POST", MEETING, body(FREE[0]))
    assert (taken.status_code, len(taken.json["alternatives"])) == (409, 5)
    everyone = api.ask("POST", MEETING, body(FREE[1]), {"required": "all"})
    assert (everyone.status_code, everyone.json["code"]) == (503, "calendars_unreadable")
    assert api.refused("GET", MEETING, query={"required": "all"}) == (503, "calendars_unreadable")
    (api.root / "bob.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n")
    for method, sent in (("GET", None), ("POST", body(FREE[1]))):
        answer = api.ask(method, MEETING, sent)
        assert (answer.status_code, answer.json["code"]) == (503, "calendars_unreadable")
        assert int(answer.headers["retry-after"]) > 0


def test_seats(tmp_path: Path) -> None:
    """Several guests book one time until no seat is left."""
    api = Api(make_api_office(tmp_path / "office", "accounts: [alice]\nseats: 2"))
    assert api.ok("GET", MEETING)["items"][0]["seatsLeft"] == 2
    api.ok("POST", MEETING, body(FREE[0]))
    assert api.ok("GET", MEETING)["items"][0]["seatsLeft"] == 1
    api.ok("POST", MEETING, body(FREE[0], schedulerInfo={"email": "joe@example.net"}))
    assert api.refused("POST", MEETING, body(FREE[0])) == (409, "slot_unavailable")


def test_a_member_that_is_invited_by_mail(tmp_path: Path) -> None:
    """It takes part without a copy; it hosts no meeting."""
    mail = "mail: {host: 127.0.0.1, port: 9, security: none}\n"
    api = Api(make_api_office(tmp_path / "office", "accounts: [alice, bob]", mail))
    config = api.root / "gbook.yaml"
    config.write_text(config.read_text().replace("{id: bob,", "{id: bob, deliver: mail,"))
    api.ok("POST", MEETING, body(FREE[0]), {"required": "all"})
    [record] = records(api)
    assert (record.accounts, [copy.account.id for copy in record.copies]) == (("alice", "bob"), ["alice"])
    assert api.run_jobs() == ["mail_failed"]


def test_no_profile(api: Api) -> None:
    """A profile that was deleted meanwhile is not found, whatever is asked."""
    api.ok("DELETE", DEMO)
    assert api.refused("GET", MEETING) == (404, "not_found")
    assert api.refused("POST", MEETING, body(FREE[0])) == (404, "not_found")


def test_too_many_slots_are_the_client_s_to_avoid(tmp_path: Path) -> None:
    """The answer names what says how long the time is; a shorter one is answered."""
    days = [
        {"dayOfWeek": day, "workingIntervals": [{"start": "00:00:00", "end": "24:00:00"}]}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ]
    api = team(tmp_path)
    every_minute = {"availabilityStep": 1, "durationMinutes": 1, "timeAvailableFor": "P2Y"}
    api.ok("PATCH", DEMO, {**every_minute, "workHours": {"daySchedules": days}})
    expected = "expected a shorter time, found one with too many slots"
    assert api.problems("GET", MEETING) == {"intervalLength": expected}
    assert len(api.ok("GET", MEETING, query={"intervalLength": "P1D"})["items"]) > 600
    years = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2028-11-20T00:00:00Z"}
    assert api.problems("POST", "/group/profiles/dynamic/availability", years) == {"timeMax": expected}
