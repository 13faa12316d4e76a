"""Warnings about the bookings that remain after an account or a profile has changed or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gbook
from gbook.errors import Interrupted, InvalidFile
from gbook.timeutil.format import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gbook.cli.session import Session
    from gbook.errors import Warn
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore
    from gbook.workspace.config import Account
    from gbook.workspace.workspace import Workspace

__all__ = [
    "account_ids",
    "confirm_removal",
    "of_dropped_calendars",
    "of_profile",
    "of_removed_account",
    "of_removed_members",
]

ACCOUNT_REMOVED = (
    "if no other account has a copy, add the account again first; "
    "reassign it with: gbook {noun} reschedule {id} --slot {start} --reassign"
)
CALENDAR_DROPPED = "gbook no longer finds it there: move the event to a calendar of the account"
ONLY_READ = "gbook only reads that calendar now: to change its copy, set `deliver: copy` again first"
MEMBER_REMOVED = "reassign it with: gbook {noun} reschedule {id} --slot {start} --reassign"
PROFILE_DELETED = "it can still be {changed}"


def confirm_removal(session: Session, question: str, remaining: Sequence[Warn]) -> None:
    """On a terminal, say what remains in the calendars, and ask. Raises Interrupted unless yes."""
    from gbook.cli.questions import can_ask, confirm

    if not can_ask():
        return
    session.warn(remaining)
    to_come = [warning.message for warning in remaining if warning.code == "booking_remains"]
    counts = [(sum(text.startswith(noun) for text in to_come), noun) for noun in ("booking", "reservation")]
    listed = " and ".join(count(number, noun) for number, noun in counts if number)
    stays = f"{listed} to come {'stays' if len(to_come) == 1 else 'stay'} in the calendars"
    if not confirm(f"{question} {stays}." if to_come else question, default=False):
        raise Interrupted("nothing was removed")


def of_removed_account(workspace: Workspace, account_id: str, now: int) -> list[Warn]:
    """Return a warning for each future booking of an account that is about to be removed."""
    return gbook.affected_bookings(workspace, gbook.Removal(accounts=[account_id]), now, ACCOUNT_REMOVED)


def of_dropped_calendars(workspace: Workspace, changed: Account, now: int) -> list[Warn]:
    """Return a warning for each future booking in a calendar that a changed account no longer has or writes.

    `workspace` is the workspace before the change.
    """
    kept = {calendar.shown for calendar in changed.calendars if not changed.is_foreign(calendar)}
    before = workspace.account(changed.id).calendars
    dropped = [calendar.shown for calendar in before if calendar.shown not in kept]
    if not dropped:
        return []
    removal = gbook.Removal(accounts=[changed.id], calendars=dropped)
    remedy = ONLY_READ if changed.is_invited_by_mail else CALENDAR_DROPPED
    return gbook.affected_bookings(workspace, removal, now, remedy)


def of_removed_members(store: ProfileStore, before: set[str], after: Profile, now: int) -> list[Warn]:
    """Return a warning for each future booking of an account that a profile no longer has.

    `before` has the ids of the profile's accounts before the change.
    """
    removed = sorted(before - after.account_ids)
    if not removed:
        return []
    return gbook.affected_bookings(store.workspace, gbook.Removal(after.name, removed), now, MEMBER_REMOVED)


def account_ids(store: ProfileStore, name: str) -> set[str]:
    """Return the ids of a profile's accounts; none if its file is invalid."""
    try:
        return store.load(name).account_ids
    except InvalidFile:
        return set()


def of_profile(store: ProfileStore, name: str, now: int) -> list[Warn]:
    """Return a warning for each future booking of a profile that is about to be deleted. Raises NotFound."""
    store.path(name)
    return gbook.affected_bookings(store.workspace, gbook.Removal(name), now, PROFILE_DELETED)
