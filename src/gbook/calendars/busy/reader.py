"""Read one file into what happens in a window, without cache or disk.

    bytes ─► scan ─► events ─► series ─► occurrences ─► busy time

`read_file` gives the events, for `why` and `check`; `read_busy` gives what availability needs.
Nothing is dropped silently: each fault becomes a diagnostic with its line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

import msgspec

from gbook.calendars.busy.cached import Diagnostic, OwnBooking, ReadOptions, SeriesBusy
from gbook.calendars.busy.events import Event, blocks, read_event, read_own_booking
from gbook.calendars.busy.file_zones import FileZones
from gbook.calendars.busy.freebusy import busy_periods, holds_events, of_owner, uncovered
from gbook.calendars.busy.own_dates import with_own_dates
from gbook.calendars.busy.recurrence import Expansion, Occurrence, Overrides, in_series, reach_of
from gbook.calendars.busy.vavailability import closed_time
from gbook.calendars.busy.versions import newest, repeated
from gbook.calendars.ics.content_lines import read_lines
from gbook.calendars.ics.scanner import Component, holds_own_events, scan
from gbook.calendars.ics.values import IcsDateTime, Zones, zone_of
from gbook.calendars.rules.budget import ExpansionBudget, TooManyOccurrences, blocked_until
from gbook.calendars.rules.rule import Unreadable
from gbook.engine.intervals import Interval, Intervals
from gbook.errors import InvalidFile, Problem
from gbook.timeutil.instants import ALL_TIME, DAY, END_OF_TIME

__all__ = ["MAX_EVENTS", "File", "FileBusy", "Series", "read_booked_only", "read_busy", "read_file"]

# A file may have this many events, series and zones near a window: they are all in memory at once.
MAX_EVENTS = 250_000


class Series(NamedTuple):
    """A VEVENT that repeats, and the overrides of its UID."""

    master: Event
    overrides: Overrides


class FileBusy(NamedTuple):
    """The time of one account in a window, by one file."""

    # Busy time without gbook's own events, which are in `booked`, whenever they are.
    busy: Intervals
    booked: list[OwnBooking]
    diagnostics: list[Diagnostic]
    # The busy time of each series, by the digest of its bytes: it need not be expanded again.
    series: dict[bytes, SeriesBusy]


class File(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The events of a file that may touch the window of `budget`."""

    options: ReadOptions
    budget: ExpansionBudget
    zones: FileZones
    components: Sequence[Component]
    # Whether the file has events at all, in the window or not.
    has_events: bool
    # The events that do not repeat, the dates of gbook's own series among them, and those that do.
    singles: Sequence[Event]
    series: Sequence[Series]
    # The faults of events and of anything between them.
    faults: Sequence[Diagnostic]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """The faults that reading the events found. An expansion and `freebusy` return their own."""
        return [*self.zones.diagnostics, *self.faults]

    def occurrences(self) -> Iterator[Occurrence]:
        """Yield every instance that touches the window, busy or not."""
        for event in self.singles:
            yield from self.single(event)
        for series in self.series:
            yield from self.expand(series)[0]

    def single(self, event: Event) -> Iterator[Occurrence]:
        """Yield the one instance of an event that does not repeat, if it touches the window."""
        start = event.start.instant
        end = event.extent.end(event.start) if event.extent else start
        if start - event.travel < self.budget.high and end > self.budget.low:
            yield Occurrence(start - event.travel, end, event)

    def expand(self, series: Series) -> tuple[list[Occurrence], list[Diagnostic]]:
        """Return the instances of a series that touch the window, and what is wrong with it.

        A series whose rule is too dense or unreadable takes all the time in which it may have instances.
        """
        master = series.master
        expansion = Expansion(master, series.overrides, self.zones.of(master.calendar), self.budget)
        occurrences: list[Occurrence] = []
        stopped: list[Diagnostic] = []
        try:
            occurrences.extend(expansion)
        except TooManyOccurrences as dense:
            occurrences.extend(self._unknown_instances(series, dense.until))
            stopped += _diagnostics(master, [str(dense)], "dense_rule")
        except Unreadable as error:
            occurrences.extend(self._unknown_instances(series, error.until))
            ends = blocked_until(error.until)
            stopped += _diagnostics(master, [f"{error}; it blocks all the time from its start {ends}"])
        return occurrences, [*stopped, *_diagnostics(master, expansion.faults)]

    def freebusy(self) -> tuple[Intervals, list[Diagnostic]]:
        """Return the busy time that components other than events give in the window, and their faults.

        It is what VAVAILABILITY closes, the busy periods of VFREEBUSY, and the time that these do not cover.
        """
        policy, low, high = self.options.policy, self.budget.low, self.budget.high
        if policy.blocking == "never":
            return Intervals(), []
        intervals: list[Interval] = []
        diagnostics: list[Diagnostic] = []
        if published := self._parts("VAVAILABILITY"):
            closed, faults = closed_time(published, self.budget, policy)
            intervals += closed
            diagnostics += faults
        parts = of_owner(self._parts("VFREEBUSY"), self.options.email)
        for part, zones in parts:
            periods, faults = busy_periods(part, zones, policy)
            intervals += [(start, end) for start, end in periods if start < high and end > low]
            diagnostics += faults
        if parts and not self.has_events:
            gaps, faults = uncovered(parts, low, high)
            intervals += gaps
            diagnostics += faults
        return Intervals(intervals), diagnostics

    def digest(self, series: Series) -> bytes:
        """Return a digest of the bytes of a series, and of those that give its zones a meaning."""
        calendar = series.master.calendar
        hashed = blake2b(self.zones.digest(calendar), digest_size=16)
        hashed.update(f"{calendar.zone} {calendar.method}".encode())
        hashed.update(series.master.content)
        hashed.update(series.overrides.digest)
        return hashed.digest()

    def _unknown_instances(self, series: Series, until: int | None) -> Iterator[Occurrence]:
        """Yield all the time that a series may take, once for each event that may describe its instances."""
        for event in (series.master, *series.overrides.futures):
            start = min(series.master.start.instant, event.start.instant) - event.travel
            end = END_OF_TIME if until is None else until + reach_of(event) - DAY
            if start < self.budget.high and self.budget.low < end:
                yield Occurrence(start, end, event)

    def _parts(self, name: str) -> list[tuple[Component, Zones]]:
        return [(part, self.zones.of(part.calendar)) for part in self.components if part.name == name]


