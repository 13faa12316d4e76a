"""A discrete-event simulation: calendars on servers, a network with faults, programs with clocks.

Everything that happens is drawn from one seeded generator, so a seed is a test case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random
from typing import Any

from support.holds.events import Event, decode, encode

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
    Resource,
    Steps,
    Together,
)

__all__ = ["Calendar", "Faults", "Program", "Quirks", "World"]

# How long a program waits for an answer (seconds).
TIMEOUT = 5.0
# What a calendar contains: its resources by name.
Content = dict[str, Resource]


@dataclass(frozen=True)
class Quirks:
    """What a server does that others do not."""

    # The check and the write of If-Match are one step.
    atomic_match: bool = True
    # It honours If-None-Match, and If-Match.
    conditions: bool = True
    # Its answer to a PUT has an ETag.
    gives_etag: bool = True
    # It stores other bytes than it was sent.
    rewrites: bool = False
    # ETags are hashes of the content: the same content again has the same ETag again.
    hashes: bool = False
    # A listing may be this old (seconds).
    lag: float = 0.0


@dataclass(frozen=True)
class Faults:
    """How probable each fault is, for each request or step."""

    # The request is not carried out; or it is, but the answer is lost; or much later than the program waits.
    lost: float = 0.0
    unanswered: float = 0.0
    late: float = 0.0
    # 500: not carried out, or carried out.
    failed: float = 0.0
    failed_after: float = 0.0
    # A loser of a race gets 500 in place of 412.
    rude: float = 0.0
    # The program stops, perhaps for longer than a hold, between its decision to write and the request.
    stall: float = 0.0
    # The program stops for long when it gets an answer.
    sleep: float = 0.0
    # The program is killed, before or after a request was sent.
    kill: float = 0.0
    # The part of a booking that is on the local disk fails.
    local: float = 0.0
    # One server does not answer for a while.
    outage: float = 0.0
    # A program has a time limit, after which it sends nothing more: every answer is UNKNOWN.
    limit: float = 0.0
    # Wall clocks differ from that of the servers by up to this (seconds).
    skew: float = 0.0


@dataclass
class Calendar:
    """A calendar on a server."""

    key: str
    quirks: Quirks
    content: Content = field(default_factory=dict)
    # Earlier states, each with the time until which it was the current one; only where listings lag.
    past: list[tuple[float, Content]] = field(default_factory=list)

    def listed(self, time: float) -> Content:
        """Return what was in the calendar at this time."""
        return next((content for until, content in self.past if time < until), self.content)


@dataclass
class Program:
    """A program that is driven through its steps."""

    name: str
    steps: Steps[str]
    # The difference of its wall clock (seconds).
    skew: float = 0.0
    # When its time is over.
    limit: float = inf
    # What it has last seen in each calendar that answered.
    mirror: dict[str, Content] = field(default_factory=dict)
    # What it says at its end; None if it was killed.
    told: str | None = None
    is_killed: bool = False


class World:
    """Time, calendars, programs, and what was found wrong."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self.random = Random(seed)
        self.faults = faults
        self.time = 0.0
        self.calendars: dict[str, Calendar] = {}
        self.requests = 0
        # When a calendar does not answer: from, until.
        self.outages: dict[str, tuple[float, float]] = {}
        # Watches every write: the calendar, the name, and the contents before and after.
        self.watch: Callable[[Calendar, str, Event | None, Event | None], None] = lambda *_: None
        # Hears what a program says at its end.
        self.heard: Callable[[Program], None] = lambda _: None
        self._numbers = count(1)
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []

    def number(self) -> int:
        """Return a number that is not returned again."""
        return next(self._numbers)

    def after(self, seconds: float, act: Callable[..., None], *arguments: Any) -> None:
        """Let something happen later."""
        heappush(self._agenda, (self.time + seconds, next(self._numbers), act, arguments))

    def run(self) -> None:
        """Let everything happen."""
        agenda = self._agenda
        while agenda:
            self.time, _, act, arguments = heappop(agenda)
            act(*arguments)

    # Programs

    def start(self, program: Program, delay: float) -> None:
        self.after(delay, self._step, program, None)

    def _step(self, program: Program, answer: Any) -> None:
        try:
            while True:
                operation = program.steps.send(answer)
                if type(operation) is Now:
                    answer = self.time
                elif type(operation) is Pause:
                    self.after(operation.seconds, self._step, program, None)
                    return
                else:
                    break
        except StopIteration as stop:
            program.told = stop.value
            self.heard(program)
            return
        faults = self.faults
        if faults.kill and self.random.random() < faults.kill:
            program.is_killed = True
            if self.random.random() < 0.5:
                self._send(program, operation, lambda _: None)
            return
        is_write = type(operation) not in (Look, Fetch)
        if faults.stall and is_write and self.random.random() < faults.stall:
            self.after(self.random.uniform(20, 250), self._send, program, operation, self._back_to(program))
        else:
            self._send(program, operation, self._back_to(program))

    def _back_to(self, program: Program) -> Callable[[Any], None]:
        def receive(answer: Any) -> None:
            if self.faults.sleep and self.random.random() < self.faults.sleep:
                self.after(self.random.uniform(20, 250), self._step, program, answer)
            else:
                self._step(program, answer)

        return receive

    # Requests

    def _send(self, program: Program, operation: Operation, answer: Callable[[Any], None]) -> None:
        if type(operation) is Look:
            program.mirror = {}
            Gathered(self, program, operation, answer)
        elif type(operation) is Together:
            Gathered(self, program, operation, answer)
        else:
            self.request(program, operation, answer)

    def request(self, program: Program, operation: Any, answer: Callable[[Any], None]) -> None:
        """Send one request; call `answer` with what the program learns, when it does."""
        if self.time > program.limit:
            self.after(0, answer, UNKNOWN)
            return
        self.requests += 1
        chance, faults, delay = self.random.random, self.faults, self._delay()
        first, last = self.outages.get(operation.calendar, (0.0, 0.0))
        draw = chance() if not first <= self.time < last else 0.0
        for fault in ("lost", "unanswered", "late", "failed", "failed_after"):
            draw -= getattr(faults, fault)
            if draw < 0:
                break
        else:
            self.after(delay, self._execute, operation, lambda result: self._answer(answer, result))
            return
        if fault in ("unanswered", "failed_after"):
            self.after(delay, self._execute, operation, lambda _: None)
        elif fault == "late":
            longest = 130 if chance() < 0.3 else 10
            self.after(self.random.uniform(1, longest), self._execute, operation, lambda _: None)
        wait = 2 * delay if fault in ("failed", "failed_after") else TIMEOUT
        self.after(wait, answer, UNKNOWN)

    def _delay(self) -> float:
        draw = self.random.random()
        return 0.02 + 0.3 * draw * draw if draw < 0.97 else 0.3 + 2 * self.random.random()

    def _answer(self, answer: Callable[[Any], None], result: Any) -> None:
        if result is REFUSED and self.faults.rude and self.random.random() < self.faults.rude:
            result = UNKNOWN
        self.after(self._delay(), answer, result)

    # Servers

    def _execute(self, operation: Any, answer: Callable[[Any], None]) -> None:
        calendar = self.calendars[operation.calendar]
        kind = type(operation)
        found = calendar.content.get(operation.name)
        if kind is Fetch:
            answer(found or MISSING)
        elif kind is Listed:
            quirks = calendar.quirks
            if quirks.lag:
                answer(calendar.listed(self.time - self.random.uniform(0, quirks.lag)))
            else:
                answer(dict(calendar.content))
        elif not self._holds(calendar, operation, found):
            answer(REFUSED)
        elif kind is not Create and not calendar.quirks.atomic_match:
            self.after(self.random.uniform(0, 0.03), self._write, calendar, operation, answer)
        else:
            self._write(calendar, operation, answer)

    def _holds(self, calendar: Calendar, operation: Any, found: Resource | None) -> bool:
        if not calendar.quirks.conditions:
            return type(operation) is not Delete or found is not None
        if type(operation) is Create:
            return found is None
        return found is not None and found.etag == operation.etag

    def _write(self, calendar: Calendar, operation: Any, answer: Callable[[Any], None]) -> None:
        if type(operation) is Delete:
            self.put(calendar, operation.name, None)
            answer(Done())
        else:
            etag = self.put(calendar, operation.name, operation.content)
            answer(Done(etag if calendar.quirks.gives_etag else None))

    def put(self, calendar: Calendar, name: str, content: bytes | None) -> str:
        """Change a calendar, and return the new ETag."""
        quirks, resources = calendar.quirks, calendar.content
        if quirks.lag:
            calendar.past.append((self.time, dict(resources)))
        before = resources.pop(name, None)
        etag = ""
        if content is not None:
            stored = content.strip() + b" " if quirks.rewrites else content
            etag = f"h{stored!r}" if quirks.hashes else f"e{self.number()}"
            resources[name] = Resource(etag, stored)
        self.watch(
            calendar, name, before and decode(before.content), None if content is None else decode(content)
        )
        return etag

    def put_event(self, calendar: Calendar, name: str, event: Event) -> None:
        """Let an event be in a calendar, without any program."""
        self.put(calendar, name, encode(event))


