"""Make a booking of holds: copies first, the host's event last, which is the commit.

    commit = Commit(held.holds, held.since)
    commit.copies(changes) ─► the caller's local commit ─► commit.host(changes) ─► commit.finish(changes)

Before the commit every failure is undone; after it a failure only leaves something over, which `finish`
returns. Changes of events that exist already are made in the same way, with the ETag of a fresh GET. A
cancellation needs no hold: `Commit().host(...)`, then `finish` with the copies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from gbook.calendars.commit.doubt import at_once, find, remove, settle
from gbook.calendars.commit.holds import HOLD_SECONDS, Hold, withdraw
from gbook.calendars.commit.operations import (
    MISSING,
    REFUSED,
    UNKNOWN,
    Create,
    Delete,
    Done,
    Fetch,
    Found,
    Now,
    Replace,
    Resource,
    Settled,
    Steps,
    Write,
)
from gbook.errors import GbookError

__all__ = ["Change", "Commit", "Failed", "Place", "Reason", "Unresolved"]


class Place(NamedTuple):
    """A resource: the key of its calendar, and its name in it."""

    calendar: str
    name: str


class Change(NamedTuple):
    """A change of one resource: of a hold, or of an event that exists."""

    place: Place
    # Returns the new content for the present one (of a hold, what was put), None to delete the resource.
    # Raises GbookError to refuse.
    edit: Callable[[bytes], bytes | None]
    # Whether a content is what `edit` returned, whatever the server has made of its bytes.
    is_result: Callable[[bytes], bool]
    # The hold that becomes the event; None for a resource that existed before.
    hold: Hold | None = None

    @classmethod
    def of_hold(cls, hold: Hold, content: bytes, is_result: Callable[[bytes], bool]) -> Change:
        """Return the change that replaces a hold with the event."""
        return cls(Place(hold.calendar, hold.name), lambda _: content, is_result, hold)


# Why a change was not made. "late": half of the hold's time has passed; "changed": another program has
# changed the resource; "missing": it is gone; "refused": the server refuses the write; "unknown": the server
# does not answer.
Reason: TypeAlias = Literal["late", "changed", "missing", "refused", "unknown"]


class Failed(NamedTuple):
    """Nothing is changed: what was done is undone, but for `leftovers`, where something may be left."""

    reason: Reason
    place: Place
    leftovers: tuple[Place, ...] = ()


class Unresolved(NamedTuple):
    """It is not known whether the change has happened: the server of the host's event does not answer."""

    place: Place


@dataclass
class _Sent:
    """A write that was sent, and what is known of it."""

    change: Change
    before: Resource
    operation: Write
    # That of the result; None if the resource is deleted, or while the result is not known.
    etag: str | None = None
    is_certain: bool = False

    @property
    def place(self) -> Place:
        return self.change.place


