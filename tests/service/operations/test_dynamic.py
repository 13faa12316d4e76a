"""Which group profiles can take a time."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import FREE, TAKEN, Api

DYNAMIC = "/group/profiles/dynamic/availability"
DAY = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}
WEEK = {
    "timezone": "Europe/Berlin",
    "daySchedules": [
        {"dayOfWeek": "tuesday", "workingIntervals": [{"start": "09:00:00", "end": "12:00:00"}]}
    ],
}


@pytest.fixture
def three(api: Api) -> Api:
    """The API with the profile demo of alice, one of bob, and one without members."""
    api.ok("POST", "/group/profiles", {"name": "bobs", "workHours": WEEK})
    api.ok("POST", "/group/profiles/2/attachAccounts", {"accountIds": [2]})
    api.ok("POST", "/group/profiles", {"name": "Nobody's", "workHours": WEEK})
    return api


def ids(api: Api, body: dict[str, Any]) -> list[int]:
    """Return the ids of the profiles that can take a time."""
    found: list[int] = api.ok("POST", DYNAMIC, body)["profileIds"]
    return found


def test_all_profiles_or_those_named(three: Api) -> None:
    """Without names all are looked at; with ids and names those, each once."""
    assert ids(three, DAY) == [2, 1]
    assert ids(three, {**DAY, "profileIds": [1, 1], "profileNames": ["demo"]}) == [1]
    assert ids(three, {**DAY, "profileIds": [1], "profileNames": ["bobs", "Nobody's"]}) == [1, 2]
    assert ids(three, {**DAY, "profileIds": [], "profileNames": None}) == [2, 1]


def test_a_slot_must_lie_within_the_time(three: Api) -> None:
    """A profile whose members are busy then is not named, nor one that is closed."""
    assert ids(three, {"timeMin": TAKEN, "timeMax": "2026-11-24T09:30:00Z"}) == [2]
    assert ids(three, {"timeMin": FREE[0], "timeMax": "2026-11-24T08:29:00Z"}) == []
    assert ids(three, {"timeMin": "2026-11-25T00:00:00+01:00", "timeMax": "2026-11-26T00:00:00+01:00"}) == []


def test_who_must_be_free(three: Api) -> None:
    """Required counts for every profile."""
    three.ok("POST", "/group/profiles/1/attachAccounts", {"accountIds": [2]})
    busy = {"timeMin": TAKEN, "timeMax": "2026-11-24T09:30:00Z"}
    assert ids(three, {**busy, "required": "one"}) == [2, 1]
    assert ids(three, {**busy, "required": "all"}) == [2]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({}, {""}),
        ({"timeMin": FREE[1], "timeMax": FREE[0]}, {"timeMax"}),
        (
            {**DAY, "profileIds": [1, 77], "profileNames": ["demo", "x", "1"]},
            {"profileIds[1]", "profileNames[1]"},
        ),
        ({**DAY, "required": 2}, {"required"}),
    ],
)
def test_every_problem_is_named(three: Api, body: dict[str, Any], keys: set[str]) -> None:
    """Profiles that nothing has are named by their places."""
    assert set(three.problems("POST", DYNAMIC, body)) == keys


def test_personal_profiles_are_not_looked_at(three: Api) -> None:
    """They do not exist for clients."""
    mine = three.as_account("carol").ok("POST", "/account/profiles", {"name": "mine", "workHours": WEEK})
    assert mine["id"] not in ids(three, DAY)
    assert set(three.problems("POST", DYNAMIC, {**DAY, "profileNames": ["mine"]})) == {"profileNames[0]"}


def test_calendars_that_cannot_be_read(three: Api) -> None:
    """A profile whose calendars cannot be read is left out; if that is true of all, nothing is known."""
    (three.root / "alice.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n")
    assert ids(three, DAY) == [2]
    assert three.refused("POST", DYNAMIC, {**DAY, "profileIds": [1]}) == (503, "calendars_unreadable")
