"""The records in one calendar; the cache keeps them, so that only changed files are read again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from gbook.bookings.event_data import EventData
from gbook.bookings.record import Record, record_of_data
from gbook.cache import UNTIED, Cache, Fingerprint
from gbook.calendars.busy.loader import versions
from gbook.calendars.stores.base import Item, State, Store
from gbook.calendars.stores.read_once import parse_once
from gbook.errors import GbookError, InvalidFile

__all__ = ["CalendarRecords", "FileRecords", "read_calendar"]

Data = TypeVar("Data", bound=EventData)


class FileRecords(msgspec.Struct, Generic[Data], frozen=True, array_like=True):
    """The bookings in one file of a calendar; `name` is empty if the calendar is a single file."""

    name: str
    fingerprint: tuple[int, int, int, int]
    records: list[Data]
    # A message for each booking that cannot be read.
    damage: list[str]


class CalendarRecords(NamedTuple):
    """The bookings in a calendar, and the reason why some or all of its files could not be read."""

    files: Sequence[FileRecords[Record]]
    fault: GbookError | None = None


def read_calendar(calendar: Store, cache: Cache | None = None) -> CalendarRecords:
    """Return the bookings in a calendar; with a cache, files that it knows are not read."""
    try:
        states = calendar.look()
    except GbookError as error:
        return CalendarRecords((), error)
    known = _recall(calendar, cache) if cache else {}
    files: list[FileRecords[Record]] = []
    fault = None
    for name, state in states:
        file = known.get(name)
        if file is None or file.fingerprint != state:
            try:
                file = _read_file(Item(calendar, name), state)
            except GbookError as error:
                fault = error
                break
        files.append(file)
    if cache and (len(known) != len(files) or any(known.get(file.name) is not file for file in files)):
        _keep(calendar, files, cache)
    return CalendarRecords(files, fault)


def _read_file(item: Item, state: State) -> FileRecords[Record]:
    """Read a file. Raises GbookError."""
    # A later change of the file shows in its fingerprint only if the file is settled now.
    fingerprint = Fingerprint(*state).trusted(time.time_ns())
    try:
        records, damage = parse_once(item, _parse)
    except InvalidFile as error:
        raise GbookError(f"{item.name or 'it'} cannot be read: {error.problems[0]}") from error
    return FileRecords(item.name, fingerprint, records, damage)


def _parse(content: bytes) -> tuple[list[Record], list[str]]:
    """Return the bookings in a file, and a message for each that cannot be read. Raises InvalidFile."""
    from gbook.bookings.event_reader import DAMAGED, own_components, read_event

    records, damage = [], []
    for uid, own in own_components(content):
        try:
            data = read_event(uid, own)
        except DAMAGED as error:
            damage.append(f"a booking in this calendar is damaged: {error}")
            continue
        if data is not None and not data.hold:
            records.append(record_of_data(data, (), own))
    return records, damage


def _recall(calendar: Store, cache: Cache) -> dict[str, FileRecords[Record]]:
    files = cache.get_value(calendar.key, _context(), list[FileRecords[Record]], UNTIED)
    return {file.name: file for file in files or ()}


def _keep(calendar: Store, files: Sequence[FileRecords[Record]], cache: Cache) -> None:
    data = [
        FileRecords(
            file.name,
            file.fingerprint,
            [msgspec.convert(record, EventData, from_attributes=True) for record in file.records],
            file.damage,
        )
        for file in files
    ]
    cache.put_value(calendar.key, _context(), data, UNTIED)


def _context() -> str:
    """Return what the records depend on besides the files, which includes the fields that are kept."""
    return f"records {versions()} {' '.join(EventData.__struct_fields__)}"
