"""Several slots held for somebody to choose from."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.running import Gbook

from bookings.office import snapshot
from bookings.team import TUESDAY, add_event, events, make_team, profile


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team"))
    return tmp_path / "team"


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


def test_other_proposals_stay(team: Path, gbook: Gbook) -> None:
    """Only what is of the same proposal is dropped."""
    first = gbook.json(*proposal("10:00", "12:00"))["reservations"]
    second = gbook.json(*proposal("14:00", "16:00"))["reservations"]
    gbook.json("reservation", "confirm", first[0]["id"])
    left = [one["id"] for one in gbook.json("reservation", "list")["records"]]
    assert left == [one["id"] for one in second]


def test_all_or_none(team: Path, gbook: Gbook) -> None:
    """One slot that is taken, and nothing is held."""
    for calendar in ("alice.ics", "bob.ics"):
        add_event(team / calendar, "12:00", "13:00")
    profile(team, "accounts: [alice, bob]")
    before = snapshot(team)
    result = gbook(*proposal("10:00", "12:00", "14:00"))
    assert (result.code, "2026-11-24T12:00:00Z" in result.err) == (3, True), result.err
    assert snapshot(team) == before


def test_slots_that_touch_need_others(team: Path, gbook: Gbook) -> None:
    """Two slots that overlap, buffers included, are held by two; with nobody else free they are refused."""
    hosts = [one["host"] for one in gbook.json(*proposal("10:00", "10:15", "12:00"))["reservations"]]
    assert hosts == ["alice", "bob", "alice"]
    before = snapshot(team)
    result = gbook(*proposal("14:00", "14:30"), "--account", "carol")
    assert (result.code, "too close to each other" in result.err) == (3, True), result.err
    assert gbook(*proposal("14:00", "14:00")).code == 2
    assert snapshot(team) == before


def test_the_first_slots(team: Path, gbook: Gbook) -> None:
    """`first` is the earliest that is left by those before it."""
    arguments = ("--slot", "first", "--slot", "first", "--for", "60", "--account", "alice")
    proposed = gbook.json("propose", *arguments)["reservations"]
    assert [one["start"] for one in proposed] == ["2026-11-24T09:00:00Z", "2026-11-24T09:45:00Z"]


def test_a_dry_run_holds_nothing(team: Path, gbook: Gbook) -> None:
    """It judges all the same."""
    before = snapshot(team)
    proposed = gbook.json(*proposal("10:00", "12:00"), "--dry-run")["reservations"]
    assert [one["host"] for one in proposed] == ["alice", "alice"]
    assert gbook(*proposal("10:00", "10:30"), "--account", "bob", "--dry-run").code == 3
    assert snapshot(team) == before
