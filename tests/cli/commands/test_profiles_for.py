"""`gbook profiles-for`: documents, words and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, add_event, make_team

LONG = """
id: 7
durationMinutes: 120
workHours:
  timezone: UTC
  daySchedules: [{dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 17:00}]}]
accounts: [alice, bob]
"""


@pytest.fixture(autouse=True)
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team"))
    (tmp_path / "team/profiles/long.yaml").write_text(LONG)
    return tmp_path / "team"


def between(start: str, end: str) -> tuple[str, ...]:
    return ("profiles-for", "--from", f"{TUESDAY}{start}Z", "--to", f"{TUESDAY}{end}Z")


@pytest.mark.parametrize(
    ("start", "end", "names", "ids"),
    [
        ("14:00", "16:00", ["demo", "long"], [7]),
        ("14:00", "15:59", ["demo"], []),
        ("14:01", "14:44", [], []),
        ("16:30", "23:00", ["demo"], []),
        ("17:00", "23:00", [], []),
    ],
)
def test_a_slot_lies_wholly_inside(
    gbook: Gbook, start: str, end: str, names: list[str], ids: list[int]
) -> None:
    """A profile counts if one of its slots does; its id is listed if it has one."""
    assert gbook.json(*between(start, end)) == {"profileIds": ids, "profileNames": names}


def test_who_has_to_be_free(gbook: Gbook, team: Path) -> None:
    """`--required` and the calendars decide as they do for availability."""
    add_event(team / "alice.ics", "14:00", "15:00")
    asked = between("14:00", "16:00")
    assert gbook.json(*asked)["profileNames"] == ["demo", "long"]
    assert gbook.json(*asked, "--required", "all")["profileNames"] == ["demo"]
    assert gbook.json(*asked, "--required", "2", "-p", "7")["profileNames"] == []


def test_required_counts_for_each_profile(gbook: Gbook, team: Path) -> None:
    """A profile with too few members is left out; if all have too few, the command line is wrong."""
    asked = between("14:00", "16:00")
    assert gbook.json(*asked, "--required", "3")["profileNames"] == ["demo"]
    result = gbook(*asked, "--required", "4")
    assert (result.code, "expected at most 3" in result.err) == (2, True)
    add_event(team / "alice.ics", "14:00", "16:00")
    (team / "profiles/long.yaml").write_text(f"{LONG}required: all\n")
    assert gbook.json(*asked)["profileNames"] == ["demo"]


def test_only_those_asked_for(gbook: Gbook) -> None:
    """By name or number; a missing one is an error."""
    assert gbook.json(*between("14:00", "16:00"), "-p", "7", "-p", "long")["profileNames"] == ["long"]
    assert gbook(*between("14:00", "16:00"), "-p", "lon").code == 4
    assert gbook(*between("16:00", "14:00")).code == 2


def test_a_profile_that_cannot_be_read(gbook: Gbook, team: Path) -> None:
    """It hides no other profile and gives a warning; named with -p, it is an error."""
    (team / "profiles/broken.yaml").write_text("durationMinutes: soon\n")
    result = gbook(*between("14:00", "16:00"))
    assert (result.code, "broken.yaml" in result.err) == (0, True)
    assert "long" in result.out
    assert gbook(*between("14:00", "16:00"), "-p", "broken").code == 5


def test_the_next_command_is_shown(gbook: Gbook) -> None:
    """The command has a slot that can be booked."""
    shown = gbook(*between("14:00", "16:00")).out
    assert "gbook book -p demo --slot 2026-11-24T14:00Z" in shown
    assert "No profile" in gbook(*between("20:00", "21:00")).out


def test_times_are_in_the_zone_of_the_profiles(gbook: Gbook, team: Path) -> None:
    """The zone of input and output is the one that the profiles share, else the workspace's."""
    text = (team / "profiles/long.yaml").read_text()
    (team / "profiles/long.yaml").write_text(text.replace("timezone: UTC", "timezone: Asia/Tokyo"))
    asked = ("profiles-for", "--from", f"{TUESDAY}09:00", "--to", f"{TUESDAY}11:00")
    shown = gbook(*asked, "-p", "long").out
    assert "Times in Asia/Tokyo (JST, UTC+9)\n" in shown
    assert "Tue 24 Nov 09:00\n" in shown
    assert "Times in UTC\n" in gbook(*asked).out
    (team / "profiles/demo.yaml").unlink()
    assert "Times in Asia/Tokyo (JST, UTC+9)\n" in gbook(*asked).out
    assert "No profile" in gbook(*asked, "--tz", "UTC").out
