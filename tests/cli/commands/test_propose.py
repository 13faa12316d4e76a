"""`gbook propose`, as a shell runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, make_team

SLOTS = ("--slot", f"{TUESDAY}10:00Z", "--slot", f"{TUESDAY}14:00")


@pytest.fixture(autouse=True)
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is the team's workspace."""
    monkeypatch.chdir(make_team(tmp_path / "team"))


def test_propose_gives_one_id_and_a_document_for_each_reservation(gbook: Gbook) -> None:
    """That of `gbook book`."""
    proposed = gbook.json("propose", *SLOTS, "--for", "120", "--name", "Gwen")
    assert proposed.keys() == {"proposalId", "reservations"}
    assert [(one["start"], one["expires"]) for one in proposed["reservations"]] == [
        ("2026-11-24T10:00:00Z", "2026-11-23T10:00:00Z"),
        ("2026-11-24T14:00:00Z", "2026-11-23T10:00:00Z"),
    ]
    assert all(one["reservationId"] == one["id"] for one in proposed["reservations"])


def test_the_commands_to_confirm_are_shown(gbook: Gbook) -> None:
    """One for each reservation."""
    shown = gbook("propose", *SLOTS, "--reserve", "120").out
    held = gbook.json("reservation", "list")["records"]
    assert shown.startswith("Reserved 2 slots: ")
    assert all(f"gbook reservation confirm {one['id']}" in shown for one in held)
    assert "drops the others" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*SLOTS,), 2),
        (("--for", "60"), 2),
        ((*SLOTS, "--for", "0"), 2),
        ((*SLOTS, *SLOTS, "--for", "60"), 2),
        ((*SLOTS, "--for", "60", "--field", "color=red"), 2),
        ((*SLOTS, "--for", "60", "--account", "nobody"), 4),
        ((*SLOTS, "--slot", f"{TUESDAY}22:00Z", "--for", "60"), 3),
    ],
)
def test_a_refused_proposal_reserves_nothing(gbook: Gbook, arguments: tuple[str, ...], code: int) -> None:
    """Every calendar stays as it was."""
    result = gbook("propose", *arguments, "--json")
    assert (result.code, "error" in json.loads(result.out)) == (code, True), result.err
    assert gbook.json("reservation", "list", "--all")["records"] == []
