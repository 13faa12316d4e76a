"""Expired reservations, which the next write to their calendar removes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.bookings.record import DAMAGED, read_record
from gbook.bookings.records import bookings_in
from gbook.calendars.commit.transaction import Change
from gbook.calendars.ics.edit import Remove
from gbook.calendars.ics.gbook_properties import EXPIRES
from gbook.calendars.ics.structure import read_structure
from gbook.calendars.stores.vdir import list_items, read_bytes

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["expired_reservations"]


def expired_reservations(calendars: Iterable[Path], now: int) -> list[Change]:
    """Return the changes that remove expired reservations from calendars whose locks are held."""
    changes = []
    for calendar in dict.fromkeys(calendars):
        for item in list_items(calendar):
            if item.name and "@gbook" not in item.name:
                continue
            data = read_bytes(item.path)
            if EXPIRES.encode() not in data:
                continue
            changes += [Change(calendar, item.path, (Remove(uid),), data) for uid in _expired(data, now)]
    return changes


def _expired(data: bytes, now: int) -> Iterator[str]:
    """Return the UIDs in a file that belong to one expired reservation and nothing else."""
    uids = Counter(event.uid for event in read_structure(data, "").events)
    for event in bookings_in(data):
        uid = str(event["UID"])
        if uids[uid] == 1 and _is_expired(event, now):
            yield uid


def _is_expired(event: Event, now: int) -> bool:
    if any(name in event for name in ("RRULE", "RDATE")):
        # Another program has made a series of it.
        return False
    try:
        record = read_record(event)
    except DAMAGED:
        return False
    return record.is_reservation and not record.holds(now)
