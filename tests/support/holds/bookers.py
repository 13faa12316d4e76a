"""Programs of the simulation that book, move and cancel as gbook does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from support.holds.events import Event, decode, encode
from support.holds.world import Program, World

from gbook.calendars.commit.confirm import Change, Commit, Failed, Place
from gbook.calendars.commit.holds import HOLD_SECONDS, MOVE_SECONDS, NotHeld, Own, Plan, WantedHold, hold
from gbook.calendars.commit.operations import Steps

__all__ = ["Taken", "Wish", "booking", "cancelling", "moving"]

PATIENCE = 30.0


class Taken(Exception):
    """The time is not free."""


@dataclass(frozen=True)
class Wish:
    """What a program wants to book: the host's calendar, all calendars, the time; a UID that a key gives."""

    host: str
    calendars: Sequence[str]
    start: int
    end: int
    uid: str
    # The time that a move leaves: it is held too, so that the move can be undone.
    left: tuple[int, int] | None = None


@dataclass
class Booker:
    """A program that books, moves or cancels; `attempts` are the ids of all its tries."""

    world: World
    wish: Wish
    program: Program = field(init=False)
    attempts: set[str] = field(default_factory=set)

    # Judging

    def seen(self, own: Own) -> Iterator[tuple[str, str, Event]]:
        """Yield what was seen in the calendars, without the own holds."""
        for key in self.wish.calendars:
            mine = own.get(key, ())
            for name, resource in self.program.mirror[key].items():
                if name not in mine:
                    yield key, name, decode(resource.content)

    def judge(self, own: Own, moved: str = "") -> Plan[None] | None:
        """Judge as gbook does; `moved` is the UID of the event that is moved."""
        wish, now = self.wish, self.world.time + self.program.skew
        if not all(key in self.program.mirror for key in wish.calendars):
            return None
        waiting, expired = False, []
        same: list[tuple[str, str, Event]] = []
        for key, name, event in self.seen(own):
            if event.uid == wish.uid:
                same.append((key, name, event))
            elif event.expires and (
                event.overlaps(wish.start, wish.end) or (moved and event.booking == moved)
            ):
                if event.expires > now:
                    waiting = True
                elif self._has_conditions(key):
                    expired.append((key, name))
            elif not event.expires and event.status != "cancelled" and event.overlaps(wish.start, wish.end):
                raise Taken
        if not moved and same:
            if any(event.is_confirmed and key == event.host for key, _, event in same):
                return Plan("known", None, ())
            if any(event.expires > now for _, _, event in same):
                return None
            expired += [
                (key, name) for key, name, event in same if event.expires and self._has_conditions(key)
            ]
            left = [(key, name) for key, name, event in same if not event.expires]
            if not all(self._has_conditions(key) for key, _ in left):
                raise Taken
            if left and not expired and not waiting:
                # Copies of a run that has ended: taken away only while a hold at the host keeps it from
                # going on, for the calendars were not looked at in the same instant.
                items = [item for item in self.items() if item.calendar == wish.host]
                return Plan("left", None, items, left if own.get(wish.host) else ())
        return None if waiting else Plan("free", None, self.items(moved), expired)

    def items(self, moved: str = "") -> list[WantedHold]:
        """Return the holds of a new attempt."""
        wish, world = self.wish, self.world
        attempt = f"a{world.number()}"
        self.attempts.add(attempt)
        event = Event(
            uid=f"hold-{attempt}" if moved else wish.uid,
            start=wish.start,
            end=wish.end,
            status="tentative",
            host=wish.host,
            attempt=attempt,
            expires=round(world.time + self.program.skew + (MOVE_SECONDS if moved else HOLD_SECONDS), 3),
            booking=moved,
        )
        events = [event]
        if wish.left:
            start, end = wish.left
            events.append(event._replace(uid=f"{event.uid}-left", start=start, end=end))
        return [
            WantedHold(key, encode(each), partial(_is_hold, each), self._name(key, attempt))
            for key in wish.calendars
            for each in events
        ]

    def _name(self, key: str, attempt: str) -> str:
        """Return a unique name where If-None-Match is ignored."""
        return "" if self._has_conditions(key) else f"gbook-{attempt}.ics"

    def _has_conditions(self, key: str) -> bool:
        """Return whether a resource can be deleted on condition that it has not changed."""
        return self.world.calendars[key].quirks.conditions

    # Confirming

    def final(self, attempt: str) -> Event:
        wish = self.wish
        return Event(wish.uid, wish.start, wish.end, "confirmed", wish.host, attempt)

    def commit(self, commit: Commit, copies: Sequence[Change], host: Sequence[Change]) -> Steps[str]:
        """Commit, with a part on the local disk that may fail; return what the program says."""
        failed = yield from commit.copies(copies)
        if failed:
            return self.failure(failed)
        if self.world.random.random() < self.world.faults.local:
            return "refused, left" if (yield from commit.undo()) else "refused"
        outcome = yield from commit.host(host)
        if isinstance(outcome, Failed):
            return self.failure(outcome)
        if outcome:
            return "unknown"
        yield from commit.finish()
        return "booked"

    @staticmethod
    def failure(failed: Failed) -> str:
        return "refused, left" if failed.leftovers else "refused"


