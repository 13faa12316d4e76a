"""A small workspace whose accounts are free, and programs for its hooks."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

__all__ = ["SLOT", "make_office", "program", "snapshot"]

# Tuesday; the tests run at 2026-11-23T08:00Z.
SLOT = "2026-11-24T14:00Z"
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//somebody//else//EN\r\nBEGIN:VEVENT\r\nUID:theirs\r\n"
    b"DTSTART:20261130T090000Z\r\nDTEND:20261130T100000Z\r\nSUMMARY:not ours\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)
_CONFIG = """
timezone: UTC
accounts:
  - {id: alice, name: Alice Liddell, email: alice@example.com, calendars: [alice.ics]}
  - {id: bob, name: Bob Sawyer, email: bob@example.com, calendars: [bob.ics]}
  - {id: carol, email: carol@example.com, calendars: [carol]}
"""
_PROFILE = """
durationMinutes: 30
availabilityStep: 30
timeAvailableFor: P30D
subject: "Demo for {{name}}{{topic}}"
description: "Written by hand, line by line.\\n\\nYours"
location: Room 1
workHours:
  timezone: Europe/Berlin
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 18:00}]}
    - {dayOfWeek: wednesday, workingIntervals: [{start: 09:00, end: 18:00}]}
MEMBERS
optional: [carol]
additionalFields: [{name: topic, type: text, default: ""}]
"""


def make_office(folder: Path, more: str = "", members: str = "accounts: [alice, bob]") -> Path:
    """Make a workspace in `folder`, and return it; `more` is added to its gbook.yaml.

    alice's file has CRLF, bob's LF, carol has a vdir. They are free on Tuesday and Wednesday.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profiles").mkdir()
    (folder / "gbook.yaml").write_text(_CONFIG + dedent(more))
    (folder / "profiles/demo.yaml").write_text(_PROFILE.replace("MEMBERS", members))
    (folder / "alice.ics").write_bytes(_CALENDAR)
    (folder / "bob.ics").write_bytes(_CALENDAR.replace(b"\r\n", b"\n"))
    (folder / "carol").mkdir()
    return folder


def program(path: Path, text: str) -> Path:
    """Write a Python program, and return its path."""
    path.write_text(f"#!{sys.executable}\n{dedent(text)}")
    path.chmod(0o755)
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all calendar files, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.ics"))
        if not path.name.startswith(".")
    }
