"""The numbered hold: keep time in calendars on servers, so that no two bookings get the same time.

    look ─► judge ─► create gbook-<n+1>.ics in each calendar ─► look and judge again ─► confirm

A hold is a tentative event that expires. Its name is the next number of its calendar, created only if absent:
of two programs that saw the same state, one succeeds. Safety comes from judging again after the hold exists:
the later of two holds always sees the earlier one. `confirm` makes a booking of it.

The callers judge; this module never looks into an event.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

from gbook.calendars.commit.doubt import at_once, find, remove, settle
from gbook.calendars.commit.operations import (
    REFUSED,
    UNKNOWN,
    Create,
    Delete,
    Done,
    Listing,
    Look,
    Now,
    Pause,
    Resource,
    Settled,
    Steps,
)

__all__ = [
    "HOLD_SECONDS",
    "MOVE_SECONDS",
    "Held",
    "Hold",
    "Judge",
    "NotHeld",
    "Own",
    "Plan",
    "WantedHold",
    "hold",
    "withdraw",
]

T = TypeVar("T")

# A hold expires after this time, and is confirmed only in the first half of it: the other half is for clocks
# that are up to 30 s wrong, on both sides.
HOLD_SECONDS = 120
# The hold of a change of events that exist. Their ETags do not end with the hold, so a request that is
# carried out much later than it was sent must still find the time held.
MOVE_SECONDS = 900

# Other bookings that come between, before the holds are withdrawn and all begins again.
ROUNDS = 6
# Looks until a server lists a hold that it has accepted.
LOOKS = 5
# The first pause after a conflict, and the longest one (seconds).
SHORTEST, LONGEST = 0.1, 2.0

_NUMBERED = re.compile(r"gbook-([0-9]{1,15})\.ics")


class WantedHold(NamedTuple):
    """A hold that is wanted."""

    # The key of the calendar.
    calendar: str
    # The hold's event, with the id of this attempt.
    content: bytes
    # Whether a content is this hold, whatever the server has made of its bytes: it has the attempt's id.
    is_mine: Callable[[bytes], bool]
    # A unique name for a calendar whose server ignores If-None-Match; else the next number.
    name: str = ""


class Hold(NamedTuple):
    """A hold of ours in a calendar. The ETag is None if the server's answer to the PUT is not known."""

    name: str
    etag: str | None
    item: WantedHold

    @property
    def calendar(self) -> str:
        """The key of its calendar."""
        return self.item.calendar


# The names of our own holds in each calendar, which a judge leaves out.
Own: TypeAlias = Mapping[str, frozenset[str]]


class Plan(NamedTuple, Generic[T]):
    """What is to be booked, judged by the last look."""

    # Equal in two plans if they book the same: time, accounts, calendars, role of each.
    subject: Hashable
    # What the caller needs to carry it out.
    value: T
    # The holds that keep the time. None: there is nothing to book, or it is booked already.
    items: Sequence[WantedHold]
    # Expired holds that take the same time, by calendar and name: deleted before a hold is put.
    expired: Collection[tuple[str, str]] = ()


# Judges by the last look, without our own holds; None if only holds of other bookings that are under way are
# in the way. Raises to refuse. A calendar that the last look could not list is never free.
Judge: TypeAlias = Callable[[Own], Plan[T] | None]


class Held(NamedTuple, Generic[T]):
    """The time is held: `plan` is the second plan, `since` the monotonic time before its first one."""

    plan: Plan[T]
    holds: Sequence[Hold]
    since: float


class NotHeld(NamedTuple):
    """The time was not held within the patience.

    "busy": other bookings are under way; "refused": a server refuses to create; "unknown": a server does not
    answer. `calendar` is the one concerned, if it is known.
    """

    reason: Literal["busy", "refused", "unknown"]
    calendar: str | None = None


def hold(
    calendars: Sequence[str], judge: Judge[T], *, patience: float, random: Callable[[], float]
) -> Steps[Held[T] | NotHeld]:
    """Hold the time that `judge` finds, and return when no other booking can take it.

    `calendars` are all that the judge needs; `patience` (seconds) bounds the time from the first look to the
    last try; `random` returns a number in [0, 1). Raises what the judge raises. Unless it returns Held, no
    hold is left, except those that cannot be deleted: they expire.
    """
    holder = _Holder(calendars, judge, random)
    try:
        return (yield from holder.hold(patience))
    except GeneratorExit:
        raise
    except BaseException:
        yield from withdraw([*holder.own, *holder.strays])
        raise


def withdraw(holds: Sequence[Hold]) -> Steps[list[Hold]]:
    """Delete holds, and return those that are left: they expire."""
    known = [hold for hold in holds if hold.etag]
    deletions = [Delete(hold.calendar, hold.name, hold.etag or "") for hold in known]
    answers = yield from at_once(deletions)
    left = [hold for hold in holds if not hold.etag]
    left += [hold for hold, answer in zip(known, answers, strict=True) if not isinstance(answer, Done)]
    for hold in list(left):
        if (yield from remove(hold.calendar, hold.name, hold.etag, hold.item.is_mine)):
            left.remove(hold)
    return left