def _is_hold(event: Event, content: bytes) -> bool:
    found = decode(content)
    return found.uid == event.uid and found.attempt == event.attempt and found.expires > 0


def _is_event(event: Event, content: bytes) -> bool:
    return decode(content) == event


def booking(booker: Booker) -> Steps[str]:
    """Book as gbook does."""
    world, wish = booker.world, booker.wish
    try:
        held = yield from hold(wish.calendars, booker.judge, patience=PATIENCE, random=world.random.random)
    except Taken:
        return "taken"
    if isinstance(held, NotHeld):
        return "refused"
    if not held.holds:
        return "known"
    final = booker.final(decode(held.holds[0].item.content).attempt)
    changes = [Change.of_hold(each, encode(final), partial(_is_event, final)) for each in held.holds]
    copies = [change for change in changes if change.place.calendar != wish.host]
    host = [change for change in changes if change.place.calendar == wish.host]
    return (yield from booker.commit(Commit(held.holds, held.since), copies, host))


def moving(booker: Booker, names: dict[str, str]) -> Steps[str]:
    """Move the event of these names as gbook does: a hold of its own keeps the new time."""
    world, wish = booker.world, booker.wish
    judge = partial(booker.judge, moved=wish.uid)
    try:
        held = yield from hold(wish.calendars, judge, patience=PATIENCE, random=world.random.random)
    except Taken:
        return "taken"
    if isinstance(held, NotHeld):
        return "refused"
    final = booker.final(decode(held.holds[0].item.content).attempt)

    def edit(content: bytes) -> bytes:
        if decode(content).status == "cancelled":
            raise Taken
        return encode(final)

    changes = {key: Change(Place(key, names[key]), edit, partial(_is_event, final)) for key in wish.calendars}
    copies = [change for key, change in changes.items() if key != wish.host]
    try:
        return (yield from booker.commit(Commit(held.holds, held.since), copies, [changes[wish.host]]))
    except Taken:
        return "taken"


def cancelling(booker: Booker, names: dict[str, str], *, remove: bool) -> Steps[str]:
    """Cancel the event of these names as gbook does: the host first, without a hold."""
    wish = booker.wish

    def edit(content: bytes) -> bytes | None:
        return None if remove else encode(decode(content)._replace(status="cancelled"))

    def is_result(content: bytes) -> bool:
        return decode(content).status == "cancelled"

    changes = {key: Change(Place(key, names[key]), edit, is_result) for key in wish.calendars}
    host = changes.pop(wish.host)
    commit = Commit()
    outcome = yield from commit.host([host])
    if outcome:
        return booker.failure(outcome) if isinstance(outcome, Failed) else "unknown"
    return "cancelled, left" if (yield from commit.finish([*changes.values()])) else "cancelled"
