"""`gbook reservation`, as a shell runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY

pytestmark = pytest.mark.usefixtures("team")


def reserve(gbook: Gbook) -> str:
    return str(gbook.json("book", "--slot", f"{TUESDAY}14:00Z", "--reserve", "15", "--name", "Gwen")["id"])


def test_a_reservation_is_a_document_that_is_not_created(gbook: Gbook) -> None:
    """Confirmed, it is `created`."""
    uid = reserve(gbook)
    (held,) = gbook.json("reservation", "list")["records"]
    assert (held["created"], held["id"], held["reservationId"]) == (False, uid, uid)
    assert (held["status"], held["expires"], held["sequence"]) == ("tentative", "2026-11-23T08:15:00Z", 0)
    assert held["guest"] == {"name": "Gwen", "email": None, "partstat": None}
    confirmed = gbook.json("reservation", "confirm", uid, "--field", "topic=Looms")
    assert confirmed == held | {
        "created": True,
        "reservationId": None,
        "expires": None,
        "status": "confirmed",
        "sequence": 1,
    }
    assert gbook.json("reservation", "list") == {"offset": 0, "totalSize": 0, "done": True, "records": []}
    assert gbook.json("booking", "list")["records"] == [confirmed]


def test_the_way_of_a_reservation_for_people(gbook: Gbook) -> None:
    """Each message names the next command."""
    assert "gbook book --slot first --reserve 1h" in gbook("reservation", "list").out
    uid = reserve(gbook)
    listed = gbook("reservation", "list").out
    assert "until Mon 23 Nov 08:15" in listed
    assert "gbook reservation confirm|drop ID" in listed
    steps = [f"  gbook reservation {step} {uid}" for step in ("confirm", "drop")]
    assert gbook("booking", "show", uid).out.splitlines()[-2:] == steps
    assert "would" in gbook("reservation", "drop", uid[:8], "--dry-run").out.lower()
    assert "Dropped the reservation of Tue 24 Nov 2026 14:00" in gbook("reservation", "drop", uid[:8]).out


def test_a_confirmed_reservation_is_a_booking(gbook: Gbook) -> None:
    """With the messages of `gbook booking`."""
    uid = reserve(gbook)
    shown = gbook("reservation", "confirm", uid, "--field", "topic=Looms", "--email", "gwen@example.org").out
    assert shown.startswith("Booked Tue 24 Nov 2026 14:00–14:30 UTC: Demo for Gwen\n")
    assert f"gbook booking cancel {uid}" in shown


def test_a_dry_run_writes_nothing(gbook: Gbook) -> None:
    """Neither confirming nor dropping."""
    uid = reserve(gbook)
    before = snapshot(Path())
    shown = gbook("reservation", "confirm", uid, "--field", "topic=x", "--dry-run").out
    assert shown.startswith("Would confirm Tue 24 Nov 2026 14:00–14:30 UTC with ")
    event = gbook.json("reservation", "confirm", uid, "--field", "topic=x", "--dry-run")["event"]
    assert "STATUS:CONFIRMED" in event
    assert "X-GBOOK-EXPIRES" not in event
    assert gbook.json("reservation", "drop", uid, "--dry-run") == {"status": "Ok"}
    assert snapshot(Path()) == before


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("confirm", "nothing"), 4, "not_found"),
        (("drop", "nothing"), 4, "not_found"),
        (("confirm", "ID"), 2, "usage"),
        (("confirm", "ID", "--field", "topic=x", "--field", "color=red"), 2, "usage"),
        (("confirm", "ID", "--field", "topic=x", "--email", "gwen"), 2, "usage"),
    ],
)
def test_a_refusal_is_a_document_and_changes_nothing(
    gbook: Gbook, arguments: tuple[str, ...], code: int, error: str
) -> None:
    """With its exit code."""
    uid = reserve(gbook)
    before = snapshot(Path())
    result = gbook("reservation", *(uid if part == "ID" else part for part in arguments), "--json")
    assert (result.code, json.loads(result.out)["error"]["code"]) == (code, error), result.err
    assert snapshot(Path()) == before


def test_times_are_shown_without_seconds(gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a reservation made between two minutes, the end is rounded down; a distance is rounded up."""
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T11:59:23Z")
    gbook("book", "--slot", "+2h", "--reserve", "15", "--name", "Gwen")
    listed = gbook("reservation", "list").out
    assert "Tue 24 Nov 14:00" in listed
    assert "until Tue 24 Nov 12:14  " in listed
    refused = gbook("book", "--slot", "+8h", "--field", "topic=Looms").err
    assert "Tue 24 Nov 2026 20:00 UTC cannot be booked" in refused
