"""Counter-proposals, and answers from another address than was invited."""

from __future__ import annotations

import shlex
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from support.ics import parsed_events
from support.office import snapshot
from support.running import Gbook, Result
from support.smtp_server import ReceivedMessage
from support.team import TUESDAY, add_event, book, event

GWEN, ALIAS = "gwen@example.org", "gwendolen@real.example"
# As Outlook writes it: one attendee, a zone of its own by a name of Windows.
OUTLOOK_ZONE = [
    *("BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T030000"),
    *("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10"),
    *("END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100"),
    *("TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT"),
    "END:VTIMEZONE",
]
IN_BERLIN = "DTSTART;TZID=W. Europe Standard Time:20261124T{}00"
PROPOSED = ["DTSTART:20261124T160000Z", "DTEND:20261124T163000Z"]


@pytest.fixture
def uid(team: Path, gbook: Gbook) -> str:
    """Book for Gwen at 14:00, in the calendars of all three."""
    return book(gbook, "14:00", "--required", "all")


def message(uid: str, *lines: str, method: str = "COUNTER", sequence: int = 0, who: str = GWEN) -> bytes:
    """Return the message of a guest; `lines` are of its event, a VTIMEZONE among them goes before it."""
    zone = OUTLOOK_ZONE if any("TZID" in line for line in lines) else []
    attendee = [] if any(line.startswith("ATTENDEE") for line in lines) else [_tentative(who)]
    text = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Microsoft//Outlook//EN", f"METHOD:{method}", *zone),
        *("BEGIN:VEVENT", f"UID:{uid}", f"SEQUENCE:{sequence}", "DTSTAMP:20261123T080000Z"),
        *("ORGANIZER:mailto:alice@example.com", *attendee, *lines, "END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(text).encode()


def _tentative(who: str) -> str:
    return f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{who}"


def read(gbook: Gbook, data: bytes, *more: str) -> Result:
    Path("message.txt").write_bytes(data)
    return gbook("booking", "reply", "message.txt", *more)


def read_json(gbook: Gbook, data: bytes, *more: str) -> Any:
    result = read(gbook, data, *more, "--json")
    assert result.code == 0, result.err
    return result.document


def partstat(team: Path, uid: str, email: str = GWEN) -> str:
    """Return the answer of an attendee, the same in all copies."""
    (line,) = [one for one in event(team, uid)["ATTENDEE"] if str(one) == f"mailto:{email}"]
    return str(line.params["PARTSTAT"])


def by_mail(content: bytes, author: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, "alice@example.com", "New time proposed"
    mail.set_content("See attachment")
    mail.add_alternative(content.decode(), subtype="calendar", cte="base64", params={"method": "COUNTER"})
    return mail.as_bytes()


# --- counter-proposals


def test_a_free_time_is_shown_with_the_command_that_accepts_it(team: Path, gbook: Gbook, uid: str) -> None:
    """The guest's answer is written, and nothing else; the command works."""
    result = read(gbook, message(uid, *PROPOSED, "COMMENT:in the\\, afternoon"))
    assert (result.code, result.err) == (0, "")
    command = f"gbook booking reschedule {uid} --slot 2026-11-24T16:00Z"
    assert result.out.splitlines() == [
        "Gwen proposes another time: Demo for Gwen",
        "  now:      Tue 24 Nov 2026 14:00–14:30 UTC",
        "  proposed: Tue 24 Nov 2026 16:00–16:30 UTC, free",
        "  comment: in the, afternoon",
        "Accept it:",
        f"  {command}",
        "Decline it:",
        "  gbook booking reply message.txt --decline --mail",
    ]
    assert partstat(team, uid) == "TENTATIVE"
    assert event(team, uid)["SEQUENCE"] == 0
    assert gbook(*shlex.split(command)[1:]).out.startswith("Moved to Tue 24 Nov 2026 16:00–16:30 UTC")


@pytest.mark.parametrize(
    "times",
    [
        pytest.param([IN_BERLIN.format("1700"), "DURATION:PT30M"], id="Outlook"),
        pytest.param(["DTSTART;TZID=Europe/Berlin:20261124T170000", PROPOSED[1]], id="IANA"),
        pytest.param(["DTSTART:20261124T160000", "DTEND:20261124T163000"], id="floating"),
    ],
)
def test_times_are_read_in_their_zone(team: Path, gbook: Gbook, uid: str, times: list[str]) -> None:
    """A time without a zone is in that of the profile."""
    counter = read_json(gbook, message(uid, *times))["counter"]
    assert (counter["start"], counter["end"]) == ("2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z")
    assert "17:00–17:30 CET" in read(gbook, message(uid, *times), "--tz", "Europe/Berlin").out


def test_a_document_of_a_proposal(team: Path, gbook: Gbook, uid: str) -> None:
    """The state of the booking, and the proposal."""
    document = read_json(gbook, message(uid, *PROPOSED, "LOCATION:Room 2", "SUMMARY:Demo for Gwen"))
    assert document["guest"]["partstat"] == "TENTATIVE"
    assert document["counter"] == {
        "name": "Gwen",
        "email": GWEN,
        "start": "2026-11-24T16:00:00Z",
        "end": "2026-11-24T16:30:00Z",
        "recurrenceId": None,
        "location": "Room 2",
        "subject": None,
        "comment": None,
        "free": True,
        "reason": None,
        "alternatives": [],
    }


def test_a_time_that_is_not_free_has_alternatives(team: Path, gbook: Gbook, uid: str) -> None:
    """And no command that would be refused; --accept is refused as the command would be."""
    add_event(team / "bob.ics", "16:00", "16:15")
    before = snapshot(team)
    result = read(gbook, message(uid, *PROPOSED), "--dry-run")
    assert "16:30 UTC, not free: Tue 24 Nov 2026 16:00 UTC cannot be booked: " in result.out
    assert "Nearest available slots" in result.out
    assert "Accept it" not in result.out
    refused = read(gbook, message(uid, *PROPOSED), "--accept", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (3, "slot_unavailable")
    assert snapshot(team) == before
    counter = read_json(gbook, message(uid, *PROPOSED))["counter"]
    assert counter["free"] is False
    assert counter["reason"].startswith("Tue 24 Nov 2026 16:00 UTC cannot be booked")
    assert counter["alternatives"]


def test_the_booking_does_not_block_the_proposal(team: Path, gbook: Gbook, uid: str) -> None:
    """A quarter of an hour later overlaps it."""
    counter = message(uid, "DTSTART:20261124T141500Z", "DTEND:20261124T144500Z")
    assert read_json(gbook, counter)["counter"]["free"] is True


def test_accepting_moves_the_booking_and_tells_all(
    team: Path, gbook: Gbook, uid: str, mailbox: list[ReceivedMessage]
) -> None:
    """As `booking reschedule` does: everybody is asked again."""
    document = read_json(gbook, message(uid, *PROPOSED), "--accept", "--mail")
    assert (document["start"], document["sequence"]) == ("2026-11-24T16:00:00Z", 1)
    assert partstat(team, uid) == "NEEDS-ACTION"
    (received,) = mailbox
    assert (received.to, received.header("Subject").partition(":")[0]) == ([GWEN], "Moved")


def test_accepting_can_be_tried(team: Path, gbook: Gbook, uid: str) -> None:
    """A dry run writes nothing."""
    before = snapshot(team)
    result = read(gbook, message(uid, *PROPOSED), "--accept", "--dry-run")
    assert result.out.startswith("Would move Tue 24 Nov 2026 14:00–14:30 UTC")
    assert snapshot(team) == before


def test_declining_tells_the_author(
    team: Path, gbook: Gbook, uid: str, mailbox: list[ReceivedMessage]
) -> None:
    """With METHOD:DECLINECOUNTER (RFC 5546 §3.2.8): no attendee, no time; the booking stays."""
    result = read(gbook, message(uid, *PROPOSED), "--decline", "--mail", "--invitation", "no.txt")
    assert result.out == f"Refusal saved to no.txt\nRefusal sent to {GWEN}\n"
    (received,) = mailbox
    assert (received.to, received.header("Subject")) == ([GWEN], "Proposal declined: Demo for Gwen")
    assert received.calendar.get_param("method") == "DECLINECOUNTER"
    assert "It stays: Tue 24 Nov 2026 14:00–14:30 UTC\r\nNot: Tue 24 Nov 2026 16:00" in (
        received.parts[0].get_content()
    )
    for content in (received.calendar.get_content().encode(), Path("no.txt").read_bytes()):
        (refusal,) = parsed_events(content)
        assert b"METHOD:DECLINECOUNTER" in content
        assert {*refusal} == {"UID", "DTSTAMP", "SEQUENCE", "ORGANIZER"}
        assert refusal["UID"] == uid
    assert gbook.json("booking", "show", uid)["start"] == f"{TUESDAY}14:00:00Z"
    on_stdout = read(gbook, message(uid, *PROPOSED), "--decline", "--invitation", "-").out
    assert "METHOD:DECLINECOUNTER" in on_stdout
    mailbox.clear()
    assert "Would refuse" in read(gbook, message(uid, *PROPOSED), "--decline", "--mail", "--dry-run").out
    assert mailbox == []


def test_declining_without_a_mail_server_writes_nothing(team: Path, gbook: Gbook, uid: str) -> None:
    """It is refused like --mail of every other command."""
    before = snapshot(team)
    result = read(gbook, message(uid, *PROPOSED), "--decline", "--mail")
    assert (result.code, "--mail needs a server" in result.err) == (2, True)
    assert snapshot(team) == before


def test_a_proposal_for_an_older_version_is_ignored(team: Path, gbook: Gbook, uid: str) -> None:
    """As a reply is; it cannot be accepted."""
    gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00Z")
    before = snapshot(team)
    document = read_json(gbook, message(uid, *PROPOSED))
    assert [warning["code"] for warning in document["warnings"]] == ["stale_reply"]
    assert read(gbook, message(uid, *PROPOSED)).out == ""
    refused = read(gbook, message(uid, *PROPOSED), "--accept")
    assert (refused.code, "for version 0 of a booking that is now at version 1" in refused.err) == (3, True)
    assert snapshot(team) == before


def test_a_proposal_for_a_cancelled_date_cannot_be_accepted(team: Path, gbook: Gbook) -> None:
    """The refusal names the date."""
    uid = book(gbook, "14:00", "--repeat", "weekly", "--count", "2")
    gbook("booking", "cancel", uid, "--date", "2026-12-01")
    proposal = ("RECURRENCE-ID:20261201T140000Z", "DTSTART:20261201T150000Z", "DTEND:20261201T153000Z")
    refused = read(gbook, message(uid, *proposal), "--accept")
    assert (refused.code, refused.err) == (
        3,
        f"gbook: {GWEN} proposes a time for the date Tue 1 Dec 2026 14:00 UTC, which is cancelled\n",
    )


def test_a_proposal_of_another_place_only(team: Path, gbook: Gbook, uid: str) -> None:
    """Is shown; there is no time to accept."""
    same = ("DTSTART:20261124T140000Z", "DTEND:20261124T143000Z", "LOCATION:Café Müller")
    result = read(gbook, message(uid, *same))
    assert result.out.splitlines()[:3] == [
        "Gwen proposes a change: Demo for Gwen",
        "  now:      Tue 24 Nov 2026 14:00–14:30 UTC",
        "  place: Café Müller, instead of none",
    ]
    assert read_json(gbook, message(uid, *same))["counter"]["free"] is None
    refused = read(gbook, message(uid, *same), "--accept")
    assert (refused.code, refused.err) == (2, "gbook: --accept: no other time is proposed\n")


def test_outlook_declines_and_proposes(team: Path, gbook: Gbook, uid: str) -> None:
    """The answer is written as it is; any other one is tentative."""
    for given, written in (("DECLINED", "DECLINED"), ("ACCEPTED", "TENTATIVE")):
        shown = read(gbook, message(uid, *PROPOSED, f"ATTENDEE;PARTSTAT={given}:mailto:{GWEN}")).out
        assert partstat(team, uid) == written
        assert shown.startswith("Gwen declined, and proposes" if given == "DECLINED" else "Gwen proposes")


def test_several_attendees_in_a_proposal(team: Path, gbook: Gbook, uid: str) -> None:
    """It is that of the author of the mail, in a file that of the one who has answered."""
    gbook("booking", "guest", "add", uid, "tom@example.com")
    everybody = [f"ATTENDEE:mailto:{email}" for email in ("alice@example.com", GWEN, "tom@example.com")]
    proposal = message(uid, *PROPOSED, *everybody, sequence=1)
    assert (
        read_json(gbook, by_mail(proposal, "Tom <tom@example.com>"))["counter"]["email"] == "tom@example.com"
    )
    answered = message(uid, *PROPOSED, everybody[0], _tentative(GWEN), everybody[2], sequence=1)
    assert read_json(gbook, answered)["counter"]["email"] == GWEN
    assert "expected one in a reply, found 3" in read(gbook, proposal).err


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (("DTSTART;VALUE=DATE:20261125",), 5, "DTSTART: expected a time, found a whole day"),
        (("DTSTART;TZID=Nowhere/Land:20261124T160000",), 5, "unknown time zone 'Nowhere/Land'"),
        (("DTSTART:tomorrow",), 5, "DTSTART"),
        ((), 5, "DTSTART: the time that is proposed is missing"),
        (
            (*PROPOSED, _tentative("alice@example.com")),
            5,
            "is booked for this meeting and cannot reply by mail",
        ),
    ],
)
def test_a_proposal_that_does_not_count(
    team: Path, gbook: Gbook, uid: str, data: tuple[str, ...], code: int, reason: str
) -> None:
    """Nothing is written."""
    before = snapshot(team)
    result = read(gbook, message(uid, *data))
    assert (result.code, reason in result.err) == (code, True), result.err
    assert snapshot(team) == before


def test_a_mail_of_another_author(team: Path, gbook: Gbook, uid: str) -> None:
    """Counts only with --as, by which the user vouches for it."""
    mail = by_mail(message(uid, *PROPOSED), "eve@example.net")
    refused = read(gbook, mail, "--accept")
    assert (refused.code, f"add --as {GWEN}" in refused.err) == (5, True)
    assert read_json(gbook, mail, "--as", GWEN, "--accept")["sequence"] == 1


def test_a_member_without_a_copy_proposes(team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """A member that is invited by mail may propose too."""
    config = team / "gbook.yaml"
    config.write_text(config.read_text().replace("calendars: [carol]", "calendars: [carol], deliver: mail"))
    uid = book(gbook, "14:00", "--required", "all")
    document = read_json(gbook, message(uid, *PROPOSED, who="carol@example.com"))
    assert (document["counter"]["email"], document["counter"]["free"]) == ("carol@example.com", True)


def test_a_proposal_for_one_date_of_a_series(team: Path, gbook: Gbook) -> None:
    """Only that date is judged, and moved."""
    uid = book(gbook, "14:00", "--repeat", "weekly", "--count", "3")
    add_event(team / "alice.ics", "16:00", "17:00")
    every = read(gbook, message(uid, "DTSTART:20261124T150000Z", "DTEND:20261124T153000Z")).out
    assert "  now:      Tue 24 Nov 2026 14:00–14:30 UTC, weekly, 3 times\n" in every
    later = ["RECURRENCE-ID:20261201T140000Z", "DTSTART:20261201T160000Z", "DTEND:20261201T163000Z"]
    shown = read(gbook, message(uid, *later)).out
    assert "  now:      Tue 1 Dec 2026 14:00–14:30 UTC" in shown
    command = f"gbook booking reschedule {uid} --date 2026-12-01 --slot 2026-12-01T16:00Z"
    assert f"  {command}\n" in shown
    assert read_json(gbook, message(uid, *later))["counter"]["recurrenceId"] == "2026-12-01T14:00:00Z"
    tried = read(gbook, message(uid, *later), "--accept", "--dry-run").out
    assert tried.startswith("Would move Tue 1 Dec 2026 14:00–14:30 UTC with alice")
    accepted = read(gbook, message(uid, *later), "--accept").out
    assert accepted.startswith("Moved to Tue 1 Dec 2026 16:00–16:30 UTC: ")
    assert f"  gbook booking cancel {uid} --date 2026-12-01\n" in accepted
    assert b"DTSTART:20261201T160000Z" in (team / "alice.ics").read_bytes()
    assert b"DTSTART:20261124T160000Z" not in (team / "alice.ics").read_bytes().split(uid.encode())[-1]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--accept", "--decline"), "--accept and --decline exclude each other"),
        (("--decline",), "--decline sends a message: add --mail, or --invitation FILE"),
        (("--mail",), "--mail and --invitation go with --accept or --decline"),
        (("--as", "nobody"), "--as: "),
    ],
)
def test_options_that_do_not_go_together(
    team: Path, gbook: Gbook, uid: str, options: tuple[str, ...], reason: str
) -> None:
    """Are refused before the file is read."""
    result = read(gbook, message(uid, *PROPOSED), *options)
    assert (result.code, reason in result.err) == (2, True)


