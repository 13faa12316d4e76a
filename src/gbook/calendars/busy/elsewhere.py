"""Bookings in the calendars of other accounts that name an account of the query.

A query reads the calendars of its own accounts in full. From all other calendars of the workspace it needs
only the few bookings that name one of its accounts. So one row of the cache keeps, for each calendar, what
shows a change (one `stat`), the accounts that its bookings name, and the bookings, which are decoded only if
needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Set
from pathlib import Path

import msgspec

from gbook.cache import UNTIED, UNTRUSTED, Cache, Fingerprint, fingerprint
from gbook.calendars.busy.cached import CachedFile, OwnBooking
from gbook.calendars.busy.loader import Source, load_bookings, versions

__all__ = ["Elsewhere", "bookings_elsewhere"]


class Elsewhere(msgspec.Struct, frozen=True):
    """The bookings that name an account, each with its source, and the sources that cannot be read."""

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

    def is_current(self, path: Path, now: Fingerprint | None) -> bool:
        """Return whether the calendar at `path` is unchanged; `now` is its present fingerprint."""
        return now == self.fingerprint and all(
            fingerprint(path / name) == known for name, known in self.items
        )

    def bookings_of(self, accounts: Set[str]) -> list[OwnBooking]:
        """Return the bookings that name one of `accounts`; none are decoded if no booking does."""
        if accounts.isdisjoint(self.accounts):
            return []
        booked = msgspec.msgpack.decode(self.booked, type=list[OwnBooking])
        return [booking for booking in booked if not accounts.isdisjoint(booking.accounts)]


def bookings_elsewhere(sources: list[Source], accounts: Set[str], home: Path, cache: Cache) -> Elsewhere:
    """Return the bookings in `sources` that name one of `accounts`; `home` is the key of the cache row."""
    row = str(home), f"bookings {versions()}"
    entries = cache.get_value(*row, dict[str, _Entry], UNTIED) or {}
    present = {source.path: _path_fingerprint(source.path) for source in sources}
    keys = [f"{source.path} {msgspec.json.encode(source.options).decode()}" for source in sources]
    changed = [
        (key, source)
        for key, source in zip(keys, sources, strict=True)
        if (entry := entries.get(key)) is None or not entry.is_current(source.path, present[source.path])
    ]
    unreadable = []
    read = load_bookings([source for _, source in changed], cache)
    for (key, source), items in zip(changed, read, strict=True):
        entries.pop(key, None)
        if items is None or any(item.fault for item in items):
            unreadable.append(source)
        if items is not None:
            entries[key] = _entry(items, present[source.path])
    if changed:
        cache.put_value(*row, entries, UNTIED)
    bookings = [
        (source, booking)
        for key, source in zip(keys, sources, strict=True)
        if key in entries
        for booking in entries[key].bookings_of(accounts)
    ]
    return Elsewhere(bookings, unreadable)


def _entry(items: list[CachedFile], present: Fingerprint | None) -> _Entry:
    """Return the entry of a calendar with these files; `present` is its fingerprint before they were read."""
    booked = [booking for item in items for booking in item.booked]
    file = items[0] if len(items) == 1 and not items[0].name else None
    faulty = any(item.fault for item in items)
    trusted: tuple[int, int, int, int]
    if file is None:
        trusted = present.trusted(time.time_ns()) if present and not faulty else UNTRUSTED
    else:
        # Of the bytes that were read: the file may have changed since.
        trusted = file.fingerprint
    return _Entry(
        trusted,
        [(item.name, item.fingerprint) for item in items if item.booked and file is None],
        sorted({account for booking in booked for account in booking.accounts}),
        msgspec.Raw(msgspec.msgpack.encode(booked)),
    )


def _path_fingerprint(path: Path) -> Fingerprint | None:
    """Return the fingerprint of a file or folder, or None if there is none."""
    try:
        return Fingerprint.of(os.stat(path))
    except OSError:
        return None
