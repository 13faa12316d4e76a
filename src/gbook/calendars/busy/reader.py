"""From the bytes of one file to what happens in a window: the whole path of a read, without index or disk.

    bytes ─► scan ─► events ─► series ─► occurrences ─► busy time

`File` holds the events, for those who want to see them (why, check); `read_busy` is what availability needs.
Nothing is dropped in silence: what cannot be read becomes a warning that names the line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

from gbook.calendars.busy.cached import Diagnostic, OwnBooking, ReadOptions, SeriesBusy
from gbook.calendars.busy.events import Event, blocks, read_event, read_own_booking
from gbook.calendars.busy.freebusy import busy_periods, holds_events, uncovered
from gbook.calendars.busy.recurrence import Occurrence, Overrides, in_series, occurrences, reach_of
from gbook.calendars.busy.vavailability import closed_time
from gbook.calendars.busy.versions import newest, repeated
from gbook.calendars.ics.content_lines import read_lines
from gbook.calendars.ics.frames import Enclosing
from gbook.calendars.ics.scanner import Component, holds_own_events, scan
from gbook.calendars.ics.values import IcsDateTime, Zones
from gbook.calendars.rules.budget import FOREVER, ExpansionBudget, TooManyOccurrences, blocked_until
from gbook.calendars.rules.rule import Unreadable
from gbook.calendars.zones.timezones import CalendarZones
from gbook.calendars.zones.vtimezone import by_tzid
from gbook.engine.intervals import Interval, Intervals
from gbook.errors import InvalidFile, Problem
from gbook.timeutil.instants import DAY
from gbook.timeutil.zones import find_zone

__all__ = ["MAX_EVENTS", "File", "FileBusy", "Series", "read_booked_only", "read_busy"]

# A file may have so many events, series and zones about the time that is asked for: what memory has to hold.
MAX_EVENTS = 250_000
LINES_LOOKED_FOR = 100
# All of the calendar, as instants.
EVER = (-62_000_000_000, FOREVER)


class Series(NamedTuple):
    """A VEVENT that repeats, and the overrides of its UID."""

    master: Event
    overrides: Overrides


class FileBusy(NamedTuple):
    """What a file says of one account's time in a window."""

    # Busy time in the window but for gbook's own events, which come one by one, whenever they are.
    busy: Intervals
    booked: list[OwnBooking]
    notes: list[Diagnostic]
    # What each series gave, by the digest of its bytes: it need not be expanded again.
    series: dict[bytes, SeriesBusy]


