"""`deliver: host`: only the host's calendar has the booking, but all participants are busy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.office import make_office
from support.running import Gbook
from support.team import TUESDAY, add_event, book, events
from support.team import profile as write_profile


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_office(tmp_path / "team", "deliver: host")
    write_profile(tmp_path / "team", "accounts: [alice, bob]")
    monkeypatch.chdir(tmp_path / "team")
    return tmp_path / "team"


def other_profile(team: Path, members: str) -> None:
    """A second profile, with the same hours and without buffers."""
    text = re.sub("accounts:.*", members, (team / "profiles/demo.yaml").read_text())
    text = text.replace("bufferBetweenMinutes: 15", "bufferBetweenMinutes: 0")
    (team / "profiles/other.yaml").write_text(text)


def free(gbook: Gbook, profile: str) -> set[str]:
    found = gbook.json("availability", "-p", profile, "--to", "2026-11-24")["items"]
    return {slot["start"][11:16] for slot in found}


def test_who_takes_part_is_busy_for_every_profile(team: Path, gbook: Gbook) -> None:
    """Although no calendar of that account says so; the buffers are kept too."""
    uid = book(gbook, "10:00", "-p", "demo", "--required", "all")
    assert list(events(team, uid)) == ["alice.ics"]
    other_profile(team, "accounts: [bob]")
    assert {"09:30", "09:45", "10:00", "10:15", "10:30", "10:45"} - free(gbook, "other") == {
        "09:45",
        "10:00",
        "10:15",
        "10:30",
    }
    result = gbook("book", "-p", "other", "--slot", f"{TUESDAY}10:00Z", "--field", "topic=x")
    assert (result.code, "booking of profile demo, host alice" in result.err) == (3, True), result.err
    why = gbook.json("why", f"{TUESDAY}10:30Z", "-p", "other")
    (reason,) = why["members"][0]["accounts"][0]["reasons"]
    assert reason["code"] == "buffer"
    gbook.json("booking", "cancel", uid)
    assert "10:00" in free(gbook, "other")


def test_a_booking_that_moves_frees_the_old_time(team: Path, gbook: Gbook) -> None:
    """It does not stand in its own way either, where only another calendar has it."""
    uid = book(gbook, "10:00", "-p", "demo", "--required", "all")
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:15Z")
    other_profile(team, "accounts: [bob]")
    assert {"09:30", "10:15"} & free(gbook, "other") == {"09:30"}


def test_a_host_whose_calendar_cannot_be_read_hides_bookings(team: Path, gbook: Gbook) -> None:
    """So none is free, and a warning names the calendar; copies in all calendars would tell."""
    book(gbook, "10:00", "-p", "demo", "--required", "all")
    other_profile(team, "accounts: [bob]")
    (team / "alice.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n")
    found = gbook.json("availability", "-p", "other")
    assert found["items"] == []
    assert [(one["code"], one["path"]) for one in found["warnings"]] == [("unreadable_calendar", "alice.ics")]
    config = team / "gbook.yaml"
    config.write_text(config.read_text().replace("deliver: host", "deliver: copies"))
    assert gbook.json("availability", "-p", "other")["items"]


def test_a_reservation_counts_until_it_expires(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it does in the host's own calendar."""
    book(gbook, "10:00", "-p", "demo", "--required", "all", "--reserve", "60")
    other_profile(team, "accounts: [bob]")
    assert "10:00" not in free(gbook, "other")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T09:01:00Z")
    assert "10:00" in free(gbook, "other")


def test_the_index_notices_every_change(team: Path, gbook: Gbook) -> None:
    """Of a file or an item of a vdir that the question is not about."""
    write_profile(team, "accounts: [carol, bob]")
    other_profile(team, "accounts: [bob]")
    assert "10:00" in free(gbook, "other")
    uid = book(gbook, "10:00", "-p", "demo", "--required", "all")
    assert list(events(team, uid)) == ["carol"]
    assert "10:00" not in free(gbook, "other")
    item = team / "carol" / f"{uid}.ics"
    item.write_text(item.read_text().replace("T10", "T13"), newline="")
    assert {"10:00", "13:00"} & free(gbook, "other") == {"10:00"}
    item.unlink()
    assert "13:00" in free(gbook, "other")


def test_others_come_with_the_time_taken_for_them(team: Path, gbook: Gbook) -> None:
    """A reassigned booking frees the accounts that leave, and takes the time of the new ones."""
    write_profile(
        team, "groups: [{extId: a, accountIds: [alice], required: all}, {extId: b, accountIds: [bob, carol]}]"
    )
    uid = book(gbook, "10:00", "-p", "demo", "--required", "all")
    add_event(team / "bob.ics", "14:00", "15:00")
    moved = gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}14:00Z", "--reassign")
    assert moved["accountIds"] == ["alice", "carol"]
    other_profile(team, "accounts: [carol]")
    assert "14:00" not in free(gbook, "other")
