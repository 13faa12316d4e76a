"""Changing bookings after they were written: every copy changes in one transaction, or none does.

A plan reads the record, checks whether the change is possible, and returns the revisions. It runs twice: once
to know which calendars to lock, and again under their locks, where no other gbook can invalidate it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gbook.bookings.context import BookingContext
from gbook.bookings.event import event_bytes
from gbook.bookings.event_reader import parse_event, read_own
from gbook.bookings.expiry import expired_reservations
from gbook.bookings.participants import copies_left
from gbook.bookings.planned import Change, Contents, PlannedChange, Prepared
from gbook.bookings.record import Copy, Record, record_of_data
from gbook.bookings.records import find_record
from gbook.bookings.series_event import put_event
from gbook.bookings.transaction import under_locks
from gbook.bookings.unreadable import refuse_unreadable
from gbook.calendars.commit.transaction import Changed
from gbook.calendars.ics.edit import Edit, Remove
from gbook.calendars.ics.ownership import OwnEvent, own_event, recurrence_of
from gbook.calendars.stores.base import Item, Store
from gbook.errors import InvalidFile, NotFound, Warn
from gbook.workspace.config import Account

__all__ = [
    "Plan",
    "Revision",
    "Rewrite",
    "each",
    "find_booking",
    "find_either",
    "find_reservation",
    "out_of_reach",
    "preview",
    "preview_all",
    "revise",
    "revise_all",
]


# Returns the VEVENTs of a copy as changed: the event, of a series also its overrides.
Rewrite = Callable[[OwnEvent], OwnEvent]


def each(change: Callable[[bytes], bytes]) -> Rewrite:
    """Return the function that changes every VEVENT of a copy by itself."""
    return lambda own: OwnEvent(change(own.event), tuple(map(change, own.overrides)))


@dataclass(frozen=True, kw_only=True)
class Revision:
    """The change of one event: its copies that are kept, added and removed."""

    record: Record
    rewrite: Rewrite
    kept: Sequence[Copy] = ()
    added: Sequence[Copy] = ()
    removed: Sequence[Copy] = ()
    # The accounts whose time it takes after the change.
    accounts: Sequence[Account] = ()
    # The accounts that are locked beside them.
    locked: Sequence[Account] = ()

    @property
    def copies(self) -> list[Copy]:
        """All copies that the revision changes."""
        return [*self.kept, *self.added, *self.removed]

    @property
    def primary_copy(self) -> Copy:
        """The host's copy if there is one, else the first."""
        existing = [*self.kept, *self.removed]
        return next((copy for copy in existing if copy.account.id == self.record.host), existing[0])


# Returns the requested revision first, then those that follow from it; raises to refuse.
Plan = Callable[[], Sequence[Revision]]


def revise(context: BookingContext, plan: Plan) -> Record:
    """Carry out a plan, and return the record of its first revision. Raises as `revise_all`."""
    return revise_all(context, plan)[0]


def revise_all(context: BookingContext, plan: Plan) -> Sequence[Record]:
    """Carry out a plan, and return the record of each revision once all are durable.

    Raises what the plan raises, Locked and InvalidFile.
    """

    def planned() -> PlannedChange[Sequence[Record]]:
        revisions = plan()
        items = {copy.item for copy in _concerned(revisions)}
        prepare = partial(_prepared, context, revisions)
        return PlannedChange(_to_lock(context, revisions), items, prepare)

    return under_locks(context, planned, "the calendars concerned")


def preview(plan: Plan) -> Record:
    """Return the record of the first revision as it would be; nothing is written."""
    return _previewed(plan()[0])


def preview_all(plan: Plan) -> Sequence[Record]:
    """Return the record of each revision as it would be; nothing is written."""
    return [_previewed(revision) for revision in plan()]


def _previewed(revision: Revision) -> Record:
    item = revision.primary_copy.item
    return _result(revision, {item: item.read_existing()})


def find_booking(context: BookingContext, record_id: str) -> Record:
    """Return the booking to change. Raises NotFound, UsageError, InvalidFile, Locked."""
    record = _find(context, record_id, "booking")
    if record.is_reservation:
        raise NotFound(f"{record.uid} is a reservation: `gbook reservation confirm|drop {record.uid}`")
    return record


def find_either(context: BookingContext, record_id: str) -> Record:
    """Return the booking or reservation to change. Raises NotFound, UsageError, InvalidFile, Locked."""
    return _find(context, record_id, "booking")


def find_reservation(context: BookingContext, record_id: str) -> Record:
    """Return the reservation to change, expired or not. Raises NotFound, UsageError, InvalidFile, Locked."""
    record = _find(context, record_id, "reservation")
    if not record.is_reservation:
        raise NotFound(f"{record.uid} is a {record.status} booking: `gbook booking show {record.uid}`")
    return record


