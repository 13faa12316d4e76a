"""Invitations sent by mail, to a real server."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.certificates import certificate
from support.ics import parsed_events
from support.office import SLOT, make_office, program, snapshot
from support.running import Gbook
from support.smtp_server import PASSWORD, ReceivedMessage, mail_server, silent_server

from gbook.bookings import email as mail
from gbook.bookings import mail_server as server

BOOK = ("book", "--slot", SLOT, "--name", "Gwen Guest", "--email", "gwen@example.org", "--mail")

# The server warns of what `tls` makes needless: the connection is encrypted before it says anything.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certified: Path) -> Path:
    """The current folder is a workspace, and this machine trusts the certificate of localhost."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified))
    monkeypatch.chdir(make_office(tmp_path / "office"))
    program(tmp_path / "office" / "password", f"print('{PASSWORD}')\nprint('a second line')")
    return tmp_path / "office"


def settings(office: Path, port: int, more: str = "security: none") -> None:
    """Names the server; called again, names another."""
    config = office / "gbook.yaml"
    kept = [line for line in config.read_text().splitlines() if not line.startswith("mail:")]
    config.write_text("\n".join([*kept, f"mail: {{host: localhost, port: {port}, {more}}}", ""]))


@pytest.fixture
def mailbox(office: Path) -> Iterator[list[ReceivedMessage]]:
    """Start a server that needs no login; yield the messages that it gets."""
    with mail_server() as (port, box):
        settings(office, port)
        yield box.messages


def event_of(received: ReceivedMessage) -> Any:
    """Return the event of a message, read by icalendar."""
    return parsed_events(received.calendar.get_content())[0]


