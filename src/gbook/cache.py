"""The cache of file contents: after a change, only changed files are read again.

It is one SQLite table in the user's cache folder. A row has the result of reading the file `path`, and the
fingerprint of the file at that time; `context` names all else that the result depends on: zone, policy and
versions. The database can be deleted at any time: it contains nothing that the files do not, and a damaged
one costs time, never an answer.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from gbook.filesystem.user_folders import user_folder

if TYPE_CHECKING:
    import sqlite3

__all__ = [
    "UNTIED",
    "UNTRUSTED",
    "Cache",
    "DatabaseKind",
    "Fingerprint",
    "ForeignDatabase",
    "connect",
    "fingerprint",
    "has_header",
    "sealed",
    "unsealed",
]

RACY_NS = 2_000_000_000
KEPT_SECONDS = 90 * 86_400
DEADLINE_MS = 200

Value = TypeVar("Value")


class Fingerprint(NamedTuple):
    """The state of a file, for noticing a change without reading it."""

    size: int
    mtime_ns: int
    inode: int
    # Changes even if a program resets mtime.
    ctime_ns: int = 0

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Return the fingerprint of a file or folder with this status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)

    def settled(self, at_ns: int) -> bool:
        """Return whether a write after `at_ns` would change `mtime_ns`.

        False for a file that changed within the resolution of the clock (two seconds on the coarsest file
        systems), and for a file from the future.
        """
        return self.mtime_ns + RACY_NS < at_ns

    def trusted(self, at_ns: int) -> Fingerprint:
        """Return the fingerprint for a file that is read after `at_ns`: UNTRUSTED if it is not settled."""
        return self if self.settled(at_ns) else UNTRUSTED


# For rows that are not tied to one file: their values have the fingerprints of all their files.
UNTIED = Fingerprint(0, 0, 0)
# Matches no file: for a file that may change unnoticed, or could not be read.
UNTRUSTED = Fingerprint(-1, 0, 0)


def fingerprint(path: str | os.PathLike[str]) -> Fingerprint | None:
    """Return the fingerprint of a regular file, symlinks followed; None for anything else."""
    try:
        status = os.stat(path)  # noqa: PTH116 - hot: a thousand of these are a query
    except OSError:
        return None
    return Fingerprint.of(status) if stat.S_ISREG(status.st_mode) else None


class DatabaseKind(NamedTuple):
    """A kind of SQLite database: the id and the version in its header, and the columns of its tables."""

    application: int
    schema: int
    tables: Mapping[str, str]


class ForeignDatabase(Exception):
    """A database of another program is at the path of one of gbook's."""


KIND = DatabaseKind(
    0x67626F6B,  # "gbok"
    schema=4,
    tables={
        "memory": """
            path TEXT NOT NULL, context TEXT NOT NULL,
            size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
            ctime_ns INTEGER NOT NULL, used INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (path, context)"""
    },
)


