"""The mail that asks a guest to confirm a reservation: what is held, until when, and the link."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook
from support.smtp_server import ReceivedMessage
from support.team import TUESDAY

import gbook as public_api
from gbook.errors import MailFailed

GUEST = ("--name", "Gwen", "--field", "topic=Looms", "--guest-tz", "Europe/Berlin")
URL = "https://book.example.com/b/confirm/CYnbmDqqBnUKWJ-kOAmJ3Q"


def ask(gbook: Gbook, team: Path, *guest: str) -> str:
    """Reserve a time, and ask its guest to confirm it; return the address."""
    slot = ("--slot", f"{TUESDAY}09:00Z", "--reserve", "15m")
    reserved = gbook.json("book", *slot, *GUEST, *guest)
    workspace = public_api.open_workspace(team)
    now = public_api.parse_instant(str(reserved["expires"]), workspace.zone) - 15 * 60
    context = public_api.BookingContext(workspace, now)
    record = public_api.find_reservation(context, str(reserved["id"]))
    return public_api.send_confirmation_request(workspace, record, URL, now)


def test_it_says_what_is_held(gbook: Gbook, team: Path, mailbox: list[ReceivedMessage]) -> None:
    """Plain text in the guest's zone; the link is a line of its own, so that mail programs keep it whole."""
    assert ask(gbook, team, "--email", "gwen@example.org") == "gwen@example.org"
    (received,) = mailbox
    assert received.to == ["gwen@example.org"]
    assert received.message["From"] == "Alice Liddell <alice@example.com>"
    assert received.header("Subject") == "Please confirm: Demo for Gwen"
    (part,) = received.parts
    assert part.get_content_type() == "text/plain"
    assert part.get_content().splitlines() == [
        "Please confirm: Demo for Gwen",
        "",
        "When: Tue 24 Nov 2026 10:00–10:30 CET (Europe/Berlin)",
        "",
        "Nothing is booked yet. To book this time, open the link and press the button:",
        URL,
        "",
        "The time is held for you until Mon 23 Nov 2026 09:15 CET.",
        "If you ask for more times and get no further mail, this link leads to them too.",
        "If you did not ask for this meeting, do nothing: the time becomes free again.",
        "",
        "Host: Alice Liddell",
    ]


def test_it_needs_an_address(gbook: Gbook, team: Path, mailbox: list[ReceivedMessage]) -> None:
    """A guest without one cannot confirm."""
    with pytest.raises(MailFailed, match="the guest has no e-mail address"):
        ask(gbook, team)
    assert mailbox == []
