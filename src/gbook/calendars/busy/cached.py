"""What gbook keeps of a calendar once it was read: plain data, light to load and to store.

A warm query imports this and nothing of what reads calendars.
"""

from typing import Literal

import msgspec

from gbook.engine.intervals import Interval

__all__ = ["CachedCalendar", "CachedFile", "Diagnostic", "OwnBooking", "Policy", "ReadOptions", "SeriesBusy"]


class Policy(msgspec.Struct, frozen=True):
    """How the events of one calendar count (gbook.yaml, a calendar's entry)."""

    blocking: Literal["transp", "always", "never"] = "transp"
    all_day: Literal["busy", "free"] = "busy"
    tentative: Literal["busy", "free"] = "busy"
    unanswered: Literal["busy", "free"] = "busy"
    travel: Literal["busy", "free"] = "busy"


class ReadOptions(msgspec.Struct, frozen=True):
    """Through whose eyes a calendar is read. Everything but the file that its busy time depends on."""

    # The account's address, which its own answer to an invitation is found by.
    email: str
    # The zone of floating and all-day times where the file names none: the account's, else the profile's.
    zone: str
    policy: Policy = Policy()


class OwnBooking(msgspec.Struct, frozen=True, array_like=True):
    """An event of gbook's: one copy, as availability needs it. Instants; buffers in seconds."""

    uid: str
    start: int
    end: int
    profile: str
    host: str
    # Whether it takes the time of the account whose calendar it is in; until when (a reservation's expiry).
    blocks: bool
    expires: int | None = None
    # The accounts that take part (X-GBOOK-ACCOUNTS).
    accounts: tuple[str, ...] = ()
    sequence: int = 0
    cancelled: bool = False
    # The addresses, in lower case, of attendees who have declined in this copy.
    declined: tuple[str, ...] = ()
    # What its profile kept free before and after it; None: it does not say.
    buffers: tuple[int, int] | None = None
    # The proposal that a reservation is one of.
    proposal: str = ""

    def blocks_at(self, now: int) -> bool:
        """Whether it takes its time for a question asked at `now`."""
        return self.blocks and (self.expires is None or self.expires > now)


class Diagnostic(msgspec.Struct, frozen=True, array_like=True):
    """A warning about a line of a file."""

    code: str
    message: str
    line: int | None = None


class SeriesBusy(msgspec.Struct, frozen=True, array_like=True):
    """What a series gives an account: its busy spans, and what was noticed (code, message)."""

    intervals: list[Interval]
    notes: list[tuple[str, str]] = []


class CachedFile(msgspec.Struct, frozen=True, array_like=True):
    """What one file of a calendar said."""

    name: str
    fingerprint: tuple[int, int, int, int]
    # Busy time but for gbook's own events: starts and ends as packed 64-bit integers.
    starts: bytes
    ends: bytes
    booked: list[OwnBooking]
    notes: list[Diagnostic]
    # dict[bytes, SeriesTime], still encoded: only a file that changed asks for it.
    series: msgspec.Raw
    # Why the file could not be read; then nothing above holds.
    fault: Diagnostic | None = None


class CachedCalendar(msgspec.Struct, frozen=True, array_like=True):
    """What a calendar said about the window `[low, high)`."""

    low: int
    high: int
    items: list[CachedFile]
