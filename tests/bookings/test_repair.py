"""Copies of a booking that other programs have moved, cancelled or deleted, brought together again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, book, event, events

UNTIL = "--to", "2026-11-24"


def move(calendar: Path, hour: int, to: int, *, sequence: int | None = None) -> None:
    """As a calendar program does that a person drags an event in: this copy, no other one."""
    text = calendar.read_text()
    moved = re.sub(rf"T{hour}(\d{{4}})Z", rf"T{to}\1Z", text)
    if sequence is not None:
        moved = re.sub(r"SEQUENCE:\d+", f"SEQUENCE:{sequence}", moved)
    assert moved != text
    calendar.write_text(moved, newline="")


def delete(calendar: Path) -> None:
    """Take gbook's event out of a calendar."""
    text = calendar.read_text()
    begin = text.rindex("BEGIN:VEVENT", 0, text.index("X-GBOOK-PROFILE"))
    end = text.index("END:VEVENT", begin) + len("END:VEVENT")
    calendar.write_text(text[:begin].rstrip("\r\n") + text[end:], newline="")


def codes(gbook: Gbook, uid: str) -> list[tuple[str, str]]:
    """Return the warnings of `booking show`: code and calendar."""
    return [(one["code"], one["path"]) for one in gbook.json("booking", "show", uid)["warnings"]]


def busy(gbook: Gbook, account: str) -> list[str]:
    """The starts of an account's busy time on Tuesday."""
    found = gbook.json("busy", account, "--from", "2026-11-24", *UNTIL)["items"]
    return [span["start"][11:16] for span in found[0]["busy"]]


def test_a_host_who_moves_the_own_copy_moves_the_booking(team: Path, gbook: Gbook) -> None:
    """Until the copies agree, everybody is busy at both times; list, show and check say so."""
    uid = book(gbook, "10:00", "--required", "all")
    move(team / "alice.ics", 10, 14, sequence=1)
    assert [busy(gbook, name) for name in ("alice", "bob", "carol")] == [
        ["14:00"],
        ["10:00", "14:00"],
        ["10:00", "14:00"],
    ]
    (listed,) = gbook.json("booking", "list")["records"]
    assert listed["start"] == f"{TUESDAY}14:00:00Z"
    assert codes(gbook, uid) == [("copies_differ", "bob.ics"), ("copies_differ", "carol")]
    assert "is on Tue 24 Nov 2026 10:00–10:30, not on" in gbook("booking", "list").err
    problems = gbook.json("check")["problems"]
    assert [one["path"] for one in problems if one["code"] == "copies_differ"] == ["bob.ics", "carol"]
    repaired = gbook.json("booking", "repair", uid)
    assert (repaired["start"], repaired["sequence"]) == (f"{TUESDAY}14:00:00Z", 2)
    assert event(team, uid)["SEQUENCE"] == 2
    assert codes(gbook, uid) == []
    assert busy(gbook, "bob") == ["14:00"]


def test_a_member_who_moves_the_own_copy_moves_nobody_else(team: Path, gbook: Gbook) -> None:
    """The host's copy is right, unless another one is named."""
    uid = book(gbook, "10:00", "--required", "all")
    move(team / "bob.ics", 10, 14, sequence=7)
    assert gbook.json("booking", "show", uid)["start"] == f"{TUESDAY}10:00:00Z"
    assert busy(gbook, "bob") == ["10:00", "14:00"]
    before = snapshot(team)
    gbook.json("booking", "repair", uid, "--dry-run")
    assert gbook("booking", "repair", uid, "--dry-run").out.startswith("Would repair Tue 24 Nov 2026 10:00")
    assert snapshot(team) == before
    assert gbook.json("booking", "repair", uid)["start"] == f"{TUESDAY}10:00:00Z"
    assert "as it is\n" in gbook("booking", "repair", uid, "--dry-run").out
    assert event(team, uid)["SEQUENCE"] == 8
    move(team / "bob.ics", 10, 15)
    assert gbook.json("booking", "repair", uid, "--from", "bob")["start"] == f"{TUESDAY}15:00:00Z"
    assert str(event(team, uid)["DTSTART"].dt) == "2026-11-24 15:00:00+00:00"


def test_a_copy_that_is_gone_comes_back(team: Path, gbook: Gbook) -> None:
    """Its account is busy all the same; `--all` finds it."""
    uid = book(gbook, "10:00", "--required", "all")
    delete(team / "bob.ics")
    assert busy(gbook, "bob") == ["10:00"]
    assert codes(gbook, uid) == [("copy_missing", "bob.ics")]
    (repaired,) = gbook.json("booking", "repair", "--all")["records"]
    assert repaired["calendars"] == ["alice.ics", "bob.ics", "carol"]
    assert event(team, uid)["SEQUENCE"] == 1
    assert gbook("booking", "repair", "--all").out == "The copies of all bookings agree.\n"


