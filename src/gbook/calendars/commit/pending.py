"""Unfinished transactions: a reader looks for them first, which costs one `lstat` for each calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gbook.calendars.commit.paths import is_pending, real_path
from gbook.errors import GbookError

__all__ = ["recover_pending"]


def recover_pending(calendars: Iterable[Path]) -> Mapping[Path, GbookError]:
    """Recover unfinished transactions. Return the calendars that must not be read, with the reason."""
    pending = [calendar for calendar in calendars if is_pending(real_path(calendar))]
    if not pending:
        return {}
    from gbook.calendars.commit.recovery import recover

    return recover(pending)
