"""Warnings about bookings when an account, a calendar or a profile is removed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, book, profile
from support.terminal import ENTER, ESCAPE, terminal

GROUPS = "accounts: [alice]\ngroups: [{extId: g, accountIds: [bob, carol], required: all}]"
DETACH = ("profile", "detach-accounts", "demo", "bob")


def remaining(gbook: Gbook, *command: str) -> list[tuple[str, str]]:
    """Calendar and UID of the bookings that a command warns of, in words too."""
    result = gbook(*command)
    assert result.code == 0, result.err
    found = [line.split(": ") for line in result.err.splitlines() if " remains; " in line]
    return [(line[1], line[2].split()[1]) for line in found]


@pytest.mark.parametrize(
    ("members", "command", "calendar"),
    [
        ("accounts: [alice, bob]", DETACH, "bob.ics"),
        (GROUPS, ("profile", "detach-groups", "demo", "g"), "bob.ics"),
        (GROUPS, ("profile", "attach-groups", "demo", "g=carol"), "bob.ics"),
        ("accounts: [alice, bob]", ("profile", "update", "demo", "--set", "accounts=[alice]"), "bob.ics"),
        ("accounts: [alice, bob]", ("profile", "delete", "demo"), "alice.ics"),
        ("accounts: [alice, bob]", ("account", "update", "bob", "--calendar", "other.ics"), "bob.ics"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_bookings_to_come_are_named(
    team: Path, gbook: Gbook, members: str, command: tuple[str, ...], calendar: str
) -> None:
    """Bookings and reservations that hold; none that is cancelled, over, or without what goes."""
    (team / "other.ics").write_bytes((team / "bob.ics").read_bytes())
    profile(team, members)
    uid = book(gbook, "14:00", "--required", "all")
    held = gbook.json("book", "--slot", f"{TUESDAY}16:00Z", "--required", "all", "--reserve", "60")["id"]
    gbook.json("booking", "cancel", book(gbook, "10:00", "--required", "all"))
    if "delete" not in command:
        book(gbook, "12:00", "--account", "alice")
    assert remaining(gbook, *command) == [(calendar, uid), (calendar, held)]


def test_what_is_over_is_not_named(team: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs nothing any more."""
    book(gbook, "14:00", "--required", "all")
    monkeypatch.setenv("GBOOK_NOW", f"{TUESDAY}14:30:00Z")
    assert gbook.json(*DETACH) == {"status": "Ok"}


def test_an_account_that_is_removed(team: Path, gbook: Gbook) -> None:
    """The document has the warnings; bookings of other profiles, too, are named."""
    profile(team, "accounts: [alice, bob]")
    uid = book(gbook, "14:00", "--required", "all")
    assert gbook.json(*DETACH)["warnings"][0]["code"] == "booking_remains"
    answer = gbook.json("account", "remove", "bob")
    (warning,) = answer["warnings"]
    assert (answer["status"], warning["code"], warning["accountId"]) == ("Ok", "booking_remains", "bob")
    assert (warning["path"], uid in warning["message"]) == ("bob.ics", True)
    assert gbook.json("booking", "show", uid)["warnings"][0]["code"] == "left_copy"


def test_the_way_that_a_warning_names_works(team: Path, gbook: Gbook) -> None:
    """Its command hands the meeting over."""
    profile(team, "accounts: [alice, bob, carol]")
    uid = book(gbook, "14:00", "--account", "bob")
    advice = gbook(*DETACH).err.partition("gbook booking ")[2].split()
    assert gbook.json("booking", *advice)["accountIds"] == ["alice"]
    assert gbook.json("booking", "show", uid)["host"] == "alice"


def test_a_calendar_that_cannot_be_read(team: Path, gbook: Gbook) -> None:
    """It may have bookings: that is said instead."""
    (team / "bob.ics").write_text("BEGIN:VCALENDAR")
    (team / "bob.ics").write_text("X-GBOOK-PROFILE:demo\r\n")
    assert "warning: bob.ics: " in gbook(*DETACH).err


