"""Crash recovery: complete a transaction that was committed, and take back any other.

One `lstat` a calendar looks for a journal. A process that finds one waits for the locks of all its
calendars: then the process that wrote it is gone. A committed transaction is rolled forward; where that is
impossible for good, because a file cannot be replaced any more, everything that it has changed is undone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from errno import EACCES, EBUSY, EPERM, EROFS
from pathlib import Path
from typing import NamedTuple

from gbook.calendars.commit.journal import Entry, Journal, Target, load, temporaries
from gbook.calendars.commit.locks import (
    companion_path,
    hold,
    is_pending,
    outdated,
    real_path,
    token,
)
from gbook.calendars.ics.edit import Undo, apply
from gbook.errors import GbookError, InvalidFile
from gbook.filesystem import files
from gbook.filesystem.atomic import place, stage
from gbook.filesystem.companions import temporary
from gbook.filesystem.directories import sync_folder
from gbook.filesystem.flock import LOCK_SECONDS

__all__ = ["StagedFile", "Step", "complete", "drop", "finish", "leftovers", "recover"]

# How long a file that another program keeps changing, or is just writing, is tried again.
SETTLE_SECONDS = 5.0
PAUSE_SECONDS = 0.01
# How long one who may not finish a transaction waits for its owner, who needs some milliseconds.
READER_SECONDS = 2.0


class StagedFile(NamedTuple):
    """The content a file had, and the content that is ready, on the disk, to take its place."""

    before: bytes | None
    after: bytes | None


class Step(NamedTuple):
    """What a transaction does to one file. What is staged is known only to the process that began it."""

    target: Target
    entry: Entry
    staged: StagedFile | None = None


def recover(calendars: Iterable[Path], timeout: float = LOCK_SECONDS) -> dict[Path, GbookError]:
    """Finishes what was left unfinished in `calendars`; to be called before any of them is read.

    Gives the calendars for which that failed, and why (Locked where another process holds them for longer
    than `timeout` seconds): a reader must take those for unreadable, for what they say may be half of it.
    """
    failed: dict[Path, GbookError] = {}
    deadline: float | None = None
    for calendar in calendars:
        try:
            real = real_path(calendar)
            if not is_pending(real):
                continue
            deadline = deadline or time.monotonic() + timeout
            finish(real, deadline)
        except GbookError as error:
            failed[calendar] = error
    return failed


def finish(calendar: str, deadline: float) -> None:
    """Finish the transaction that `calendar` (a real path) has a journal of, if any.

    Takes locks, so the caller must hold none. Raises GbookError; Locked at `deadline` (time.monotonic()).
    """
    with files.io_errors(calendar):
        while (journal := load(calendar)) is not None:
            with ExitStack() as held:
                found = _hold_involved(held, journal, calendar, deadline)
                # The process that wrote it may have finished it while we waited. If not, it is dead.
                if found and load(calendar) == journal and _involved(journal, calendar) == found:
                    _finish(journal, calendar, found)


def complete(steps: Sequence[Step], transaction: str) -> GbookError | None:
    """Make the changes of a committed transaction; where one can never be made, undo all and return why.

    Raises GbookError where neither is possible now.
    """
    try:
        for step in steps:
            with files.io_errors(step.target.path):
                _settle(step.target, step.entry.edits, transaction, step.staged)
    except GbookError as error:
        if not _caused_by(error, EACCES, EBUSY, EPERM, EROFS):
            raise
        for step in reversed(steps):
            with files.io_errors(step.target.path):
                _settle(step.target, step.entry.undo, transaction)
        return error
    return None


def drop(calendars: Sequence[str], targets: Iterable[Target], transaction: str) -> None:
    """Ends a transaction: its journals go, and what it has left of temporary files. Raises OSError.

    The first calendar's journal goes first, for good: from then on the others say nothing. Were it the last,
    a power failure could bring back a record of what has long been done, and undo what others did since.
    """
    for index, calendar in enumerate(calendars):
        files.discard(companion_path(calendar, "journal"))
        if index == 0:
            sync_folder(os.path.dirname(companion_path(calendar, "journal")))
        files.discard(temporary(companion_path(calendar, "journal"), transaction))
    for target in targets:
        files.discard(temporary(target.path, transaction))


def leftovers(calendars: Iterable[Path]) -> list[Path]:
    """The journals and temporary files that killed processes have left, for `gbook check`."""
    found: set[str] = set()
    for calendar in calendars:
        real = real_path(calendar)
        with suppress(OSError):
            found.update(temporaries(real))
            if is_pending(real):
                found.add(outdated(real) or companion_path(real, "journal"))
    return [Path(path) for path in sorted(found)]


def _settle(
    target: Target, edits: Sequence[Undo], transaction: str, staged: StagedFile | None = None
) -> None:
    """Bring one file to where its edits are done, whatever others make of it meanwhile, for good.

    The new content may be in the temporary file already. Raises OSError, and GbookError where another
    program does not leave the file alone, or where the edits make no event.
    """
    ready = temporary(target.path, transaction)
    deadline = time.monotonic() + SETTLE_SECONDS
    while not _settled(target, edits, ready, staged):
        if time.monotonic() > deadline:
            raise GbookError(f"{target.path}: another program keeps changing it", path=target.path)
        time.sleep(PAUSE_SECONDS)
    files.discard(ready)
    sync_folder(target.folder)


def _settled(target: Target, edits: Sequence[Undo], ready: str, staged: StagedFile | None) -> bool:
    """One try to bring a file to where its edits are done; False where another program came in between."""
    now = files.read(target.path)
    if staged is not None and staged.before == now:
        after = staged.after
    else:
        try:
            after = apply(now, edits, target.path, vdir_item=target.in_vdir)
        except InvalidFile:
            # Half of a file: another program is just writing it. A reader does not wait for that.
            if staged is None:
                raise
            return False
        except ValueError as error:
            reason = f"its journal asks for what is no event: {error}"
            raise GbookError(f"{target.path}: {reason}", path=target.path) from error
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


def _stage_if_needed(ready: str, after: bytes, target: Target, now: bytes | None) -> None:
    if files.read(ready) == after:
        # No space is needed that a full disk may not have. But what can be read need not be on the disk.
        files.sync_file(ready)
    else:
        files.discard(ready)
        stage(ready, after, like=target.folder if now is None else target.path)


def _involved(journal: Journal, calendar: str) -> dict[str, Journal]:
    """Return the calendars of a transaction that still have its journal. Raises GbookError, OSError.

    That a calendar has none means something only if it is the calendar that was meant.
    """
    found = {calendar: journal}
    for path, own in journal.tokens(calendar).items():
        if path == calendar:
            continue
        if not files.exists(path):
            raise _unfinished(calendar, f"also concerns {path}, which is not there; bring it back")
        if token(path) != own:
            raise _unfinished(
                calendar,
                f"also concerns {path}, which is another calendar here; run gbook where it was begun",
            )
        other = load(path)
        if other is not None and other.id == journal.id:
            found[path] = other
    return found


def _hold_involved(
    held: ExitStack, journal: Journal, calendar: str, deadline: float
) -> dict[str, Journal] | None:
    """Take the locks, or, where that is not allowed, wait until another user has finished (None)."""
    try:
        with files.io_errors(calendar):
            found = _involved(journal, calendar)
        held.enter_context(hold(found, deadline))
    except GbookError as error:
        if not _caused_by(error, EACCES, EPERM, EROFS):
            raise
        patience = min(deadline, time.monotonic() + READER_SECONDS)
        while is_pending(calendar):
            if time.monotonic() > patience:
                raise _not_allowed(calendar, error) from error
            time.sleep(PAUSE_SECONDS)
        return None
    return found


def _finish(journal: Journal, calendar: str, found: Mapping[str, Journal]) -> None:
    """Roll a transaction forward if it was committed, else back. The locks of all in `found` are held."""
    paths = journal.paths(calendar)
    order = [path for path in paths if path in found]
    steps = [Step(target, entry) for path in order for target, entry in found[path].targets(path)]
    if paths[0] in found:
        # The first journal is the last to come and the first to go: the others must be there.
        for path in paths:
            if path not in found:
                reason = (
                    f"also concerns {path}, where its record {companion_path(path, 'journal')} is missing"
                )
                raise _unfinished(calendar, f"{reason}; bring it back")
        try:
            complete(steps, journal.id)
        except GbookError as error:
            if _caused_by(error, EACCES, EPERM, EROFS):
                raise _not_allowed(calendar, error) from error
            raise
    drop(order, [step.target for step in steps], journal.id)


def _caused_by(error: GbookError, *codes: int) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in codes


def _not_allowed(calendar: str, error: GbookError) -> GbookError:
    return GbookError(
        f"{calendar}: there is an unfinished booking, which you may not finish: {error.message}",
        path=calendar,
    )


def _unfinished(calendar: str, what: str) -> GbookError:
    return GbookError(
        f"{calendar}: an unfinished booking {what}, or see that the calendars are right and delete "
        f"{companion_path(calendar, 'journal')}",
        path=calendar,
    )
