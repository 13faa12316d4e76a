"""Limits of bookings hold for every way to book: of a profile, of an account, of a guest."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, book, make_team, profile

WEDNESDAY = "2026-11-25T"
DAYS = ("--from", "2026-11-24", "--to", "2026-11-25")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_team(tmp_path / "team", "accounts: [alice, bob]")
    monkeypatch.chdir(folder)
    return folder


def limit_account(folder: Path, account: str, cap: str) -> None:
    """Give an account in gbook.yaml one more key."""
    path = folder / "gbook.yaml"
    text = path.read_text()
    assert f"id: {account}," in text
    path.write_text(text.replace(f"id: {account},", f"id: {account}, {cap},"))


def refused(gbook: Gbook, *arguments: str) -> str:
    """Return the message of a command that ends with exit code 3."""
    result = gbook(*arguments)
    assert result.code == 3, result
    return str(result.err)


def test_an_account_has_its_limit_over_all_profiles(team: Path, gbook: Gbook) -> None:
    """Bookings of another profile and of none count; other accounts of the profile can still be booked."""
    limit_account(team, "alice", "maxBookingsPerDay: 2")
    call = (team / "profiles/demo.yaml").read_text()
    (team / "profiles/call.yaml").write_text(call)
    book(gbook, "09:00", "-p", "call", "--account", "alice")
    gbook.json("book", "--with", "alice", "--slot", f"{TUESDAY}10:00Z/{TUESDAY}10:30Z")
    message = refused(
        gbook,
        *("book", "-p", "demo", "--account", "alice"),
        "--slot",
        f"{TUESDAY}14:00Z",
        "--field",
        "topic=x",
    )
    cap = "alice: has 2 bookings on Tue 24 Nov 2026; maxBookingsPerDay of the account is 2"
    assert cap in message
    items = gbook.json("availability", "-p", "demo", *DAYS)["items"]
    assert {(item["start"][:10], *item["accountIds"]) for item in items} == {
        ("2026-11-24", "bob"),
        ("2026-11-25", "alice", "bob"),
    }


def test_a_guest_has_a_limit_with_all_accounts(team: Path, gbook: Gbook) -> None:
    """The bookings with bob count when alice is asked; spelling makes no difference; others are free."""
    profile(team, "accounts: [alice, bob]\nmaxGuestBookingsPerWeek: 1")
    uid = book(gbook, "09:00", "--account", "bob")
    asked = ("availability", "--account", "alice", *DAYS)
    assert gbook.json(*asked)["items"]
    assert gbook.json(*asked, "--email", "other@example.org")["items"]
    assert gbook.json(*asked, "--email", "GWEN@example.org")["items"] == []
    more = ("--account", "alice", "--slot", f"{WEDNESDAY}14:00Z", "--field", "topic=x")
    message = refused(gbook, "book", *more, "--email", "Gwen@Example.ORG")
    assert "guest Gwen@Example.ORG has 1 booking of profile demo in the week of Mon 23 Nov 2026" in message
    (rule,) = {
        (reason["code"], reason["message"])
        for member in gbook.json("why", f"{WEDNESDAY}14:00Z", "--email", "gwen@example.org")["members"]
        for account in member["accounts"]
        for reason in account["reasons"]
    }
    assert rule[0] == "guest_cap"
    # It does not count against itself.
    moved = gbook.json("booking", "reschedule", uid, "--slot", f"{WEDNESDAY}09:00Z")
    assert moved["start"].startswith(WEDNESDAY)
    gbook.json("booking", "cancel", uid)
    gbook.json("book", *more, "--email", "gwen@example.org")


def test_a_reservation_is_confirmed_for_a_guest_who_has_room(team: Path, gbook: Gbook) -> None:
    """A guest that only the confirmation names is counted then; the guest of the reservation was before."""
    profile(team, "accounts: [alice, bob]\nmaxGuestBookingsPerDay: 1")
    book(gbook, "09:00")
    slot = ("--slot", f"{TUESDAY}11:00Z", "--reserve", "2h", "--field", "topic=x")
    held = gbook.json("book", *slot)["id"]
    message = refused(gbook, "reservation", "confirm", held, "--email", "gwen@example.org")
    assert "maxGuestBookingsPerDay is 1" in message
    assert gbook.json("reservation", "confirm", held, "--email", "new@example.org")["status"] == "confirmed"


def test_guests_who_confirm_are_counted_then(team: Path, gbook: Gbook) -> None:
    """Not before: anyone can reserve under an address. The limit holds for what is booked all the same."""
    profile(team, "accounts: [alice, bob]\nconfirmEmail: true\nmaxGuestBookingsPerDay: 1")
    first, second = (book(gbook, time, "--reserve", "30") for time in ("09:00", "10:00"))
    gbook.json("reservation", "confirm", first)
    assert "maxGuestBookingsPerDay is 1" in refused(gbook, "reservation", "confirm", second)


def test_a_proposal_is_one_booking(team: Path, gbook: Gbook) -> None:
    """Several times of a day may be proposed to a guest with one booking a day: one of them is used."""
    profile(team, "accounts: [alice, bob]\nmaxGuestBookingsPerDay: 1")
    proposed = (
        "--first",
        "3",
        "--for",
        "2d",
        "--name",
        "Gwen",
        "--email",
        "gwen@example.org",
        "--field",
        "topic=x",
    )
    for day in (TUESDAY, WEDNESDAY):
        reservations = gbook.json("propose", *proposed)["reservations"]
        assert [one["start"][:11] for one in reservations] == [day] * 3


def test_no_slots_because_of_a_limit(team: Path, gbook: Gbook) -> None:
    """The answer without slots names the limit, and what would help."""
    profile(team, "accounts: [alice]\nmaxBookingsPerMonth: 1")
    book(gbook, "09:00")
    shown = gbook("availability", "--to", "2026-11-30", "--email", "gwen@example.org").out
    assert "  gbook why -p demo --email gwen@example.org 2026-11-24" in shown
    assert "alice has 1 booking of profile demo in November 2026; maxBookingsPerMonth is 1" in shown
    assert "without maxBookingsPerMonth" in shown


def test_bookings_that_cannot_be_counted(team: Path, gbook: Gbook) -> None:
    """A calendar of another account that cannot be read is a warning, and an error with --strict."""
    profile(team, "accounts: [alice]\nmaxGuestBookingsPerDay: 1")
    (team / "bob.ics").write_text("no calendar")
    document = gbook.json("availability", "--email", "gwen@example.org")
    assert [warning["code"] for warning in document["warnings"]] == ["uncounted_bookings"]
    assert document["items"]
    assert gbook("availability", "--email", "gwen@example.org", "--strict").code == 5
    assert gbook.json("availability")["warnings"] == []


def test_bookings_of_a_guest_at_the_same_time_count_each(team: Path, gbook: Gbook) -> None:
    """With different accounts; only those of one session are one booking of an account."""
    profile(team, "accounts: [alice, bob]\nmaxGuestBookingsPerWeek: 2")
    book(gbook, "09:00", "--account", "alice")
    book(gbook, "09:00", "--account", "bob")
    more = ("--slot", f"{WEDNESDAY}14:00Z", "--field", "topic=x", "--email", "gwen@example.org")
    assert "maxGuestBookingsPerWeek is 2" in refused(gbook, "book", *more)


def test_a_date_of_a_series_moves_into_a_week_with_room(team: Path, gbook: Gbook) -> None:
    """One week has its booking already."""
    profile(team, "accounts: [alice, bob]\nmaxGuestBookingsPerWeek: 1")
    uid = book(gbook, "09:00", "--repeat", "weekly", "--count", "2")
    move = ("booking", "reschedule", uid, "--date", "2026-12-01", "--slot")
    assert "maxGuestBookingsPerWeek is 1" in refused(gbook, *move, f"{WEDNESDAY}14:00Z")
    gbook.json(*move, "2026-12-02T14:00Z")


def test_an_expired_reservation_counts_again(
    team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its guest has booked another time since it expired."""
    profile(team, "accounts: [alice, bob]\nmaxGuestBookingsPerWeek: 1")
    uid = book(gbook, "09:00", "--reserve", "30")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T10:00:00Z")
    book(gbook, "14:00", "--account", "bob")
    # The reservation was swept away where something was written since.
    assert "maxGuestBookingsPerWeek is 1" in refused(gbook, "reservation", "confirm", uid)
