"""What gbook remembers of files, so that asking again costs what changed and not what is stored.

One SQLite table in the user's cache folder. A row says what reading the file `path` in a `context` gave:
the context names everything else that the answer depends on (zone, policy, versions), the fingerprint
tells whether the file is still the one that was read. Rows hold nothing that the files do not; the whole
database can be deleted at any time, and whatever is wrong with it costs time, never an answer.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from gbook.filesystem.user_folders import user_folder

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Cache", "Fingerprint", "fingerprint"]

# Written into the database's header: "gbok", and what its rows look like.
APPLICATION = 0x67626F6B
SCHEMA = 4
RACY_NS = 2_000_000_000
KEPT_SECONDS = 90 * 86_400
DEADLINE_MS = 200


class Fingerprint(NamedTuple):
    """What tells one state of a file from another without reading it."""

    size: int
    mtime_ns: int
    inode: int
    # Changes also where a program sets mtime back to what it was.
    ctime_ns: int = 0

    def settled(self, at_ns: int) -> bool:
        """Whether a later write would have changed `mtime_ns`.

        Not so for a file changed within the clock's grain (two seconds for the coarsest file systems),
        nor for one from the future.
        """
        return self.mtime_ns + RACY_NS < at_ns


def fingerprint(path: str | os.PathLike[str]) -> Fingerprint | None:
    """The fingerprint of a regular file (symlinks followed), or None where there is none to be had."""
    try:
        status = os.stat(path)  # noqa: PTH116 - hot: a thousand of these are a query
    except OSError:
        return None
    return (
        Fingerprint(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
        if stat.S_ISREG(status.st_mode)
        else None
    )


class Cache:
    """The memory. Opened at the first use; every failure of SQLite turns it off for this process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        # What `close` will write; it counts from now on.
        self._writes: dict[tuple[str, str], tuple[int, int, int, int, int, bytes]] = {}
        self._used: list[tuple[str, str]] = []

    @classmethod
    def default(cls) -> Cache:
        """The user's index: $GBOOK_INDEX (empty or `off`: none), else in the cache folder."""
        if (named := os.environ.get("GBOOK_INDEX")) is not None:
            return cls(Path(named) if named not in ("", "off") else None)
        return cls(_default_path())

    def get(self, path: str, context: str, seen: Fingerprint | None = None) -> bytes | None:
        """What was remembered of `path` in `context`, if its fingerprint is the one that it had then.

        `seen` is the fingerprint to compare (default: the file's now).
        """
        if (db := self._open()) is None:
            return None
        try:
            row = self._writes.get((path, context)) or db.execute(_SELECT, (path, context)).fetchone()
            if row is None or row[:4] != (seen or fingerprint(path)):
                return None
            if row[4] < time.time() - KEPT_SECONDS / 3:
                self._used.append((path, context))
            return _checked(row[5])
        except Exception as error:
            self._give_up(error)
            return None

    def put(self, path: str, context: str, data: bytes, seen: Fingerprint | None = None) -> None:
        """Note what reading gave; `seen` is the fingerprint from before the reading (default: now).

        Written by `close`. A file that is not settled is not noted: it may change again unnoticed.
        """
        seen = seen or fingerprint(path)
        if self._path is not None and seen is not None and seen.settled(time.time_ns()):
            self._writes[path, context] = (*seen, int(time.time()), _sealed(data))

    def close(self) -> None:
        """Write what is to be remembered, in one transaction, and let go."""
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
                self._db = _connect(self._path)
            except Exception as error:
                self._give_up(error)
        return self._db

    def _give_up(self, error: Exception) -> None:
        """Go on without. An index that is damaged makes room for a new one."""
        import sqlite3

        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if damaged and self._path is not None and _is_ours(self._path):
            with suppress(OSError):
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self._path = self._db = None


def _is_ours(path: Path) -> bool:
    """Whether a file that SQLite cannot read may be thrown away: what $GBOOK_INDEX names might be dear."""
    with suppress(OSError), path.open("rb") as file:
        header = file.read(72)
        return path == _default_path() or header[68:] == APPLICATION.to_bytes(4)
    return False


def _default_path() -> Path | None:
    folder = user_folder("XDG_CACHE_HOME", ".cache")
    return folder / "index.sqlite" if folder else None


def _connect(path: Path) -> sqlite3.Connection:
    import sqlite3

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    db = sqlite3.connect(path, timeout=DEADLINE_MS / 1000, isolation_level="IMMEDIATE")
    ours = db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    if not ours and db.execute("PRAGMA schema_version").fetchone()[0]:
        raise sqlite3.DatabaseError("a database of another program")
    if not ours or db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
        with db:
            db.execute("DROP TABLE IF EXISTS memory")
            db.execute(_CREATE)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {SCHEMA}")
        # Readers go on while one writes; losing the last write to a power cut costs only time.
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    return db


def _sealed(data: bytes) -> bytes:
    """Data with a checksum: SQLite does not notice a byte that went bad inside a row."""
    return crc32(data).to_bytes(4) + data


def _checked(sealed: bytes) -> bytes | None:
    data = sealed[4:]
    return data if sealed[:4] == crc32(data).to_bytes(4) else None


_CREATE = """
CREATE TABLE memory (
    path TEXT NOT NULL, context TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL, used INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (path, context)
)"""
_SELECT = "SELECT size, mtime_ns, inode, ctime_ns, used, data FROM memory WHERE path = ? AND context = ?"
_TOUCH = "UPDATE memory SET used = ? WHERE path = ? AND context = ?"
_UPSERT = "INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
