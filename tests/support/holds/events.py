"""The events of the simulation, and their bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

__all__ = ["Event", "decode", "encode"]


class Event(NamedTuple):
    """An event; times are minutes, but `expires`, which is seconds of a wall clock."""

    uid: str
    start: int
    end: int
    # confirmed, tentative (a hold), cancelled
    status: str
    # The calendar of the host; empty for an event of a foreign program.
    host: str = ""
    # The attempt that has written it.
    attempt: str = ""
    # When a hold expires; 0 for an event that is no hold.
    expires: float = 0.0
    # The booking that a hold is for: a move has a hold with a UID of its own.
    booking: str = ""

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end

    @property
    def is_confirmed(self) -> bool:
        """Whether it is a booking of gbook's that takes time."""
        return self.status == "confirmed" and self.host != ""


def encode(event: Event) -> bytes:
    return ";".join(map(str, event)).encode()


@lru_cache(100_000)
def decode(content: bytes) -> Event:
    """Read an event; a server may have added blanks."""
    uid, start, end, status, host, attempt, expires, booking = content.decode().strip().split(";")
    return Event(uid, int(start), int(end), status, host, attempt, float(expires), booking)
