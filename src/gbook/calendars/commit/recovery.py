"""Crash recovery: roll a committed transaction forward, anything else back.

A calendar with a journal has an unfinished transaction; one `lstat` a calendar finds that out. A process that
finds a journal takes all the transaction's locks first: holding them proves that its writer is dead. If a
committed transaction can never be completed, because a file cannot be replaced any more, it is undone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from errno import EACCES, EBUSY, EPERM, EROFS
from pathlib import Path
from typing import NamedTuple

from gbook.calendars.commit.journal import CalendarFile, Entry, Journal, load, temporaries
from gbook.calendars.commit.locks import hold, token
from gbook.calendars.commit.paths import companion_path, is_pending, outdated, real_path
from gbook.calendars.ics.edit import Undo, apply
from gbook.errors import GbookError, InvalidFile
from gbook.filesystem import files
from gbook.filesystem.atomic import place, stage
from gbook.filesystem.companions import temporary
from gbook.filesystem.directories import sync_folder, sync_folders
from gbook.filesystem.flock import lock_deadline

__all__ = ["StagedFile", "Step", "complete", "end_transaction", "finish", "leftovers", "recover"]

# How long to retry a file that another program is writing.
SETTLE_SECONDS = 5.0
PAUSE_SECONDS = 0.01
# How long a process without write permission waits for the owner of a transaction to finish it.
READER_SECONDS = 2.0


class StagedFile(NamedTuple):
    """The content of a file before and after a transaction; `after` is staged on the disk. None: no file."""

    before: bytes | None
    after: bytes | None


class Step(NamedTuple):
    """The part of a transaction that changes one file. Only the process that began it knows `staged`."""

    target: CalendarFile
    entry: Entry
    staged: StagedFile | None = None


def recover(calendars: Iterable[Path]) -> dict[Path, GbookError]:
    """Finish the unfinished transactions of `calendars`; call it before reading any of them.

    Return the calendars for which that failed, each with the reason: Locked if another process holds a lock
    for too long. A reader must treat them as unreadable: they may be half changed.
    """
    failed: dict[Path, GbookError] = {}
    deadline: float | None = None
    for calendar in calendars:
        try:
            real = real_path(calendar)
            if not is_pending(real):
                continue
            deadline = deadline or lock_deadline()
            finish(real, deadline)
        except GbookError as error:
            failed[calendar] = error
    return failed


def finish(calendar: str, deadline: float) -> None:
    """Finish the unfinished transaction of `calendar` (a real path), if there is one.

    It takes locks, so the caller must hold none. Raises GbookError; Locked at `deadline` (time.monotonic()).
    """
    with files.io_errors(calendar):
        while (journal := load(calendar)) is not None:
            with ExitStack() as held:
                journals = _hold_involved(held, journal, calendar, deadline)
                # Its writer may have finished it while we waited for the locks. If not, it is dead.
                if journals and load(calendar) == journal and _involved(journal, calendar) == journals:
                    _finish(journal, calendar, journals)


def complete(steps: Sequence[Step], transaction: str) -> GbookError | None:
    """Make the changes of a committed transaction; if one of them can never be made, undo all of them.

    Return the reason for undoing them, else None. Raises GbookError if neither is possible now.
    """
    try:
        for step in steps:
            with files.io_errors(step.target.path):
                _apply_until_stable(step.target, step.entry.edits, transaction, step.staged)
        sync_folders(step.target.path for step in steps)
    except GbookError as error:
        if not _caused_by(error, EACCES, EBUSY, EPERM, EROFS):
            raise
        for step in reversed(steps):
            with files.io_errors(step.target.path):
                _apply_until_stable(step.target, step.entry.undo, transaction)
        sync_folders(step.target.path for step in steps)
        return error
    return None


def end_transaction(calendars: Sequence[str], targets: Iterable[CalendarFile], transaction: str) -> None:
    """End a transaction: delete its journals and its temporary files. Raises OSError.

    The journal of the first calendar is deleted first, durably: without it the others have no effect. If it
    came last, a power failure could bring it back after later changes, and recovery would undo those.
    """
    for index, calendar in enumerate(calendars):
        journal = companion_path(calendar, "journal")
        files.discard(journal)
        if index == 0:
            sync_folder(os.path.dirname(journal))
        files.discard(temporary(journal, transaction))
    for target in targets:
        files.discard(temporary(target.path, transaction))


def leftovers(calendars: Iterable[Path]) -> list[Path]:
    """Return the journals and temporary files that killed processes have left, sorted."""
    paths: set[str] = set()
    for calendar in calendars:
        real = real_path(calendar)
        with suppress(OSError):
            paths.update(temporaries(real))
            if is_pending(real):
                paths.add(outdated(real) or companion_path(real, "journal"))
    return [Path(path) for path in sorted(paths)]


def _apply_until_stable(
    target: CalendarFile, edits: Sequence[Undo], transaction: str, staged: StagedFile | None = None
) -> None:
    """Apply the edits to one file; if another program changes it meanwhile, apply them again.

    The temporary file may already have the new content. Raises OSError; GbookError if another program keeps
    changing the file, or if the edits do not make an event.
    """
    ready = temporary(target.path, transaction)
    deadline = time.monotonic() + SETTLE_SECONDS
    while not _try_apply(target, edits, ready, staged):
        if time.monotonic() > deadline:
            raise GbookError(f"{target.path}: another program keeps changing it", path=target.path)
        time.sleep(PAUSE_SECONDS)
    files.discard(ready)


def _try_apply(target: CalendarFile, edits: Sequence[Undo], ready: str, staged: StagedFile | None) -> bool:
    """Try once to apply the edits; return False if another program changed the file meanwhile."""
    now = files.read(target.path)
    if staged is not None and staged.before == now:
        after = staged.after
    else:
        try:
            after = apply(now, edits, target.path, vdir_item=target.in_vdir)
        except InvalidFile:
            # An incomplete file: another program may be writing it. Recovery does not wait for that.
            if staged is None:
                raise
            return False
        except ValueError as error:
            message = f"{target.path}: the edits in its journal do not make an event: {error}"
            raise GbookError(message, path=target.path) from error
        if after is not None and after != now:
            _stage_if_needed(ready, after, target, now)
    if after == now:
        return True
    if files.read(target.path) != now:
        return False
    if after is None:
        files.discard(target.path)
        return True
    return place(ready, target.path, new=now is None)


def _stage_if_needed(ready: str, after: bytes, target: CalendarFile, now: bytes | None) -> None:
    if files.read(ready) == after:
        # Reuse it: the disk may be full. It can be read, but need not be on the disk yet.
        files.sync_file(ready)
    else:
        files.discard(ready)
        stage(ready, after, like=target.folder if now is None else target.path)


def _involved(journal: Journal, calendar: str) -> dict[str, Journal]:
    """Return the calendars that still have a journal of the transaction, each with it.

    Raises GbookError if a path no longer leads to the calendar of the transaction: a missing journal there
    would prove nothing. Raises OSError.
    """
    journals = {calendar: journal}
    for path, own in journal.tokens(calendar).items():
        if path == calendar:
            continue
        if not files.exists(path):
            raise _unfinished(calendar, f"also concerns {path}, which does not exist; restore it")
        if token(path) != own:
            raise _unfinished(
                calendar,
                f"also concerns {path}, which is another calendar here; run gbook where it was started",
            )
        other = load(path)
        if other is not None and other.id == journal.id:
            journals[path] = other
    return journals


def _hold_involved(
    held: ExitStack, journal: Journal, calendar: str, deadline: float
) -> dict[str, Journal] | None:
    """Take the locks of a transaction, and return its journals.

    Without permission to lock, wait until another user has finished the transaction, and return None.
    """
    try:
        with files.io_errors(calendar):
            journals = _involved(journal, calendar)
        held.enter_context(hold(journals, deadline))
    except GbookError as error:
        if not _caused_by(error, EACCES, EPERM, EROFS):
            raise
        patience = min(deadline, time.monotonic() + READER_SECONDS)
        while is_pending(calendar):
            if time.monotonic() > patience:
                raise _not_allowed(calendar, error) from error
            time.sleep(PAUSE_SECONDS)
        return None
    return journals


def _finish(journal: Journal, calendar: str, journals: Mapping[str, Journal]) -> None:
    """Roll a transaction forward if it was committed, else back. The locks of `journals` are held."""
    paths = journal.paths(calendar)
    order = [path for path in paths if path in journals]
    steps = [Step(target, entry) for path in order for target, entry in journals[path].targets(path)]
    if paths[0] in journals:
        # The first journal is written last and deleted first, so all others must exist.
        for path in paths:
            if path not in journals:
                missing = companion_path(path, "journal")
                raise _unfinished(
                    calendar, f"also concerns {path}, whose journal {missing} is missing; restore it"
                )
        try:
            complete(steps, journal.id)
        except GbookError as error:
            if _caused_by(error, EACCES, EPERM, EROFS):
                raise _not_allowed(calendar, error) from error
            raise
    end_transaction(order, [step.target for step in steps], journal.id)


def _caused_by(error: GbookError, *codes: int) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in codes


def _not_allowed(calendar: str, error: GbookError) -> GbookError:
    return GbookError(
        f"{calendar}: an unfinished booking is in this calendar, and you may not finish it: {error.message}",
        path=calendar,
    )


def _unfinished(calendar: str, trouble: str) -> GbookError:
    return GbookError(
        f"{calendar}: an unfinished booking {trouble}, or check the calendars and delete "
        f"{companion_path(calendar, 'journal')}",
        path=calendar,
    )
