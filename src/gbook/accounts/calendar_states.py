"""The calendars of all accounts: where they are, when servers confirmed them, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from gbook.calendars.stores.base import Store
from gbook.calendars.stores.file import LocalStore
from gbook.calendars.stores.vdir import VdirStore
from gbook.errors import GbookError, unread
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["CalendarState", "calendar_states", "refresh_calendars"]

_EVENT = re.compile(rb"^BEGIN:VEVENT\b", re.IGNORECASE | re.MULTILINE)


class CalendarState(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A calendar of an account; `calendar` is how it is shown.

    `checked_at` is the instant when its server confirmed it; None if that never was, and for a calendar on a
    disk. `events` is None if they are not known. `note` says what is wrong with it, and `code` is the code of
    that warning.
    """

    account_id: str
    calendar: str
    kind: str
    checked_at: int | None = None
    events: int | None = None
    writable: bool
    code: str | None = None
    note: str | None = None


def calendar_states(
    workspace: Workspace, accounts: Collection[str] = ()
) -> list[tuple[CalendarState, GbookError | None]]:
    """Return the state of each calendar, of all accounts or of these, and why it cannot be read.

    No server is asked. Raises NotFound for an unknown account.
    """
    return [
        _state(account, reference, workspace.store(reference))
        for account, reference in _references(workspace, accounts)
    ]


def refresh_calendars(
    workspace: Workspace, accounts: Collection[str] = ()
) -> list[tuple[CalendarState, GbookError | None]]:
    """Ask the servers of calendars, of all accounts or of these; return what `calendar_states` returns."""
    from gbook.calendars.commit.pending import confirm_remote

    confirm_remote(workspace.store(reference) for _, reference in _references(workspace, accounts))
    states = calendar_states(workspace, accounts)
    return [state for state in states if state[0].kind not in ("file", "vdir")]


def _references(workspace: Workspace, accounts: Collection[str]) -> Iterator[tuple[Account, CalendarRef]]:
    chosen = [workspace.account(each) for each in accounts] or workspace.accounts.values()
    return ((account, reference) for account in chosen for reference in account.calendars)


def _state(account: Account, reference: CalendarRef, store: Store) -> tuple[CalendarState, GbookError | None]:
    state = CalendarState(
        account_id=account.id,
        calendar=reference.shown,
        kind=_kind(reference, store),
        writable=not reference.readonly and not account.is_invited_by_mail,
    )
    try:
        if isinstance(store, LocalStore):
            return msgspec.structs.replace(state, events=_count(store)), None
        return _remote_state(state, store), None
    except GbookError as error:
        warning = unread(error, account.id, reference.shown)
        known = _known(store, state.kind)
        return msgspec.structs.replace(state, code=warning.code, note=warning.message, **known), error


def _remote_state(state: CalendarState, store: Store) -> CalendarState:
    """Return the state of a remote calendar. Raises GbookError if it cannot be read."""
    store.look()
    remark = store.remark()
    code = "old_feed" if remark else None
    return msgspec.structs.replace(state, code=code, note=remark, **_known(store, state.kind))


def _known(store: Store, kind: str) -> dict[str, int]:
    """Return what the mirror knows of a remote calendar, as fields of its state."""
    from gbook.calendars.stores.remote import RemoteStore

    if not isinstance(store, RemoteStore) or (said := store.known()) is None:
        return {}
    # On a CalDAV server each resource is one event.
    return {"checked_at": said.checked_at, "events": said.events if kind == "feed" else said.resources}


def _kind(reference: CalendarRef, store: Store) -> str:
    if reference.is_remote:
        return "feed" if reference.is_feed else "caldav"
    return "vdir" if isinstance(store, VdirStore) else "file"


def _count(store: Store) -> int:
    """Return the number of events of a calendar. Raises GbookError."""
    return sum(len(_EVENT.findall(store.read(name))) for name, _ in store.look())
