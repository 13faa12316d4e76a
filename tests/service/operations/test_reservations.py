"""Reservations over HTTP: held, then confirmed, dropped or expired."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.api import FREE, Api, make_api_office
from support.running import Gbook

import gbook as public_api
from gbook.service.operations.numbers import reservation_number

DEMO = "/group/profiles/1"
MEETING = f"{DEMO}/meeting"
JANE = {"name": "Jane Doe", "email": "jane@example.net"}
LATER = "2026-11-23T09:00:00Z"


def held(api: Api, start: str = FREE[0]) -> Any:
    """Return the answer about a new reservation of half an hour."""
    return api.ok(
        "POST", MEETING, {"time": {"start": start}, "schedulerInfo": JANE}, {"reserveForMinutes": 30}
    )


def number(answer: Any) -> str:
    """Return the path of a reservation."""
    return f"/group/reservations/{answer['reservationId']}"


def test_a_reservation_holds_its_time(api: Api) -> None:
    """It has a number, in both spellings that clients read, and no event yet."""
    answer = held(api)
    assert answer["created"] is False
    assert "id" not in answer
    assert answer["ReservationId"] == answer["reservationId"] > 0
    assert FREE[0] not in api.starts(DEMO)
    assert api.refused("POST", MEETING, {"time": {"start": FREE[0]}}) == (409, "slot_unavailable")


def test_a_reservation_is_confirmed_once(api: Api) -> None:
    """The booking is for the guest who was given before; a repeated request gets the same answer."""
    answer = held(api)
    confirmed = api.ok("POST", f"{number(answer)}/confirm")
    assert confirmed["rescheduleToken"] == answer["rescheduleToken"]
    assert api.ok("POST", f"{number(answer)}/confirm") == confirmed
    with api.opened() as workspace:
        [record] = public_api.read_records(workspace)[0]
    assert (record.uid, record.status, record.guest.email) == (confirmed["id"], "confirmed", JANE["email"])
    assert api.refused("DELETE", number(answer)) == (404, "not_found")


def test_a_reservation_is_dropped_once(api: Api) -> None:
    """Its time is offered again; it is then unknown."""
    answer = held(api)
    assert api.ok("DELETE", number(answer)) == {"status": "Ok"}
    assert FREE[0] in api.starts(DEMO)
    assert api.refused("DELETE", number(answer)) == (404, "not_found")
    assert api.refused("POST", f"{number(answer)}/confirm") == (404, "not_found")


def test_an_expired_reservation(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be confirmed while its time is free; else the answer has the nearest times."""
    answer = held(api)
    monkeypatch.setenv("GBOOK_NOW", LATER)
    assert FREE[0] in api.starts(DEMO)
    calendar = api.root / "alice.ics"
    before = calendar.read_bytes()
    calendar.write_bytes(before.replace(b"20261124T090000Z", b"20261124T080000Z"))
    taken = api.ask("POST", f"{number(answer)}/confirm")
    assert (taken.status_code, taken.json["code"]) == (409, "slot_unavailable")
    assert taken.json["alternatives"]
    calendar.write_bytes(before)
    api.ok("POST", f"{number(answer)}/confirm")


@pytest.mark.parametrize("unknown", ["1", "0", "-1", "x", "9007199254740993"])
def test_an_unknown_number(api: Api, unknown: str) -> None:
    """There is no such reservation; if a calendar cannot be read, it may be in it."""
    held(api)
    for method, path in (
        ("POST", f"/group/reservations/{unknown}/confirm"),
        ("DELETE", f"/group/reservations/{unknown}"),
    ):
        assert api.refused(method, path) == (404, "not_found")
    (api.root / "bob.ics").write_bytes(b"\x00\x01")
    assert api.refused("DELETE", "/group/reservations/1") == (503, "calendars_unreadable")


@pytest.mark.parametrize("wrong", [0, -1, 525_601, "soon"])
def test_how_long(api: Api, wrong: Any) -> None:
    """From a minute to a year."""
    sent = {"time": {"start": FREE[0]}}
    assert set(api.problems("POST", MEETING, sent, {"reserveForMinutes": wrong})) == {"reserveForMinutes"}


def test_a_reservation_that_lacks_a_field(api: Api, gbook: Gbook) -> None:
    """One of the command line may lack what its texts need: the API cannot give it."""
    api.ok("PATCH", DEMO, {"description": "{{comments}}"})
    made = gbook.json(
        "--workspace", str(api.root), "book", "-p", "demo", "--slot", FREE[0], "--reserve", "1h"
    )
    path = f"/group/reservations/{reservation_number(made['id'])}"
    assert set(api.problems("POST", f"{path}/confirm")) == {"substitutionData.comments"}
    assert api.ok("DELETE", path) == {"status": "Ok"}


def test_the_profile_was_deleted_meanwhile(api: Api) -> None:
    """Its reservations can still be confirmed and dropped."""
    first, second = held(api), held(api, FREE[1])
    api.ok("DELETE", DEMO)
    api.ok("POST", f"{number(first)}/confirm")
    api.ok("DELETE", number(second))


def test_a_personal_reservation_is_of_its_account(tmp_path: Path) -> None:
    """Clients and other accounts find no reservation of a personal profile."""
    api = Api(make_api_office(tmp_path / "office", "owner: alice\naccounts: [alice]"))
    alice, bob = api.as_account("alice"), api.as_account("bob")
    sent = {"time": {"start": FREE[0]}}
    made = alice.ok("POST", "/account/profiles/1/meeting", sent, {"reserveForMinutes": 30})
    path = f"/account/reservations/{made['reservationId']}"
    assert api.refused("POST", f"{number(made)}/confirm") == (404, "not_found")
    assert api.refused("DELETE", number(made)) == (404, "not_found")
    assert bob.refused("POST", f"{path}/confirm") == (404, "not_found")
    assert bob.refused("DELETE", path) == (404, "not_found")
    alice.ok("POST", f"{path}/confirm")
