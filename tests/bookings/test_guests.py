"""Guests who are added, removed and corrected, in every copy, with messages to those concerned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.ics import parsed_events
from support.office import SLOT, snapshot
from support.running import Gbook
from support.smtp_server import ReceivedMessage
from support.team import book, event

GWEN, TOM, INA = "gwen@example.org", "tom@example.com", "ina@example.net"


def booked(gbook: Gbook, *more: str) -> str:
    """Book for Gwen with Ina, in the calendars of all three, and return the id."""
    return book(gbook, "14:00", "--required", "all", "--invite", INA, *more)


def people(team: Path, uid: str) -> dict[str, tuple[str, str]]:
    """Return name and answer of each attendee, by address; all copies agree on them."""
    lines = event(team, uid)["ATTENDEE"]
    return {
        str(line).removeprefix("mailto:"): (str(line.params.get("CN", "")), line.params["PARTSTAT"])
        for line in lines
    }


def answer(gbook: Gbook, uid: str, email: str, partstat: str, sequence: int) -> Any:
    """Record the reply of an attendee to one version, and return the document."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//guest//EN", "METHOD:REPLY", "BEGIN:VEVENT"),
        *(f"UID:{uid}", f"SEQUENCE:{sequence}", "DTSTAMP:20261123T080000Z"),
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{email}",
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    Path("reply.txt").write_text("\r\n".join(lines))
    return gbook.json("booking", "reply", "reply.txt")


def told(messages: list[ReceivedMessage]) -> list[tuple[list[str], str, str]]:
    """Return recipients, method and first word of the subject of each message, and forget them."""
    seen = [
        (one.to, one.calendar.get_param("method"), one.header("Subject").partition(":")[0])
        for one in messages
    ]
    messages.clear()
    return [(to, str(method), verb) for to, method, verb in seen]


def test_a_guest_is_added_to_every_copy(team: Path, gbook: Gbook) -> None:
    """With the next SEQUENCE; the answers of all others stay."""
    uid = booked(gbook)
    answer(gbook, uid, GWEN, "ACCEPTED", 0)
    before = people(team, uid)
    document = gbook.json("booking", "guest", "add", uid, TOM, "--name", "Tom; Dick, Harry")
    assert document["sequence"] == 1
    assert document["attendees"][-1] == {
        "name": "Tom; Dick, Harry",
        "email": TOM,
        "role": "REQ-PARTICIPANT",
        "partstat": "NEEDS-ACTION",
    }
    assert people(team, uid) == {**before, TOM: ("Tom; Dick, Harry", "NEEDS-ACTION")}
    assert people(team, uid)[GWEN] == ("Gwen", "ACCEPTED")


def test_the_first_guest_of_a_booking_without_one(team: Path, gbook: Gbook) -> None:
    """The person becomes its guest, whose name is in the texts."""
    uid = gbook.json("book", "--slot", SLOT, "--field", "topic=Looms")["id"]
    document = gbook.json("booking", "guest", "add", uid, TOM, "--name", "Tom")
    assert document["guest"] == {"name": "Tom", "email": TOM, "partstat": "NEEDS-ACTION"}
    assert event(team, uid)["SUMMARY"] == "Demo for Tom"


def test_a_guest_is_removed_and_nothing_else(team: Path, gbook: Gbook) -> None:
    """Added and removed again, the event differs from before only in what every change writes."""
    uid = booked(gbook)
    before = people(team, uid)
    gbook.json("booking", "guest", "add", uid, TOM)
    assert gbook.json("booking", "guest", "remove", uid, "TOM@Example.com")["sequence"] == 2
    assert people(team, uid) == before


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (("add", "{}", INA), 2, "ina@example.net is already invited to booking"),
        (("add", "{}", "alice@example.com"), 2, "already invited"),
        (("add", "{}", "nobody"), 2, "EMAIL: "),
        (("remove", "{}", GWEN), 2, "is the guest of booking"),
        (("remove", "{}", "bob@example.com"), 2, "is account bob, which takes part"),
        (("remove", "{}", TOM), 4, "tom@example.com is not invited to booking"),
        (("change", "{}", TOM, "--name", "Tom"), 4, "tom@example.com is not invited to booking"),
        (("change", "{}", "bob@example.com", "--name", "Rob"), 2, "is account bob, which takes part"),
        (("change", "{}", INA, "--email", GWEN), 2, "gwen@example.org is already invited"),
        (("change", "{}", INA, "--guest-tz", "Asia/Tokyo"), 2, "only the guest has a time zone"),
        (("change", "{}", INA), 2, "name what changes: --email, --name or --guest-tz"),
        (("add", "nothing", TOM), 4, "no booking 'nothing'"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    team: Path, gbook: Gbook, command: tuple[str, ...], code: int, message: str
) -> None:
    """The message says why, and what to do."""
    uid = booked(gbook)
    before = snapshot(team)
    result = gbook("booking", "guest", *(word.format(uid) for word in command))
    assert (result.code, message in result.err) == (code, True)
    assert snapshot(team) == before


