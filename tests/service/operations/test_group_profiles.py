"""Group profiles over HTTP: what is sent is kept, and what cannot be is refused with every problem."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from support.api import ALICE, CAROL, Api, make_api_office

from gbook.profiles.store import ProfileStore

PROFILES, DEMO = "/group/profiles", "/group/profiles/1"
WEEK = {
    "timezone": "America/New_York",
    "daySchedules": [{"dayOfWeek": "monday", "workingIntervals": [{"start": "09:00:00", "end": "17:30:15"}]}],
}
DATES = {
    "intervals": [
        {
            "dateStartInclusive": "2026-12-24",
            "dateEndInclusive": "2026-12-26",
            "hours": [{"start": "10:00:00", "end": "11:00:00"}],
        }
    ]
}
WHOLE = {
    "name": "Aurinko Demo",
    "durationMinutes": 45,
    "bufferBetweenMinutes": 10,
    "availabilityStep": 15,
    "startAfterMinutes": 120,
    "startTime": "2026-11-24T00:00:00Z",
    "endTime": "2027-01-24T00:00:00Z",
    "timeAvailableFor": "P30D",
    "subject": "Demo with {{name}}",
    "description": "{{comments}}",
    "location": "Teleconference",
    "workHours": WEEK,
    "availabilityIntervals": DATES,
    "context": '{"theirs": 1}',
    "startConference": True,
    "openMeetingUrl": "https://meet.example.com/x",
    "clientOrgId": "org 7",
}


def test_all_fields_of_the_api_come_back(api: Api) -> None:
    """A profile is created with every field; the answer and a later reading have the same, and an id."""
    created = api.ok("POST", PROFILES, {"id": 99, **WHOLE})
    assert created.items() >= {**WHOLE, "id": 2}.items()
    assert api.ok("GET", f"{PROFILES}/2") == created
    assert (api.root / "profiles/aurinko-demo.yaml").exists()


def test_null_and_absent_are_the_same(api: Api) -> None:
    """A field that is null takes its default; an answer has no field that is null."""
    created = api.ok("POST", PROFILES, {"name": "plain", "durationMinutes": None, "endTime": None})
    assert created["durationMinutes"] == 30
    assert "endTime" not in created
    assert None not in created.values()


def test_a_change_leaves_what_it_does_not_name(api: Api) -> None:
    """PATCH answers Ok; null changes nothing, the name changes what is seen and not the file."""
    before = api.ok("POST", PROFILES, WHOLE)
    patch = {"name": "Neuer Name", "subject": None, "location": "Here", "id": 77, "unheardOf": 1}
    assert api.ok("PATCH", f"{PROFILES}/2", patch) == {"status": "Ok"}
    assert api.ok("GET", f"{PROFILES}/2") == {**before, "name": "Neuer Name", "location": "Here"}
    assert (api.root / "profiles/aurinko-demo.yaml").exists()


def test_required_as_a_number(api: Api) -> None:
    """A number of members is shown as the API's nearest word, with the number beside it."""
    api.ok("POST", f"{DEMO}/attachAccounts", {"accountIds": [2, 3]})
    assert "requiredCount" not in api.ok("GET", DEMO)
    api.ok("PATCH", DEMO, {"requiredCount": 2})
    shown = api.ok("GET", DEMO)
    assert (shown["required"], shown["requiredCount"]) == ("all", 2)
    assert "required" in api.problems("PATCH", DEMO, {"requiredCount": 4})
    api.ok("PATCH", DEMO, {"required": "one"})
    assert "requiredCount" not in api.ok("GET", DEMO)


def test_lists_come_in_pages(api: Api) -> None:
    """A page has the records from its offset on, and says whether they are the last."""
    for name in ("p2", "p3"):
        api.ok("POST", PROFILES, {"name": name})
    first = api.ok("GET", PROFILES, query={"limit": 2})
    second = api.ok("GET", PROFILES, query={"limit": 2, "offset": 2})
    assert [(page["offset"], page["totalSize"], page["done"]) for page in (first, second)] == [
        (0, 3, False),
        (2, 3, True),
    ]
    assert [record["name"] for record in (*first["records"], *second["records"])] == ["demo", "p2", "p3"]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({}, {""}),
        ({"name": "demo"}, {"name"}),
        (
            {"name": "x", "durationMinutes": 0, "workHours": {"timezone": "Mars"}},
            {"durationMinutes", "workHours.timezone"},
        ),
        ({"name": "x", "optional": [7, CAROL, 8]}, {"optional[0]", "optional[2]"}),
        ({"name": "x", "startTime": "2026-11-24T00:00:00Z", "endTime": "2026-11-23T00:00:00Z"}, {"endTime"}),
    ],
)
def test_every_problem_of_a_new_profile_is_named(api: Api, body: object, keys: set[str]) -> None:
    """Nothing is written, and the answer names each key that is wrong."""
    assert set(api.problems("POST", PROFILES, body)) == keys
    assert [path.name for path in (api.root / "profiles").glob("*.yaml")] == ["demo.yaml"]


