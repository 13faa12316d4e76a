"""Finding out what a calendar on a server keeps of the promises that writing rests on, by writing to it.

The test event is an hour in the past that blocks nothing, and is deleted again, also after a failure.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

from gbook.dav.collection import LOCKED, Collection, Resource, Written
from gbook.errors import GbookError, InvalidFile, Unreachable

__all__ = ["TEST_NAME", "Capabilities", "probe"]

# How the names of test events begin.
TEST_NAME = "gbook-test-"

# An ETag that no resource has.
_WRONG_ETAG = '"gbook-no-such-etag"'
# The pause before a write is repeated that other writes kept the server from (seconds).
PAUSE = 0.1
# Tries to delete the test event.
DELETIONS = 8


class Capabilities(NamedTuple):
    """What a calendar can do.

    `create_only`: `If-None-Match: *` is honoured (RFC 9110 §13.1.2), on which bookings rest. `match`: a write
    with a wrong `If-Match` is refused, and one with the right ETag is not. `sync`: sync-collection tells what
    has changed. `keeps_bytes`: what is read is what was written. `clock_skew` is how many seconds the
    server's clock is ahead. `refusal` says why it cannot be written.
    """

    writable: bool
    create_only: bool = False
    match: bool = False
    sync: bool = False
    keeps_bytes: bool = False
    clock_skew: float | None = None
    refusal: str = ""

    @property
    def is_safe(self) -> bool:
        """Bookings can be written without overwriting those of others."""
        return self.writable and self.create_only and self.match


def probe(calendar: Collection) -> Capabilities:
    """Return what a calendar can do, found by a test event.

    Raises what Collection raises; InvalidFile, with the name of the test event, if it could not be deleted.
    """
    key = uuid.uuid4()
    name = f"{TEST_NAME}{key}.ics"
    token = calendar.changes(None).token
    try:
        found = _probe(calendar, name, f"{key}@gbook", token)
    except BaseException as error:
        _remove(calendar, name, error)
        raise
    _remove(calendar, name, None)
    return found


def _probe(calendar: Collection, name: str, uid: str, token: str) -> Capabilities:
    content = _event(uid, "gbook tests this calendar")
    created = _carried_out(calendar, lambda: calendar.create(name, content))
    if created.outcome == "refused":
        return Capabilities(writable=False, clock_skew=calendar.clock_skew, refusal=created.reason)
    kept = _kept(calendar, name)
    again = _event(uid, "gbook tests it again")
    second = _carried_out(calendar, lambda: calendar.create(name, again))
    wrong = _carried_out(calendar, lambda: calendar.replace(name, _WRONG_ETAG, content))
    etag = _kept(calendar, name).etag
    right = _carried_out(calendar, lambda: calendar.replace(name, etag, _event(uid, "gbook has tested it")))
    return Capabilities(
        writable=True,
        create_only=second.outcome == "refused",
        match=wrong.outcome == "refused" and right.outcome == "done",
        sync=_is_told(calendar, name, token),
        keeps_bytes=kept.content == content,
        clock_skew=calendar.clock_skew,
    )


def _event(uid: str, summary: str) -> bytes:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//gbook//test//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20200101T000000Z", "DTSTART:20200101T000000Z", "DTEND:20200101T010000Z"),
        *(f"SUMMARY:{summary}", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines).encode()


def _carried_out(calendar: Collection, write: Callable[[], Written]) -> Written:
    """Return the outcome of a write, repeated while others keep the server from it, until the deadline.

    Raises Unreachable if it is not known.
    """
    while (written := write()).status == LOCKED:
        time.sleep(PAUSE)
    if written.outcome == "unknown":
        raise Unreachable(calendar.url, f"the test is incomplete: {written.reason}", sent=True)
    return written


def _kept(calendar: Collection, name: str) -> Resource:
    if (kept := calendar.get(name)) is None:
        raise InvalidFile(calendar.url, [f"does not keep what is written to it: {name} is missing"])
    return kept


def _is_told(calendar: Collection, name: str, token: str) -> bool:
    """Return whether the changes since a token include the test event, and not everything else."""
    changes = calendar.changes(token)
    return not changes.whole and name in changes.changed


def _remove(calendar: Collection, name: str, failure: BaseException | None) -> None:
    """Delete the test event, if it is there."""
    try:
        # No other program has this name, so the deletion needs no condition.
        for _ in range(DELETIONS):
            if calendar.get(name) is None or (deleted := calendar.delete(name, None)).outcome == "done":
                return
            if deleted.outcome == "unknown":
                time.sleep(PAUSE)
        reason = "the server refuses to delete it"
    except GbookError as error:
        reason = error.message
    problem = f"delete the test event {name} yourself: {reason}"
    raise InvalidFile(calendar.url, [problem]) from failure
