"""Holding time in calendars on servers: a change is planned before its holds are put, and again after that.

A new event is held by a resource that becomes the event. The new time of an event that exists is held by a
resource of its own, and so is its old time, until the move is done: it could still be undone.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, Generic, TypeVar

from gbook.bookings.context import BookingContext
from gbook.bookings.idempotency import Unfinished
from gbook.bookings.planned import Change, PlannedChange, Prepared, commit_files
from gbook.bookings.record import Record
from gbook.bookings.server_events import hold_event
from gbook.calendars.commit.holds import HOLD_SECONDS, MOVE_SECONDS, Held, Hold, Own, Plan, WantedHold, hold
from gbook.calendars.commit.operations import drive
from gbook.calendars.commit.promises import require_clock, require_promises
from gbook.calendars.commit.servers import Servers
from gbook.calendars.commit.transaction import Changed
from gbook.calendars.ics.edit import Remove
from gbook.calendars.ics.gbook_properties import HOLD
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.caldav import CaldavStore
from gbook.errors import InvalidFile, Locked, Unreachable
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import now

__all__ = ["ServerHolds"]

# How long a booking waits for others that are under way (seconds).
PATIENCE = 15.0

T = TypeVar("T")


class ServerHolds(Generic[T]):
    """The holds of one attempt at a change; the locks of the files among `calendars` are held meanwhile."""

    def __init__(
        self,
        context: BookingContext,
        calendars: Set[Store],
        plan: Callable[[], PlannedChange[T]],
        stores: Mapping[str, CaldavStore],
        servers: Servers,
    ) -> None:
        self.context = context
        self.calendars = calendars
        self.plan = plan
        self.stores = stores
        self.servers = servers
        self.remotes = context.workspace.remotes
        self.attempt = uuid.uuid4().hex
        # The UID of the event that each hold is for, by the hold's content.
        self.held_for: dict[bytes, str] = {}

    def of(self, change: Change, holds: Iterable[Hold]) -> Hold:
        """Return the hold that becomes the event of a change."""
        calendar, uid = change.item.store.key, change.edits[0].uid
        return next(
            each for each in holds if each.calendar == calendar and self.held_for[each.item.content] == uid
        )

    def hold(self) -> Held[Prepared[T]]:
        """Hold the time that the plan takes, and return the plan that was made under the holds.

        Raises what the plan raises, Changed, Locked, Unreachable, InvalidFile.
        """
        workspace = self.context.workspace
        require_promises(self.stores.values(), workspace.cache, self.remotes.asking.timeout)
        steps = hold(list(self.stores), self._judge, patience=PATIENCE, random=random.random)
        held = drive(steps, self.servers)
        if isinstance(held, Held):
            return held
        shown = self.stores[held.calendar].shown if held.calendar else ""
        reason = self.servers.failures.get(held.calendar or "", "")
        if held.reason == "unknown":
            raise Unreachable(shown, f"{reason}; nothing is booked")
        if held.reason == "refused":
            raise InvalidFile(shown, [f"the calendar cannot be written: {reason}"])
        raise Locked("other bookings of the same time are under way: try again")

    def _judge(self, own: Own) -> Plan[Prepared[T]] | None:
        """Plan by what the servers have said now. Raises what the plan raises."""
        require_clock(self.stores.values())
        self.remotes.own_holds = own
        try:
            planned = self.plan()
        except Unfinished as unfinished:
            return self._clearing(unfinished.record, own)
        except SlotUnavailable:
            if self._only_holds_are_in_the_way():
                return None
            raise
        if not planned.calendars <= self.calendars:
            raise Changed("the accounts that are free keep changing: try again")
        contents = {item: item.read_existing() for item in planned.items}
        prepared = planned.prepare(contents)
        subject = [(record.uid, record.times, record.accounts) for record in prepared.records]
        # An expired hold might still be confirmed by a program that is late, unless it is deleted first.
        expired = [
            (store.key, item.name)
            for item, _, _ in prepared.cleanup
            if (store := self.stores.get(item.store.key)) and not store.is_cooperative
        ]
        return Plan(repr(subject), prepared, [*self._wanted(prepared)], expired if prepared.taking else ())

    def _clearing(self, record: Record, own: Own) -> Plan[Prepared[T]] | None:
        """Plan to delete the copies of a booking that was interrupted before the host's event.

        Another run with the same key must not be about to confirm them: this one holds the host's calendar,
        or its lock.
        """
        host = self.context.primary(self.context.workspace.account(record.host))
        remote = [copy.item for copy in record.copies if copy.calendar.is_remote]
        hold = self._hold_for(record, host, self._own_uid(record)) if isinstance(host, CaldavStore) else None
        # Only its subject counts: it is judged again before anything is booked.
        plan: Plan[Any] = Plan("interrupted", Prepared(None), [hold] if hold else [])
        if hold and not own.get(host.key):
            return plan
        if not remote:
            local = [copy.item for copy in record.copies]
            removal = (Remove(record.uid),)
            commit_files(self.context, [Change(item, removal, item.read_existing()) for item in local])
            return self._judge(own)
        return plan._replace(expired=[(item.store.key, item.name) for item in remote])

    def _only_holds_are_in_the_way(self) -> bool:
        """Return whether the plan is possible as soon as other bookings under way give up."""
        with self.remotes.without_holds():
            try:
                self.plan()
            except SlotUnavailable:
                return False
        return True

    def _wanted(self, prepared: Prepared[T]) -> Iterable[WantedHold]:
        """Yield the holds of a change: one in each calendar on a server, for each time that it takes.

        The hold of a new event becomes the event; beside one that exists it has a UID of its own.
        """
        for record in prepared.taking:
            for change in prepared.changes:
                store = self.stores.get(change.item.store.key)
                if not store or change.edits[0].uid != record.uid:
                    continue
                if change.before is not None:
                    yield self._hold_for(record, store, self._own_uid(record))
                elif any(record is result for result in prepared.records):
                    yield self._hold_for(record, store, record.uid)

    def _own_uid(self, record: Record) -> str:
        """Return the UID of a hold that does not become the event."""
        return f"{uuid.uuid5(uuid.NAMESPACE_OID, f'{self.attempt} {record.uid} {record.times}')}@gbook"

    def _hold_for(self, record: Record, store: CaldavStore, uid: str) -> WantedHold:
        seconds = HOLD_SECONDS if uid == record.uid else MOVE_SECONDS
        content = hold_event(record, uid, self.attempt, now() + seconds)
        self.held_for[content] = record.uid
        marks = f"{HOLD}:{self.attempt}".encode(), f"UID:{uid}".encode()
        name = f"{uid}.ics" if store.is_cooperative else ""
        return WantedHold(store.key, content, lambda present: all(mark in present for mark in marks), name)