@dataclass(frozen=True)
class Listed:
    """The request that lists one calendar."""

    calendar: str
    name: str = ""


class Gathered:
    """Several requests at once, whose answers are one answer."""

    def __init__(
        self, world: World, program: Program, operation: Look | Together, answer: Callable[[Any], None]
    ) -> None:
        self.program, self.answer = program, answer
        self.keys: Sequence[str] = ()
        requests: Sequence[Any]
        if isinstance(operation, Look):
            self.keys = operation.calendars
            requests = [Listed(key) for key in self.keys]
        else:
            requests = operation.operations
        self.answers: list[Any] = [None] * len(requests)
        self.open = len(requests)
        for position, request in enumerate(requests):
            world.request(program, request, self._receiver(position))

    def _receiver(self, position: int) -> Callable[[Any], None]:
        def receive(answer: Any) -> None:
            self.answers[position] = answer
            self.open -= 1
            if not self.open:
                self.answer(self._result())

        return receive

    def _result(self) -> Any:
        if not self.keys:
            return self.answers
        mirror = {
            key: content
            for key, content in zip(self.keys, self.answers, strict=True)
            if content is not UNKNOWN
        }
        self.program.mirror = mirror
        return {
            key: {name: resource.etag for name, resource in content.items()}
            for key, content in mirror.items()
        }
