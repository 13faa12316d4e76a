"""Guests who are busy: colleagues, whose own calendars are asked, and guests of another booking then."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from support.office import snapshot
from support.running import Gbook, Result
from support.team import TUESDAY, add_event, book, lines, make_team, profile

CAROL = "carol@example.com"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a workspace in which bob and carol are colleagues of alice, and change into it."""
    monkeypatch.chdir(make_team(tmp_path / "team", "accounts: [alice]"))
    return tmp_path / "team"


def try_to_book(gbook: Gbook, at: str, *more: str) -> Result:
    return gbook("book", "--slot", f"{TUESDAY}{at}Z", "--field", "topic=Looms", "--name", "Gwen", *more)


def codes(document: Any) -> list[str]:
    return [warning["code"] for warning in document["warnings"]]


@pytest.mark.parametrize("option", ["--email", "--invite"])
def test_a_colleague_who_is_busy_is_named(team: Path, gbook: Gbook, option: str) -> None:
    """Booked all the same; the warning says when, and not with what."""
    add_event(team / "bob.ics", "13:30", "14:15", "SUMMARY:Dentist")
    result = try_to_book(gbook, "14:00", option, "Bob@Example.com")
    role = "guest" if option == "--email" else "invitee"
    assert (result.code, result.err) == (
        0,
        f"warning: {role} bob@example.com is account bob, which is busy Tue 24 Nov 2026 13:30–14:15 UTC\n",
    )
    assert try_to_book(gbook, "15:00", option, "Bob@Example.com").err == ""


def test_only_busy_time_of_a_colleague_matters(team: Path, gbook: Gbook) -> None:
    """Neither buffers nor work hours do: a colleague who is invited does not hold the meeting."""
    add_event(team / "bob.ics", "13:30", "14:00")
    config = team / "gbook.yaml"
    hours = "workHours: {daySchedules: [{dayOfWeek: friday, workingIntervals: [{start: 09:00, end: 10:00}]}]}"
    config.write_text(config.read_text().replace("calendars: [bob.ics]", f"calendars: [bob.ics], {hours}"))
    assert try_to_book(gbook, "14:00", "--email", "bob@example.com", "--strict").err == ""


def test_a_colleague_whose_calendar_cannot_be_read_may_be_busy(team: Path, gbook: Gbook) -> None:
    """Which is said; --strict refuses."""
    (team / "bob.ics").write_text("BEGIN:VCALENDAR\r\n")
    message = "guest bob@example.com is account bob, whose calendars cannot be read: it may be busy"
    assert message in try_to_book(gbook, "14:00", "--email", "bob@example.com", "--strict").err
    assert f"warning: {message}\n" in try_to_book(gbook, "14:00", "--email", "bob@example.com").err


