"""What the requests of a server share in memory: the decoded rows of the index.

A row counts for the state of its file, as in the index: a request that finds a file changed reads it again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import msgspec

from gbook.cache import Cache, Fingerprint, fingerprint

__all__ = ["Memory", "SharedCache"]

# The most bytes of encoded rows; the ones that were not used for the longest go first.
MAX_BYTES = 128 << 20

Value = TypeVar("Value")
_Key = tuple[str, str]


class _Row(NamedTuple):
    state: Fingerprint
    # The encoded value, until a request wants it.
    data: bytes | None
    value: Any
    size: int


class Memory:
    """Decoded rows, which all threads may use: nothing changes a value that was read."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit
        self._rows: OrderedDict[_Key, _Row] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: _Key, state: Fingerprint, kind: type[Value]) -> Value | None:
        """Return the value of a row for this state of its file; None if there is none, or it is damaged."""
        with self._lock:
            if (row := self._rows.get(key)) is None or row.state != state:
                return None
            self._rows.move_to_end(key)
            if row.data is not None:
                # Within the lock: msgspec must not look at the same generic type in two threads at once.
                with suppress(msgspec.MsgspecError):
                    row = _Row(state, None, msgspec.msgpack.decode(row.data, type=kind), row.size)
                    self._rows[key] = row
            known: Value | None = row.value
            return known

    def put(self, key: _Key, state: Fingerprint, data: bytes) -> None:
        """Keep the encoded value of a row, and drop the oldest ones for it."""
        with self._lock:
            if (old := self._rows.pop(key, None)) is not None:
                self._size -= old.size
            self._rows[key] = _Row(state, data, None, len(data))
            self._size += len(data)
            while self._size > self._limit:
                self._size -= self._rows.popitem(last=False)[1].size


class SharedCache(Cache):
    """The cache of one request, in front of which is the memory of all."""

    def __init__(self, path: Path | None, memory: Memory) -> None:
        super().__init__(path)
        self._memory = memory

    def get_value(
        self, path: str, context: str, kind: type[Value], state: Fingerprint | None = None
    ) -> Value | None:
        """Return the value that `put_value` has kept in this process or another one."""
        if (state := state or fingerprint(path)) is None:
            return None
        known = self._memory.get((path, context), state, kind)
        if known is None and (data := self.get(path, context, state)) is not None:
            self._memory.put((path, context), state, data)
            known = self._memory.get((path, context), state, kind)
        return known

    def put(self, path: str, context: str, data: bytes, state: Fingerprint | None = None) -> None:
        """Keep the result of reading a settled file for all requests, and in the index."""
        state = state or fingerprint(path)
        if state is not None and state.settled(time.time_ns()):
            self._memory.put((path, context), state, data)
        super().put(path, context, data, state)
