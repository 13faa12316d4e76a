"""The links that guests get: in the texts of bookings, in answers, invitations and mails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.running import Gbook
from support.smtp_server import ReceivedMessage, mail_of
from support.team import TUESDAY, event, events

from gbook.workspace.tokens import OfferTokens, RescheduleTokens
from gbook.workspace.workspace import open_workspace

GUEST = ("--name", "Gwen", "--email", "gwen@example.org", "--field", "topic=Looms")


def ask_for_links(team: Path, text: str = "Change it: {{manageUrl}}") -> None:
    with (team / "gbook.yaml").open("a") as config:
        config.write("serve: {baseUrl: https://book.example.com}\n")
    path = team / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("{{topic}}, {{start}}", f"{text} {{{{topic}}}}, {{{{start}}}}"))


def url(team: Path, uid: str) -> str:
    return f"https://book.example.com/b/booking/{RescheduleTokens(open_workspace(team)).of(uid)}"


def test_a_guest_gets_a_link_that_stays(gbook: Gbook, team: Path) -> None:
    """A reservation has it too; confirming and moving leave it as it is."""
    ask_for_links(team)
    reserved = gbook.json("book", "--slot", f"{TUESDAY}09:00Z", *GUEST, "--reserve", "60")
    uid = str(reserved["id"])
    assert f"Change it: {url(team, uid)} Looms" in event(team, uid)["DESCRIPTION"]
    gbook.json("reservation", "confirm", uid)
    assert url(team, uid) in event(team, uid)["DESCRIPTION"]
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}10:00Z")
    assert f"Change it: {url(team, uid)} Looms, 2026-11-24 10:00" in event(team, uid)["DESCRIPTION"]


def test_the_invitation_has_the_link(gbook: Gbook, team: Path) -> None:
    """It is what the guest reads."""
    ask_for_links(team, "{{rescheduleToken}}")
    booked = gbook.json("book", "--slot", "first", *GUEST, "--invitation", "invitation.ics")
    token = RescheduleTokens(open_workspace(team)).of(str(booked["id"]))
    assert token in (team / "invitation.ics").read_text().replace("\n ", "")


def test_other_bookings_make_no_key(gbook: Gbook, team: Path) -> None:
    """A workspace that nobody serves gets no folder of secrets."""
    gbook.json("book", "--slot", "first", *GUEST)
    assert not (team / ".gbook").exists()


def test_a_damaged_key_refuses_the_booking(gbook: Gbook, team: Path) -> None:
    """Nothing is written: the guest would get a link that leads nowhere."""
    ask_for_links(team)
    (team / ".gbook").mkdir(mode=0o700)
    (team / ".gbook/token-key").write_bytes(b"short")
    (team / ".gbook/token-key").chmod(0o600)
    before = (team / "alice.ics").read_bytes()
    result = gbook("book", "--slot", "first", *GUEST)
    assert (result.code, "token-key: expected 32 bytes, found 5" in result.err) == (5, True)
    assert (team / "alice.ics").read_bytes() == before


def test_a_guest_cannot_set_a_link(gbook: Gbook, team: Path) -> None:
    """Exit 2: it is a variable of gbook."""
    result = gbook("book", "--slot", "first", *GUEST, "--field", "manageUrl=https://evil.example")
    assert (result.code, "manageUrl is set by gbook" in result.err) == (2, True)


def serve_at(team: Path) -> None:
    with (team / "gbook.yaml").open("a") as config:
        config.write("serve: {baseUrl: https://book.example.com}\n")


class TestAnswers:
    """Where the service has an address, the host is given the guest's link."""

    def test_of_a_booking(self, gbook: Gbook, team: Path) -> None:
        """As a key, and as a line; a dry run has none, and no copy of a member has it."""
        assert "manageUrl" not in gbook.json("book", "--slot", "first", *GUEST)
        serve_at(team)
        assert "manageUrl" not in gbook.json("book", "--slot", "first", *GUEST, "--dry-run")
        booked = gbook.json("book", "--slot", "first", *GUEST)
        uid = str(booked["id"])
        assert booked["manageUrl"] == url(team, uid)
        for copy in events(team, uid).values():
            assert "book.example.com" not in copy.to_ical().decode().replace("\r\n ", "")
        reserved = gbook("book", "--slot", "first", *GUEST, "--reserve", "30m").out
        assert reserved.splitlines()[-1].startswith("Link for the guest: https://book.example.com/b/booking/")

    def test_of_a_meeting_without_a_profile(self, gbook: Gbook, team: Path) -> None:
        """There is none: the page would not know which times to offer."""
        serve_at(team)
        booked = gbook.json(
            "book", "--with", "alice", "--slot", f"{TUESDAY}09:00Z", "--email", "g@example.org"
        )
        assert "manageUrl" not in booked

    def test_of_a_proposal(self, gbook: Gbook, team: Path) -> None:
        """In the lines to send, and as a key."""
        slots = ("--slot", f"{TUESDAY}09:00Z", "--slot", f"{TUESDAY}10:00Z")
        serve_at(team)
        proposed = gbook.json("propose", *slots, "--for", "1h", *GUEST)
        link = f"https://book.example.com/b/offer/{offer_token(team, str(proposed['proposalId']))}"
        assert proposed["offerUrl"] == link
        shown = gbook("propose", "--first", "2", "--for", "1h", *GUEST).out
        assert "\nPick one here: https://book.example.com/b/offer/" in shown
        assert "\nOr reply with a number; the times are held for you until " in shown

    def test_a_damaged_key_refuses_all(self, gbook: Gbook, team: Path) -> None:
        """Before anything is written."""
        serve_at(team)
        (team / ".gbook").mkdir(mode=0o700)
        (team / ".gbook/token-key").write_bytes(b"short")
        (team / ".gbook/token-key").chmod(0o600)
        assert gbook("book", "--slot", "first", *GUEST).code == 5
        assert gbook("propose", "--first", "2", "--for", "1h", *GUEST).code == 5
        assert gbook.json("booking", "list")["records"] == []
        assert gbook.json("reservation", "list")["records"] == []


