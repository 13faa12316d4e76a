"""Bookings in the calendars of other accounts that name an account of the query, and those of guests.

A query reads the calendars of its own accounts in full. From all other calendars of the workspace it needs
only the few bookings that name one of its accounts. So one row of the cache keeps, for each calendar, what
shows a change (one `stat`), the accounts that its bookings name, and the bookings, which are decoded only if
needed.
"""

from __future__ import annotations

import time
from collections.abc import Set
from pathlib import Path

import msgspec

from gbook.cache import UNTIED, UNTRUSTED, Cache, Fingerprint
from gbook.calendars.busy.cached import CachedFile, OwnBooking
from gbook.calendars.busy.loader import Source, load_bookings, versions
from gbook.calendars.stores.base import State, Store

__all__ = ["Elsewhere", "bookings_elsewhere", "bookings_of_guests"]


class Elsewhere(msgspec.Struct, frozen=True):
    """The bookings that were asked for, each with its source, and the sources that cannot be read."""

    bookings: list[tuple[Source, OwnBooking]]
    unreadable: list[Source]


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """The cached bookings of one calendar."""

    # Of the file, or of the folder of a vdir, which changes when an item is added, removed or replaced.
    fingerprint: tuple[int, int, int, int]
    # Of a vdir: its items with bookings, because an item may also be written in place.
    items: list[tuple[str, tuple[int, int, int, int]]]
    # Every account that its bookings name.
    accounts: list[str]
    # list[OwnBooking], still encoded.
    booked: msgspec.Raw

    def is_current(self, store: Store, now: State | None) -> bool:
        """Return whether a calendar is unchanged; `now` is its present summary."""
        return now == self.fingerprint and all(store.state(name) == known for name, known in self.items)

    def bookings_of(self, accounts: Set[str]) -> list[OwnBooking]:
        """Return the bookings that name one of `accounts`; none are decoded if no booking does."""
        if accounts.isdisjoint(self.accounts):
            return []
        return [booking for booking in self.all() if not accounts.isdisjoint(booking.accounts)]

    def all(self) -> list[OwnBooking]:
        """Return the bookings."""
        return msgspec.msgpack.decode(self.booked, type=list[OwnBooking])


def bookings_elsewhere(sources: list[Source], accounts: Set[str], home: Path, cache: Cache) -> Elsewhere:
    """Return the bookings in `sources` that name one of `accounts`; `home` is the key of the cache row."""
    known, unreadable = _entries(sources, home, cache)
    bookings = [(source, booking) for source, entry in known for booking in entry.bookings_of(accounts)]
    return Elsewhere(bookings, unreadable)


def bookings_of_guests(sources: list[Source], home: Path, cache: Cache) -> Elsewhere:
    """Return the bookings in `sources` that have a guest with an address; `home` is as above."""
    known, unreadable = _entries(sources, home, cache)
    bookings = [(source, booking) for source, entry in known for booking in entry.all() if booking.guest]
    return Elsewhere(bookings, unreadable)


def _entries(
    sources: list[Source], home: Path, cache: Cache
) -> tuple[list[tuple[Source, _Entry]], list[Source]]:
    """Return the entry of each source that can be read, and the sources that cannot, in whole or in part."""
    row = str(home), f"bookings {versions()}"
    # A copy: the value is that of all threads.
    entries = dict(cache.get_value(*row, dict[str, _Entry], UNTIED) or {})
    present = {source.store: source.store.summary() for source in sources}
    keys = [f"{source.store.key} {msgspec.json.encode(source.options).decode()}" for source in sources]
    changed = [
        (key, source)
        for key, source in zip(keys, sources, strict=True)
        if (entry := entries.get(key)) is None or not entry.is_current(source.store, present[source.store])
    ]
    unreadable = []
    read = load_bookings([source for _, source in changed], cache)
    for (key, source), items in zip(changed, read, strict=True):
        entries.pop(key, None)
        if items is None or any(item.fault for item in items):
            unreadable.append(source)
        if items is not None:
            entries[key] = _entry(items, present[source.store])
    if changed:
        cache.put_value(*row, entries, UNTIED)
    known = [(source, entries[key]) for key, source in zip(keys, sources, strict=True) if key in entries]
    return known, unreadable


def _entry(items: list[CachedFile], present: State | None) -> _Entry:
    """Return the entry of a calendar with these files; `present` is its summary before they were read."""
    booked = [booking for item in items for booking in item.booked]
    file = items[0] if len(items) == 1 and not items[0].name else None
    faulty = any(item.fault for item in items)
    trusted: tuple[int, int, int, int]
    if file is None:
        trusted = Fingerprint(*present).trusted(time.time_ns()) if present and not faulty else UNTRUSTED
    else:
        # Of the bytes that were read: the file may have changed since.
        trusted = file.fingerprint
    return _Entry(
        trusted,
        [(item.name, item.fingerprint) for item in items if item.booked and file is None],
        sorted({account for booking in booked for account in booking.accounts}),
        msgspec.Raw(msgspec.msgpack.encode(booked)),
    )
