"""One read of each calendar file, for all steps of a command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gbook.cache import Fingerprint, fingerprint
from gbook.calendars.stores.base import Item

__all__ = ["forget_content", "keep_content", "parse_once", "read_once"]

# The most bytes that are kept; further files are read each time.
MAX_KEPT = 256 << 20

T = TypeVar("T")
Read = Callable[[Path], bytes]


class _KeptFile(NamedTuple):
    """The content of a file, its fingerprint, and the result of each parser."""

    fingerprint: Fingerprint
    content: bytes
    parsed: dict[Any, Any]


# By the path of the file.
_kept: ContextVar[dict[str, _KeptFile] | None] = ContextVar("kept", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Read no calendar file twice within the block, unless its fingerprint changes.

    A block within another block is part of it. The content of a file that changed a moment ago is not kept:
    its fingerprint may stay the same if it changes again.
    """
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def forget_content() -> None:
    """Discard all that is kept, so that each file is read again."""
    (_kept.get() or {}).clear()


def keep_content(path: Path, read: Read) -> bytes:
    """Return the content of a file: the kept content if the file has not changed, else that of `read`."""
    kept = _kept.get()
    if kept is None:
        return read(path)
    state = fingerprint(path)
    known = kept.get(str(path))
    if known is not None and known.fingerprint == state:
        return known.content
    settled = state is not None and state.settled(time.time_ns())
    content = read(path)
    kept.pop(str(path), None)
    if state is not None and settled and _size(kept) + len(content) <= MAX_KEPT:
        kept[str(path)] = _KeptFile(state, content, {})
    return content


def parse_once(item: Item, parse: Callable[[bytes], T]) -> T:
    """Return `parse` of the content of a resource; kept content is parsed only once."""
    content = item.read()
    known = (_kept.get() or {}).get(str(item))
    if known is None or known.content is not content:
        return parse(content)
    if parse not in known.parsed:
        known.parsed[parse] = parse(content)
    parsed: T = known.parsed[parse]
    return parsed


def _size(kept: dict[str, _KeptFile]) -> int:
    return sum(len(file.content) for file in kept.values())