def read_file(data: bytes, options: ReadOptions, low: int, high: int) -> File:
    """Return the events of a file that may touch `[low, high)` (instants).

    Raises InvalidFile if the bytes are not a complete iCalendar stream, or hold more than MAX_EVENTS of them.
    """
    components = list(islice(scan(data, low, high), MAX_EVENTS + 1))
    if len(components) > MAX_EVENTS:
        message = f"more than {MAX_EVENTS:,} events about the time that is asked for"
        raise InvalidFile("", [Problem(message, line=components[-1].line)])
    zones = FileZones(data, components, options.zone)
    events = [
        read_event(part, zones.of(part.calendar), options.policy)
        for part in components
        if part.name == "VEVENT"
    ]
    singles, series = _sort(with_own_dates(_current(data, events, zones, options), zones))
    _look_up_zones(series, zones)
    return File(
        options=options,
        budget=ExpansionBudget(low, high),
        zones=zones,
        components=components,
        has_events=holds_events(data),
        singles=singles,
        series=series,
        faults=[
            *_lost(components),
            *(each for event in events for each in _diagnostics(event, event.faults)),
        ],
    )


def _lost(components: Sequence[Component]) -> list[Diagnostic]:
    """Return a diagnostic for each place with something other than a component."""
    return [
        Diagnostic("no_calendar_data", part.broken or "", part.line) for part in components if not part.name
    ]


