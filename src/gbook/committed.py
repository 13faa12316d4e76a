"""What a run has committed, so that a later failure never sounds as if nothing had happened.

Code that changes a calendar or a YAML file notes it here, and the command line looks when something fails
afterwards: a full disk on stdout, a bug in a view, Ctrl-C. The notes belong to the context of one run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["note", "recording"]

_CHANGES: ContextVar[list[str] | None] = ContextVar("committed", default=None)


@contextmanager
def recording() -> Iterator[list[str]]:
    """Give the list that changes are noted in while the block runs."""
    changes: list[str] = []
    token = _CHANGES.set(changes)
    try:
        yield changes
    finally:
        _CHANGES.reset(token)


def note(change: str) -> None:
    """Note a change that is on the disk, such as `booking 1@gbook is written`."""
    if (changes := _CHANGES.get()) is not None:
        changes.append(change)