class Commit:
    """One change of several resources on servers, all or none.

    The generators may be left by an exception that is thrown into them: they undo what they have done first.
    """

    def __init__(self, holds: Sequence[Hold] = (), since: float | None = None) -> None:
        """Take the holds, and the monotonic time since which they count (`Held.since`)."""
        self._holds = holds
        self._until = None if since is None else since + HOLD_SECONDS / 2
        # All writes that were carried out, or may have been.
        self._sent: list[_Sent] = []

    def copies(self, changes: Sequence[Change]) -> Steps[Failed | None]:
        """Make the changes that precede the commit; if one fails, undo all and return why.

        Raises what the edits raise, after all is undone.
        """
        failed = yield from self._made_or_raised(changes)
        return failed and failed._replace(leftovers=tuple((yield from self.undo())))

    def host(self, changes: Sequence[Change]) -> Steps[Failed | Unresolved | None]:
        """Make the changes that are the commit: None if they are made, Failed if all is undone.

        Unresolved leaves everything as it is: the holds expire, and the next run with the same key finds
        the event at the host, or the copies without it. Raises what the edits raise, after all is undone.
        """
        earlier = len(self._sent)
        failed = yield from self._made_or_raised(changes)
        if not failed:
            return None
        for sent in [sent for sent in self._sent if not sent.is_certain]:
            if not (yield from self._resolve(sent)):
                return Unresolved(sent.place)
        if len(self._sent) - earlier == len(changes):
            return None
        return failed._replace(leftovers=tuple((yield from self.undo())))

    def undo(self) -> Steps[list[Place]]:
        """Put everything back as it was and delete the holds; return where something may be left.

        Only for a change that is not committed: after `copies`, if the caller's own part has failed.
        """
        leftovers, places = [], {sent.place for sent in self._sent}
        while self._sent:
            sent = self._sent.pop()
            if not (yield from self._put_back(sent)):
                leftovers.append(sent.place)
        return [*leftovers, *(yield from self._withdraw(places))]

    def finish(self, changes: Sequence[Change] = ()) -> Steps[list[Place]]:
        """Make the changes that follow the commit and delete the holds that are left; return what failed.

        A resource that is missing needs no change. A hold that is not deleted expires.
        """
        leftovers = []
        for change in changes:
            try:
                failed = yield from self._make([change])
            except GbookError:
                leftovers.append(change.place)
            else:
                if failed and failed.reason != "missing":
                    leftovers.append(change.place)
        used = {sent.place for sent in self._sent}
        return [*leftovers, *(yield from self._withdraw(used))]

    def _made_or_raised(self, changes: Sequence[Change]) -> Steps[Failed | None]:
        try:
            return (yield from self._make(changes))
        except GeneratorExit:
            raise
        except BaseException:
            yield from self.undo()
            raise

    def _make(self, changes: Sequence[Change]) -> Steps[Failed | None]:
        """Send all changes at once, and return the first failure when each of them is known."""
        unfound, found = yield from self._find(changes)
        if unfound:
            return unfound
        batch = [
            _Sent(change, before, _write(change, before))
            for change, before in zip(changes, found, strict=True)
        ]
        if batch and (yield from self._is_late()):
            return Failed("late", batch[0].place)
        self._sent += batch
        answers = yield from at_once([sent.operation for sent in batch])
        failures = []
        for sent, answer in zip(batch, answers, strict=True):
            settled = yield from settle(sent.operation, answer, sent.change.is_result, self._until)
            if not isinstance(settled, Done):
                failures.append(Failed(settled.value, sent.place))
            self._note(sent, settled)
        return failures[0] if failures else None

    def _note(self, sent: _Sent, settled: Settled) -> None:
        if isinstance(settled, Done):
            sent.etag, sent.is_certain = settled.etag, True
        elif settled is not UNKNOWN:
            self._sent.remove(sent)

    def _find(self, changes: Sequence[Change]) -> Steps[tuple[Failed | None, list[Resource]]]:
        """Return what each change replaces: its hold, or the resource as the server has it now."""
        existing = [change.place for change in changes if not change.hold]
        answers: list[Found] = [*(yield from at_once([Fetch(*place) for place in existing]))]
        fetched = dict(zip(existing, answers, strict=True))
        resources = []
        for change in changes:
            hold, found = change.hold, fetched.get(change.place)
            if hold:
                found = Resource(hold.etag or "", hold.item.content)
            elif found is UNKNOWN:
                found = yield from find(*change.place)
            if not isinstance(found, Resource):
                reason: Reason = "missing" if found is MISSING else "unknown"
                return Failed(reason, change.place), []
            resources.append(found)
        return None, resources

    def _resolve(self, sent: _Sent) -> Steps[bool]:
        """Find out what became of a write, and end its chance to happen later; return whether it is known.

        Deleting the hold ends it: after that, the condition of the write fails.
        """
        hold = sent.change.hold
        if not hold:
            return False
        deletion = Delete(*sent.place, hold.etag or "")
        settled = yield from settle(deletion, (yield deletion), sent.change.is_result)
        found = MISSING if isinstance(settled, Done) else (yield from find(*sent.place))
        if isinstance(found, Resource) and sent.change.is_result(found.content):
            self._note(sent, Done(found.etag))
            return True
        if settled in (REFUSED, UNKNOWN) or found is UNKNOWN:
            return False
        self._sent.remove(sent)
        return True

    def _is_late(self) -> Steps[bool]:
        return self._until is not None and (yield Now()) >= self._until

    def _put_back(self, sent: _Sent) -> Steps[bool]:
        """Undo a write; return whether certainly nothing of it is left."""
        hold, is_result = sent.change.hold, sent.change.is_result
        if hold:
            item, etag = hold.item, sent.etag or hold.etag
            return (yield from remove(*sent.place, etag, lambda now: item.is_mine(now) or is_result(now)))
        etag = sent.etag
        if not sent.is_certain:
            found = yield from find(*sent.place)
            if not _has_happened(sent, found):
                return _can_no_longer_happen(sent, found)
            etag = found.etag if isinstance(found, Resource) else None
        if (yield from self._is_late()):
            # The time that a move has left is not held any more.
            return False
        restoration = _restoration(sent, etag)
        settled = yield from settle(restoration, (yield restoration), lambda now: not is_result(now))
        return isinstance(settled, Done)

    def _withdraw(self, used: Collection[Place]) -> Steps[list[Place]]:
        unused = [hold for hold in self._holds if Place(hold.calendar, hold.name) not in used]
        return [Place(hold.calendar, hold.name) for hold in (yield from withdraw(unused))]


def _write(change: Change, before: Resource) -> Write:
    content = change.edit(before.content)
    if content is None:
        return Delete(*change.place, before.etag)
    return Replace(*change.place, before.etag, content)


def _has_happened(sent: _Sent, found: Found) -> bool:
    if isinstance(sent.operation, Delete):
        return found is MISSING
    return isinstance(found, Resource) and sent.change.is_result(found.content)


def _can_no_longer_happen(sent: _Sent, found: Found) -> bool:
    return found is not UNKNOWN and not (isinstance(found, Resource) and found.etag == sent.before.etag)


def _restoration(sent: _Sent, etag: str | None) -> Write:
    if isinstance(sent.operation, Delete):
        return Create(*sent.place, sent.before.content)
    return Replace(*sent.place, etag or "", sent.before.content)
