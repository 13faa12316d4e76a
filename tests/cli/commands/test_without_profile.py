"""Meetings without a profile (`--with`), and the texts of one event, from outside."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, add_event, event, lines, profile
from support.terminal import ENTER, terminal

WITH = ("--with", "alice,bob")
GUEST = ("--name", "Gwen", "--email", "gwen@example.org")


def starts(document: Any) -> list[str]:
    """Day and time of the slots, in UTC."""
    return [item["start"][8:16] for item in document["items"]]


def command_in(text: str, name: str) -> list[str]:
    """Return the arguments of the first `gbook NAME` command to copy in an output."""
    line = next(line for line in text.splitlines() if line.strip().startswith(f"gbook {name} "))
    return shlex.split(line)[1:]


class TestAvailability:
    """The slots of a meeting without a profile."""

    def test_all_of_them_are_required(self, gbook: Gbook, team: Path) -> None:
        """The document is that of a profile, without its name."""
        add_event(team / "alice.ics", "09:00", "10:00")
        add_event(team / "bob.ics", "10:00", "10:30")
        asked = ("--from", "2026-11-24", "--to", "2026-11-24", "--duration", "45m", "--step", "15")
        document = gbook.json("availability", *WITH, *asked)
        assert (document["profile"], document["required"]) == (None, "all")
        assert (document["durationMinutes"], starts(document)[0]) == (45, "24T10:30")
        assert document["items"][0]["accountIds"] == ["alice", "bob"]
        one = gbook.json("availability", *WITH, *asked, "--required", "one")
        assert starts(one)[0] == "24T09:00"

    def test_every_option_of_a_profile_holds(self, gbook: Gbook, team: Path) -> None:
        """Hours with their zone, buffers and notice; --with may be repeated."""
        add_event(team / "bob.ics", "10:00", "10:30")
        document = gbook.json(
            *("availability", "--with", "alice", "--with", "bob, carol", "--hours", "tue 10-13"),
            *("--timezone", "Europe/Berlin", "--buffer", "15", "--buffer-before", "30m", "--notice", "1d"),
        )
        assert document["totalSize"] == 3
        assert starts(document)[:3] == ["24T09:00", "24T11:00", "24T11:30"]

    def test_a_month_is_shown_unless_a_window_is_asked_for(self, gbook: Gbook, team: Path) -> None:
        """No profile limits how far ahead: a window in three months has slots, without a note."""
        document = gbook.json("availability", *WITH)
        assert (document["endTime"], document["nextFromDate"]) == ("2026-12-23T08:00:00Z", "2026-12-24")
        later = gbook("availability", *WITH, "--from", "2027-02-22", "--to", "2027-02-26", "--json")
        assert (starts(later.document)[0], later.err) == ("22T09:00", "")

    @pytest.mark.parametrize(
        "options",
        [
            (),
            ("--duration", "45"),
            ("--duration", "45", "--hours", "tue,thu 10:00-12:00; wed 9-10", "--timezone", "Asia/Tokyo"),
            ("--buffer", "10", "--buffer-before", "5", "--step", "10", "--notice", "0", "--required", "one"),
        ],
    )
    def test_the_command_to_copy_books_the_first_slot(
        self, gbook: Gbook, team: Path, options: tuple[str, ...]
    ) -> None:
        """It repeats the options, and books what was listed."""
        asked = ("availability", *WITH, *options, "--from", "2026-11-24")
        first = gbook.json(*asked)["items"][0]
        shown = gbook(*asked).out
        assert shown.startswith("alice, bob: ")
        booked = gbook.json(*command_in(shown, "book"), *GUEST)
        assert (booked["start"], booked["end"]) == (first["start"], first["end"])

    def test_without_slots_the_reason_speaks_of_the_meeting(self, gbook: Gbook, team: Path) -> None:
        """There is no profile to blame, and the command that explains has the options."""
        add_event(team / "alice.ics", "09:00", "17:00")
        shown = gbook("availability", *WITH, "--from", "2026-11-24", "--to", "2026-11-24").out
        assert "the 2 members are never all free" in shown
        explained = gbook(*command_in(shown, "why"))
        assert "alice  busy 09:00–17:00" in explained.out
        closed = gbook("why", "saturday 10:00", *WITH).out
        assert "The meeting has no hours on Sat 28 Nov" in closed
        assert "profile" not in closed + shown


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((*WITH, "-p", "demo"), 2, "--with and -p cannot both be given"),
        ((*WITH, "--account", "alice"), 2, "name the accounts in --with"),
        (("--duration", "45"), 2, "--duration: only for a meeting without a profile"),
        (("-p", "demo", "--hours", "mon 9-10"), 2, "--hours: only for a meeting without a profile"),
        (("--save", "weekly"), 2, "--save: there is nothing to keep"),
        (("--with", ","), 2, "--with: expected accounts"),
        (("--with", "alice,bbo"), 4, "no account 'bbo' in gbook.yaml; did you mean bob?"),
        (("--with", "sales"), 4, "'sales' is a group of profile demo, not an account"),
        ((*WITH, "--duration", "0"), 2, "--duration: expected"),
        ((*WITH, "--hours", "someday"), 2, "expected hours"),
        ((*WITH, "--required", "3"), 2, "at most 2, the number of members of this meeting, found 3"),
        ((*WITH, "--save", "demo"), 2, "--save: profile demo already exists"),
        ((*WITH, "--save", ".x"), 2, "--save: expected letters"),
        (("--with", "cedar"), 2, "--with: expected a person"),
    ],
)
@pytest.mark.parametrize("command", [("availability",), ("book", "--slot", "first")])
def test_a_mistake_is_one_line(
    gbook: Gbook, team: Path, command: tuple[str, ...], arguments: tuple[str, ...], code: int, message: str
) -> None:
    """Nothing is written."""
    profile(team, "groups: [{extId: sales, accountIds: [alice, bob]}]\n")
    room = "  - {id: cedar, kind: room, email: cedar@example.com, calendars: [cedar.ics]}\n"
    with (team / "gbook.yaml").open("a") as file:
        file.write(room)
    before = snapshot(team)
    result = gbook(*command, *arguments)
    assert (result.code, result.err.count("\n"), message in result.err) == (code, 1, True), result.err
    assert (snapshot(team), list((team / "profiles").iterdir())) == (before, [team / "profiles/demo.yaml"])


class TestSave:
    """`--save` keeps a meeting as a profile."""

    def test_a_title_is_taken_too(self, gbook: Gbook, team: Path) -> None:
        """It is refused before anything is booked."""
        gbook("profile", "update", "demo", "--set", "title=weekly")
        result = gbook("book", "--slot", "first", *WITH, "--save", "weekly")
        assert (result.code, "--save: profile weekly already exists" in result.err) == (2, True)
        assert gbook.json("booking", "list")["totalSize"] == 0

    def test_availability_writes_the_profile(self, gbook: Gbook, team: Path) -> None:
        """The profile has the options, and is used as any other."""
        result = gbook("availability", *WITH, "--duration", "45", "--hours", "tue 9-12", "--save", "weekly")
        assert "note: profile weekly is written: profiles/weekly.yaml" in result.err
        assert "gbook book -p weekly --slot" in result.out
        shown = gbook.json("profile", "show", "weekly")
        assert (shown["accounts"], shown["required"], shown["durationMinutes"]) == (
            ["alice", "bob"],
            "all",
            45,
        )
        assert shown["timeAvailableFor"] == "P30D"
        assert starts(gbook.json("availability", "-p", "weekly"))[:2] == ["24T09:00", "24T09:30"]

    def test_a_workspace_without_profiles(self, gbook: Gbook, team: Path) -> None:
        """The error mentions --with; --save makes the first profile, and --quiet leaves out the note."""
        (team / "profiles/demo.yaml").unlink()
        (team / "profiles").rmdir()
        result = gbook("availability")
        assert (result.code, "--with ID,ID needs none" in result.err) == (4, True)
        kept = gbook("availability", *WITH, "--save", "weekly", "--quiet")
        assert (kept.code, kept.out, kept.err) == (0, "", "")
        assert gbook.json("profile", "show", "weekly")["id"] == 1

    def test_book_writes_it_with_the_texts_once_it_has_booked(self, gbook: Gbook, team: Path) -> None:
        """The booking is one of the profile; if nothing is booked, nothing is kept."""
        asked = ("book", *WITH, "--save", "weekly", "--subject", "Review {{name}}", "--note", "once", *GUEST)
        assert gbook(*asked, "--slot", f"{TUESDAY}20:00Z").code == 3
        assert gbook(*asked, "--slot", f"{TUESDAY}09:00Z", "--dry-run").err == (
            "note: profile weekly would be written\n"
        )
        assert not (team / "profiles/weekly.yaml").exists()
        booked = gbook.json(*asked, "--slot", f"{TUESDAY}09:00Z")
        assert booked["profile"] == "weekly"
        shown = gbook.json("profile", "show", "weekly")
        assert (shown["subject"], shown["description"]) == ("Review {{name}}", "")
        assert gbook.json("booking", "list", "-p", "weekly")["totalSize"] == 1


class TestBooking:
    """A booking of a meeting without a profile, through its life."""

    def book(self, gbook: Gbook, at: str = "14:00", *more: str) -> str:
        arguments = ("--slot", f"{TUESDAY}{at}Z", "--duration", "45", *GUEST, *more)
        return str(gbook.json("book", *WITH, *arguments)["id"])

    def test_it_is_gbooks_own(self, gbook: Gbook, team: Path) -> None:
        """It is listed and shown, with `null` as its profile; its time is taken."""
        uid = self.book(gbook)
        listed = gbook.json("booking", "list")["records"]
        assert [(item["id"], item["profile"], item["accountIds"]) for item in listed] == [
            (uid, None, ["alice", "bob"])
        ]
        assert "  with alice, bob (host: alice)" in gbook("booking", "show", uid).out
        assert "24T14:30" not in starts(gbook.json("availability", "-p", "demo", "--account", "alice"))
        why = gbook("why", f"{TUESDAY}14:00Z", "-p", "demo").out
        assert "busy 14:00–14:45 (Meeting, alice.ics)" in why
        assert gbook("check").code == 0

    def test_it_moves_to_any_time_that_its_accounts_have(self, gbook: Gbook, team: Path) -> None:
        """It keeps its length and texts; hours and steps of no profile limit it."""
        uid = self.book(gbook, "14:00", "--subject", "Looms at {{start}}")
        moved = gbook.json("booking", "reschedule", uid, "--slot", "2026-11-28T21:07Z")
        assert (moved["start"], moved["end"]) == ("2026-11-28T21:07:00Z", "2026-11-28T21:52:00Z")
        assert event(team, uid)["SUMMARY"] == "Looms at 2026-11-28 21:07 UTC"
        longer = "2026-11-29T10:00Z/2026-11-29T11:30Z"
        assert gbook.json("booking", "reschedule", uid, "--slot", longer)["end"] == "2026-11-29T11:30:00Z"
        assert gbook.json("booking", "reschedule", uid, "--slot", "first")["start"] == "2026-11-23T09:00:00Z"
        assert gbook("booking", "reschedule", uid, "--slot", "2026-11-20T10:00Z").code == 3

    def test_all_its_accounts_must_be_free(self, gbook: Gbook, team: Path) -> None:
        """With the buffers that it was made with; the nearest slots are offered."""
        uid = self.book(gbook, "14:00", "--buffer", "30")
        add_event(team / "bob.ics", "16:00", "17:00")
        move = ("booking", "reschedule", uid, "--json", "--slot")
        refused = gbook(*move, f"{TUESDAY}15:00Z")
        assert (refused.code, "bob: busy 16:00–17:00, within the 30 minutes after" in refused.err) == (
            3,
            True,
        )
        assert refused.document["alternatives"]
        assert gbook(*move, f"{TUESDAY}14:45Z").document["start"] == f"{TUESDAY}14:45:00Z"

    def test_two_such_meetings_have_nothing_in_common(self, gbook: Gbook, team: Path) -> None:
        """The buffers of one do not hold for the other."""
        self.book(gbook, "14:00", "--buffer", "60")
        self.book(gbook, "13:00", "--step", "15")
        result = gbook("book", *WITH, "--slot", f"{TUESDAY}15:00Z", *GUEST)
        assert (result.code, "within the 60 minutes before" in result.err) == (3, True)

    def test_the_rest_of_its_life(self, gbook: Gbook, team: Path) -> None:
        """A reservation is confirmed with its texts, the booking invited, repaired and cancelled."""
        uid = self.book(
            gbook, "14:00", "--reserve", "2h", "--subject", "For {{name}}", "--note", "Bring yarn"
        )
        gbook.json("reservation", "confirm", uid, "--name", "Hana", "--email", "hana@example.org")
        assert (event(team, uid)["SUMMARY"], event(team, uid)["DESCRIPTION"]) == ("For Hana", "Bring yarn")
        assert "SUMMARY:For Hana" in gbook("booking", "invite", uid).out
        (team / "bob.ics").write_bytes((team / "bob.ics").read_bytes().replace(b"T144500Z", b"T150000Z"))
        assert gbook("booking", "repair", uid).code == 0
        cancelled = gbook("booking", "cancel", uid)
        assert "gbook availability --with alice,bob --duration 45" in cancelled.out
        assert gbook(*command_in(cancelled.out.replace("again: ", "again:\n"), "availability")).code == 0

    def test_an_expired_reservation_has_no_hours_of_a_profile(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its time only has to be free."""
        uid = self.book(gbook, "20:00", "--hours", "daily 8-22", "--reserve", "30m")
        monkeypatch.setenv("GBOOK_NOW", f"{TUESDAY}08:00Z")
        assert gbook.json("reservation", "confirm", uid)["status"] == "confirmed"

    def test_a_document_from_a_pipe(self, gbook: Gbook, team: Path) -> None:
        """It has no profile, so the options are repeated; without them nothing is guessed."""
        found = gbook.json("availability", *WITH, "--duration", "45", "--from", "2026-11-24")
        data = json.dumps(found).encode()
        result = gbook("book", "--slot", "-", *GUEST, stdin=data)
        assert (result.code, "this document has no profile" in result.err) == (2, True)
        booked = gbook("book", *WITH, "--duration", "45", "--slot", "-", *GUEST, "--json", stdin=data)
        assert booked.document["start"] == f"{TUESDAY}09:00:00Z"

    def test_a_proposal(self, gbook: Gbook, team: Path) -> None:
        """Several slots of a meeting without a profile."""
        slots = ("--slot", f"{TUESDAY}09:00Z", "--slot", f"{TUESDAY}10:00Z")
        proposed = gbook.json("propose", *WITH, *slots, "--for", "2h", "--subject", "Review")["reservations"]
        assert [item["profile"] for item in proposed] == [None, None]
        uid = proposed[0]["id"]
        assert gbook.json("reservation", "confirm", uid, *GUEST)["status"] == "confirmed"
        assert gbook.json("reservation", "list")["totalSize"] == 0

    def test_a_slot_is_chosen_on_a_terminal(self, gbook: Gbook, team: Path) -> None:
        """The days of a month are offered, and only the guest is asked for."""
        with terminal("book", *WITH, "--hours", "tue 9-12", "--subject", "Review", folder=team) as person:
            shown = person.wait("alice, bob: 30 minutes, all 2 members", "Which day?", "Tue 22 Dec")
            assert "Tue 29 Dec" not in shown
            person.press(ENTER)
            person.wait("Which time")
            person.press(ENTER)
            person.answer("Guest's name", "Gwen")
            person.answer("Guest's e-mail", "gwen@example.org")
            person.wait("Book it?")
            person.press("y", ENTER)
            code, shown = person.end()
        assert code == 0, shown
        (record,) = gbook.json("booking", "list")["records"]
        assert (record["profile"], record["start"]) == (None, f"{TUESDAY}09:00:00Z")

    def test_slots_far_ahead(self, gbook: Gbook, team: Path) -> None:
        """A named time may be months ahead; the nearest slots are near it."""
        add_event(team / "alice.ics", "09:00", "17:00", "RRULE:FREQ=MONTHLY;COUNT=6")
        arguments = ("book", *WITH, *GUEST, "--json", "--slot")
        refused = gbook(*arguments, "2027-03-24T10:00Z")
        assert refused.code == 3
        assert {item["start"][:10] for item in refused.document["alternatives"]} <= {
            "2027-03-23",
            "2027-03-25",
        }
        assert gbook(*arguments, "2027-03-25T10:00Z").code == 0


