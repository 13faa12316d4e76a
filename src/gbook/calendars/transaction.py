"""Several calendars changed together: all of them, or none, whatever happens on the way.

    lock ─► read and judge ─► stage (temporary files, fsync) ─► journals, fsync: the commit ─► rename ─► drop

Until the journal of the first calendar stands, nothing has happened; from then on everything has, and what is
still to be done is done by this process or by the next gbook that looks. A single file needs no journal: its
rename is the commit. Another program's change is never overwritten: before the commit the caller judges
anew, after it the edits are made to what the other has written.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from gbook.calendars import files
from gbook.calendars.edit import Edit, apply
from gbook.calendars.journal import Entry, Target, encode, is_item, temporaries, temporary
from gbook.calendars.locks import LOCK_SECONDS, hold, is_pending, real_path, sidecar
from gbook.calendars.recovery import Staged, drop, finish, leftovers, recover, settle
from gbook.errors import GbookError, Locked

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
    with files.faults(real):
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
        if len(works) > 1:
            _check_there(works)
            _commit_journaled(works, transaction)
        else:
            _commit_one(works[0], transaction)


class _Work(NamedTuple):
    """One file of a transaction."""

    target: Target
    edits: list[Edit]
    staged: Staged


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
        _Work(target, own, Staged(before[target], _after(target, before[target], own)))
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


def _commit_one(work: _Work, transaction: str) -> None:
    ready = temporary(work.target.path, transaction)
    with files.faults(work.target.path):
        try:
            _stage([work], transaction)
            _check_unchanged([work])
            if work.staged.after is None:
                files.discard(work.target.path)
            elif not files.place(ready, work.target.path, new=work.staged.before is None):
                raise _changed(work)
        except BaseException:
            with suppress(OSError):
                files.discard(ready)
            raise
    try:
        files.sync_folder(work.target.folder)
    except OSError as error:
        raise GbookError(
            f"{work.target.path}: {error.strerror}; it is written, but a power failure may undo it",
            path=work.target.path,
            committed=True,
        ) from error


def _commit_journaled(works: Sequence[_Work], transaction: str) -> None:
    calendars = sorted({work.target.calendar for work in works})
    placed: list[str] = []
    try:
        _stage(works, transaction)
        _stage_journals(calendars, works, transaction)
        for calendar in reversed(calendars):
            if calendar == calendars[0]:
                _check_unchanged(works)
            _place_journal(calendar, transaction, placed)
    except GbookError as error:
        if calendars[0] in _not_undone(calendars, placed, works, transaction):
            raise _recorded(error) from error
        raise
    try:
        for work in works:
            with files.faults(work.target.path):
                settle(work.target, work.edits, transaction, work.staged)
    except GbookError as error:
        raise _recorded(error) from error
    # All is done and on the disk: a journal that cannot be taken away has nothing left to say.
    with suppress(OSError):
        drop(calendars, [], transaction)


def _stage(works: Sequence[_Work], transaction: str) -> None:
    """The new content of each file, beside it and on the disk."""
    for calendar in {work.target.calendar for work in works}:
        with files.faults(calendar):
            # We hold the lock, so whoever has left them is dead.
            for left in temporaries(calendar):
                files.discard(left)
    for work in works:
        if work.staged.after is not None:
            like = work.target.folder if work.staged.before is None else work.target.path
            with files.faults(work.target.path):
                files.stage(temporary(work.target.path, transaction), work.staged.after, like)


def _stage_journals(calendars: Sequence[str], works: Sequence[_Work], transaction: str) -> None:
    for calendar in calendars:
        entries = [
            Entry(os.path.basename(work.target.path) if work.target.in_vdir else None, work.edits)
            for work in works
            if work.target.calendar == calendar
        ]
        journal = sidecar(calendar, "journal")
        with files.faults(journal):
            content = encode(transaction, calendar, calendars, entries)
            files.stage(temporary(journal, transaction), content, like=calendar)


def _place_journal(calendar: str, transaction: str, placed: list[str]) -> None:
    """That of the first calendar is the commit: those of all others are on the disk before it stands."""
    journal = sidecar(calendar, "journal")
    with files.faults(journal):
        if not files.place(temporary(journal, transaction), journal, new=True):
            raise GbookError(f"{journal}: there is an unfinished booking", path=journal)
        placed.append(calendar)
        files.sync_folder(os.path.dirname(journal))


def _check_unchanged(works: Sequence[_Work]) -> None:
    for work in works:
        with files.faults(work.target.path):
            if files.read(work.target.path) != work.staged.before:
                raise _changed(work)


def _not_undone(
    calendars: Sequence[str], placed: Sequence[str], works: Sequence[_Work], transaction: str
) -> list[str]:
    """Takes away what was made; gives the calendars whose journal stays for all that."""
    stuck = []
    # The last one placed is the commit: it goes first.
    for calendar in reversed(placed):
        try:
            files.discard(sidecar(calendar, "journal"))
        except OSError:
            stuck.append(calendar)
        with suppress(OSError):
            files.sync_folder(os.path.dirname(calendar))
    made = [*(sidecar(calendar, "journal") for calendar in calendars), *(work.target.path for work in works)]
    for path in made:
        with suppress(OSError):
            files.discard(temporary(path, transaction))
    return stuck


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
