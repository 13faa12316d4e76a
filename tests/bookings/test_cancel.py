"""Taking bookings back."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, book, event, events, lines, profile

from gbook.calendars.stores.vdir import local_store
from gbook.errors import Locked


def test_every_copy_is_cancelled(team: Path, gbook: Gbook) -> None:
    """Each copy says so, under a higher SEQUENCE and with the reason; no other line of the files changes."""
    uid = book(gbook, "14:00", "--required", "all")
    before = {path: lines(path) for path in team.rglob("*.ics")}
    document = gbook.json("booking", "cancel", uid, "--reason", "Gwen is ill; sorry, all")
    assert (document["status"], document["sequence"]) == ("cancelled", 1)
    assert document["calendars"] == ["alice.ics", "bob.ics", "carol"]
    assert event(team, uid)["COMMENT"] == "Gwen is ill; sorry, all"
    for path, old in before.items():
        new = lines(path)
        assert set(new) - set(old) == {"STATUS:CANCELLED", "SEQUENCE:1", r"COMMENT:Gwen is ill\; sorry\, all"}
        assert set(old) - set(new) == {"STATUS:CONFIRMED", "SEQUENCE:0"}


def test_removal_restores_every_byte(team: Path, gbook: Gbook) -> None:
    """A booking that was made and removed has never been there."""
    before = snapshot(team)
    uid = book(gbook, "14:00", "--required", "all")
    assert snapshot(team) != before
    gbook.json("booking", "cancel", uid, "--remove")
    assert snapshot(team) == before


def test_removal_of_what_was_moved_and_cancelled(team: Path, gbook: Gbook) -> None:
    """Whatever has become of a booking, it can be taken out."""
    before = snapshot(team)
    uid = book(gbook, "14:00", "--required", "all")
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00Z")
    gbook.json("booking", "cancel", uid)
    gbook.json("booking", "cancel", uid, "--remove")
    assert snapshot(team) == before


def test_cancelled_time_is_offered_again(team: Path, gbook: Gbook) -> None:
    """Nobody is kept by a meeting that does not take place."""
    first = book(gbook, "14:00", "--required", "all")
    gbook.json("booking", "cancel", first)
    assert book(gbook, "14:00", "--required", "all") != first


def test_a_dry_run_writes_nothing(team: Path, gbook: Gbook) -> None:
    """It shows what would be."""
    uid = book(gbook, "14:00", "--required", "all")
    before = snapshot(team)
    document = gbook.json("booking", "cancel", uid, "--dry-run")
    assert document["status"] == "cancelled"
    assert "STATUS:CANCELLED" in document["event"]
    shown = gbook("booking", "cancel", uid, "--dry-run").out
    assert shown.startswith("Would cancel Tue 24 Nov 2026 14:00–14:30 UTC with alice, bob, carol")
    assert shown.endswith("; writes 3 calendars\n")
    assert snapshot(team) == before


@pytest.mark.parametrize(
    ("now", "first", "code", "message"),
    [
        ("2026-11-23T08:00:00Z", "cancel", 4, "is already cancelled"),
        ("2026-11-24T14:30:00Z", None, 3, "cannot be changed"),
    ],
)
def test_what_is_cancelled_or_over(
    team: Path,
    gbook: Gbook,
    monkeypatch: pytest.MonkeyPatch,
    now: str,
    first: str | None,
    code: int,
    message: str,
) -> None:
    """Neither can be cancelled nor moved, and the files stay as they are."""
    uid = book(gbook, "14:00")
    if first:
        gbook.json("booking", first, uid)
    before = snapshot(team)
    monkeypatch.setenv("GBOOK_NOW", now)
    for change in (("cancel", uid), ("reschedule", uid, "--slot", "2026-11-25T14:00Z")):
        result = gbook("booking", *change)
        assert (result.code, message in result.err) == (code, True), result.err
    assert snapshot(team) == before


def test_what_others_have_added_stays(team: Path, gbook: Gbook) -> None:
    """Alarms, colours and words that another program or a person has put into a copy outlive each change."""
    uid = book(gbook, "14:00", "--required", "all")
    alarm = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nSTATUS:x\r\nEND:VALARM\r\n"
    own = b"COLOR:teal\r\nCOMMENT:bring\r\n  the looms\r\n"
    calendar = team / "alice.ics"
    head, end, tail = calendar.read_bytes().rpartition(b"END:VEVENT")
    head = head.replace(b"SUMMARY:Demo for Gwen", b"SUMMARY;LANGUAGE=en:My own words")
    calendar.write_bytes(head + own + alarm + end + tail)
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00Z")
    gbook.json("booking", "cancel", uid, "--reason", "ill")
    after = calendar.read_bytes()
    assert alarm in after
    assert own in after
    assert b"SUMMARY;LANGUAGE=en:My own words" in after
    assert [str(comment) for comment in events(team, uid)["alice.ics"]["COMMENT"]] == [
        "bring the looms",
        "ill",
    ]
    assert events(team, uid)["bob.ics"]["SUMMARY"] == "Demo for Gwen"


def test_a_calendar_that_cannot_be_read(team: Path, gbook: Gbook) -> None:
    """It may hold a copy, which would stay: nothing is cancelled until it can be read."""
    uid = book(gbook, "14:00", "--required", "all")
    (team / "bob.ics").write_bytes((team / "bob.ics").read_bytes()[:-20])
    before = snapshot(team)
    result = gbook("booking", "cancel", uid)
    assert (result.code, "bob.ics" in result.err) == (5, True), result.err
    assert snapshot(team) == before


def test_a_readonly_copy_is_named(team: Path, gbook: Gbook) -> None:
    """A readonly copy is not changed, and a warning names it."""
    uid = book(gbook, "14:00")
    (team / "mirror.ics").write_bytes((team / "alice.ics").read_bytes())
    config = (team / "gbook.yaml").read_text()
    (team / "gbook.yaml").write_text(
        config.replace("[alice.ics]", "[alice.ics, {path: mirror.ics, readonly: true}]")
    )
    document = gbook.json("booking", "cancel", uid)
    assert [(one["code"], one["path"]) for one in document["warnings"]] == [("readonly_copy", "mirror.ics")]
    statuses = {name: str(copy["STATUS"]) for name, copy in events(team, uid).items()}
    assert statuses == {"alice.ics": "CANCELLED", "mirror.ics": "CONFIRMED"}


def test_accounts_that_share_a_calendar(team: Path, gbook: Gbook) -> None:
    """Accounts that share a calendar share one event: it is changed once and removed once."""
    config = (team / "gbook.yaml").read_text()
    (team / "gbook.yaml").write_text(config.replace("[bob.ics]", "[alice.ics]"))
    before = snapshot(team)
    uid = book(gbook, "14:00", "--required", "all")
    moved = gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}14:15Z")
    assert moved["calendars"] == ["alice.ics", "carol"]
    assert lines(team / "alice.ics").count(f"UID:{uid}") == 1
    gbook.json("booking", "cancel", uid, "--remove")
    assert snapshot(team) == before


@pytest.mark.parametrize(
    "command",
    [
        ("booking", "show", "ID"),
        ("booking", "cancel", "ID"),
        ("booking", "cancel", "ID", "--remove"),
        ("booking", "reschedule", "ID", "--slot", f"{TUESDAY}15:00Z"),
        ("booking", "invite", "ID"),
        ("reservation", "confirm", "ID"),
        ("reservation", "drop", "ID"),
        ("booking", "show", "no-such-booking"),
    ],
    ids=" ".join,
)
def test_a_calendar_that_cannot_be_read_may_hold_it(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """It is not "no such booking": exit 5 names the calendar, exit 6 another program that holds it."""
    if command[0] == "reservation":
        slot = ("book", "--slot", f"{TUESDAY}14:00Z", "--account", "alice", "--field", "topic=x")
        uid = gbook.json(*slot, "--reserve", "15")["id"]
    else:
        uid = book(gbook, "14:00", "--account", "alice")
    arguments = [uid if word == "ID" else word for word in command]
    whole = (team / "alice.ics").read_bytes()
    for damaged in (whole[:-20], b"", whole.replace(b"BEGIN:VCALENDAR", b"<html>", 1)):
        (team / "alice.ics").write_bytes(damaged)
        result = gbook(*arguments)
        assert (result.code, "alice.ics" in result.err) == (5, True), (damaged[:20], result)
    (team / "alice.ics").write_bytes(whole)
    locked = {
        local_store(team / "alice.ics"): Locked(f"{team / 'alice.ics'}: another program holds its lock")
    }
    monkeypatch.setattr("gbook.bookings.records.make_current", lambda calendars: locked)
    result = gbook(*arguments)
    assert (result.code, "another program holds its lock" in result.err) == (6, True), result


def test_a_copy_that_an_optional_account_may_have(team: Path, gbook: Gbook) -> None:
    """A copy that cannot be read would stay behind: exit 5, and nothing is written."""
    profile(team, "accounts: [alice]\noptional: [bob]")
    uid = book(gbook, "14:00")
    assert len(events(team, uid)) == 2
    (team / "bob.ics").write_bytes((team / "bob.ics").read_bytes()[:-20])
    before = snapshot(team)
    result = gbook("booking", "cancel", uid)
    assert (result.code, "bob.ics" in result.err) == (5, True), result.err
    assert snapshot(team) == before
