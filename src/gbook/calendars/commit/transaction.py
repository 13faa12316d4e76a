"""Several calendars changed together: all of them, or none, whatever happens on the way.

    lock ─► read and judge ─► stage (temporary files, fsync) ─► journals, fsync: the commit ─► rename ─► drop

Until the first calendar has its journal, nothing has happened; from then on everything has, and this process
or the next gbook that looks does the rest. A single file needs no journal: its rename is the commit. A file
that cannot be replaced is refused before the commit. Another program's change is never overwritten: before
the commit the caller judges again, after it the edits are made to what the other has written.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from gbook.calendars.commit.journal import Entry, Target, encode, is_item, temporaries
from gbook.calendars.commit.locks import companion_path, hold, is_pending, real_path, token
from gbook.calendars.commit.recovery import StagedFile, Step, complete, drop, finish, leftovers, recover
from gbook.calendars.commit.replaceable import check_removable, check_replaceable, check_writable
from gbook.calendars.ics.edit import Edit, apply, inverse
from gbook.errors import GbookError, Locked
from gbook.filesystem import files
from gbook.filesystem.atomic import place, stage, sync_placed
from gbook.filesystem.companions import temporary
from gbook.filesystem.directories import sync_folder
from gbook.filesystem.flock import LOCK_SECONDS

__all__ = [
    "Change",
    "Changed",
    "commit",
    "leftovers",
    "lock_calendars",
    "read",
    "recover",
    "uninterrupted",
]


class Changed(Locked):
    """Another program has changed a file since it was read; nothing has happened, judge and try again."""


class Change(NamedTuple):
    """What is to become of one file of a calendar."""

    # The .ics file or the vdir folder.
    calendar: Path
    # The same for a file; for a vdir a file in it, which need not be there yet.
    target: Path
    edits: tuple[Edit, ...]
    # What was read under the lock and judged; None where there was no such file.
    before: bytes | None


def read(path: Path) -> bytes | None:
    """The bytes of a file that is to be changed, None where there is none. Raises GbookError."""
    real = os.path.realpath(path)
    with files.io_errors(real):
        return files.read(real)


@contextmanager
def lock_calendars(calendars: Iterable[Path], timeout: float = LOCK_SECONDS) -> Iterator[None]:
    """Holds the locks of `calendars` in which nothing is unfinished. Do not nest.

    Raises Locked after `timeout` seconds, GbookError where a lock cannot be had at all.
    """
    deadline = time.monotonic() + timeout
    paths = {real_path(calendar) for calendar in calendars}
    while True:
        for path in sorted(paths):
            finish(path, deadline)
        with hold(paths, deadline):
            # One may have been killed between our look and our lock.
            if not any(is_pending(path) for path in paths):
                yield
                return


def commit(changes: Sequence[Change]) -> None:
    """Makes the changes, all or none; done means on the disk. The locks of their calendars are held.

    Raises Changed where a file is not what was read, InvalidFile where one is no whole calendar, GbookError
    for a fault of the machine; then nothing has happened. Where a fault comes after the commit, the error
    has `details["committed"]`: all changes are recorded, and the next gbook finishes them.
    """
    works = [work for work in _works(changes) if work.staged.after != work.staged.before]
    if not works:
        return
    transaction = os.urandom(8).hex()
    with uninterrupted():
        _check_replaceable(works)
        if len(works) > 1:
            _check_there(works)
            _commit_journaled(works, transaction)
        else:
            _commit_one(works[0], transaction)


class _Work(NamedTuple):
    """One file of a transaction."""

    target: Target
    edits: list[Edit]
    staged: StagedFile

    @property
    def step(self) -> Step:
        """What the transaction does to it, and how that is undone."""
        before, after = self.staged
        item = os.path.basename(self.target.path) if self.target.in_vdir else None
        undo = inverse(before, after, self.edits, self.target.path)
        return Step(self.target, Entry(item, self.edits, undo), self.staged)


def _works(changes: Sequence[Change]) -> list[_Work]:
    """The files to be changed; changes of the same file (two accounts may share it) become one."""
    edits: dict[Target, list[Edit]] = {}
    before: dict[Target, bytes | None] = {}
    for change in changes:
        target = _target(change)
        edits.setdefault(target, []).extend(change.edits)
        if before.setdefault(target, change.before) != change.before:
            raise Changed(f"{target.path}: another program is changing it", path=target.path)
    return [
        _Work(target, own, StagedFile(before[target], _after(target, before[target], own)))
        for target, own in sorted(edits.items())
    ]


def _target(change: Change) -> Target:
    calendar = real_path(change.calendar)
    if change.target == change.calendar:
        return Target(calendar, calendar)
    folder, name = change.target.parent, change.target.name
    if folder != change.calendar or not is_item(name):
        raise GbookError(
            f"{change.target}: no name for an item of {change.calendar}", path=str(change.target)
        )
    return Target(calendar, os.path.join(calendar, name))


def _after(target: Target, before: bytes | None, edits: list[Edit]) -> bytes | None:
    return apply(before, edits, target.path, vdir_item=target.in_vdir)


def _check_there(works: Sequence[_Work]) -> None:
    """A calendar that is a file must exist: recovery takes one that does not for one that is out of reach."""
    for work in works:
        if work.staged.before is None and not work.target.in_vdir:
            raise GbookError(f"{work.target.path}: there is no such calendar", path=work.target.path)


def _check_replaceable(works: Sequence[_Work]) -> None:
    """Find out now what the rename would find out after the commit."""
    for work in works:
        with files.io_errors(work.target.path):
            check_replaceable(work.target.path)
            if work.target.in_vdir:
                check_writable(work.target.folder)


def _commit_one(work: _Work, transaction: str) -> None:
    ready = temporary(work.target.path, transaction)
    with files.io_errors(work.target.path):
        try:
            _stage([work], transaction)
            _check_unchanged([work])
            if work.staged.after is None:
                files.discard(work.target.path)
            elif not place(ready, work.target.path, new=work.staged.before is None):
                raise _changed(work)
        except BaseException:
            with suppress(OSError):
                files.discard(ready)
            raise
    sync_placed(work.target.path)


def _commit_journaled(works: Sequence[_Work], transaction: str) -> None:
    journals = _journals(works)
    steps = [work.step for work in works]
    placed: list[str] = []
    try:
        _stage(works, transaction)
        _stage_journals(journals, steps, transaction)
        for calendar in reversed(journals):
            if len(placed) == len(journals) - 1:
                _check_unchanged(works)
            _place_journal(journals[calendar], transaction, placed)
    except GbookError as error:
        if not _undone(journals, placed, works, transaction):
            raise _recorded(error) from error
        raise
    try:
        failed = complete(steps, transaction)
    except GbookError as error:
        raise _recorded(error) from error
    if failed:
        _take_back(list(journals), works, transaction, failed)
    # All is done and on the disk: a journal that cannot be taken away has nothing left to say.
    with suppress(OSError):
        drop(list(journals), [], transaction)


def _journals(works: Sequence[_Work]) -> dict[str, str]:
    """Return the path of each calendar's journal, the first one's first."""
    found = {}
    for calendar in sorted({work.target.calendar for work in works}):
        with files.io_errors(calendar):
            found[calendar] = companion_path(calendar, "journal")
    return found


def _take_back(
    calendars: Sequence[str], works: Sequence[_Work], transaction: str, failed: GbookError
) -> NoReturn:
    """End a transaction of which everything is undone: with its journals it could still come true."""
    try:
        with files.io_errors(calendars[0]):
            drop(calendars, [work.target for work in works], transaction)
    except GbookError as error:
        raise _recorded(error) from error
    raise GbookError(f"{failed.message}; nothing is changed", **failed.details) from failed


def _stage(works: Sequence[_Work], transaction: str) -> None:
    """The new content of each file, beside it and on the disk."""
    for calendar in {work.target.calendar for work in works}:
        with files.io_errors(calendar):
            # We hold the lock, so whoever has left them is dead.
            for left in temporaries(calendar):
                files.discard(left)
    for work in works:
        if work.staged.after is not None:
            like = work.target.folder if work.staged.before is None else work.target.path
            with files.io_errors(work.target.path):
                stage(temporary(work.target.path, transaction), work.staged.after, like)


def _stage_journals(journals: Mapping[str, str], steps: Sequence[Step], transaction: str) -> None:
    tokens: dict[str, str] = {}
    for calendar in journals:
        with files.io_errors(calendar):
            if (own := token(calendar)) is None:
                raise GbookError(f"{calendar}: its lock was deleted meanwhile", path=calendar)
            tokens[calendar] = own
    for calendar, journal in journals.items():
        entries = [step.entry for step in steps if step.target.calendar == calendar]
        with files.io_errors(journal):
            ready = temporary(journal, transaction)
            stage(ready, encode(transaction, calendar, tokens, entries), like=calendar)
            check_removable(ready)


def _place_journal(journal: str, transaction: str, placed: list[str]) -> None:
    """Give a journal its name, for good. The last one is the commit: all others are on the disk before it."""
    with files.io_errors(journal):
        if not place(temporary(journal, transaction), journal, new=True):
            raise GbookError(f"{journal}: there is an unfinished booking", path=journal)
        placed.append(journal)
        sync_folder(os.path.dirname(journal))


def _check_unchanged(works: Sequence[_Work]) -> None:
    for work in works:
        with files.io_errors(work.target.path):
            if files.read(work.target.path) != work.staged.before:
                raise _changed(work)


def _undone(
    journals: Mapping[str, str], placed: Sequence[str], works: Sequence[_Work], transaction: str
) -> bool:
    """Take away what was made. False where the transaction stays committed, because its first journal does.

    Without the first journal, gone for good, the others say nothing; with it all of them are needed.
    """
    try:
        # The last one placed is the commit: it goes first.
        for journal in reversed(placed):
            files.discard(journal)
            sync_folder(os.path.dirname(journal))
    except OSError:
        first = next(iter(journals.values()))
        return first not in placed or not _is_there(first)
    for path in [*journals.values(), *(work.target.path for work in works)]:
        with suppress(OSError):
            files.discard(temporary(path, transaction))
    return True


def _is_there(journal: str) -> bool:
    """Whether a journal may exist."""
    try:
        return files.exists(journal)
    except OSError:
        return True


def _changed(work: _Work) -> Changed:
    return Changed(f"{work.target.path}: another program keeps changing it", path=work.target.path)


def _recorded(error: GbookError) -> GbookError:
    message = f"{error.message}; the change is recorded, and the next gbook command finishes it"
    return GbookError(message, **{**error.details, "committed": True})


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits some milliseconds: then it finds nothing done, or all of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
