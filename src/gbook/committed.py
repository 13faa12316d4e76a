"""The changes that a run has committed, so that a later failure cannot hide them.

Code that changes a calendar or a YAML file notes the change here. If something fails afterwards (a full disk
on stdout, a bug in a view, Ctrl-C), the command line reports the changes. Each run has its own notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local

__all__ = ["note", "recording"]


class _Notes(local):
    """The notes of this thread's run; None outside a run."""

    changes: list[str] | None = None


_NOTES = _Notes()


@contextmanager
def recording() -> Iterator[list[str]]:
    """Yield the list of the changes that are noted while the block runs."""
    changes: list[str] = []
    outer, _NOTES.changes = _NOTES.changes, changes
    try:
        yield changes
    finally:
        _NOTES.changes = outer


def note(change: str) -> None:
    """Note a change that is on the disk; `change` is a sentence, such as `booking 1@gbook is written`."""
    if _NOTES.changes is not None:
        _NOTES.changes.append(change)
