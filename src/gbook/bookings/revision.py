"""What happens to events of gbook's after they were written: every copy changes in one transaction, or none.

A plan reads the record, judges, and says what shall be. It is made twice: once to know which calendars to
lock, and again under their locks, where nobody can make it wrong any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.bookings.attendees import attendees
from gbook.bookings.context import BookingContext
from gbook.bookings.durable import make_durable
from gbook.bookings.event import event_bytes
from gbook.bookings.locking import Contents, PlannedChange, under_locks
from gbook.bookings.people import copies_left
from gbook.bookings.records import Copy, Record, expired_reservations, find_record, read_record
from gbook.bookings.unread import refuse_unread
from gbook.calendars.commit.transaction import Change, Changed, read
from gbook.calendars.ics.edit import Put, Remove
from gbook.calendars.ics.ownership import own_events
from gbook.errors import GbookError, InvalidFile, NotFound, Warn
from gbook.workspace.config import Account

if TYPE_CHECKING:
    from icalendar import Event

__all__ = [
    "Plan",
    "Revision",
    "find_booking",
    "find_either",
    "find_reservation",
    "out_of_reach",
    "preview",
    "revise",
]


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What becomes of one event: of its copies, and where copies come and go."""

    record: Record
    # Gives the VEVENT of a copy as it shall be.
    rewrite: Callable[[bytes], bytes]
    kept: Sequence[Copy] = ()
    added: Sequence[Copy] = ()
    removed: Sequence[Copy] = ()
    # The accounts whose time it takes afterwards.
    accounts: Sequence[Account] = ()

    @property
    def copies(self) -> list[Copy]:
        """Every copy concerned."""
        return [*self.kept, *self.added, *self.removed]

    @property
    def primary_copy(self) -> Copy:
        """The copy that stands for all: the host's, where there is one."""
        there = [*self.kept, *self.removed]
        return next((copy for copy in there if copy.account.id == self.record.host), there[0])


# May raise to refuse. The first revision is the one that was asked for, others go with it.
Plan = Callable[[], Sequence[Revision]]


def revise(context: BookingContext, plan: Plan) -> Record:
    """Do what a plan says; durable when it returns. Gives the event of the first revision as it is now.

    Raises what the plan raises, Locked, InvalidFile.
    """

    def planned() -> PlannedChange[Record]:
        revisions = plan()
        files = {copy.file for copy in _concerned(revisions)}
        commit = partial(_write, context, revisions)
        return PlannedChange(_to_lock(context, revisions), files, commit)

    return under_locks(planned, "the calendars concerned")


def preview(plan: Plan) -> Record:
    """The event of the first revision as it would be now; nothing is written."""
    first = plan()[0]
    return _result(first, {first.primary_copy.file: read(first.primary_copy.file)})


def find_booking(context: BookingContext, wanted: str) -> Record:
    """The booking to be changed, with the copies that may be. Raises NotFound, UsageError, InvalidFile."""
    record = _find(context, wanted, "booking")
    if record.is_reservation:
        raise NotFound(f"{record.uid} is a reservation: `gbook reservation confirm|drop {record.uid}`")
    return record


def find_either(context: BookingContext, wanted: str) -> Record:
    """The booking or reservation to be changed. Raises NotFound, UsageError, InvalidFile, Locked."""
    return _find(context, wanted, "booking")


def find_reservation(context: BookingContext, wanted: str) -> Record:
    """The reservation to be changed, expired or not. Raises NotFound, UsageError, InvalidFile."""
    record = _find(context, wanted, "reservation")
    if not record.is_reservation:
        raise NotFound(f"{record.uid} is a {record.status} booking: `gbook booking show {record.uid}`")
    return record


def out_of_reach(context: BookingContext, record: Record) -> list[Warn]:
    """The copies that stay as they are: in readonly calendars, or of accounts that have left gbook.yaml."""
    message = f"booking {record.uid} stands in this readonly calendar too: that copy stays as it is"
    readonly = [
        Warn("readonly_copy", message, copy.account.id, copy.shown)
        for copy in record.copies
        if not copy.is_writable
    ]
    return [*readonly, *copies_left(context.workspace, record)]


