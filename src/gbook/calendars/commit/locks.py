"""One writer at a time: a lock at each calendar, so that other workspaces and users are kept out too.

For `alice.ics` it is `.alice.ics.gbook-lock` beside the file, for the vdir `carol` `carol/.gbook-lock` inside
the folder: a folder can be mounted in several places, and all of them must find the same lock. Lock files are
never deleted: another process may just have opened one. Each contains a random token, by which a journal
recognises its calendars: where the same path leads to another calendar, the token is another one.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache

from gbook.filesystem import companions, files
from gbook.filesystem.directories import sync_folder
from gbook.filesystem.flock import hold_lock

__all__ = [
    "companion_path",
    "hold",
    "is_folder",
    "is_pending",
    "outdated",
    "real_path",
    "token",
]


def real_path(calendar: str | os.PathLike[str]) -> str:
    """Where a calendar really is, symlinks followed: what its locks and journals lie beside."""
    path = os.path.abspath(calendar)
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    return os.path.join(_real_folder(folder), name)


def is_folder(calendar: str) -> bool:
    """Whether a calendar (a real path) is a vdir: what is named `.ics` is a file.

    Raises OSError where that cannot be told: its lock is in another place then.
    """
    if os.path.splitext(calendar)[1].lower() == ".ics":
        return False
    try:
        return stat.S_ISDIR(os.stat(calendar).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def companion_path(calendar: str, kind: str) -> str:
    """Return the path of a calendar's hidden file, its `lock` or its `journal`. Raises OSError."""
    if is_folder(calendar):
        return os.path.join(calendar, f".gbook-{kind}")
    return companions.beside(calendar, kind)


def outdated(calendar: str) -> str | None:
    """Return the journal beside a vdir, where gbook put it before it put it inside, if there is one."""
    if is_folder(calendar) and files.exists(beside := companions.beside(calendar, "journal")):
        return beside
    return None


def is_pending(calendar: str) -> bool:
    """Whether a calendar (a real path) has a journal: a transaction that is not over.

    Where that cannot be told it is so: who then tries to finish it learns why.
    """
    try:
        return files.exists(companion_path(calendar, "journal")) or outdated(calendar) is not None
    except OSError:
        return True


def token(calendar: str) -> str | None:
    """Return what a calendar is recognised by, None where no gbook has locked it yet. Raises OSError."""
    content = files.read(companion_path(calendar, "lock"))
    return None if content is None else _token_in(content)


@contextmanager
def hold(calendars: Iterable[str], deadline: float) -> Iterator[None]:
    """Hold the locks of calendars (real paths), taken in sorted order: no two processes wait in a circle.

    `deadline` is an instant of time.monotonic(). Raises Locked at the deadline, GbookError where a lock
    cannot be made.
    """
    with ExitStack() as held:
        for calendar in sorted(set(calendars)):
            with files.io_errors(calendar):
                path = companion_path(calendar, "lock")
                # Those who may write the calendar, or replace it.
                guarded = list(dict.fromkeys([calendar, os.path.dirname(path)]))
            with files.io_errors(path):
                _mark(held.enter_context(hold_lock(path, guarded, deadline)), path)
        yield


def _mark(descriptor: int, lock: str) -> None:
    """Give a new lock its token, for good: a journal that names it must find it after a power failure."""
    if _token_in(os.pread(descriptor, 64, 0)) is not None:
        return
    os.ftruncate(descriptor, 0)
    os.write(descriptor, os.urandom(16).hex().encode())
    os.fsync(descriptor)
    sync_folder(os.path.dirname(lock))


def _token_in(content: bytes) -> str | None:
    return content.decode() if _TOKEN.fullmatch(content) else None


@lru_cache(maxsize=256)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


_TOKEN = re.compile(rb"[0-9a-f]{32}")
