"""The order in which every change of bookings is made: plan, lock, plan again, commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from gbook.bookings.context import BookingContext
from gbook.bookings.idempotency import Unfinished
from gbook.bookings.planned import Contents, PlannedChange, commit_files, note_records
from gbook.calendars.commit.transaction import Changed, lock_calendars, uninterrupted
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.file import LocalStore
from gbook.calendars.stores.read_once import forget_content, read_once
from gbook.errors import Locked

__all__ = ["under_locks"]

# Give up after this many rounds: other programs keep changing the calendars, or who is free.
ROUNDS = 20

T = TypeVar("T")


def under_locks(context: BookingContext, plan: Callable[[], PlannedChange[T]], subject: str) -> T:
    """Make a change under the locks of its calendars, and return its result once it is durable.

    The plan is made twice: first to know what to lock, then under the locks, after its files were read, so
    that an edit is made only to the content that was judged. Files that have not changed since the first plan
    are not read again: the commit compares those that it edits with the disk. Ctrl-C waits until the change
    is noted: it interrupts before the change, or after it is known. Raises what the plan raises, and Locked
    with the message that `subject` (a plural noun) keep changing.
    """
    context.workspace.require_online()
    with read_once():
        for _ in range(ROUNDS):
            first = _first_plan(context, plan)
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


def _first_plan(context: BookingContext, plan: Callable[[], PlannedChange[T]]) -> PlannedChange[T]:
    """Return what to lock: without holds on servers, which may be given up while this change waits."""
    if not context.workspace.config.servers:
        return plan()
    with context.workspace.remotes.without_holds():
        try:
            return plan()
        except Unfinished as unfinished:
            return PlannedChange(unfinished.calendars, frozenset(), _unprepared)


def _unprepared(_: Contents) -> NoReturn:
    raise AssertionError("an interrupted booking is planned again when its copies are gone")


def _paths(calendars: Iterable[Store]) -> list[Path]:
    return [store.path for store in calendars if isinstance(store, LocalStore)]