def test_a_cancelled_booking_gets_no_guests(team: Path, gbook: Gbook) -> None:
    """Neither does one that is over."""
    uid = booked(gbook)
    gbook("booking", "cancel", uid)
    assert "already cancelled" in gbook("booking", "guest", "add", uid, TOM).err


def test_a_corrected_name_is_in_every_copy(team: Path, gbook: Gbook) -> None:
    """Also in the subject, unless that was edited by hand; the answer stays."""
    uid = booked(gbook)
    answer(gbook, uid, GWEN, "TENTATIVE", 0)
    document = gbook.json("booking", "guest", "change", uid, GWEN, "--name", 'Gwendolen "G", née B')
    assert document["guest"]["name"] == 'Gwendolen "G", née B'
    assert event(team, uid)["SUMMARY"] == 'Demo for Gwendolen "G", née B'
    assert people(team, uid)[GWEN] == ('Gwendolen "G", née B', "TENTATIVE")


def test_a_corrected_address_is_asked_again(team: Path, gbook: Gbook) -> None:
    """The person is still the guest, with name, zone and fields."""
    uid = booked(gbook, "--guest-tz", "Asia/Tokyo")
    answer(gbook, uid, GWEN, "ACCEPTED", 0)
    document = gbook.json("booking", "guest", "change", uid, GWEN, "--email", TOM)
    assert document["guest"] == {
        "name": "Gwen",
        "email": TOM,
        "partstat": "NEEDS-ACTION",
        "timezone": "Asia/Tokyo",
    }
    assert GWEN not in people(team, uid)


def test_an_invitee_takes_over_from_the_guest(team: Path, gbook: Gbook) -> None:
    """The invitee's answer stays."""
    uid = booked(gbook)
    answer(gbook, uid, INA, "ACCEPTED", 0)
    document = gbook.json("booking", "guest", "change", uid, GWEN, "--email", INA, "--name", "Ina")
    assert document["guest"] == {"name": "Ina", "email": INA, "partstat": "ACCEPTED"}
    assert people(team, uid) == {
        "alice@example.com": ("Alice Liddell", "ACCEPTED"),
        "bob@example.com": ("Bob Sawyer", "ACCEPTED"),
        "carol@example.com": ("", "ACCEPTED"),
        INA: ("Ina", "ACCEPTED"),
    }


def test_a_guest_without_an_address_is_found_by_name(team: Path, gbook: Gbook) -> None:
    """And gets an address."""
    uid = gbook.json("book", "--slot", SLOT, "--name", "Gwen", "--field", "topic=Looms")["id"]
    document = gbook.json("booking", "guest", "change", uid, "gwen", "--email", GWEN)
    assert document["guest"] == {"name": "Gwen", "email": GWEN, "partstat": "NEEDS-ACTION"}


def test_nothing_to_correct_writes_nothing(team: Path, gbook: Gbook) -> None:
    """The booking is as it was."""
    uid = booked(gbook)
    before = snapshot(team)
    result = gbook("booking", "guest", "change", uid, GWEN, "--name", "Gwen")
    assert result.out.startswith("Unchanged: Tue 24 Nov 2026 14:00–14:30 UTC: Demo for Gwen\n")
    assert "as it is" in gbook("booking", "guest", "change", uid, GWEN, "--name", "Gwen", "--dry-run").out
    assert snapshot(team) == before


