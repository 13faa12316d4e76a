"""What an unfinished transaction has left is finished, or cleared away, by the next gbook that looks.

A journal is looked for by one `lstat` a calendar. Who finds one waits for the locks of all calendars that
belong to it: then whoever wrote it is gone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from errno import EACCES, EPERM, EROFS
from pathlib import Path
from typing import NamedTuple

from gbook.calendars import files
from gbook.calendars.edit import Edit, apply
from gbook.calendars.journal import Journal, Target, load, temporaries, temporary
from gbook.calendars.locks import LOCK_SECONDS, hold, is_pending, real_path, sidecar
from gbook.errors import GbookError, InvalidFile

__all__ = ["Staged", "drop", "finish", "leftovers", "recover", "settle"]

# How long a file that another program keeps changing, or is just writing, is tried again.
SETTLE_SECONDS = 5.0
PAUSE_SECONDS = 0.01
# How long one who may not finish a transaction waits for its owner, who needs some milliseconds.
READER_SECONDS = 2.0


class Staged(NamedTuple):
    """The content a file had, and the content that is ready, on the disk, to take its place."""

    before: bytes | None
    after: bytes | None


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
    """Finishes the transaction whose journal lies beside `calendar` (a real path), if any.

    Takes locks, so the caller must hold none. Raises GbookError; Locked at `deadline` (time.monotonic()).
    """
    with files.faults(calendar):
        while (journal := load(calendar)) is not None:
            found = _involved(journal, calendar)
            with ExitStack() as held:
                if not _try_hold(held, found, calendar, deadline):
                    return
                # Whoever wrote it may have finished it while we waited. If not, that process is dead.
                if load(calendar) == journal and _involved(journal, calendar) == found:
                    _finish(journal, calendar, found)


def drop(calendars: Sequence[str], targets: Iterable[Target], transaction: str) -> None:
    """Ends a transaction: its journals go, and what it has left of temporary files. Raises OSError.

    The first calendar's journal goes first, for good: from then on the others say nothing. Were it the last,
    a power failure could bring back a record of what has long been done, and undo what others did since.
    """
    for index, calendar in enumerate(calendars):
        files.discard(sidecar(calendar, "journal"))
        if index == 0:
            files.sync_folder(os.path.dirname(calendar))
        files.discard(temporary(sidecar(calendar, "journal"), transaction))
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
                found.add(sidecar(real, "journal"))
    return [Path(path) for path in sorted(found)]


def settle(target: Target, edits: list[Edit], transaction: str, staged: Staged | None = None) -> None:
    """Brings one file to where its edits are done, whatever others make of it meanwhile, for good.

    The new content may stand in the temporary file already. Raises OSError, and GbookError where another
    program does not leave the file alone.
    """
    ready = temporary(target.path, transaction)
    deadline = time.monotonic() + SETTLE_SECONDS
    while not _settled(target, edits, ready, staged):
        if time.monotonic() > deadline:
            raise GbookError(f"{target.path}: another program keeps changing it", path=target.path)
        time.sleep(PAUSE_SECONDS)
    files.discard(ready)
    files.sync_folder(target.folder)


def _settled(target: Target, edits: list[Edit], ready: str, staged: Staged | None) -> bool:
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
        if after is not None and after != now:
            _make_ready(ready, after, target, now)
    if after == now:
        return True
    if files.read(target.path) != now:
        return False
    if after is None:
        files.discard(target.path)
        return True
    return files.place(ready, target.path, new=now is None)


def _make_ready(ready: str, after: bytes, target: Target, now: bytes | None) -> None:
    if files.read(ready) == after:
        # No space is needed that a full disk may not have. But what can be read need not be on the disk.
        files.sync_file(ready)
    else:
        files.discard(ready)
        files.stage(ready, after, like=target.folder if now is None else target.path)


def _involved(journal: Journal, calendar: str) -> dict[str, Journal]:
    """The calendars of a transaction that it is not over for: those with its journal beside them.

    A journal is there before the commit and goes after it, so a calendar without one needs nothing.
    """
    found = {calendar: journal}
    for path in journal.paths(calendar):
        if not files.exists(path):
            raise GbookError(
                f"{calendar}: an unfinished booking also concerns {path}, which is not there; bring it back, "
                f"or delete {sidecar(calendar, 'journal')}",
                path=calendar,
            )
        other = load(path)
        if other is not None and other.id == journal.id:
            found[path] = other
    return found


def _try_hold(held: ExitStack, calendars: Iterable[str], calendar: str, deadline: float) -> bool:
    """Takes the locks, or, where that is not allowed, waits until somebody else has finished (False)."""
    try:
        held.enter_context(hold(calendars, deadline))
    except GbookError as error:
        cause = error.__cause__
        if not (isinstance(cause, OSError) and cause.errno in (EACCES, EPERM, EROFS)):
            raise
        patience = min(deadline, time.monotonic() + READER_SECONDS)
        while is_pending(calendar):
            if time.monotonic() > patience:
                raise GbookError(
                    f"{calendar}: there is an unfinished booking, which you may not finish: {error.message}",
                    path=calendar,
                ) from error
            time.sleep(PAUSE_SECONDS)
        return False
    return True


def _finish(journal: Journal, calendar: str, found: Mapping[str, Journal]) -> None:
    """Rolls a transaction forward if it was committed, else back. The locks of all in `found` are held."""
    order = [path for path in journal.paths(calendar) if path in found]
    targets = []
    committed = journal.paths(calendar)[0] in found
    for path in order:
        for target, edits in found[path].targets(path):
            targets.append(target)
            if committed:
                _settle_for_another(target, edits, journal.id)
    drop(order, targets, journal.id)


def _settle_for_another(target: Target, edits: list[Edit], transaction: str) -> None:
    try:
        settle(target, edits, transaction)
    except ValueError as error:
        raise GbookError(f"{target.path}: its journal asks for what is no event: {error}") from error
