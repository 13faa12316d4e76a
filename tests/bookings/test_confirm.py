"""Reservations: held, confirmed, dropped, expired."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook, ended, started
from support.team import TUESDAY, add_event, event, events, lines, profile

LATER = "2026-11-23T08:20:00Z"


def reserve(gbook: Gbook, at: str = "14:00", *more: str) -> str:
    """The id of a reservation of fifteen minutes."""
    reserved = gbook.json("book", "--slot", f"{TUESDAY}{at}Z", "--reserve", "15", *more)
    assert (reserved["created"], reserved["expires"]) == (False, "2026-11-23T08:15:00Z")
    return str(reserved["reservationId"])


def test_a_reservation_becomes_a_booking(team: Path, gbook: Gbook) -> None:
    """Who asks and what about may be said on confirming; then it is as if it had been booked so."""
    uid = reserve(gbook, "14:00", "--required", "all")
    said = ("--name", "Gwen", "--email", "gwen@example.org", "--field", "topic=Looms; new")
    document = gbook.json("reservation", "confirm", uid, *said, "--invite", "ida@example.org")
    assert (document["created"], document["reservationId"], document["expires"]) == (True, None, None)
    assert (document["status"], document["sequence"]) == ("confirmed", 1)
    assert document["guest"] == {"name": "Gwen", "email": "gwen@example.org", "partstat": "NEEDS-ACTION"}
    booked = event(team, uid)
    assert list(events(team, uid)) == ["alice.ics", "bob.ics", "carol"]
    assert (booked["STATUS"], booked["SUMMARY"]) == ("CONFIRMED", "Demo for Gwen")
    assert booked["DESCRIPTION"] == "Looms; new, 2026-11-24 14:00 UTC with Alice Liddell"
    assert "X-GBOOK-EXPIRES" not in booked
    invited = [str(one).removeprefix("mailto:").partition("@")[0] for one in booked["ATTENDEE"]]
    assert invited == ["alice", "bob", "carol", "gwen", "ida"]


def test_what_was_said_on_reserving_holds(team: Path, gbook: Gbook) -> None:
    """Fields and guest of the reservation are those of the booking, unless new ones are given."""
    odd = "topic=50% off; a, b\\c ü&x=1"
    uid = reserve(gbook, "14:00", "--name", "Gwen", "--field", odd)
    gbook.json("reservation", "confirm", uid, "--email", "gwen@example.org")
    assert str(event(team, uid)["SUMMARY"]) == "Demo for Gwen"
    assert str(event(team, uid)["DESCRIPTION"]).startswith("50% off; a, b\\c ü&x=1, 2026")


def test_a_field_that_is_missing(team: Path, gbook: Gbook) -> None:
    """A slot can be held without it, but not booked: exit 2, with the option to give."""
    uid = reserve(gbook)
    before = snapshot(team)
    result = gbook("reservation", "confirm", uid, "--name", "Gwen")
    assert (result.code, "--field topic=" in result.err) == (2, True), result.err
    assert snapshot(team) == before


def test_only_the_lines_that_must_change(team: Path, gbook: Gbook) -> None:
    """A confirmation without anything new touches the status, nothing else."""
    uid = reserve(gbook, "14:00", "--field", "topic=Looms")
    before = set(lines(team / "alice.ics"))
    gbook.json("reservation", "confirm", uid)
    after = set(lines(team / "alice.ics"))
    assert after - before == {"STATUS:CONFIRMED", "SEQUENCE:1"}
    assert before - after == {"STATUS:TENTATIVE", "SEQUENCE:0", "X-GBOOK-EXPIRES:20261123T081500Z"}


def test_other_calendars_are_asked_again(team: Path, gbook: Gbook) -> None:
    """A new event in the calendar of any participant refuses the confirmation: exit 3."""
    uid = reserve(gbook, "14:00", "--required", "all", "--field", "topic=Looms")
    add_event(team / "bob.ics", "14:20", "15:00")
    before = snapshot(team)
    result = gbook("reservation", "confirm", uid, "--json")
    assert (result.code, "bob: busy 14:20" in result.err) == (3, True), result.err
    assert '"2026-11-24T13:30:00Z"' in result.out
    assert snapshot(team) == before


CHANGES = {
    "duration": ["--duration", "45"],
    "hours": ["--hours", "wed 09:00-10:00"],
    "zone": ["--timezone", "Asia/Tokyo"],
    "period": ["--end", "2026-11-24T09:00Z"],
    "start": ["--start", "2026-12-01"],
    "how far ahead": ["--for", "PT1H"],
    "notice": ["--notice", "100000"],
    "buffers": ["--buffer-before", "60", "--buffer", "60"],
    "cap": ["--max-per-day", "1"],
    "members": ["--set", "accounts=[carol]"],
    "group": ["--set", "accounts=null", "--group", "g=carol:one"],
    "dates": [
        "--set",
        "availabilityIntervals={intervals: [{dateStartInclusive: 2026-11-24, dateEndInclusive: 2026-11-24}]}",
    ],
    "a field that must be given": ["--description", "{{topic}} {{budget}}"],
    "no fields": ["--description", "Hello", "--subject", "Demo"],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_promise_outlives_a_change_of_the_profile(team: Path, gbook: Gbook, change: list[str]) -> None:
    """A reservation can be confirmed until it expires, even if the profile has changed."""
    profile(team, "accounts: [alice, bob]")
    uid = reserve(gbook, "14:00", "--field", "topic=Looms", "--account", "alice")
    neighbour = gbook.json("book", "--slot", f"{TUESDAY}14:45Z", "--account", "alice", "--field", "topic=x")
    assert neighbour["host"] == "alice"
    add_event(team / "alice.ics", "13:45", "14:00")
    gbook.json("profile", "update", "demo", *change)
    confirmed = gbook.json("reservation", "confirm", uid)
    assert (confirmed["status"], confirmed["host"]) == ("confirmed", "alice")
    assert (confirmed["start"], confirmed["end"]) == (f"{TUESDAY}14:00:00Z", f"{TUESDAY}14:30:00Z")
    assert str(event(team, uid)["SUMMARY"]) == "Demo for"


def test_a_promise_outlives_new_hours_of_an_account(team: Path, gbook: Gbook) -> None:
    """An account that works at other times from now on keeps what it holds."""
    uid = reserve(gbook, "14:00", "--field", "topic=Looms", "--account", "alice")
    gbook.json("account", "update", "alice", "--hours", "tue 09:00-10:00")
    assert gbook.json("reservation", "confirm", uid)["status"] == "confirmed"


def test_a_promise_outlives_the_profile(team: Path, gbook: Gbook) -> None:
    """A deleted profile leaves the event as it is: only its status changes."""
    uid = reserve(gbook, "14:00", "--field", "topic=Looms", "--account", "alice")
    (team / "profiles/demo.yaml").unlink()
    before = set(lines(team / "alice.ics"))
    assert gbook.json("reservation", "confirm", uid, "--name", "Gwen", "--email", "g@example.org")
    gone = before - set(lines(team / "alice.ics"))
    assert gone == {"STATUS:TENTATIVE", "SEQUENCE:0", "X-GBOOK-EXPIRES:20261123T081500Z"}


def test_what_was_asked_for_is_asked_for(team: Path, gbook: Gbook) -> None:
    """A field that the guest owed when the slot was reserved is owed still; one that came later is empty."""
    uid = reserve(gbook)
    gbook.json("profile", "update", "demo", "--description", "{{topic}} {{a b}} {{later}}")
    assert "needs topic (" in gbook("reservation", "confirm", uid).err
    gbook.json("reservation", "confirm", uid, "--field", "topic=Looms", "--field", "a b=c")
    assert str(event(team, uid)["DESCRIPTION"]) == "Looms c "


def test_an_expired_one_is_promised_no_more(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is judged as a new booking: by the profile as it is now."""
    uid = reserve(gbook, "14:00", "--field", "topic=Looms")
    gbook.json("profile", "update", "demo", "--hours", "wed 09:00-10:00")
    monkeypatch.setenv("GBOOK_NOW", LATER)
    result = gbook("reservation", "confirm", uid)
    assert (result.code, "expired on Mon 23 Nov 2026 08:15 UTC" in result.err) == (3, True), result.err