def offer_token(team: Path, proposal: str) -> str:
    return OfferTokens(open_workspace(team)).of(proposal)


def test_an_invitation_has_the_link_as_its_url(gbook: Gbook, team: Path) -> None:
    """A calendar shows it; the link of a conference stays, and a cancelled booking has none."""
    serve_at(team)
    uid = str(gbook.json("book", "--slot", "first", *GUEST, "--invitation", "a.ics")["id"])
    assert f"URL:{url(team, uid)}" in unfolded(team / "a.ics")
    gbook.json("booking", "invite", uid, "--invitation", "b.ics")
    assert f"URL:{url(team, uid)}" in unfolded(team / "b.ics")
    gbook.json("booking", "guest", "add", uid, "dan@example.org", "--invitation", "c.ics")
    assert "book.example.com" not in unfolded(team / "c.ics")
    gbook.json("booking", "cancel", uid, "--invitation", "a.ics")
    assert "book.example.com" not in unfolded(team / "a.ics")
    with (team / "profiles/demo.yaml").open("a") as profile:
        profile.write("\nopenMeetingUrl: https://meet.example.com/x\nstartConference: true\n")
    gbook.json("book", "--slot", "first", *GUEST, "--invitation", "d.ics")
    assert "URL:https://meet.example.com/x" in unfolded(team / "d.ics")


def unfolded(path: Path) -> str:
    return path.read_text().replace("\n ", "")


class TestMails:
    """Only the guest's mail has the link."""

    @pytest.fixture
    def mailbox(self, team: Path) -> Iterator[list[ReceivedMessage]]:
        serve_at(team)
        with mail_of(team) as box:
            yield box.messages

    def test_of_a_booking(self, gbook: Gbook, team: Path, mailbox: list[ReceivedMessage]) -> None:
        """Others who are invited get a mail without it, in its text and in its file."""
        booked = gbook.json("book", "--slot", "first", *GUEST, "--invite", "dan@example.org", "--mail")
        link = url(team, str(booked["id"]))
        assert [mail.to for mail in mailbox] == [["gwen@example.org"], ["dan@example.org"]]
        assert [f"Change or cancel: {link}\n" in text_of(mail) for mail in mailbox] == [True, False]
        for mail, has_link in zip(mailbox, (True, False), strict=True):
            parts = [part.get_content() for part in mail.parts[1:]]
            texts = [part.decode() if isinstance(part, bytes) else part for part in parts]
            assert [f"URL:{link}" in text.replace("\r\n ", "").replace("\n ", "") for text in texts] == [
                has_link
            ] * 2

    def test_of_a_text_that_has_it(self, gbook: Gbook, team: Path, mailbox: list[ReceivedMessage]) -> None:
        """It is not repeated."""
        path = team / "profiles/demo.yaml"
        path.write_text(path.read_text().replace("{{topic}}, {{start}}", "{{manageUrl}} {{topic}}"))
        booked = gbook.json("book", "--slot", "first", *GUEST, "--mail")
        assert text_of(mailbox[0]).count(url(team, str(booked["id"]))) == 1

    def test_of_a_cancellation(self, gbook: Gbook, team: Path, mailbox: list[ReceivedMessage]) -> None:
        """There is nothing left to change."""
        uid = str(gbook.json("book", "--slot", "first", *GUEST)["id"])
        gbook.json("booking", "cancel", uid, "--mail")
        assert "book.example.com" not in text_of(mailbox[0])

    def test_of_a_proposal(self, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
        """The guest picks a time by a click."""
        proposed = gbook.json("propose", "--first", "2", "--for", "1h", *GUEST, "--mail")
        assert f"Pick one here: {proposed['offerUrl']}\n" in text_of(mailbox[0])


def text_of(mail: ReceivedMessage) -> str:
    return str(mail.parts[0].get_content()).replace("\r\n", "\n")