class TestQuestions:
    """On a terminal, a removal is asked for; scripts are never asked."""

    @pytest.fixture(autouse=True)
    def booked(self, team: Path, gbook: Gbook) -> None:
        profile(team, "accounts: [alice, bob]")
        book(gbook, "14:00", "--required", "all")

    def test_a_profile_is_deleted_after_a_yes(self, team: Path) -> None:
        """What remains is said before the question, and not again; the default is no."""
        for key, expected in ((ENTER, 130), (f"No{ENTER}", 130), (ESCAPE, 130), (f"y{ENTER}", 0)):
            with terminal("profile", "delete", "demo", folder=team, columns=120) as person:
                person.wait("Delete profile demo? 1 booking to come stays in the calendars. (y/N)")
                person.press(key)
                code, shown = person.end()
            assert (code, shown.count(" remains; ")) == (expected, 1), shown
            assert (team / "profiles/demo.yaml").exists() == (expected != 0)

    @pytest.mark.parametrize("command", ["profile delete demo", "account remove carol"])
    def test_a_mistyped_answer_is_no_yes(self, team: Path, command: str) -> None:
        """The `y` of `maybe` is not taken as yes: it asks again."""
        before = snapshot(team)
        with terminal(*command.split(), folder=team, columns=120) as person:
            person.wait("(y/N)")
            person.press("maybe", ENTER)
            person.wait("answer yes or no, then Enter")
            assert snapshot(team) == before
            person.press(ENTER)
            code, _ = person.end()
        assert (code, snapshot(team)) == (130, before)

    def test_what_can_still_be_done_is_said(self, team: Path, gbook: Gbook) -> None:
        """It differs for a booking and a reservation; the question counts both."""
        gbook.json("book", "--slot", f"{TUESDAY}16:00Z", "--required", "all", "--reserve", "60")
        with terminal("profile", "delete", "demo", folder=team, columns=200) as person:
            shown = person.wait(
                "Delete profile demo? 1 booking and 1 reservation to come stay in the calendars. (y/N)"
            )
            person.press(ESCAPE)
            person.end()
        booking, reservation = (line for line in shown.splitlines() if " remains; " in line)
        assert booking.endswith("remains; it can still be moved and cancelled")
        assert reservation.endswith("remains; it can still be confirmed, moved and dropped")

    def test_the_command_to_copy_is_the_end_of_its_line(self, team: Path, gbook: Gbook) -> None:
        """And names the kind of record."""
        gbook.json("book", "--slot", f"{TUESDAY}16:00Z", "--required", "all", "--reserve", "60")
        gbook.json(*DETACH)
        kinds = [
            re.search(r": gbook (\w+) reschedule \S+ --slot \S+ --reassign$", line)
            for line in gbook("account", "remove", "bob").err.splitlines()
        ]
        assert [match and match[1] for match in kinds] == ["booking", "reservation"]

    def test_an_account_is_removed_after_a_yes(self, team: Path, gbook: Gbook) -> None:
        """One that a profile uses is refused before any question."""
        with terminal("account", "remove", "bob", folder=team) as person:
            code, shown = person.end()
        assert (code, "is used by demo; detach it there first:" in shown) == (2, True), shown
        assert "\n  gbook profile detach-accounts demo bob\n" in shown
        gbook.json(*DETACH)
        with terminal("account", "remove", "bob", folder=team, columns=120) as person:
            person.wait("Remove account bob? 1 booking to come stays in the calendars. (y/N)")
            person.press("yes", ENTER)
            code, shown = person.end()
        assert (code, "Removed account bob." in shown) == (0, True), shown

    @pytest.mark.parametrize("option", ["-y", "--yes"])
    def test_yes_asks_nothing(self, team: Path, option: str) -> None:
        """The warnings are the same."""
        with terminal("profile", "delete", "demo", option, folder=team) as person:
            code, shown = person.end()
        assert (code, shown.count(" remains; "), "Deleted profile demo." in shown) == (0, 1, True), shown


def test_a_default_profile_that_is_deleted_is_named(team: Path, gbook: Gbook) -> None:
    """gbook.yaml still names it."""
    with (team / "gbook.yaml").open("a") as config:
        config.write("defaultProfile: demo\n")
    result = gbook("profile", "delete", "demo")
    assert (result.code, "still names demo as its defaultProfile" in result.err) == (0, True), result.err
    (team / "profiles/other.yaml").write_text("accounts: [alice]\ndurationMinutes: 30\n")
    later = gbook("availability")
    assert later.code == 4
    assert later.err == (
        f"gbook: defaultProfile in {team}/gbook.yaml is 'demo', but there is no such profile; "
        "change it there, or choose one with -p: other\n"
    )