class TestDeletedProfile:
    """A booking whose profile was deleted moves as one without a profile."""

    def test_it_can_be_moved(self, gbook: Gbook, team: Path) -> None:
        """A warning says what counts; the texts of the event stay, also where the time is in them."""
        options = ("--field", "topic=Looms", "--required", "2")
        uid = gbook.json("book", "--slot", f"{TUESDAY}14:00Z", *GUEST, *options)["id"]
        (team / "profiles/demo.yaml").unlink()
        moved = gbook("booking", "reschedule", uid, "--slot", "2026-11-27T20:00Z", "--json")
        assert (moved.code, "profile demo no longer exists" in moved.err) == (0, True)
        assert [warning["code"] for warning in moved.document["warnings"]] == ["missing_profile"]
        assert (moved.document["profile"], moved.document["end"]) == ("demo", "2026-11-27T20:30:00Z")
        assert moved.document["accountIds"] == ["alice", "bob"]
        assert event(team, uid)["SUMMARY"] == "Demo for Gwen"

    def test_its_buffers_hold(self, gbook: Gbook, team: Path) -> None:
        """The event says which: the profile had 15 minutes after the meeting."""
        uid = gbook.json("book", "--slot", f"{TUESDAY}14:00Z", *GUEST, "--field", "topic=Looms")["id"]
        (team / "profiles/demo.yaml").unlink()
        add_event(team / "alice.ics", "16:00", "17:00")
        assert gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:30Z").code == 3
        assert gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:15Z").code == 0


