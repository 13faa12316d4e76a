"""A workspace like the office, with a profile for tests that move and hand over bookings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.ics import parsed_events
from support.office import make_office
from support.running import Gbook
from support.smtp_server import ReceivedMessage, mail_of

__all__ = [
    "TUESDAY",
    "add_event",
    "book",
    "event",
    "events",
    "lines",
    "mailbox",
    "make_team",
    "profile",
    "team",
]

TUESDAY = "2026-11-24T"
_PROFILE = """
durationMinutes: 30
availabilityStep: 15
bufferBetweenMinutes: 15
timeAvailableFor: P30D
subject: "Demo for {{name}}"
description: "{{topic}}, {{start}} with {{host}}"
workHours:
  timezone: UTC
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 17:00}]}
    - {dayOfWeek: wednesday, workingIntervals: [{start: 09:00, end: 17:00}]}
"""


def make_team(folder: Path, members: str = "accounts: [alice, bob, carol]") -> Path:
    """Make a workspace of alice (CRLF), bob (LF) and carol (a vdir), who are free, and return it."""
    make_office(folder)
    profile(folder, members)
    return folder


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The team's workspace, which is the current folder; all are free on Tuesday from 9 to 17 UTC."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    return tmp_path / "team"


@pytest.fixture
def mailbox(team: Path) -> Iterator[list[ReceivedMessage]]:
    """The messages that the mail server of the team has got."""
    with mail_of(team) as box:
        yield box.messages


def profile(folder: Path, more: str) -> None:
    """Write the profile, with more keys."""
    (folder / "profiles/demo.yaml").write_text(_PROFILE + more + "\n")


def book(gbook: Gbook, at: str, *more: str) -> str:
    """Book on Tuesday at a time such as 14:00, and return the id."""
    arguments = ("--slot", f"{TUESDAY}{at}Z", "--name", "Gwen", "--email", "gwen@example.org")
    booked = gbook.json("book", *arguments, "--field", "topic=Looms", *more)
    return str(booked["id"])


def add_event(calendar: Path, start: str, end: str, *more: str) -> None:
    """Add an event of another program on Tuesday to a calendar file."""
    component = [
        "BEGIN:VEVENT",
        f"UID:{start}-{calendar.name}",
        f"DTSTART:20261124T{start.replace(':', '')}00Z",
        f"DTEND:20261124T{end.replace(':', '')}00Z",
        *more,
        "END:VEVENT",
        "",
    ]
    content = calendar.read_bytes()
    at = content.rindex(b"END:VCALENDAR")
    calendar.write_bytes(content[:at] + "\r\n".join(component).encode() + content[at:])


def lines(calendar: Path) -> list[str]:
    """Return the content lines of a calendar, unfolded."""
    text = calendar.read_text().replace("\r\n", "\n")
    return text.replace("\n ", "").splitlines()


def events(folder: Path, uid: str) -> dict[str, Any]:
    """Return the copies of an event, by calendar."""
    copies = {}
    for path in sorted(folder.rglob("*.ics")):
        for component in parsed_events(path.read_bytes()):
            if component["UID"] == uid:
                copies[path.relative_to(folder).parts[0]] = component
    return copies


def event(folder: Path, uid: str) -> Any:
    """Return an event, and assert that all its copies are equal except for alarms."""
    copies = list(events(folder, uid).values())
    contents = {json.dumps([line for line in copy.content_lines() if line]) for copy in copies}
    assert len(contents) == 1, "the copies differ"
    return copies[0]
