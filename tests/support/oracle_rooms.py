"""A second implementation of the choice of rooms, which shares nothing with gbook: it tries every room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Place", "Wish", "booked"]


@dataclass(frozen=True)
class Place:
    """A room: its seats if known, its features, and the hours of the day at which it is busy."""

    seats: int | None
    features: tuple[str, ...] = ()
    busy: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Wish:
    """What a meeting needs: rooms, seats by the profile and by the query, features."""

    rooms: int
    seats: int | None = None
    people: int | None = None
    features: tuple[str, ...] = ()


def booked(places: Mapping[str, Place], wish: Wish, hour: int, attendees: int) -> list[str] | None:
    """Return the rooms that a meeting at an hour gets, as listed; None if there are not enough."""
    left = [name for name in places if _is_free(places[name], wish, hour)]
    if len(left) < wish.rooms:
        return None
    taken: list[str] = []
    while len(taken) < wish.rooms:
        best = left[0]
        for name in left[1:]:
            if _is_better(places[name], places[best], wish, attendees):
                best = name
        left.remove(best)
        taken.append(best)
    return [name for name in places if name in taken]


def _is_free(place: Place, wish: Wish, hour: int) -> bool:
    if hour in place.busy:
        return False
    for number in (wish.seats, wish.people):
        if number is not None and (place.seats is None or place.seats < number):
            return False
    return all(any(has.lower() == want.lower() for has in place.features) for want in wish.features)


def _is_better(one: Place, other: Place, wish: Wish, attendees: int) -> bool:
    """Return whether a room is chosen before one that is listed earlier."""
    if one.seats is None or other.seats is None:
        if one.seats is None and other.seats is None:
            return False
        known = other.seats if one.seats is None else one.seats
        is_asked = wish.seats is not None or wish.people is not None
        large = is_asked or (known is not None and known >= attendees)
        return large if one.seats is not None else not large
    if wish.seats is None and wish.people is None:
        if one.seats >= attendees > other.seats:
            return True
        if other.seats >= attendees > one.seats:
            return False
        if one.seats < attendees and other.seats < attendees:
            return one.seats > other.seats
    return one.seats < other.seats
