"""Members who are invited by mail, while the calendars of the hosts are on a CalDAV server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.caldav_servers import CalDavServer
from support.running import GBOOK, PATIENCE, Gbook
from support.server_office import make_server_office, stored_events
from support.smtp_server import Mailbox, mail_server

NOTHING = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//partner//EN\r\nEND:VCALENDAR\r\n"
MORE = ("--name", "Gwen", "--required", "all")


@pytest.fixture
def mailbox() -> Iterator[tuple[int, Mailbox]]:
    with mail_server() as running:
        yield running


@pytest.fixture
def urls(calendar_server: CalDavServer) -> dict[str, str]:
    return {name: calendar_server.new_calendar(name) for name in ("alice", "carol")}


def make_machine(folder: Path, server: CalDavServer, urls: dict[str, str], port: int) -> Path:
    """Make the workspace of one of the machines that share the calendars: alice or carol meets pat."""
    make_server_office(folder, server, {**urls, "pat": "pat.ics"})
    config = folder / "gbook.yaml"
    text = config.read_text().replace("calendars: [pat.ics]", "deliver: mail, calendars: [pat.ics]")
    config.write_text(f"{text}mail: {{host: localhost, port: {port}, security: none}}\n")
    (folder / "pat.ics").write_text(NOTHING, newline="")
    demo = (folder / "profiles/demo.yaml").read_text()
    for host in urls:
        members = demo.replace("accounts: [alice, carol, pat]", f"accounts: [{host}, pat]")
        (folder / f"profiles/{host}.yaml").write_text(members)
    (folder / "profiles/demo.yaml").unlink()
    return folder


@pytest.fixture
def machine(
    tmp_path: Path,
    calendar_server: CalDavServer,
    urls: dict[str, str],
    mailbox: tuple[int, Mailbox],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    folder = make_machine(tmp_path / "one", calendar_server, urls, mailbox[0])
    monkeypatch.chdir(folder)
    return folder


def test_the_hosts_event_on_the_server_takes_the_time(
    machine: Path, gbook: Gbook, mailbox: tuple[int, Mailbox]
) -> None:
    """In every profile; the member is invited, and its reply is written to the server."""
    uid = gbook.json("book", "-p", "alice", "--slot", "2026-11-24T14:00Z", *MORE)["id"]
    assert gbook("book", "-p", "carol", "--slot", "2026-11-24T14:00Z", *MORE).code == 3
    (received,) = mailbox[1].messages
    invitation = received.calendar.get_content()
    assert (received.to, "SCHEDULE-AGENT" in invitation) == (["pat@example.com"], False)
    answer = invitation.replace("METHOD:REQUEST", "METHOD:REPLY").replace("\r\n ", "").splitlines()
    answer = [line for line in answer if not line.startswith("ATTENDEE") or line.endswith("pat@example.com")]
    reply = "\r\n".join([*answer, ""]).replace("NEEDS-ACTION", "DECLINED")
    result = gbook("booking", "reply", "-", stdin=reply.encode())
    assert result.code == 0, result.err
    assert gbook.json("booking", "show", uid)["declined"] == ["pat"]
    gbook.json("book", "-p", "carol", "--slot", "2026-11-24T14:00Z", *MORE)
    again = gbook("booking", "invite", uid)
    assert "SCHEDULE-AGENT" not in again.out


def test_a_host_that_is_not_reached_hides_bookings(
    machine: Path, gbook: Gbook, calendar_server: CalDavServer, urls: dict[str, str]
) -> None:
    """Its event may take the member's time, also when only the member is asked for."""
    config = machine / "gbook.yaml"
    working = config.read_text()
    config.write_text(working.replace(f"url: '{urls['alice']}'", f"url: '{urls['alice']}nowhere/'"))
    found = gbook.json("availability", "-p", "carol", "--required", "all")
    assert found["items"] == []
    assert "so pat is not free" in " ".join(warning["message"] for warning in found["warnings"])
    config.write_text(working)
    assert gbook.json("availability", "-p", "carol", "--required", "all")["items"]


def test_the_server_does_not_invite_the_member_too(
    machine: Path, gbook: Gbook, calendar_server: CalDavServer, urls: dict[str, str]
) -> None:
    """With `deliver: host` it invites the others (RFC 6638 §7.1)."""
    config = machine / "gbook.yaml"
    config.write_text(f"{config.read_text()}deliver: host\n")
    gbook.json("book", "-p", "alice", "--slot", "2026-11-24T14:00Z", "--email", "gwen@example.org", *MORE)
    (stored,) = stored_events(calendar_server, urls["alice"]).values()
    lines = stored.replace(b"\r\n", b"\n").replace(b"\n ", b"").decode().splitlines()
    asked = {line.rpartition("mailto:")[2]: line for line in lines if line.startswith("ATTENDEE")}
    told = {email: "SCHEDULE-AGENT=CLIENT" in line for email, line in asked.items()}
    assert told == {"alice@example.com": False, "pat@example.com": True, "gwen@example.org": False}


@pytest.mark.parametrize("rounds", [1, pytest.param(8, marks=pytest.mark.crash)])
def test_two_machines_race_for_a_member(
    tmp_path: Path,
    machine: Path,
    calendar_server: CalDavServer,
    urls: dict[str, str],
    mailbox: tuple[int, Mailbox],
    rounds: int,
) -> None:
    """They share no lock, and book to different calendars: each time of the member is given away once."""
    other = make_machine(tmp_path / "two", calendar_server, urls, mailbox[0])
    bookers = [(machine, "alice"), (other, "carol"), (other, "alice"), (machine, "carol")]
    for number in range(rounds):
        slot = f"2026-11-24T{9 + number:02}:00Z"
        results = race([(folder, host, slot) for folder, host in bookers[: 2 + 2 * (rounds > 1)]])
        assert [code for code, _ in results].count(0) == 1, results
    booked = [
        content
        for url in urls.values()
        for content in stored_events(calendar_server, url).values()
        if b"STATUS:CONFIRMED" in content
    ]
    assert len(booked) == len(mailbox[1].messages) == rounds


def race(commands: list[tuple[Path, str, str]]) -> list[tuple[int, Any]]:
    """Book at once (workspace, profile, slot), each machine with a cache of its own."""
    processes = [
        subprocess.Popen(
            [GBOOK, "book", "-p", profile, "--slot", slot, *MORE, "--json"],
            cwd=folder,
            env=os.environ | {"GBOOK_INDEX": str(folder.parent / f"{folder.name}-cache/index.sqlite")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder, profile, slot in commands
    ]
    ended = [(process.communicate(timeout=PATIENCE), process.returncode) for process in processes]
    return [(code, json.loads(out) if out else err) for (out, err), code in ended]
