"""The guide's whole story, from a new profile to its end, as a client goes through it."""

from __future__ import annotations

from typing import Any

from support.api import ALICE, BOB, CAROL, Api

from gbook.bookings.records import read_records

# As the guide prints it, without its two slips: a zone that does not exist, and an empty interval.
PROFILE = {
    "id": 1,
    "name": "aurinkoDemo",
    "durationMinutes": 30,
    "availabilityStep": 15,
    "timeAvailableFor": "30D",
    "subject": "Aurinko Demo",
    "description": "A conference call with Aurinko. {{comments}}",
    "location": "Teleconference",
    "workHours": {
        "timezone": "America/New_York",
        "daySchedules": [
            {"dayOfWeek": "monday", "workingIntervals": [{"start": "14:15:22Z", "end": "17:15:22Z"}]},
            {"dayOfWeek": "tuesday", "workingIntervals": [{"start": "09:00:00Z", "end": "12:00:00Z"}]},
        ],
    },
    "context": "string",
    "startConference": True,
}
GUEST = {"name": "string", "email": "guest@example.net", "substitutionData": {"comments": "string"}}


def test_the_whole_story(api: Api) -> None:
    """Create, attach, find times in pages, reserve, confirm, book, move by token, drop, delete."""
    profile = api.ok("POST", "/group/profiles", PROFILE)
    path = f"/group/profiles/{profile['id']}"
    assert profile["timeAvailableFor"] == "P30D"
    api.ok("PATCH", path, {"name": "aurinkoDemo", "description": "My new event. {{comments}}"})
    api.ok("POST", f"{path}/attachAccounts", {"accountIds": [ALICE]})
    groups = [{"extId": "groupExtId1", "accountIds": [BOB, CAROL], "required": "one"}]
    api.ok("POST", f"{path}/attachGroups", {"groups": groups})

    first = api.ok("GET", f"{path}/meeting", query={"required": "all", "limit": 1})
    second = api.ok("GET", f"{path}/meeting", query={"required": "all", "pageToken": first["nextPageToken"]})
    assert [field["name"] for field in first["additionalFields"]] == ["comments"]
    slots = [
        {**one, "groupXids": other["groupXids"]}
        for one, other in zip(first["items"], second["items"], strict=True)
    ]
    assert slots[0]["start"] == "2026-11-23T19:15:22Z"

    held = api.ok("POST", f"{path}/meeting", _body(slots[0]), {"required": "all", "reserveForMinutes": 15})
    assert (held["created"], held["groupXid"]) == (False, "groupExtId1")
    confirmed = api.ok("POST", f"/group/reservations/{held['ReservationId']}/confirm")
    booked = api.ok("POST", f"{path}/meeting", _body(slots[3]), {"required": "all"})
    assert booked["created"]
    moved = api.ok("POST", f"{path}/meeting", _body(slots[5]), {"rescheduleToken": booked["rescheduleToken"]})
    assert moved == booked
    other = api.ok("POST", f"{path}/meeting", _body(slots[9]), {"reserveForMinutes": 15})
    api.ok("DELETE", f"/group/reservations/{other['ReservationId']}")

    with api.opened() as workspace:
        records = read_records(workspace)[0]
    assert [(record.uid, set(record.accounts), record.guest.email) for record in records] == [
        (confirmed["id"], {"alice", "bob"}, "guest@example.net"),
        (booked["id"], {"alice", "bob"}, "guest@example.net"),
    ]
    assert {record.description.partition("\n")[0] for record in records} == {"My new event. string"}
    api.ok("DELETE", path)
    assert api.refused("GET", f"{path}/meeting") == (404, "not_found")


def _body(slot: dict[str, Any]) -> dict[str, Any]:
    """Return the body that books a slot, as the guide prints it."""
    return {
        "time": {"start": slot["start"], "end": slot["end"]},
        "groupXids": slot["groupXids"],
        "accountIds": slot["accountIds"],
        **GUEST,
    }