def test_a_reply_has_nothing_to_accept(team: Path, gbook: Gbook, uid: str) -> None:
    """It proposes no time."""
    result = read(gbook, message(uid, method="REPLY"), "--accept")
    assert (result.code, "this is a reply" in result.err) == (2, True)


# --- other addresses


def test_an_answer_from_another_address(team: Path, gbook: Gbook, uid: str) -> None:
    """It counts for the invited address that --as names."""
    gbook("booking", "guest", "add", uid, "tom@example.com")
    reply = message(uid, method="REPLY", who=ALIAS, sequence=1)
    refused = read(gbook, reply)
    assert refused.code == 4
    assert refused.err == (
        f"gbook: {ALIAS} is not invited to booking {uid}; invited: {GWEN}, tom@example.com; "
        "if it is an answer of one of them, add --as EMAIL\n"
    )
    assert read_json(gbook, reply, "--as", "GWEN@Example.org")["guest"]["partstat"] == "TENTATIVE"
    assert partstat(team, uid) == "TENTATIVE"
    nobody = read(gbook, reply, "--as", "zoe@example.com")
    assert (nobody.code, nobody.err.startswith("gbook: zoe@example.com is not invited to")) == (4, True)
    assert "--as alice" not in read(gbook, reply, "--as", "alice@example.com").err


def test_the_only_person_who_is_asked(team: Path, gbook: Gbook, uid: str) -> None:
    """An .ics file of another address is taken as that person's answer, with a warning; a mail is not."""
    reply = message(uid, method="REPLY", who=ALIAS)
    document = read_json(gbook, reply)
    assert [warning["code"] for warning in document["warnings"]] == ["other_address"]
    assert partstat(team, uid) == "TENTATIVE"
    proposal = message(uid, *PROPOSED, who=ALIAS)
    assert read_json(gbook, proposal)["counter"]["email"] == GWEN
    refused = read(gbook, by_mail(proposal, ALIAS))
    assert (refused.code, f"invited: {GWEN};" in refused.err) == (4, True)


def test_an_account_that_takes_part_answers_in_its_calendar(team: Path, gbook: Gbook, uid: str) -> None:
    """Not by mail, whatever --as says."""
    reply = message(uid, method="REPLY", who=ALIAS)
    result = read(gbook, reply, "--as", "bob@example.com")
    assert (result.code, "bob@example.com is booked for this meeting" in result.err) == (5, True)
