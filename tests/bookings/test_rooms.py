"""Rooms and resources: they take part, and never host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.office import make_office
from support.running import Gbook
from support.team import TUESDAY, add_event, book, event, profile

ROOMS = """
  - {id: cedar, name: "Cedar (8 seats)", email: cedar@example.com, kind: room, calendars: [cedar.ics]}
  - {id: maple, email: maple@example.com, kind: room, calendars: [maple.ics]}
  - {id: beamer, email: beamer@example.com, kind: resource, calendars: [beamer.ics]}
"""
EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
PEOPLE_AND_ROOMS = (
    "groups: [{extId: rooms, accountIds: [cedar, maple], required: one},"
    " {extId: people, accountIds: [alice, bob], required: all}]\n"
)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_office(tmp_path / "team")
    config = folder / "gbook.yaml"
    config.write_text(config.read_text().rstrip() + ROOMS)
    for name in ("cedar", "maple", "beamer"):
        (folder / f"{name}.ics").write_text(EMPTY, newline="")
    profile(folder, PEOPLE_AND_ROOMS)
    monkeypatch.chdir(folder)
    return folder


def attendees(event: Any) -> dict[str, str]:
    """CUTYPE by the local part of the address."""
    return {str(one)[7:].split("@")[0]: one.params.get("CUTYPE", "-") for one in event["ATTENDEE"]}


def test_a_room_does_not_host(team: Path, gbook: Gbook) -> None:
    """Not even where the rooms come first; people follow in the members' order."""
    uid = book(gbook, "10:00", "--required", "all")
    found = gbook.json("booking", "show", uid)
    assert (found["host"], found["groupXid"]) == ("alice", "people")
    assert found["accountIds"] == ["alice", "bob", "cedar"]
    assert str(event(team, uid)["ORGANIZER"]) == "mailto:alice@example.com"


def test_its_name_is_the_place(team: Path, gbook: Gbook) -> None:
    """Behind the location that the profile gives, or where its {{room}} says."""
    assert event(team, book(gbook, "10:00", "--required", "all"))["LOCATION"] == "Cedar (8 seats)"
    profile(team, PEOPLE_AND_ROOMS + "location: Main Street 1")
    found = event(team, book(gbook, "11:00", "--required", "all"))
    assert found["LOCATION"] == "Main Street 1, Cedar (8 seats)"
    profile(team, PEOPLE_AND_ROOMS + 'location: "{{room}}, third floor"')
    found = event(team, book(gbook, "12:00", "--required", "all"))
    assert found["LOCATION"] == "Cedar (8 seats), third floor"


def test_a_move_to_another_room_says_so(team: Path, gbook: Gbook) -> None:
    """LOCATION changes with the room."""
    uid = book(gbook, "10:00", "--required", "all")
    other = book(gbook, "14:00", "--required", "all")
    gbook.json("booking", "cancel", uid)
    assert gbook.json("booking", "show", other)["accountIds"][-1] == "cedar"
    add_event(team / "cedar.ics", "11:00", "12:00")
    gbook.json("booking", "reschedule", other, "--slot", f"{TUESDAY}11:00Z", "--reassign")
    assert event(team, other)["LOCATION"] == "maple"


def test_calendar_programs_are_told_what_it_is(team: Path, gbook: Gbook) -> None:
    """CUTYPE, RFC 5545 §3.2.3."""
    profile(team, "accounts: [beamer, cedar, bob]")
    found = event(team, book(gbook, "10:00", "--required", "all"))
    assert attendees(found) == {"beamer": "RESOURCE", "cedar": "ROOM", "bob": "-", "gwen": "-"}
    assert found["LOCATION"] == "Cedar (8 seats)"


def test_one_of_a_room_and_a_person_is_the_person(team: Path, gbook: Gbook) -> None:
    """A meeting that no member present can host is not offered."""
    profile(team, "accounts: [cedar, bob]")
    assert gbook.json("booking", "show", book(gbook, "10:00"))["accountIds"] == ["bob"]
    slots = gbook.json("availability", "--to", "2026-11-24")["items"]
    assert all("bob" in slot["accountIds"] for slot in slots)
    assert f"{TUESDAY}10:00:00Z" not in [slot["start"] for slot in slots]


def test_rooms_alone_make_no_profile(team: Path, gbook: Gbook) -> None:
    """An error of the profile, in check as well as where it is used."""
    profile(team, "accounts: [cedar, beamer]")
    result = gbook("availability")
    assert (result.code, "cannot host" in result.err) == (5, True), result.err
    assert "which cannot host" in gbook("check", "--json").out


def test_the_kind_of_an_account(team: Path, gbook: Gbook) -> None:
    """Set and changed by option."""
    arguments = ("--email", "oak@example.com", "--kind", "room", "--create")
    assert gbook.json("account", "add", "oak", *arguments)["kind"] == "room"
    assert gbook.json("account", "update", "oak", "--kind", "resource")["kind"] == "resource"
    assert gbook.json("account", "show", "alice")["kind"] == "person"
    result = gbook("account", "update", "oak", "--kind", "tree")
    assert (result.code, "person" in result.err) == (2, True), result.err
