"""What comes before reading: unfinished transactions are completed, and servers are asked.

For calendars on a disk this costs one `lstat` each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gbook.calendars.commit.paths import pending
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.file import LocalStore
from gbook.errors import GbookError

__all__ = ["confirm_remote", "make_current"]


def make_current(calendars: Iterable[Store]) -> Mapping[Store, GbookError]:
    """Complete unfinished transactions, and let servers confirm what the mirror has.

    Return the calendars that must not be read, with the reason: Unreachable if the state is not known.
    """
    stores = list(calendars)
    local = {store.path: store for store in stores if isinstance(store, LocalStore)}
    unfinished = pending(local)
    unconfirmed = confirm_remote(stores)
    if not unfinished:
        return unconfirmed
    from gbook.calendars.commit.recovery import recover

    return {**unconfirmed, **{local[path]: error for path, error in recover(unfinished).items()}}


def confirm_remote(calendars: Iterable[Store]) -> Mapping[Store, GbookError]:
    """Ask the servers of remote calendars, each once in a command; return as `make_current` does."""
    stores = list(calendars)
    if not any(store.is_remote for store in stores):
        return {}
    from gbook.calendars.stores.refresh import refresh

    return refresh(stores)
