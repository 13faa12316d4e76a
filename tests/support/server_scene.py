"""Bookings of three accounts in calendars on a real server, in a file and in a vdir, and what must be true.

a calendar never has two confirmed events at the same time;
a booking that was reported is confirmed in the host's calendar and in every other one;
a booking that was refused leaves nothing, or a hold that expires;
after a kill there is all of it, nothing, or copies without the host's event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from support.caldav_servers import CalDavServer
from support.ics import parsed_events
from support.server_office import EMPTY, make_server_office, stored_events

__all__ = ["AFTER_HOLDS", "KINDS", "SLOTS", "Scene", "foreign_event", "slot_text"]

# Where the calendars of alice, bob and carol are. The first of them is the host of a booking of all three.
KINDS: Mapping[str, Mapping[str, str]] = {
    "server": {"alice": "server", "bob": "server", "carol": "server"},
    "host on server": {"alice": "server", "bob": "bob.ics", "carol": "carol"},
    "host in file": {"alice": "alice.ics", "bob": "server", "carol": "carol"},
}
SLOTS = [datetime(2026, 11, 24, 9, tzinfo=UTC) + timedelta(minutes=30 * number) for number in range(16)]
# A present time at which every hold of a test has expired, and every slot is still to come.
AFTER_HOLDS = "2026-11-23T09:00:00Z"


class Event(NamedTuple):
    """An event in a calendar; without a host it is another program's."""

    uid: str
    start: datetime
    end: datetime
    status: str
    host: str
    accounts: tuple[str, ...]
    is_hold: bool

    @property
    def is_confirmed(self) -> bool:
        """Whether it takes its time for good."""
        return self.status == "CONFIRMED"


class Scene(NamedTuple):
    """A workspace of three accounts: `places` has the URL, or the path in `folder`, of each calendar."""

    folder: Path
    server: CalDavServer
    places: Mapping[str, str]

    @classmethod
    def built(cls, folder: Path, kind: str, server: CalDavServer, front: CalDavServer | None = None) -> Scene:
        """Make one of KINDS; gbook reaches the server through `front`, if that is given."""
        places = {
            name: server.new_calendar(name) if place == "server" else place
            for name, place in KINDS[kind].items()
        }
        seen = front or server
        written = {name: place.replace(server.url, seen.url) for name, place in places.items()}
        return cls(make_server_office(folder, seen, written), server, places)

    def contents(self, account: str) -> Iterator[bytes]:
        """Yield the calendar objects of an account, as another program sees them."""
        place = self.places[account]
        if place.startswith("http"):
            yield from stored_events(self.server, place).values()
            return
        path = self.folder / place
        for file in sorted(path.glob("*.ics")) if path.is_dir() else [path]:
            yield file.read_bytes()

    def events(self, account: str) -> list[Event]:
        """Return the events of an account's calendar."""
        return [_event(each) for content in self.contents(account) for each in parsed_events(content)]

    def confirmed(self) -> dict[str, set[str]]:
        """Return the accounts whose calendars have a booking of gbook's as confirmed, by its UID."""
        found: dict[str, set[str]] = {}
        for account in self.places:
            for event in self.events(account):
                if event.is_confirmed and event.host:
                    found.setdefault(event.uid, set()).add(account)
        return found

    def holds(self) -> list[Event]:
        """Return the holds in all calendars."""
        return [event for account in self.places for event in self.events(account) if event.is_hold]

    def check_times(self, *, only_ours: bool = False) -> None:
        """Assert that no calendar has two confirmed events (of any program, or of gbook) at the same time."""
        for account in self.places:
            confirmed = [each for each in self.events(account) if each.is_confirmed]
            if only_ours:
                confirmed = [each for each in confirmed if each.host]
            for one, other in combinations(confirmed, 2):
                assert one.end <= other.start or other.end <= one.start, (account, one, other)

    def check_whole(self, uids: Collection[str]) -> None:
        """Assert that each of these bookings is confirmed in the calendars of all its accounts."""
        confirmed = self.confirmed()
        for uid in uids:
            assert confirmed.get(uid) == self.participants(uid), (uid, confirmed)

    def participants(self, uid: str) -> set[str]:
        """Return the accounts that take part in a booking, according to its events."""
        return {
            name
            for account in self.places
            for event in self.events(account)
            if event.uid == uid
            for name in event.accounts
        }

    def hosted(self) -> set[str]:
        """Return the UIDs of the bookings that are confirmed in their host's calendar: they have happened."""
        return {
            event.uid
            for account in self.places
            for event in self.events(account)
            if event.is_confirmed and event.host == account
        }

    def clear(self) -> None:
        """Delete all events, as another program would."""
        for place in self.places.values():
            if place.startswith("http"):
                for name in stored_events(self.server, place):
                    self.server.delete(place + name)
            elif (path := self.folder / place).is_dir():
                for file in path.glob("*.ics"):
                    file.unlink()
            else:
                path.write_bytes(EMPTY)


def slot_text(slot: datetime) -> str:
    """Return a slot as an argument of gbook."""
    return f"{slot:%Y-%m-%dT%H:%MZ}"


def foreign_event(uid: str, start: datetime, end: datetime) -> bytes:
    """Return a calendar object of another program."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//them//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nSTATUS:CONFIRMED\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\nSUMMARY:theirs\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def _event(parsed: Any) -> Event:
    return Event(
        str(parsed["UID"]),
        parsed.start,
        parsed.end,
        str(parsed.get("STATUS", "")),
        str(parsed.get("X-GBOOK-HOST", "")),
        tuple(str(parsed.get("X-GBOOK-ACCOUNTS", "")).split()),
        "X-GBOOK-HOLD" in parsed,
    )
