"""The contract of a Store, for each kind of calendar; CalDAV on real servers."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.caldav_servers import PASSWORD, SERVERS, USERNAME, CalDavServer
from support.fault_server import FaultServer, fault_server, reply
from support.ics import raw_vcalendar, raw_vevent

from gbook.calendars.busy.readable import check_readable
from gbook.calendars.stores.base import Item, Store
from gbook.calendars.stores.caldav import CaldavStore
from gbook.calendars.stores.feed import FeedStore
from gbook.calendars.stores.mirror import Mirror
from gbook.calendars.stores.refresh import refresh
from gbook.calendars.stores.remotes import Asking, Remotes
from gbook.calendars.stores.vdir import local_store
from gbook.errors import GbookError
from gbook.workspace.server import Server

UID = "6f1c2f0e-3c1b-4d7e-9a55-0d3f6f1d2c3b@gbook"
MONDAY, TUESDAY = (
    raw_vcalendar(
        raw_vevent(
            UID,
            b"DTSTAMP:20261101T000000Z",
            b"DTSTART:2026110%dT090000Z" % day,
            b"DTEND:2026110%dT100000Z" % day,
        )
    ).replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nPRODID:-//them//EN\r\n")
    for day in (1, 2)
)


class Place(ABC):
    """A calendar whose bytes the test changes as another program does; `look` asks for its state anew."""

    name: str

    @property
    @abstractmethod
    def store(self) -> Store:
        """The calendar, as the next command opens it; its server, if it has one, has been asked."""

    @abstractmethod
    def put(self, content: bytes) -> None:
        """Write the resource."""

    @abstractmethod
    def hide(self) -> None:
        """Make the calendar unreadable."""


class LocalPlace(Place):
    """A file or folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.suffix != ".ics":
            path.mkdir()
        self.name = self.store.name_for(UID)

    @property
    def store(self) -> Store:
        return local_store(self.path)

    def put(self, content: bytes) -> None:
        path = self.path / self.name if self.name else self.path
        fresh = path.with_name("fresh.tmp")
        fresh.write_bytes(content)
        fresh.replace(path)

    def hide(self) -> None:
        self.path.rename(self.path.with_name("moved"))


class CaldavPlace(Place):
    """A calendar on a real server."""

    name = "theirs.ics"

    def __init__(self, server: CalDavServer, mirror: Mirror, folder: Path) -> None:
        self.server = server
        self.url = server.new_calendar()
        self.mirror = mirror
        self.folder = folder

    @property
    def store(self) -> Store:
        login = Server(id="dav", url=self.server.url, username=USERNAME, password_command=("echo", PASSWORD))
        store = CaldavStore(self.url, login, Remotes(self.mirror, self.folder))
        refresh([store])
        return store

    def put(self, content: bytes) -> None:
        assert self.server.put(self.url + self.name, content).status in (201, 204)

    def hide(self) -> None:
        self.server.delete(self.url)


class FeedPlace(Place):
    """A feed, which gives what the test has put."""

    name = ""
    server: FaultServer

    def __init__(self, mirror: Mirror, folder: Path) -> None:
        self.mirror = mirror
        self.folder = folder
        self.content = b""

    @property
    def store(self) -> Store:
        shared = Remotes(self.mirror, self.folder, Asking(at_once=True))
        store = FeedStore("feed", shared, max_age=3600, url=f"{self.server.url}feed.ics")
        refresh([store])
        return store

    def put(self, content: bytes) -> None:
        self.content = content

    def hide(self) -> None:
        self.content = b"<html>"


@pytest.fixture(params=["file", "vdir", "radicale", "xandikos", "feed"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    mirror = Mirror(tmp_path / "mirror.sqlite")
    if request.param in SERVERS:
        yield CaldavPlace(request.getfixturevalue(request.param), mirror, tmp_path)
    elif request.param == "feed":
        feed = FeedPlace(mirror, tmp_path)
        with fault_server(lambda _: reply(200, feed.content, content_type="text/calendar")) as feed.server:
            yield feed
    else:
        yield LocalPlace(tmp_path / {"file": "alice.ics", "vdir": "alice"}[request.param])
    mirror.close()


def test_what_is_put_is_read(place: Place) -> None:
    """A resource appears in the look under its name, with its content."""
    place.put(MONDAY)
    store = place.store
    assert [name for name, _ in store.look()] == [place.name]
    assert store.exists(place.name)
    assert b"DTSTART:20261101T090000Z" in store.read(place.name)
    assert Item(store, place.name).read_existing() == store.read(place.name)


def test_the_state_changes_with_the_content_only(place: Place) -> None:
    """Reading changes no state; another content does, and so does the summary when a resource is replaced."""
    place.put(MONDAY)
    store = place.store
    before, summary = store.look(), store.summary()
    store.read(place.name)
    again = place.store
    assert (again.look(), again.summary()) == (before, summary)
    place.put(TUESDAY)
    store = place.store
    assert store.look() != before
    assert store.summary() != summary
    assert store.look() == [(place.name, store.state(place.name))]
    assert b"DTSTART:20261102T090000Z" in store.read(place.name)


def test_a_lost_calendar_is_unreadable_and_never_empty(place: Place) -> None:
    """Its look is an error of one line, also if it was read before."""
    place.put(MONDAY)
    assert place.store.look()
    place.hide()
    store = place.store
    assert store.summary() is None
    with pytest.raises(GbookError) as caught:
        store.look()
    assert "\n" not in caught.value.message


def test_a_cut_resource_is_unreadable(place: Place) -> None:
    """Half a stream is an error of the store or of the reader, not a calendar with fewer events."""
    place.put(MONDAY)
    check_readable(place.store)
    if isinstance(place, CaldavPlace):
        pytest.skip("real servers do not take half a stream; see test_odd_servers")
    place.put(MONDAY[: len(MONDAY) // 2])
    with pytest.raises(GbookError):
        check_readable(place.store)


def test_what_does_not_exist_is_no_content(place: Place) -> None:
    """A resource that is not there yet has no content, which a booking can be written to."""
    if isinstance(place, FeedPlace):
        pytest.skip("a feed is one stream, and is never written")
    assert Item(place.store, place.store.name_for(UID)).read_existing() is None


def test_the_same_calendar_is_the_same_store(place: Place, tmp_path: Path) -> None:
    """Stores are dictionary keys; each kind has a key of its own for the cache."""
    place.put(MONDAY)
    other = local_store(tmp_path / "other.ics")
    assert {place.store: 1}[place.store] == 1
    assert place.store != other
    assert place.store.key != other.key
    assert place.store.is_remote is not isinstance(place, LocalPlace)


def test_the_event_of_a_booking_is_found_by_its_uid(place: Place) -> None:
    """`name_for` gives the resource that has it, whatever its name; only the mirror can search by content."""
    place.put(MONDAY)
    assert place.store.name_for(UID) == place.name


def test_the_look_is_sorted(tmp_path: Path) -> None:
    """A folder lists its items by name, and nothing else."""
    vdir = LocalPlace(tmp_path / "alice")
    for name in ("b.ics", "a.ics", ".hidden.ics", "note.txt", "c.tmp"):
        (vdir.path / name).write_bytes(MONDAY)
    assert [name for name, _ in vdir.store.look()] == ["a.ics", "b.ics"]
    assert vdir.store.location("a.ics") == os.fspath(vdir.path / "a.ics")