def test_a_change_that_does_not_fit_is_refused(api: Api) -> None:
    """The period ends after the start that the profile has already; an attached account is not optional."""
    api.ok("PATCH", DEMO, {"startTime": "2026-11-25T00:00:00Z"})
    assert set(api.problems("PATCH", DEMO, {"endTime": "2026-11-24T00:00:00Z"})) == {"endTime"}
    assert api.problems("PATCH", DEMO, {"optional": [ALICE]}) == {
        "optional": "the profile would not be valid"
    }
    assert set(api.problems("PATCH", DEMO, {"name": "x" * 201})) == {"name"}


def test_a_name_of_another_profile_is_refused(api: Api) -> None:
    """Names and titles are unique, also against personal profiles that the client cannot see."""
    api.ok("POST", PROFILES, {"name": "Aurinko Demo"})
    api.as_account("bob").ok("POST", "/account/profiles", {"name": "Bob privately"})
    for name in ("demo", "Aurinko Demo", "aurinko-demo", "Bob privately"):
        assert set(api.problems("POST", PROFILES, {"name": name})) == {"name"}
    for name in ("Aurinko Demo", "Bob privately"):
        assert set(api.problems("PATCH", DEMO, {"name": name})) == {"name"}
    assert api.ok("PATCH", DEMO, {"name": "demo"}) == {"status": "Ok"}


@pytest.mark.parametrize(
    "number", ["2", "x", "-1", "99999999999999999999999", "demo", "1.0", "%D9%A1", "1" * 5000]
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_has_no_such_id_is_not_found(api: Api, method: str, number: str) -> None:
    """A name is no id, nor is a digit of another script, or a number too long to be read."""
    body: object = {} if method == "PATCH" else None
    assert api.refused(method, f"{PROFILES}/{number}", body) == (404, "not_found")


def test_a_deleted_profile_is_gone(api: Api) -> None:
    """Deleting again finds nothing; a profile of another client's making can be deleted too."""
    assert api.ok("DELETE", DEMO) == {"status": "Ok"}
    assert api.refused("DELETE", DEMO) == (404, "not_found")
    assert api.ok("GET", PROFILES)["records"] == []


def test_a_full_disk_is_no_bug(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The client may try again; the log says what is wrong, and nothing is half-written."""
    before = api.ok("GET", PROFILES)
    monkeypatch.setattr(os, "fsync", lambda descriptor: full())
    assert api.refused("POST", PROFILES, {"name": "Aurinko Demo"}) == (503, "failure")
    assert api.refused("PATCH", DEMO, {"location": "Berlin"}) == (503, "failure")
    assert capsys.readouterr().err.count("(No space left on device)\n") == 2
    monkeypatch.undo()
    assert api.ok("GET", PROFILES) == before


def full() -> None:
    """Fail as a write to a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_invalid_file_hides_only_its_profile(api: Api) -> None:
    """The others are listed and read; an id that nothing has may be that of the broken one."""
    (api.root / "profiles/broken.yaml").write_text("id: 5\ndurationMinutes: soon\n")
    assert [record["id"] for record in api.ok("GET", PROFILES)["records"]] == [1]
    assert api.ok("GET", DEMO)["id"] == 1
    assert api.refused("GET", f"{PROFILES}/5") == (503, "workspace_invalid")


def test_a_file_by_hand_may_use_any_form(tmp_path: Path) -> None:
    """Hours that a file has as HH:MM are sent as HH:MM:SS, with the zone that they are in; times in UTC."""
    api = Api(make_api_office(tmp_path / "office"))
    path = api.root / "profiles/demo.yaml"
    text = path.read_text().replace("  timezone: Europe/Berlin\n", "").replace('"12:00"', '"24:00"')
    path.write_text(f"{text}startTime: 2026-11-24T01:00:00+01:00\n")
    shown = api.ok("GET", DEMO)
    assert shown["startTime"] == "2026-11-24T00:00:00Z"
    hours = shown["workHours"]
    assert hours["timezone"] == "Europe/Berlin"
    assert hours["daySchedules"][0]["workingIntervals"] == [{"start": "09:00:00", "end": "24:00:00"}]


def test_the_command_line_reads_what_the_api_has_written(api: Api) -> None:
    """A profile of the API is a file like any other."""
    api.ok("POST", PROFILES, WHOLE)
    with api.opened() as workspace:
        profile = ProfileStore(workspace).find("Aurinko Demo")
    assert (profile.name, profile.title, profile.client_org_id) == ("aurinko-demo", "Aurinko Demo", "org 7")