def test_the_notice_was_kept_on_reserving(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot held in time can be confirmed until it begins."""
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T13:00:00Z")
    slot = ("--slot", f"{TUESDAY}14:00Z", "--field", "topic=x")
    uid = gbook.json("book", *slot, "--reserve", "90")["id"]
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T13:50:00Z")
    gbook.json("reservation", "confirm", uid, "--dry-run")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T14:01:00Z")
    assert "in the past" in gbook("reservation", "confirm", uid).err
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T13:50:00Z")
    gbook.json("reservation", "confirm", uid)


def test_dropped_without_a_trace(team: Path, gbook: Gbook) -> None:
    """Every byte is as it was before, and the slot is free."""
    before = snapshot(team)
    uid = reserve(gbook, "14:00", "--required", "all")
    assert gbook("book", "--slot", f"{TUESDAY}14:00Z", "--field", "topic=x").code == 3
    assert gbook.json("reservation", "drop", uid) == {"status": "Ok"}
    assert snapshot(team) == before


def test_expired_time_is_offered_again(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged when read: no cleaning has to run. The next write to a calendar clears it."""
    before = snapshot(team)
    held = reserve(gbook, "14:00", "--required", "all")
    free = ("availability", "--required", "all", "--from", f"{TUESDAY}14:00Z", "--to", f"{TUESDAY}14:30Z")
    assert gbook.json(*free)["items"] == []
    monkeypatch.setenv("GBOOK_NOW", LATER)
    standing = snapshot(team)
    assert len(gbook.json(*free)["items"]) == 1
    assert gbook.json("reservation", "list")["records"] == []
    assert [one["id"] for one in gbook.json("reservation", "list", "--all")["records"]] == [held]
    assert snapshot(team) == standing
    booked = gbook.json("book", "--slot", f"{TUESDAY}15:00Z", "--required", "all", "--field", "topic=x")
    assert events(team, held) == {}
    gbook.json("booking", "cancel", booked["id"], "--remove")
    assert snapshot(team) == before


def test_an_expired_one_will_do_while_its_time_is_free(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expired reservation can be confirmed while its time is free; otherwise exit 3 gives both reasons."""
    said = ("--field", "topic=x", "--account", "alice")
    late, too_late = reserve(gbook, "14:00", *said), reserve(gbook, "16:00", *said)
    monkeypatch.setenv("GBOOK_NOW", LATER)
    assert gbook.json("reservation", "confirm", late)["status"] == "confirmed"
    add_event(team / "alice.ics", "16:00", "16:10")
    result = gbook("reservation", "confirm", too_late)
    # The first confirmation has cleared alice's calendar of it.
    assert result.code == 4
    assert "gbook reservation list" in result.err


def test_confirming_an_expired_reservation_of_a_taken_time_exits_3(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says that it expired and that its time is taken."""
    uid = reserve(gbook, "14:00", "--field", "topic=x")
    monkeypatch.setenv("GBOOK_NOW", LATER)
    add_event(team / "alice.ics", "14:00", "14:10")
    result = gbook("reservation", "confirm", uid)
    assert result.code == 3
    assert "expired on Mon 23 Nov 2026 08:15 UTC, and" in result.err
    assert "alice: busy 14:00" in result.err


def test_copies_that_were_cleared_come_back(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expired reservation may have lost copies: once confirmed, it is in every calendar."""
    uid = reserve(gbook, "14:00", "--required", "all", "--field", "topic=x")
    monkeypatch.setenv("GBOOK_NOW", LATER)
    gbook.json("book", "--slot", f"{TUESDAY}10:00Z", "--account", "alice", "--field", "topic=y")
    assert list(events(team, uid)) == ["bob.ics", "carol"]
    assert gbook.json("reservation", "confirm", uid)["calendars"] == ["alice.ics", "bob.ics", "carol"]
    assert event(team, uid)["STATUS"] == "CONFIRMED"
    assert len(events(team, uid)) == 3


def test_nothing_is_confirmed_twice(team: Path, gbook: Gbook) -> None:
    """A booking is no reservation, and a reservation no booking: exit 4 says what to do with it."""
    uid = reserve(gbook, "14:00", "--field", "topic=x")
    result = gbook("booking", "cancel", uid)
    assert (result.code, f"gbook reservation confirm|drop {uid}" in result.err) == (4, True)
    gbook.json("reservation", "confirm", uid)
    for verb in ("confirm", "drop"):
        result = gbook("reservation", verb, uid)
        assert (result.code, f"gbook booking show {uid}" in result.err) == (4, True)


def test_one_of_two_wins(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes confirm two expired reservations of the same slot: one gets it."""
    profile(team, "accounts: [alice]")
    first = reserve(gbook, "14:00", "--field", "topic=x")
    calendar = (team / "alice.ics").read_bytes()
    gbook.json("reservation", "drop", first)
    second = reserve(gbook, "14:00", "--field", "topic=x")
    # Both stand there, as after a sync of two machines.
    begin, end = calendar.rindex(b"BEGIN:VEVENT"), calendar.rindex(b"END:VCALENDAR")
    now = (team / "alice.ics").read_bytes()
    at = now.rindex(b"END:VCALENDAR")
    (team / "alice.ics").write_bytes(now[:at] + calendar[begin:end] + now[at:])
    monkeypatch.setenv("GBOOK_NOW", LATER)
    running = [started("reservation", "confirm", uid) for uid in (first, second)]
    codes = [ended(process).code for process in running]
    # The winner's write may have cleared the other away already.
    assert min(codes) == 0
    assert max(codes) in (3, 4)
    confirmed = [uid for uid in (first, second) if events(team, uid)]
    assert len(confirmed) == 1
