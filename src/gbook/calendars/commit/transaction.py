"""Transactions: change several calendars together, all of them or none.

    lock ─► read and check ─► stage (temporary files, fsync) ─► journals, fsync: the commit ─► rename ─► end

The commit point is the journal of the first calendar. Before it no calendar is changed; after it this process
or the next gbook completes the change. A single file needs no journal: its rename is the commit point. A file
that cannot be replaced is refused before the commit. Changes by other programs are never overwritten: before
the commit the caller reads and checks again; after it the edits are applied to the other program's content.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from gbook.calendars.commit.journal import CalendarFile, Entry, encode, is_item, temporaries
from gbook.calendars.commit.locks import hold, token
from gbook.calendars.commit.paths import companion_path, is_pending, real_path
from gbook.calendars.commit.recovery import StagedFile, Step, complete, end_transaction, finish
from gbook.calendars.commit.replaceable import check_removable, check_replaceable, check_writable
from gbook.calendars.ics.edit import Undo, apply, inverse
from gbook.errors import GbookError, Locked
from gbook.filesystem import files
from gbook.filesystem.atomic import place, stage, sync_placed
from gbook.filesystem.companions import temporary
from gbook.filesystem.directories import sync_folder, sync_folders
from gbook.filesystem.flock import lock_deadline

__all__ = [
    "Changed",
    "FileChange",
    "commit",
    "lock_calendars",
    "read",
    "uninterrupted",
]


class Changed(Locked):
    """Another program has changed a file since it was read. Nothing was written: read again and retry."""


class FileChange(NamedTuple):
    """A change of one file of a calendar."""

    # The .ics file or the vdir folder.
    calendar: Path
    # The same path for an .ics file; for a vdir an item in it, which need not exist yet.
    target: Path
    edits: tuple[Undo, ...]
    # The content that was read under the lock; None if the file did not exist.
    before: bytes | None


def read(path: Path) -> bytes | None:
    """Return the bytes of a file, symlinks followed; None if it does not exist. Raises GbookError."""
    real = os.path.realpath(path)
    with files.io_errors(real):
        return files.read(real)


@contextmanager
def lock_calendars(calendars: Iterable[Path]) -> Iterator[None]:
    """Hold the locks of `calendars` while the block runs; finish their unfinished transactions first.

    Do not nest. Raises Locked if one is held for too long, GbookError if a lock cannot be taken at all.
    """
    deadline = lock_deadline()
    paths = {real_path(calendar) for calendar in calendars}
    while True:
        for path in sorted(paths):
            finish(path, deadline)
        with hold(paths, deadline):
            # A writer may have been killed between our check and our lock.
            if not any(is_pending(path) for path in paths):
                yield
                return


def commit(changes: Sequence[FileChange]) -> None:
    """Make the changes, all or none; they are on the disk when it returns. The caller holds the locks.

    Raises Changed if a file is not as it was read, InvalidFile if it is not a complete calendar, GbookError
    for a failure of the machine; then nothing was changed. If the failure comes after the commit point, the
    error has `details["committed"]`: the changes are recorded, and the next gbook completes them.
    """
    planned = [file for file in _planned(changes) if file.staged.after != file.staged.before]
    if not planned:
        return
    transaction = os.urandom(8).hex()
    with uninterrupted():
        _check_replaceable(planned)
        if len(planned) > 1:
            _check_existing(planned)
            _commit_journaled(planned, transaction)
        else:
            _commit_one(planned[0], transaction)


class _PlannedFile(NamedTuple):
    """One file of a transaction, with all of its edits."""

    target: CalendarFile
    edits: list[Undo]
    staged: StagedFile

    @property
    def step(self) -> Step:
        """The step of the transaction that changes the file, with its undo."""
        before, after = self.staged
        item = os.path.basename(self.target.path) if self.target.in_vdir else None
        undo = inverse(before, after, self.edits, self.target.path)
        return Step(self.target, Entry(item, self.edits, undo), self.staged)


def _planned(changes: Sequence[FileChange]) -> list[_PlannedFile]:
    """Return the files to be changed. Changes of the same file become one: two accounts may share it."""
    edits: dict[CalendarFile, list[Undo]] = {}
    before: dict[CalendarFile, bytes | None] = {}
    for change in changes:
        target = _calendar_file(change)
        edits.setdefault(target, []).extend(change.edits)
        if before.setdefault(target, change.before) != change.before:
            raise Changed(f"{target.path}: another program is changing it", path=target.path)
    return [
        _PlannedFile(target, own, StagedFile(before[target], _after(target, before[target], own)))
        for target, own in sorted(edits.items())
    ]


def _calendar_file(change: FileChange) -> CalendarFile:
    calendar = real_path(change.calendar)
    if change.target == change.calendar:
        return CalendarFile(calendar, calendar)
    folder, name = change.target.parent, change.target.name
    if folder != change.calendar or not is_item(name):
        raise GbookError(
            f"{change.target}: not a valid name for an item of {change.calendar}", path=str(change.target)
        )
    return CalendarFile(calendar, os.path.join(calendar, name))


def _after(target: CalendarFile, before: bytes | None, edits: list[Undo]) -> bytes | None:
    return apply(before, edits, target.path, vdir_item=target.in_vdir)


def _check_existing(planned: Sequence[_PlannedFile]) -> None:
    """Raise GbookError for a missing .ics calendar: recovery would take it for an unmounted one."""
    for file in planned:
        if file.staged.before is None and not file.target.in_vdir:
            raise GbookError(f"{file.target.path}: no such calendar", path=file.target.path)


def _check_replaceable(planned: Sequence[_PlannedFile]) -> None:
    """Raise GbookError now for a file whose rename would fail after the commit."""
    for file in planned:
        with files.io_errors(file.target.path):
            check_replaceable(file.target.path)
            if file.target.in_vdir:
                check_writable(file.target.folder)


def _commit_one(file: _PlannedFile, transaction: str) -> None:
    ready = temporary(file.target.path, transaction)
    with files.io_errors(file.target.path):
        try:
            _stage([file], transaction)
            _check_unchanged([file])
            if file.staged.after is None:
                files.discard(file.target.path)
            elif not place(ready, file.target.path, new=file.staged.before is None):
                raise _changed(file)
        except BaseException:
            with suppress(OSError):
                files.discard(ready)
            raise
    sync_placed(file.target.path)


def _commit_journaled(planned: Sequence[_PlannedFile], transaction: str) -> None:
    journals = _journals(planned)
    steps = [file.step for file in planned]
    _write_journals(planned, journals, steps, transaction)
    try:
        failed = complete(steps, transaction)
    except GbookError as error:
        raise _recorded(error) from error
    if failed:
        _end_undone(list(journals), planned, transaction, failed)
    # Everything is on the disk: a journal that cannot be deleted now has no effect any more.
    with suppress(OSError):
        end_transaction(list(journals), [], transaction)


def _write_journals(
    planned: Sequence[_PlannedFile], journals: dict[str, str], steps: Sequence[Step], transaction: str
) -> None:
    """Stage the files and place the journals: the commit.

    Raises GbookError; then everything is undone, unless the error has `details["committed"]`.
    """
    placed: list[str] = []
    try:
        _stage(planned, transaction)
        _stage_journals(journals, steps, transaction)
        first, *others = journals.values()
        _place_journals(others, transaction, placed)
        _check_unchanged(planned)
        _place_journals([first], transaction, placed)
    except GbookError as error:
        if not _undone(journals, placed, planned, transaction):
            raise _recorded(error) from error
        raise


def _journals(planned: Sequence[_PlannedFile]) -> dict[str, str]:
    """Return each calendar of the transaction, in sorted order, with the path of its journal."""
    journals = {}
    for calendar in sorted({file.target.calendar for file in planned}):
        with files.io_errors(calendar):
            journals[calendar] = companion_path(calendar, "journal")
    return journals


def _end_undone(
    calendars: Sequence[str], planned: Sequence[_PlannedFile], transaction: str, failed: GbookError
) -> NoReturn:
    """End a transaction that was undone, and raise `failed`. Its journals would make recovery redo it."""
    try:
        with files.io_errors(calendars[0]):
            end_transaction(calendars, [file.target for file in planned], transaction)
    except GbookError as error:
        raise _recorded(error) from error
    raise GbookError(f"{failed.message}; nothing was changed", **failed.details) from failed


def _stage(planned: Sequence[_PlannedFile], transaction: str) -> None:
    """Write the new content of each file to a temporary file beside it, durably."""
    for calendar in {file.target.calendar for file in planned}:
        with files.io_errors(calendar):
            # We hold the lock, so the process that left them is dead.
            for leftover in temporaries(calendar):
                files.discard(leftover)
    for file in planned:
        if file.staged.after is not None:
            like = file.target.folder if file.staged.before is None else file.target.path
            with files.io_errors(file.target.path):
                stage(temporary(file.target.path, transaction), file.staged.after, like)


def _stage_journals(journals: Mapping[str, str], steps: Sequence[Step], transaction: str) -> None:
    """Write the journals to temporary files, durably."""
    tokens: dict[str, str] = {}
    for calendar in journals:
        with files.io_errors(calendar):
            if (own := token(calendar)) is None:
                raise GbookError(f"{calendar}: its lock file was deleted meanwhile; try again", path=calendar)
            tokens[calendar] = own
    for calendar, journal in journals.items():
        entries = [step.entry for step in steps if step.target.calendar == calendar]
        with files.io_errors(journal):
            ready = temporary(journal, transaction)
            stage(ready, encode(transaction, calendar, tokens, entries), like=calendar)
            check_removable(ready)


def _place_journals(journals: Sequence[str], transaction: str, placed: list[str]) -> None:
    """Place journals, durably. That of the first calendar is the commit point, so it is placed last."""
    for journal in journals:
        with files.io_errors(journal):
            if not place(temporary(journal, transaction), journal, new=True):
                raise GbookError(f"{journal}: another booking is unfinished; try again", path=journal)
        placed.append(journal)
    sync_folders(journals)


def _check_unchanged(planned: Sequence[_PlannedFile]) -> None:
    for file in planned:
        with files.io_errors(file.target.path):
            if files.read(file.target.path) != file.staged.before:
                raise _changed(file)


def _undone(
    journals: Mapping[str, str], placed: Sequence[str], planned: Sequence[_PlannedFile], transaction: str
) -> bool:
    """Undo what was written, and return True; False if the transaction stays committed.

    It does if its first journal cannot be deleted durably. Without that journal the others have no effect.
    """
    try:
        # The commit point was placed last, so delete it first.
        for journal in reversed(placed):
            files.discard(journal)
            sync_folder(os.path.dirname(journal))
    except OSError:
        first = next(iter(journals.values()))
        return first not in placed or not _may_exist(first)
    for path in [*journals.values(), *(file.target.path for file in planned)]:
        with suppress(OSError):
            files.discard(temporary(path, transaction))
    return True


def _may_exist(journal: str) -> bool:
    """Return whether a journal exists, or may exist because that cannot be checked."""
    try:
        return files.exists(journal)
    except OSError:
        return True


def _changed(file: _PlannedFile) -> Changed:
    return Changed(f"{file.target.path}: another program keeps changing it", path=file.target.path)


def _recorded(error: GbookError) -> GbookError:
    message = f"{error.message}; the change is recorded, and the next gbook command completes it"
    return GbookError(message, **{**error.details, "committed": True})


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM while the block runs, so that they stop gbook before or after it."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
