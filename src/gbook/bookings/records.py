"""Bookings as read from the calendars: one record for each UID, however many copies there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.bookings.record import DAMAGED, Copy, Record, in_account_order, read_record
from gbook.bookings.unreadable import refuse_damaged
from gbook.calendars.commit.recovery import recover
from gbook.calendars.ics.gbook_properties import PROFILE
from gbook.calendars.ics.ownership import is_own
from gbook.calendars.ics.structure import read_structure
from gbook.calendars.stores.read_once import parse_once
from gbook.calendars.stores.vdir import list_items, read_bytes
from gbook.errors import GbookError, InvalidFile, Locked, NotFound, UsageError, Warn
from gbook.workspace.config import Account, CalendarRef
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["bookings_in", "find_record", "read_records", "read_unfinished"]


def read_records(workspace: Workspace) -> tuple[list[Record], list[Warn]]:
    """Return all bookings and reservations by start, and a warning for what cannot be read.

    Unfinished transactions of killed processes are completed first.
    """
    return read_unfinished(workspace, recover(_calendars(workspace)))


def read_unfinished(
    workspace: Workspace, failed: Mapping[Path, GbookError]
) -> tuple[list[Record], list[Warn]]:
    """Read as `read_records` does, without recovery; calendars that have `failed` are not read."""
    versions: dict[str, list[Record]] = {}
    warnings: list[Warn] = []
    for account in workspace.accounts.values():
        for reference in account.calendars:
            calendar = workspace.calendar_path(reference)
            if error := failed.get(calendar):
                warnings.append(_unread(account, reference, error))
                continue
            records, faults = _read_calendar(account, reference, calendar)
            warnings += faults
            for record in records:
                versions.setdefault(record.uid, []).append(record)
    merged = [_merge(copies) for copies in versions.values()]
    return sorted(merged, key=lambda record: (record.start, record.uid)), warnings


def _read_calendar(
    account: Account, reference: CalendarRef, calendar: Path
) -> tuple[list[Record], list[Warn]]:
    """Return a record of each booking in one calendar, and a warning for what cannot be read."""
    records: list[Record] = []
    warnings: list[Warn] = []
    try:
        for file, event in _own_events(calendar):
            try:
                records.append(read_record(event, [Copy(account, calendar, file, reference.path)]))
            except DAMAGED as error:
                reason = f"a booking in this calendar is damaged: {error}"
                warnings.append(Warn("malformed_event", reason, account.id, reference.path))
    except GbookError as error:
        warnings.append(_unread(account, reference, error))
    return records, warnings


def _unread(account: Account, reference: CalendarRef, error: GbookError) -> Warn:
    code = "locked_calendar" if isinstance(error, Locked) else "unreadable_calendar"
    return Warn(code, error.message, account.id, reference.path)


def _merge(versions: Sequence[Record]) -> Record:
    """Return the record of all copies of an event: the host's copy if it is writable, else the newest."""
    newest = max(versions, key=lambda version: version.sequence)
    hosts = [version for version in versions if _is_writable_host(version)]
    primary = max(hosts, key=lambda version: version.sequence, default=newest)
    copies = in_account_order((version.copies[0] for version in versions), primary.accounts)
    return replace(primary, sequence=newest.sequence, copies=copies, versions=versions)


def _is_writable_host(version: Record) -> bool:
    copy = version.copies[0]
    return copy.account.id == version.host and copy.is_writable


def _calendars(workspace: Workspace) -> dict[Path, None]:
    """Return every calendar of the workspace, once."""
    references = [reference for account in workspace.accounts.values() for reference in account.calendars]
    return dict.fromkeys(workspace.calendar_path(reference) for reference in references)


def find_record(workspace: Workspace, record_id: str, noun: str = "booking") -> tuple[Record, list[Warn]]:
    """Return the record with the UID `record_id`, or a unique prefix of it, and what cannot be read.

    Raises NotFound, UsageError; InvalidFile or Locked for a calendar that may hold it.
    """
    records, warnings = read_records(workspace)
    exact = [record for record in records if record.uid == record_id]
    matches = exact or [record for record in records if record_id and record.uid.startswith(record_id)]
    if not matches:
        refuse_damaged(workspace, warnings, f"{noun} {record_id!r} may be in it")
        raise NotFound(f"no {noun} {record_id!r}; `gbook {noun} list` shows them")
    if len(matches) > 1:
        raise UsageError(f"{record_id!r} matches {len(matches)} {noun}s: use a longer prefix")
    return matches[0], warnings


def _own_events(calendar: Path) -> Iterator[tuple[Path, Event]]:
    """Return the bookings in a calendar, each with its file. Raises GbookError if it cannot be read."""
    for item in list_items(calendar):
        try:
            events = parse_once(item.path, read_bytes, _parse_bookings)
        except InvalidFile as error:
            raise GbookError(f"{item.name or 'it'} cannot be read: {error.problems[0]}") from error
        yield from ((item.path, event) for event in events)


def _parse_bookings(data: bytes) -> list[Event]:
    return list(bookings_in(data)) if PROFILE.encode() in data.upper() else []


def bookings_in(data: bytes) -> Iterator[Event]:
    """Yield the bookings in a file, without single instances of series. Raises InvalidFile."""
    from icalendar import Event

    for span in read_structure(data, "").events:
        component = data[span.start : span.end]
        if span.recurrence is None and is_own(span.uid, component):
            with suppress(ValueError):
                event = Event.from_ical(component)
                if isinstance(event, Event):
                    yield event
