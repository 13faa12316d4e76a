"""The busy time of many calendars; only files that have changed are read again.

The cache keeps the content of each calendar for a window somewhat wider than the query's, with the
fingerprints of its files. In a vdir, only changed items are read again; in a changed file, only new series
are expanded.
"""

from __future__ import annotations

import os
import struct
import time
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import msgspec

from gbook import __version__
from gbook.cache import UNTIED, UNTRUSTED, Cache, Fingerprint
from gbook.calendars.busy.cached import (
    FORMAT,
    CachedCalendar,
    CachedFile,
    Diagnostic,
    MergedFiles,
    OwnBooking,
    ReadOptions,
    SeriesBusy,
)
from gbook.calendars.commit.pending import confirm_remote, make_current
from gbook.calendars.stores.base import Item, State, Store, read_settled
from gbook.engine.intervals import Interval, Intervals
from gbook.errors import GbookError, InvalidFile, Warn, unread
from gbook.timeutil.instants import DAY
from gbook.timeutil.zones import database

if TYPE_CHECKING:
    from gbook.calendars.busy.reader import FileBusy

__all__ = ["CalendarBusy", "Source", "confirm_sources", "load_bookings", "load_calendars", "versions"]

# The widest window that is kept because of an earlier query.
MAX_HORIZON = 800 * DAY
# The least number of bytes for which a second process saves time.
PARALLEL_BYTES = 6 << 20

Progress = Callable[[int, int], None]


class Source(msgspec.Struct, frozen=True):
    """A calendar to read, and how to read it; `shown` is how gbook.yaml names it."""

    account_id: str
    store: Store
    shown: str
    options: ReadOptions
    # Only others write it: gbook's events in it are of another workspace.
    is_foreign: bool = False


class CalendarBusy(msgspec.Struct, frozen=True):
    """The time of an account in one calendar. If it is not `readable`, none of that time is free.

    `busy` is cut to the window; `booked` has every event of gbook's, at any time.
    """

    busy: Intervals
    booked: list[OwnBooking]
    warnings: list[Warn]
    readable: bool = True


class _Task(msgspec.Struct, frozen=True):
    """One resource to read, and its state before that."""

    item: Item
    state: State
    options: ReadOptions
    low: int
    high: int
    known: bytes


def load_calendars(
    sources: Sequence[Source], low: int, high: int, cache: Cache, progress: Progress | None = None
) -> list[CalendarBusy]:
    """Return the busy time of each source in `[low, high)` (instants), in the order given."""
    failed = make_current(source.store for source in sources)
    readers = [_Reader(source, (low, high), cache, failed.get(source.store)) for source in sources]
    _read_all([(reader, task) for reader in readers for task in reader.tasks], progress)
    return [reader.result() for reader in readers]


def confirm_sources(sources: Iterable[Source]) -> None:
    """Ask the servers of remote calendars, all at the same time, before some of them are loaded."""
    confirm_remote(source.store for source in sources)


def load_bookings(sources: Sequence[Source], cache: Cache) -> list[list[CachedFile] | None]:
    """Return gbook's bookings: the files of each source, or None if it cannot be read."""
    failed = make_current(source.store for source in sources)
    readers = [_Reader(source, None, cache, failed.get(source.store)) for source in sources]
    _read_all([(reader, task) for reader in readers for task in reader.tasks], None)
    return [reader.finish() if reader.unreadable is None else None for reader in readers]


