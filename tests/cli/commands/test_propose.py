"""`gbook propose`, as a shell runs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.running import Gbook
from support.smtp_server import ReceivedMessage, mail_of
from support.team import TUESDAY

SLOTS = ("--slot", f"{TUESDAY}10:00Z", "--slot", f"{TUESDAY}14:00")

pytestmark = pytest.mark.usefixtures("team")


def test_propose_gives_one_id_and_a_document_for_each_reservation(gbook: Gbook) -> None:
    """That of `gbook book`."""
    proposed = gbook.json("propose", *SLOTS, "--for", "120", "--name", "Gwen")
    assert proposed.keys() == {"proposalId", "reservations"}
    assert [(one["start"], one["expires"]) for one in proposed["reservations"]] == [
        ("2026-11-24T10:00:00Z", "2026-11-23T10:00:00Z"),
        ("2026-11-24T14:00:00Z", "2026-11-23T10:00:00Z"),
    ]
    assert all(one["reservationId"] == one["id"] for one in proposed["reservations"])


def test_the_commands_to_confirm_are_shown(gbook: Gbook) -> None:
    """One for each reservation."""
    shown = gbook("propose", *SLOTS, "--reserve", "120").out
    held = gbook.json("reservation", "list")["records"]
    assert shown.startswith("Reserved 2 slots: ")
    assert all(f"gbook reservation confirm {one['id']}" in shown for one in held)
    assert "drops the others" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*SLOTS,), 2),
        (("--for", "60"), 2),
        ((*SLOTS, "--for", "0"), 2),
        ((*SLOTS, *SLOTS, "--for", "60"), 2),
        ((*SLOTS, "--for", "60", "--field", "color=red"), 2),
        ((*SLOTS, "--for", "60", "--account", "nobody"), 4),
        ((*SLOTS, "--slot", f"{TUESDAY}22:00Z", "--for", "60"), 3),
    ],
)
def test_a_refused_proposal_reserves_nothing(gbook: Gbook, arguments: tuple[str, ...], code: int) -> None:
    """Every calendar stays as it was."""
    result = gbook("propose", *arguments, "--json")
    assert (result.code, "error" in json.loads(result.out)) == (code, True), result.err
    assert gbook.json("reservation", "list", "--all")["records"] == []


def test_the_times_are_written_for_the_guest(gbook: Gbook) -> None:
    """Numbered, in order of time, in the guest's zone, with a deadline: lines to paste into a mail."""
    shown = gbook("propose", *SLOTS[2:], *SLOTS[:2], "--for", "1d", "--guest-tz", "America/New_York").out
    numbered = [line for line in shown.splitlines() if line.startswith(("  1. ", "  2. "))]
    assert [line[:22] for line in numbered] == ["  1. Tue 24 Nov 2026 1", "  2. Tue 24 Nov 2026 1"]
    assert shown.partition("To paste into a mail:\n\n")[2].splitlines() == [
        "Demo for: which of these times suits you? Times in America/New_York (EST, UTC-5):",
        "",
        "1. Tue 24 Nov 2026 05:00–05:30",
        "2. Tue 24 Nov 2026 09:00–09:30",
        "",
        "Please reply with a number; the times are held for you until Tue 24 Nov 2026 03:00 EST.",
    ]


def test_one_time_is_a_question_too(gbook: Gbook) -> None:
    """Yes or no; the zone is the one shown."""
    shown = gbook("propose", "--first", "1", "--for", "1d", "--name", "Gwen").out
    assert "Demo for Gwen: does this time suit you? Times in UTC:\n" in shown
    assert "Please reply with yes or no; the time is held for you until " in shown


def test_the_first_slots_are_proposed(gbook: Gbook) -> None:
    """As many as asked for; together with slots that are named."""
    proposed = gbook.json("propose", "--first", "3", "--for", "60", "--account", "alice")
    starts = [one["start"][11:16] for one in proposed["reservations"]]
    assert starts == ["09:00", "09:30", "10:00"]


def test_a_dry_run_says_what_would_be_reserved(gbook: Gbook) -> None:
    """A line for each slot; the documents have the events."""
    lines = gbook("propose", *SLOTS, "--for", "60", "--dry-run").out.splitlines()
    assert lines[0].startswith("Would reserve 2 slots (Demo for), until Mon 23 Nov 2026 09:00 UTC; writes ")
    assert [line[:4] for line in lines[1:]] == ["  1.", "  2."]
    proposed = gbook.json("propose", *SLOTS, "--for", "60", "--dry-run")
    assert all("STATUS:TENTATIVE" in one["event"] for one in proposed["reservations"])
    assert gbook.json("reservation", "list")["records"] == []


class TestMail:
    @pytest.fixture
    def mailbox(self) -> Iterator[list[ReceivedMessage]]:
        """A server that needs no login; gives the messages that it gets."""
        with mail_of(Path()) as box:
            yield box.messages

    def test_the_times_go_to_the_guest(self, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
        """Plain text from the host; nothing to answer for a calendar program yet."""
        guest = ("--name", "Gwen", "--email", "gwen@example.org", "--guest-tz", "Europe/Berlin")
        shown = gbook("propose", *SLOTS, "--for", "1d", "--account", "alice", *guest, "--mail")
        assert shown.code == 0, shown.err
        assert shown.out.endswith("Times sent to gwen@example.org\n")
        assert "To paste" not in shown.out
        (received,) = mailbox
        assert received.to == ["gwen@example.org"]
        assert received.message["From"] == "Alice Liddell <alice@example.com>"
        assert received.header("Subject") == "Choose a time: Demo for Gwen"
        (part,) = received.parts
        assert part.get_content_type() == "text/plain"
        assert part.get_content().splitlines() == [
            "Demo for Gwen: which of these times suits you? Times in Europe/Berlin (CET, UTC+1):",
            "",
            "1. Tue 24 Nov 2026 11:00–11:30",
            "2. Tue 24 Nov 2026 15:00–15:30",
            "",
            "Please reply with a number; the times are held for you until Tue 24 Nov 2026 09:00 CET.",
            "",
            "Host: Alice Liddell",
        ]

    def test_a_mail_that_fails_leaves_the_reservations(
        self, gbook: Gbook, mailbox: list[ReceivedMessage]
    ) -> None:
        """A warning, the lines to send, and exit code 0."""
        Path("gbook.yaml").write_text(re.sub(r"port: \d+", "port: 1", Path("gbook.yaml").read_text()))
        result = gbook("propose", *SLOTS, "--for", "1d", "--email", "gwen@example.org", "--mail")
        assert (result.code, "send the times yourself" in result.err) == (0, True), result.err
        assert "To paste into a mail:" in result.out
        again = gbook.json("propose", "--first", "1", "--for", "1d", "--email", "g@example.org", "--mail")
        assert [warning["code"] for warning in again["reservations"][0]["warnings"]] == ["mail_failed"]

    def test_a_mail_needs_a_server_and_an_address(self, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
        """Exit 2, and nothing is reserved."""
        assert gbook("propose", *SLOTS, "--for", "1d", "--mail").code == 2
        Path("gbook.yaml").write_text(Path("gbook.yaml").read_text().rpartition("mail:")[0])
        assert gbook("propose", *SLOTS, "--for", "1d", "--email", "g@example.org", "--mail").code == 2
        assert gbook.json("reservation", "list")["records"] == []

    def test_a_dry_run_names_the_reader(self, gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
        """And sends nothing."""
        result = gbook("propose", *SLOTS, "--for", "1d", "--email", "g@example.org", "--mail", "--dry-run")
        assert result.out.splitlines()[0].endswith("; mails g@example.org")
        assert mailbox == []
