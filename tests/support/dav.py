"""Clients of the CalDAV servers of the tests, and events for them."""

from __future__ import annotations

from support.caldav_servers import CalDavServer
from support.fake_caldav import FakeCalDav
from support.ics import vcalendar, vevent

from gbook.dav.collection import Collection
from gbook.dav.deadline import Deadline
from gbook.dav.http import Client

__all__ = ["Server", "client_of", "connected", "sample"]

Server = CalDavServer | FakeCalDav
# Longer than any test needs on a busy machine.
SECONDS = 60.0


def client_of(server: Server) -> Client:
    """Return a client of a server, with the login of its user."""
    return Client(server.url, lambda: server.authorization, Deadline.after(SECONDS))


def connected(server: Server, url: str) -> Collection:
    """Return a calendar of a server, with a connection of its own."""
    return Collection(client_of(server), url)


def sample(uid: str, summary: str = "Event") -> bytes:
    """Return a calendar object with one event of an hour on 24 November 2026."""
    lines = ("DTSTAMP:20261101T080000Z", "DTSTART:20261124T090000Z", "DTEND:20261124T100000Z")
    return vcalendar("PRODID:-//test//EN", vevent(f"UID:{uid}", *lines, f"SUMMARY:{summary}"))