def test_a_dry_run_names_the_readers(office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Of the invitation, of a move and of a cancellation; no mail is sent."""
    assert gbook(*BOOK, "--dry-run").out.endswith("; mails carol@example.com, gwen@example.org\n")
    uid = gbook.json(*BOOK[:-1])["id"]
    moved = gbook("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z", "--mail", "--dry-run").out
    assert moved.endswith("; mails carol@example.com, gwen@example.org\n")
    unchanged = gbook("booking", "reschedule", uid, "--slot", SLOT, "--mail", "--dry-run").out
    assert unchanged.endswith(" as it is\n")
    cancelled = gbook("booking", "cancel", uid, "--mail", "--dry-run").out
    assert "; mails carol@example.com, gwen@example.org\n" in cancelled
    assert mailbox == []


def test_parts_of_an_invitation(office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Text for people, text/calendar with its method for mail programs, and the same as a file (RFC 6047)."""
    booked = gbook.json(*BOOK, "--field", "topic= and Zoë", "--invitation", "guest.ics")
    assert booked["warnings"] == []
    (received,) = mailbox
    assert [part.get_content_type() for part in received.message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "application/ics",
    ]
    text, calendar, attached = received.parts
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content() == (office / "guest.ics").read_bytes()
    assert calendar.get_content().encode() == attached.get_content()
    event = event_of(received)
    assert (event["UID"], event["SEQUENCE"]) == (booked["id"], 0)
    assert text.get_content().splitlines() == [
        "Invitation: Demo for Gwen Guest and Zoë",
        "",
        "When: Tue 24 Nov 2026 15:00–15:30 CET (Europe/Berlin)",
        "Where: Room 1",
        "Host: Alice Liddell",
        "",
        "Written by hand, line by line.",
        "",
        "Yours",
    ]


def test_an_invitation_has_sender_recipient_and_date(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """It is from the host to the guest, and dated by GBOOK_NOW."""
    gbook.json(*BOOK)
    (received,) = mailbox
    message = received.message
    assert message["From"] == "Alice Liddell <alice@example.com>"
    assert message["To"] == "carol@example.com, Gwen Guest <gwen@example.org>"
    assert (
        message["Subject"]
        == "Invitation: Demo for Gwen Guest @ Tue 24 Nov 2026 15:00–15:30 CET (Europe/Berlin)"
    )
    assert message["Date"] == "Mon, 23 Nov 2026 08:00:00 +0000"
    assert message["Message-ID"].endswith("@example.com>")
    assert message["MIME-Version"] == "1.0"
    assert message["Reply-To"] is None
    assert (received.sender, received.to) == ("alice@example.com", ["carol@example.com", "gwen@example.org"])


def test_who_is_written_to(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Guests and optional accounts get the mail; participants have the event already."""
    gbook.json(*BOOK, "--required", "all", "--invite", "ina@example.net", "--invite", "bob@example.com")
    assert mailbox[0].to == ["carol@example.com", "gwen@example.org", "ina@example.net"]


def test_without_copies_everybody_is_written_to(
    office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]
) -> None:
    """With `deliver: host` only the host has the event."""
    with (office / "gbook.yaml").open("a") as file:
        file.write("deliver: host\n")
    gbook.json(*BOOK, "--required", "all")
    assert mailbox[0].to == ["bob@example.com", "carol@example.com", "gwen@example.org"]


def test_sender_of_the_server(office: Path, gbook: Gbook) -> None:
    """`from` is the sender in the host's name; answers go to the host."""
    with mail_server() as (port, box):
        settings(office, port, "security: none, from: booking@example.com")
        gbook.json(*BOOK)
    assert box.messages[0].sender == "booking@example.com"
    assert box.messages[0].message["From"] == "Alice Liddell <booking@example.com>"
    assert box.messages[0].message["Reply-To"] == "Alice Liddell <alice@example.com>"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_login_is_encrypted(office: Path, gbook: Gbook, certified: Path, security: str) -> None:
    """STARTTLS or TLS comes before the password, which is the first line of passwordCommand's output."""
    with mail_server(certified, tls=security == "tls", login=True) as (port, box):
        settings(office, port, f"security: {security}, username: gb, passwordCommand: [./password]")
        assert gbook.json(*BOOK)["warnings"] == []
    assert box.logins == [("gb", PASSWORD)]
    assert len(box.messages) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_untrusted_server_gets_no_password_and_no_mail(
    office: Path, gbook: Gbook, certified: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate is verified before the login."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with mail_server(certified, tls=security == "tls", login=True) as (port, box):
        settings(office, port, f"security: {security}, username: gb, passwordCommand: [./password]")
        assert "its certificate is not trusted: self-signed certificate" in complaint(gbook)
    assert (box.logins, box.messages) == ([], [])


def complaint(gbook: Gbook, *more: str) -> str:
    """The one warning of a booking that is made all the same."""
    result = gbook(*BOOK, *more, "--json")
    document = json.loads(result.out)
    assert (result.code, document["created"]) == (0, True)
    (warning,) = document["warnings"]
    assert warning["code"] == "mail_failed"
    assert warning["message"].endswith(
        f"; the booking is written; try again with: gbook booking invite {document['id']} --mail"
    )
    message: str = warning["message"]
    return message


def test_wrong_password_then_again(office: Path, gbook: Gbook, certified: Path) -> None:
    """A failure is a warning with the command that sends the invitation again, and that command works."""
    with mail_server(certified, login=True) as (port, box):
        program(office / "password", "print('swordfish')")
        settings(office, port, "username: gb, passwordCommand: [./password]")
        warning = complaint(gbook)
        assert warning.startswith(f"mail not sent: localhost:{port} refuses the login of gb: 535 ")
        assert "swordfish" not in warning
        program(office / "password", f"print('{PASSWORD}')")
        command = shlex.split(warning.partition("again with: gbook ")[2])
        result = gbook(*command)
        assert (result.code, result.err) == (0, "")
    assert [received.to for received in box.messages] == [["carol@example.com", "gwen@example.org"]]


def test_command_names_the_workspace_where_it_must(
    office: Path, gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another folder, the command for sending again names the workspace."""
    settings(office, 1)
    monkeypatch.chdir(tmp_path)
    result = gbook("--workspace", "office", *BOOK)
    assert f"again with: gbook --workspace {office} booking invite " in result.err


def test_an_unreachable_server_is_a_warning(office: Path, gbook: Gbook) -> None:
    """The booking stays; the message can be sent again."""
    settings(office, 1)
    assert complaint(gbook).startswith("mail not sent: localhost:1: Connection refused")


def test_a_silent_server_times_out(office: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts the connection but never answers is a warning after the timeout."""
    monkeypatch.setattr(server, "SERVER_SECONDS", 0.2)
    with silent_server() as port:
        settings(office, port)
        assert complaint(gbook).startswith(
            f"mail not sent: localhost:{port}: Connection unexpectedly closed: timed out"
        )


def test_nothing_is_sent_without_the_configured_encryption(office: Path, gbook: Gbook) -> None:
    """With `security: starttls` a server that does not offer it gets nothing."""
    with mail_server() as (port, box):
        settings(office, port, "security: starttls")
        assert "STARTTLS" in complaint(gbook)
    assert box.messages == []


@pytest.mark.parametrize("refused", ["carol@example.com", "gwen@example.org"])
def test_a_refused_recipient_is_named(office: Path, gbook: Gbook, refused: str) -> None:
    """The warning names the address that the server refused."""
    with mail_server(refused=refused) as (port, _):
        settings(office, port)
        assert f"refuses to deliver to {refused}; the others got the message" in complaint(gbook)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise SystemExit('locked')", "mail not sent: passwordCommand: locked"),
        ("print()", "mail not sent: passwordCommand: ./password printed no password"),
        ("print('horse'); exit(3)", "mail not sent: passwordCommand: ./password ended with exit code 3"),
        (None, "mail not sent: passwordCommand: ./password cannot be run: No such file or directory"),
    ],
)
def test_a_password_command_that_fails_is_a_warning(
    office: Path, gbook: Gbook, text: str | None, reason: str
) -> None:
    """The booking stays, and the warning names the command."""
    if text:
        program(office / "password", text)
    else:
        (office / "password").unlink()
    settings(office, 1, "username: gb, passwordCommand: [./password]")
    assert complaint(gbook).startswith(reason)


def test_a_password_command_that_hangs_times_out(
    office: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a warning after the timeout."""
    monkeypatch.setattr(server, "PASSWORD_SECONDS", 0.2)
    program(office / "password", "import time\ntime.sleep(60)")
    settings(office, 1, "username: gb, passwordCommand: [./password]")
    assert complaint(gbook).startswith("mail not sent: passwordCommand: ./password took longer than 0.2 s")


def test_nobody_to_write_to(office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """A booking without any address is made, and nothing is sent."""
    profile = office / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("optional: [carol]", "optional: []"))
    result = gbook("book", "--slot", SLOT, "--mail")
    assert result.code == 0
    assert "no mail to send" in result.err
    assert mailbox == []


@pytest.mark.parametrize("more", [None, "username: gb"])
def test_settings_are_wanted_before_the_booking(office: Path, gbook: Gbook, more: str | None) -> None:
    """Without a server, or with half of a login, --mail is refused before anything is written."""
    if more:
        settings(office, 1, more)
    before = snapshot(office)
    result = gbook(*BOOK)
    assert (result.code, "mail" in result.err) == (5 if more else 2, True)
    assert snapshot(office) == before


def test_no_header_comes_in_through_texts(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Line breaks and lists in names and subjects stay text: no header, no other recipient."""
    evil = "x\r\nBcc: evil@example.net\r\n\r\n<b>body</b>\x00, evil@example.net"
    gbook.json(
        "book",
        "--slot",
        SLOT,
        "--mail",
        "--name",
        evil,
        "--email",
        "gwen@example.org",
        "--field",
        f"topic={evil}",
    )
    (received,) = mailbox
    assert received.to == ["carol@example.com", "gwen@example.org"]
    assert received.message["Bcc"] is None
    assert received.message["To"].addresses[1].display_name == (
        "x Bcc: evil@example.net <b>body</b> , evil@example.net"
    )
    assert received.message["To"].addresses[1].addr_spec == "gwen@example.org"
    assert [event_of(received)["ORGANIZER"], *event_of(received)["ATTENDEE"]] == [
        "mailto:alice@example.com",
        "mailto:alice@example.com",
        "mailto:carol@example.com",
        "mailto:gwen@example.org",
    ]


def test_names_of_every_script(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Names and subjects beyond ASCII arrive as they were, however long."""
    name = "Дарья Ивановна Преображенская-Воскресенская из отдела кадров и Zoë 漢字"
    gbook.json("book", "--slot", SLOT, "--mail", "--name", name, "--email", "gwen@example.org")
    (received,) = mailbox
    assert received.header("To") == f"carol@example.com, {name} <gwen@example.org>"
    assert received.header("Subject").startswith(f"Invitation: Demo for {name} @ ")
    guest = event_of(received)["ATTENDEE"][-1]
    assert guest.params["CN"] == name


def test_an_internationalised_address_needs_smtputf8(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """It is used if the server offers SMTPUTF8 (RFC 6531)."""
    gbook.json("book", "--slot", SLOT, "--mail", "--name", "Zoë", "--email", "zoë@exämple.org")
    assert mailbox[0].to == ["carol@example.com", "zoë@xn--exmple-cua.org"]


def test_a_line_that_begins_with_from(office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Text is sent as it is: no mail format of old puts ">" before "From "."""
    profile = office / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("Written by hand", "From here on"))
    gbook.json(*BOOK)
    assert b"\r\nFrom here on, line by line.\r\n" in mailbox[0].content


def test_ctrl_c_while_sending_keeps_the_booking(
    office: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt after the commit does not undo the booking."""
    settings(office, 1)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mail, "send", interrupt)
    assert complaint(gbook).startswith("interrupted; ")


def test_every_change_is_sent_with_a_higher_sequence(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """REQUEST, REQUEST, CANCEL: the same UID, a higher SEQUENCE each time."""
    uid = gbook.json(*BOOK)["id"]
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-25T10:00Z", "--mail")
    gbook.json("booking", "cancel", uid, "--reason", "Alice is ill", "--mail")
    told = [(received.calendar.get_param("method"), event_of(received)) for received in mailbox]
    assert [(method, str(event["UID"]), event["SEQUENCE"]) for method, event in told] == [
        ("REQUEST", uid, 0),
        ("REQUEST", uid, 1),
        ("CANCEL", uid, 2),
    ]
    assert event_of(mailbox[1]).start.hour == 10
    assert mailbox[2].message["Subject"].startswith("Cancelled: Demo for Gwen Guest @ Wed 25 Nov 2026 11:00")
    assert "Note: Alice is ill" in mailbox[2].parts[0].get_content().splitlines()


def test_a_moved_meeting_says_so(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """The mail about a move names the old time, also when it is sent again; nothing moved sends nothing."""
    uid = gbook.json(*BOOK)["id"]
    move = ("booking", "reschedule", uid, "--slot", "2026-11-25T10:00Z", "--mail")
    gbook.json(*move)
    assert mailbox[1].message["Subject"].startswith("Moved: Demo for Gwen Guest @ Wed 25 Nov 2026 11:00")
    text = mailbox[1].parts[0].get_content().splitlines()
    assert "Before: Tue 24 Nov 2026 15:00–15:30 CET (Europe/Berlin)" in text
    gbook.json(*move)
    assert len(mailbox) == 2
    gbook.json("booking", "invite", uid, "--mail")
    assert mailbox[2].message["Subject"] == mailbox[1].message["Subject"]
    assert mailbox[2].parts[0].get_content() == mailbox[1].parts[0].get_content()


def test_a_confirmed_reservation_is_an_invitation(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """Whatever its SEQUENCE: it is the first that the guest reads of it."""
    uid = gbook.json(*BOOK[:-1], "--reserve", "600")["id"]
    gbook.json("reservation", "reschedule", uid, "--slot", "2026-11-25T10:00Z")
    gbook.json("reservation", "confirm", uid, "--mail")
    assert mailbox[0].message["Subject"].startswith("Invitation: ")
    assert "Before" not in mailbox[0].parts[0].get_content()


BERLIN = "Tue 24 Nov 2026 15:00–15:30 CET (Europe/Berlin)"


@pytest.mark.parametrize(
    ("options", "times"),
    [
        (("--guest-tz", "Asia/Tokyo"), ["Tue 24 Nov 2026 23:00–23:30 JST (Asia/Tokyo)", BERLIN]),
        (("--tz", "Pacific/Auckland"), ["Wed 25 Nov 2026 03:00–03:30 NZDT (Pacific/Auckland)", BERLIN]),
        (("--tz", "Asia/Tokyo", "--guest-tz", "Europe/Paris"), [BERLIN]),
        ((), [BERLIN]),
    ],
)
def test_times_in_the_guests_zone(
    gbook: Gbook, mailbox: list[ReceivedMessage], options: tuple[str, ...], times: list[str]
) -> None:
    """The guest's zone comes first, where its clocks differ; it is kept, and shown of a move too."""
    uid = gbook.json(*BOOK, *options)["id"]
    assert mailbox[0].message["Subject"].endswith(f"@ {times[0]}")
    words = mailbox[0].parts[0].get_content().splitlines()
    shown = [f"When: {times[0]}", *(f"      {other}" for other in times[1:]), "Where: Room 1"]
    assert words[2 : 2 + len(shown)] == shown
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-25T10:00Z", "--mail")
    words = mailbox[1].parts[0].get_content().splitlines()
    shown = [f"Before: {times[0]}", *(f"        {other}" for other in times[1:]), "Where: Room 1"]
    assert words[2 + len(times) : 2 + len(times) + len(shown)] == shown


def test_an_unknown_guest_zone_is_refused(office: Path, gbook: Gbook) -> None:
    """Before anything is written."""
    before = snapshot(office)
    result = gbook(*BOOK[:-1], "--guest-tz", "Asia/Tokio")
    assert (result.code, "--guest-tz" in result.err) == (2, True)
    assert snapshot(office) == before


def test_who_drops_out_gets_a_cancellation(
    office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]
) -> None:
    """With `deliver: host` a member learns by mail, and by mail that another one takes over."""
    config = office / "gbook.yaml"
    config.write_text(config.read_text() + "deliver: host\n")
    profile = office / "profiles/demo.yaml"
    profile.write_text(
        profile.read_text()
        .replace("optional: [carol]", "groups: [{extId: g, accountIds: [carol, bob]}]")
        .replace("accounts: [alice, bob]", "accounts: [alice]")
    )
    uid = gbook.json(*BOOK, "--required", "all")["id"]
    assert "carol@example.com" in mailbox[0].to
    (office / "carol/trip.ics").write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:trip\r\nDTSTART:20261124T130000Z\r\n"
        b"DTEND:20261124T170000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T15:00Z", "--reassign", "--mail")
    moved, invited, cancelled = mailbox[1:]
    assert (moved.to, invited.to) == (["gwen@example.org"], ["bob@example.com"])
    assert [one.message["Subject"].partition(":")[0] for one in mailbox] == [
        *("Invitation", "Moved", "Invitation", "Cancelled"),
    ]
    assert cancelled.to == ["carol@example.com"]
    assert cancelled.calendar.get_param("method") == "CANCEL"
    event = event_of(cancelled)
    assert (str(event["UID"]), event["SEQUENCE"], str(event["ATTENDEE"])) == (
        uid,
        1,
        "mailto:carol@example.com",
    )
    assert event.start.hour == 14
    # It is not cancelled for the others (RFC 5546 §3.2.5).
    assert "STATUS" not in event


def test_a_handover_is_an_update(office: Path, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """A new host at the same time is neither a move nor a new booking; guests do not learn who left."""
    profile = office / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("optional: [carol]", ""))
    uid = gbook.json(*BOOK)["id"]
    profile.write_text(profile.read_text().replace("accounts: [alice, bob]", "accounts: [bob]"))
    gbook.json("booking", "reschedule", uid, "--slot", SLOT, "--reassign", "--mail")
    assert [one.to for one in mailbox] == [["gwen@example.org"]] * 2
    assert mailbox[1].message["Subject"].startswith("Updated invitation: ")


def test_a_goodbye_that_fails_is_named(office: Path, gbook: Gbook) -> None:
    """The others get their mail, and the warning names the guest who was not informed."""
    uid = gbook.json(*BOOK[:-1])["id"]
    with mail_server(refused="carol@example.com") as (port, box):
        settings(office, port)
        (office / "carol/trip.ics").write_bytes(
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:trip\r\nDTSTART:20261125T000000Z\r\n"
            b"DTEND:20261126T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        moved = gbook.json("booking", "reschedule", uid, "--slot", "2026-11-25T10:00Z", "--mail")
    assert [received.to for received in box.messages] == [["gwen@example.org"]]
    assert "tell carol@example.com that they no longer take part" in moved["warnings"][0]["message"]


def test_sending_again_may_fail(office: Path, gbook: Gbook) -> None:
    """Where sending is all that was asked for, not sending is an error."""
    uid = gbook.json(*BOOK[:-1])["id"]
    settings(office, 1)
    result = gbook("booking", "invite", uid, "--mail", "--json")
    assert (result.code, json.loads(result.out)["error"]["code"]) == (1, "mail_failed")