class _Reader:
    """The reading of one calendar: its cached files, the files to read, and the result.

    `window_asked` is the window of the query; None if it needs only the events of gbook's.
    """

    def __init__(
        self, source: Source, window_asked: Interval | None, cache: Cache, unreadable: GbookError | None
    ) -> None:
        self.source = source
        self.window_asked = window_asked
        self.cache = cache
        # The path and the context of the calendar's row in the cache.
        self.row: tuple[str, str] = (source.store.key, _context(versions(), source.options))
        self.tasks: list[_Task] = []
        self.items: list[CachedFile] = []
        # The content of all files together, if none has changed.
        self.merged: MergedFiles | None = None
        self.unreadable = unreadable
        try:
            if unreadable is None:
                self._plan(source.store)
        except GbookError as error:
            self.unreadable = error

    def _plan(self, store: Store) -> None:
        cached = self.cache.get_value(*self.row, CachedCalendar, UNTIED)
        self.window = _window(cached, *self.window_asked) if self.window_asked else _any_window(cached)
        covered = cached is not None and self.window == (cached.low, cached.high)
        self.changed = True
        states = None if store.is_remote and covered else store.look()
        if self.window_asked and cached and covered and cached.digest == _digest(store, states):
            self.merged, self.changed = cached.merged, False
            return
        states = store.look() if states is None else states
        known = {item.name: item for item in _decoded(cached.items)} if cached and covered else {}
        for name, state in states:
            item = known.get(name)
            if item is not None and item.fingerprint == state:
                self.items.append(item)
            else:
                series = bytes(item.series) if item else b""
                resource = Item(self.source.store, name)
                self.tasks.append(_Task(resource, state, self.source.options, *self.window, series))
        self.changed = bool(self.tasks) or len(known) != len(states)

    def finish(self) -> list[CachedFile]:
        """Return the items, and cache them if any was read."""
        if self.changed:
            self.items.sort(key=lambda item: item.name)
            self.merged = _merge(self.items)
            # A folder with a name that is not UTF-8 is read again each time.
            with suppress(UnicodeEncodeError):
                items = msgspec.Raw(msgspec.msgpack.encode(self.items))
                states = [(item.name, item.fingerprint) for item in self.items]
                digest = _digest(self.source.store, states)
                cached = CachedCalendar(*self.window, digest, self.merged, items)
                self.cache.put_value(*self.row, cached, UNTIED)
        return self.items

    def result(self) -> CalendarBusy:
        """Return the merged content of the items, cut to the window."""
        source, window_asked = self.source, self.window_asked or self.window
        if self.unreadable is not None:
            warning = unread(self.unreadable, source.account_id, source.shown)
            return CalendarBusy(Intervals(), [], [warning], readable=False)
        if self.merged is None:
            self.finish()
        merged = self.merged or _merge(self.items)
        return CalendarBusy(
            _unpack(merged).clip(*window_asked),
            merged.booked,
            [
                *(
                    self._warning(name, diagnostic)
                    for name, diagnostic in merged.diagnostics
                    if diagnostic.concerns(*window_asked)
                ),
                *(Warn("old_feed", remark, source.account_id, source.shown) for remark in self._remarks()),
            ],
            readable=merged.readable,
        )

    def _remarks(self) -> list[str]:
        remark = self.source.store.remark() if self.source.store.is_remote else None
        return [remark] if remark else []

    def _warning(self, name: str, diagnostic: Diagnostic) -> Warn:
        shown = f"{self.source.shown}/{name}" if name else self.source.shown
        return Warn(diagnostic.code, diagnostic.message, self.source.account_id, shown, diagnostic.line)


def _digest(store: Store, states: Sequence[tuple[str, State]] | None) -> bytes:
    """Return a digest of the names and states of resources; a new one if a name is not UTF-8.

    Without `states`, a remote calendar gives it at once. That of a few files is the states themselves:
    importing the module of hashes takes milliseconds.
    """
    if store.is_remote:
        from gbook.calendars.stores.mirror import summary_of

        whole = store.summary() if states is None else summary_of(state for _, state in states)
        return msgspec.msgpack.encode(whole)
    assert states is not None
    try:
        encoded = msgspec.msgpack.encode(states)
    except UnicodeEncodeError:
        return os.urandom(16)
    if len(encoded) <= 1024:
        return encoded
    from hashlib import blake2b

    return blake2b(encoded, digest_size=16).digest()


def _decoded(items: msgspec.Raw) -> list[CachedFile]:
    return msgspec.msgpack.decode(items, type=list[CachedFile])


def _merge(items: Sequence[CachedFile]) -> MergedFiles:
    """Return the content of all files together."""
    busy = (
        _unpack(items[0])
        if len(items) == 1
        else Intervals(interval for item in items for interval in _unpack(item))
    )
    return MergedFiles(
        _packed(busy.starts),
        _packed(busy.ends),
        [booking for item in items for booking in item.booked],
        [
            (item.name, diagnostic)
            for item in items
            for diagnostic in (*item.diagnostics, item.fault)
            if diagnostic
        ],
        readable=not any(item.fault for item in items),
    )


def _unpack(item: CachedFile | MergedFiles) -> Intervals:
    return Intervals.from_sorted(_instants(item.starts), _instants(item.ends))


def _packed(instants: list[int]) -> bytes:
    """Return instants as 64-bit integers."""
    return struct.pack(f"{len(instants)}q", *instants)