def _find(context: BookingContext, wanted: str, noun: str) -> Record:
    record, warnings = find_record(context.workspace, wanted, noun)
    refuse_unread(warnings, "a copy may be in it", _invited(context, record))
    if not any(copy.is_writable for copy in record.copies):
        raise InvalidFile(record.copies[0].shown, [f"{noun} {record.uid} stands in readonly calendars only"])
    return record


def _invited(context: BookingContext, record: Record) -> set[str]:
    """The accounts that may have a copy: those that take part, and those that are asked to."""
    invited = {one.email.casefold() for one in attendees(record.event)}
    known = context.workspace.accounts.values()
    return {*record.accounts, *(one.id for one in known if one.email.casefold() in invited)}


def _concerned(revisions: Sequence[Revision]) -> list[Copy]:
    return [copy for revision in revisions for copy in revision.copies]


def _to_lock(context: BookingContext, revisions: Sequence[Revision]) -> set[Path]:
    """The calendars that are written, and those of accounts whose time is taken without a copy."""
    taken = [account for revision in revisions for account in revision.accounts]
    return {copy.calendar for copy in _concerned(revisions)} | set(context.locks(taken))


def _write(context: BookingContext, revisions: Sequence[Revision], contents: Contents) -> Record:
    changes = [change for revision in revisions for change in _changes(revision, contents)]
    ours = {revision.record.uid for revision in revisions}
    cleared = expired_reservations((change.calendar for change in changes), context.now)
    changes += [change for change in cleared if change.edits[0].uid not in ours]
    records = [_result(revisions[0], contents), *(revision.record for revision in revisions[1:])]
    gone = {one.record.uid for one in revisions if not (one.kept or one.added)}
    make_durable(context, changes, records, removed=frozenset(gone))
    return records[0]


def _changes(revision: Revision, contents: Contents) -> Iterator[Change]:
    uid = revision.record.uid
    for copy in _by_file(revision.kept):
        puts = [Put(uid, revision.rewrite(component)) for component in _components(copy, uid, contents)]
        yield Change(copy.calendar, copy.file, tuple(puts), contents[copy.file])
    if revision.added:
        fresh = _fresh(_result_bytes(revision, contents))
        for copy in _by_file(revision.added):
            own_events(contents[copy.file], uid, copy.shown)
            yield Change(copy.calendar, copy.file, (Put(uid, fresh),), contents[copy.file])
    for copy in _by_file(revision.removed):
        _components(copy, uid, contents)
        yield Change(copy.calendar, copy.file, (Remove(uid),), contents[copy.file])


def _by_file(copies: Sequence[Copy]) -> list[Copy]:
    """One copy a file: accounts may share a calendar."""
    return list({copy.file: copy for copy in copies}.values())


def _components(copy: Copy, uid: str, contents: Contents) -> list[bytes]:
    """The events of a copy. Raises InvalidFile where others have its UID, Changed where there are none."""
    found = own_events(contents[copy.file], uid, copy.shown)
    if not found:
        raise Changed(f"{copy.file}: another program is changing it", path=str(copy.file))
    return found


def _result_bytes(revision: Revision, contents: Contents) -> bytes:
    return revision.rewrite(_components(revision.primary_copy, revision.record.uid, contents)[0])


def _result(revision: Revision, contents: Contents) -> Record:
    """The record as the revision leaves it, or, of an event that is taken out, as it was last."""
    copies = [*revision.kept, *revision.added] or revision.record.copies
    return read_record(_event(_result_bytes(revision, contents)), copies)


def _fresh(component: bytes) -> bytes:
    """A copy for somebody else's calendar: alarms are each one's own."""
    event = _event(component)
    event.subcomponents.clear()
    return event_bytes(event)


def _event(component: bytes) -> Event:
    from icalendar import Event

    event = Event.from_ical(component)
    if not isinstance(event, Event):
        raise GbookError("an event of gbook's is damaged")
    return event
