"""Carrying out the operations of the write protocol on CalDAV servers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any

from gbook.calendars.commit.operations import (
    MISSING,
    REFUSED,
    UNKNOWN,
    Create,
    Delete,
    Done,
    Fetch,
    Found,
    Listing,
    Look,
    Now,
    Operation,
    Pause,
    Replace,
    Resource,
    Together,
    Write,
    Written,
)
from gbook.calendars.stores.caldav import CaldavStore
from gbook.calendars.stores.refresh import refresh
from gbook.dav.collection import Collection
from gbook.dav.deadline import Deadline
from gbook.errors import GbookError

__all__ = ["Servers"]


class Servers:
    """The servers of some calendars, by the key of each calendar.

    It is a function of an operation: see `operations` for the answers. Each request has a deadline of its
    own, of `timeout` seconds. `failures` has the last reason why a calendar did not do what was asked.
    """

    def __init__(self, stores: Mapping[str, CaldavStore], timeout: float) -> None:
        self._stores = stores
        self._timeout = timeout
        self.failures: dict[str, str] = {}
        self._has_looked = False

    def __call__(self, operation: Operation) -> Any:
        match operation:
            case Now():
                return time.monotonic()
            case Pause(seconds):
                return time.sleep(seconds)
            case Look(calendars):
                return self._look(calendars)
            case Together(operations):
                return self._together(operations)
            case Fetch():
                return self._fetch(operation)
            case _:
                return self._write(operation)

    def _look(self, calendars: Sequence[str]) -> dict[str, Listing]:
        """Sync calendars; those whose server does not confirm them are left out.

        The first look is that of the plan from which these calendars are known, a moment ago.
        """
        stores = [self._stores[key] for key in calendars]
        remotes = stores[0].remotes
        if self._has_looked:
            remotes.forget()
        self._has_looked = True
        remotes.renew()
        failed = refresh(stores)
        self.failures |= {store.key: error.message for store, error in failed.items() if store in stores}
        return {store.key: remotes.mirror.etags(store.key) for store in stores if store not in failed}

    def _together(self, operations: Sequence[Write | Fetch]) -> list[Any]:
        """Carry out operations, those on different servers at the same time."""
        groups: dict[str, list[int]] = {}
        for position, operation in enumerate(operations):
            groups.setdefault(self._stores[operation.calendar].group, []).append(position)
        answers: dict[int, Any] = {}
        faults: list[BaseException] = []

        def carry_out(positions: Sequence[int]) -> None:
            try:
                for position in positions:
                    answers[position] = self(operations[position])
            except BaseException as error:
                faults.append(error)

        first, *others = groups.values()
        threads = [Thread(target=carry_out, args=(positions,)) for positions in others]
        for thread in threads:
            thread.start()
        carry_out(first)
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]
        return [answers[position] for position in range(len(operations))]

    def _fetch(self, operation: Fetch) -> Found:
        try:
            found = self._collection(operation.calendar).get(operation.name)
        except GbookError as error:
            self.failures[operation.calendar] = error.message
            return UNKNOWN
        return Resource(*found) if found else MISSING

    def _write(self, operation: Write) -> Written:
        """Carry out a write; one that fails in any way may have been carried out."""
        try:
            written = _request(operation)(self._collection(operation.calendar))
        except GbookError as error:
            self.failures[operation.calendar] = error.message
            return UNKNOWN
        if written.outcome == "done":
            self._note_content(operation, written.etag)
            return Done(written.etag)
        self.failures[operation.calendar] = written.reason
        return REFUSED if written.outcome == "refused" else UNKNOWN

    def _note_content(self, operation: Write, etag: str | None) -> None:
        """Keep what was put: the next sync need not fetch it, if the resource still has this ETag."""
        if etag and isinstance(operation, Create | Replace):
            sent = self._stores[operation.calendar].remotes.sent
            sent[operation.calendar, operation.name] = etag, operation.content

    def _collection(self, calendar: str) -> Collection:
        return self._stores[calendar].collection(Deadline.after(self._timeout))


def _request(operation: Write) -> Callable[[Collection], Any]:
    match operation:
        case Create(_, name, content):
            return lambda collection: collection.create(name, content)
        case Replace(_, name, etag, content):
            return lambda collection: collection.replace(name, etag, content)
        case Delete(_, name, etag):
            return lambda collection: collection.delete(name, etag)
