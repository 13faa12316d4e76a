"""The contract of a Store, for each kind of calendar."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path

import pytest
from support.ics import raw_vcalendar, raw_vevent

from gbook.calendars.busy.readable import check_readable
from gbook.calendars.stores.base import Item, Store
from gbook.calendars.stores.vdir import local_store
from gbook.errors import GbookError

UID = "6f1c2f0e-3c1b-4d7e-9a55-0d3f6f1d2c3b@gbook"
MONDAY, TUESDAY = (
    raw_vcalendar(raw_vevent(UID, b"202611%d0T090000Z" % day, b"202611%d0T100000Z" % day)) for day in (1, 2)
)


class Place(ABC):
    """A calendar whose bytes the test changes as another program does."""

    store: Store

    @abstractmethod
    def put(self, name: str, content: bytes) -> None:
        """Write a resource."""

    @abstractmethod
    def hide(self) -> None:
        """Make the calendar unreadable."""

    @property
    def name(self) -> str:
        """The name of a resource with the event UID."""
        return self.store.name_for(UID)


class LocalPlace(Place):
    """A file or folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.suffix != ".ics":
            path.mkdir()
        self.store = local_store(path)

    def put(self, name: str, content: bytes) -> None:
        path = self.path / name if name else self.path
        fresh = path.with_name("fresh.tmp")
        fresh.write_bytes(content)
        fresh.replace(path)

    def hide(self) -> None:
        self.path.rename(self.path.with_name("moved"))


@pytest.fixture(params=["file", "vdir"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return LocalPlace(tmp_path / {"file": "alice.ics", "vdir": "alice"}[request.param])


def test_what_is_put_is_read(place: Place) -> None:
    """A resource appears in the look, under the name that its UID gives, with its content."""
    place.put(place.name, MONDAY)
    assert [name for name, _ in place.store.look()] == [place.name]
    assert place.store.exists(place.name)
    assert place.store.read(place.name) == MONDAY
    assert Item(place.store, place.name).read_existing() == MONDAY


def test_the_state_changes_with_the_content_only(place: Place) -> None:
    """Reading changes no state; another content does, and so does the summary when a resource is replaced."""
    place.put(place.name, MONDAY)
    before, summary = place.store.look(), place.store.summary()
    place.store.read(place.name)
    assert (place.store.look(), place.store.summary()) == (before, summary)
    place.put(place.name, TUESDAY)
    assert place.store.look() != before
    assert place.store.summary() != summary
    assert place.store.look() == [(place.name, place.store.state(place.name))]
    assert place.store.read(place.name) == TUESDAY


def test_a_lost_calendar_is_unreadable_and_never_empty(place: Place) -> None:
    """Neither its look nor a resource can be read; each error is one line."""
    place.put(place.name, MONDAY)
    place.hide()
    assert place.store.summary() is None
    assert not place.store.exists(place.name)
    assert place.store.state(place.name) is None
    for read in (place.store.look, lambda: place.store.read(place.name)):
        with pytest.raises(GbookError) as caught:
            read()
        assert "\n" not in caught.value.message


def test_a_cut_resource_is_unreadable(place: Place) -> None:
    """Half a stream is an error of the reader, not a calendar with fewer events."""
    place.put(place.name, MONDAY)
    check_readable(place.store)
    place.put(place.name, MONDAY[: len(MONDAY) // 2])
    with pytest.raises(GbookError):
        check_readable(place.store)


def test_what_does_not_exist_is_no_content(place: Place) -> None:
    """A resource that is not there yet has no content, which a booking can be written to."""
    assert Item(place.store, place.name).read_existing() is None


def test_the_same_calendar_is_the_same_store(place: Place, tmp_path: Path) -> None:
    """Stores are dictionary keys; each kind has a key of its own for the cache."""
    other = local_store(tmp_path / "other.ics")
    assert {place.store: 1}[place.store] == 1
    assert place.store != other
    assert place.store.key != other.key
    assert place.store.location(place.name).startswith(os.fspath(tmp_path))
    assert not place.store.is_remote


def test_the_look_is_sorted(tmp_path: Path) -> None:
    """A folder lists its items by name, and nothing else."""
    vdir = LocalPlace(tmp_path / "alice")
    for name in ("b.ics", "a.ics", ".hidden.ics", "note.txt", "c.tmp"):
        vdir.put(name, MONDAY)
    assert [name for name, _ in vdir.store.look()] == ["a.ics", "b.ics"]