class _Holder(Generic[T]):
    """One run of `hold`: what it has put, and what the last look found."""

    def __init__(self, calendars: Sequence[str], judge: Judge[T], random: Callable[[], float]) -> None:
        self.calendars = calendars
        self.judge = judge
        self.random = random
        # Holds that may exist: of this attempt, and of earlier ones that could not be deleted.
        self.own: list[Hold] = []
        self.strays: list[Hold] = []
        self.listings: Mapping[str, Listing] = {}
        # How often a server has refused to create a hold although its name was free.
        self.refusals: Counter[str] = Counter()
        self.failure = NotHeld("busy")
        self.has_met_others = False

    def hold(self, patience: float) -> Steps[Held[T] | NotHeld]:
        start: float = yield Now()
        for turn in count():
            since: float = yield Now()
            self.failure = NotHeld("busy")
            plan = yield from self._judged()
            if plan and not plan.items:
                return Held(plan, (), since)
            if plan and (yield from self._put(plan)):
                again = yield from self._judged_again(plan)
                if again:
                    return Held(again, self.own, since)
            self.strays = yield from withdraw([*self.strays, *self.own])
            self.own = []
            if self.failure.reason == "refused" or (yield Now()) - start >= patience:
                break
            yield from self._back_off(turn)
        return self.failure

    def _back_off(self, turn: int) -> Steps[None]:
        yield Pause(self.random() * min(LONGEST, SHORTEST * 2 ** min(turn, 10)))

    def _judged(self) -> Steps[Plan[T] | None]:
        """Look and judge, until no expired hold is in the way."""
        for _ in range(LOOKS):
            yield from self._look()
            plan = self.judge(self._listed_names())
            if plan is None or not plan.expired:
                return plan
            yield from at_once([*self._deletions(plan.expired)])
        return None

    def _judged_again(self, plan: Plan[T]) -> Steps[Plan[T] | None]:
        """Return the plan that was made after all holds were listed, None if it is not the same."""
        for turn in range(LOOKS):
            again = yield from self._judged()
            if again is None or again.subject != plan.subject:
                return None
            if all(map(self._is_listed, self.own)):
                return again
            yield from self._back_off(turn)
        return None

    def _look(self) -> Steps[None]:
        """Look at the calendars; a hold of ours that has another ETag is fetched: it may not be ours."""
        self.listings = yield Look(self.calendars)
        for holds in (self.own, self.strays):
            for position, hold in enumerate(holds):
                if self._etag(hold) not in (None, hold.etag):
                    found = yield from find(hold.calendar, hold.name)
                    is_mine = isinstance(found, Resource) and hold.item.is_mine(found.content)
                    etag = found.etag if is_mine and isinstance(found, Resource) else None
                    holds[position] = hold._replace(etag=etag)

    def _etag(self, hold: Hold) -> str | None:
        return self.listings.get(hold.calendar, {}).get(hold.name)

    def _is_listed(self, hold: Hold) -> bool:
        return hold.etag is not None and self._etag(hold) == hold.etag

    def _listed_names(self) -> Own:
        """Return the names of our own holds, as far as the listed resource is certainly ours."""
        names: dict[str, frozenset[str]] = {}
        for hold in filter(self._is_listed, [*self.own, *self.strays]):
            names[hold.calendar] = names.get(hold.calendar, frozenset()) | {hold.name}
        return names

    def _deletions(self, expired: Collection[tuple[str, str]]) -> Iterator[Delete]:
        for calendar, name in expired:
            if etag := self.listings.get(calendar, {}).get(name):
                yield Delete(calendar, name, etag)

    def _put(self, plan: Plan[T]) -> Steps[bool]:
        """Create the holds of a plan; other numbers for those whose number another program has taken."""
        pending = sorted(plan.items, key=lambda item: item.calendar)
        for turn in range(ROUNDS):
            pending = yield from self._create(pending)
            if not pending:
                return True
            if self.failure.reason != "busy":
                return False
            yield from self._back_off(turn)
            again = yield from self._judged()
            if again is None or again.subject != plan.subject:
                return False
        return False

    def _create(self, items: Sequence[WantedHold]) -> Steps[list[WantedHold]]:
        """Create holds, and return those that are not created.

        After a conflict the first is created alone: programs that want the same calendars meet there, and
        one of them goes on.
        """
        named = [*zip(items, self._names(items), strict=True)]
        alone = named[: 1 if self.has_met_others else 0]
        if alone and (yield from self._create_at_once(alone)):
            return [*items]
        lost = yield from self._create_at_once(named[len(alone) :])
        self.has_met_others |= bool(lost)
        return lost

    def _create_at_once(self, named: Sequence[tuple[WantedHold, str]]) -> Steps[list[WantedHold]]:
        creations = [Create(item.calendar, name, item.content) for item, name in named]
        before = [*self.own]
        self.own = [*before, *(Hold(name, None, item) for item, name in named)]
        answers = yield from at_once(creations)
        created, lost = [], []
        for (item, name), creation, answer in zip(named, creations, answers, strict=True):
            settled = yield from settle(creation, answer, item.is_mine)
            if isinstance(settled, Done) or settled is UNKNOWN:
                created.append(Hold(name, settled.etag if isinstance(settled, Done) else None, item))
            if not isinstance(settled, Done):
                lost.append(item)
                self._note(settled, item.calendar)
        self.own = [*before, *created]
        return lost

    def _note(self, settled: Settled, calendar: str) -> None:
        """Note why a hold was not created. One refusal may be a race with a program that has withdrawn."""
        self.refusals[calendar] += settled is REFUSED
        if settled is UNKNOWN:
            self.failure = NotHeld("unknown", calendar)
        elif self.refusals[calendar] > 1:
            self.failure = NotHeld("refused", calendar)

    def _names(self, items: Sequence[WantedHold]) -> Iterator[str]:
        """Yield a name for each item: the numbers that follow the highest one of its calendar."""
        used: Counter[str] = Counter()
        for item in items:
            used[item.calendar] += 1
            number = _highest(self.listings.get(item.calendar, {})) + used[item.calendar]
            yield item.name or f"gbook-{number}.ics"


def _highest(names: Iterable[str]) -> int:
    return max((int(match[1]) for match in map(_NUMBERED.fullmatch, names) if match), default=0)
