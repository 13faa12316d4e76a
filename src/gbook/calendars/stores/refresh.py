"""Asking servers: all at once, within one deadline, and each only once in a command."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from gbook.calendars.stores.remote import RemoteStore, never_read
from gbook.errors import GbookError, Unreachable
from gbook.timeutil.format import age_name

if TYPE_CHECKING:
    from gbook.calendars.stores.base import Store
    from gbook.dav.deadline import Deadline

__all__ = ["refresh"]

# Groups of calendars that are asked at the same time.
THREADS = 16
# Seconds after the deadline in which requests end by themselves.
GRACE = 0.5


def refresh(stores: Iterable[Store]) -> Mapping[Store, GbookError]:
    """Ask the servers of calendars that this command has not asked yet; return those not to be read, and why.

    Calendars on a disk are left out. The reason is Unreachable if the state of a calendar is not known, else
    an error about the answer.
    """
    wanted = [store for store in dict.fromkeys(stores) if isinstance(store, RemoteStore)]
    if wanted:
        wanted[0].remotes.forget_old()
    unasked = [store for store in wanted if store.key not in store.remotes.answers]
    if unasked:
        remotes = unasked[0].remotes
        if remotes.asking.offline:
            remotes.answers |= {store.key: _too_old(store) for store in unasked}
        else:
            _ask(unasked)
    return {store: error for store in wanted if (error := store.remotes.answers[store.key])}


def _too_old(store: RemoteStore) -> GbookError | None:
    """Return why the mirror may not answer for a calendar; None if it may."""
    oldest = store.remotes.asking.oldest
    if (age := store.age()) is None:
        return never_read(store.shown)
    if oldest is not None and age > oldest:
        reason = f"was last read {age_name(age)} ago, and --offline allows {age_name(oldest)}"
        return Unreachable(store.shown, reason)
    return None


def _ask(stores: Sequence[RemoteStore]) -> None:
    """Ask the servers of calendars that are due, and note the answers."""
    remotes = stores[0].remotes
    answers: dict[RemoteStore, GbookError | None] = dict.fromkeys(stores)
    due = []
    for store in stores:
        if remotes.asking.at_once or store.is_due():
            try:
                store.prepare()
                due.append(store)
            except GbookError as error:
                answers[store] = error
    if due:
        with remotes.deadline() as deadline:
            answers |= _answers(due, deadline)
    remotes.answers |= {store.key: error and store.judge(error) for store, error in answers.items()}


def _answers(stores: Sequence[RemoteStore], deadline: Deadline) -> dict[RemoteStore, GbookError | None]:
    """Ask each group of calendars in a thread of its own, as long as there are not too many."""
    groups: dict[str, list[RemoteStore]] = {}
    for store in stores:
        groups.setdefault(store.group, []).append(store)
    work = list(groups.values())
    answers: dict[RemoteStore, GbookError | None] = {}
    bugs: list[BaseException] = []

    def ask() -> None:
        while work and not bugs:
            try:
                group = work.pop()
                answers.update(group[0].ask(group, deadline))
            except BaseException as error:
                bugs.append(error)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(min(THREADS, len(work)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        # Only a look-up of a name, which cannot be stopped, takes longer than the deadline.
        thread.join(deadline.remaining() + GRACE)
    for bug in bugs:
        raise bug
    late = f"did not answer within {deadline.seconds:g} s; allow more with --timeout"
    return {store: Unreachable(store.shown, late) for store in stores} | answers
