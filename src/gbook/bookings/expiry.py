"""Expired reservations, which the next write to their calendar removes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gbook.bookings.event_reader import DAMAGED, own_components, read_event
from gbook.bookings.planned import Change
from gbook.calendars.ics.content_lines import read_lines
from gbook.calendars.ics.edit import Remove
from gbook.calendars.ics.gbook_properties import EXPIRES
from gbook.calendars.ics.ownership import OwnEvent, own_lines
from gbook.calendars.ics.structure import read_structure
from gbook.calendars.stores.base import Item, Store

__all__ = ["expired_reservations"]


def expired_reservations(calendars: Iterable[Store], now: int) -> list[Change]:
    """Return the changes that remove expired reservations from calendars whose locks are held."""
    changes = []
    for calendar in dict.fromkeys(calendars):
        for name in calendar.own_names():
            data = calendar.read(name)
            if EXPIRES.encode() not in data:
                continue
            changes += [Change(Item(calendar, name), (Remove(uid),), data) for uid in _expired(data, now)]
    return changes


def _expired(data: bytes, now: int) -> Iterator[str]:
    """Return the UIDs in a file that belong to one expired reservation and nothing else."""
    uids = Counter(event.uid for event in read_structure(data, "").events)
    for uid, own in own_components(data):
        if uids[uid] == len(own.components) and _is_expired(uid, own, now):
            yield uid


def _is_expired(uid: str, own: OwnEvent, now: int) -> bool:
    try:
        booking = read_event(uid, own)
    except DAMAGED:
        return False
    if read_lines(own_lines(own.event), {"RRULE", "RDATE"}) and not (booking and booking.series):
        # Another program has made an endless series of it.
        return False
    return booking is not None and booking.is_reservation and not booking.holds(now)
