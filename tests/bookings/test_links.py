"""`{{manageUrl}}` and `{{rescheduleToken}}` in the texts of bookings, from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, event, make_team

from gbook.workspace.tokens import RescheduleTokens
from gbook.workspace.workspace import open_workspace

GUEST = ("--name", "Gwen", "--email", "gwen@example.org", "--field", "topic=Looms")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Alice, Bob and Carol are attached, and free on Tuesday from 9 to 17 UTC."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    return tmp_path / "team"


def ask_for_links(team: Path, text: str = "Change it: {{manageUrl}}") -> None:
    with (team / "gbook.yaml").open("a") as config:
        config.write("serve: {baseUrl: https://book.example.com}\n")
    path = team / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("{{topic}}, {{start}}", f"{text} {{{{topic}}}}, {{{{start}}}}"))


def url(team: Path, uid: str) -> str:
    return f"https://book.example.com/b/booking/{RescheduleTokens(open_workspace(team)).of(uid)}"


def test_a_guest_gets_a_link_that_stays(gbook: Gbook, team: Path) -> None:
    """A reservation has it too; confirming and moving leave it as it is."""
    ask_for_links(team)
    reserved = gbook.json("book", "--slot", f"{TUESDAY}09:00Z", *GUEST, "--reserve", "60")
    uid = str(reserved["id"])
    assert f"Change it: {url(team, uid)} Looms" in event(team, uid)["DESCRIPTION"]
    gbook.json("reservation", "confirm", uid)
    assert url(team, uid) in event(team, uid)["DESCRIPTION"]
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:00Z")
    assert f"Change it: {url(team, uid)} Looms, 2026-11-24 10:00" in event(team, uid)["DESCRIPTION"]


def test_the_invitation_has_the_link(gbook: Gbook, team: Path) -> None:
    """It is what the guest reads."""
    ask_for_links(team, "{{rescheduleToken}}")
    booked = gbook.json("book", "--slot", "first", *GUEST, "--invitation", "invitation.ics")
    token = RescheduleTokens(open_workspace(team)).of(str(booked["id"]))
    assert token in (team / "invitation.ics").read_text().replace("\n ", "")


def test_other_bookings_make_no_key(gbook: Gbook, team: Path) -> None:
    """A workspace that nobody serves gets no folder of secrets."""
    gbook.json("book", "--slot", "first", *GUEST)
    assert not (team / ".gbook").exists()


def test_a_damaged_key_refuses_the_booking(gbook: Gbook, team: Path) -> None:
    """Nothing is written: the guest would get a link that leads nowhere."""
    ask_for_links(team)
    (team / ".gbook").mkdir(mode=0o700)
    (team / ".gbook/token-key").write_bytes(b"short")
    (team / ".gbook/token-key").chmod(0o600)
    before = (team / "alice.ics").read_bytes()
    result = gbook("book", "--slot", "first", *GUEST)
    assert (result.code, "token-key: expected 32 bytes, found 5" in result.err) == (5, True)
    assert (team / "alice.ics").read_bytes() == before


def test_a_guest_cannot_set_a_link(gbook: Gbook, team: Path) -> None:
    """Exit 2: it is a variable of gbook."""
    result = gbook("book", "--slot", "first", *GUEST, "--field", "manageUrl=https://evil.example")
    assert (result.code, "manageUrl is set by gbook" in result.err) == (2, True)
