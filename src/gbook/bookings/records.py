"""Bookings as read from the calendars: one record for each UID, however many copies there are.

Commands that only show bookings use the cache, so that only changed files are read. All others read the
calendars themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from gbook.bookings.calendar_records import CalendarRecords, read_calendar
from gbook.bookings.record import Copy, Record, in_account_order
from gbook.bookings.unreadable import refuse_damaged
from gbook.calendars.commit.pending import make_current
from gbook.calendars.stores.base import Item, Store
from gbook.errors import GbookError, NotFound, UsageError, Warn, unread
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["find_record", "known_records", "read_records", "read_unfinished", "search_records"]


def read_records(workspace: Workspace, *, use_cache: bool = False) -> tuple[list[Record], list[Warn]]:
    """Return all bookings and reservations by start, and a warning for what cannot be read.

    Unfinished transactions of killed processes are completed first.
    """
    return read_unfinished(workspace, make_current(_calendars(workspace)), use_cache=use_cache)


def known_records(workspace: Workspace) -> list[Record]:
    """Return all bookings and reservations by start that can be read at once: nothing is recovered."""
    return read_unfinished(workspace, {}, use_cache=True)[0]


def read_unfinished(
    workspace: Workspace, failed: Mapping[Store, GbookError], *, use_cache: bool = False
) -> tuple[list[Record], list[Warn]]:
    """Read as `read_records` does, without recovery; calendars that have `failed` are not read."""
    versions, warnings = _read_versions(workspace, failed, use_cache=use_cache)
    merged = [_merge(copies) for copies in versions.values()]
    return sorted(merged, key=lambda record: (record.start, record.uid)), warnings


def search_records(workspace: Workspace, is_meant: Callable[[Record], bool]) -> list[Record]:
    """Return the bookings and reservations that are meant, by start.

    If there is none, it raises InvalidFile, Unreachable or Locked for a calendar that may hold one.
    """
    records, warnings = read_records(workspace, use_cache=True)
    if not (found := [record for record in records if is_meant(record)]):
        refuse_damaged(workspace, warnings, "the booking may be in it")
    return found


def _read_versions(
    workspace: Workspace, failed: Mapping[Store, GbookError], *, use_cache: bool, prefix: str = ""
) -> tuple[dict[str, list[Record]], list[Warn]]:
    """Return the record of each copy of each booking, by UID, and a warning for what cannot be read.

    Only UIDs with the `prefix` are returned.
    """
    versions: dict[str, list[Record]] = {}
    warnings: list[Warn] = []
    read: dict[Store, CalendarRecords] = {}
    for account in workspace.accounts.values():
        for reference in account.calendars:
            if account.is_foreign(reference):
                # Bookings in it are of another gbook.
                continue
            calendar = workspace.store(reference)
            if error := failed.get(calendar):
                warnings.append(_unread(account, reference, error))
                continue
            if calendar not in read:
                read[calendar] = read_calendar(calendar, workspace.cache if use_cache else None)
            content = read[calendar]
            for file in content.files:
                copies = [Copy(account, Item(calendar, file.name), reference.shown)]
                for record in file.records:
                    if record.uid.startswith(prefix):
                        versions.setdefault(record.uid, []).append(replace(record, copies=copies))
                warnings += [
                    Warn("malformed_event", damage, account.id, reference.shown) for damage in file.damage
                ]
            if content.fault:
                warnings.append(_unread(account, reference, content.fault))
    return versions, warnings


def _unread(account: Account, reference: CalendarRef, error: GbookError) -> Warn:
    return unread(error, account.id, reference.shown)


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


def _calendars(workspace: Workspace) -> dict[Store, None]:
    """Return every calendar of the workspace that may have bookings of it, once."""
    references = [
        reference
        for account in workspace.accounts.values()
        for reference in account.calendars
        if not account.is_foreign(reference)
    ]
    return dict.fromkeys(workspace.store(reference) for reference in references)


def find_record(
    workspace: Workspace, record_id: str, noun: str = "booking", *, use_cache: bool = False
) -> tuple[Record, list[Warn]]:
    """Return the record with the UID `record_id`, or a unique prefix of it, and what cannot be read.

    Raises NotFound, UsageError; InvalidFile or Locked for a calendar that may hold it.
    """
    versions, warnings = _read_versions(
        workspace, make_current(_calendars(workspace)), use_cache=use_cache, prefix=record_id
    )
    matches = [record_id] if record_id in versions else list(versions) if record_id else []
    if not matches:
        refuse_damaged(workspace, warnings, f"{noun} {record_id!r} may be in it")
        raise NotFound(f"no {noun} {record_id!r}; `gbook {noun} list` shows them")
    if len(matches) > 1:
        raise UsageError(f"{record_id!r} matches {len(matches)} {noun}s: use a longer prefix")
    return _merge(versions[matches[0]]), warnings
