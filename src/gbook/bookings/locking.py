"""Plan, lock, plan again, commit: the order in which every change of bookings is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from gbook.calendars.commit.transaction import Changed, lock_calendars
from gbook.calendars.stores.read_once import forget_content, read_once
from gbook.calendars.stores.vdir import read_bytes
from gbook.errors import Locked

__all__ = ["Contents", "PlannedChange", "under_locks"]

# Give up after this many rounds: other programs keep changing the calendars, or who is free.
ROUNDS = 20

# The content of calendar files, read under their locks; None for a file that does not exist yet.
Contents = Mapping[Path, bytes | None]
T = TypeVar("T")


@dataclass(frozen=True)
class PlannedChange(Generic[T]):
    """A change that was judged possible: what to lock, what it edits, and how it is made.

    A change without calendars is made without locks; its plan is not made again.
    """

    calendars: Set[Path]
    files: Set[Path]
    commit: Callable[[Contents], T]


def under_locks(plan: Callable[[], PlannedChange[T]], subject: str) -> T:
    """Make a change under the locks of its calendars, and return what its `commit` returns.

    The plan is made twice: first to know what to lock, then under the locks, after its files were read, so
    that an edit is made only to the content that was judged. Raises what the plan raises, and Locked, saying
    that `subject` keep changing. Files that have not changed since the first plan are not read again:
    `commit` compares those that it edits with what is on the disk.
    """
    with read_once():
        for _ in range(ROUNDS):
            first = plan()
            if not first.calendars:
                return first.commit({})
            with suppress(Changed), lock_calendars(first.calendars):
                contents = {file: _read(file) for file in first.files}
                second = plan()
                if second.calendars <= first.calendars and second.files <= contents.keys():
                    return second.commit(contents)
            forget_content()
    raise Locked(f"{subject} keep changing: try again")


def _read(file: Path) -> bytes | None:
    return read_bytes(file) if file.exists() else None