def test_a_copy_in_a_calendar_that_cannot_be_read_is_not_called_missing(team: Path, gbook: Gbook) -> None:
    """Neither a member's nor the host's: that would suggest removing the other copies."""
    uid = book(gbook, "10:00", "--required", "all")
    for calendar in ("bob.ics", "alice.ics"):
        (team / calendar).rename(team / "away")
        listed = gbook("booking", "list")
        assert f"{calendar}: cannot be read" in listed.err and "repair" not in listed.err
        found = gbook("check", "--json").document["problems"]
        assert not {"copy_missing", "host_missing"} & {each["code"] for each in found}
        (team / "away").rename(team / calendar)
    assert codes(gbook, uid) == []


def test_the_host_deletes_the_own_copy(team: Path, gbook: Gbook) -> None:
    """The booking still takes the time of the others."""
    uid = book(gbook, "10:00", "--required", "all")
    delete(team / "alice.ics")
    assert busy(gbook, "alice") == ["10:00"]
    gbook.json("booking", "repair", uid)
    assert list(events(team, uid)) == ["alice.ics", "bob.ics", "carol"]


def test_the_host_cancels_the_own_copy(team: Path, gbook: Gbook) -> None:
    """Repaired, it is cancelled for everybody."""
    uid = book(gbook, "10:00", "--required", "all")
    calendar = team / "alice.ics"
    calendar.write_text(calendar.read_text().replace("STATUS:CONFIRMED", "STATUS:CANCELLED"), newline="")
    assert busy(gbook, "alice") == ["10:00"]
    assert gbook.json("booking", "repair", uid)["status"] == "cancelled"
    assert event(team, uid)["STATUS"] == "CANCELLED"
    assert [busy(gbook, name) for name in ("alice", "bob", "carol")] == [[], [], []]


def test_rescheduling_brings_copies_together_too(team: Path, gbook: Gbook) -> None:
    """At the time that the host's copy has already, and at another one."""
    uid = book(gbook, "10:00", "--required", "all")
    move(team / "alice.ics", 10, 14)
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}14:00Z")
    assert str(event(team, uid)["DTSTART"].dt) == "2026-11-24 14:00:00+00:00"
    move(team / "carol" / f"{uid}.ics", 14, 11, sequence=5)
    delete(team / "bob.ics")
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}16:00Z")
    assert str(event(team, uid)["DTSTART"].dt) == "2026-11-24 16:00:00+00:00"
    assert event(team, uid)["SEQUENCE"] == 6
    assert len(events(team, uid)) == 3


def test_a_repair_keeps_what_is_the_members_own(team: Path, gbook: Gbook) -> None:
    """An alarm, a note, an answer."""
    uid = book(gbook, "10:00", "--required", "all")
    bobs = team / "bob.ics"
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM\n"
    text = bobs.read_text().replace("STATUS:CONFIRMED", "X-NOTE:bring tea\nSTATUS:CONFIRMED")
    at = text.index("END:VEVENT", text.index("X-GBOOK-PROFILE"))
    bobs.write_text(text[:at] + alarm + text[at:], newline="")
    move(team / "alice.ics", 10, 14)
    gbook.json("booking", "repair", uid)
    assert "X-NOTE:bring tea\n" in bobs.read_text()
    assert alarm in bobs.read_text()


def test_a_copy_with_other_people_is_replaced(team: Path, gbook: Gbook) -> None:
    """The copy was restored from a backup made before another account took over."""
    uid = book(gbook, "10:00")
    old = (team / "alice.ics").read_bytes()
    from_bob = ("--slot", f"{TUESDAY}10:00Z", "--reassign")
    text = old.decode()
    (team / "alice.ics").write_text(
        text.replace(
            "BEGIN:VEVENT",
            "BEGIN:VEVENT\r\nUID:trip\r\nDTSTART:20261124T100000Z\r\n"
            "DTEND:20261124T110000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT",
            1,
        ),
        newline="",
    )
    assert gbook.json("booking", "reschedule", uid, *from_bob)["host"] == "bob"
    (team / "alice.ics").write_bytes(old)
    assert codes(gbook, uid) == [("copies_differ", "alice.ics")]
    gbook.json("booking", "repair", uid)
    assert list(events(team, uid)) == ["bob.ics"]


def test_invalid_requests_for_copies_are_refused(team: Path, gbook: Gbook) -> None:
    """One booking or all of them; an account must have a copy."""
    uid = book(gbook, "10:00")
    assert gbook("booking", "repair").code == 2
    assert gbook("booking", "repair", uid, "--all").code == 2
    assert gbook("booking", "repair", "nothing").code == 4
    result = gbook("booking", "repair", uid, "--from", "carol")
    assert (result.code, "carol has no copy" in result.err) == (4, True)


def test_what_is_over_is_left_alone(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be booked twice in the past."""
    uid = book(gbook, "10:00", "--required", "all")
    delete(team / "bob.ics")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-25T08:00:00Z")
    assert codes(gbook, uid) == []