def test_a_dry_run_writes_nothing(team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """It says what would be written, and who would be told."""
    uid = booked(gbook)
    before = snapshot(team)
    result = gbook("booking", "guest", "add", uid, TOM, "--mail", "--dry-run")
    assert result.out == (
        f"Would add {TOM} to Tue 24 Nov 2026 14:00–14:30 UTC with alice, bob, carol (Demo for Gwen); "
        f"writes 3 calendars; mails {TOM}\n"
    )
    assert (snapshot(team), mailbox) == (before, [])


def test_only_those_concerned_are_told(team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """A new guest gets a REQUEST, a former one a CANCEL, all of them an update if the texts change."""
    uid = booked(gbook, "--mail")
    assert told(mailbox) == [([GWEN, INA], "REQUEST", "Invitation")]
    gbook("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z")
    gbook("booking", "guest", "add", uid, TOM, "--mail")
    assert told(mailbox) == [([TOM], "REQUEST", "Invitation")]
    gbook("booking", "guest", "change", uid, TOM, "--email", "thomas@example.com", "--mail")
    assert told(mailbox) == [
        (["thomas@example.com"], "REQUEST", "Invitation"),
        ([TOM], "CANCEL", "Cancelled"),
    ]
    gbook("booking", "guest", "remove", uid, "thomas@example.com", "--mail")
    assert told(mailbox) == [(["thomas@example.com"], "CANCEL", "Cancelled")]
    gbook("booking", "guest", "change", uid, INA, "--name", "Ina", "--mail")
    assert told(mailbox) == [([INA], "REQUEST", "Updated invitation")]
    gbook("booking", "guest", "change", uid, GWEN, "--name", "Gwendolen", "--mail")
    assert told(mailbox) == [([GWEN, INA], "REQUEST", "Updated invitation")]
    gbook("booking", "guest", "change", uid, GWEN, "--guest-tz", "Asia/Tokyo", "--mail")
    assert told(mailbox)[0] == ([GWEN], "REQUEST", "Updated invitation")


def test_a_cancellation_for_one_names_no_other(
    team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]
) -> None:
    """The mail and the file of --invitation are for the removed person alone."""
    uid = booked(gbook)
    gbook("booking", "guest", "remove", uid, INA, "--mail", "--invitation", "gone.txt")
    (received,) = mailbox
    for content in (received.calendar.get_content().encode(), Path("gone.txt").read_bytes()):
        (cancelled,) = parsed_events(content)
        assert b"METHOD:CANCEL" in content
        assert (str(cancelled["ATTENDEE"]), cancelled["SEQUENCE"]) == (f"mailto:{INA}", 1)
        assert "STATUS" not in cancelled
    on_stdout = gbook("booking", "guest", "add", uid, INA, "--invitation", "-").out
    assert "METHOD:REQUEST" in on_stdout


def test_an_answer_to_the_version_that_a_guest_knows_counts(team: Path, gbook: Gbook) -> None:
    """Others are not told of a new guest: their answers to the version before count until it is moved."""
    uid = booked(gbook)
    gbook("booking", "guest", "add", uid, TOM)
    gbook("booking", "guest", "remove", uid, TOM)
    assert answer(gbook, uid, GWEN, "ACCEPTED", 0)["guest"]["partstat"] == "ACCEPTED"
    moved = gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z")
    assert moved["sequence"] == 3
    for stale in (0, 2):
        assert [one["code"] for one in answer(gbook, uid, GWEN, "DECLINED", stale)["warnings"]] == [
            "stale_reply"
        ]
    assert answer(gbook, uid, GWEN, "DECLINED", 3)["guest"]["partstat"] == "DECLINED"


def test_a_guest_of_a_reservation(team: Path, gbook: Gbook) -> None:
    """Is known to the booking that it becomes; nobody is told before."""
    uid = booked(gbook, "--reserve", "1h")
    assert "reservation" in gbook("booking", "guest", "add", uid, TOM, "--mail").err
    gbook("booking", "guest", "add", uid, TOM)
    assert "X-GBOOK-REPLIES-FROM" not in (team / "alice.ics").read_text()
    gbook("reservation", "confirm", uid)
    assert people(team, uid)[TOM] == ("", "NEEDS-ACTION")


def test_a_move_invites_more_people(team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Each once, at the present time of the booking too."""
    uid = booked(gbook)
    at_three = ("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z", "--invite")
    gbook(*at_three, TOM, "--invite", INA, "--mail")
    assert told(mailbox) == [([GWEN, INA], "REQUEST", "Moved"), ([TOM], "REQUEST", "Invitation")]
    gbook(*at_three, "zoe@example.com")
    assert [*people(team, uid)][-2:] == [TOM, "zoe@example.com"]
    before = snapshot(team)
    gbook(*at_three, TOM)
    assert snapshot(team) == before


def test_members_without_a_copy_are_not_told_of_guests(
    team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]
) -> None:
    """Unless their invitation would show a difference."""
    config = team / "gbook.yaml"
    config.write_text(config.read_text().replace("calendars: [carol]", "calendars: [carol], deliver: mail"))
    uid = booked(gbook)
    told(mailbox)
    gbook("booking", "guest", "add", uid, TOM)
    assert told(mailbox) == []
    gbook("booking", "guest", "change", uid, GWEN, "--name", "Gwendolen")
    assert told(mailbox) == [(["carol@example.com"], "REQUEST", "Updated invitation")]


def test_guests_of_a_series_are_told_of_all_dates(
    team: Path, gbook: Gbook, mailbox: list[ReceivedMessage]
) -> None:
    """A new one gets the whole series with its changed date, a removed one the cancellation of all."""
    uid = book(gbook, "14:00", "--repeat", "weekly", "--count", "3")
    gbook("booking", "reschedule", uid, "--date", "2026-12-01", "--slot", "2026-12-01T15:00Z")
    gbook("booking", "guest", "add", uid, TOM, "--mail")
    assert told(mailbox[:]) == [([TOM], "REQUEST", "Invitation")]
    events = parsed_events(mailbox.pop().calendar.get_content())
    assert ["RECURRENCE-ID" in one for one in events] == [False, True]
    assert all(f"mailto:{TOM}" in map(str, one["ATTENDEE"]) for one in events)
    gbook("booking", "guest", "remove", uid, TOM, "--mail")
    assert told(mailbox[:]) == [([TOM], "CANCEL", "Cancelled")]
    for one in parsed_events(mailbox.pop().calendar.get_content()):
        assert str(one["ATTENDEE"]) == f"mailto:{TOM}"
        assert "RECURRENCE-ID" not in one or one["UID"] == uid