class Cache:
    """The cache. It is opened at the first use; any failure of SQLite turns it off for this process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        # The rows that `close` will write; `get` returns them already.
        self._writes: dict[tuple[str, str], tuple[int, int, int, int, int, bytes]] = {}
        self._used: list[tuple[str, str]] = []

    @property
    def path(self) -> Path | None:
        """The path of the database; None if there is none, or it is turned off."""
        return self._path

    @classmethod
    def default(cls) -> Cache:
        """Return the user's cache: at $GBOOK_INDEX (empty or `off`: none), else in the cache folder."""
        if (path := os.environ.get("GBOOK_INDEX")) is not None:
            return cls(Path(path) if path not in ("", "off") else None)
        return cls(_default_path())

    def get(self, path: str, context: str, state: Fingerprint | None = None) -> bytes | None:
        """Return the data that was put for `path` in `context`; None if the file has changed since.

        `state` is the fingerprint to compare with (default: that of the file now).
        """
        if (db := self._open()) is None:
            return None
        try:
            row = self._writes.get((path, context)) or db.execute(_SELECT, (path, context)).fetchone()
            if row is None or row[:4] != (state or fingerprint(path)):
                return None
            if row[4] < time.time() - KEPT_SECONDS / 3:
                self._used.append((path, context))
            return unsealed(row[5])
        except Exception as error:
            self._give_up(error)
            return None

    def put(self, path: str, context: str, data: bytes, state: Fingerprint | None = None) -> None:
        """Keep the result of reading a file; `state` is its fingerprint before reading (default: now).

        `close` writes it. Nothing is kept for a file that is not settled: it could change unnoticed.
        """
        state = state or fingerprint(path)
        if self._path is not None and state is not None and state.settled(time.time_ns()):
            self._writes[path, context] = (*state, int(time.time()), sealed(data))

    def get_value(
        self, path: str, context: str, kind: type[Value], state: Fingerprint | None = None
    ) -> Value | None:
        """Return the value that `put_value` has kept, as `get` does; None if it is damaged."""
        if (data := self.get(path, context, state)) is not None:
            with suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(data, type=kind)
        return None

    def put_value(self, path: str, context: str, value: object, state: Fingerprint | None = None) -> None:
        """Keep a value, as `put` does, unless a name in it is not UTF-8: it is read again each time."""
        with suppress(UnicodeEncodeError):
            self.put(path, context, msgspec.msgpack.encode(value), state)

    def close(self) -> None:
        """Write what was put, in one transaction, and close the database."""
        try:
            if (self._writes or self._used) and (db := self._open()) is not None:
                with db:
                    db.executemany(_UPSERT, [(*key, *row) for key, row in self._writes.items()])
                    now = int(time.time())
                    db.executemany(_TOUCH, [(now, *row) for row in self._used])
                    if self._writes:
                        db.execute("DELETE FROM memory WHERE used < ?", (now - KEPT_SECONDS,))
            if self._db is not None:
                self._db.close()
        except Exception as error:
            self._give_up(error)
        self._writes, self._used, self._db = {}, [], None

    def _open(self) -> sqlite3.Connection | None:
        if self._db is None and self._path is not None:
            try:
                self._db = connect(self._path, KIND, DEADLINE_MS / 1000)
                # A power failure may lose the last write; that costs only time.
                self._db.execute("PRAGMA synchronous = OFF")
            except Exception as error:
                self._give_up(error)
        return self._db

    def _give_up(self, error: Exception) -> None:
        """Turn the cache off. Delete a damaged database, so that the next run makes a new one."""
        import sqlite3

        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if damaged and self._path and (self._path == _default_path() or has_header(self._path, KIND)):
            with suppress(OSError):
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self._path = self._db = None


def has_header(path: Path, kind: DatabaseKind) -> bool:
    """Return whether the header of a file, even of a damaged one, says that it is a database of this kind."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(72)[68:] == kind.application.to_bytes(4)
    return False


def _default_path() -> Path | None:
    folder = user_folder("XDG_CACHE_HOME", ".cache")
    return folder / "index.sqlite" if folder else None


def connect(path: Path | None, kind: DatabaseKind, timeout: float) -> sqlite3.Connection:
    """Return a connection to a database of gbook's; without a path, to one in memory.

    It is made if there is none, and made again for a new schema. A statement waits `timeout` seconds for
    other processes. Raises sqlite3.Error, ForeignDatabase, OSError.
    """
    import sqlite3

    if path and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    db = sqlite3.connect(
        path or ":memory:", timeout=timeout, isolation_level="IMMEDIATE", check_same_thread=False
    )
    try:
        if not _is_current(db, kind):
            # With WAL readers do not wait for a writer.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            with db:
                if not _is_current(db, kind):
                    _create(db, kind)
    except BaseException:
        db.close()
        raise
    return db


def _is_current(db: sqlite3.Connection, kind: DatabaseKind) -> bool:
    """Return whether the tables are those of this version. Raises ForeignDatabase."""
    ours = db.execute("PRAGMA application_id").fetchone()[0] == kind.application
    if not ours and db.execute("PRAGMA schema_version").fetchone()[0]:
        raise ForeignDatabase("a database of another program")
    return ours and bool(db.execute("PRAGMA user_version").fetchone()[0] == kind.schema)


def _create(db: sqlite3.Connection, kind: DatabaseKind) -> None:
    for table, columns in kind.tables.items():
        db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute(f"CREATE TABLE {table} ({columns})")
    db.execute(f"PRAGMA application_id = {kind.application}")
    db.execute(f"PRAGMA user_version = {kind.schema}")


def sealed(data: bytes) -> bytes:
    """Return data with a checksum: SQLite does not notice a corrupt byte inside a row."""
    return crc32(data).to_bytes(4) + data


def unsealed(row: bytes) -> bytes | None:
    """Return the data that was sealed; None if a byte has changed."""
    data = row[4:]
    return data if row[:4] == crc32(data).to_bytes(4) else None


_SELECT = "SELECT size, mtime_ns, inode, ctime_ns, used, data FROM memory WHERE path = ? AND context = ?"
_TOUCH = "UPDATE memory SET used = ? WHERE path = ? AND context = ?"
_UPSERT = "INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
