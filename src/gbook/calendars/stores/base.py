"""The Store protocol: where the bytes of a calendar are.

A calendar is a set of resources (RFC 4791 §4.1), each with the components of one event, or a single stream
with all of them. Readers ask a store for the states of its resources, which needs no network and reads no
content, and then read those that have changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from gbook.errors import InvalidFile

__all__ = ["Item", "State", "Store", "read_settled"]

# How long to read a resource again that is not valid yet, because another program is writing it.
RETRY_SECONDS = 1.0
_PAUSE_SECONDS = 0.05

T = TypeVar("T")
# The fields of a Fingerprint.
State = tuple[int, int, int, int]


class Store(Protocol):
    """A calendar. Stores are hashable, and equal if and only if they are the same calendar."""

    @property
    def key(self) -> str:
        """What identifies the calendar in the cache, and sorts calendars that are locked together."""

    @property
    def is_remote(self) -> bool:
        """Whether it is on a server, so that it must be asked before its state is known."""

    def look(self) -> list[tuple[str, State]]:
        """Return the name and the state of each resource, sorted by name. Raises GbookError.

        The name in a single stream is empty. The state of a resource changes if and only if its content does.
        """

    def summary(self) -> State | None:
        """Return a state that changes when a resource is added, removed or replaced; None if unreadable."""

    def state(self, name: str) -> State | None:
        """Return the state of one resource; None if there is none."""

    def read(self, name: str) -> bytes:
        """Return the content of a resource. Raises GbookError if it cannot be read as a whole."""

    def exists(self, name: str) -> bool:
        """Return whether there is a resource of this name, readable or not."""

    def is_being_written(self, name: str) -> bool:
        """Return whether another program seems to be writing a resource just now."""

    def name_for(self, uid: str) -> str:
        """Return the name of the resource that holds the event `uid` of gbook's, or would hold it."""

    def remark(self) -> str | None:
        """Return what to know of a remote calendar that may be read: that it is old."""

    def own_names(self) -> list[str]:
        """Return the names of all resources that may hold events of gbook's. Raises GbookError."""

    def location(self, name: str) -> str:
        """Return where a resource is, for messages; it contains no secret."""


class Item(NamedTuple):
    """One resource of a calendar, which need not exist."""

    store: Store
    name: str

    def __str__(self) -> str:
        return self.store.location(self.name)

    def read(self) -> bytes:
        """Return its content. Raises GbookError."""
        return self.store.read(self.name)

    def read_existing(self) -> bytes | None:
        """Return its content; None if it does not exist. Raises GbookError."""
        return self.read() if self.store.exists(self.name) else None


def read_settled(item: Item, read: Callable[[bytes], T]) -> T:
    """Return `read` of the content of a resource; retry while it is invalid and being written.

    Raises GbookError; InvalidFile (from `read`) if it is still invalid when no program writes it.
    """
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return read(item.read())
        except InvalidFile:
            if not item.store.is_being_written(item.name) or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)