def test_a_colleague_is_asked_for_on_all_dates_of_a_series(team: Path, gbook: Gbook) -> None:
    """Also on a date between the present and the original time of one that was moved beyond it."""
    uid = book(gbook, "14:00", "--repeat", "weekly", "--count", "3")
    gbook.json("booking", "reschedule", uid, "--date", "2026-11-24", "--slot", "2026-12-09T14:00Z")
    add_event(team / "bob.ics", "14:00", "15:00", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert "which is busy Tue 1 Dec" in gbook("booking", "guest", "add", uid, "bob@example.com").err


def test_strict_offers_slots_at_which_colleagues_are_free(team: Path, gbook: Gbook) -> None:
    """Exit 3, nothing is written, and each of the alternatives can be booked."""
    add_event(team / "bob.ics", "13:00", "14:15")
    add_event(team / "alice.ics", "14:45", "15:00")
    before = snapshot(team)
    more = ("--email", "bob@example.com", "--strict")
    result = try_to_book(gbook, "14:00", *more, "--json")
    assert (result.code, snapshot(team)) == (3, before)
    assert result.err == (
        "gbook: Tue 24 Nov 2026 14:00 UTC cannot be booked: guest bob@example.com is account bob, "
        "which is busy Tue 24 Nov 2026 13:00–14:15 UTC\n"
    )
    starts = [slot["start"] for slot in result.document["alternatives"]]
    assert starts == [f"{TUESDAY}{at}:00Z" for at in ("12:15", "12:30", "15:00", "15:15", "15:30")]
    assert try_to_book(gbook, "12:30", *more).err == ""


def test_strict_names_the_accounts_if_they_are_busy_too(team: Path, gbook: Gbook) -> None:
    """They are what prevents the booking."""
    for name in ("alice.ics", "bob.ics"):
        add_event(team / name, "13:00", "14:15")
    result = try_to_book(gbook, "14:00", "--email", "bob@example.com", "--strict")
    assert "alice" in result.err
    assert "account bob" not in result.err


def test_strict_takes_the_first_slot_at_which_colleagues_are_free(team: Path, gbook: Gbook) -> None:
    """Without --strict it is the first one of the accounts."""
    add_event(team / "bob.ics", "09:00", "11:05")
    more = ("--name", "Bob", "--email", "bob@example.com", "--field", "topic=Looms")
    assert gbook.json("book", "--slot", "first", *more, "--strict")["start"] == f"{TUESDAY}11:15:00Z"
    assert codes(gbook.json("book", "--slot", "first", *more, "--dry-run")) == ["colleague_busy"]


def test_the_same_guest_twice(team: Path, gbook: Gbook) -> None:
    """Of any profile, in any spelling of the address, with whichever account; also as an invitee."""
    profile(team, "accounts: [alice, bob, carol]")
    first = book(gbook, "14:00")
    result = try_to_book(gbook, "14:15", "--email", "GWEN@example.org", "--account", "bob")
    assert result.code == 0
    assert result.err == (
        f"warning: guest GWEN@example.org already has booking {first} on "
        "Tue 24 Nov 2026 14:00–14:30 UTC with alice (profile demo)\n"
    )
    assert try_to_book(gbook, "15:00", "--email", "ina@example.net", "--invite", "tom@example.com").err == ""
    invited = try_to_book(gbook, "15:00", "--email", "tom@example.com", "--account", "carol")
    assert "guest tom@example.com already has booking" in invited.err


def test_the_same_guest_one_after_the_other(team: Path, gbook: Gbook) -> None:
    """Meetings that touch do not overlap, and a cancelled one takes no time."""
    profile(team, "accounts: [alice, bob]")
    first = book(gbook, "14:00")
    assert try_to_book(gbook, "14:30", "--email", "gwen@example.org", "--account", "bob").err == ""
    gbook("booking", "cancel", first)
    assert try_to_book(gbook, "13:45", "--email", "gwen@example.org").err == ""


def test_strict_refuses_the_same_guest_twice(team: Path, gbook: Gbook) -> None:
    """The alternatives are times at which the guest has no other booking."""
    profile(team, "accounts: [alice, bob]")
    book(gbook, "14:00")
    result = try_to_book(gbook, "14:00", "--email", "gwen@example.org", "--strict", "--json")
    assert result.code == 3
    assert "guest gwen@example.org already has booking" in result.err
    for slot in result.document["alternatives"]:
        assert not f"{TUESDAY}13:30:00Z" < slot["start"] < f"{TUESDAY}14:30:00Z"


def test_proposals_of_one_guest_do_not_count_each_other(team: Path, gbook: Gbook) -> None:
    """Only one of them will be used; confirming it warns of none."""
    slots = [f"--slot={TUESDAY}{at}Z" for at in ("14:00", "14:15")]
    proposed = gbook("propose", *slots, "--for", "2h", "--email", "gwen@example.org", "--json")
    assert (proposed.code, proposed.err) == (0, "")
    uid = proposed.document["reservations"][0]["id"]
    assert gbook("reservation", "confirm", uid, "--field", "topic=Looms").err == ""


def test_a_move_asks_colleagues_about_the_new_time(team: Path, gbook: Gbook) -> None:
    """Not about the present one: the colleague's own calendar may have the invitation."""
    uid = book(gbook, "14:00", "--invite", "bob@example.com")
    add_event(team / "bob.ics", "14:00", "14:30", "SUMMARY:this meeting", f"DESCRIPTION:{uid}")
    move = ("booking", "reschedule", uid, "--slot")
    assert gbook(*move, f"{TUESDAY}14:15Z").err == ""
    add_event(team / "bob.ics", "16:00", "16:30")
    refused = gbook(*move, f"{TUESDAY}16:00Z", "--strict")
    assert (refused.code, "invitee bob@example.com is account bob" in refused.err) == (3, True)
    assert codes(gbook.json(*move, f"{TUESDAY}16:00Z")) == ["colleague_busy"]


def test_a_confirmed_reservation_asks_its_guest(team: Path, gbook: Gbook) -> None:
    """The guest may be known only now."""
    add_event(team / "bob.ics", "14:00", "14:30")
    uid = gbook.json("book", "--slot", f"{TUESDAY}14:00Z", "--reserve", "1h")["id"]
    confirm = ("reservation", "confirm", uid, "--email", "bob@example.com", "--field", "topic=Looms")
    refused = gbook(*confirm, "--strict")
    assert (refused.code, "is account bob, which is busy" in refused.err) == (3, True)
    assert codes(gbook.json(*confirm)) == ["colleague_busy"]


def test_a_person_who_is_added_is_asked(team: Path, gbook: Gbook) -> None:
    """Only that person: the others are invited already."""
    add_event(team / "bob.ics", "14:00", "14:30")
    uid = book(gbook, "14:00", "--invite", "bob@example.com")
    assert gbook("booking", "guest", "add", uid, CAROL).err == ""
    other = book(gbook, "15:00")
    add_event(team / "bob.ics", "15:00", "15:30")
    refused = gbook("booking", "guest", "add", other, "bob@example.com", "--strict")
    assert (refused.code, refused.err.startswith("gbook: invitee bob@example.com is account bob")) == (
        3,
        True,
    )
    assert codes(gbook.json("booking", "guest", "add", other, "bob@example.com")) == ["colleague_busy"]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_strict_books_exactly_where_everybody_is_free(team: Path, gbook: Gbook, seed: int) -> None:
    """Compared with a plain count of quarters of an hour: alice with her buffer, bob and carol without."""
    draw = random.Random(seed)
    quarters = {"alice": set[int](), "bob": set[int]()}
    for name, taken in quarters.items():
        for _ in range(4):
            start, length = draw.randrange(36, 64), draw.randrange(1, 5)
            add_event(
                team / f"{name}.ics", *(f"{q // 4:02}:{q % 4 * 15:02}" for q in (start, start + length))
            )
            taken |= {*range(start, start + length)}
    more = ("--email", "bob@example.com", "--strict", "--dry-run")
    for start in range(36, 67):
        slot, buffered = {start, start + 1}, {start, start + 1, start + 2}
        expected = not (buffered & quarters["alice"] or slot & quarters["bob"])
        result = try_to_book(gbook, f"{start // 4:02}:{start % 4 * 15:02}", *more)
        assert result.code == (0 if expected else 3), (start, result)


def test_each_date_of_a_series_is_asked_for(team: Path, gbook: Gbook) -> None:
    """Of colleagues, and of other bookings of the guest; with --strict all dates must be free."""
    (team / "bob.ics").write_text(
        (team / "bob.ics")
        .read_text()
        .replace("20261130T090000Z", "20261201T140000Z")
        .replace("20261130T100000Z", "20261201T141000Z")
    )
    weekly = ("--repeat", "weekly", "--count", "3", "--email", "bob@example.com")
    busy = "guest bob@example.com is account bob, which is busy Tue 1 Dec 2026 14:00–14:10 UTC"
    result = try_to_book(gbook, "14:00", *weekly, "--dry-run")
    assert (result.code, result.err) == (0, f"warning: {busy}\n")
    refused = try_to_book(gbook, "14:00", *weekly, "--strict", "--json")
    assert (refused.code, busy in refused.err) == (3, True)
    assert f"{TUESDAY}14:15:00Z" in [slot["start"] for slot in refused.document["alternatives"]]
    uid = gbook.json("book", "--slot", f"{TUESDAY}15:00Z", "--field", "topic=Looms", *weekly)["id"]
    move = gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}14:00Z", "--dry-run")
    assert (move.code, move.err) == (0, f"warning: {busy}\n")
    profile(team, "accounts: [alice, carol]")
    second = ("book", "--slot", "2026-12-01T15:00Z", "--field", "topic=Looms", "--email", "bob@example.com")
    assert f"already has booking {uid} on Tue 1 Dec 2026 15:00–15:30 UTC with alice" in gbook(*second).err


def test_guests_of_a_series_are_changed_on_all_dates(team: Path, gbook: Gbook) -> None:
    """In the overrides too."""
    weekly = ("--repeat", "weekly", "--count", "3")
    uid = book(gbook, "14:00", *weekly)
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-01", "--slot", "2026-12-01T15:00Z")
    gbook.json("booking", "guest", "add", uid, "tom@example.com")
    assert sum("tom@example.com" in line for line in lines(team / "alice.ics")) == 2
    gbook.json("booking", "guest", "remove", uid, "tom@example.com")
    assert not any("tom@example.com" in line for line in lines(team / "alice.ics"))
