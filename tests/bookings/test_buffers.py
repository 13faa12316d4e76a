"""The buffers of a booking hold for every profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import make_office
from support.running import Gbook
from support.team import TUESDAY, book, event, profile


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_office(tmp_path / "team")
    profile(folder, "accounts: [alice]\nbufferBeforeMinutes: 60")
    demo = (folder / "profiles/demo.yaml").read_text()
    call = demo.replace("bufferBetweenMinutes: 15", "bufferBetweenMinutes: 0")
    (folder / "profiles/call.yaml").write_text(call.replace("bufferBeforeMinutes: 60", ""))
    monkeypatch.chdir(folder)
    return folder


def free(gbook: Gbook, name: str) -> set[str]:
    found = gbook.json("availability", "-p", name, "--to", "2026-11-24")["items"]
    return {slot["start"][11:16] for slot in found}


def test_they_keep_other_profiles_away(team: Path, gbook: Gbook) -> None:
    """An hour before and a quarter after, although the other profile asks for nothing."""
    uid = book(gbook, "12:00", "-p", "demo")
    assert event(team, uid)["X-GBOOK-BUFFERS"] == "60 15"
    times = {"10:30", "10:45", "11:30", "12:30", "12:45"}
    assert times & free(gbook, "call") == {"10:30", "12:45"}
    (reason,) = gbook.json("why", f"{TUESDAY}11:00Z", "-p", "call")["members"][0]["accounts"][0]["reasons"]
    assert (reason["code"], "60 minutes after" in reason["message"]) == ("buffer", True)


def test_and_the_other_way_round(team: Path, gbook: Gbook) -> None:
    """The profile's own buffers keep it away from the bookings of others, which have none."""
    assert "X-GBOOK-BUFFERS" not in event(team, book(gbook, "12:00", "-p", "call"))
    assert {"11:00", "11:15", "11:30", "12:30", "13:15", "13:30"} & free(gbook, "demo") == {
        "11:00",
        "11:15",
        "13:30",
    }


def test_a_buffer_longer_than_the_window_is_kept(team: Path, gbook: Gbook) -> None:
    """A buffer of six days closes a day on which nothing is booked."""
    path = team / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("bufferBeforeMinutes: 60", f"bufferBeforeMinutes: {6 * 1440}"))
    gbook.json("book", "-p", "demo", "--slot", "2026-12-09T10:00Z", "--field", "topic=x")
    week = gbook.json("availability", "-p", "call", "--from", "2026-12-08", "--to", "2026-12-08")["items"]
    assert week == []
    assert "16:30" in free(gbook, "call")


def test_a_change_of_the_profile_counts_for_its_own_meetings(team: Path, gbook: Gbook) -> None:
    """Bookings made before follow it; other profiles keep to what was promised."""
    book(gbook, "12:00", "-p", "demo")
    path = team / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("bufferBeforeMinutes: 60", "bufferBeforeMinutes: 0"))
    assert {"11:00", "11:15", "11:30"} & free(gbook, "demo") == {"11:00", "11:15"}
    assert {"11:00", "11:15", "11:30"} & free(gbook, "call") == set()


@pytest.mark.parametrize("text", ["60", "x y", "-1 5", "99999999999999 0", "20000 0", ""])
def test_buffers_that_nobody_wrote(team: Path, gbook: Gbook, text: str) -> None:
    """A program or a hand has damaged the line: the meeting itself blocks, and no more."""
    book(gbook, "12:00", "-p", "demo")
    calendar = team / "alice.ics"
    calendar.write_text(calendar.read_text().replace("BUFFERS:60 15", f"BUFFERS:{text}"), newline="")
    assert {"11:30", "12:00", "12:30"} & free(gbook, "call") == {"11:30", "12:30"}
