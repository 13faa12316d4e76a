"""Bookings at another time."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook, GbookProcess, ended, started
from support.team import TUESDAY, add_event, book, event, events, lines, profile

MOVED = {"SEQUENCE:1", "DTSTART:20261124T141500Z", "DTEND:20261124T144500Z"}


def move(uid: str, at: str, *more: str) -> tuple[str, ...]:
    return ("booking", "reschedule", uid, "--slot", f"{TUESDAY}{at}Z", *more)


def attendees(team: Path, uid: str) -> dict[str, tuple[str, str]]:
    """Return the role and answer of each attendee, which are the same in every copy."""
    return {
        str(one).removeprefix("mailto:").partition("@")[0]: (one.params["ROLE"], one.params["PARTSTAT"])
        for one in event(team, uid)["ATTENDEE"]
    }


def test_a_shift_over_itself(team: Path, gbook: Gbook) -> None:
    """A quarter of an hour later works: the booking's own time and buffers do not block it."""
    uid = book(gbook, "14:00", "--required", "all")
    before = lines(team / "alice.ics")
    document = gbook.json(*move(uid, "14:15"))
    assert (document["id"], document["start"], document["sequence"]) == (uid, "2026-11-24T14:15:00Z", 1)
    assert document["accountIds"] == ["alice", "bob", "carol"]
    event(team, uid)
    assert set(lines(team / "alice.ics")) - set(before) >= MOVED


def test_what_a_move_changes(team: Path, gbook: Gbook) -> None:
    """The time, and the time in the words; the old time is kept; nothing else."""
    uid = book(gbook, "14:00")
    before = set(lines(team / "alice.ics"))
    gbook.json(*move(uid, "14:15"))
    after = set(lines(team / "alice.ics"))
    told = r"DESCRIPTION:Looms\, 2026-11-24 14:15 UTC with Alice Liddell"
    old = "X-GBOOK-MOVED-FROM:20261124T140000Z/20261124T143000Z"
    assert after - before == {*MOVED, told, old}
    assert len(before - after) == 4


def test_words_that_somebody_has_changed_stay(team: Path, gbook: Gbook) -> None:
    """They are not gbook's any more."""
    uid = book(gbook, "14:00")
    calendar = team / "alice.ics"
    calendar.write_bytes(calendar.read_bytes().replace(b"DESCRIPTION:Looms", b"DESCRIPTION:Ask about Looms"))
    gbook.json(*move(uid, "14:15"))
    assert r"DESCRIPTION:Ask about Looms\, 2026-11-24 14:00 UTC with Alice Liddell" in lines(calendar)


def test_another_time_is_another_question(team: Path, gbook: Gbook) -> None:
    """A move takes back what guests have answered (RFC 6638 §3.2.8); accounts are known to be free."""
    uid = book(gbook, "14:00")
    calendar = team / "alice.ics"
    asked = b"PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
    calendar.write_bytes(calendar.read_bytes().replace(asked, b"PARTSTAT=ACCEPTED;X-VIA=phone"))
    assert attendees(team, uid)["gwen"] == ("REQ-PARTICIPANT", "ACCEPTED")
    assert gbook.json(*move(uid, "14:15"))["guest"]["partstat"] == "NEEDS-ACTION"
    assert attendees(team, uid) == {
        "alice": ("CHAIR", "ACCEPTED"),
        "gwen": ("REQ-PARTICIPANT", "NEEDS-ACTION"),
    }
    assert any("X-VIA=phone" in line for line in lines(calendar))


def test_hosts_stay_or_it_is_refused(team: Path, gbook: Gbook) -> None:
    """Alice is not free then: exit 3, the slots nearby that she can take, and not a byte is changed."""
    uid = book(gbook, "14:00")
    add_event(team / "alice.ics", "15:00", "16:00")
    before = snapshot(team)
    result = gbook(*move(uid, "15:00", "--json"))
    assert (result.code, "others are free: use --reassign" in result.err) == (3, True)
    assert '"2026-11-24T14:15:00Z"' in result.out
    assert '"2026-11-24T15:00:00Z"' not in result.out.partition("alternatives")[2]
    assert snapshot(team) == before


