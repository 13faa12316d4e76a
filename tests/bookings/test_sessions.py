"""Sessions: guests of a profile with seats share a time, each with a booking of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook
from support.smtp_server import mail_of
from support.team import TUESDAY, book, event, make_team, profile

AT = f"{TUESDAY}14:00Z"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_team(tmp_path / "team", "accounts: [alice, bob]\nseats: 3")
    monkeypatch.chdir(folder)
    return folder


def join(gbook: Gbook, guest: str, *more: str) -> dict[str, object]:
    """Book the time for a guest, and return the document."""
    person = ("--name", guest.title(), "--email", f"{guest}@example.org", "--field", "topic=x")
    document: dict[str, object] = gbook.json("book", "--slot", AT, *person, *more)
    return document


def listed(gbook: Gbook) -> list[tuple[object, object]]:
    """Return who would be booked at the time, and how many seats are left."""
    items = gbook.json("availability", "--from", "2026-11-24", "--to", "2026-11-24")["items"]
    return [(one["accountIds"], one["seatsLeft"]) for one in items if one["start"].startswith(AT[:-1])]


def test_a_session_is_filled_before_another_begins(team: Path, gbook: Gbook) -> None:
    """Three guests meet alice, the fourth meets bob; each document says how many seats are left."""
    booked = [join(gbook, guest) for guest in ("ann", "ben", "cat", "dan")]
    assert [one["accountIds"] for one in booked] == [["alice"]] * 3 + [["bob"]]
    assert [(one["seats"], one["seatsLeft"]) for one in booked] == [(3, 2), (3, 1), (3, 0), (3, 2)]
    assert listed(gbook) == [(["bob"], 2)]
    records = gbook.json("booking", "list")["records"]
    assert sorted(one["seatsLeft"] for one in records) == [0, 0, 0, 2]
    assert gbook.json("booking", "show", str(booked[3]["id"]))["seatsLeft"] == 2


def test_a_full_session_says_so(team: Path, gbook: Gbook) -> None:
    """`why` and a refusal name the seats; the own buffer keeps other times free as always."""
    profile(team, "accounts: [alice]\nseats: 2")
    for guest in ("ann", "ben"):
        join(gbook, guest)
    assert listed(gbook) == []
    refused = gbook("book", "--slot", AT, "--name", "Cat", "--field", "topic=x")
    assert (refused.code, "alice: all 2 seats are taken" in refused.err) == (3, True)
    (reason,) = gbook.json("why", AT)["members"][0]["accounts"][0]["reasons"]
    assert reason["code"] == "seats"
    (reason,) = gbook.json("why", f"{TUESDAY}14:30Z")["members"][0]["accounts"][0]["reasons"][:1]
    assert reason["code"] == "buffer"


def test_guests_do_not_see_each_other(team: Path, gbook: Gbook) -> None:
    """Each event has one guest, and its own UID."""
    first, second = (str(join(gbook, guest)["id"]) for guest in ("ann", "ben"))
    assert "ben@example.org" not in str(event(team, first).to_ical())
    assert "ann@example.org" not in str(event(team, second).to_ical())


def test_one_guest_leaves_and_another_comes(team: Path, gbook: Gbook) -> None:
    """A seat is free again when its guest cancels or moves; a moved guest joins the session there."""
    uids = [str(join(gbook, guest)["id"]) for guest in ("ann", "ben", "cat")]
    gbook.json("booking", "cancel", uids[0])
    assert listed(gbook) == [(["alice"], 1)]
    later = f"{TUESDAY}16:00Z"
    gbook.json("booking", "reschedule", uids[1], "--slot", later)
    gbook.json("booking", "reschedule", uids[2], "--slot", later)
    assert {one["start"] for one in gbook.json("booking", "list")["records"]} == {f"{TUESDAY}16:00:00Z"}
    assert listed(gbook) == [(["alice", "bob"], 3)]


def test_reservations_take_seats(team: Path, gbook: Gbook) -> None:
    """They count until they are dropped, and can be confirmed in a full session."""
    profile(team, "accounts: [alice]\nseats: 2")
    held = str(join(gbook, "ann", "--reserve", "1h")["id"])
    join(gbook, "ben")
    assert listed(gbook) == []
    profile(team, "accounts: [alice]\nseats: 3")
    join(gbook, "cat")
    profile(team, "accounts: [alice]\nseats: 2")
    assert gbook.json("reservation", "confirm", held)["status"] == "confirmed"


def test_all_accounts_of_a_session_meet(team: Path, gbook: Gbook) -> None:
    """Who asks for alice alone does not join a session of alice and bob."""
    join(gbook, "ann", "--required", "all")
    assert join(gbook, "ben")["accountIds"] == ["alice", "bob"]
    alone = gbook("book", "--slot", AT, "--account", "alice", "--name", "Cat", "--field", "topic=x")
    assert alone.code == 3
    assert "in a session with others" in alone.err


def test_a_session_is_cancelled_as_a_whole(team: Path, gbook: Gbook) -> None:
    """Every booking of it, and no other; a reservation of it is dropped."""
    uids = [str(join(gbook, guest)["id"]) for guest in ("ann", "ben")]
    held = str(join(gbook, "cat", "--reserve", "1h")["id"])
    other = str(join(gbook, "dan")["id"])
    planned = gbook("booking", "cancel", uids[0], "--session", "--dry-run").out
    assert "1 other booking of the session (Ben)" in planned
    document = gbook.json("booking", "cancel", uids[0], "--session", "--reason", "ill")
    assert [one["id"] for one in document["session"]] == [uids[1]]
    states = {one["id"]: one["status"] for one in gbook.json("booking", "list", "--all")["records"]}
    assert states == {uids[0]: "cancelled", uids[1]: "cancelled", other: "confirmed"}
    assert gbook("booking", "show", held).code == 4
    single = book(gbook, "10:00", "--reserve", "1h")
    assert gbook("booking", "cancel", single, "--session").code == 4


def test_each_guest_of_a_cancelled_session_gets_a_mail(team: Path, gbook: Gbook) -> None:
    """Each mail is for one guest, about the guest's own event; none names another guest."""
    uids = {guest: str(join(gbook, guest)["id"]) for guest in ("ann", "ben")}
    with mail_of(team) as box:
        gbook.json("booking", "cancel", uids["ann"], "--session", "--mail")
    assert {tuple(mail.to) for mail in box.messages} == {(f"{guest}@example.org",) for guest in uids}
    for mail in box.messages:
        (recipient,) = mail.to
        calendar = mail.calendar.get_content()
        assert "METHOD:CANCEL" in calendar
        for guest, uid in uids.items():
            assert (uid in calendar) == (f"{guest}@" in mail.content.decode()) == recipient.startswith(guest)


