"""Choosing on a terminal: lists with arrow keys, a filter, wrong answers, and the ways out."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.smtp_server import mail_of
from support.team import add_event, book, events, profile
from support.terminal import CTRL_C, DOWN, ENTER, ESCAPE, UP, Terminal, terminal

BACKSPACE = "\x7f"
CTRL_D = "\x04"


def choose_time(person: Terminal, *keys: str) -> None:
    """Take the first day, and a time."""
    person.wait("Which day?")
    person.press(ENTER)
    person.wait("Which time on Tue 24 Nov?")
    person.press(*keys, ENTER)


def name_guest(person: Terminal) -> None:
    person.answer("Guest's name", "Gwen")
    person.answer("Guest's e-mail", "gwen@example.org")


def test_a_slot_is_chosen_and_booked(team: Path, gbook: Gbook) -> None:
    """A day, a time, the guest, the fields, a last look, yes; stdout has the answer of the command."""
    with terminal("book", "--required", "2", "--guest-tz", "Asia/Tokyo", folder=team) as person:
        heading = "demo: 30 minutes, 2 of 3 members, 23 Nov – 23 Dec 2026\nTimes in UTC\n"
        person.wait(heading, "Which day?", " » Tue 24 Nov  31 times\n   Wed 25 Nov  31 times\n")
        person.press(DOWN, ENTER)
        person.wait("Which time on Wed", " » 09:00–09:30  alice, bob\n   09:15–09:45  alice, bob\n")
        person.press(DOWN, DOWN, UP, ENTER)
        name_guest(person)
        person.answer("topic", "")
        person.wait("this meeting needs a value")
        person.answer("topic", "Looms")
        shown = person.wait("Book it? (Y/n)")
        assert shown.split("\n\n")[-1].splitlines() == [
            "Demo for Gwen",
            "  Wed 25 Nov 2026 09:15–09:45 UTC",
            "  Wed 25 Nov 2026 18:15–18:45 JST for Gwen",
            "  with alice, bob (host: alice)",
            "  in alice.ics, bob.ics",
            "? Book it? (Y/n)",
        ]
        person.press("y", ENTER)
        code, shown = person.end()
    assert code == 0, shown
    assert "Booked Wed 25 Nov 2026 09:15–09:45 UTC: Demo for Gwen" in shown
    (record,) = gbook.json("booking", "list")["records"]
    assert record["guest"] == {
        "name": "Gwen", "email": "gwen@example.org", "partstat": "NEEDS-ACTION", "timezone": "Asia/Tokyo"
    }  # fmt: skip
    assert "Looms" in str(events(team, record["id"])["alice.ics"]["DESCRIPTION"])


def test_typing_filters_a_list(team: Path) -> None:
    """A text that no line has chooses nothing."""
    with terminal("book", folder=team) as person:
        person.wait("Which day?")
        person.press("xyz")
        person.wait("/ xyz... nothing matches")
        person.press(ENTER, BACKSPACE, BACKSPACE, BACKSPACE, "wed 25")
        person.wait("/ wed 25")
        person.press(ENTER)
        person.wait("Which time on Wed 25 Nov?")
        person.press("16:30")
        person.wait("/ 16:30")
        person.press(ENTER)
        assert "Which time on Wed 25 Nov? 16:00–16:30  alice" in person.wait("Guest's name")
        person.press(CTRL_C)
        assert person.end()[0] == 130


def test_another_day_can_be_chosen(team: Path) -> None:
    """The last line of the times leads back."""
    with terminal("book", folder=team) as person:
        choose_time(person, UP)
        person.press(DOWN, ENTER)
        person.wait("Which time on Wed 25 Nov?")
        person.press(ESCAPE)
        assert person.end()[0] == 130


@pytest.mark.parametrize("key", [CTRL_C, ESCAPE])
@pytest.mark.parametrize("step", ["day", "time", "name", "e-mail", "topic", "last look"])
def test_each_question_can_be_left(team: Path, key: str, step: str) -> None:
    """Exit 130, and nothing is written."""
    before = snapshot(team)
    steps = [
        ("day", "Which day?", ENTER),
        ("time", "Which time", ENTER),
        ("name", "Guest's name (optional):", "Gwen\r"),
        ("e-mail", "Guest's e-mail (optional):", "gwen@example.org\r"),
        ("topic", "topic:", "Looms\r"),
        ("last look", "Book it?", ""),
    ]
    with terminal("book", folder=team) as person:
        for name, question, keys in steps:
            person.wait(question)
            person.press(key if name == step else keys)
            if name == step:
                break
        code, shown = person.end()
    assert (code, snapshot(team)) == (130, before), shown
    assert shown.endswith("gbook: cancelled; nothing was changed\n")


def test_no_books_nothing(team: Path) -> None:
    """Nor does the end of the input."""
    before = snapshot(team)
    with terminal(
        "book", "--name", "Gwen", "--email", "g@example.org", "--field", "topic=x", folder=team
    ) as person:
        choose_time(person)
        person.wait("Book it?")
        person.press("n", ENTER)
        code, shown = person.end()
    assert (code, "nothing was booked" in shown) == (130, True), shown
    with terminal("book", folder=team) as person:
        choose_time(person)
        person.wait("Guest's name")
        person.press(CTRL_D)
        code, shown = person.end()
    assert (code, snapshot(team)) == (130, before), shown


def test_a_mistyped_answer_books_nothing(team: Path) -> None:
    """The last look is answered by a whole word: the `y` of another word is not taken as yes."""
    before = snapshot(team)
    with terminal(
        "book", "--name", "Gwen", "--email", "g@example.org", "--field", "topic=x", folder=team
    ) as p:
        choose_time(p)
        p.wait("Book it? (Y/n)")
        p.press("maybe", ENTER)
        p.wait("answer yes or no, then Enter")
        assert snapshot(team) == before
        p.press("no", ENTER)
        code, _ = p.end()
    assert (code, snapshot(team)) == (130, before)


def test_a_slot_that_is_taken_meanwhile_is_offered_no_more(team: Path, gbook: Gbook) -> None:
    """The list comes again; the guest is not asked twice."""
    profile(team, "accounts: [alice]")
    with terminal("book", folder=team) as person:
        choose_time(person, DOWN)
        name_guest(person)
        add_event(team / "alice.ics", "09:15", "10:00")
        person.answer("topic", "Looms")
        person.wait("cannot be booked")
        person.wait("choose another time")
        person.wait("Which day? (")
        person.press(ENTER)
        assert "09:30–10:00" not in person.wait("10:00–10:30  alice")
        person.press(ENTER)
        person.wait("Book it?")
        person.press(ENTER)
        code, shown = person.end()
    assert (code, shown.count("Guest's name")) == (0, 1), shown
    assert [record["start"] for record in gbook.json("booking", "list")["records"]] == [
        "2026-11-24T10:00:00Z"
    ]


def test_the_profile_is_asked_for(team: Path) -> None:
    """If there are several and none is the default."""
    (team / "profiles/other.yaml").write_text((team / "profiles/demo.yaml").read_text())
    with terminal("book", folder=team) as person:
        person.wait("Which profile?")
        person.press("oth")
        person.wait("/ oth")
        person.press(ENTER)
        person.wait("other: 30 minutes", "Which day?")
        person.press(ESCAPE)
        person.end()


def test_a_reservation_may_lack_fields(team: Path, gbook: Gbook) -> None:
    """They can be given when it is confirmed."""
    with terminal("book", "--reserve", "60", folder=team) as person:
        choose_time(person)
        name_guest(person)
        person.answer("topic", "")
        person.wait("Reserve it?")
        person.press("y", ENTER)
        code, shown = person.end()
    assert code == 0, shown
    (held,) = gbook.json("reservation", "list")["records"]
    assert gbook("reservation", "confirm", held["id"]).code == 2


def test_a_dry_run_asks_no_last_question(team: Path) -> None:
    """It says what would happen."""
    before = snapshot(team)
    with terminal("book", "--dry-run", folder=team, columns=120) as person:
        choose_time(person)
        name_guest(person)
        person.answer("topic", "Looms")
        code, shown = person.end()
    assert "Would book Tue 24 Nov 2026 09:00–09:30 UTC with alice (Demo for Gwen); writes 1 calendar" in shown
    assert (code, snapshot(team)) == (0, before)


def test_a_booking_is_moved_to_a_chosen_time(team: Path, gbook: Gbook) -> None:
    """Its own time is offered too; no answer moves it."""
    uid = book(gbook, "14:00", "--required", "all")
    for answer, expected, start in (("n", 130, "14:00"), ("y", 0, "09:15")):
        with terminal("booking", "reschedule", uid, folder=team) as person:
            choose_time(person, DOWN)
            person.wait("Move it from Tue 24 Nov 14:00 to Tue 24 Nov 2026 09:15–09:45 UTC?")
            person.press(answer, ENTER)
            code, shown = person.end()
        assert code == expected, shown
        (record,) = gbook.json("booking", "list")["records"]
        assert record["start"] == f"2026-11-24T{start}:00Z"


@pytest.mark.parametrize("command", ["book", "booking reschedule"])
def test_without_a_terminal_the_first_slots_are_named(team: Path, gbook: Gbook, command: str) -> None:
    """Exit 2, and the command for the first of them; nothing is asked."""
    arguments = [*command.split(), book(gbook, "14:00")] if command != "book" else ["book"]
    result = gbook(*arguments)
    assert result.code == 2
    first, *lines = result.err.splitlines()
    assert first == "gbook: --slot is missing; the first slots, times in UTC:"
    assert [line.startswith("  --slot 2026-11-24T") for line in lines] == [True] * 5 + [False] * 2
    assert lines[-1].startswith(f"  gbook {command}")


def test_without_slots_there_is_nothing_to_choose(team: Path) -> None:
    """Exit 3, as for the first slot."""
    profile(team, "accounts: [alice]\nstartTime: 2030-01-01T00:00:00Z\nendTime: 2030-01-01T01:00:00Z")
    with terminal("book", folder=team) as person:
        code, shown = person.end()
    assert (code, "no free slot" in shown) == (3, True), shown


@pytest.mark.parametrize("answer", ["y", "n"])
def test_mailing_the_invitation_is_offered(team: Path, answer: str) -> None:
    """If gbook.yaml names a server and the guest has an address; the last look says so."""
    with mail_of(team) as mailbox:
        with terminal("book", "--field", "topic=x", folder=team) as person:
            choose_time(person)
            name_guest(person)
            person.wait("Mail the invitation to gwen@example.org? (Y/n)")
            person.press(answer, ENTER)
            assert ("  mails gwen@example.org\n" in person.wait("Book it?")) == (answer == "y")
            person.press(ENTER)
            code, shown = person.end()
        assert code == 0, shown
        assert [received.to for received in mailbox.messages] == [["gwen@example.org"]] * (answer == "y")


@pytest.mark.parametrize("columns", [30, 60, 140])
def test_a_terminal_of_any_size_shows_the_line_of_the_cursor(team: Path, columns: int) -> None:
    """The list scrolls, no line is longer than the window, and no word is broken."""
    with terminal("book", "--required", "all", folder=team, columns=columns, lines=8) as person:
        person.wait("Which day?")
        person.press(ENTER)
        person.wait("09:00–09:30")
        person.press(*[DOWN] * 20)
        person.wait("» 14:00–14:30")
        person.press(ENTER)
        name_guest(person)
        person.answer("topic", "Looms")
        shown = person.wait("Book it?")
        person.press(ESCAPE)
        assert person.end()[0] == 130
    assert max(map(len, shown.splitlines())) <= columns
    words = "demo: 30 minutes, all 3 members, 23 Nov – 23 Dec 2026 with alice, bob, carol (host: alice)"
    assert set(words.split()) <= set(shown.split())


def test_answers_in_a_narrow_terminal_have_whole_words(team: Path) -> None:
    """What was chosen goes on in the next line, a text is typed below its question."""
    with terminal("book", "--required", "all", folder=team, columns=30) as person:
        choose_time(person)
        name_guest(person)
        shown = person.wait("topic:")
        person.press(ESCAPE)
        person.end()
    assert "\n? Which day? Tue 24 Nov 31\n  times\n" in shown
    assert "\n? Which time on Tue 24 Nov?\n  09:00–09:30 alice, bob,\n  carol\n" in shown
    assert "\n? Guest's e-mail (optional):\n gwen@example.org\n" in shown


class TestProposals:
    def test_several_times_are_chosen(self, team: Path, gbook: Gbook) -> None:
        """Days with the space bar, times of each, how long, the guest, a last look."""
        with terminal("propose", "--guest-tz", "Asia/Tokyo", folder=team, columns=100) as person:
            person.wait("Which days?")
            person.press(ENTER)
            person.wait("choose at least one, with the space bar\n? Which days?")
            person.press(" ", DOWN, " ", ENTER)
            shown = person.wait("Which times on Tue 24 Nov?")
            assert "\n? Which days? Tue 24 Nov  31 times, Wed 25 Nov  31 times\n" in shown
            person.press(" ", DOWN, " ", ENTER)
            person.wait("Which times on Wed 25 Nov?")
            person.press(DOWN, " ", ENTER)
            person.answer("Hold them for", "soon")
            person.answer("Hold them for", "1h30")
            name_guest(person)
            person.answer("topic", "")
            shown = person.wait("Reserve them?")
            assert shown.split("\n\n")[-1].splitlines() == [
                "Would reserve 3 slots (Demo for Gwen), until Mon 23 Nov 2026 09:30 UTC; writes 1 calendar",
                "  1. Tue 24 Nov 2026 09:00–09:30 UTC with alice",
                "  2. Tue 24 Nov 2026 09:15–09:45 UTC with alice",
                "  3. Wed 25 Nov 2026 09:15–09:45 UTC with alice",
                "? Reserve them? (Y/n)",
            ]
            person.press("y", ENTER)
            code, shown = person.end()
        assert code == 0, shown
        assert "\n1. Tue 24 Nov 2026 18:00–18:30\n" in shown
        starts = [record["start"] for record in gbook.json("reservation", "list")["records"]]
        assert starts == ["2026-11-24T09:00:00Z", "2026-11-24T09:15:00Z", "2026-11-25T09:15:00Z"]

    @pytest.mark.parametrize("step", ["Which days?", "Which times", "Hold them for:", "Reserve them?"])
    def test_leaving_reserves_nothing(self, team: Path, step: str) -> None:
        """Esc at any question."""
        before = snapshot(team)
        keys = {
            "Which days?": f" {ENTER}",
            "Which times": f" {DOWN} {ENTER}",
            "Hold them for:": ENTER,
            "Guest's name (optional):": ENTER,
            "Guest's e-mail (optional):": ENTER,
            "topic:": ENTER,
            "Reserve them?": "",
        }
        with terminal("propose", folder=team) as person:
            for question, answer in keys.items():
                person.wait(question)
                person.press(ESCAPE if question == step else answer)
                if question == step:
                    break
            code, shown = person.end()
        assert (code, snapshot(team)) == (130, before), shown

    def test_without_a_terminal_nothing_is_asked(self, team: Path, gbook: Gbook) -> None:
        """The error names the first slots."""
        result = gbook("propose", "--for", "60")
        assert (result.code, "--slot is missing; the first slots" in result.err) == (2, True)
