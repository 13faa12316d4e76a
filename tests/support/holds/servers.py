"""Calendars in memory, carried out one operation after the other, with answers that a test prescribes."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from itertools import count
from typing import Any

from gbook.calendars.commit.operations import (
    MISSING,
    REFUSED,
    UNKNOWN,
    Create,
    Delete,
    Done,
    Fetch,
    Look,
    Now,
    Operation,
    Pause,
    Replace,
    Resource,
    Together,
)

__all__ = ["Answers", "Servers", "is_content"]


class Answers(Enum):
    """What a test prescribes beside the answers of servers."""

    INTERRUPT = "Ctrl-C"


def is_content(content: bytes) -> Callable[[bytes], bool]:
    """Return what recognises a content."""
    return lambda found: found == content


class Servers(dict[str, dict[str, bytes]]):
    """Calendars: the content of each resource, by calendar and name."""

    def __init__(self, **calendars: dict[str, bytes]) -> None:
        super().__init__(calendars)
        self.clock = 0.0
        # The operations that were sent, in their order; batches are taken apart.
        self.sent: list[Any] = []
        self.trips = 0
        # Calendars that answer reads, but no writes and no GET.
        self.silent: set[str] = set()
        # How many looks still show the state of the first one.
        self.late_listings = 0
        self._first_look: dict[str, dict[str, str]] = {}
        self._etags: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._numbers = count(1)
        self._answers: list[tuple[type, str, Any, bool]] = []
        self._before: list[tuple[type, str, Callable[[], object]]] = []

    @property
    def written(self) -> list[Any]:
        """The writes that were sent."""
        return [sent for sent in self.sent if isinstance(sent, Create | Replace | Delete)]

    def answer(
        self, kind: type, calendar: str, answer: Any, *, happened: bool = False, times: int = 1
    ) -> None:
        """Prescribe the answer of the next operations of this kind; `happened`: it is carried out."""
        self._answers += [(kind, calendar, answer, happened)] * times

    def before(self, kind: type, calendar: str, act: Callable[[], object]) -> None:
        """Do something just before the next operation of this kind (a Look: calendar "")."""
        self._before.append((kind, calendar, act))

    def etag(self, calendar: str, name: str) -> str:
        """Return the ETag of a resource: another one after each change."""
        content = self[calendar][name]
        known = self._etags.get((calendar, name))
        if known is None or known[0] != content:
            known = self._etags[calendar, name] = (content, f"e{next(self._numbers)}")
        return known[1]

    def perform(self, operation: Operation) -> Any:
        """Carry out an operation, and return its answer."""
        if isinstance(operation, Now):
            return self.clock
        if isinstance(operation, Pause):
            self.clock += operation.seconds
            return None
        self.trips += 1
        if isinstance(operation, Together):
            return [self._request(each) for each in operation.operations]
        return self._look(operation) if isinstance(operation, Look) else self._request(operation)

    def _look(self, operation: Look) -> dict[str, dict[str, str]]:
        self.sent.append(operation)
        self._act_before(operation, "")
        listings = {key: {name: self.etag(key, name) for name in self[key]} for key in operation.calendars}
        self._first_look = self._first_look or listings
        if len(self.sent) > 1 and self.late_listings:
            self.late_listings -= 1
            return self._first_look
        return listings

    def _request(self, operation: Create | Replace | Delete | Fetch) -> Any:
        self.sent.append(operation)
        if operation.calendar in self.silent:
            return UNKNOWN
        self._act_before(operation, operation.calendar)
        for position, (kind, calendar, answer, happened) in enumerate(self._answers):
            if isinstance(operation, kind) and operation.calendar == calendar:
                del self._answers[position]
                if happened:
                    self._carry_out(operation)
                if answer is Answers.INTERRUPT:
                    raise KeyboardInterrupt
                return answer
        return self._carry_out(operation)

    def _act_before(self, operation: Operation, calendar: str) -> None:
        for entry in list(self._before):
            if isinstance(operation, entry[0]) and calendar == entry[1]:
                self._before.remove(entry)
                entry[2]()

    def _carry_out(self, operation: Create | Replace | Delete | Fetch) -> Any:
        resources, name = self[operation.calendar], operation.name
        etag = self.etag(operation.calendar, name) if name in resources else None
        if isinstance(operation, Fetch):
            return Resource(etag, resources[name]) if etag else MISSING
        expected = None if isinstance(operation, Create) else operation.etag
        if etag != expected:
            return REFUSED
        if isinstance(operation, Delete):
            del resources[name]
            return Done()
        resources[name] = operation.content
        return Done(self.etag(operation.calendar, name))