def test_reassign_moves_the_event_to_another_account(team: Path, gbook: Gbook) -> None:
    """With --reassign it leaves alice's calendar for bob's in one commit, with the same UID."""
    before = snapshot(team)
    uid = book(gbook, "14:00")
    add_event(team / "bob.ics", "14:00", "14:30")
    with_bob = snapshot(team)["bob.ics"]
    add_event(team / "alice.ics", "15:00", "16:00")
    document = gbook.json(*move(uid, "15:00", "--reassign"))
    assert (document["host"], document["accountIds"], document["calendars"]) == ("bob", ["bob"], ["bob.ics"])
    assert list(events(team, uid)) == ["bob.ics"]
    assert attendees(team, uid) == {
        "bob": ("CHAIR", "ACCEPTED"),
        "gwen": ("REQ-PARTICIPANT", "NEEDS-ACTION"),
    }
    assert event(team, uid)["ORGANIZER"] == "mailto:bob@example.com"
    assert "with Bob Sawyer" in event(team, uid)["DESCRIPTION"]
    assert b"\r\n" not in (team / "bob.ics").read_bytes().split(b"\n", 5)[5].replace(b"\r\n", b"", 99)
    gbook.json("booking", "cancel", uid, "--remove")
    assert snapshot(team)["bob.ics"] == with_bob
    assert snapshot(team)["carol/" if "carol/" in before else "alice.ics"] != b""


def test_as_few_as_needed_change(team: Path, gbook: Gbook) -> None:
    """Of two participants, the one who is free stays, even if other accounts are listed first."""
    helpers = "{extId: helpers, accountIds: [alice, carol, bob], required: one}"
    profile(team, f"accounts: [alice, bob]\ngroups: [{helpers}]")
    uid = book(gbook, "14:00", "--account", "bob", "--group", "helpers", "--required", "all")
    assert attendees(team, uid).keys() == {"bob", "alice", "gwen"}
    add_event(team / "alice.ics", "15:00", "16:00")
    document = gbook.json(*move(uid, "15:00", "--reassign"))
    assert document["accountIds"] == ["bob", "carol"]
    assert list(events(team, uid)) == ["bob.ics", "carol"]


def test_optional_accounts_come_when_free(team: Path, gbook: Gbook) -> None:
    """Optional accounts never block a move: those that are free at the new time are invited."""
    profile(team, "accounts: [alice]\noptional: [bob]")
    uid = book(gbook, "14:00")
    assert list(events(team, uid)) == ["alice.ics", "bob.ics"]
    add_event(team / "bob.ics", "15:00", "16:00")
    gbook.json(*move(uid, "15:00"))
    assert list(events(team, uid)) == ["alice.ics"]
    gbook.json(*move(uid, "13:00"))
    assert list(events(team, uid)) == ["alice.ics", "bob.ics"]
    assert attendees(team, uid)["bob"] == ("OPT-PARTICIPANT", "NEEDS-ACTION")


def test_buffers_of_others_hold(team: Path, gbook: Gbook) -> None:
    """The time that must be free after a meeting must be free after a moved one."""
    uid = book(gbook, "14:00", "--account", "alice")
    add_event(team / "alice.ics", "15:40", "16:00")
    assert gbook(*move(uid, "15:00")).code == 3
    assert gbook(*move(uid, "14:45")).code == 0


def test_the_same_time_changes_nothing(team: Path, gbook: Gbook) -> None:
    """A script may run twice: the second run finds the booking where it is to be."""
    uid = book(gbook, "14:00")
    first = gbook.json(*move(uid, "15:00"))
    before = snapshot(team)
    assert gbook.json(*move(uid, "15:00")) == first
    assert snapshot(team) == before


def test_the_time_left_is_offered_again(team: Path, gbook: Gbook) -> None:
    """And the time taken is not."""
    uid = book(gbook, "14:00", "--account", "alice")
    gbook.json(*move(uid, "15:00"))
    assert gbook("book", "--slot", f"{TUESDAY}15:00Z", "--account", "alice", "--field", "topic=x").code == 3
    assert book(gbook, "14:00", "--account", "alice")


