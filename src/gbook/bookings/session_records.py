"""Sessions among records: the bookings of a profile with seats that share one time and the same accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from msgspec.structs import replace

from gbook.bookings.record import Record
from gbook.bookings.records import known_records
from gbook.workspace.workspace import Workspace

__all__ = ["counted_seats", "same_session", "series_in_session", "session_key", "with_seats_left"]


def session_key(record: Record) -> Hashable | None:
    """Return what the records of one session have in common; None for one that shares its time with none.

    A meeting that repeats belongs to several sessions: it is changed by itself.
    """
    if record.seats is None or record.series is not None:
        return None
    return _key(record, record.start, record.end)


def _key(record: Record, start: int, end: int) -> Hashable:
    return record.profile, start, end, frozenset(record.accounts)


def same_session(records: Iterable[Record], record: Record, now: int) -> list[Record]:
    """Return the records that take seats of the session of `record` at `now`, itself first."""
    key = session_key(record)
    others = [
        each
        for each in records
        if key is not None and each.uid != record.uid and session_key(each) == key and each.holds(now)
    ]
    return [record, *others]


def series_in_session(records: Iterable[Record], record: Record, now: int) -> list[Record]:
    """Return the series with a date that takes a seat in the session of `record` at `now`."""
    key = session_key(record)
    return [
        each
        for each in records
        if each.series is not None
        and each.seats is not None
        and each.holds(now)
        and (record.start, record.end) in each.times
        and _key(each, record.start, record.end) == key
    ]


def with_seats_left(records: Sequence[Record], now: int) -> list[Record]:
    """Return records, each of a session with the number of seats that are left at `now`.

    `records` must be all of them. The highest number of seats counts: that of the profile may have changed.
    """
    sessions: defaultdict[Hashable, list[Record]] = defaultdict(list)
    for record in records:
        for start, end in record.times if record.seats is not None and record.holds(now) else ():
            sessions[_key(record, start, end)].append(record)
    return [_counted(record, sessions.get(session_key(record), ())) for record in records]


def counted_seats(workspace: Workspace, record: Record, now: int) -> Record:
    """Return a record, of a session with the number of seats that are left at `now`.

    Calendars that cannot be read are left out.
    """
    if session_key(record) is None:
        return record
    others = [each for each in known_records(workspace) if each.uid != record.uid]
    return with_seats_left([record, *others], now)[0]


def _counted(record: Record, session: Sequence[Record]) -> Record:
    if session_key(record) is None:
        return record
    seats = max([record.seats or 0, *(each.seats or 0 for each in session)])
    return replace(record, seats=seats, seats_left=max(seats - len(session), 0))
