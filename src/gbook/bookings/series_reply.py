"""Replies to a booking that repeats: to all of its dates, or to one (RFC 5546 §3.2.3, RECURRENCE-ID).

The answer to one date is in the override of that date, so that it counts for this date only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from gbook.bookings.record import Record
from gbook.bookings.series_change import listed_dates
from gbook.bookings.series_event import is_of, with_override
from gbook.calendars.busy.own_series import SeriesDate
from gbook.calendars.ics.content_lines import Line, read_lines
from gbook.calendars.ics.gbook_properties import REPLIES_FROM
from gbook.calendars.ics.ownership import OwnEvent, own_lines
from gbook.errors import InvalidFile, NotFound, Problem
from gbook.timeutil.format import zoned_moment
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

__all__ = ["DateAnswer", "Instance", "date_of", "is_current", "oldest_answerable", "with_answers"]


class Write(Protocol):
    """Writes an answer into a VEVENT."""

    def __call__(self, component: bytes, partstat: str) -> bytes:
        """Return the VEVENT with the answer of the attendee."""


class Instance(NamedTuple):
    """The date of a series that a message names: its RECURRENCE-ID, and the whole message with its zones."""

    line: Line
    content: bytes
    # The file of the message, as the user named it.
    path: str


class DateAnswer(NamedTuple):
    """An answer to one date of a series, or to the whole booking if `day` is None."""

    day: SeriesDate | None
    partstat: str
    sequence: int
    # DTSTAMP as written: in UTC, so texts compare as times do.
    stamp: str


def date_of(record: Record, instance: Instance) -> SeriesDate:
    """Return the date that a message names. Raises NotFound if the booking has no such date, InvalidFile."""
    from gbook.calendars.busy.message_zones import named_start

    if (series := record.series) is None:
        raise NotFound(
            f"{instance.path}: this answers one date of a series, but booking {record.uid} does not repeat"
        )
    try:
        named = named_start(instance.line, instance.content, series.zone)
    except ValueError as error:
        raise InvalidFile(instance.path, [Problem(str(error), key="RECURRENCE-ID")]) from error
    zone = find_zone(series.zone)
    for day in series.dates:
        if named.is_date and local(day.recurrence, zone).date() == named.wall.date():
            return day
        if not named.is_date and day.recurrence == named.instant:
            return day
    shown = zoned_moment(named.instant, zone)
    raise NotFound(f"booking {record.uid} has no date {shown}; it is on {listed_dates(series, zone)}")


def is_current(record: Record, answer: DateAnswer) -> bool:
    """Return whether an answer is to the present version of what it is about; none is to a cancelled date."""
    if answer.day is None:
        return answer.sequence >= oldest_answerable(record)
    stored, zone = record.stored, record.series.zone if record.series else ""
    overrides = stored.overrides if isinstance(stored, OwnEvent) else ()
    override = next((each for each in overrides if is_of(each, answer.day.recurrence, zone)), None)
    oldest = oldest_answerable(record) if override is None else _oldest(override)
    return answer.day.status != "cancelled" and answer.sequence >= oldest


def oldest_answerable(record: Record) -> int:
    """Return the lowest SEQUENCE whose replies to a whole booking count: not all know of later ones.

    A date of a series that has changed has a higher SEQUENCE than the event of the series.
    """
    if record.series is not None and isinstance(stored := record.stored, OwnEvent):
        return _oldest(stored.event)
    return record.sequence if record.replies_from is None else min(record.replies_from, record.sequence)


def _oldest(component: bytes) -> int:
    lines = read_lines(own_lines(component), {"SEQUENCE", REPLIES_FROM})
    written = [line.value.strip() for same in lines.values() for line in same]
    return min((int(text) for text in written if text.isascii() and text.isdecimal()), default=0)


def with_answers(
    record: Record, answers: Sequence[DateAnswer], write: Write
) -> Callable[[OwnEvent], OwnEvent]:
    """Return the function that writes answers into a copy; `write` writes one (PARTSTAT) into a VEVENT.

    An answer to all dates comes first: those to single dates differ from it.
    """
    in_order = sorted(answers, key=lambda answer: answer.day is not None)

    def change(own: OwnEvent) -> OwnEvent:
        for answer in in_order:
            if answer.day is None:
                own = _with_answer_to_all(own, answer, write)
            else:
                own = _with_answer_to_date(record, own, answer.day, partial(write, partstat=answer.partstat))
        return own

    return change


def _with_answer_to_all(own: OwnEvent, answer: DateAnswer, write: Write) -> OwnEvent:
    """Return a copy with an answer to all dates, but for those that have changed since the answer."""
    overrides = (write(each, answer.partstat) if _knows(answer, each) else each for each in own.overrides)
    return OwnEvent(write(own.event, answer.partstat), tuple(overrides))


def _knows(answer: DateAnswer, override: bytes) -> bool:
    """Return whether an answer to all dates is to the present version of a date that has changed.

    Programs answer a series with the SEQUENCE of its event, also if they know a later one of a date.
    """
    stamps = read_lines(own_lines(override), {"DTSTAMP"}).get("DTSTAMP", ())
    return answer.sequence >= _oldest(override) or any(line.value.strip() <= answer.stamp for line in stamps)


def _with_answer_to_date(
    record: Record, own: OwnEvent, day: SeriesDate, write: Callable[[bytes], bytes]
) -> OwnEvent:
    """Return a copy with an answer in the override of a date, which is made only for another answer."""
    assert record.series is not None
    zone = record.series.zone
    has_override = any(is_of(each, day.recurrence, zone) for each in own.overrides)
    if not has_override and write(own.event) == own.event:
        return own
    return with_override(own, day.recurrence, (day.start, day.end), zone, write)
