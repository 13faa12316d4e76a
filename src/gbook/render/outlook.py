"""What a command would do: in a sentence for --dry-run, and in a few lines before the last question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.bookings.proposal_text import in_order
from gbook.render.bookings import calendar_names, moment, people, when
from gbook.render.series import date_lines
from gbook.render.text import clean
from gbook.timeutil.format import count
from gbook.timeutil.zones import find_zone

if TYPE_CHECKING:
    from gbook.bookings.record import Record

__all__ = [
    "event_text",
    "last_look",
    "would",
    "would_book",
    "would_leave",
    "would_move",
    "would_reserve",
    "written",
]


def would(verb: str, record: Record, zone: ZoneInfo) -> str:
    """Return `Would cancel Mon 30 Nov 2026 09:00–09:30 EST with alice, bob (Demo with Jane)`."""
    return f"Would {verb} {when(record, zone)} with {', '.join(record.accounts)}{_subject(record)}"


def would_leave(record: Record, zone: ZoneInfo) -> str:
    """Return that a change would do nothing."""
    return f"Would leave {when(record, zone)}{_subject(record)} as it is"


def would_book(record: Record, zone: ZoneInfo) -> str:
    """Return what a booking or reservation would do, or that it was made before with the same key."""
    if record.repeated:
        verb = "reserved" if record.is_reservation else "booked"
        return f"Already {verb} with this key: {when(record, zone)}{_subject(record)}"
    if record.is_reservation and record.expires is not None:
        return f"{would('reserve', record, zone)}, until {moment(record.expires, zone)}"
    return would("book", record, zone)


def would_move(before: Record, after: Record, zone: ZoneInfo) -> str:
    """Return what a reschedule would do: move, reassign or nothing."""
    if before.sequence == after.sequence:
        return would_leave(after, zone)
    if before.times == after.times:
        return would("reassign", after, zone)
    return f"{would('move', before, zone)} to {when(after, zone)}{_now_with(before, after)}"


def would_reserve(records: Sequence[Record], zone: ZoneInfo, messages: Iterable[str]) -> Iterator[str]:
    """Yield what a proposal would do: a sentence with its `messages`, and a line for each slot."""
    first = records[0]
    until = f", until {moment(first.expires, zone)}" if first.expires is not None else ""
    sentence = f"Would reserve {count(len(records), 'slot')}{_subject(first)}{until}"
    yield clean("; ".join([sentence, written(records), *messages]))
    for number, record in enumerate(in_order(records), 1):
        yield clean(f"  {number}. {when(record, zone)} with {', '.join(record.accounts)}")


def written(records: Iterable[Record]) -> str:
    """Return how many calendars a change of these records writes."""
    calendars = {copy.calendar for record in records for copy in record.copies}
    return f"writes {count(len(calendars), 'calendar')}"


def last_look(record: Record, zone: ZoneInfo, messages: Iterable[str]) -> Iterator[str]:
    """Yield what is about to be booked: subject, time (in the guest's zone too), people and calendars."""
    yield record.subject or "(no subject)"
    yield f"  {when(record, zone)}"
    if record.guest.zone and (guests := when(record, find_zone(record.guest.zone))) != when(record, zone):
        yield f"  {guests} for {record.guest.name or 'the guest'}"
    yield from (f"  {line}" for line in date_lines(record, zone))
    yield f"  with {people(record)}"
    yield f"  in {calendar_names(record)}"
    for message in messages:
        yield f"  {message}"


def event_text(record: Record) -> str:
    """Return the event of a booking as it would be written (RFC 5545), with plain line feeds."""
    text: str = record.event.to_ical(sorted=False).decode()
    return text.replace("\r\n", "\n")


def _subject(record: Record) -> str:
    return f" ({record.subject})" if record.subject else ""


def _now_with(before: Record, after: Record) -> str:
    changed = set(before.accounts) != set(after.accounts)
    return f" with {', '.join(after.accounts)}" if changed else ""
