"""The busy time of a calendar that a stranger sends: read by the engine's reader, in a process of its own.

    bytes ─► stdin of a child with limits ─► read_busy ─► stdout ─► busy time

An export of 16 MiB is read in a second and less than 64 MiB of memory, but a small file can be made to take
minutes: the child may use only so much, and does not slow down the threads of a server. Nothing is written
to a disk, and no message quotes the calendar.
"""

from __future__ import annotations

import codecs
import io
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from gbook.calendars.busy.cached import ReadOptions
from gbook.engine.intervals import Interval, Intervals
from gbook.errors import InvalidFile

__all__ = ["CostsTooMuch", "Limits", "read_untrusted"]

# The exit code of the child for bytes that are no calendar.
NO_CALENDAR = 3
# The calendars of an archive, unpacked; a single file is limited by its sender.
MOST_UNPACKED = 64 << 20
_ZIP, _UTF_16 = b"PK\x03\x04", (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CostsTooMuch(Exception):
    """A calendar cannot be read within the limits."""


class Limits(NamedTuple):
    """What reading may cost: seconds of a processor, seconds in all, and bytes of memory."""

    processor: int = 3
    seconds: float = 10
    memory: int = 256 << 20


def read_untrusted(data: bytes, zone: str, window: Interval, limits: Limits = Limits()) -> Intervals:
    """Return the busy time of a calendar in `window` (instants).

    It may be a file, or a ZIP archive of some, as Google exports them. `zone` is that of times that name
    none. Tentative events count as busy, and so does time that cannot be known. Raises InvalidFile for bytes
    that are not a calendar, CostsTooMuch.
    """
    import subprocess

    arguments = [zone, *map(str, window), str(limits.processor), str(limits.memory)]
    # -P: the folder in which gbook runs is not a place of modules.
    command = [sys.executable, "-P", "-m", __name__, *arguments]
    try:
        child = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CostsTooMuch("the calendar takes too long to read") from None
    if child.returncode == NO_CALENDAR:
        raise InvalidFile("", ["expected a calendar: its first line is BEGIN:VCALENDAR"])
    if child.returncode:
        raise CostsTooMuch("the calendar takes too much time or memory to read")
    return _unpacked(child.stdout)


def _busy_time(data: bytes, zone: str, window: Interval) -> Intervals:
    """Return the busy time of calendars, with the bookings that gbook made in them. Raises InvalidFile."""
    from gbook.calendars.busy.reader import read_busy

    busy = Intervals()
    for calendar in _unzipped(data) if data.startswith(_ZIP) else [data]:
        file = read_busy(_in_utf_8(calendar), ReadOptions("", zone), *window)
        booked = Intervals((one.start, one.end) for one in file.booked if one.blocks_at(window[0]))
        busy |= file.busy | booked
    return busy.clip(*window)


def _in_utf_8(data: bytes) -> bytes:
    """Return a text in UTF-8 if it begins with the mark of UTF-16, as some programs on Windows write it."""
    return data.decode("utf-16", "replace").encode() if data.startswith(_UTF_16) else data


def _unzipped(data: bytes) -> Iterator[bytes]:
    """Yield the calendars of an archive. Raises InvalidFile if it has none, CostsTooMuch."""
    import zipfile
    import zlib

    left, found = MOST_UNPACKED, False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if member.filename.lower().endswith(".ics"):
                    with archive.open(member) as unpacked:
                        calendar = unpacked.read(left + 1)
                    left, found = left - len(calendar), True
                    if left < 0:
                        raise CostsTooMuch("the calendars of an archive are too large")
                    yield calendar
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # Damaged, compressed in a way that Python does not know, or locked with a password.
        raise InvalidFile("", ["the archive cannot be read"]) from error
    if not found:
        raise InvalidFile("", ["the archive has no calendar"])


def _limit(processor: int, memory: int) -> None:
    """Limit this process; a system without such limits has the time of its parent."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _packed(intervals: Intervals) -> bytes:
    """Return intervals as 64-bit integers: all starts, then all ends."""
    return struct.pack(f"{2 * len(intervals)}q", *intervals.starts, *intervals.ends)


def _unpacked(packed: bytes) -> Intervals:
    instants = memoryview(packed).cast("q").tolist()
    half = len(instants) // 2
    return Intervals.from_sorted(instants[:half], instants[half:])


def _main(zone: str, low: str, high: str, processor: str, memory: str) -> int:
    """Read the calendar on stdin, and write its busy time to stdout."""
    _limit(int(processor), int(memory))
    try:
        busy = _busy_time(sys.stdin.buffer.read(), zone, (int(low), int(high)))
    except InvalidFile:
        return NO_CALENDAR
    sys.stdout.buffer.write(_packed(busy))
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
