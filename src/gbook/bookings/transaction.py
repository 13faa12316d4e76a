"""The order in which every change of bookings is made: plan, lock, plan again, commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from gbook.bookings.context import BookingContext
from gbook.bookings.record import Record
from gbook.calendars.commit.transaction import Changed, FileChange, commit, lock_calendars, uninterrupted
from gbook.calendars.ics.edit import Edit
from gbook.calendars.stores.base import Item, Store
from gbook.calendars.stores.file import LocalStore
from gbook.calendars.stores.read_once import forget_content, read_once
from gbook.committed import note
from gbook.errors import GbookError, Locked, Warn

__all__ = ["Change", "Contents", "PlannedChange", "Prepared", "commit_files", "note_records", "under_locks"]

# Give up after this many rounds: other programs keep changing the calendars, or who is free.
ROUNDS = 20

# The content of resources, read under the locks of their calendars; None for one that does not exist yet.
Contents = Mapping[Item, bytes | None]
T = TypeVar("T")


class Change(NamedTuple):
    """A change of one resource of a calendar."""

    item: Item
    edits: tuple[Edit, ...]
    # The content that was read under the lock; None if there was none.
    before: bytes | None


class Prepared(NamedTuple, Generic[T]):
    """The edits of a change, made to the content that was judged; nothing is written yet."""

    # What the command gets once the change is durable.
    result: T
    changes: Sequence[Change] = ()
    # The records of the events that change; they are noted, so that no later error message denies them.
    records: Sequence[Record] = ()
    # The UIDs of the events that the change takes out of the calendars.
    removed: Set[str] = frozenset()
    # The records whose time the change takes: on servers, it is held until the change is confirmed.
    taking: Sequence[Record] = ()
    # Removes expired reservations from the same calendars.
    cleanup: Sequence[Change] = ()


@dataclass(frozen=True)
class PlannedChange(Generic[T]):
    """A change that was judged possible: what to lock, what it edits, and how its edits are made.

    A change without calendars is made without locks; its plan is not made again.
    """

    calendars: Set[Store]
    items: Set[Item]
    prepare: Callable[[Contents], Prepared[T]]


def under_locks(context: BookingContext, plan: Callable[[], PlannedChange[T]], subject: str) -> T:
    """Make a change under the locks of its calendars, and return its result once it is durable.

    The plan is made twice: first to know what to lock, then under the locks, after its files were read, so
    that an edit is made only to the content that was judged. Files that have not changed since the first plan
    are not read again: the commit compares those that it edits with the disk. Ctrl-C waits until the change
    is noted: it interrupts before the change, or after it is known. Raises what the plan raises, and Locked
    with the message that `subject` (a plural noun) keep changing.
    """
    with read_once():
        for _ in range(ROUNDS):
            first = plan()
            if not first.calendars:
                return first.prepare({}).result
            with suppress(Changed), lock_calendars(_paths(first.calendars)):
                if any(store.is_remote for store in first.calendars):
                    from gbook.bookings.server_change import ServerChange

                    return ServerChange(context, first.calendars, plan).carry_out()
                contents = {item: item.read_existing() for item in first.items}
                second = plan()
                if second.calendars <= first.calendars and second.items <= contents.keys():
                    prepared = second.prepare(contents)
                    with uninterrupted():
                        commit_files(context, [*prepared.changes, *prepared.cleanup])
                        note_records(prepared)
                    return prepared.result
            forget_content()
    raise Locked(f"{subject} keep changing: try again")


def _paths(calendars: Iterable[Store]) -> list[Path]:
    return [store.path for store in calendars if isinstance(store, LocalStore)]


def commit_files(context: BookingContext, changes: Iterable[Change]) -> None:
    """Commit the changes of calendars on disks.

    A fault after the commit point is only a warning, in `context.collected_warnings`. Raises what `commit`
    raises.
    """
    try:
        commit(_file_changes(changes))
    except GbookError as error:
        if not error.details.get("committed"):
            raise
        warning = Warn("unfinished_write", error.message, path=error.details.get("path"))
        context.collected_warnings.append(warning)


def note_records(prepared: Prepared[T]) -> None:
    """Note the records of a change that is committed, so that no later error message denies them."""
    for record in prepared.records:
        note(_describe(record, record.uid in prepared.removed))


def _file_changes(changes: Iterable[Change]) -> list[FileChange]:
    return [
        FileChange(store.path, store.item_path(name), edits, before)
        for (store, name), edits, before in changes
        if isinstance(store, LocalStore)
    ]


def _describe(record: Record, removed: bool) -> str:
    noun = "reservation" if record.is_reservation else "booking"
    if removed:
        return f"{noun} {record.uid} is removed from the calendars"
    state = "cancelled" if record.status == "cancelled" else "written"
    return f"{noun} {record.uid} is {state} in {', '.join(dict.fromkeys(c.shown for c in record.copies))}"