class TestTexts:
    """--subject, --location and --note of one booking of a profile."""

    OWN = (
        "--subject",
        "Looms with {{host}}",
        "--location",
        "Room {{number}}",
        "--note",
        "Ring twice, {{name}}",
    )

    def book(self, gbook: Gbook, *more: str) -> str:
        fields = ("--field", "topic=T", "--field", "number=5")
        return str(gbook.json("book", "--slot", f"{TUESDAY}14:00Z", *GUEST, *self.OWN, *fields, *more)["id"])

    def test_they_are_those_of_the_event(self, gbook: Gbook, team: Path) -> None:
        """Subject and location replace the profile's, the note is added; their variables are filled in."""
        own = event(team, self.book(gbook))
        assert (own["SUMMARY"], own["LOCATION"]) == ("Looms with Alice Liddell", "Room 5")
        assert own["DESCRIPTION"] == "T, 2026-11-24 14:00 UTC with Alice Liddell\n\nRing twice, Gwen"
        assert not gbook.json("profile", "show", "demo")["location"]

    def test_they_stay_when_it_is_moved(self, gbook: Gbook, team: Path) -> None:
        """Only what depends on the time and the host changes."""
        uid = self.book(gbook)
        add_event(team / "alice.ics", "15:00", "16:00")
        gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00Z", "--reassign")
        own = event(team, uid)
        assert (own["SUMMARY"], own["LOCATION"]) == ("Looms with Bob Sawyer", "Room 5")
        assert own["DESCRIPTION"] == "T, 2026-11-24 15:00 UTC with Bob Sawyer\n\nRing twice, Gwen"
        assert sum(line.startswith("X-GBOOK-TEXTS:") for line in lines(team / "bob.ics")) == 1

    def test_they_stay_when_it_is_confirmed(self, gbook: Gbook, team: Path) -> None:
        """A reservation asks on confirming for the variables of its own texts."""
        own = ("--subject", "Looms for {{name}}", "--location", "Room {{number}}")
        slot = ("--slot", f"{TUESDAY}14:00Z", "--reserve", "1h")
        uid = gbook.json("book", *slot, *own, "--field", "topic=T")["id"]
        result = gbook("reservation", "confirm", uid, "--name", "Gwen")
        assert (result.code, "number" in result.err) == (2, True)
        gbook.json("reservation", "confirm", uid, "--name", "Gwen", "--field", "number=7")
        assert (event(team, uid)["SUMMARY"], event(team, uid)["LOCATION"]) == ("Looms for Gwen", "Room 7")

    def test_a_missing_variable_is_named(self, gbook: Gbook, team: Path) -> None:
        """Only those of the texts that are used: the profile's subject asks for nothing then."""
        result = gbook("book", "--slot", "first", *GUEST, "--field", "topic=T", "--subject", "{{what}}")
        assert (result.code, "needs what" in result.err) == (2, True)
