"""The content of files that have just changed: the same bytes are not read twice by one process.

For two seconds after a change the fingerprint of a file proves nothing. A server that is asked meanwhile
reads its bytes for each request, but understands them once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gbook.calendars.busy.reader import FileBusy

__all__ = ["once"]

MAX_FILES = 64

_known: OrderedDict[Hashable, FileBusy] = OrderedDict()
_lock = Lock()


def once(data: bytes, how: Hashable, read: Callable[[bytes], FileBusy]) -> FileBusy:
    """Return `read` of these bytes; `how` is all else that the result depends on. Raises what `read` does."""
    key = blake2b(data, digest_size=32).digest(), how
    with _lock:
        if (known := _known.pop(key, None)) is not None:
            _known[key] = known
            return known
    found = read(data)
    with _lock:
        _known[key] = found
        while len(_known) > MAX_FILES:
            _known.popitem(last=False)
    return found
