"""The guest's own calendar, as a mask over the times that a profile's hours give: it travels in the links.

    calendar ─► busy time ─► one bit for each possible time ─► `mine=` ─► "you are busy"

Nothing of the calendar is kept. The mask says only at which of the meeting's times the guest is busy.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, timedelta
from enum import Enum
from threading import BoundedSemaphore
from typing import NamedTuple
from zlib import crc32

import gbook
from gbook.calendars.busy.untrusted import read_untrusted
from gbook.engine.candidates import Candidates, bits
from gbook.engine.intervals import Interval, Intervals
from gbook.service.problems import ApiError
from gbook.timeutil.instants import at_midnight
from gbook.workspace.workspace import Workspace

__all__ = ["MOST_TIMES", "OwnCalendar", "Times", "Unread", "read_busy", "times_from"]

# The days that are listed, and one before and after them: the days of a guest may begin hours apart.
DAYS = 37
# A profile with more possible times in five weeks has no comparison: the links would be too long.
MOST_TIMES = 16_000
# Two calendars are read at the same time; another one waits for this many seconds,
# not longer: who waits takes a thread from other guests.
_READING, WAIT = BoundedSemaphore(2), 2
_EPOCH = date(1970, 1, 1)
# The first day, counted from 1970, and a checksum of the times.
_HEAD = struct.Struct(">HH")


class Times(NamedTuple):
    """All times that a profile's hours give in the DAYS days from `first` on, in the profile's zone."""

    first: date
    possible: Candidates

    @property
    def checksum(self) -> int:
        """Two bytes that differ, nearly always, for other times or another length."""
        starts, duration = self.possible.starts, self.possible.meeting.duration
        return crc32(struct.pack(f">{len(starts) + 1}q", duration, *starts)) & 0xFFFF

    @property
    def window(self) -> Interval:
        """The time from the first start to the last end."""
        starts = self.possible.starts
        return (starts[0], starts[-1] + self.possible.meeting.duration) if starts else (0, 0)


class Unread(Enum):
    """Why a guest's calendar was not compared, as the address of the times says it."""

    MISSING = "missing"
    # It is no calendar.
    NONE = "none"
    COSTLY = "costly"
    # No time is left, as where the time of an event cannot be read.
    FULL = "full"


class OwnCalendar(NamedTuple):
    """At which of the possible times a guest is busy."""

    times: Times
    mask: int

    @classmethod
    def of(cls, times: Times, busy: Intervals) -> OwnCalendar:
        """Compare a guest's busy time with the possible times."""
        return cls(times, times.possible.touched(busy))

    @classmethod
    def read(cls, workspace: Workspace, profile: gbook.Profile, text: str) -> OwnCalendar | None:
        """Return what a link says; None if it is damaged, or of a profile that had other times then."""
        try:
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            number, checksum = _HEAD.unpack_from(data)
        except (ValueError, struct.error):
            return None
        times = times_from(workspace, profile, _EPOCH + timedelta(days=number + 1))
        size, mask = len(times.possible), int.from_bytes(data[_HEAD.size :])
        if (times.checksum, _bytes(size)) != (checksum, len(data) - _HEAD.size) or mask >> size:
            return None
        return cls(times, mask)

    @property
    def text(self) -> str:
        """The mask as it is in a link: a third longer than the bits, in bytes."""
        head = _HEAD.pack((self.times.first - _EPOCH).days, self.times.checksum)
        data = head + self.mask.to_bytes(_bytes(len(self.times.possible)))
        return urlsafe_b64encode(data).decode().rstrip("=")

    @property
    def is_full(self) -> bool:
        """Whether no time is left, as where the time of an event cannot be read."""
        return self.mask == (1 << len(self.times.possible)) - 1

    @property
    def busy(self) -> frozenset[int]:
        """The starts of the times at which the guest is busy (instants)."""
        starts = self.times.possible.starts
        return frozenset(starts[position] for position in bits(self.mask))

    @property
    def known(self) -> frozenset[int]:
        """The starts of all times that were compared."""
        return frozenset(self.times.possible.starts)


def _bytes(bits: int) -> int:
    return -(-bits // 8)


def times_from(workspace: Workspace, profile: gbook.Profile, first: date) -> Times:
    """Return the possible times of a page whose days begin at `first`."""
    zone, day = gbook.profile_zone(workspace, profile), first - timedelta(days=1)
    window = at_midnight(day, zone), at_midnight(day + timedelta(days=DAYS), zone)
    return Times(day, gbook.find_candidates(profile, zone, window))


def read_busy(data: bytes, zone: str, times: Times) -> Intervals:
    """Return the busy time of a guest's calendar while a profile has possible times.

    `zone` is that of its times without one. Raises what `read_untrusted` raises, and ApiError if too many
    calendars are being read.
    """
    if not _READING.acquire(timeout=WAIT):
        raise ApiError(503, "calendars_waiting", "too many calendars are being read", Retry_After="10")
    try:
        return read_untrusted(data, zone, times.window)
    finally:
        _READING.release()
