"""The accounts that take part in a booking: as its event names them, and as gbook.yaml has them now.

Since the booking was made, an account may have been removed, or its id or address may have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from gbook.bookings.attendees import Attendee
from gbook.bookings.record import Record
from gbook.calendars.stores.file import FileStore
from gbook.errors import GbookError, Warn
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["Participants", "accounts_that", "copies_left", "declined_accounts", "participants_of"]


class Participants(NamedTuple):
    """The accounts that take part, in the event's order, the host first.

    `written` are all of them, with the ids and addresses in the event; `present` are those in gbook.yaml, as
    they are there; `left` are the ids of the others.
    """

    written: tuple[Account, ...]
    present: tuple[Account, ...]
    left: tuple[str, ...]


def participants_of(workspace: Workspace, record: Record) -> Participants:
    """Return the accounts that take part in a booking or reservation."""
    written: list[Account] = []
    present: list[Account] = []
    left: list[str] = []
    for name, line in _named_attendees(workspace, record):
        account = workspace.accounts.get(name) or _renamed(workspace, record, line)
        if account is None:
            left.append(name)
            written.append(
                Account(id=name, name=line.name if line else None, email=line.email if line else "")
            )
            continue
        present.append(account)
        if line and line.email.casefold() != account.email.casefold():
            account = msgspec.structs.replace(account, name=line.name, email=line.email)
        written.append(msgspec.structs.replace(account, id=name))
    return Participants(tuple(written), tuple(present), tuple(left))


def declined_accounts(workspace: Workspace, record: Record) -> list[str]:
    """Return the ids of the accounts that take part in a booking and have declined it."""
    return accounts_that("DECLINED", workspace, record)


def accounts_that(partstat: str, workspace: Workspace, record: Record) -> list[str]:
    """Return the ids of the accounts that take part in a booking with this answer."""
    if all(attendee.partstat != partstat for attendee in record.attendees):
        return []
    return [name for name, line in _named_attendees(workspace, record) if line and line.partstat == partstat]


def copies_left(workspace: Workspace, record: Record) -> list[Warn]:
    """Return a warning for each copy of a booking in a calendar of a removed account.

    gbook.yaml no longer names that calendar, so the folders of the calendars that it names are searched.
    """
    left = participants_of(workspace, record).left
    if not left:
        return []
    removed = f"account {', '.join(left)} is no longer in gbook.yaml"
    warnings = [
        Warn("left_copy", f"{removed}: this copy of booking {record.uid} is not changed", left[0], path)
        for path in _unlisted_calendars(workspace, record.uid)
    ]
    unlocated = f"{removed}: a copy of booking {record.uid} in its calendar is not changed"
    return warnings or [Warn("left_copy", unlocated, left[0])]


def _named_attendees(workspace: Workspace, record: Record) -> list[tuple[str, Attendee | None]]:
    """Return the accounts of an event by id, each with its attendee, or None.

    The attendee is found by the account's address (the host also as the organizer), else by position: gbook
    writes the accounts first, in order.
    """
    invited = record.attendees
    names = list(record.accounts or [record.host])
    positions = {attendee.email.casefold(): position for position, attendee in enumerate(invited)}
    organizer = record.organizer.casefold().removeprefix("mailto:")
    known = {
        name: positions.get(workspace.accounts[name].email.casefold())
        for name in names & workspace.accounts.keys()
    }
    in_order = all(known.get(name) in (None, position) for position, name in enumerate(names))
    pairs: list[tuple[str, Attendee | None]] = []
    for i, name in enumerate(names):
        position = known.get(name)
        if position is None and name == record.host:
            position = positions.get(organizer)
        if position is None and in_order and i < len(invited) and _may_be_account(record, invited[i]):
            position = i
        pairs.append((name, None if position is None else invited[position]))
    return pairs


def _may_be_account(record: Record, line: Attendee) -> bool:
    guest = (record.guest.email or "").casefold()
    return line.role != "OPT-PARTICIPANT" and line.email.casefold() != guest


def _renamed(workspace: Workspace, record: Record, line: Attendee | None) -> Account | None:
    """Return the account that had another id when the event was written; its address is the same."""
    if line is None:
        return None
    for account in workspace.accounts.values():
        if account.email.casefold() == line.email.casefold() and account.id not in record.accounts:
            return account
    return None


def _unlisted_calendars(workspace: Workspace, uid: str) -> Iterator[str]:
    """Yield the calendars with an event that gbook.yaml does not name, as paths from the workspace."""
    named = {
        workspace.calendar_path(calendar)
        for account in workspace.accounts.values()
        for calendar in account.calendars
        if not calendar.is_remote
    }
    for folder in sorted({path.parent for path in named}):
        for path in sorted(_entries(folder)):
            item = path / f"{uid}.ics" if path.is_dir() else path
            if path not in named and item.suffix == ".ics" and item.is_file() and _holds(item, uid):
                shown = item.relative_to(workspace.root) if item.is_relative_to(workspace.root) else item
                yield str(shown)


def _entries(folder: Path) -> Sequence[Path]:
    with suppress(OSError):
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    return []


def _holds(file: Path, uid: str) -> bool:
    with suppress(GbookError):
        return f"UID:{uid}".encode() in FileStore(file).read("")
    return False
