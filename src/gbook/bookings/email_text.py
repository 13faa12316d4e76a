"""The subject and the text of a mail about a booking, readable without a calendar program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.bookings.event_data import Series
from gbook.bookings.record import Record
from gbook.calendars.busy.own_series import SeriesDate
from gbook.engine.intervals import Interval
from gbook.text import one_line
from gbook.timeutil.format import count, dated_range, day_name, zone_key, zoned_times
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

__all__ = ["Wording", "guest_zone", "rest_words", "time_lines", "zones_of"]


class Wording(NamedTuple):
    """The words about a booking, with its times in each of `zones`.

    If the readers are `known`, they were invited before, and the mail says what has changed.
    """

    record: Record
    zones: Sequence[ZoneInfo]
    known: bool = False
    # Other dates of a series that the mail is about too.
    others: Sequence[Record] = ()
    # What becomes of the dates that the mail is not about.
    rest: str = ""
    # Where the reader can change the booking.
    url: str | None = None

    @property
    def subject(self) -> str:
        """The subject of the mail, with the time in the first zone."""
        more = f" and {count(len(self.others), 'more date')}" if self.others else self._repeat
        return one_line(f"{self._verb}: {self.record.subject} @ {_when(self._span, self.zones[0])}{more}")

    def text(self, host: str) -> str:
        """Return the text of the mail; `host` is the name that it shows."""
        event = self.record.event
        lines = [f"{self._verb}: {self.record.subject}", ""]
        lines += self._changes() if self.others else self._time()
        if self.rest:
            lines += [self.rest]
        if self.record.series is not None:
            lines += _series_lines(self.record, self.record.series, self.zones[0])
        description = str(event.get("DESCRIPTION", "")).strip()
        link, location = self.record.conference, str(event.get("LOCATION", ""))
        for label, value in (
            ("Where", location if location != link else None),
            ("Join", link if link and link not in description else None),
            ("Host", host),
            ("Note", event.get("COMMENT")),
            ("Change or cancel", self.url if self.url and self.url not in description else None),
        ):
            if value:
                lines.append(f"{label}: {one_line(str(value))}")
        return "\n".join([*lines, "", description] if description else lines) + "\n"

    @property
    def _repeat(self) -> str:
        """How a series recurs, to follow its time."""
        series = self.record.series
        if series is None:
            return ""
        return f", {series.repeat.words if series.repeat else count(len(series.dates), 'date')}"

    def _time(self) -> Iterator[str]:
        """Yield lines with the time, and with the time before."""
        yield from self._times("When", self._span)
        if self._is_moved and self.record.moved_from:
            yield from self._times("Before", self.record.moved_from)

    def _changes(self) -> Iterator[str]:
        """Yield a list of the dates in each zone, with the times before."""
        for zone in self.zones:
            yield f"When, in {zone_key(zone)}:"
            for date in (self.record, *self.others):
                before = date.moved_from if self._is_moved else None
                instead = f", instead of {dated_range(*before, zone)}" if before else ""
                yield f"  {dated_range(date.start, date.end, zone)}{instead}"

    @property
    def _span(self) -> Interval:
        return self.record.start, self.record.end

    @property
    def _is_moved(self) -> bool:
        return self.known and self.record.moved_from is not None and self.record.status != "cancelled"

    @property
    def _verb(self) -> str:
        if self.record.status == "cancelled":
            return "Cancelled"
        if self._is_moved:
            return "Moved"
        return "Updated invitation" if self.known else "Invitation"

    def _times(self, label: str, span: Interval) -> list[str]:
        """Return a line with the time in each zone, without repetitions, aligned."""
        return time_lines(label, span, self.zones)


def time_lines(label: str, span: Interval, zones: Sequence[ZoneInfo]) -> list[str]:
    """Return a line with a time in each zone, without repetitions, aligned."""
    first, *others = dict.fromkeys(_when(span, zone) for zone in zones)
    return [f"{label}: {first}", *(f"{' ' * len(label)}  {other}" for other in others)]


def _series_lines(record: Record, series: Series, zone: ZoneInfo) -> Iterator[str]:
    """Yield how a series recurs, and each date that differs: by its time of day in `zone`, moved or left out.

    The time of the record is that of the first date that the reader can take part in.
    """
    yield f"Repeats: {_repeat_words(record, series, zone)}"
    if record.status == "cancelled":
        return
    coming = [each for each in series.kept if each.start >= record.start]
    usual = [each for each in coming if each.start == each.recurrence]
    for before, after in pairwise(usual):
        if _clocks(before, zone) != _clocks(after, zone):
            times = zoned_times(after.start, after.end, zone)
            yield f"From {_day(after.start, zone)}: {_with_key(times, zone)}"
    cancelled = [each.recurrence for each in series.dates if each.status == "cancelled"]
    if gone := sorted(each for each in (*series.skipped, *cancelled) if each >= record.start):
        yield f"Not on: {', '.join(_day(instant, zone) for instant in gone)}"
    for each in coming:
        if each.start != each.recurrence:
            yield f"Instead of {_day(each.recurrence, zone)}: {_when((each.start, each.end), zone)}"


def _repeat_words(record: Record, series: Series, zone: ZoneInfo) -> str:
    """Return how a series recurs: `weekly, 6 times, until Tue 13 Apr 2027`."""
    words = series.repeat.words if series.repeat else count(len(series.dates), "date")
    days = series.kept or series.dates
    since = "" if record.start <= days[0].start else f" since {_day(days[0].start, zone)}"
    return f"{words}{since}, until {_day(days[-1].start, zone)}"


def _day(instant: int, zone: ZoneInfo) -> str:
    return day_name(local(instant, zone).date())


def _clocks(date: SeriesDate, zone: ZoneInfo) -> list[tuple[time, int]]:
    """Return what the clocks in `zone` show at the start and the end of a date.

    A time that they show twice, when they are put back, is two times.
    """
    moments = (local(instant, zone) for instant in (date.start, date.end))
    return [(moment.time(), moment.fold) for moment in moments]


def guest_zone(record: Record, zone: ZoneInfo) -> ZoneInfo:
    """Return the zone of the guest if it is known, else `zone`."""
    return find_zone(record.guest.zone) if record.guest.zone else zone


def zones_of(record: Record, zone: ZoneInfo) -> list[ZoneInfo]:
    """Return the zones that a mail shows times in: the guest's if it differs, and `zone`, the host's."""
    guests = guest_zone(record, zone)
    # Clocks may change at different times during a booking or a series.
    instants = [instant for span in record.times for instant in span]
    offsets = {tuple(local(instant, each).utcoffset() for instant in instants) for each in (guests, zone)}
    return [zone] if len(offsets) == 1 else [guests, zone]


def rest_words(record: Record, now: int) -> str:
    """Return what becomes of the other dates of a series, for a mail about some of its dates.

    Empty for a mail about all of a booking. `now` is an instant.
    """
    if record.series is None or not record.about:
        return ""
    changed = {each.recurrence for each in record.about}
    others = any(each.end > now and each.recurrence not in changed for each in record.series.kept)
    these = "This is one date" if len(changed) == 1 else f"These are {len(changed)} dates"
    return (
        f"{these} of a series; {'the others stay as they are' if others else 'there are no others to come'}"
    )


def _when(span: Interval, zone: ZoneInfo) -> str:
    return _with_key(dated_range(*span, zone), zone)


def _with_key(times: str, zone: ZoneInfo) -> str:
    """Return zoned times with the name of the zone; some zones are named like their abbreviation."""
    key = zone_key(zone)
    return times if times.endswith(f" {key}") else f"{times} ({key})"
