"""What the write protocol asks of the servers, and what they answer.

The protocol (`holds`, `confirm`) is a set of generators: each yields an operation and is sent its answer. It
knows no network, clock or file. `drive` connects a generator with the function that carries out operations.

| operation | answer |
|---|---|
| Look | a mapping from each calendar that answered to its `Listing` |
| Create, Replace, Delete | Done, REFUSED or UNKNOWN |
| Fetch | Resource, MISSING or UNKNOWN |
| Together | a sequence with the answer of each of its operations |
| Now | seconds of a monotonic clock |
| Pause | None, after that many seconds |
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeVar

__all__ = [
    "CHANGED",
    "MISSING",
    "REFUSED",
    "UNKNOWN",
    "Answer",
    "Create",
    "Delete",
    "Done",
    "Fetch",
    "Found",
    "Listing",
    "Look",
    "Now",
    "Operation",
    "Pause",
    "Replace",
    "Resource",
    "Settled",
    "Steps",
    "Together",
    "Write",
    "Written",
    "drive",
]

T = TypeVar("T")

# The ETag of each resource of a calendar, by its name. A consistent state: what was in the calendar at one
# time, however long ago.
Listing: TypeAlias = Mapping[str, str]


class Look(NamedTuple):
    """List these calendars, and renew what the caller judges by. A calendar may be left unanswered."""

    calendars: Sequence[str]


class Create(NamedTuple):
    """Put a resource that does not exist yet: PUT with If-None-Match: *."""

    calendar: str
    name: str
    content: bytes


class Replace(NamedTuple):
    """Put a resource that still has this ETag: PUT with If-Match."""

    calendar: str
    name: str
    etag: str
    content: bytes


class Delete(NamedTuple):
    """Delete a resource that still has this ETag: DELETE with If-Match."""

    calendar: str
    name: str
    etag: str


class Fetch(NamedTuple):
    """Get a resource from the server; never from a cache."""

    calendar: str
    name: str


class Together(NamedTuple):
    """Carry out several writes or fetches, at once or in any order."""

    operations: Sequence[Write | Fetch]


class Now(NamedTuple):
    """Read the monotonic clock (seconds)."""


class Pause(NamedTuple):
    """Wait (seconds)."""

    seconds: float


class Answer(Enum):
    """An answer without content."""

    # The server has not carried it out: its condition failed, or it refuses.
    REFUSED = "refused"
    # No answer, or one that leaves open what happened: 5xx, a closed connection, a time-out.
    UNKNOWN = "unknown"
    # There is no such resource.
    MISSING = "missing"
    # Found out by `doubt`, never sent: the write was refused because the resource is not as expected.
    CHANGED = "changed"


REFUSED: Final = Answer.REFUSED
UNKNOWN: Final = Answer.UNKNOWN
MISSING: Final = Answer.MISSING
CHANGED: Final = Answer.CHANGED


class Done(NamedTuple):
    """A write was carried out; `etag` is that of the result, None if the server did not give it."""

    etag: str | None = None


class Resource(NamedTuple):
    """A resource as it is on the server."""

    etag: str
    content: bytes


Write: TypeAlias = Create | Replace | Delete
Operation: TypeAlias = Look | Write | Fetch | Together | Now | Pause
Written: TypeAlias = Done | Literal[Answer.REFUSED, Answer.UNKNOWN]
Settled: TypeAlias = Done | Literal[Answer.REFUSED, Answer.UNKNOWN, Answer.CHANGED]
Found: TypeAlias = Resource | Literal[Answer.MISSING, Answer.UNKNOWN]
# Yields operations, is sent their answers, and returns a T.
Steps: TypeAlias = Generator[Operation, Any, T]


def drive(steps: Steps[T], perform: Callable[[Operation], Any]) -> T:
    """Return the result of `steps`, whose operations `perform` carries out.

    An exception of `perform` (Ctrl-C) is thrown into the generator, which withdraws or undoes what it has
    done, by further operations, and then raises it again.
    """
    try:
        operation = next(steps)
        while True:
            try:
                answer = perform(operation)
            except BaseException as error:
                operation = steps.throw(error)
            else:
                operation = steps.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result
