"""The subject and the text of a mail about a booking, readable without a calendar program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.bookings.record import Record
from gbook.engine.intervals import Interval
from gbook.text import one_line
from gbook.timeutil.format import count, day_name, moment_name, offset_name, zone_key
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

__all__ = ["Wording", "guest_zone", "zones_of"]


class Wording(NamedTuple):
    """The words about a booking, with its times in each of `zones`.

    If the readers are `known`, they were invited before, and the mail says what has changed.
    """

    record: Record
    zones: Sequence[ZoneInfo]
    known: bool = False
    # Other dates of a series that the mail is about too.
    others: Sequence[Record] = ()

    @property
    def subject(self) -> str:
        """The subject of the mail, with the time in the first zone."""
        more = f" and {count(len(self.others), 'more date')}" if self.others else self._repeat
        return one_line(f"{self._verb}: {self.record.subject} @ {_when(self._span, self.zones[0])}{more}")

    def text(self, host: str) -> str:
        """Return the text of the mail; `host` is the name that it shows."""
        event = self.record.event
        lines = [f"{self._verb}: {self.record.subject}", ""]
        for date in (self.record, *self.others):
            lines += self._times("When", (date.start, date.end))
            if self._is_moved and date.moved_from:
                lines += self._times("Before", date.moved_from)
        if self._repeat:
            lines += [f"Repeats: {self._repeat.removeprefix(', ')}", *self._dates()]
        description = str(event.get("DESCRIPTION", "")).strip()
        link, location = self.record.conference, str(event.get("LOCATION", ""))
        for label, value in (
            ("Where", location if location != link else None),
            ("Join", link if link and link not in description else None),
            ("Host", host),
            ("Note", event.get("COMMENT")),
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

    def _dates(self) -> Iterator[str]:
        """Yield a line with the dates of a series that differ from the rule: cancelled and moved ones."""
        assert self.record.series is not None
        series, zone = self.record.series, self.zones[0]
        cancelled = [each.recurrence for each in series.dates if each.status == "cancelled"]
        if gone := sorted([*series.skipped, *cancelled]):
            yield f"Not on: {', '.join(day_name(local(instant, zone).date()) for instant in gone)}"
        for each in series.kept:
            if each.start != each.recurrence:
                old = day_name(local(each.recurrence, zone).date())
                yield f"Instead of {old}: {_when((each.start, each.end), zone)}"

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
        first, *others = dict.fromkeys(_when(span, zone) for zone in self.zones)
        return [f"{label}: {first}", *(f"{' ' * len(label)}  {other}" for other in others)]


def guest_zone(record: Record, zone: ZoneInfo) -> ZoneInfo:
    """Return the zone of the guest if it is known, else `zone`."""
    return find_zone(record.guest.zone) if record.guest.zone else zone


def zones_of(record: Record, zone: ZoneInfo) -> list[ZoneInfo]:
    """Return the zones that a mail shows times in: the guest's if it differs, and `zone`, the host's."""
    guests = guest_zone(record, zone)
    offsets = {local(record.start, each).utcoffset() for each in (guests, zone)}
    return [zone] if len(offsets) == 1 else [guests, zone]


def _when(span: Interval, zone: ZoneInfo) -> str:
    start, end = (local(instant, zone) for instant in span)
    last_day = "" if start.date() == end.date() else f"{day_name(end.date(), start.date())} "
    times = f"{moment_name(span[0], zone)}–{last_day}{end:%H:%M}"
    letters, key = offset_name(end, brief=True), zone_key(zone)
    return f"{times} {key}" if letters == key else f"{times} {letters} ({key})"