def test_only_bookings_with_seats_have_a_session(team: Path, gbook: Gbook) -> None:
    """--session of another booking is a mistake, and so are options for one booking."""
    profile(team, "accounts: [alice]")
    uid = book(gbook, "10:00")
    assert gbook("booking", "cancel", uid, "--session").code == 2
    assert gbook("booking", "cancel", uid, "--session", "--invitation", "x.ics").code == 2


def test_a_session_is_one_line_and_no_double_booking(team: Path, gbook: Gbook) -> None:
    """The agenda shows it once, with its guests; `check` finds nothing."""
    for guest in ("ann", "ben"):
        join(gbook, guest)
    items = gbook.json("agenda", "--from", "2026-11-24", "--to", "2026-11-24")["items"]
    assert [(one["accountId"], one["subject"], one["guests"]) for one in items] == [("alice", "demo", 2)]
    assert "demo (2 guests)" in gbook("agenda", "--from", "2026-11-24", "--to", "2026-11-24").out
    assert gbook("check").code == 0


def test_lists_show_seats(team: Path, gbook: Gbook) -> None:
    """The list of slots has a column, and the answer of `book` a line."""
    shown = gbook("book", "--slot", AT, "--name", "Ann", "--field", "topic=x").out
    assert "2 of 3 seats left" in shown
    lines = gbook("availability", "--from", "2026-11-24", "--to", "2026-11-24", "--view", "list").out
    assert "2 of 3" in lines
    (booked,) = gbook.json("booking", "list")["records"]
    assert "2 of 3 seats left" in gbook("booking", "show", booked["id"]).out
    first = ("--from", "2026-11-24", "--limit", "1", "--format", "{accounts} {seatsLeft}")
    assert gbook("availability", *first).out == "alice,bob 3\n"


def test_a_session_is_one_booking_for_balance_and_caps(team: Path, gbook: Gbook) -> None:
    """Three guests of alice weigh as much as one: the next session is bob's, the one after it alice's."""
    profile(team, "accounts: [alice, bob]\nseats: 3\nassignment: balanced\nmaxBookingsPerDay: 2")
    for guest in ("ann", "ben", "cat"):
        join(gbook, guest)
    hosts = [gbook.json("booking", "show", book(gbook, time))["host"] for time in ("09:00", "10:00", "11:00")]
    assert hosts == ["bob", "alice", "bob"]
    assert [
        one for one in gbook.json("availability", "--to", "2026-11-24")["items"] if one["seatsLeft"] == 3
    ] == []


def test_each_seat_of_a_guest_counts_for_the_caps_of_the_guest(team: Path, gbook: Gbook) -> None:
    """A guest with a cap of two bookings a day takes two seats of a session, not a third one."""
    profile(team, "accounts: [alice]\nseats: 5\nmaxGuestBookingsPerDay: 2")
    for _ in range(2):
        join(gbook, "ann")
    person = ("--name", "Ann", "--email", "ann@example.org", "--field", "topic=x")
    refused = gbook("book", "--slot", AT, *person)
    assert (refused.code, "has 2 bookings of profile demo" in refused.err) == (3, True)
    assert join(gbook, "ben")["seatsLeft"] == 2


def test_a_reserved_series_is_confirmed_with_guests_on_its_dates(team: Path, gbook: Gbook) -> None:
    """Another guest who has joined one of its dates does not take its seat."""
    profile(team, "accounts: [alice]\nseats: 2")
    held = str(join(gbook, "ann", "--repeat", "weekly", "--count", "2", "--reserve", "60")["id"])
    person = ("--name", "Ben", "--email", "ben@example.org", "--field", "topic=x")
    gbook.json("book", "--slot", "2026-12-01T14:00Z", *person)
    assert gbook.json("reservation", "confirm", held)["status"] == "confirmed"


def test_a_date_of_a_series_joins_no_session(team: Path, gbook: Gbook) -> None:
    """It would take a second seat of a time at which the series has one already."""
    profile(team, "accounts: [alice]\nseats: 3")
    uid = str(join(gbook, "ann", "--repeat", "weekly", "--count", "2")["id"])
    moved = gbook("booking", "reschedule", uid, "--date", "2026-11-24", "--slot", "2026-12-01T14:00Z")
    assert (moved.code, "busy" in moved.err) == (3, True)
    whole = gbook("booking", "cancel", uid, "--session")
    assert (whole.code, f"booking {uid} repeats: leave it out" in whole.err) == (2, True)
    ben = str(join(gbook, "ben")["id"])
    for options in (["--dry-run"], []):
        cancelled = gbook("booking", "cancel", ben, "--session", *options)
        assert cancelled.code == 0
        assert f"stays at that time with a series: `gbook booking cancel {uid} --date " in cancelled.err
        assert cancelled.err.count("warning:") == 1
