"""Protocols that do not keep the promise: the simulator must find that."""

from __future__ import annotations

from collections.abc import Sequence

from support.holds.bookers import Booker, Taken
from support.holds.events import Event, decode, encode
from support.holds.trial import Protocol

from gbook.calendars.commit.operations import (
    UNKNOWN,
    Create,
    Delete,
    Done,
    Fetch,
    Look,
    Pause,
    Replace,
    Resource,
    Steps,
)

__all__ = ["NAIVE"]

# How long a lease is valid (seconds).
LEASE = 30
LOCK = "gbook.lock"


def look_then_put(booker: Booker) -> Steps[str]:
    """Look, judge, and put the event under a name of its own."""
    yield Look(booker.wish.calendars)
    try:
        plan = booker.judge({})
    except Taken:
        return "taken"
    return (yield from _put_confirmed(booker)) if plan else "refused"


def _put_confirmed(booker: Booker) -> Steps[str]:
    attempt = decode(booker.items()[0].content).attempt
    content, name = encode(booker.final(attempt)), f"{booker.wish.uid}.ics"
    # The host comes last, as ever.
    for key in sorted(booker.wish.calendars, key=lambda key: key == booker.wish.host):
        answer = yield Create(key, name, content)
        if not isinstance(answer, Done):
            return "unknown"
    return "booked"


def lease_lock(booker: Booker) -> Steps[str]:
    """Take a lock with an expiry in each calendar, look, judge, put, and delete the locks."""
    locks: list[tuple[str, str]] = []
    for key in booker.wish.calendars:
        etag = yield from _lock(booker, key)
        if not etag:
            break
        locks.append((key, etag))
    told = "refused"
    if len(locks) == len(booker.wish.calendars):
        told = yield from look_then_put(booker)
    for key, etag in locks:
        yield Delete(key, LOCK, etag)
    return told


def _lock(booker: Booker, key: str) -> Steps[str]:
    """Return the ETag of a lock that was taken, or taken over after it had expired."""
    for _ in range(20):
        now = booker.world.time + booker.program.skew
        lock = Event(LOCK, 0, 0, "tentative", "lock", f"l{booker.world.number()}", round(now + LEASE, 3))
        yield Create(key, LOCK, encode(lock))
        found = yield Fetch(key, LOCK)
        if isinstance(found, Resource) and decode(found.content).expires < now:
            yield Replace(key, LOCK, found.etag, encode(lock))
            found = yield Fetch(key, LOCK)
        if isinstance(found, Resource) and decode(found.content).attempt == lock.attempt:
            return found.etag
        yield Pause(1 + booker.world.random.random())
    return ""


def smaller_stamp_wins(booker: Booker) -> Steps[str]:
    """Put holds with the time of the wall clock; of those that overlap, the earliest wins."""
    wish = booker.wish
    yield Look(wish.calendars)
    try:
        if not booker.judge({}):
            return "refused"
    except Taken:
        return "taken"
    items = booker.items()
    name, mine = f"{wish.uid}.ics", decode(items[0].content)
    etags: dict[str, str] = {}
    for item in items:
        yield Create(item.calendar, name, item.content)
        found = yield Fetch(item.calendar, name)
        if found is UNKNOWN or not isinstance(found, Resource):
            return "unknown"
        etags[item.calendar] = found.etag
    yield Look(wish.calendars)
    if not _wins(booker, mine, wish.calendars):
        for key, etag in etags.items():
            yield Delete(key, name, etag)
        return "taken"
    content = encode(booker.final(mine.attempt))
    for key in sorted(wish.calendars, key=lambda key: key == wish.host):
        if not isinstance((yield Replace(key, name, etags[key], content)), Done):
            return "unknown"
    return "booked"


def _wins(booker: Booker, mine: Event, calendars: Sequence[str]) -> bool:
    if not all(key in booker.program.mirror for key in calendars):
        return False
    for key in calendars:
        for resource in booker.program.mirror[key].values():
            other = decode(resource.content)
            if other.uid == mine.uid or not other.overlaps(mine.start, mine.end):
                continue
            if not other.expires or (other.expires, other.uid) < (mine.expires, mine.uid):
                return False
    return True


NAIVE: dict[str, Protocol] = {
    "look, then put": look_then_put,
    "lock with a lease": lease_lock,
    "the smaller time stamp wins": smaller_stamp_wins,
}