def out_of_reach(context: BookingContext, record: Record) -> list[Warn]:
    """Return a warning for each copy that stays as it is: in a readonly calendar, or of a removed account."""
    message = f"booking {record.uid} is also in this readonly calendar; that copy is not changed"
    readonly = [
        Warn("readonly_copy", message, copy.account.id, copy.shown)
        for copy in record.copies
        if not copy.is_writable
    ]
    return [*readonly, *copies_left(context.workspace, record)]


def _find(context: BookingContext, record_id: str, noun: str) -> Record:
    record, warnings = find_record(context.workspace, record_id, noun)
    refuse_unreadable(warnings, "a copy may be in it", _invited(context, record))
    if not any(copy.is_writable for copy in record.copies):
        raise InvalidFile(record.copies[0].shown, [f"{noun} {record.uid} is only in readonly calendars"])
    return record


def _invited(context: BookingContext, record: Record) -> set[str]:
    """Return the accounts that may have a copy: participants, and those that are invited."""
    invited = {attendee.email.casefold() for attendee in record.attendees}
    accounts = context.workspace.accounts.values()
    return {*record.accounts, *(account.id for account in accounts if account.email.casefold() in invited)}


def _concerned(revisions: Sequence[Revision]) -> list[Copy]:
    return [copy for revision in revisions for copy in revision.copies]


def _to_lock(context: BookingContext, revisions: Sequence[Revision]) -> set[Store]:
    """Return the calendars that are written, and those of accounts whose time is taken without a copy.

    With those of the accounts that are locked beside them.
    """
    taken = [account for revision in revisions for account in (*revision.accounts, *revision.locked)]
    return {copy.calendar for copy in _concerned(revisions)} | set(context.locks(taken))


def _prepared(
    context: BookingContext, revisions: Sequence[Revision], contents: Contents
) -> Prepared[Sequence[Record]]:
    changes = [change for revision in revisions for change in _changes(revision, contents)]
    revised = {revision.record.uid for revision in revisions}
    expired = expired_reservations((change.item.store for change in changes), context.now)
    records = [_result(revision, contents) for revision in revisions]
    return Prepared(
        records,
        changes,
        records,
        removed={revision.record.uid for revision in revisions if not (revision.kept or revision.added)},
        taking=_taking(revisions[0], records[0]),
        cleanup=[change for change in expired if change.edits[0].uid not in revised],
    )


def _taking(revision: Revision, after: Record) -> list[Record]:
    """Return the times that a revision takes, or gives back only when it is done: of an event that moves."""
    if not revision.accounts:
        return []
    before = revision.record
    return [after, before] if before.times != after.times else [after]


def _changes(revision: Revision, contents: Contents) -> Iterator[Change]:
    uid = revision.record.uid
    for item in _items(revision.kept):
        before = _event_of(item, uid, contents)
        yield Change(item, tuple(_edits(uid, before, revision.rewrite(before))), contents[item])
    if revision.added:
        fresh = [_fresh(component) for component in _result_event(revision, contents).components]
        for item in _items(revision.added):
            own_event(contents[item], uid, str(item))
            yield Change(item, tuple(put_event(uid, component) for component in fresh), contents[item])
    for item in _items(revision.removed):
        _event_of(item, uid, contents)
        yield Change(item, (Remove(uid),), contents[item])


def _edits(uid: str, before: OwnEvent, after: OwnEvent) -> Iterator[Edit]:
    """Yield the edits that make the VEVENTs of a copy `after`; overrides that it lacks are removed."""
    kept = [*map(recurrence_of, after.overrides)]
    if any(recurrence_of(override) not in kept for override in before.overrides):
        yield Remove(uid)
    for component in after.components:
        yield put_event(uid, component)


def _items(copies: Sequence[Copy]) -> list[Item]:
    """Return the resources of copies, each once: accounts may share a calendar."""
    return list(dict.fromkeys(copy.item for copy in copies))


def _event_of(item: Item, uid: str, contents: Contents) -> OwnEvent:
    """Return the event of a copy. Raises Changed if there is none, InvalidFile if others share the UID."""
    own = own_event(contents[item], uid, str(item))
    if own is None:
        raise Changed(f"{item}: another program is changing it", path=str(item))
    return own


def _result_event(revision: Revision, contents: Contents) -> OwnEvent:
    return revision.rewrite(_event_of(revision.primary_copy.item, revision.record.uid, contents))


def _result(revision: Revision, contents: Contents) -> Record:
    """Return the record after the revision; of an event that is removed, its last state."""
    copies = [*revision.kept, *revision.added] or revision.record.copies
    own = _result_event(revision, contents)
    return record_of_data(read_own(own), copies, own)


def _fresh(component: bytes) -> bytes:
    """Return a copy for another account's calendar, without alarms."""
    event = parse_event(component)
    event.subcomponents.clear()
    return event_bytes(event)
