"""Committing changes of bookings, and noting them, so that no later error message denies them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gbook.bookings.context import BookingContext
from gbook.bookings.records import Record
from gbook.calendars.commit.transaction import Change, commit, uninterrupted
from gbook.committed import note
from gbook.errors import GbookError, Warn

__all__ = ["Removed", "make_durable"]

# UIDs of the events that the changes take out of the calendars.
Removed = frozenset[str]


def make_durable(
    context: BookingContext,
    changes: Sequence[Change],
    records: Iterable[Record],
    removed: Removed = frozenset(),
) -> None:
    """Commit `changes`, whose results are `records`, and note them. Raises what `commit` raises.

    A fault after the commit point is only a warning, in `context.collected_warnings`. Ctrl-C waits until the
    change is noted: it interrupts before the change, or after it is known.
    """
    with uninterrupted():
        try:
            commit(changes)
        except GbookError as error:
            if not error.details.get("committed"):
                raise
            warning = Warn("unfinished_write", error.message, path=error.details.get("path"))
            context.collected_warnings.append(warning)
        for record in records:
            note(_describe(record, record.uid in removed))


def _describe(record: Record, removed: bool) -> str:
    noun = "reservation" if record.is_reservation else "booking"
    if removed:
        return f"{noun} {record.uid} is removed from the calendars"
    state = "cancelled" if record.status == "cancelled" else "written"
    return f"{noun} {record.uid} is {state} in {', '.join(dict.fromkeys(c.shown for c in record.copies))}"
