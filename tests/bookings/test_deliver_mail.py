"""`deliver: mail`: members who can only be read are booked by mail, and the host's event takes their time."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.fault_server import FaultServer, fault_server
from support.fault_server import reply as reply_with
from support.ics import parsed_events
from support.office import make_office
from support.running import Gbook, ended, started
from support.smtp_server import Mailbox, ReceivedMessage, mail_server
from support.team import TUESDAY, add_event, book, event, events
from support.team import profile as write_profile

NEVER_HEARD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//partner//EN\r\nEND:VCALENDAR\r\n"
# Pat and Quinn work for other companies and publish their calendars, which this workspace only reads.
PARTNERS = """
  - {id: pat, name: Pat, email: pat@partner.example, calendars: [feeds/pat.ics], deliver: mail}
  - {id: quinn, email: quinn@partner.example, calendars: [feeds/quinn], deliver: mail}
"""
ALL_THREE = "accounts: [alice, bob, pat]"


@pytest.fixture
def mailbox() -> Iterator[tuple[int, Mailbox]]:
    with mail_server() as running:
        yield running


@pytest.fixture
def mails(mailbox: tuple[int, Mailbox]) -> list[ReceivedMessage]:
    """The messages that were sent so far."""
    return mailbox[1].messages


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: tuple[int, Mailbox]) -> Path:
    folder = make_team(tmp_path / "team", mailbox[0])
    monkeypatch.chdir(folder)
    return folder


def make_team(folder: Path, port: int, members: str = ALL_THREE) -> Path:
    """Alice, Bob and Carol with calendars of their own, and two partners."""
    make_office(folder)
    config = folder / "gbook.yaml"
    server = f"mail: {{host: localhost, port: {port}, security: none}}\n"
    config.write_text(f"{config.read_text().rstrip()}{PARTNERS}{server}")
    (folder / "feeds/quinn").mkdir(parents=True)
    (folder / "feeds/pat.ics").write_text(NEVER_HEARD, newline="")
    write_profile(folder, members)
    return folder


def other_profile(team: Path, members: str) -> None:
    """A second profile, with the same hours."""
    write_profile(team, members)
    (team / "profiles/demo.yaml").rename(team / "profiles/other.yaml")
    write_profile(team, ALL_THREE)


def free(gbook: Gbook, profile: str) -> set[str]:
    """Return when all members of a profile are free on Tuesday."""
    more = ("--required", "all", "--to", "2026-11-24")
    found = gbook.json("availability", "-p", profile, *more)["items"]
    return {slot["start"][11:16] for slot in found}


def together(gbook: Gbook, at: str, *more: str) -> str:
    """Book all members of the profile."""
    return book(gbook, at, "-p", "demo", "--required", "all", *more)


def message(received: ReceivedMessage) -> tuple[str, Any]:
    """Return the method and the event of an iTIP message."""
    part = received.calendar
    return part["Content-Type"].params["method"], parsed_events(part.get_content())[0]


def answers(found: Any) -> dict[str, tuple[str, str]]:
    """PARTSTAT and RSVP by the local part of the address."""
    lines = found["ATTENDEE"] if isinstance(found["ATTENDEE"], list) else [found["ATTENDEE"]]
    return {str(one)[7:].split("@")[0]: (one.params["PARTSTAT"], one.params.get("RSVP", "")) for one in lines}


def reply(gbook: Gbook, team: Path, found: Any, partstat: str, who: str = "pat@partner.example") -> Any:
    """Answer an invitation as a mail program does, by an .ics file."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//partner//EN", "METHOD:REPLY", "BEGIN:VEVENT"),
        *(f"UID:{found['UID']}", f"SEQUENCE:{found['SEQUENCE']}", "DTSTAMP:20261123T080000Z"),
        *(f"ATTENDEE;PARTSTAT={partstat}:mailto:{who}", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    (team / "answer.txt").write_text("\r\n".join(lines), newline="")
    return gbook.json("booking", "reply", "answer.txt")


class TestBook:
    def test_a_member_is_invited_without_being_asked_for(
        self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]
    ) -> None:
        """With iTIP REQUEST, although no --mail is given; no copy is written, and no guest gets mail."""
        before = (team / "feeds/pat.ics").read_bytes()
        uid = together(gbook, "10:00")
        assert list(events(team, uid)) == ["alice.ics", "bob.ics"]
        assert (team / "feeds/pat.ics").read_bytes() == before
        (received,) = mails
        assert received.to == ["pat@partner.example"]
        method, invitation = message(received)
        assert (method, str(invitation["UID"])) == ("REQUEST", uid)
        for found in (invitation, event(team, uid)):
            assert answers(found) == {
                "alice": ("ACCEPTED", "FALSE"),
                "bob": ("ACCEPTED", "FALSE"),
                "pat": ("NEEDS-ACTION", "TRUE"),
                "gwen": ("NEEDS-ACTION", "TRUE"),
            }
        shown = gbook.json("booking", "show", uid)
        assert (shown["accountIds"], shown["calendars"]) == (
            ["alice", "bob", "pat"],
            ["alice.ics", "bob.ics"],
        )

    def test_the_guest_is_invited_with_it(
        self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]
    ) -> None:
        """By --mail, in one message."""
        together(gbook, "10:00", "--mail")
        assert [sorted(received.to) for received in mails] == [["gwen@example.org", "pat@partner.example"]]

    def test_what_is_said(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """A dry run names the reader and sends nothing; the booking says who was invited."""
        command = ("book", "--slot", f"{TUESDAY}10:00Z", "--required", "all", "--field", "topic=x")
        assert gbook(*command, "--dry-run").out.endswith("; writes 2 calendars; mails pat@partner.example\n")
        assert mails == []
        result = gbook(*command)
        assert "  in alice.ics, bob.ics\n" in result.out
        assert result.out.endswith("Invitation sent to pat@partner.example\n")

    def test_it_never_hosts(self, team: Path, gbook: Gbook) -> None:
        """Not even as the first of the members; and alone it cannot be booked."""
        write_profile(team, "accounts: [pat, quinn, carol]")
        booked = gbook.json("booking", "show", together(gbook, "10:00"))
        assert (booked["host"], booked["accountIds"]) == ("carol", ["carol", "pat", "quinn"])
        write_profile(team, "accounts: [pat, quinn]")
        assert gbook.json("availability")["items"] == []
        result = gbook("book", "--slot", f"{TUESDAY}12:00Z", "--field", "topic=x")
        assert (result.code, "no available member has a writable calendar" in result.err) == (3, True)

    @pytest.mark.parametrize(
        ("required", "chosen"),
        [("one", ["alice"]), ("all", ["alice", "pat", "quinn"]), ("2", ["alice", "pat"])],
    )
    def test_in_groups(
        self, team: Path, gbook: Gbook, mails: list[ReceivedMessage], required: str, chosen: list[str]
    ) -> None:
        """A group sends those who can host first, then as listed; all that come are invited."""
        write_profile(team, f"groups: [{{extId: us, accountIds: [pat, alice, quinn], required: {required}}}]")
        uid = book(gbook, "10:00")
        assert gbook.json("booking", "show", uid)["accountIds"] == chosen
        invited = [address.split("@")[0] for received in mails for address in received.to]
        assert invited == chosen[1:]

    def test_an_optional_member(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """It is invited if its calendar is free, and its time is not taken."""
        other_profile(team, "accounts: [alice]\noptional: [pat]")
        uid = book(gbook, "10:00", "-p", "other")
        assert [received.to for received in mails] == [["pat@partner.example"]]
        assert gbook.json("booking", "show", uid)["accountIds"] == ["alice"]
        add_event(team / "feeds/pat.ics", "11:00", "12:00")
        book(gbook, "11:00", "-p", "other")
        assert len(mails) == 1

    def test_it_accepts_by_its_setting(self, team: Path, gbook: Gbook) -> None:
        """With `autoAccept: true` it need not answer."""
        config = team / "gbook.yaml"
        config.write_text(config.read_text().replace("deliver: mail}", "deliver: mail, autoAccept: true}"))
        assert answers(event(team, together(gbook, "10:00")))["pat"] == ("ACCEPTED", "FALSE")

    def test_without_a_server_nothing_is_valid(self, team: Path, gbook: Gbook) -> None:
        """Every command says so, and `check` names the line."""
        config = team / "gbook.yaml"
        config.write_text(config.read_text().replace("mail: {host", "# mail: {host"))
        result = gbook("availability")
        assert result.code == 5
        assert "account pat is invited by mail, which needs a server" in result.err
        (first, second) = gbook("check", "--json").document["problems"]
        assert (first["code"], first["path"], first["line"]) == ("invalid_config", "gbook.yaml", 7)
        assert "account quinn" in second["message"]

    def test_settings_that_cannot_work(self, team: Path, gbook: Gbook) -> None:
        """Nothing is booked with them."""
        config = team / "gbook.yaml"
        config.write_text(config.read_text().replace("security: none", "username: x"))
        result = gbook("book", "--slot", f"{TUESDAY}10:00Z", "--field", "topic=x")
        assert (result.code, "username needs a passwordCommand" in result.err) == (5, True)
        assert gbook.json("booking", "list")["records"] == []


class TestTime:
    @pytest.mark.parametrize("members", ["accounts: [carol, pat]", "accounts: [bob, pat]"])
    def test_the_hosts_event_takes_it(self, team: Path, gbook: Gbook, members: str) -> None:
        """In every profile, however late the member's own calendar is, with the buffers of the booking."""
        together(gbook, "10:00")
        other_profile(team, members)
        assert {"09:15", "09:30", "10:00", "10:30", "10:45"} & free(gbook, "other") == {"09:15", "10:45"}
        result = gbook(
            *("book", "-p", "other", "--slot", f"{TUESDAY}10:00Z", "--required", "all"),
            *("--field", "topic=x"),
        )
        assert (result.code, "pat: busy 10:00" in result.err) == (3, True), result.err

    def test_asked_for_alone(self, team: Path, gbook: Gbook) -> None:
        """The time is in `busy`, in `why` and in `agenda`."""
        together(gbook, "10:00")
        day = ("--from", "2026-11-24", "--to", "2026-11-24")
        (one,) = gbook.json("busy", "pat", *day)["items"]
        assert one["busy"] == [{"start": f"{TUESDAY}10:00:00Z", "end": f"{TUESDAY}10:30:00Z"}]
        (shown,) = gbook.json("agenda", "pat", *day)["items"]
        assert (shown["subject"], shown["calendar"]) == ("Demo for Gwen", "alice.ics")
        (found,) = gbook.json("why", f"{TUESDAY}10:00Z", "--account", "pat")["members"]
        assert [reason["code"] for reason in found["accounts"][0]["reasons"]] == ["busy"]

    def test_its_own_calendar_counts_too(self, team: Path, gbook: Gbook) -> None:
        """A file and a vdir."""
        write_profile(team, "accounts: [alice, pat, quinn]")
        add_event(team / "feeds/pat.ics", "10:00", "11:00")
        (team / "feeds/quinn/lunch.ics").write_text(NEVER_HEARD, newline="")
        add_event(team / "feeds/quinn/lunch.ics", "12:00", "13:00")
        assert not {"10:00", "10:45", "12:00", "12:45"} & free(gbook, "demo")

    @pytest.mark.parametrize("broken", ["alice.ics", "carol/x.ics"])
    def test_an_unreadable_host_hides_bookings(self, team: Path, gbook: Gbook, broken: str) -> None:
        """So the member is not known to be free, whether or not the host is asked for; others are."""
        write_profile(team, "accounts: [bob, pat]")
        (team / broken).write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n")
        found = gbook.json("availability", "--required", "all")
        assert found["items"] == []
        (warning,) = found["warnings"]
        assert warning["code"] == "unreadable_calendar"
        assert warning["message"].endswith("bookings of pat, which has no copies, so pat is not free")
        assert gbook.json("availability", "--required", "one")["items"]
        other_profile(team, "accounts: [alice, bob, carol]\ngroups: [{extId: p, accountIds: [pat]}]")
        assert not any(slot["groups"] for slot in gbook.json("availability", "-p", "other")["items"])

    def test_bookings_of_another_gbook_are_events(self, team: Path, gbook: Gbook) -> None:
        """In the member's own calendar: its ids belong to another workspace, and are left alone."""
        before = (team / "alice.ics").read_bytes()
        uid = book(gbook, "10:00", "-p", "demo", "--required", "one")
        (team / "alice.ics").rename(team / "feeds/pat.ics")
        (team / "alice.ics").write_bytes(before)
        other_profile(team, "accounts: [alice]")
        assert "10:00" in free(gbook, "other")
        other_profile(team, "accounts: [bob, pat]")
        assert "10:00" not in free(gbook, "other")
        assert gbook.json("booking", "list")["records"] == []
        assert gbook("booking", "cancel", uid).code == 4
        assert gbook.json("booking", "repair", "--all")["records"] == []

    def test_copies_from_before_say_nothing(self, team: Path, gbook: Gbook) -> None:
        """The account had copies once, and has declined in one: the host has moved the meeting since."""
        config = team / "gbook.yaml"
        by_mail = config.read_text()
        config.write_text(by_mail.replace("deliver: mail", "deliver: copy"))
        uid = together(gbook, "10:00")
        copy = team / "feeds/pat.ics"
        copy.write_bytes(
            copy.read_bytes().replace(b"STATUS:CONFIRMED", b"STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT")
        )
        config.write_text(by_mail)
        gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}12:00Z")
        other_profile(team, "accounts: [carol, pat]")
        assert {"10:00", "12:00"} & free(gbook, "other") == {"10:00"}

    def test_a_member_that_is_not_published(self, team: Path, gbook: Gbook) -> None:
        """It is never free."""
        (team / "feeds/pat.ics").unlink()
        assert gbook.json("availability", "--required", "all")["items"] == []


class TestLife:
    def test_accepted_and_moved(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """The answer is in all copies; the move asks again."""
        uid = together(gbook, "10:00")
        reply(gbook, team, message(mails[0])[1], "ACCEPTED")
        assert answers(event(team, uid))["pat"][0] == "ACCEPTED"
        gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:15Z")
        method, update = message(mails[1])
        assert (method, update["SEQUENCE"], answers(update)["pat"]) == (
            "REQUEST",
            1,
            ("NEEDS-ACTION", "TRUE"),
        )
        assert "Before: Tue 24 Nov 2026 10:00" in mails[1].parts[0].get_content()
        other_profile(team, "accounts: [carol, pat]")
        assert {"09:30", "10:15", "11:00"} & free(gbook, "other") == {"09:30", "11:00"}

    def test_nothing_changed(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """No mail is sent, and nothing is said of it."""
        uid = together(gbook, "10:00")
        result = gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:00Z")
        assert (result.code, "mail" in result.out, len(mails)) == (0, False, 1)

    def test_declined(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """List and show say so, and its time is free again; a change of mind takes it again."""
        uid = together(gbook, "10:00")
        reply(gbook, team, message(mails[0])[1], "DECLINED")
        assert "declined by pat" in gbook("booking", "list").out
        assert "declined by pat" in gbook("booking", "show", uid).out
        (listed,) = gbook.json("booking", "list")["records"]
        assert listed["declined"] == gbook.json("booking", "show", uid)["declined"] == ["pat"]
        other_profile(team, "accounts: [carol, pat]")
        assert "10:00" in free(gbook, "other")
        reply(gbook, team, message(mails[0])[1], "ACCEPTED")
        assert "10:00" not in free(gbook, "other")
        assert "declined" not in gbook.json("booking", "show", uid)

    def test_others_take_over(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """From one that has declined, at the same time, although its calendar is free."""
        write_profile(team, "accounts: [alice]\ngroups: [{extId: p, accountIds: [pat, quinn]}]")
        uid = together(gbook, "10:00")
        reply(gbook, team, message(mails[0])[1], "DECLINED")
        moved = gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:00Z", "--reassign")
        assert moved["accountIds"] == ["alice", "quinn"]
        assert [received.to[0].split("@")[0] for received in mails] == ["pat", "quinn", "pat"]
        reply(gbook, team, message(mails[1])[1], "DECLINED", "quinn@partner.example")
        moved = gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}12:00Z", "--reassign")
        assert moved["accountIds"] == ["alice", "quinn"]

    def test_nobody_takes_over(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """The refusal says who has declined; nothing changes."""
        uid = together(gbook, "10:00")
        reply(gbook, team, message(mails[0])[1], "DECLINED")
        result = gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:00Z", "--reassign")
        assert result.code == 3
        assert "pat: has declined this meeting 10:00–10:30" in result.err
        assert gbook.json("booking", "show", uid)["accountIds"] == ["alice", "bob", "pat"]

    def test_cancelled(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """A CANCEL is sent once, also for a booking that is removed; the time is free."""
        uid = together(gbook, "10:00")
        gbook.json("booking", "cancel", uid, "--reason", "Pat is ill")
        assert message(mails[1])[0] == "CANCEL"
        gbook.json("booking", "cancel", uid, "--remove")
        assert len(mails) == 2
        gbook.json("booking", "cancel", together(gbook, "10:00"), "--remove")
        assert [message(received)[0] for received in mails[2:]] == ["REQUEST", "CANCEL"]

    def test_reserved(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """The time is taken and nothing is sent, not on moving or dropping either; confirming invites."""
        dropped, kept = (together(gbook, at, "--reserve", "60") for at in ("10:00", "12:00"))
        gbook.json("reservation", "reschedule", kept, "--slot", f"{TUESDAY}13:00Z")
        other_profile(team, "accounts: [carol, pat]")
        assert not {"10:00", "13:00"} & free(gbook, "other")
        gbook.json("reservation", "drop", dropped)
        assert mails == []
        gbook.json("reservation", "confirm", kept, "--name", "Gwen")
        assert [message(received)[0] for received in mails] == ["REQUEST"]

    def test_proposed(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """Only the slot that is chosen is sent."""
        proposed = gbook.json(
            *("propose", "--slot", f"{TUESDAY}10:00Z", "--slot", f"{TUESDAY}12:00Z", "--for", "60"),
            *("--required", "all", "--field", "topic=x"),
        )
        assert mails == []
        chosen = proposed["reservations"][1]["id"]
        gbook.json("reservation", "confirm", chosen)
        assert [str(message(received)[1]["UID"]) for received in mails] == [chosen]

    def test_replaced(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """The one that leaves gets a CANCEL, the one that comes a REQUEST."""
        write_profile(team, "accounts: [alice]\ngroups: [{extId: p, accountIds: [pat, quinn]}]")
        uid = together(gbook, "10:00")
        add_event(team / "feeds/pat.ics", "14:00", "15:00")
        moved = gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}14:00Z", "--reassign")
        assert moved["accountIds"] == ["alice", "quinn"]
        sent = {received.to[0].split("@")[0]: message(received)[0] for received in mails[1:]}
        assert sent == {"pat": "CANCEL", "quinn": "REQUEST"}

    def test_repaired(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """The host has moved the meeting in a calendar program: the members without a copy hear of it."""
        uid = together(gbook, "10:00")
        reply(gbook, team, message(mails[0])[1], "ACCEPTED")
        calendar = team / "alice.ics"
        calendar.write_bytes(calendar.read_bytes().replace(b"T10", b"T13"))
        assert gbook("booking", "repair", uid).out.endswith("Invitation sent to pat@partner.example\n")
        method, update = message(mails[1])
        assert (method, update["DTSTART"].dt.hour) == ("REQUEST", 13)
        for found in (update, event(team, uid)):
            assert answers(found)["pat"] == ("NEEDS-ACTION", "TRUE")
        gbook("booking", "repair", uid)
        assert len(mails) == 2

    def test_past(
        self, team: Path, gbook: Gbook, mails: list[ReceivedMessage], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Removing a meeting that is over sends no mail."""
        uid = together(gbook, "10:00")
        monkeypatch.setenv("GBOOK_NOW", "2026-11-25T09:00:00Z")
        gbook.json("booking", "cancel", uid, "--remove")
        assert len(mails) == 1

    def test_a_key_mails_again(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """The first run may have been killed before it sent the mail; a program takes the same one once."""
        for _ in range(2):
            together(gbook, "10:00", "--key", "k1")
        first, second = (message(received)[1] for received in mails)
        assert (first["UID"], first["SEQUENCE"]) == (second["UID"], second["SEQUENCE"])


class TestAnswer:
    def test_only_members_without_a_copy(self, team: Path, gbook: Gbook) -> None:
        """The answer of the others is in their calendars."""
        uid = together(gbook, "10:00")
        with pytest.raises(AssertionError, match=r"bob@example\.com is booked for this meeting"):
            reply(gbook, team, event(team, uid), "DECLINED", "bob@example.com")

    def test_a_room(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """A room of another company answers like a person."""
        config = team / "gbook.yaml"
        config.write_text(config.read_text().replace("name: Pat,", "name: Pat, kind: room,"))
        uid = together(gbook, "10:00")
        reply(gbook, team, message(mails[0])[1], "DECLINED")
        assert gbook.json("booking", "show", uid)["declined"] == ["pat"]


class TestPublished:
    """Pat's company has gbook too, and publishes when Pat is busy."""

    @pytest.fixture
    def partner(self, tmp_path: Path, team: Path, gbook: Gbook) -> Path:
        folder = make_office(tmp_path / "partner")
        config = folder / "gbook.yaml"
        config.write_text(config.read_text().replace("bob@example.com", "pat@partner.example"))
        self.publish(gbook, folder, team)
        return folder

    def publish(self, gbook: Gbook, partner: Path, team: Path) -> None:
        """Write the busy time of the whole company, as a cron job does."""
        result = gbook("--workspace", str(partner), "busy", "--for", "60d", "--ics")
        assert result.code == 0
        (team / "feeds/pat.ics").write_text(result.out, newline="")

    def accept(self, gbook: Gbook, partner: Path, received: ReceivedMessage) -> None:
        """Write an invitation into Pat's calendar there, as a mail program does."""
        content = received.calendar.get_content()
        event = content[content.index("BEGIN:VEVENT") : content.index("END:VCALENDAR")]
        (partner / "bob.ics").write_text(
            NEVER_HEARD.replace("END:VCALENDAR", f"{event}END:VCALENDAR"), newline=""
        )

    def test_the_same_busy_time(self, team: Path, partner: Path, gbook: Gbook) -> None:
        """Only that of the member, of all that one file publishes, and without a warning."""
        add_event(partner / "alice.ics", "09:00", "10:00")
        add_event(partner / "bob.ics", "12:00", "13:00")
        add_event(partner / "bob.ics", "23:30", "23:59")
        self.publish(gbook, partner, team)
        window = ("--from", "today", "--for", "30d")
        there = gbook.json("--workspace", str(partner), "busy", "bob", *window)
        here = gbook.json("busy", "pat", *window)
        assert here["items"][0]["busy"] == there["items"][0]["busy"] != []
        assert here["warnings"] == []
        assert gbook.json("availability", "--required", "all")["warnings"] == []
        assert not {"11:45", "12:00", "12:45"} & free(gbook, "demo")
        assert {"09:00", "11:15", "13:15"} <= free(gbook, "demo")

    def test_a_warning_for_what_is_not_covered(self, team: Path, partner: Path, gbook: Gbook) -> None:
        """That time is busy."""
        found = gbook.json("busy", "pat", "--from", "+59d", "--for", "3d")
        assert [warning["code"] for warning in found["warnings"]] == ["freebusy_ends"]
        assert len(found["items"][0]["busy"]) == 1

    def test_both_companies_know(
        self, team: Path, partner: Path, gbook: Gbook, mails: list[ReceivedMessage]
    ) -> None:
        """A booking here is busy time there once it is accepted; it does not stand in its own way here."""
        uid = together(gbook, "10:00")
        self.accept(gbook, partner, mails[0])
        reply(gbook, team, message(mails[0])[1], "ACCEPTED")
        self.publish(gbook, partner, team)
        other_profile(team, "accounts: [carol, pat]")
        assert not {"10:00", "10:15"} & free(gbook, "other")
        gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:15Z")
        assert not {"10:00", "10:15"} & free(gbook, "other")
        self.accept(gbook, partner, mails[1])
        self.publish(gbook, partner, team)
        assert {"09:30", "10:15"} & free(gbook, "other") == {"09:30"}

    def test_what_is_around_a_meeting_blocks_its_move(
        self, team: Path, partner: Path, gbook: Gbook, mails: list[ReceivedMessage]
    ) -> None:
        """Only the time of the meeting is its own, and only if it was accepted."""
        uid = together(gbook, "10:00")
        self.accept(gbook, partner, mails[0])
        self.publish(gbook, partner, team)
        move = ("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:15Z")
        assert gbook(*move).code == 3
        reply(gbook, team, message(mails[0])[1], "ACCEPTED")
        add_event(partner / "bob.ics", "10:30", "11:00")
        self.publish(gbook, partner, team)
        assert gbook(*move).code == 3

    def test_a_reservation_is_not_accepted(self, team: Path, partner: Path, gbook: Gbook) -> None:
        """Whatever `autoAccept` says: what the member has done at that time since forbids to confirm it."""
        config = team / "gbook.yaml"
        config.write_text(config.read_text().replace("deliver: mail}", "deliver: mail, autoAccept: true}"))
        uid = together(gbook, "10:00", "--reserve", "60")
        add_event(partner / "bob.ics", "10:00", "10:30")
        self.publish(gbook, partner, team)
        assert gbook("reservation", "confirm", uid).code == 3


class TestChangedAccount:
    def test_copies_that_are_only_read_from_now_on(self, team: Path, gbook: Gbook) -> None:
        """A warning names each booking whose copy is left, and the way back."""
        uid = together(gbook, "10:00")
        result = gbook("account", "update", "bob", "--deliver", "mail")
        assert result.code == 0
        assert f"bob.ics: booking {uid} on Tue 24 Nov 2026 10:00" in result.err
        assert "set `deliver: copy` again first" in result.err
        assert list(gbook.json("booking", "show", uid)["calendars"]) == ["alice.ics"]
        assert gbook("account", "update", "bob", "--name", "Bob").err == ""
        assert gbook("account", "update", "bob", "--deliver", "copy").err == ""
        assert gbook.json("booking", "show", uid)["calendars"] == ["alice.ics", "bob.ics"]

    def test_copies_are_written_from_now_on(self, team: Path, gbook: Gbook) -> None:
        """`check` names the bookings that lack a copy, and `repair` writes it."""
        uid = together(gbook, "10:00")
        gbook.json("account", "update", "pat", "--deliver", "copy")
        (problem,) = gbook("check", "--json").document["problems"]
        assert (problem["code"], problem["path"]) == ("copy_missing", "feeds/pat.ics")
        gbook.json("booking", "repair", uid)
        assert list(events(team, uid)) == ["alice.ics", "bob.ics", "feeds"]

    def test_it_is_added_and_named(self, team: Path, gbook: Gbook) -> None:
        """On the command line, with the keys of gbook.yaml."""
        (team / "ray.ics").write_text(NEVER_HEARD, newline="")
        command = ("account", "add", "ray", "--email", "ray@example.net", "--calendar", "ray.ics")
        result = gbook(*command, "--deliver", "mail")
        assert result.out.startswith("Added account ray; ray.ics is only read.\n")
        assert gbook.json("account", "show", "ray")["deliver"] == "mail"
        result = gbook("account", "update", "ray", "--deliver", "post")
        assert (result.code, result.err) == (2, "gbook: --deliver: expected copy or mail, found 'post'\n")


class TestFeed:
    """The calendar of a member on a web server."""

    def serve(self, team: Path, account: str, server: FaultServer) -> None:
        """Give an account a feed, behind its own calendars."""
        config = team / "gbook.yaml"
        at = {"pat": "calendars: [feeds/pat.ics", "bob": "calendars: [bob.ics"}[account]
        assert at in config.read_text()
        config.write_text(config.read_text().replace(at, f"{at}, {{url: '{server.url}secret/x.ics'}}"))

    def test_a_member_with_a_feed(self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
        """It is read and invited; gone, the member is not free."""
        (team / "feed.ics").write_text(NEVER_HEARD, newline="")
        add_event(team / "feed.ics", "12:00", "13:00")
        with fault_server(
            reply_with(200, (team / "feed.ics").read_bytes(), content_type="text/calendar")
        ) as server:
            self.serve(team, "pat", server)
            assert {"10:00", "12:00"} & free(gbook, "demo") == {"10:00"}
            together(gbook, "10:00")
            assert [received.to for received in mails] == [["pat@partner.example"]]
            assert "10:00" not in free(gbook, "demo")
        with fault_server(reply_with(404)) as gone:
            config = team / "gbook.yaml"
            config.write_text(config.read_text().replace(server.url, gone.url))
            assert free(gbook, "demo") == set()

    def test_a_feed_books_nobody(self, team: Path, gbook: Gbook) -> None:
        """Whatever it says, its events only take the time of the account that reads it."""
        before = (team / "alice.ics").read_bytes()
        book(gbook, "10:00", "-p", "demo", "--account", "alice")
        content = (
            (team / "alice.ics")
            .read_bytes()
            .replace(b"X-GBOOK-ACCOUNTS:alice", b"X-GBOOK-ACCOUNTS:alice carol")
        )
        (team / "alice.ics").write_bytes(before)
        with fault_server(reply_with(200, content, content_type="text/calendar")) as server:
            self.serve(team, "bob", server)
            other_profile(team, "accounts: [alice, carol]")
            assert "10:00" in free(gbook, "other")
            other_profile(team, "accounts: [bob]")
            assert "10:00" not in free(gbook, "other")
            assert gbook.json("booking", "list")["records"] == []
            assert gbook.json("booking", "repair", "--all")["records"] == []
            assert (team / "alice.ics").read_bytes() == before

    def test_a_late_feed_does_not_undo_a_move(self, team: Path, gbook: Gbook) -> None:
        """A feed that shows the account's own calendar as it was before."""
        other_profile(team, "accounts: [bob]")
        uid = book(gbook, "10:00", "-p", "other")
        with fault_server(
            reply_with(200, (team / "bob.ics").read_bytes(), content_type="text/calendar")
        ) as server:
            self.serve(team, "bob", server)
            gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}12:00Z")
            assert {"10:00", "12:00"} & free(gbook, "other") == {"10:00"}


class TestLostMail:
    def test_it_is_a_warning_with_the_command_to_repeat(
        self, team: Path, gbook: Gbook, mails: list[ReceivedMessage]
    ) -> None:
        """The booking is written, and the member's time is taken; the command sends to the member only."""
        config = team / "gbook.yaml"
        working = config.read_text()
        config.write_text(working.replace("host: localhost", "host: localhost.invalid"))
        command = ("--slot", f"{TUESDAY}10:00Z", "--required", "all", "--email", "gwen@example.org")
        booked = gbook.json("book", *command, "--field", "topic=x")
        (warning,) = booked["warnings"]
        assert warning["code"] == "mail_failed"
        again = f"gbook booking invite {booked['id']} --mail --to pat@partner.example"
        assert warning["message"].endswith(f"; the booking is written; try again with: {again}")
        assert mails == []
        config.write_text(working)
        assert gbook(*shlex.split(again)[1:]).out == "Invitation sent to pat@partner.example\n"
        assert [received.to for received in mails] == [["pat@partner.example"]]

    def test_to_wants_somebody_who_is_invited(self, team: Path, gbook: Gbook) -> None:
        """And --mail beside it."""
        uid = together(gbook, "10:00")
        result = gbook("booking", "invite", uid, "--mail", "--to", "eve@example.org")
        assert (result.code, "eve@example.org is not invited" in result.err) == (2, True)
        result = gbook("booking", "invite", uid, "--to", "pat@partner.example")
        assert (result.code, "--to goes with --mail" in result.err) == (2, True)


def race(commands: Sequence[Sequence[str]]) -> list[int]:
    """Run commands at once, each in its own process, and return their exit codes."""
    return [result.code for result in [ended(process) for process in [started(*each) for each in commands]]]


def test_hosts_race_for_a_member(team: Path, gbook: Gbook, mails: list[ReceivedMessage]) -> None:
    """Three hosts want the same member at the same time: one gets it, and no calendar is shared by two."""
    for host in ("alice", "bob", "carol"):
        write_profile(team, f"accounts: [{host}, pat]")
        (team / "profiles/demo.yaml").rename(team / f"profiles/{host}.yaml")
    commands = [
        ("book", "-p", host, "--slot", f"{TUESDAY}10:00Z", "--required", "all", "--field", "topic=x")
        for host in ("alice", "bob", "carol", "alice")
    ]
    assert sorted(race(commands)) == [0, 3, 3, 3]
    assert len(gbook.json("booking", "list")["records"]) == len(mails) == 1


@pytest.mark.crash
def test_a_move_races_with_a_booking(team: Path, gbook: Gbook) -> None:
    """Both want the member at 12:00; one of them gets it."""
    other_profile(team, "accounts: [carol, pat]")
    uid = together(gbook, "10:00")
    more = ("--required", "all", "--field", "topic=x")
    commands = [
        ("booking", "reschedule", uid, "--slot", f"{TUESDAY}12:00Z"),
        ("book", "-p", "other", "--slot", f"{TUESDAY}12:00Z", *more),
    ]
    assert sorted(race(commands)) == [0, 3]
    at_noon = [item for item in gbook.json("booking", "list")["records"] if "T12:00" in item["start"]]
    assert len(at_noon) == 1
