"""Which bookings remain after a profile has changed or is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gbook.errors import InvalidFile

if TYPE_CHECKING:
    from gbook.errors import Warn
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore

__all__ = ["account_ids", "left_behind", "of_profile"]

DETACHED = "hand it over with: gbook booking reschedule {id} --slot {start} --reassign"
DELETED = "it can still be confirmed or cancelled, and moved once the profile is there again"


def left_behind(store: ProfileStore, before: set[str], after: Profile, now: int) -> list[Warn]:
    """The bookings of accounts that a profile named before and names no more."""
    from gbook.bookings.remaining import Going, bookings_of

    gone = sorted(before - after.account_ids)
    if not gone:
        return []
    return bookings_of(store.workspace, Going(after.name, gone), now, DETACHED)


def account_ids(store: ProfileStore, name: str) -> set[str]:
    """The accounts that a profile names; none where its file is invalid."""
    try:
        return store.load(name).account_ids
    except InvalidFile:
        return set()


def of_profile(store: ProfileStore, name: str, now: int) -> list[Warn]:
    """The bookings of a profile that is to be deleted. Raises NotFound."""
    from gbook.bookings.remaining import Going, bookings_of

    store.path(name)
    return bookings_of(store.workspace, Going(name), now, DELETED)
