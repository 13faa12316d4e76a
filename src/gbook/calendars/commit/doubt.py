"""Find out what became of a write whose answer leaves it open, and repeat it where that is safe.

Every write has a condition (If-None-Match or If-Match), so a repetition changes nothing if the first one was
carried out after all. What a resource contains decides, never the status of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gbook.calendars.commit.operations import (
    CHANGED,
    MISSING,
    REFUSED,
    UNKNOWN,
    Create,
    Delete,
    Done,
    Fetch,
    Found,
    Now,
    Pause,
    Resource,
    Settled,
    Steps,
    Together,
    Write,
    Written,
)

__all__ = ["at_once", "find", "remove", "settle"]

# Pauses between the tries to find out what became of a write (seconds).
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)


def at_once(operations: Sequence[Write | Fetch]) -> Steps[Sequence[Any]]:
    """Return the answers of several operations, in their order."""
    if len(operations) == 1:
        return [(yield operations[0])]
    answers: Sequence[Any] = (yield Together(operations)) if operations else []
    return answers


def settle(
    operation: Write, answer: Written, is_result: Callable[[bytes], bool], until: float | None = None
) -> Steps[Settled]:
    """Return Done with the new ETag, or UNKNOWN if that cannot be found out.

    If the write certainly never happens, return CHANGED if another content is in its place (or none, where
    it replaces or deletes one), REFUSED if the server refuses it although its condition holds.

    `answer` is the first answer; `is_result` recognises the content that the write leaves, in the form that
    the server gave it. The write is not repeated at or after `until` (monotonic).
    """
    doubtful = False
    for pause in (*PAUSES, None):
        if isinstance(answer, Done) and (answer.etag or isinstance(operation, Delete)):
            return answer
        doubtful |= answer is UNKNOWN
        found: Found = yield Fetch(operation.calendar, operation.name)
        if _is_done(operation, found, is_result):
            return Done(found.etag if isinstance(found, Resource) else None)
        if found is not UNKNOWN and not _is_untouched(operation, found):
            return CHANGED
        if answer is REFUSED and found is not UNKNOWN:
            return UNKNOWN if doubtful else REFUSED
        if pause is None:
            break
        yield Pause(pause)
        if until is not None and (yield Now()) >= until:
            break
        answer = yield operation
    return UNKNOWN


def _is_done(operation: Write, found: Found, is_result: Callable[[bytes], bool]) -> bool:
    if isinstance(operation, Delete):
        return found is MISSING
    return isinstance(found, Resource) and is_result(found.content)


def _is_untouched(operation: Write, found: Found) -> bool:
    if isinstance(operation, Create):
        return found is MISSING
    return isinstance(found, Resource) and found.etag == operation.etag


def find(calendar: str, name: str) -> Steps[Found]:
    """Return a resource; UNKNOWN only after several tries."""
    for pause in (*PAUSES, None):
        found: Found = yield Fetch(calendar, name)
        if found is not UNKNOWN or pause is None:
            break
        yield Pause(pause)
    return found


def remove(calendar: str, name: str, etag: str | None, is_ours: Callable[[bytes], bool]) -> Steps[bool]:
    """Delete a resource if its content is ours; return whether nothing of ours is left under this name."""
    for pause in (*PAUSES, None):
        if etag and isinstance((yield Delete(calendar, name, etag)), Done):
            return True
        found: Found = yield Fetch(calendar, name)
        if found is MISSING or (isinstance(found, Resource) and not is_ours(found.content)):
            return True
        if isinstance(found, Resource):
            etag = found.etag
        if pause is None:
            break
        yield Pause(pause)
    return False