def _current(data: bytes, events: Sequence[Event], zones: FileZones, options: ReadOptions) -> list[Event]:
    """Return the events without those that have a newer version, in the window or outside it."""
    starts: dict[str, IcsDateTime] = {}
    for event in events:
        if event.recurrence_id is None:
            starts.setdefault(event.uid, event.start)
    events = [in_series(event, starts.get(event.uid)) for event in events]
    lines = {event.line for event in events}
    versions = list(events)
    if uids := repeated(data, events):
        for part in scan(data, *ALL_TIME):
            own = read_lines(part.content, {"UID"}).get("UID") if part.name == "VEVENT" else None
            if own and part.line not in lines and own[0].value.strip() in uids:
                versions.append(read_event(part, zones.of(part.calendar), options.policy))
    return [event for event in newest(versions) if event.line in lines]


def _sort(events: Sequence[Event]) -> tuple[list[Event], list[Series]]:
    """Return the single events and the series. An override is a single event, and known to its series."""
    changes = defaultdict(list)
    for event in events:
        if event.recurrence_id is not None and event.uid:
            changes[event.uid].append(event)
    overrides = {uid: Overrides(changed) for uid, changed in changes.items()}
    singles: list[Event] = []
    series: list[Series] = []
    for event in events:
        own = overrides.get(event.uid) if event.recurrence_id is None else None
        if event.is_series or (own and not event.is_ours):
            series.append(Series(event, own or _NO_OVERRIDES))
        else:
            singles.append(event)
    return singles, series


def _look_up_zones(series: Sequence[Series], zones: FileZones) -> None:
    """Look up the zones of all dates of series: an unknown one is reported even if no series is expanded."""
    for master, _ in series:
        for name in ("RDATE", "EXDATE"):
            for line in master.lines.get(name, ()):
                zone_of(line, zones.of(master.calendar))


def _diagnostics(event: Event, faults: Sequence[str], code: str = "malformed_event") -> list[Diagnostic]:
    return [Diagnostic(code, f"event {fault}", event.line) for fault in faults]


_NO_OVERRIDES = Overrides(())


def read_busy(
    data: bytes, options: ReadOptions, low: int, high: int, known: Mapping[bytes, SeriesBusy] | None = None
) -> FileBusy:
    """Return the busy time that a file gives an account in `[low, high)`.

    `known` has series that were expanded before, with the same options and window. Raises InvalidFile.
    """
    file = read_file(data, options, low, high)
    published, faults = file.freebusy()
    intervals = list(published)
    diagnostics = [*file.diagnostics, *faults]
    booked, kept = [], {}
    for event in file.singles:
        if event.is_ours:
            booking, unread = read_own_booking(event, options.policy, options.email)
            booked.append(booking)
            diagnostics += _diagnostics(event, unread)
        elif blocks(event, options.policy, options.email):
            intervals.extend((start, end) for start, end, _ in file.single(event))
    for series in file.series:
        digest = file.digest(series)
        if (busy := (known or {}).get(digest)) is None:
            busy = _series_busy(file, series)
        kept[digest] = busy
        intervals.extend(busy.intervals)
        diagnostics += (Diagnostic(code, message, series.master.line) for code, message in busy.diagnostics)
    return FileBusy(Intervals(intervals), booked, diagnostics, kept)


def read_booked_only(data: bytes, options: ReadOptions) -> FileBusy:
    """Return gbook's bookings in a file, without its other busy time. Raises InvalidFile."""
    if not holds_own_events(data) and data.rstrip().upper().endswith(b"END:VCALENDAR"):
        return FileBusy(Intervals(), [], [], {})
    return read_busy(data, options, 0, 0)


def _series_busy(file: File, series: Series) -> SeriesBusy:
    """Return the busy time of a series in the window; it is expanded only if some of it can block."""
    options = file.options
    if not series.overrides.futures and not blocks(series.master, options.policy, options.email):
        return SeriesBusy([], [])
    intervals: list[Interval] = []
    busy_by_line: dict[int, bool] = {}
    occurrences, diagnostics = file.expand(series)
    for start, end, event in occurrences:
        if (is_busy := busy_by_line.get(event.line)) is None:
            is_busy = busy_by_line[event.line] = blocks(event, options.policy, options.email)
        if is_busy:
            intervals.append((start, end))
    return SeriesBusy(intervals, [(diagnostic.code, diagnostic.message) for diagnostic in diagnostics])
