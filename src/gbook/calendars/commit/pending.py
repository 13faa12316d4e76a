"""What comes before reading: unfinished transactions are completed, which costs one `lstat` a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gbook.calendars.commit.paths import is_pending, real_path
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.file import LocalStore
from gbook.errors import GbookError

__all__ = ["make_current"]


def make_current(calendars: Iterable[Store]) -> Mapping[Store, GbookError]:
    """Complete unfinished transactions. Return the calendars that must not be read, with the reason."""
    local = {store.path: store for store in calendars if isinstance(store, LocalStore)}
    pending = [path for path in local if is_pending(real_path(path))]
    if not pending:
        return {}
    from gbook.calendars.commit.recovery import recover

    return {local[path]: error for path, error in recover(pending).items()}
