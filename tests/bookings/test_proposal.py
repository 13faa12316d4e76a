"""Several slots, reserved for a guest to choose from."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, add_event, events, profile

import gbook as public_api
from gbook.timeutil.instants import now


def proposal(*times: str) -> tuple[str, ...]:
    slots = [part for time in times for part in ("--slot", f"{TUESDAY}{time}Z")]
    return ("propose", *slots, "--for", "60", "--field", "topic=x")


def test_confirming_one_drops_the_others(team: Path, gbook: Gbook) -> None:
    """In the same step: the other slots are free, as if they had never been held."""
    before = snapshot(team)
    proposed = gbook.json(*proposal("10:00", "12:00", "14:00"), "--required", "all")
    uids = [one["id"] for one in proposed["reservations"]]
    assert {str(next(iter(events(team, uid).values()))["X-GBOOK-PROPOSAL"]) for uid in uids} == {
        proposed["proposalId"]
    }
    gbook.json("reservation", "confirm", uids[1], "--name", "Gwen")
    assert [len(events(team, uid)) for uid in uids] == [0, 3, 0]
    assert gbook.json("reservation", "list")["records"] == []
    gbook.json("booking", "cancel", uids[1], "--remove")
    assert snapshot(team) == before


def test_confirming_leaves_other_proposals(team: Path, gbook: Gbook) -> None:
    """Only the reservations of the same proposal are dropped."""
    first = gbook.json(*proposal("10:00", "12:00"))["reservations"]
    second = gbook.json(*proposal("14:00", "16:00"))["reservations"]
    gbook.json("reservation", "confirm", first[0]["id"])
    left = [one["id"] for one in gbook.json("reservation", "list")["records"]]
    assert left == [one["id"] for one in second]


def test_a_proposal_with_a_taken_slot_reserves_nothing(team: Path, gbook: Gbook) -> None:
    """All slots are reserved, or none."""
    for calendar in ("alice.ics", "bob.ics"):
        add_event(team / calendar, "12:00", "13:00")
    profile(team, "accounts: [alice, bob]")
    before = snapshot(team)
    result = gbook(*proposal("10:00", "12:00", "14:00"))
    assert (result.code, "Tue 24 Nov 2026 12:00 UTC cannot" in result.err) == (3, True), result.err
    assert snapshot(team) == before


def test_alternatives_do_not_block_each_other(team: Path, gbook: Gbook) -> None:
    """Only one of them will be used: they may follow each other without a pause, and overlap."""
    proposed = gbook.json(*proposal("10:00", "10:15", "10:30"), "--account", "carol")["reservations"]
    assert [one["host"] for one in proposed] == ["carol"] * 3
    assert gbook(*proposal("14:00", "14:00")).code == 2
    assert "double_booking" not in gbook("check").out
    gbook.json("reservation", "confirm", proposed[1]["id"])
    assert [len(events(team, one["id"])) for one in proposed] == [0, 1, 0]


def test_alternatives_block_everything_else(team: Path, gbook: Gbook) -> None:
    """Until one of them is chosen, all of them are held, also for the other bookings of the profile."""
    gbook.json(*proposal("10:00", "11:00"), "--account", "carol")
    for time in ("10:00", "10:30", "11:00"):
        arguments = ("--slot", f"{TUESDAY}{time}Z", "--account", "carol", "--field", "topic=x")
        assert gbook("book", *arguments).code == 3


def test_alternatives_count_once_for_the_cap(team: Path, gbook: Gbook) -> None:
    """One booking a day allows two proposed times on that day, and confirming one of them."""
    profile(team, "accounts: [alice]\nmaxBookingsPerDay: 1")
    proposed = gbook.json(*proposal("10:00", "14:00"))["reservations"]
    assert gbook.json("reservation", "confirm", proposed[0]["id"])["created"]


def test_first_is_the_next_slot_that_does_not_overlap(team: Path, gbook: Gbook) -> None:
    """`first` may be given several times."""
    arguments = ("--slot", "first", "--slot", "first", "--for", "60", "--account", "alice")
    proposed = gbook.json("propose", *arguments)["reservations"]
    assert [one["start"] for one in proposed] == ["2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z"]


def test_a_dry_run_holds_nothing(team: Path, gbook: Gbook) -> None:
    """It judges all the same."""
    before = snapshot(team)
    proposed = gbook.json(*proposal("10:00", "12:00"), "--dry-run")["reservations"]
    assert [one["host"] for one in proposed] == ["alice", "alice"]
    add_event(team / "bob.ics", "10:00", "11:00")
    before = snapshot(team)
    assert gbook(*proposal("10:30", "12:00"), "--account", "bob", "--dry-run").code == 3
    assert snapshot(team) == before


def test_keys_never_propose_twice(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same requests again give the same reservations, and once one is confirmed its booking alone.

    Those that have expired are made again.
    """
    workspace = public_api.open_workspace(team)
    asked = [
        public_api.BookingRequest(
            profile=public_api.ProfileStore(workspace).load("demo"),
            start=public_api.parse_instant(f"{TUESDAY}{time}Z", UTC),
            fields={"topic": "x"},
            reserve_minutes=60,
            proposal="p",
            key=f"p {time}",
        )
        for time in ("10:00", "14:00")
    ]

    def proposed() -> list[tuple[str, bool]]:
        context = public_api.BookingContext(public_api.open_workspace(team), now())
        return [(record.uid, record.repeated) for record in public_api.propose(context, asked)]

    first = proposed()
    assert first == [(public_api.key_uid(one.profile, one.key or ""), False) for one in asked]
    assert proposed() == [(uid, True) for uid, _ in first]
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T21:00:00Z")
    assert proposed() == first
    gbook.json("reservation", "confirm", first[1][0])
    assert proposed() == [(first[1][0], True)]
    assert [len(events(team, uid)) for uid, _ in first] == [0, 1]
