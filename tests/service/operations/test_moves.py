"""Moving bookings by their rescheduleToken: the times that are shown are those that can be taken."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from support.api import ALICE, FREE, TAKEN, Api, make_api_office
from support.running import Gbook

import gbook as public_api
from gbook.workspace.tokens import RescheduleTokens

DEMO = "/group/profiles/1"
MEETING = f"{DEMO}/meeting"
JANE = {"name": "Jane Doe", "email": "jane@example.net"}


def booked(api: Api, start: str = FREE[0], **query: int) -> Any:
    """Return the answer about a new booking."""
    return api.ok("POST", MEETING, {"time": {"start": start}, "schedulerInfo": JANE}, query)


def find(api: Api, uid: str) -> public_api.Record:
    """Return a booking as it is in the calendars."""
    with api.opened() as workspace:
        return public_api.find_record(workspace, uid)[0]


def test_a_booking_shows_itself_and_its_times(tmp_path: Path) -> None:
    """Its own time counts as free, and the accounts are those that it has."""
    api = Api(make_api_office(tmp_path / "office", "accounts: [alice, bob]"))
    made = booked(api)
    plain = api.ok("GET", MEETING)
    own = api.ok("GET", MEETING, query={"rescheduleToken": made["rescheduleToken"]})
    assert "existingMeeting" not in plain
    assert own["existingMeeting"] == {"id": made["id"], "start": FREE[0], "end": FREE[1]}
    assert own["items"][0]["start"] == FREE[0]
    assert {tuple(item["accountIds"]) for item in own["items"]} == {(ALICE,)}
    assert TAKEN not in [item["start"] for item in own["items"]]


@pytest.mark.parametrize("place", ["query", "body"])
def test_a_booking_moves(api: Api, place: str) -> None:
    """The id and the token stay, the guest too; the old time is free again."""
    made = booked(api)
    token = {"rescheduleToken": made["rescheduleToken"]}
    time = {"time": {"start": FREE[2], "end": "2026-11-24T10:00:00Z"}}
    sent, query = (time, token) if place == "query" else (time | token, {})
    assert api.ok("POST", MEETING, sent, query) == made
    record = find(api, made["id"])
    assert (record.start, record.guest.email) == (public_api.parse_instant(FREE[2], UTC), JANE["email"])
    assert FREE[0] in api.starts(DEMO)


def test_every_listed_time_can_be_taken(api: Api) -> None:
    """The booking goes through all its times, one after the other."""
    made = booked(api)
    token = {"rescheduleToken": made["rescheduleToken"]}
    listed = api.starts(DEMO, **token)
    assert len(listed) == 11
    for start in reversed(listed):
        api.ok("POST", MEETING, {"time": {"start": start}}, token)
        assert api.starts(DEMO, **token) == listed


def test_a_time_that_is_taken(api: Api) -> None:
    """The answer has the nearest times, and the booking stays."""
    made = booked(api)
    other = booked(api, FREE[1])
    for start in (FREE[1], TAKEN, "2026-11-24T08:10:00Z"):
        answer = api.ask(
            "POST", MEETING, {"time": {"start": start}}, {"rescheduleToken": made["rescheduleToken"]}
        )
        assert (answer.status_code, answer.json["code"]) == (409, "slot_unavailable")
        assert answer.json["alternatives"][0]["start"] == FREE[0]
    assert find(api, made["id"]).sequence == find(api, other["id"]).sequence == 0


def test_what_a_move_cannot_have(api: Api) -> None:
    """Another length, and a reservation, are named as problems."""
    token = {"rescheduleToken": booked(api)["rescheduleToken"]}
    wrong = {"time": {"start": FREE[1], "end": FREE[3]}}
    assert set(api.problems("POST", MEETING, wrong, token)) == {"time.end"}
    right = {"time": {"start": FREE[1]}}
    assert set(api.problems("POST", MEETING, right, {**token, "reserveForMinutes": 5})) == {
        "reserveForMinutes"
    }


def test_a_token_that_is_of_no_booking_to_come(
    api: Api, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled, over, of another profile, or no token at all: there is no such thing."""
    made, over = booked(api), booked(api, FREE[1])
    gbook("--workspace", str(api.root), "booking", "cancel", made["id"])
    api.ok("POST", "/group/profiles", {"name": "other"})
    time = {"time": {"start": FREE[2]}}
    cases = [
        (DEMO, made["rescheduleToken"]),
        ("/group/profiles/2", over["rescheduleToken"]),
        (DEMO, "x"),
        (DEMO, "ä"),
    ]
    for profile, token in cases:
        for method, sent in (("GET", None), ("POST", time)):
            answer = api.refused(method, f"{profile}/meeting", sent, {"rescheduleToken": token})
            assert answer == (404, "not_found")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T12:00:00Z")
    assert api.refused("GET", MEETING, query={"rescheduleToken": over["rescheduleToken"]}) == (
        404,
        "not_found",
    )


def test_a_series_moves_by_its_own_rule(api: Api, gbook: Gbook) -> None:
    """Its next date is shown, and all dates to come move to the weekday and time of the first."""
    api.ok("PATCH", DEMO, {"timeAvailableFor": "P30D"})
    workspace = ("--workspace", str(api.root))
    made = gbook.json(
        *workspace,
        "book",
        "-p",
        "demo",
        "--slot",
        FREE[0],
        "--repeat",
        "weekly",
        "--count",
        "3",
        "--name",
        "Jane",
    )
    with api.opened() as opened:
        token = RescheduleTokens(opened).of(made["id"])
    shown = api.ok("GET", MEETING, query={"rescheduleToken": token, "intervalLength": "P2D"})
    assert shown["existingMeeting"] == {"id": made["id"], "start": FREE[0], "end": FREE[1]}
    assert [item["start"] for item in shown["items"]] == FREE
    answer = api.ok("POST", MEETING, {"time": {"start": FREE[2]}}, {"rescheduleToken": token})
    assert (answer["created"], answer["id"]) == (True, made["id"])
    moved = [public_api.format_instant(start) for start, _ in find(api, made["id"]).times]
    assert moved == [FREE[2], FREE[2].replace("11-24", "12-01"), FREE[2].replace("11-24", "12-08")]


def test_a_reservation_moves_too(api: Api) -> None:
    """It stays one, until as long as before."""
    held = booked(api, reserveForMinutes=30)
    token = {"rescheduleToken": held["rescheduleToken"]}
    assert api.ok("POST", MEETING, {"time": {"start": FREE[1]}}, token) == held
    assert api.starts(DEMO)[0] == FREE[0]
    api.ok("POST", f"/group/reservations/{held['reservationId']}/confirm")
