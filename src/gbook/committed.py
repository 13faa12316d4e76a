"""The changes that a run has committed, so that a later failure cannot hide them.

Code that changes a calendar or a YAML file notes the change here. If something fails afterwards (a full disk
on stdout, a bug in a view, Ctrl-C), the command line reports the changes. Each run has its own notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["note", "recording"]

_CHANGES: ContextVar[list[str] | None] = ContextVar("committed", default=None)


@contextmanager
def recording() -> Iterator[list[str]]:
    """Yield the list of the changes that are noted while the block runs."""
    changes: list[str] = []
    token = _CHANGES.set(changes)
    try:
        yield changes
    finally:
        _CHANGES.reset(token)


def note(change: str) -> None:
    """Note a change that is on the disk; `change` is a sentence, such as `booking 1@gbook is written`."""
    if (changes := _CHANGES.get()) is not None:
        changes.append(change)
