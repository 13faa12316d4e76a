"""Operations of an account: its profiles, meetings and work hours, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import ALICE, BOB, FREE, Api

PROFILES = "/account/profiles"
WEEK = {
    "timezone": "Europe/Berlin",
    "daySchedules": [
        {"dayOfWeek": "tuesday", "workingIntervals": [{"start": "09:00:00", "end": "12:00:00"}]}
    ],
}


@pytest.fixture
def bob(api: Api) -> Api:
    """The API as bob uses it, with a profile of his own, number 2."""
    bob = api.as_account("bob")
    bob.ok("POST", PROFILES, {"name": "Bob's hour", "workHours": WEEK, "clientOrgId": "not kept"})
    return bob


def test_a_new_profile_has_its_account(bob: Api) -> None:
    """The account is its only member, and can be booked at once."""
    shown = bob.ok("GET", f"{PROFILES}/2")
    assert (shown["name"], shown["id"], "clientOrgId" in shown) == ("Bob's hour", 2, False)
    items = bob.ok("GET", f"{PROFILES}/2/meeting")["items"]
    assert {tuple(item["accountIds"]) for item in items} == {(BOB,)}
    made = bob.ok("POST", f"{PROFILES}/2/meeting", {"time": {"start": FREE[0]}, "email": "jane@example.net"})
    moved = {"time": {"start": FREE[1]}, "rescheduleToken": made["rescheduleToken"]}
    assert bob.ok("POST", f"{PROFILES}/2/meeting", moved) == made


def test_profiles_are_listed_changed_and_deleted(bob: Api) -> None:
    """Only one's own."""
    bob.ok("PATCH", f"{PROFILES}/2", {"subject": "New"})
    page = bob.ok("GET", PROFILES)
    assert (page["totalSize"], page["done"], page["records"][0]["subject"]) == (1, True, "New")
    assert bob.ok("DELETE", f"{PROFILES}/2") == {"status": "Ok"}
    assert bob.ok("GET", PROFILES)["records"] == []


def test_what_is_of_others_does_not_exist(api: Api, bob: Api) -> None:
    """For another account, for clients in group operations, and group profiles for accounts."""
    alice = api.as_account("alice")
    sent: dict[str, Any] = {"time": {"start": FREE[0]}}
    for caller, path in ((alice, f"{PROFILES}/2"), (bob, f"{PROFILES}/1"), (api, "/group/profiles/2")):
        assert caller.refused("GET", path) == (404, "not_found")
        assert caller.refused("PATCH", path, {"subject": "x"}) == (404, "not_found")
        assert caller.refused("DELETE", path) == (404, "not_found")
        assert caller.refused("GET", f"{path}/meeting") == (404, "not_found")
        assert caller.refused("POST", f"{path}/meeting", sent) == (404, "not_found")
    assert api.refused("GET", "/group/profiles/2/attachAccounts") == (404, "not_found")
    assert api.refused("POST", "/group/profiles/2/attachAccounts", {"accountIds": [ALICE]}) == (
        404,
        "not_found",
    )
    assert [record["id"] for record in api.ok("GET", "/group/profiles")["records"]] == [1]


def test_clients_read_the_times_of_personal_profiles(api: Api, bob: Api) -> None:
    """Published clients ask for them with the credentials of the client, or with those of the account."""
    assert api.ok("GET", f"{PROFILES}/2/meeting") == bob.ok("GET", f"{PROFILES}/2/meeting")
    assert api.refused("GET", f"{PROFILES}/1/meeting") == (404, "not_found")


def test_work_hours_of_the_account(api: Api, bob: Api) -> None:
    """Those of gbook.yaml; an account without any can be booked all week."""
    path = api.root / "gbook.yaml"
    hours = '{daySchedules: [{dayOfWeek: monday, workingIntervals: [{start: "10:00", end: "19:00"}]}]}'
    path.write_text(
        path.read_text().replace(
            "{id: alice,", f"{{id: alice, timezone: America/New_York, workHours: {hours},"
        )
    )
    assert api.as_account("alice").ok("GET", "/account/workHours") == {
        "timezone": "America/New_York",
        "daySchedules": [
            {"dayOfWeek": "monday", "workingIntervals": [{"start": "10:00:00", "end": "19:00:00"}]}
        ],
    }
    always = bob.ok("GET", "/account/workHours")
    assert (always["timezone"], len(always["daySchedules"])) == ("Europe/Berlin", 7)
    assert always["daySchedules"][6]["workingIntervals"] == [{"start": "00:00:00", "end": "24:00:00"}]


def test_a_room_has_no_profile(api: Api) -> None:
    """It cannot host; the answer says no more than that."""
    path = api.root / "gbook.yaml"
    path.write_text(path.read_text().replace("{id: carol,", "{id: carol, kind: room,"))
    assert api.as_account("carol").problems("POST", PROFILES, {"name": "x"}) == {
        "": "the profile would not be valid"
    }
