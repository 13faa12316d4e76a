"""Messages about a booking that repeats: about all of it, or about the dates that have changed.

A change of single dates is a message about these instances (RFC 5546 §3.7.1); people who are new to the
booking get all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gbook.bookings.event_data import DateChange, Series
from gbook.bookings.record import Record
from gbook.bookings.series_event import is_of
from gbook.calendars.busy.own_series import SeriesDate
from gbook.calendars.ics.ownership import OwnEvent

__all__ = ["about_changes", "moved_dates", "parts"]


def about_changes(record: Record, before: Record | None) -> Record:
    """Return the record as a message shows it: about the dates that differ from `before`, or about all."""
    old, new = before.series if before else None, record.series
    if old is None or new is None or record.status == "cancelled" or _first(old) != _first(new):
        return record
    return replace(record, about=tuple(_changes(old, new)))


def _first(series: Series) -> tuple[str, int]:
    """Return the rule and the first date: if they differ, the whole series has changed."""
    return series.rule, series.originals[0]


def _changes(old: Series, new: Series) -> Iterator[DateChange]:
    for day in old.kept:
        now = new.date_of(day.recurrence)
        if now is None or now.status == "cancelled":
            yield DateChange(day.recurrence, None, (day.start, day.end))
        elif (now.start, now.end) != (day.start, day.end):
            yield DateChange(day.recurrence, (now.start, now.end), (day.start, day.end))


def parts(record: Record) -> list[Record]:
    """Return each date that a message is about as a booking by itself; the record if it is about all."""
    return [_part(record, change) for change in record.about] or [record]


def moved_dates(record: Record, series: Series) -> list[Record]:
    """Return each date of a series that was moved as a booking by itself."""
    return [_part(record, _as_change(day)) for day in series.kept if day.start != day.recurrence]


def _as_change(day: SeriesDate) -> DateChange:
    return DateChange(day.recurrence, (day.start, day.end), (day.start, day.end))


def _part(record: Record, change: DateChange) -> Record:
    start, end = change.time or change.before
    return replace(
        record,
        start=start,
        end=end,
        status="cancelled" if change.time is None else record.status,
        moved_from=change.before if change.time else None,
        series=None,
        about=(),
        recurrence=change.recurrence,
        source=_source(record, change.recurrence),
    )


def _source(record: Record, recurrence: int) -> object:
    """Return the override of a date, else the event of the whole series."""
    stored = record.stored
    if not isinstance(stored, OwnEvent) or record.series is None:
        return stored
    overrides: Sequence[bytes] = stored.overrides
    zone = record.series.zone
    return OwnEvent(next((each for each in overrides if is_of(each, recurrence, zone)), stored.event))
