"""Guests' replies, from files and from mails."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.ics import parsed_events
from support.office import SLOT, make_office, snapshot
from support.running import Gbook

from gbook.calendars.commit.transaction import FileChange, commit
from gbook.errors import GbookError

GWEN = "mailto:gwen@example.org"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a workspace, and change into it."""
    monkeypatch.chdir(make_office(tmp_path / "office"))
    return tmp_path / "office"


@pytest.fixture
def booked(office: Path, gbook: Gbook) -> dict[str, Any]:
    """Book for Gwen, in the calendars of alice, bob and carol."""
    document: dict[str, Any] = gbook.json(
        *("book", "--slot", SLOT, "--required", "all", "--invite", "ina@example.net"),
        *("--name", 'Gwen "PARTSTAT=x" Guest', "--email", "gwen@example.org"),
    )
    return document


def answer(uid: str, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    """Return a reply as mail programs write it."""
    lines = [
        *("BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0"),
        *(f"METHOD:{more.get('method', 'REPLY')}", "BEGIN:VEVENT", "DTSTART:20261124T140000Z"),
        *("DTEND:20261124T143000Z", "DTSTAMP:20261123T080000Z", "ORGANIZER:mailto:alice@example.com"),
        f"UID:{uid[:30]}\r\n {uid[30:]}",
        *more.get("attendees", [f'ATTENDEE;CN="G: G";PARTSTAT={partstat}:{more.get("who", GWEN)}']),
        *(f"SEQUENCE:{more.get('sequence', 0)}", "SUMMARY:whatever", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines).encode()


def answers_in(path: Path) -> dict[str, str]:
    """Return the answers in a calendar, by address."""
    (event,) = (event for event in parsed_events(path.read_bytes()) if str(event["UID"]) != "theirs")
    return {str(one).removeprefix("mailto:"): one.params["PARTSTAT"] for one in event["ATTENDEE"]}


def copies(office: Path) -> list[Path]:
    return [office / "alice.ics", office / "bob.ics", *(office / "carol").glob("*.ics")]


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_answer_reaches_every_copy(office: Path, gbook: Gbook, booked: dict[str, Any], partstat: str) -> None:
    """The guest's PARTSTAT changes in every calendar, and nothing else does."""
    before = snapshot(office)
    (office / "reply.txt").write_bytes(answer(booked["id"], partstat))
    document = gbook.json("booking", "reply", "reply.txt")
    assert document["guest"]["partstat"] == partstat
    assert document["warnings"] == []
    for path in copies(office):
        assert answers_in(path) == {
            "alice@example.com": "ACCEPTED",
            "bob@example.com": "ACCEPTED",
            "carol@example.com": "NEEDS-ACTION",
            "gwen@example.org": partstat,
            "ina@example.net": "NEEDS-ACTION",
        }
    after = snapshot(office)
    assert after != before
    assert [_without_gwen(after[name]) for name in after] == [_without_gwen(before[name]) for name in before]


def _without_gwen(content: bytes) -> bytes:
    """A calendar without the line that may change."""
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    unfolded = content.replace(newline + b" ", b"")
    return newline.join(line for line in unfolded.split(newline) if not line.endswith(GWEN.encode()))


def mail_with(parts: Sequence[tuple[bytes, dict[str, str], str]]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "gwen@example.org", "alice@example.com", "Accepted"
    message.set_content("Gwen has accepted.\nBEGIN:VCALENDAR is no calendar here.\n")
    for content, parameters, encoding in parts:
        text = content.decode()
        message.add_alternative(text, subtype="calendar", cte=encoding, params=parameters)
    return message.as_bytes()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_a_reply_is_read_from_a_mail(
    office: Path, gbook: Gbook, booked: dict[str, Any], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file or stdin, in any transfer encoding."""
    mail = mail_with([(answer(booked["id"]), {"method": "REPLY"}, encoding)])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(mail)))
    result = gbook("booking", "reply", "-")
    guest = 'Gwen "PARTSTAT=x" Guest'
    line = f"{guest} accepted: Demo for {guest}, Tue 24 Nov 2026 15:00–15:30 CET\n"
    assert (result.code, result.out) == (0, line)
    assert answers_in(office / "bob.ics")["gwen@example.org"] == "ACCEPTED"


def test_mail_with_several_calendars(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """The part that says it is a reply is the reply."""
    parts = [
        (answer("other", method="REQUEST"), {"method": "REQUEST"}, "base64"),
        (answer(booked["id"], "DECLINED"), {"method": "reply"}, "base64"),
    ]
    (office / "reply.eml").write_bytes(mail_with(parts))
    assert gbook.json("booking", "reply", "reply.eml")["guest"]["partstat"] == "DECLINED"


def test_other_invitees_answer_too(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """Every attendee may answer; upper and lower case in addresses are equal."""
    (office / "reply.txt").write_bytes(answer(booked["id"], who="MAILTO:Ina@Example.net"))
    assert gbook.json("booking", "reply", "reply.txt")["guest"]["partstat"] == "NEEDS-ACTION"
    assert answers_in(office / "alice.ics")["ina@example.net"] == "ACCEPTED"


def test_declining_account_is_free_again(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """An optional account that declines has its time back."""
    profile = office / "profiles/demo.yaml"
    profile.write_text(
        profile.read_text().replace("[alice, bob]", "[carol]").replace("[carol]\nadd", "[]\nadd")
    )
    assert gbook("book", "--slot", SLOT, "--dry-run").code == 3
    (office / "reply.txt").write_bytes(answer(booked["id"], "DECLINED", who="mailto:carol@example.com"))
    gbook.json("booking", "reply", "reply.txt")
    assert gbook("book", "--slot", SLOT, "--dry-run").code == 0


def test_late_reply_changes_nothing(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """An answer to the old time does not count for the new one: a warning."""
    gbook.json("booking", "reschedule", booked["id"], "--slot", "2026-11-25T10:00Z")
    before = snapshot(office)
    (office / "reply.txt").write_bytes(answer(booked["id"], sequence=0))
    document = gbook.json("booking", "reply", "reply.txt")
    assert [one["code"] for one in document["warnings"]] == ["stale_reply"]
    assert document["guest"]["partstat"] == "NEEDS-ACTION"
    assert snapshot(office) == before
    (office / "reply.txt").write_bytes(answer(booked["id"], sequence=1))
    assert gbook.json("booking", "reply", "reply.txt")["guest"]["partstat"] == "ACCEPTED"


def test_delegation_is_warned_of(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """A guest may delegate; gbook records that, but does not invite the delegate."""
    (office / "reply.txt").write_bytes(answer(booked["id"], "DELEGATED"))
    document = gbook.json("booking", "reply", "reply.txt")
    assert document["guest"]["partstat"] == "DELEGATED"
    assert [one["code"] for one in document["warnings"]] == ["delegated"]


def test_reply_dry_run_writes_nothing(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """--dry-run prints what would change."""
    before = snapshot(office)
    (office / "reply.txt").write_bytes(answer(booked["id"], "DECLINED"))
    document = gbook.json("booking", "reply", "reply.txt", "--dry-run")
    assert document["guest"]["partstat"] == "DECLINED"
    assert "PARTSTAT=DECLINED" in document["event"].replace("\n ", "")
    assert gbook("booking", "reply", "reply.txt", "-n").out.startswith("Would record: ")
    assert snapshot(office) == before


@pytest.mark.parametrize(
    ("more", "code", "reason"),
    [
        ({"uid": "nobody@gbook"}, 4, "no booking 'nobody@gbook'"),
        ({"uid": ""}, 4, "no booking ''"),
        ({"who": "mailto:eve@example.net"}, 4, "eve@example.net is not invited to booking"),
        ({"partstat": "MAYBE"}, 5, "PARTSTAT: expected one of ACCEPTED, DECLINED, TENTATIVE,"),
        ({"partstat": "ACCEPTED\r\n X"}, 5, "PARTSTAT: expected one of"),
        ({"method": "DECLINECOUNTER"}, 5, "METHOD: expected a reply to an invitation, found DECLINECOUNTER"),
        ({"method": "REQUEST"}, 5, "METHOD: expected a reply to an invitation, found REQUEST"),
        ({"sequence": "one"}, 5, "SEQUENCE: expected a number, found 'one'"),
        ({"attendees": []}, 5, "ATTENDEE: expected one in a reply, found 0"),
        ({"attendees": [f"ATTENDEE:{GWEN}"] * 2}, 5, "ATTENDEE: expected one in a reply, found 2"),
    ],
)
def test_what_is_no_reply(
    office: Path, gbook: Gbook, booked: dict[str, Any], more: dict[str, Any], code: int, reason: str
) -> None:
    """A file that answers no booking is refused, and nothing is written."""
    before = snapshot(office)
    (office / "reply.txt").write_bytes(answer(**{"uid": booked["id"], **more}))
    result = gbook("booking", "reply", "reply.txt")
    assert (result.code, reason in result.err) == (code, True), result.err
    assert snapshot(office) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n",
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
        b"Content-Type: text/calendar; charset=nonsense\r\n\r\nBEGIN:VEVENT",
        b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x",
    ],
)
def test_an_invalid_reply_exits_5(office: Path, gbook: Gbook, content: bytes) -> None:
    """The message names the file."""
    (office / "reply.eml").write_bytes(content)
    result = gbook("booking", "reply", "reply.eml")
    assert result.code == 5
    assert result.err.startswith("gbook: reply.eml: ")


def test_a_missing_reply_file_is_named(office: Path, gbook: Gbook) -> None:
    """The message names the path."""
    missing = gbook("booking", "reply", "nowhere.eml")
    assert (missing.code, missing.err) == (4, "gbook: no such file: nowhere.eml\n")


@pytest.mark.parametrize(
    "attendee",
    [
        f"ATTENDEE;PARTSTAT=ACCEPTED:{GWEN}\r\nBEGIN:VALARM\r\nUID:alarm\r\nATTENDEE:mailto:x@example.org\r\nEND:VALARM",
        "ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=gwen@example.org:urn:uuid:5a1f0c9e-2f4e-4b52-9d53-0c7c7f3a7f10",
        'ATTENDEE;EMAIL="Gwen@Example.ORG";PARTSTAT=ACCEPTED:/principals/users/gwen/',
    ],
    ids=["alarm", "urn", "path"],
)
def test_replies_of_calendar_servers(
    office: Path, gbook: Gbook, booked: dict[str, Any], attendee: str
) -> None:
    """An alarm's own ATTENDEE and UID do not count; EMAIL= names the mailbox of a urn (RFC 7986 §6.2)."""
    (office / "reply.ics").write_bytes(answer(booked["id"], attendees=[attendee]))
    assert gbook.json("booking", "reply", "reply.ics")["guest"]["partstat"] == "ACCEPTED"
    assert all(answers_in(copy)["gwen@example.org"] == "ACCEPTED" for copy in copies(office))


def test_an_attendee_that_a_server_has_rewritten(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """A reply is taken into a copy whose ATTENDEE a server has given another URI."""
    for copy in copies(office):
        content = copy.read_bytes().replace(b"\r\n ", b"").replace(b"\n ", b"")
        urn = rb"\1;EMAIL=gwen@example.org:urn:uuid:5a1f0c9e-2f4e-4b52-9d53-0c7c7f3a7f10"
        copy.write_bytes(re.sub(rb"(ATTENDEE[^\n]*):mailto:gwen@example.org", urn, content))
    (office / "reply.ics").write_bytes(answer(booked["id"], "DECLINED"))
    assert gbook.json("booking", "reply", "reply.ics")["guest"]["partstat"] == "DECLINED"


def mail_from(author: str | None, content: bytes) -> bytes:
    """A mail with this line for From, and a reply."""
    head = [author] if author else []
    return (
        "\n".join([*head, "MIME-Version: 1.0", "Content-Type: text/calendar; method=REPLY", "", ""]).encode()
        + content
    )


@pytest.mark.parametrize(
    "author",
    [
        "From: gwen@example.org",
        "From: GWEN@Example.ORG",
        'From: "eve@example.net, \\ <x@y.z>" <gwen@example.org>',
        "From: eve@example.net <gwen@example.org> (eve@example.net)",
        "from:\n Gwen\n <gwen@example.org>",
        "From: Gw\u00e9n <gwen@example.org>",
        "From: =?utf-8?q?eve=40example=2Enet?= <gwen@example.org>",
    ],
)
def test_the_author_of_a_mail_answers(
    office: Path, gbook: Gbook, booked: dict[str, Any], author: str
) -> None:
    """The address counts, not the name beside it."""
    (office / "reply.eml").write_bytes(mail_from(author, answer(booked["id"])))
    assert gbook.json("booking", "reply", "reply.eml")["guest"]["partstat"] == "ACCEPTED"


@pytest.mark.parametrize(
    "author",
    [
        "From: eve@example.net",
        "From: gwen@example.org <eve@example.net>",
        'From: "gwen@example.org" <eve@example.net>',
        "From: gwen@example.org, eve@example.net",
        "From: gwen@example.org\nFrom: eve@example.net",
        "From: eve@example.net\nSender: gwen@example.org\nReply-To: gwen@example.org",
        "From: gwen@example.org@example.net",
        "From: <gwen@example.org> <eve@example.net>",
        "From: eve@example.net (<gwen@example.org>)",
        'From: "x <gwen@example.org>, eve@example.net',
        "From: gwen@example.org.example.net",
        "From: x: gwen@example.org, eve@example.net;",
        "From:",
        "X-From: gwen@example.org",
        None,
    ],
)
def test_a_mail_of_somebody_else_does_not_count(
    office: Path, gbook: Gbook, booked: dict[str, Any], author: str | None
) -> None:
    """Refused as invalid, and nothing is written; the same reply as a file alone is the user's own word."""
    before = snapshot(office)
    (office / "reply.eml").write_bytes(mail_from(author, answer(booked["id"])))
    result = gbook("booking", "reply", "reply.eml")
    assert (result.code, "reply.eml: From: " in result.err) == (5, True), result.err
    assert snapshot(office) == before
    (office / "reply.ics").write_bytes(answer(booked["id"]))
    assert gbook.json("booking", "reply", "reply.ics")["guest"]["partstat"] == "ACCEPTED"


def test_somebody_answers_for_a_guest(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """SENT-BY names the author; a warning says so. Nobody answers for an account: its time would be free."""
    line = 'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:pa@example.org":mailto:'
    mail = mail_from("From: pa@example.org", answer(booked["id"], attendees=[f"{line}gwen@example.org"]))
    (office / "reply.eml").write_bytes(mail)
    document = gbook.json("booking", "reply", "reply.eml")
    assert document["guest"]["partstat"] == "DECLINED"
    assert [one["code"] for one in document["warnings"]] == ["sent_by"]
    before = snapshot(office)
    mail = mail_from("From: pa@example.org", answer(booked["id"], attendees=[f"{line}carol@example.com"]))
    (office / "reply.eml").write_bytes(mail)
    assert gbook("booking", "reply", "reply.eml").code == 5
    assert snapshot(office) == before


@pytest.mark.parametrize("who", ["alice", "bob", "room"])
@pytest.mark.parametrize("as_mail", [True, False])
def test_members_and_rooms_do_not_answer(office: Path, gbook: Gbook, who: str, as_mail: bool) -> None:
    """Whatever a mail claims, the accounts that hold the meeting stay busy."""
    with (office / "gbook.yaml").open("a") as file:
        file.write("  - {id: room, kind: room, email: room@example.com, calendars: [room.ics]}\n")
    (office / "room.ics").write_bytes((office / "bob.ics").read_bytes())
    profile = office / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("optional: [carol]", "optional: [room]"))
    uid = gbook.json("book", "--slot", SLOT, "--required", "all", "--name", "Gwen")["id"]
    before = snapshot(office)
    reply = answer(uid, "DECLINED", who=f"mailto:{who}@example.com")
    (office / "reply").write_bytes(mail_from(f"From: {who}@example.com", reply) if as_mail else reply)
    result = gbook("booking", "reply", "reply")
    assert (result.code, "--reassign" in result.err) == (5, True)
    assert snapshot(office) == before


def test_domains_are_the_same_in_both_forms(office: Path, gbook: Gbook) -> None:
    """A program answers as bücher.example or as what a mail server makes of it."""
    uid = gbook.json("book", "--slot", SLOT, "--name", "Zoë", "--email", "zoe@bücher.example")["id"]
    mail = mail_from("From: zoe@xn--bcher-kva.example", answer(uid, who="mailto:zoe@xn--bcher-kva.example"))
    (office / "reply.eml").write_bytes(mail)
    assert gbook.json("booking", "reply", "reply.eml")["guest"]["partstat"] == "ACCEPTED"


def test_a_readonly_copy_keeps_its_answer(office: Path, gbook: Gbook, booked: dict[str, Any]) -> None:
    """A warning names the readonly calendar whose copy is not changed."""
    (office / "mirror.ics").write_bytes((office / "alice.ics").read_bytes())
    config = (office / "gbook.yaml").read_text()
    mirrored = config.replace("alice.ics]", "alice.ics, {path: mirror.ics, readonly: true}]")
    assert mirrored != config
    (office / "gbook.yaml").write_text(mirrored)
    (office / "answer.ics").write_bytes(answer(booked["id"]))
    document = gbook.json("booking", "reply", "answer.ics")
    assert [(item["code"], item["path"]) for item in document["warnings"]] == [
        ("readonly_copy", "mirror.ics")
    ]
    assert answers_in(office / "mirror.ics")["gwen@example.org"] == "NEEDS-ACTION"
    assert answers_in(office / "bob.ics")["gwen@example.org"] == "ACCEPTED"


def test_a_fault_after_the_commit_is_a_warning(
    office: Path, gbook: Gbook, booked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reply is in the calendars: the command succeeds, and says what could not be finished."""

    def commit_with_fault(changes: Sequence[FileChange]) -> None:
        commit(changes)
        raise GbookError("the folder cannot be synced", committed=True)

    monkeypatch.setattr("gbook.bookings.planned.commit", commit_with_fault)
    (office / "answer.ics").write_bytes(answer(booked["id"]))
    document = gbook.json("booking", "reply", "answer.ics")
    assert [warning["code"] for warning in document["warnings"]] == ["unfinished_write"]
    assert answers_in(office / "bob.ics")["gwen@example.org"] == "ACCEPTED"
