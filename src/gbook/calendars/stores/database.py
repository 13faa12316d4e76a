"""The database of the mirror: opened by many processes, kept through crashes, thrown away if damaged.

It is SQLite with a write-ahead log: after a crash or a power failure, each transaction is there as a whole or
not at all. A lock file beside it, held by every process that has the database open, keeps a damaged one from
being deleted under another process.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.cache import DatabaseKind, ForeignDatabase, connect, has_header
from gbook.errors import GbookError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Damaged", "Database"]

# How long a statement waits for another process.
BUSY_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


class Damaged(GbookError):
    """The database was damaged, and is thrown away."""

    def __init__(self) -> None:
        super().__init__("what was stored of it is damaged and has been discarded; try again")


class Database:
    """A database at `path`, or in memory: without a path, or if it cannot be kept there.

    Threads may share it, one at a time. A fork opens it again.
    """

    def __init__(self, path: Path | None, kind: DatabaseKind) -> None:
        self.path = path
        self._kind = kind
        self._db: sqlite3.Connection | None = None
        self._process = os.getpid()
        # Held shared while the database is open, and exclusively to delete it.
        self._lock: int | None = None
        self._guard = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the database at one state. Raises GbookError if it cannot be read, Damaged if it was damaged.

        The block raises Damaged for damage that SQLite does not notice.
        """
        with self._held() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                _undo(db)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the database in a transaction, which an error undoes. Raises as `reading` does."""
        with self._held() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                # Another version of gbook may have made the tables again.
                if db.execute("PRAGMA user_version").fetchone()[0] != self._kind.schema:
                    raise Damaged
                yield db
                db.commit()
            except BaseException:
                _undo(db)
                raise

    def close(self) -> None:
        """Close the database; one in memory is empty then."""
        with self._guard:
            if self._db is not None and self._process == os.getpid():
                self._db.close()
            if self._lock is not None:
                os.close(self._lock)
            self._db = self._lock = None

    @contextmanager
    def _held(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        with self._guard:
            try:
                yield self._open()
            except (sqlite3.DatabaseError, Damaged) as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
                    raise GbookError(f"{self.path}: {error}; try again") from error
                self._throw_away()
                raise Damaged from error

    def _open(self) -> sqlite3.Connection:
        """Return the connection, opened at the first use. Raises sqlite3.DatabaseError if it is damaged."""
        import sqlite3

        if self._db is not None and self.path is not None and self._process != os.getpid():
            # A connection must not be used after a fork, nor closed.
            _ABANDONED.append(self._db)
            self._db, self._process = None, os.getpid()
        if self._db is None:
            try:
                self._take_lock()
                self._db = connect(self.path, self._kind, BUSY_SECONDS)
                # A power failure may lose the last transactions, each of them as a whole.
                self._db.execute("PRAGMA synchronous = NORMAL")
            except (OSError, ValueError, ForeignDatabase, sqlite3.OperationalError):
                self._stay_in_memory()
        assert self._db is not None
        return self._db

    def _take_lock(self) -> None:
        """Take the lock that keeps others from deleting the database. Raises OSError if it cannot be kept."""
        if self.path is None or self._lock is not None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _share(self._lock)
        if self.path.exists() and not os.access(self.path, os.W_OK):
            raise PermissionError

    def _stay_in_memory(self) -> None:
        """Use a database in memory from now on."""
        self.close()
        self.path = None
        self._db = connect(None, self._kind, BUSY_SECONDS)

    def _throw_away(self) -> None:
        """Delete a damaged database of gbook's, unless another process uses it, which will do the same."""
        path, lock = self.path, self._lock
        self._lock = None
        self.close()
        try:
            if path is None or lock is None or not _may_delete(path, self._kind):
                raise PermissionError
            flock(lock, LOCK_EX | LOCK_NB)
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
        except OSError:
            self._stay_in_memory()
        finally:
            if lock is not None:
                os.close(lock)


def _may_delete(path: Path, kind: DatabaseKind) -> bool:
    """Return whether a damaged file is gbook's: by its header, or because no database was ever there."""
    return has_header(path, kind) or (path.parent.name == "gbook" and path.name == "mirror.sqlite")


def _undo(db: sqlite3.Connection) -> None:
    """End a transaction without its changes; a damaged database may refuse."""
    with suppress(Exception):
        db.rollback()


def _share(descriptor: int) -> None:
    """Take a shared lock. Raises OSError if another process keeps its exclusive one."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return flock(descriptor, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)


# Primary result codes of SQLite that blame the moment or the disk, not the content of the database:
# SQLITE_BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL and CANTOPEN.
_PASSING = {5, 6, 7, 8, 9, 10, 13, 14}
_ABANDONED: list[sqlite3.Connection] = []
