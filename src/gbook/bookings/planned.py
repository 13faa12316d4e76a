"""Changes of bookings that were judged possible, and the commit of those in files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from gbook.bookings.context import BookingContext
from gbook.bookings.record import Record
from gbook.calendars.commit.transaction import FileChange, commit
from gbook.calendars.ics.edit import Edit
from gbook.calendars.stores.base import Item, Store
from gbook.calendars.stores.file import LocalStore
from gbook.committed import note
from gbook.errors import GbookError, Warn

__all__ = ["Change", "Contents", "PlannedChange", "Prepared", "commit_files", "note_records"]

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


def commit_files(context: BookingContext, changes: Iterable[Change]) -> None:
    """Commit the changes of calendars on disks; those of calendars on servers are left out.

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