class File:
    """The events of a file that may touch `[low, high)` (instants), read and sorted out.

    Raises InvalidFile where the bytes are no complete iCalendar stream.
    """

    def __init__(self, data: bytes, view: ReadOptions, low: int, high: int) -> None:
        self.view = view
        self.low = low
        self.high = high
        self.notes: list[Diagnostic] = []
        self.singles: list[Event] = []
        self.series: list[Series] = []
        self._data = data
        self._walk = ExpansionBudget(low, high)
        self._components = list(islice(scan(data, low, high), MAX_EVENTS + 1))
        if len(self._components) > MAX_EVENTS:
            message = f"more than {MAX_EVENTS:,} events about the time that is asked for"
            raise InvalidFile("", [Problem(message, line=self._components[-1].line)])
        self._zones: dict[Enclosing, CalendarZones] = {}
        self._definitions: dict[Enclosing, list[bytes]] = defaultdict(list)
        for part in self._components:
            if part.name == "VTIMEZONE":
                self._definitions[part.calendar].append(part.content)
        every = sorted({definition for own in self._definitions.values() for definition in own})
        # What another VCALENDAR defines counts only where no two of them differ.
        self._elsewhere = {tzid: found for tzid, found in by_tzid(every).items() if len(found) == 1}
        self._zone_digests: dict[Enclosing, bytes] = {}
        self._sort(list(self._events()))

    def zones(self, calendar: Enclosing) -> Zones:
        """Return what TZID and times without a zone mean in a VCALENDAR."""
        if calendar not in self._zones:
            own = by_tzid(self._definitions.get(calendar, ()))
            zones = CalendarZones(find_zone(self.view.zone), self._unknown_zone, own, self._elsewhere)
            if calendar.zone:
                zones.fallback = zones.find(calendar.zone)
            self._zones[calendar] = zones
        return self._zones[calendar]

    def occurrences(self) -> Iterator[Occurrence]:
        """Every instance that touches the window, busy or not."""
        for event in self.singles:
            yield from self.single(event)
        for series in self.series:
            yield from self.instances(series)

    def instances(self, series: Series) -> Iterator[Occurrence]:
        """The instances of a series; what cannot be walked or read blocks as much as it may take."""
        master = series.master
        noted = len(master.faults)
        try:
            yield from occurrences(master, series.overrides, self.zones(master.calendar), self._walk)
        except TooManyOccurrences as dense:
            self._note("dense_rule", str(dense), master)
            yield from self._unknown_instances(series, dense.until)
        except Unreadable as error:
            ends = blocked_until(error.until)
            self._note("malformed_event", f"{error}; it blocks all the time from its start {ends}", master)
            yield from self._unknown_instances(series, error.until)
        self._note_faults(master, noted)

    def _unknown_instances(self, series: Series, until: int | None) -> Iterator[Occurrence]:
        """The time in which a series may have instances, all of it, for each event that may describe them."""
        for event in (series.master, *series.overrides.futures):
            start = min(series.master.start.instant, event.start.instant) - event.travel
            end = FOREVER if until is None else until + reach_of(event) - DAY
            if start < self.high and self.low < end:
                yield Occurrence(start, end, event)

    def freebusy(self) -> Iterator[Interval]:
        """Yield the busy time that components other than events give.

        What VAVAILABILITY closes, the busy periods of VFREEBUSY, and the time that these do not cover.
        """
        if self.view.policy.blocking == "never":
            return
        if published := self._parts("VAVAILABILITY"):
            yield from closed_time(published, self._walk, self.view.policy, self.notes)
        if not (parts := self._parts("VFREEBUSY")):
            return
        for part, zones in parts:
            for start, end in busy_periods(part, zones, self.view.policy, self.notes):
                if start < self.high and end > self.low:
                    yield start, end
        if not holds_events(self._data):
            yield from uncovered(parts, self.low, self.high, self.notes)

    def _parts(self, name: str) -> list[tuple[Component, Zones]]:
        return [(part, self.zones(part.calendar)) for part in self._components if part.name == name]

    def _events(self) -> Iterator[Event]:
        for part in self._components:
            if part.name == "VEVENT":
                yield read_event(part, self.zones(part.calendar), self.view.policy)
            elif not part.name:
                self.notes.append(Diagnostic("no_calendar_data", part.broken or "", part.line))

    def _newest(self, events: list[Event]) -> list[Event]:
        """Those of which there is no newer version, in the window or outside it."""
        known = {event.line for event in events}
        if names := repeated(self._data, events):
            for part in scan(self._data, *EVER):
                lines = read_lines(part.content, {"UID"}) if part.name == "VEVENT" else {}
                if part.line not in known and lines and lines["UID"][0].value.strip() in names:
                    events.append(read_event(part, self.zones(part.calendar), self.view.policy))
        return [event for event in newest(events) if event.line in known]

    def _sort(self, events: list[Event]) -> None:
        """An override is an event of its own; a series knows its overrides by their UID."""
        starts: dict[str, IcsDateTime] = {}
        for event in events:
            self._note_faults(event)
            if event.recurrence_id is None:
                starts.setdefault(event.uid, event.start)
        changes = defaultdict(list)
        current = self._newest([in_series(event, starts.get(event.uid)) for event in events])
        for event in current:
            if event.recurrence_id is not None and event.uid:
                changes[event.uid].append(event)
        overrides = {uid: Overrides(changed) for uid, changed in changes.items()}
        for event in current:
            own = overrides.get(event.uid) if event.recurrence_id is None else None
            if event.is_series or (own and not event.is_ours):
                self.series.append(Series(event, own or _NO_OVERRIDES))
            else:
                self.singles.append(event)

    def digest(self, series: Series) -> bytes:
        """What tells a series from every other: its bytes, and those that give its zones a meaning."""
        calendar = series.master.calendar
        hashed = blake2b(self._digest_of_zones(calendar), digest_size=16)
        hashed.update(f"{calendar.zone} {calendar.method}".encode())
        hashed.update(series.master.content)
        hashed.update(series.overrides.digest)
        return hashed.digest()

    def single(self, event: Event) -> Iterator[Occurrence]:
        """The one instance of an event that does not repeat."""
        start = event.start.instant
        end = event.extent.end(event.start) if event.extent else start
        if start - event.travel < self.high and end > self.low:
            yield Occurrence(start - event.travel, end, event)

    def booked(self, event: Event) -> OwnBooking:
        """What gbook wrote into its own event."""
        noted = len(event.faults)
        booked = read_own_booking(event, self.view.policy, self.view.email)
        self._note_faults(event, noted)
        return booked

    def _note_faults(self, event: Event, noted: int = 0) -> None:
        for fault in event.faults[noted:]:
            self._note("malformed_event", fault, event)

    def _note(self, code: str, message: str, event: Event) -> None:
        self.notes.append(Diagnostic(code, f"event {message}", event.line))

    def _digest_of_zones(self, calendar: Enclosing) -> bytes:
        """Return what tells the meaning of TZID in a VCALENDAR from any other."""
        if calendar not in self._zone_digests:
            hashed = blake2b(digest_size=16)
            elsewhere = [definition for _, found in sorted(self._elsewhere.items()) for definition in found]
            for definition in (*self._definitions.get(calendar, ()), b"", *elsewhere):
                hashed.update(definition)
            self._zone_digests[calendar] = hashed.digest()
        return self._zone_digests[calendar]

    def _unknown_zone(self, name: str, stated: tzinfo | None) -> tzinfo:
        # To look for each of very many would take for ever.
        at = self._data.find(name.encode()) if len(self.notes) < LINES_LOOKED_FOR else -1
        line = self._data.count(b"\n", 0, at) + 1 if at >= 0 else None
        instead = "the offset in its name" if stated else self.view.zone
        message = f"unknown time zone {name[:60]!r}: {instead} is taken instead"
        self.notes.append(Diagnostic("unknown_zone", message, line))
        return stated or find_zone(self.view.zone)


