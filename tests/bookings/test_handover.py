"""Bookings handed over to others, and those of accounts that have left or changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, add_event, book, event, events, profile


def move(uid: str, at: str, *more: str) -> tuple[str, ...]:
    return ("booking", "reschedule", uid, "--slot", f"{TUESDAY}{at}Z", *more)


def forget(team: Path, account: str) -> None:
    """The account taken out of gbook.yaml by hand; its calendar stays."""
    config = (team / "gbook.yaml").read_text().splitlines(keepends=True)
    (team / "gbook.yaml").write_text("".join(line for line in config if f"id: {account}," not in line))


def attendees(team: Path, uid: str) -> list[str]:
    found = event(team, uid)["ATTENDEE"]
    return [str(one).removeprefix("mailto:") for one in (found if isinstance(found, list) else [found])]


@pytest.mark.parametrize("at", ["14:00", "13:45"], ids=["all of it", "its beginning"])
def test_the_same_time_with_others(team: Path, gbook: Gbook, at: str) -> None:
    """The host is not free any more: another member takes the meeting over, and the guest keeps the time."""
    uid = book(gbook, "14:00", "--account", "alice")
    add_event(team / "alice.ics", at, "14:15")
    assert gbook.json(*move(uid, "14:00"))["accountIds"] == ["alice"], "not asked to hand it over"
    result = gbook(*move(uid, "14:00", "--reassign"))
    assert (result.code, result.out.startswith("Reassigned: Tue 24 Nov")) == (0, True), result
    assert list(events(team, uid)) == ["bob.ics"]
    assert attendees(team, uid) == ["gwen@example.org", "bob@example.com"]
    shown = gbook.json("booking", "show", uid)
    assert (shown["host"], shown["start"], shown["sequence"]) == ("bob", f"{TUESDAY}14:00:00Z", 1)


def test_nobody_else_is_needed(team: Path, gbook: Gbook) -> None:
    """An account that is free keeps its meeting: nothing is written, and the answer says so."""
    uid = book(gbook, "14:00", "--account", "alice")
    before = snapshot(team)
    assert gbook(*move(uid, "14:00", "--reassign")).out.startswith("Unchanged: ")
    assert snapshot(team) == before


def test_at_the_last_minute(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice and hours of the profile are for new times, not for one that a guest has already."""
    uid = book(gbook, "14:00", "--account", "alice")
    add_event(team / "alice.ics", "14:00", "14:30")
    profile(team, "accounts: [alice, bob, carol]\nstartAfterMinutes: 600\nalign: clock\ndurationMinutes: 45")
    text = (
        (team / "profiles/demo.yaml")
        .read_text()
        .replace("durationMinutes: 30\n", "")
        .replace("17:00", "12:00")
    )
    (team / "profiles/demo.yaml").write_text(text)
    monkeypatch.setenv("GBOOK_NOW", f"{TUESDAY}13:50:00Z")
    handed = gbook.json(*move(uid, "14:00", "--reassign"))
    assert (handed["host"], handed["end"]) == ("bob", f"{TUESDAY}14:30:00Z")


def test_who_takes_over_must_be_free(team: Path, gbook: Gbook) -> None:
    """Busy time, buffers and own hours of the others count: else exit 3, and nothing changes."""
    uid = book(gbook, "14:00", "--account", "alice")
    for calendar, start, end in (("alice", "14:00", "14:30"), ("bob", "14:40", "15:00")):
        add_event(team / f"{calendar}.ics", start, end)
    config = (team / "gbook.yaml").read_text()
    hours = (
        "workHours: {daySchedules: [{dayOfWeek: tuesday, workingIntervals: [{start: 15:00, end: 16:00}]}]}"
    )
    (team / "gbook.yaml").write_text(config.replace("calendars: [carol]", f"calendars: [carol], {hours}"))
    before = snapshot(team)
    result = gbook(*move(uid, "14:00", "--reassign"))
    assert (result.code, "bob: busy 14:40" in result.err, "carol:" in result.err) == (3, True, True), (
        result.err
    )
    assert snapshot(team) == before


def test_a_member_who_was_detached(team: Path, gbook: Gbook) -> None:
    """Free or not, it takes no more meetings of the profile: --reassign hands them over."""
    uid = book(gbook, "14:00", "--required", "2")
    assert gbook.json("booking", "show", uid)["accountIds"] == ["alice", "bob"]
    profile(team, "accounts: [alice, carol]")
    assert gbook.json(*move(uid, "14:00", "--reassign"))["accountIds"] == ["alice", "carol"]
    assert list(events(team, uid)) == ["alice.ics", "carol"]


