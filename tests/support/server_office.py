"""A workspace whose accounts have calendars on a real CalDAV server, alone or beside files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from support.caldav_servers import PASSWORD, USERNAME, CalDavServer
from support.dav import Server

__all__ = ["EMPTY", "make_server_office", "stored_events"]

EMPTY = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nEND:VCALENDAR\r\n"

_PROFILE = """
durationMinutes: 30
availabilityStep: 30
timeAvailableFor: P30D
subject: "Demo for {{name}}"
workHours:
  timezone: UTC
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 18:00}]}
"""


def make_server_office(folder: Path, server: Server, calendars: Mapping[str, str], more: str = "") -> Path:
    """Make a workspace with an account for each of `calendars`: the URL of a calendar, or a local path.

    They are free on Tuesday. `more` is added to the profile.
    """
    (folder / "profiles").mkdir(parents=True)
    login = f"echo, {PASSWORD}"
    lines = [
        "timezone: UTC",
        "servers:",
        f"  - {{id: dav, url: {server.url!r}, username: {USERNAME}, passwordCommand: [{login}]}}",
        "accounts:",
    ]
    for name, place in calendars.items():
        entry = f"{{url: {place!r}, server: dav}}" if place.startswith("http") else place
        lines.append(f"  - {{id: {name}, email: {name}@example.com, calendars: [{entry}]}}")
        if not place.startswith("http"):
            _create(folder / place)
    (folder / "gbook.yaml").write_text("\n".join([*lines, ""]))
    members = f"accounts: [{', '.join(calendars)}]\n"
    (folder / "profiles/demo.yaml").write_text(_PROFILE + members + more)
    return folder


def stored_events(server: CalDavServer, url: str) -> dict[str, bytes]:
    """Return what a calendar holds on the server, by name, as another program sees it."""
    listing = server.ask("PROPFIND", url, depth="1").body.decode()
    names = {part.split("<")[0].rpartition("/")[2] for part in listing.split("href>")[1::2]}
    return {name: server.ask("GET", url + name).body for name in sorted(names) if name.endswith(".ics")}


def _create(path: Path) -> None:
    if path.suffix == ".ics":
        path.write_bytes(EMPTY)
    else:
        path.mkdir()
