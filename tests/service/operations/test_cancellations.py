"""Cancelling meetings over the API: who may, and what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.api import FREE, Api, make_api_office

import gbook as public_api
from gbook.clients.file import CredentialsFile

DEMO = "/group/profiles/1"
MEETING = f"{DEMO}/meeting"
JANE = {"name": "Jane Doe", "email": "jane@example.net"}


def booked(api: Api, **query: int) -> Any:
    """Return the answer about a new booking."""
    return api.ok("POST", MEETING, {"time": {"start": FREE[0]}, "schedulerInfo": JANE}, query)


def test_a_client_cancels_a_meeting_by_its_id(api: Api) -> None:
    """The event stays as a cancelled one, the time is free again, and a repeated request finds nothing."""
    made = booked(api)
    assert FREE[0] not in api.starts(DEMO)
    assert api.ok("DELETE", f"{MEETING}/{made['id']}") == {"status": "Ok"}
    assert FREE[0] in api.starts(DEMO)
    with api.opened() as workspace:
        assert public_api.find_record(workspace, made["id"])[0].status == "cancelled"
    assert api.refused("DELETE", f"{MEETING}/{made['id']}") == (404, "not_found")


def test_nothing_else_is_cancelled(api: Api, tmp_path: Path) -> None:
    """A reservation, the start of an id, another program's event and a meeting of another profile stay."""
    reserved = booked(api, reserveForMinutes=30)
    with api.opened() as workspace:
        (record,) = public_api.read_records(workspace)[0]
    other = (api.root / "profiles/demo.yaml").read_text().replace("id: 1", "id: 2")
    (api.root / "profiles/other.yaml").write_text(other)
    api.ok("POST", f"/group/reservations/{reserved['reservationId']}/confirm")
    for path in (
        f"{MEETING}/{record.uid[:8]}",
        f"{MEETING}/theirs",
        f"/group/profiles/2/meeting/{record.uid}",
    ):
        assert api.refused("DELETE", path) == (404, "not_found")
    with api.opened() as workspace:
        assert public_api.find_record(workspace, record.uid)[0].status == "confirmed"


def test_a_reservation_is_dropped_instead(api: Api) -> None:
    """Its number is for that; the meeting's id is not there yet."""
    booked(api, reserveForMinutes=30)
    with api.opened() as workspace:
        (record,) = public_api.read_records(workspace)[0]
    assert api.refused("DELETE", f"{MEETING}/{record.uid}") == (404, "not_found")


@pytest.mark.parametrize("is_public", [True, False])
def test_a_guest_cancels_with_the_token(tmp_path: Path, is_public: bool) -> None:
    """Where the profile is public, the token of a booking is all that it takes."""
    api = Api(make_api_office(tmp_path / "office", f"accounts: [alice]\npublic: {str(is_public).lower()}"))
    made = booked(api)
    (client,) = CredentialsFile(api.root).read().clients
    path, token = f"/{client.id}/demo/meeting", {"rescheduleToken": made["rescheduleToken"]}
    anyone: dict[str, str] = {"Authorization": ""}
    assert api.ask("DELETE", path, query={"rescheduleToken": "A" * 22}, headers=anyone).status_code == 404
    assert api.ask("DELETE", path, query=token, headers=anyone).status_code == (200 if is_public else 404)
    assert (FREE[0] in api.starts(DEMO)) == is_public


def test_a_guest_without_a_token_is_told(tmp_path: Path) -> None:
    """The parameter is named as missing."""
    api = Api(make_api_office(tmp_path / "office", "accounts: [alice]\npublic: true"))
    (client,) = CredentialsFile(api.root).read().clients
    assert set(api.problems("DELETE", f"/{client.id}/demo/meeting")) == {""}


def test_an_account_cancels_its_own_meetings_only(tmp_path: Path) -> None:
    """A meeting of another account's profile does not exist for it."""
    root = make_api_office(tmp_path / "office")
    alice, bob = Api(root).as_account("alice"), Api(root).as_account("bob")
    own = alice.ok("POST", "/account/profiles", {"name": "intro"})["id"]
    listed = alice.starts(f"/account/profiles/{own}")
    made = alice.ok("POST", f"/account/profiles/{own}/meeting", {"time": {"start": listed[0]}})
    path = f"/account/profiles/{own}/meeting/{made['id']}"
    assert bob.refused("DELETE", path) == (404, "not_found")
    assert alice.ok("DELETE", path) == {"status": "Ok"}
    assert alice.starts(f"/account/profiles/{own}") == listed