def test_an_account_that_has_left(team: Path, gbook: Gbook) -> None:
    """The remaining accounts move the meeting; a warning names the copy that gbook cannot change."""
    uid = book(gbook, "14:00", "--required", "all")
    profile(team, "accounts: [bob, carol]")
    forget(team, "alice")
    theirs = (team / "alice.ics").read_bytes()
    result = gbook(*move(uid, "15:00"))
    assert result.code == 0, result.err
    warning = r"^warning: alice\.ics: account alice is no longer in gbook\.yaml"
    assert re.search(warning, result.err, re.MULTILINE)
    assert (team / "alice.ics").read_bytes() == theirs
    (team / "alice.ics").unlink()
    assert list(events(team, uid)) == ["bob.ics", "carol"]
    assert attendees(team, uid) == ["bob@example.com", "carol@example.com", "gwen@example.org"]
    assert str(event(team, uid)["ORGANIZER"]) == "mailto:bob@example.com"
    assert gbook.json("booking", "show", uid)["host"] == "bob"


@pytest.mark.parametrize("command", ["cancel", "cancel --remove", "show"])
def test_its_other_copies_are_cancelled(team: Path, gbook: Gbook, command: str) -> None:
    """A booking can be seen and cancelled though its host has left."""
    uid = book(gbook, "14:00", "--required", "all")
    profile(team, "accounts: [bob, carol]")
    forget(team, "alice")
    result = gbook("booking", *command.split(), uid)
    assert (result.code, "alice.ics" in result.err) == (0, True), result.err


def test_a_copy_in_a_folder_of_its_own(team: Path, gbook: Gbook) -> None:
    """A vdir beside the calendars of gbook.yaml is found; one elsewhere is not, and cannot be named."""
    uid = book(gbook, "14:00", "--required", "all")
    profile(team, "accounts: [alice, bob]")
    forget(team, "carol")
    assert f"warning: carol/{uid}.ics: account carol" in gbook(*move(uid, "15:00", "--dry-run")).err
    (team / "carol").rename(team.parent / "carol")
    assert "warning: account carol is no longer in gbook.yaml" in gbook(*move(uid, "15:00")).err


def test_a_replacement_for_one_who_has_left(team: Path, gbook: Gbook) -> None:
    """With --reassign as many take part as before."""
    uid = book(gbook, "14:00", "--required", "2")
    profile(team, "accounts: [alice, carol]")
    forget(team, "bob")
    assert gbook.json(*move(uid, "14:00"))["accountIds"] == ["alice", "bob"], "unchanged"
    assert gbook.json(*move(uid, "14:00", "--reassign"))["accountIds"] == ["alice", "carol"]


def test_an_account_with_another_id(team: Path, gbook: Gbook) -> None:
    """It is known by its address, and the event then names it by its new id."""
    uid = book(gbook, "14:00", "--required", "all")
    config = (team / "gbook.yaml").read_text().replace("id: alice,", "id: al,")
    (team / "gbook.yaml").write_text(config)
    profile(team, "accounts: [al, bob, carol]")
    result = gbook(*move(uid, "15:00"))
    assert (result.code, result.err) == (0, "")
    assert gbook.json("booking", "show", uid)["accountIds"] == ["al", "bob", "carol"]
    assert len(attendees(team, uid)) == 4


def test_an_account_with_another_address(team: Path, gbook: Gbook) -> None:
    """The account takes part under its new address; the old address is not invited."""
    uid = book(gbook, "14:00", "--required", "all")
    gbook.json("account", "update", "bob", "--email", "bob.sawyer@example.net")
    gbook.json(*move(uid, "15:00"))
    assert attendees(team, uid) == [
        *("alice@example.com", "carol@example.com", "gwen@example.org", "bob.sawyer@example.net"),
    ]


def test_all_of_them_have_left(team: Path, gbook: Gbook) -> None:
    """Where a colleague has their calendar, the meeting is found there, and others can take it over."""
    uid = book(gbook, "14:00", "--account", "alice")
    profile(team, "accounts: [bob]")
    forget(team, "alice")
    config = (team / "gbook.yaml").read_text()
    (team / "gbook.yaml").write_text(config.replace("[bob.ics]", "[bob.ics, alice.ics]"))
    result = gbook(*move(uid, "15:00"))
    assert (result.code, "no account of booking" in result.err, "--reassign" in result.err) == (3, True, True)
    assert gbook.json(*move(uid, "15:00", "--reassign"))["host"] == "bob"
    assert list(events(team, uid)) == ["alice.ics"]