_NO_OVERRIDES = Overrides(())


def read_busy(
    data: bytes, view: ReadOptions, low: int, high: int, known: Mapping[bytes, SeriesBusy] | None = None
) -> FileBusy:
    """The busy time that a file gives an account in `[low, high)`.

    `known` holds series that were expanded before, for the same view and window. Raises InvalidFile.
    """
    file = File(data, view, low, high)
    intervals = list(file.freebusy())
    booked, kept = [], {}
    for event in file.singles:
        if event.is_ours:
            booked.append(file.booked(event))
        elif blocks(event, view.policy, view.email):
            intervals.extend((start, end) for start, end, _ in file.single(event))
    for series in file.series:
        digest = file.digest(series)
        if (time := (known or {}).get(digest)) is None:
            time = _series_time(file, series)
        kept[digest] = time
        intervals.extend(time.intervals)
        file.notes.extend(Diagnostic(code, message, series.master.line) for code, message in time.notes)
    return FileBusy(Intervals(intervals), booked, file.notes, kept)


def read_booked_only(data: bytes, view: ReadOptions) -> FileBusy:
    """What gbook has booked in a file, without its other busy time. Raises InvalidFile."""
    if not holds_own_events(data) and data.rstrip().upper().endswith(b"END:VCALENDAR"):
        return FileBusy(Intervals(), [], [], {})
    return read_busy(data, view, 0, 0)


def _series_time(file: File, series: Series) -> SeriesBusy:
    """Expand a series, unless nothing of it can block."""
    view, noted = file.view, len(file.notes)
    intervals: list[Interval] = []
    if series.overrides.futures or blocks(series.master, view.policy, view.email):
        judged: dict[int, bool] = {}
        for start, end, event in file.instances(series):
            if (is_busy := judged.get(event.line)) is None:
                is_busy = judged[event.line] = blocks(event, view.policy, view.email)
            if is_busy:
                intervals.append((start, end))
    notes = [(note.code, note.message) for note in file.notes[noted:]]
    del file.notes[noted:]
    return SeriesBusy(intervals, notes)