def _instants(packed: bytes) -> list[int]:
    return memoryview(packed).cast("q").tolist()


def _window(cached: CachedCalendar | None, low: int, high: int) -> tuple[int, int]:
    """Return the window to read: the cached one if it covers the query, else one that covers both if it can.

    It covers both so that two queries in turns do not undo each other's work.
    """
    if cached is None:
        return horizon(low, high)
    if cached.low <= low and high <= cached.high:
        return cached.low, cached.high
    low, high = horizon(low, high)
    both = min(low, cached.low), max(high, cached.high)
    return both if both[1] - both[0] <= MAX_HORIZON else (low, high)


def _any_window(cached: CachedCalendar | None) -> Interval:
    """Return the window to read for events of gbook's alone: the cached one, else an empty one."""
    return (cached.low, cached.high) if cached else (0, 0)


def horizon(low: int, high: int) -> tuple[int, int]:
    """Return a wider window, in whole days, so that tomorrow's query is covered too."""
    spare = max(7 * DAY, (high - low) // 4)
    return (low // DAY - 1) * DAY, -(-(high + spare) // DAY) * DAY


@lru_cache(maxsize=4096)
def _context(versions: str, options: ReadOptions) -> str:
    """Return what a row depends on besides the files."""
    return f"{versions} {msgspec.json.encode(options).decode()}"


@cache
def versions() -> str:
    """Return the versions that the meaning of a file depends on: of gbook, its rows, and the tz database."""
    folders = [folder for folder in zoneinfo.TZPATH if os.path.isdir(folder)]
    changed = [str(os.stat(folder).st_mtime_ns) for folder in folders]
    return " ".join([__version__, str(FORMAT), database().version, *changed])


def _read_all(work: Sequence[tuple[_Reader, _Task]], progress: Progress | None) -> None:
    """Read the files of all tasks, in several processes if there is enough to read."""
    total = sum(_size(task) for _, task in work)
    tasks = [task for _, task in work]
    done = 0
    for (reader, task), item in zip(work, _items(tasks, total), strict=True):
        reader.items.append(item)
        done += _size(task)
        if progress:
            progress(done, total)


def _size(task: _Task) -> int:
    return task.state[0]


def _items(tasks: Sequence[_Task], total: int) -> Iterable[CachedFile]:
    if total < PARALLEL_BYTES:
        return map(_read_item, tasks)
    # Imported once, before the processes fork.
    import gbook.calendars.busy.items  # noqa: F401
    from gbook.calendars.busy.processes import in_processes

    return in_processes(_read_item, tasks)


def _read_item(task: _Task) -> CachedFile:
    """Read one file, in this process or another."""
    from gbook.calendars.busy.reader import read_booked_only, read_busy

    def read(data: bytes) -> FileBusy:
        if task.low == task.high:
            return read_booked_only(data, task.options)
        if not task.item.name:
            return read_busy(data, task.options, task.low, task.high, _known(task.known))
        from gbook.calendars.busy.items import read_item

        return read_item(data, task.options, task.low, task.high, _known(task.known))

    def read_once(data: bytes) -> FileBusy:
        from gbook.calendars.busy.recent import once

        return once(data, (versions(), task.options, task.low, task.high, bool(task.item.name)), read)

    # A later change of the file shows in its fingerprint only if the file is settled now.
    fingerprint = Fingerprint(*task.state).trusted(time.time_ns())
    try:
        content = read_settled(task.item, read_once if fingerprint == UNTRUSTED else read)
    except InvalidFile as error:
        problem = error.problems[0]
        return _faulty(task.item.name, Diagnostic("unreadable_calendar", problem.message, problem.line))
    except GbookError as error:
        return _faulty(task.item.name, Diagnostic("unreadable_calendar", error.message))
    return CachedFile(
        task.item.name,
        fingerprint,
        _packed(content.busy.starts),
        _packed(content.busy.ends),
        content.booked,
        content.diagnostics,
        msgspec.Raw(msgspec.msgpack.encode(content.series)),
    )


def _faulty(name: str, fault: Diagnostic) -> CachedFile:
    return CachedFile(name, UNTRUSTED, b"", b"", [], [], msgspec.Raw(msgspec.msgpack.encode({})), fault)


def _known(series: bytes) -> Mapping[bytes, SeriesBusy]:
    return msgspec.msgpack.decode(series, type=dict[bytes, SeriesBusy]) if series else {}
