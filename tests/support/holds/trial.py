"""Trials: who wants what on which servers, and what must be true of the result.

`run_trial` draws a trial from its seed, runs it, and gives what was found wrong: nothing, for gbook's
protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from math import inf

from support.holds.bookers import Booker, Wish, booking, cancelling, moving
from support.holds.events import Event, decode
from support.holds.world import Calendar, Faults, Program, Quirks, World

from gbook.calendars.commit.operations import Steps

__all__ = ["HARD", "LOCAL", "Trial", "run_trial"]

CALM = Faults(skew=30)
BAD_NETWORK = Faults(
    lost=0.01, unanswered=0.02, late=0.005, failed=0.01, failed_after=0.01, rude=0.2, local=0.02, skew=30
)
STALLS = replace(BAD_NETWORK, late=0.01, stall=0.03, sleep=0.01)
KILLS = replace(BAD_NETWORK, stall=0.01, sleep=0.01, kill=0.02, outage=0.3, limit=0.3)
# More of what is rare.
HARD = replace(STALLS, late=0.1, stall=0.2)
LOCAL = replace(BAD_NETWORK, local=0.5)
# For servers without conditions: nothing is carried out later than its sender waits for it, and clocks are
# less wrong.
COOPERATIVE = Faults(lost=0.01, failed=0.01, sleep=0.02, kill=0.01, local=0.02, skew=15)
# Servers as they were measured: Radicale, xandikos, sabre/dav, one whose listings lag.
SERVERS = (
    Quirks(rewrites=True, hashes=True),
    Quirks(rewrites=True),
    Quirks(atomic_match=False),
    Quirks(gives_etag=False, rewrites=True),
    Quirks(lag=2),
)
# The hour that everybody wants (minutes).
START, END = 600, 660

Protocol = Callable[[Booker], Steps[str]]


@dataclass
class Trial:
    """One run of the simulation."""

    seed: int
    world: World
    bookers: list[Booker] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    # Foreign events: when each came to its present time.
    foreign: dict[tuple[str, str], float] = field(default_factory=dict)
    # When the first event of an attempt was written to a calendar.
    written: dict[tuple[str, str], float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    # Whether all programs want the same.
    is_one_slot: bool = False

    # While it runs

    def watch(self, calendar: Calendar, name: str, before: Event | None, after: Event | None) -> None:
        """Look at each write."""
        time = self.world.time
        if after is None:
            return
        if not after.host:
            if before is None or (before.start, before.end) != (after.start, after.end):
                self.foreign[calendar.key, after.uid] = time
            return
        since = self.written.setdefault((calendar.key, after.attempt), time)
        if not after.is_confirmed or (before and before == after):
            return
        for other_name, resource in calendar.content.items():
            other = decode(resource.content)
            if other_name == name or other.expires or other.status == "cancelled":
                continue
            if other.uid == after.uid:
                self.problems.append(f"{after.uid} twice in {calendar.key}")
            elif other.overlaps(after.start, after.end):
                if other.host:
                    self.problems.append(f"double booking in {calendar.key}: {after.uid}, {other.uid}")
                elif self.foreign[calendar.key, other.uid] < since:
                    self.problems.append(f"over a foreign event in {calendar.key}: {after.uid}")

    def heard(self, program: Program) -> None:
        """Check what a program says when it says it."""
        booker = next(booker for booker in self.bookers if booker.program is program)
        wish = booker.wish
        if program.told not in ("booked", "known") or self._is_shared(wish.uid, "cancel"):
            return
        if self._is_shared(wish.uid, "move"):
            return
        for key in wish.calendars:
            events = self._events(key, wish.uid)
            if not any((event.start, event.end) == (wish.start, wish.end) for event in events):
                self.problems.append(f"{program.name} was told {program.told}: not in {key}")

    def _is_shared(self, uid: str, kind: str) -> bool:
        """Return whether several programs change this event, one of them in this way."""
        programs = [booker for booker in self.bookers if booker.wish.uid == uid]
        return len(programs) > 1 and any(self.kinds[each.program.name] == kind for each in programs)

    def _events(self, key: str, uid: str) -> list[Event]:
        events = [decode(resource.content) for resource in self.world.calendars[key].content.values()]
        return [event for event in events if event.uid == uid and event.is_confirmed]

    # At its end

    def check(self) -> None:
        """Check what is left when everything has ended."""
        for booker in self.bookers:
            self._check(booker)
        faults = self.world.faults
        if self.is_one_slot and not (faults.kill or faults.stall or faults.local or self.foreign):
            tolds = [booker.program.told for booker in self.bookers]
            if "booked" not in tolds and "unknown" not in tolds:
                self.problems.append("nobody got the slot")

    def _check(self, booker: Booker) -> None:
        wish, told, kind = booker.wish, booker.program.told, self.kinds[booker.program.name]
        wanted = (wish.start, wish.end)
        at = {
            key: {(event.start, event.end) for event in self._events(key, wish.uid)} for key in wish.calendars
        }
        is_alone = sum(other.wish.uid == wish.uid for other in self.bookers) == 1
        name = f"{booker.program.name} ({kind}, told {told})"
        if kind == "cancel":
            if told == "cancelled" and any(at.values()):
                self.problems.append(f"{name}: still there")
            return
        if not is_alone and kind == "move":
            return
        if wanted in at[wish.host] and not all(wanted in times for times in at.values()):
            self.problems.append(f"{name}: at the host, but not in every copy")
        if told in ("taken", "refused") and is_alone and any(wanted in times for times in at.values()):
            self.problems.append(f"{name}: something is left")
        if told in ("taken", "refused") and is_alone and kind == "move" and not all(at.values()):
            self.problems.append(f"{name}: the event is lost")
        is_told = told in ("booked", "known") and (is_alone or kind == "key")
        if is_told and not all(wanted in times for times in at.values()):
            self.problems.append(f"{name}: not there at the end")


def run_trial(seed: int, protocol: Protocol = booking, *, faults: Faults | None = None) -> Trial:
    """Draw a trial, run it and check it."""
    drawn = (CALM, BAD_NETWORK, STALLS, KILLS)[seed % 4] if seed % 23 else COOPERATIVE
    trial = Trial(seed, World(seed, faults or drawn))
    _draw(trial, protocol)
    trial.world.run()
    trial.check()
    return trial


def _draw(trial: Trial, protocol: Protocol) -> None:
    world, random = trial.world, trial.world.random
    keys = ["a", "b", "c", "d"][: random.choice((1, 2, 3, 4))]
    servers = random.sample(SERVERS, min(len(keys), random.choice((1, 2, 3))))
    for key in keys:
        world.calendars[key] = Calendar(key, random.choice(servers))
    world.watch, world.heard = trial.watch, trial.heard
    scenario = ("one", "many", "keys", "moves")[trial.seed // 4 % 4]
    if world.faults is COOPERATIVE:
        scenario = "many" if scenario == "moves" else scenario
        for calendar in world.calendars.values():
            calendar.quirks = replace(calendar.quirks, conditions=random.random() < 0.3)
    trial.is_one_slot = scenario == "one"
    for number in range(8 if scenario in ("one", "keys") else 6):
        _add(trial, scenario, number, keys, protocol)
    if random.random() < world.faults.outage:
        first = random.uniform(0, 10)
        world.outages[random.choice(keys)] = (first, first + random.uniform(5, 90))
    if trial.seed // 16 % 2:
        _foreign(trial, keys)


def _add(trial: Trial, scenario: str, number: int, keys: list[str], protocol: Protocol) -> None:
    """Add a program to a trial."""
    world, random = trial.world, trial.world.random
    start, calendars = START, keys
    if scenario in ("many", "moves"):
        start = START + 30 * random.randrange(4)
        if scenario == "moves" and number % 2 == 0 and random.random() < 0.5:
            # The time that the next program leaves.
            start = _old_start(number + 1)
        calendars = sorted(random.sample(keys, random.randint(1, len(keys))))
    host, end = random.choice(calendars), start + END - START
    kind, uid = "book", f"u{number}"
    if scenario == "keys" and number % 2:
        # The same run again: the same wish.
        kind, uid, host = "key", f"u{number - 1}", trial.bookers[-1].wish.host
        trial.kinds[trial.bookers[-1].program.name] = "key"
    left = None
    names: dict[str, str] = {}
    if scenario == "moves" and number % 2:
        kind = random.choice(("move", "move", "cancel"))
        old = _old_start(number)
        for key in calendars:
            names[key] = f"gbook-{number + 1}.ics"
            event = Event(uid, old, old + 60, "confirmed", host, f"a-{uid}")
            world.put_event(world.calendars[key], names[key], event)
        left = (old, old + 60)
    booker = Booker(world, Wish(host, calendars, start, end, uid, left if kind == "move" else None))
    steps = {
        "move": lambda: moving(booker, names),
        "cancel": lambda: cancelling(booker, names, remove=number % 4 == 1),
    }.get(kind, lambda: protocol(booker))()
    skew = random.uniform(-world.faults.skew, world.faults.skew)
    delay = random.choice((0.0, random.uniform(0, 2), random.uniform(0, 150)))
    limit = delay + random.uniform(1, 15) if random.random() < world.faults.limit else inf
    booker.program = Program(f"{kind}-{number}", steps, skew, limit)
    trial.bookers.append(booker)
    trial.kinds[booker.program.name] = kind
    world.start(booker.program, delay)


def _old_start(number: int) -> int:
    return START - 600 + 100 * number


def _foreign(trial: Trial, keys: list[str]) -> None:
    """Let a program that knows nothing of holds write and move events."""
    world, random, numbers = trial.world, trial.world.random, count(1)

    def write(key: str, name: str) -> None:
        start = random.choice((0, START - 200, START - 30, START + 15, START + 60))
        world.put_event(world.calendars[key], name, Event(name, start, start + 45, "confirmed"))
        if random.random() < 0.5:
            world.after(random.uniform(0, 60), write, key, name)

    for _ in range(random.randint(1, 4)):
        world.after(random.uniform(0, 20), partial(write, random.choice(keys), f"f{next(numbers)}"))
