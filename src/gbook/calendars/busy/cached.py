"""The cached content of calendars: plain data that loads and stores fast.

A warm query imports this module, and none of those that read calendars.
"""

from typing import Literal

import msgspec

from gbook.engine.intervals import Interval

__all__ = [
    "FORMAT",
    "CachedCalendar",
    "CachedFile",
    "Diagnostic",
    "MergedFiles",
    "OwnBooking",
    "Policy",
    "ReadOptions",
    "SeriesBusy",
]

# Goes up when the same bytes of a calendar begin to give other rows.
FORMAT = 3


class Policy(msgspec.Struct, frozen=True):
    """How the events of one calendar count (gbook.yaml, a calendar's entry)."""

    blocking: Literal["transp", "always", "never"] = "transp"
    all_day: Literal["busy", "free"] = "busy"
    tentative: Literal["busy", "free"] = "busy"
    unanswered: Literal["busy", "free"] = "busy"
    travel: Literal["busy", "free"] = "busy"


class ReadOptions(msgspec.Struct, frozen=True):
    """Everything besides the file that its busy time depends on."""

    # The account's address, by which its own answer to an invitation is found.
    email: str
    # The zone of floating and all-day times if the file has none: the account's, else the profile's.
    zone: str
    policy: Policy = Policy()


class OwnBooking(msgspec.Struct, frozen=True, array_like=True):
    """One copy of an event of gbook's, as availability needs it. Times are instants, buffers are seconds."""

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
    # The time that its profile kept free before and after it; None if the event does not say.
    buffers: tuple[int, int] | None = None
    # The proposal that a reservation belongs to.
    proposal: str = ""
    # Of a date of a series: its start by the rule (RECURRENCE-ID), an instant.
    recurrence: int | None = None
    # The address of its guest, as written.
    guest: str = ""

    @property
    def key(self) -> tuple[str, int | None]:
        """What all copies of a booking have in common: its UID, and which date of the series it is."""
        return self.uid, self.recurrence

    def blocks_at(self, now: int) -> bool:
        """Return whether the booking takes its time at `now`: a reservation may have expired."""
        return self.blocks and (self.expires is None or self.expires > now)


class Diagnostic(msgspec.Struct, frozen=True, array_like=True):
    """A warning about a line of a file."""

    code: str
    message: str
    line: int | None = None
    # The time that a free/busy calendar covers; a query beyond it gets a warning.
    covered: Interval | None = None

    def concerns(self, low: int, high: int) -> bool:
        """Return whether it matters for a query of `[low, high)`."""
        return self.covered is None or low < self.covered[0] or self.covered[1] < high


class SeriesBusy(msgspec.Struct, frozen=True, array_like=True):
    """The busy intervals of a series for one account, and its diagnostics (code, message)."""

    intervals: list[Interval]
    diagnostics: list[tuple[str, str]] = []


class CachedFile(msgspec.Struct, frozen=True, array_like=True):
    """The content of one file of a calendar."""

    name: str
    fingerprint: tuple[int, int, int, int]
    # Busy time but for gbook's own events: starts and ends as packed 64-bit integers.
    starts: bytes
    ends: bytes
    booked: list[OwnBooking]
    diagnostics: list[Diagnostic]
    # dict[bytes, SeriesBusy], still encoded: it is needed only if the file changes.
    series: msgspec.Raw
    # The reason if the file could not be read; then all fields above are empty.
    fault: Diagnostic | None = None


class MergedFiles(msgspec.Struct, frozen=True, array_like=True):
    """The content of all files of a calendar; the fields are those of CachedFile."""

    starts: bytes
    ends: bytes
    booked: list[OwnBooking]
    # The name of each file with it.
    diagnostics: list[tuple[str, Diagnostic]]
    readable: bool


class CachedCalendar(msgspec.Struct, frozen=True, array_like=True):
    """The content of a calendar for the window `[low, high)`."""

    low: int
    high: int
    # The digest of the names and fingerprints of its files.
    digest: bytes
    merged: MergedFiles
    # list[CachedFile], still encoded: it is needed only if a file changes.
    items: msgspec.Raw
