"""Requests that are made again, with `--key`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, profile

KEY = ("--field", "topic=x", "--key", "order-7")


def asking(
    at: str = f"{TUESDAY}14:00Z", name: str = "Jane", email: str = "jane@example.org"
) -> tuple[str, ...]:
    return ("book", "--slot", at, "--name", name, "--email", email, *KEY)


def test_a_key_never_books_twice(team: Path, gbook: Gbook) -> None:
    """The second run answers with the first booking, also where the slot is long gone, and says so."""
    first = gbook.json(*asking())
    before = snapshot(team)
    again = gbook.json(*asking())
    assert again == first | {"repeated": True}
    assert gbook(*asking()).out.startswith("Already booked with this key: Tue 24 Nov 2026 14:00")
    assert gbook.json(*asking(), "--dry-run")["id"] == first["id"]
    assert gbook.json(*asking("first"))["id"] == first["id"]
    assert snapshot(team) == before


def test_a_reservation_that_is_asked_for_again(team: Path, gbook: Gbook) -> None:
    """It is the same reservation, and once it is confirmed the booking."""
    slot = ("book", "--slot", f"{TUESDAY}14:00Z", "--reserve", "15", *KEY)
    held = gbook.json(*slot)["id"]
    assert gbook(*slot).out.startswith("Already reserved with this key: ")
    gbook.json("reservation", "confirm", held, "--name", "Jane", "--email", "jane@example.org")
    again = gbook.json(*slot)
    assert (again["id"], again["created"], again["repeated"]) == (held, True, True)


def test_a_reservation_that_has_expired(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is taken again, by a new event with the same UID."""
    slot = ("book", "--slot", f"{TUESDAY}14:00Z", "--reserve", "15", *KEY)
    held = gbook.json(*slot)["id"]
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T21:00:00Z")
    again = gbook.json(*slot)
    assert (again["id"], again.get("repeated")) == (held, None)
    assert [one["id"] for one in gbook.json("reservation", "list")["records"]] == [held]


@pytest.mark.parametrize(
    "other",
    [
        asking(f"{TUESDAY}15:00Z"),
        asking(f"{TUESDAY}14:15Z"),
        asking(f"{TUESDAY}14:00Z/{TUESDAY}15:00Z"),
        asking(name="Omar", email="omar@example.org"),
        ("book", "--slot", "first", "--name", "Omar", *KEY),
        (*asking(), "--repeat", "weekly", "--count", "2"),
    ],
    ids=[
        *("another time", "a time that overlaps", "another end", "another guest", "a guest without address"),
        "a series",
    ],
)
def test_a_key_of_another_request(team: Path, gbook: Gbook, other: tuple[str, ...]) -> None:
    """It is refused with exit 3, and nothing is booked: the answer would be of another booking."""
    made = gbook.json(*asking())["id"]
    before = snapshot(team)
    for arguments in (other, (*other, "--dry-run")):
        result = gbook(*arguments, "--json")
        document = json.loads(result.out)
        assert (result.code, document["created"], document["error"]["code"]) == (3, False, "key_taken")
        assert made in result.err and "use another key" in result.err
    assert snapshot(team) == before


def test_a_series_that_is_asked_for_again(team: Path, gbook: Gbook) -> None:
    """It is the same series, also after a date was cancelled; another rule is another request."""
    series = (*asking(), "--repeat", "weekly", "--count", "3")
    made = gbook.json(*series)["id"]
    gbook.json("booking", "cancel", made, "--date", "2026-12-01")
    assert gbook.json(*series)["id"] == made
    for other in (asking(), (*asking(), "--repeat", "weekly", "--count", "2")):
        result = gbook(*other)
        assert (result.code, "not on these dates: use another key" in result.err) == (3, True)


def test_a_booking_that_was_moved(team: Path, gbook: Gbook) -> None:
    """The request is still the one for the time that it asked for; a third time is another request."""
    made = gbook.json(*asking())["id"]
    gbook.json("booking", "reschedule", made, "--slot", f"{TUESDAY}16:00Z")
    for at in ("14:00", "16:00"):
        again = gbook.json(*asking(f"{TUESDAY}{at}Z"))
        assert (again["id"], again["start"]) == (made, f"{TUESDAY}16:00:00Z")
    assert gbook(*asking(f"{TUESDAY}15:00Z")).code == 3


def test_a_booking_that_was_cancelled(team: Path, gbook: Gbook) -> None:
    """Its key makes no other: exit 3."""
    gbook.json("booking", "cancel", gbook.json(*asking())["id"])
    result = gbook(*asking())
    assert (result.code, "use another key" in result.err) == (3, True)


def test_a_calendar_that_may_hold_it_is_unreadable(team: Path, gbook: Gbook) -> None:
    """Bob is free, but alice's calendar may have the booking of the key: exit 5 names it."""
    profile(team, "accounts: [alice, bob]")
    gbook.json(*asking())
    whole = (team / "alice.ics").read_bytes()
    (team / "alice.ics").write_bytes(whole[:-20])
    result = gbook(*asking())
    assert (result.code, "alice.ics" in result.err, "key 'order-7'" in result.err) == (5, True, True), (
        result.err
    )
    (team / "alice.ics").write_bytes(whole)
    assert gbook.json(*asking())["repeated"]
    assert gbook.json("booking", "list")["totalSize"] == 1
