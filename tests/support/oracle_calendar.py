"""A second, slow reader of the busy time of a calendar, to compare with `gbook.calendars`.

It shares no code with gbook but the choice of the tz database. icalendar reads every line of the file,
dateutil walks every rule from its DTSTART, one instance after the other, and wall clocks become instants by
trying all offsets of the zone. Nothing is passed over, moved or remembered. It knows what gbook promises and
RFC 5545, not how that is kept; text that is no iCalendar is not its business.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from math import inf
from zoneinfo import available_timezones

import icalendar
from dateutil.rrule import rrulestr
from icalendar.parser import Contentlines
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from gbook.timeutil.zones import find_zone as iana_zone

EPOCH = datetime(1970, 1, 1)
ZONES = {name.casefold(): name for name in available_timezones()}
Interval = tuple[int, int]


@dataclass
class Property:
    parameters: dict[str, str]
    value: str


@dataclass
class Component:
    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        return self.properties.get(name, [None])[0]

    def word(self, name: str) -> str:
        found = self.first(name)
        return found.value.strip().upper() if found else ""


@dataclass(frozen=True)
class Moment:
    """A wall clock time and its zone; UTC offsets are found by trial."""

    wall: datetime
    zone: tzinfo
    is_date: bool

    @property
    def instant(self) -> int:
        naive = int((self.wall - EPOCH).total_seconds())
        offsets = {offset_at(naive + hours * 3600, self.zone) for hours in (-16, 0, 16)}
        fitting = [naive - o for o in offsets if offset_at(naive - o, self.zone) == o]
        # In a gap no offset fits, and the one before the gap is the smaller.
        return min(fitting) if fitting else naive - min(offsets)

    def wall_in(self, zone: tzinfo) -> datetime:
        if self.is_date or zone == self.zone:
            return self.wall
        return EPOCH + timedelta(seconds=self.instant + offset_at(self.instant, zone))


def offset_at(instant: int, zone: tzinfo) -> int:
    """Return the offset of a zone from UTC at an instant, in seconds."""
    shown = (EPOCH + timedelta(seconds=instant)).replace(tzinfo=UTC).astimezone(zone)
    return int((shown.replace(tzinfo=None) - EPOCH).total_seconds()) - instant


@dataclass
class Event:
    component: Component
    start: Moment
    # Days on the calendar, then seconds.
    days: int
    seconds: int
    recurrence_id: Moment | None

    @property
    def uid(self) -> str:
        return self.component.word("UID")

    @property
    def is_future(self) -> bool:
        if self.recurrence_id is None:
            return False
        return self.component.properties["RECURRENCE-ID"][0].parameters.get("RANGE", "") == "THISANDFUTURE"

    def end(self, start: Moment) -> int:
        if not self.days:
            return start.instant + self.seconds
        return Moment(start.wall + timedelta(days=self.days), start.zone, True).instant + self.seconds

    def is_busy(self, email: str) -> bool:
        if self.component.word("STATUS") == "CANCELLED":
            return False
        for attendee in self.component.properties.get("ATTENDEE", ()):
            mine = attendee.value.lower() == f"mailto:{email}"
            if mine and attendee.parameters.get("PARTSTAT", "").upper() == "DECLINED":
                return False
        transparency = self.component.word("TRANSP")
        free = "X-MICROSOFT-CDO-BUSYSTATUS"
        return transparency != "TRANSPARENT" if transparency else self.component.word(free) != "FREE"


def oracle_busy(data: bytes, zone: str, low: int, high: int, email: str = "") -> list[Interval]:
    """Return the busy time in `[low, high)`: sorted, merged, clipped."""
    calendars = [part for part in read(data).parts if part.name == "VCALENDAR"]
    definitions = [zone for part in calendars for zone in part.parts if zone.name == "VTIMEZONE"]
    spans: list[Interval] = []
    for calendar in calendars:
        named = calendar.first("X-WR-TIMEZONE")
        floating = find_zone(named.value if named else zone, [], iana_zone(zone))
        clock = Clock(floating, definitions, iana_zone(zone))
        events = newest([event for part in calendar.parts if (event := clock.event(part))])
        spans += [span for part in calendar.parts for span in clock.unreadable(part, low, high, email)]
        for event in events:
            spans += [span for span, by in instances(event, events, clock, low, high) if by.is_busy(email)]
        spans += [span for part in calendar.parts for span in clock.free_busy(part)]
        areas = [part for part in calendar.parts if part.name == "VAVAILABILITY"]
        spans += closed([availability(part, clock, low, high) for part in areas], low, high)
        published = [part for part in calendar.parts if part.name == "VFREEBUSY"]
        if published and not any(part.name == "VEVENT" for part in calendar.parts):
            spans += untold([clock.bounds(part) for part in published], low, high)
    return merged(spans, low, high)


@dataclass
class Availability:
    """A VAVAILABILITY: the time it covers, the available part of it, and its rank (1 is the highest)."""

    low: float
    high: float
    opened: list[Interval]
    rank: int


def availability(component: Component, clock: Clock, low: int, high: int) -> Availability:
    edges = {name: moment for name in ("DTSTART", "DTEND") for moment, _ in clock.moments(component, name)}
    start, end = edges.get("DTSTART"), edges.get("DTEND")
    until = end.instant if end else inf
    length = component.first("DURATION")
    if start and length:
        until = Event(component, start, *length_of(length.value), None).end(start)
    opened: list[Interval] = []
    parts = [Component("VEVENT", part.properties) for part in component.parts]
    events = [event for part in parts if (event := clock.event(part))]
    for event in events:
        rules = event.component.properties.get("RRULE", [])
        given = any(is_given(rule.value, event.start.wall) for rule in rules) or not rules
        for span, _ in instances(event, events, clock, low, high):
            if given or span[0] != event.start.instant:
                opened.append(span)
    number = int(component.word("PRIORITY") or 0)
    return Availability(start.instant if start else -inf, until, opened, number or 10)


def is_given(rule: str, start: datetime) -> bool:
    """Return whether a rule that began a day earlier also generates a start."""
    text = re.sub(r";?(UNTIL|COUNT)=[^;]*", "", rule.upper())
    return start in rrulestr(text, dtstart=start - timedelta(days=1)).between(start, start, inc=True)


def closed(published: list[Availability], low: int, high: int) -> list[Interval]:
    """Return the unavailable time: between any two edges, the highest rank that covers it decides."""
    inner = [edge for one in published for span in one.opened for edge in span]
    edges = [*inner, *(edge for one in published for edge in (one.low, one.high)), low, high]
    times = sorted({int(edge) for edge in edges if low <= edge <= high})
    opened = {id(one): merged(one.opened, low, high) for one in published}
    found = []
    for start, end in pairwise(times):
        covering = [one for one in published if one.low <= start < one.high]
        rank = min((one.rank for one in covering), default=0)
        found += [
            (start, end) for one in covering if one.rank == rank and not is_within(opened[id(one)], start)
        ]
    return found


def is_within(spans: list[Interval], instant: int) -> bool:
    """Return whether one of some spans, sorted and apart, has an instant."""
    before = bisect_right(spans, instant, key=lambda span: span[0])
    return before > 0 and instant < spans[before - 1][1]


def newest(events: list[Event]) -> list[Event]:
    """Return the events with the highest SEQUENCE for each UID and RECURRENCE-ID."""

    def version(event: Event) -> tuple[str, int | None]:
        recurrence_id = event.recurrence_id
        return event.uid or str(id(event)), recurrence_id.instant if recurrence_id else None

    highest: dict[tuple[str, int | None], int] = {}
    for event in events:
        number = int(event.component.word("SEQUENCE") or 0)
        highest[version(event)] = max(highest.get(version(event), 0), number)
    return [e for e in events if int(e.component.word("SEQUENCE") or 0) == highest[version(e)]]


def untold(bounds: list[Interval | None], low: int, high: int) -> list[Interval]:
    """Return the parts of `[low, high)` that no published free/busy time covers; they count as busy."""
    told = [bound for bound in bounds if bound]
    if len(told) < len(bounds):
        return []
    edges = [edge for span in merged(told, low, high) for edge in span]
    return list(zip([low, *edges[1::2]], [*edges[::2], high], strict=True))


def merged(spans: list[Interval], low: int, high: int) -> list[Interval]:
    """Return the parts of `[low, high)` that intervals cover, sorted and merged."""
    edges = sorted((max(start, low), min(end, high)) for start, end in spans if start < end)
    found: list[Interval] = []
    for start, end in edges:
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def read(data: bytes) -> Component:
    """Return all components of a file."""
    stack = [Component("")]
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    for line in Contentlines.from_ical(text):  # type: ignore[no-untyped-call]
        if not line:
            continue
        try:
            name, parameters, value = line.parts()
        except ValueError:
            continue
        if name.upper() == "BEGIN":
            stack.append(Component(value.strip().upper()))
            stack[-2].parts.append(stack[-1])
        elif name.upper() == "END":
            stack.pop()
        else:
            texts = {
                key.upper(): text if isinstance(text, str) else ",".join(text)
                for key, text in parameters.items()
            }
            stack[-1].properties.setdefault(name.upper(), []).append(Property(texts, value))
    return stack[0]


def find_zone(name: str, definitions: list[Component], fallback: tzinfo) -> tzinfo:
    parts = name.split("/")
    for tail in ("/".join(parts[n:]) for n in range(len(parts) if name.startswith("/") else 1)):
        if tail.casefold() in ZONES:
            return iana_zone(ZONES[tail.casefold()])
    if name in WINDOWS_TO_OLSON:
        return iana_zone(WINDOWS_TO_OLSON[name])
    for definition in definitions:
        if definition.first("TZID") and definition.properties["TZID"][0].value == name and definition.parts:
            return FileZone(definition)
    return fallback


class FileZone(tzinfo):
    """A VTIMEZONE (RFC 5545 §3.6.5): the observance that began last applies."""

    def __init__(self, definition: Component) -> None:
        self.onsets: list[tuple[int, int]] = []
        for part in definition.parts:
            before, after = (offset_of(part.properties[f"TZOFFSET{end}"][0].value) for end in ("FROM", "TO"))
            start = datetime.strptime(f"{part.properties['DTSTART'][0].value}T000000"[:15], "%Y%m%dT%H%M%S")
            walls = [start]
            for rule in part.properties.get("RRULE", ()):
                walls += list(
                    rrulestr(re.sub(r"(UNTIL=\d{8}T\d{6})Z", r"\1", rule.value), dtstart=start).xafter(
                        start, 1000
                    )
                )
            for added in part.properties.get("RDATE", ()):
                walls += [datetime.strptime(text, "%Y%m%dT%H%M%S") for text in added.value.split(",")]
            self.onsets += [(int((wall - EPOCH).total_seconds()) - before, after) for wall in walls]
        self.onsets.sort()

    def fromutc(self, dt: datetime) -> datetime:
        instant = (dt.replace(tzinfo=None) - EPOCH).total_seconds()
        at = bisect_right(self.onsets, instant, key=lambda onset: onset[0])
        return dt + timedelta(seconds=self.onsets[max(at - 1, 0)][1])

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        raise AssertionError("the oracle asks from UTC only")

    def dst(self, dt: datetime | None) -> timedelta | None:
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        return None


def offset_of(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = int(text[1:3]), int(text[3:5]), int(text[5:7] or 0)
    return sign * (hours * 3600 + minutes * 60 + seconds)


@dataclass
class Clock:
    """The times and zones of one VCALENDAR."""

    floating: tzinfo
    definitions: list[Component]
    account: tzinfo
    found: dict[str | None, tzinfo] = field(default_factory=dict)

    def zone(self, tzid: str | None) -> tzinfo:
        if tzid not in self.found:
            self.found[tzid] = (
                self.floating if tzid is None else find_zone(tzid, self.definitions, self.account)
            )
        return self.found[tzid]

    def moment(self, text: str, zone: tzinfo) -> Moment:
        text = text.strip().upper()
        if len(text) == 8:
            return Moment(datetime.strptime(text, "%Y%m%d"), zone, True)
        wall = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")
        return Moment(wall, UTC if text.endswith("Z") else zone, False)

    def moments(
        self, component: Component, name: str, series: Moment | None = None
    ) -> Iterator[tuple[Moment, int | tuple[int, int] | None]]:
        """Yield the times of a property; without a zone, they have the zone of their series."""
        for one in component.properties.get(name, ()):
            tzid = one.parameters.get("TZID")
            zone = series.zone if series and tzid is None else self.zone(tzid)
            for text in one.value.split(","):
                start, _, end = text.partition("/")
                try:
                    moment = self.moment(start, zone)
                except ValueError:
                    continue
                if not end:
                    yield moment, None
                elif "P" in end:
                    yield moment, length_of(end)
                else:
                    yield moment, self.moment(end, zone).instant

    def event(self, component: Component) -> Event | None:
        if component.name != "VEVENT" or not component.first("DTSTART"):
            return None
        start = next((moment for moment, _ in self.moments(component, "DTSTART")), None)
        if start is None:
            return None
        identity = next((moment for moment, _ in self.moments(component, "RECURRENCE-ID")), None)
        days, seconds = (1, 0) if start.is_date else (0, 0)
        if component.first("DTEND"):
            end = next(self.moments(component, "DTEND"))[0]
            if start.is_date and end.is_date:
                days = (end.wall - start.wall).days or 1
            else:
                days, seconds = 0, end.instant - start.instant
        elif (duration := component.first("DURATION")) is not None:
            days, seconds = length_of(duration.value)
        return Event(component, start, max(days, 0), max(seconds, 0), identity)

    def unreadable(self, component: Component, low: int, high: int, email: str) -> Iterator[Interval]:
        """Yield all time, at most to its end, for an event with an unreadable start."""
        if component.name != "VEVENT" or self.event(component) is not None:
            return
        ends = [moment.instant for moment, _ in self.moments(component, "DTEND")]
        repeats = component.first("RRULE") or component.first("RDATE")
        if Event(component, Moment(EPOCH, UTC, False), 0, 0, None).is_busy(email):
            yield low, high if repeats or not ends else min(high, ends[0])

    def bounds(self, component: Component) -> Interval | None:
        """Return the interval that a VFREEBUSY covers, by its DTSTART and DTEND."""
        edges = [
            moment.instant for name in ("DTSTART", "DTEND") for moment, _ in self.moments(component, name)
        ]
        return (edges[0], edges[1]) if len(edges) == 2 else None

    def free_busy(self, component: Component) -> Iterator[Interval]:
        for line in component.properties.get("FREEBUSY", ()) if component.name == "VFREEBUSY" else ():
            if line.parameters.get("FBTYPE", "BUSY").upper() == "FREE":
                continue
            single = Component("", {"FREEBUSY": [line]})
            for start, end in self.moments(single, "FREEBUSY"):
                if isinstance(end, int):
                    yield start.instant, end
                elif end is not None:
                    yield start.instant, Event(component, start, *end, None).end(start)


def length_of(text: str) -> tuple[int, int]:
    sign = -1 if text.strip().startswith("-") else 1
    numbers = {unit: sign * int(number) for number, unit in re.findall(r"(\d+)([WDHMS])", text.upper())}
    days = numbers.get("W", 0) * 7 + numbers.get("D", 0)
    return days, numbers.get("H", 0) * 3600 + numbers.get("M", 0) * 60 + numbers.get("S", 0)


def instances(
    event: Event, events: list[Event], clock: Clock, low: int, high: int
) -> Iterator[tuple[Interval, Event]]:
    """Yield each instance that may start before `high`, with the VEVENT that describes it."""
    overrides = [e for e in events if e.recurrence_id and e.uid == event.uid and e.uid]
    if event.recurrence_id is not None:
        if not {"RRULE", "RDATE"} & event.component.properties.keys():
            yield (event.start.instant, event.end(event.start)), event
            return
        overrides = []
    gone = [moment for moment, _ in clock.moments(event.component, "EXDATE", event.start)]
    for override in overrides:
        gone += [moment for moment, _ in clock.moments(override.component, "RECURRENCE-ID", event.start)]
    days = {
        (moment.wall_in(event.start.zone) if moment.zone is UTC else moment.wall).date()
        for moment in gone
        if moment.is_date or event.start.is_date
    }
    instants = {moment.instant for moment in gone if not moment.is_date}
    futures = [e for e in overrides if e.is_future]
    furthest = max(
        [abs(e.start.instant - e.recurrence_id.instant) for e in futures if e.recurrence_id], default=0
    )
    seen = set()
    for start, end in starts(event, clock, high + furthest + 3 * 86_400):
        if start.wall in seen or start.wall.date() in days:
            continue
        seen.add(start.wall)
        if not event.start.is_date and start.instant in instants:
            continue
        by, moved = event, start
        for future in sorted(futures, key=lambda e: e.recurrence_id.instant if e.recurrence_id else 0):
            if future.recurrence_id and future.recurrence_id.instant <= start.instant:
                shift = future.start.wall_in(start.zone) - future.recurrence_id.wall_in(start.zone)
                by, moved = future, Moment(start.wall + shift, start.zone, future.start.is_date)
        if isinstance(end, tuple):
            yield (moved.instant, Event(event.component, start, *end, None).end(moved)), by
        else:
            yield (moved.instant, by.end(moved) if end is None else end), by


def starts(event: Event, clock: Clock, until: int) -> Iterator[tuple[Moment, int | tuple[int, int] | None]]:
    """Yield DTSTART, every RDATE, and every instance of every rule up to the instant `until`."""
    first = event.start
    yield first, None
    for moment, end in clock.moments(event.component, "RDATE", first):
        in_zone = Moment(moment.wall_in(first.zone), first.zone, first.is_date)
        # The second of two equal wall clock times can only be given as an instant.
        yield in_zone if moment.is_date or in_zone.instant == moment.instant else moment, end
    for rule in event.component.properties.get("RRULE", ()):
        text = "".join(rule.value.upper().split())
        last = re.search(r"UNTIL=(\d{8})(T\d{6}Z?)?", text)
        limit = until
        if last:
            limit = min(limit, last_instant(last, first))
        text = re.sub(r";?UNTIL=[^;]*", "", text).strip(";")
        for wall in walked(text, first.wall):
            if Moment(wall - timedelta(days=2), UTC, False).instant > limit:
                break
            moment = Moment(wall, first.zone, first.is_date)
            if moment.instant <= limit:
                yield moment, None


def walked(rule: str, start: datetime) -> Iterator[datetime]:
    """Yield the wall clock times of a rule; none if the rule is invalid.

    COUNT includes DTSTART, even if the rule does not generate it.
    """
    counted = re.search(r";?COUNT=(\d+)", rule)
    left = int(counted[1]) - 1 if counted else -1
    try:
        for wall in rrulestr(rule.replace(counted[0], "") if counted else rule, dtstart=start):
            if wall != start:
                if left == 0:
                    return
                left -= 1
            yield wall
    except ValueError:
        return


def last_instant(until: re.Match[str], first: Moment) -> int:
    day = datetime.strptime(until[1], "%Y%m%d")
    midnight = timedelta(hours=23, minutes=59, seconds=59)
    if until[2] is None:
        return Moment(day + midnight, first.zone, False).instant
    wall = datetime.strptime(until[1] + until[2].rstrip("Z"), "%Y%m%dT%H%M%S")
    last = Moment(wall, UTC if until[2].endswith("Z") else first.zone, False)
    if not first.is_date:
        return last.instant
    # The later one of the written day and the local day.
    local = last.wall_in(first.zone).replace(hour=0, minute=0, second=0)
    return Moment(max(day, local) + midnight, first.zone, False).instant


def library_busy(data: bytes, low: int, high: int) -> list[Interval]:
    """Return the busy time by recurring-ical-events, for calendars that are all in UTC."""
    import recurring_ical_events

    # If UNTIL is a date, it ends a series of several instances a day with the first one of the last day.
    calendar = icalendar.Calendar.from_ical(re.sub(rb"(UNTIL=\d{8})(?=[;\r])", rb"\1T235959Z", data))
    window = [datetime.fromtimestamp(instant, UTC) for instant in (low, high)]
    found = recurring_ical_events.of(calendar).between(*window)
    spans = [(in_utc(event["DTSTART"].dt), in_utc(event["DTEND"].dt)) for event in found]
    return merged(spans, low, high)


def in_utc(value: date) -> int:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
