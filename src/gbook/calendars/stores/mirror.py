"""The mirror: what servers said of their calendars, with all bytes, so that only changes are fetched.

It is a SQLite database in the user's cache folder, beside the index, and can be deleted at any time: the next
look fetches everything again. What a server said is stored in one transaction with the token that stands for
it. Sums over all rows notice a row that is damaged, lost or added.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from gbook.cache import DatabaseKind, sealed, unsealed
from gbook.calendars.stores.database import Damaged, Database
from gbook.errors import GbookError

if TYPE_CHECKING:
    import sqlite3

    from gbook.calendars.stores.base import State

__all__ = ["Mirror", "Mirrored", "summary_of"]

T = TypeVar("T")
KEPT_SECONDS = 90 * 86_400
NAME = "mirror.sqlite"
REVISIONS = 1 << 128
KIND = DatabaseKind(
    0x67626D72,  # "gbmr"
    schema=1,
    tables={
        "calendar": """
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, used INTEGER NOT NULL, said BLOB NOT NULL""",
        "resource": """
            calendar INTEGER NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,
            digest BLOB NOT NULL, content BLOB NOT NULL, PRIMARY KEY (calendar, name)""",
    },
)


class Mirrored(msgspec.Struct, frozen=True):
    """What a server said of a calendar, without its bytes.

    `checked_at` is the instant before the request whose answer confirmed it. `token` stands for the content
    of a collection (sync-token of RFC 6578, or CTag); `validators` are the headers of a feed's next request.
    `interval` is the number of seconds after which the calendar asks to be read again, `source` identifies
    the address that answered, and `events` is the number of events.
    """

    checked_at: int
    token: str = ""
    validators: dict[str, str] = {}
    interval: int = 0
    source: str = ""
    events: int = 0
    # Computed by the mirror: the number of resources, their bytes, and the sum of their digests, which
    # changes if and only if a name or a content does.
    resources: int = 0
    size: int = 0
    revision: bytes = bytes(16)

    def is_base_of(self, other: Mirrored) -> bool:
        """Return whether changes from this content are changes from the other: only the time may differ."""
        ours, others = ((x.token, x.validators, x.source, x.revision) for x in (self, other))
        return ours == others


class Mirror:
    """The mirror in the database at `path`, or in memory: without a path, or if it cannot be kept there."""

    def __init__(self, path: Path | None) -> None:
        self._database = Database(path, KIND)

    @classmethod
    def beside(cls, index: Path | None) -> Mirror:
        """Return the mirror in the folder of the index; in memory if there is no index."""
        return cls(index and index.with_name(NAME))

    def __reduce__(self) -> tuple[Any, ...]:
        return Mirror, (self._database.path,)

    def look(self, key: str) -> Mirrored | None:
        """Return what is known of a calendar; None if nothing is, or no longer. Raises GbookError."""
        with suppress(Damaged), self._database.reading() as db:
            return _row(db, key)[1]
        return None

    def states(self, key: str) -> list[tuple[str, State]]:
        """Return the name and the state of each resource, sorted by name. Raises GbookError."""
        with self._database.reading() as db:
            number, said = _row(db, key)
            rows = _typed(db.execute(_STATES, (number,)).fetchall(), list[tuple[str, int, bytes]])
            if said and said.revision != _revision(sum(_number(digest) for _, _, digest in rows)):
                raise Damaged
        return [(name, _state(size, digest)) for name, size, digest in rows]

    def summary(self, key: str, without: Collection[str] = ()) -> State | None:
        """Return a state of the whole calendar, without some resources; None if nothing is known of it.

        It changes if and only if a name or a content does. Raises GbookError.
        """
        with self._database.reading() as db:
            number, said = _row(db, key)
            hidden = [row for name in without for row in db.execute(_KNOWN, (number, name))]
            hidden = _typed(hidden, list[tuple[int, bytes]])
        if said is None:
            return None
        total = _number(said.revision) - sum(_number(digest) for _, digest in hidden)
        return _state(said.size - sum(size for size, _ in hidden), _revision(total))

    def state(self, key: str, name: str) -> State | None:
        """Return the state of one resource; None if there is none. Raises GbookError."""
        with self._database.reading() as db:
            row = db.execute(_KNOWN, (_row(db, key)[0], name)).fetchone()
            return _state(*_typed(row, tuple[int, bytes])) if row else None

    def etags(self, key: str) -> dict[str, str]:
        """Return the ETag of each resource by its name. Raises GbookError."""
        with self._database.reading() as db:
            return _typed(dict(db.execute(_ETAGS, (_row(db, key)[0],))), dict[str, str])

    def names_with(self, key: str, text: bytes) -> list[str]:
        """Return the names of the resources whose content has a text, sorted. Raises GbookError."""
        with self._database.reading() as db:
            rows = db.execute(_WITH, (_row(db, key)[0], text)).fetchall()
            return [name for (name,) in _typed(rows, list[tuple[str]])]

    def read(self, key: str, name: str) -> bytes:
        """Return the content of a resource. Raises GbookError if there is none, Damaged if it is damaged."""
        with self._database.reading() as db:
            row = db.execute(_CONTENT, (_row(db, key)[0], name)).fetchone()
            if row is None:
                raise GbookError("it is no longer in the calendar; try again")
            digest, content = _typed(row, tuple[bytes, bytes])
            if _digest(name, content) != digest:
                raise Damaged
        return content

    def update(
        self,
        key: str,
        base: Mirrored | None,
        said: Mirrored,
        changed: Mapping[str, tuple[str, bytes]] = MappingProxyType({}),
        gone: Collection[str] = (),
    ) -> bool:
        """Store what a server said, in one transaction; return False if another process was faster.

        `base` is what was known when the server was asked: `changed` (ETag and content, by name) and `gone`
        are the differences from it. After False nothing is stored: look, and ask again. Raises GbookError.
        """
        rows = [
            (name, etag, len(content), _digest(name, content), content)
            for name, (etag, content) in changed.items()
        ]
        with self._database.writing() as db:
            number, present = _row(db, key)
            if not (base.is_base_of(present) if base and present else base is present):
                return False
            if present is None:
                number = _new_calendar(db, key, said.checked_at)
            removed = [(number, name) for name in {*changed, *gone}]
            replaced = [row for name in removed for row in db.execute(_KNOWN, name)]
            replaced = _typed(replaced, list[tuple[int, bytes]])
            db.executemany(_DELETE, removed)
            db.executemany(_INSERT, [(number, *row) for row in rows])
            now = _counted(said, present, [(size, digest) for _, _, size, digest, _ in rows], replaced)
            db.execute(_SAID, (now.checked_at, sealed(msgspec.msgpack.encode(now)), number))
        return True

    def close(self) -> None:
        """Close the database; a mirror in memory is empty then."""
        self._database.close()


def _row(db: sqlite3.Connection, key: str) -> tuple[int, Mirrored | None]:
    """Return the number of a calendar and what is known of it. Raises Damaged."""
    row = db.execute("SELECT id, said FROM calendar WHERE key = ?", (key,)).fetchone()
    return (row[0], _said(row[1])) if row else (0, None)


def _new_calendar(db: sqlite3.Connection, key: str, at: int) -> int:
    """Return the number of a new calendar. Those that nothing has used for months are deleted."""
    forgotten = (at - KEPT_SECONDS,)
    db.execute("DELETE FROM resource WHERE calendar IN (SELECT id FROM calendar WHERE used < ?)", forgotten)
    db.execute("DELETE FROM calendar WHERE used < ?", forgotten)
    added = db.execute("INSERT INTO calendar (key, used, said) VALUES (?, 0, x'')", (key,))
    assert added.lastrowid is not None
    return added.lastrowid


def _counted(
    said: Mirrored,
    before: Mirrored | None,
    added: Collection[tuple[int, bytes]],
    removed: Collection[tuple[int, bytes]],
) -> Mirrored:
    """Return what a server said with the numbers of all resources; `added` and `removed` are size and digest.

    A slower process does not take back the time of the last check.
    """
    before = before or Mirrored(said.checked_at)
    total = _number(before.revision) + sum(_number(digest) for _, digest in added)
    return msgspec.structs.replace(
        said,
        checked_at=max(said.checked_at, before.checked_at),
        resources=before.resources + len(added) - len(removed),
        size=before.size + sum(size for size, _ in added) - sum(size for size, _ in removed),
        revision=_revision(total - sum(_number(digest) for _, digest in removed)),
    )


def _digest(name: str, content: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(name.encode() + b"\0" + content, digest_size=16).digest()


def _number(digest: bytes) -> int:
    return int.from_bytes(digest)


def _revision(total: int) -> bytes:
    return (total % REVISIONS).to_bytes(16)


def _state(size: int, digest: bytes) -> State:
    """Return a fingerprint from long ago, so that it is trusted: the digest changes with every change."""
    high, low = struct.unpack(">qq", digest)
    return size, 0, high, low


def summary_of(states: Iterable[State]) -> State:
    """Return the summary of a calendar whose resources have these states."""
    size = total = 0
    for each, _, high, low in states:
        size += each
        total += _number(struct.pack(">qq", high, low))
    return _state(size, _revision(total))


def _typed(value: object, kind: type[T]) -> T:
    """Return what rows have, checked: SQLite does not hold columns to their types. Raises Damaged."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise Damaged from None


def _said(row: object) -> Mirrored:
    """Return what a row says. Raises Damaged."""
    if isinstance(row, bytes) and (data := unsealed(row)) is not None:
        with suppress(msgspec.MsgspecError):
            return msgspec.msgpack.decode(data, type=Mirrored)
    raise Damaged


_STATES = "SELECT name, size, digest FROM resource WHERE calendar = ? ORDER BY name"
_ETAGS = "SELECT name, etag FROM resource WHERE calendar = ?"
_WITH = "SELECT name FROM resource WHERE calendar = ? AND instr(content, ?) ORDER BY name"
_CONTENT = "SELECT digest, content FROM resource WHERE calendar = ? AND name = ?"
_KNOWN = "SELECT size, digest FROM resource WHERE calendar = ? AND name = ?"
_DELETE = "DELETE FROM resource WHERE calendar = ? AND name = ?"
_INSERT = "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?)"
_SAID = "UPDATE calendar SET used = ?, said = ? WHERE id = ?"