def test_a_daily_cap_counts_a_moved_booking_once(team: Path, gbook: Gbook) -> None:
    """A host with one meeting a day can move it within that day."""
    profile(team, "accounts: [alice]\nmaxBookingsPerDay: 1")
    uid = book(gbook, "14:00")
    assert gbook("book", "--slot", f"{TUESDAY}10:00Z", "--field", "topic=x").code == 3
    assert gbook(*move(uid, "10:00")).code == 0


def test_an_event_with_a_duration(team: Path, gbook: Gbook) -> None:
    """Another program may have written DURATION for DTEND: the two never stand together (RFC 5545 §3.6.1)."""
    uid = book(gbook, "14:00")
    calendar = team / "alice.ics"
    calendar.write_bytes(calendar.read_bytes().replace(b"DTEND:20261124T143000Z", b"DURATION:PT30M"))
    assert gbook.json("booking", "show", uid)["end"] == "2026-11-24T14:30:00Z"
    gbook.json(*move(uid, "14:15"))
    assert "DURATION" not in event(team, uid)


def test_a_reservation_that_is_moved_stays_one(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the new time until it would have expired; after that it cannot be moved."""
    slot = ("book", "--slot", f"{TUESDAY}14:00Z", "--account", "alice")
    uid = gbook.json(*slot, "--reserve", "15", "--name", "Gwen", "--email", "gwen@example.org")["id"]
    moved = gbook.json(*move(uid, "15:00"))
    state = ("tentative", "2026-11-24T15:00:00Z", "2026-11-23T08:15:00Z", uid)
    assert tuple(moved[key] for key in ("status", "start", "expires", "reservationId")) == state
    taken = ("book", "--slot", f"{TUESDAY}15:00Z", "--account", "alice", "--field", "topic=x")
    assert gbook(*taken).code == 3
    assert gbook(*slot, "--field", "topic=x").code == 0
    assert gbook.json("reservation", "confirm", uid, "--field", "topic=x")["status"] == "confirmed"
    held = gbook.json("book", "--slot", f"{TUESDAY}10:00Z", "--reserve", "15")["id"]
    assert gbook("reservation", "reschedule", held, "--slot", f"{TUESDAY}11:00Z").code == 0
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:15:00Z")
    result = gbook(*move(held, "12:00"))
    assert (result.code, "expired on Mon 23 Nov 2026 08:15 UTC" in result.err) == (3, True), result.err


def test_a_reservation_invites_nobody(team: Path, gbook: Gbook) -> None:
    """Its guest is invited when it is confirmed: exit 2."""
    uid = gbook.json("book", "--slot", f"{TUESDAY}14:00Z", "--reserve", "15")["id"]
    assert gbook(*move(uid, "15:00", "--invitation", "x.ics")).code == 2


def test_a_dry_run_writes_nothing(team: Path, gbook: Gbook) -> None:
    """It judges as the move would, and says what it would do."""
    uid = book(gbook, "14:00", "--required", "all")
    before = snapshot(team)
    document = gbook.json(*move(uid, "14:15", "--dry-run"))
    assert document["start"] == "2026-11-24T14:15:00Z"
    assert "DTSTART:20261124T141500Z" in document["event"]
    assert " to Tue 24 Nov 2026 14:15–14:45 UTC; writes 3 calendars" in gbook(*move(uid, "14:15", "-n")).out
    unchanged = gbook(*move(uid, "14:00", "-n")).out
    assert unchanged == "Would leave Tue 24 Nov 2026 14:00–14:30 UTC (Demo for Gwen) as it is\n"
    assert gbook(*move(uid, "22:15", "--dry-run")).code == 3
    assert snapshot(team) == before


def test_one_of_two_wins(team: Path, gbook: Gbook) -> None:
    """Two processes move two bookings of alice's to the same slot: one gets it, the other is refused."""
    both = [book(gbook, at, "--account", "alice") for at in ("10:00", "12:00")]
    results = [ended(process) for process in [started(*move(uid, "15:00")) for uid in both]]
    assert sorted(result.code for result in results) == [0, 3], results
    starts = [GbookProcess().json("booking", "show", uid)["start"] for uid in both]
    assert starts.count("2026-11-24T15:00:00Z") == 1
