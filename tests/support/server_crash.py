"""One command that is killed before each of its steps: operations on a real server, and changes of files.

Each run is a fork, which has all modules already. `python -m support.server_crash SERVER KIND CHANGE` prints
the number of kills; it needs a process of its own, because a test runner has threads.
"""

from __future__ import annotations

import importlib
import itertools
import os
import pickle
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from support.caldav_servers import running
from support.crash import FAST
from support.environment import NOW, clean_environment
from support.running import Gbook, Result, check_contract
from support.server_scene import AFTER_HOLDS, SLOTS, Scene, slot_text

import gbook
from gbook.calendars.commit.operations import Now, Operation, Pause, Together
from gbook.calendars.commit.servers import Servers

__all__ = ["CHANGES"]

OLD, NEW = SLOTS[2], SLOTS[9]
GUEST = ("--name", "Gwen", "--email", "gwen@example.org")
BOOK = ("book", "--slot", slot_text(OLD), "--required", "all")
# The calls that change a calendar in a file or a vdir.
CALLS = ("rename", "replace", "link", "unlink")
KILLED = Result(-signal.SIGKILL, "", "")

Arguments = tuple[str, ...]


class Change(NamedTuple):
    """A command to kill; before it is the one that makes what it changes."""

    before: Arguments
    command: Callable[[str], Arguments]
    slot: Any = OLD
    # The state of the event once it is done.
    is_confirmed: bool = True


CHANGES = {
    "book": Change((), lambda _: (*BOOK, *GUEST, "--key", "k")),
    "move": Change(
        (*BOOK, *GUEST), lambda uid: ("booking", "reschedule", uid, "--slot", slot_text(NEW)), slot=NEW
    ),
    "cancel": Change((*BOOK, *GUEST), lambda uid: ("booking", "cancel", uid), is_confirmed=False),
    "confirm": Change((*BOOK, "--reserve", "600"), lambda uid: ("reservation", "confirm", uid, *GUEST)),
}


def run(arguments: Arguments, now: str = NOW, kill: int | None = None) -> Result:
    """Run a command in a fork, which is killed before the step `kill` (counted from 0)."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ["GBOOK_NOW"] = now
        write = os.write
        if kill is not None:
            _install(kill)
        write(send, pickle.dumps(Gbook()(*arguments, "--json")))
        os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        pickled = pipe.read()
    os.waitpid(child, 0)
    return check_contract(arguments, pickle.loads(pickled)) if pickled else KILLED


def _install(kill: int) -> None:
    """Let this process be killed before a step."""
    numbers = itertools.count()

    def step() -> None:
        if next(numbers) == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            step()
            return real(*arguments, **options)

        return call

    perform = Servers.__call__

    def performed(servers: Servers, operation: Operation) -> Any:
        if not isinstance(operation, Now | Pause | Together):
            step()
        return perform(servers, operation)

    setattr(Servers, "__call__", performed)  # noqa: B010 - mypy allows no assignment
    for name in CALLS:
        setattr(os, name, wrapped(getattr(os, name)))


class Drill(NamedTuple):
    """A scene in which one change is killed again and again."""

    scene: Scene
    change: Change

    def made(self) -> str:
        """Clear the calendars and make what is changed; return its UID."""
        self.scene.clear()
        if not self.change.before:
            return ""
        document = run(self.change.before).document
        return str(document["reservationId"] or document["id"])

    def kill_each(self) -> Iterator[int]:
        """Kill the change before each step in turn, and put it right in one of three ways."""
        for number in itertools.count():
            uid = self.made()
            result = run(self.change.command(uid), kill=number)
            if result != KILLED:
                assert result.code == 0, result
                self.check_done()
                return
            yield number
            self.check_killed()
            (self.run_again, self.repair, self.cancel)[number % 3](uid)
            self.check_free_of_holds()

    # What must be true

    def check_killed(self) -> None:
        """All of it, nothing, or copies that `gbook check` names; the next command recovers the files."""
        scene = self.scene
        scene.check_times()
        run(("availability", "--to", "2026-11-25"))
        problems = run(("check",), AFTER_HOLDS).document["problems"]
        states = {account: self.states(account) for account in scene.places}
        done = {account: self.is_done(each) for account, each in states.items()}
        if self.change.is_confirmed:
            assert all(done.values()) or not done["alice"], states
        else:
            assert done["alice"] or not any(done.values()), states
        if len({*map(frozenset, states.values())}) > 1 or scene.holds():
            assert problems, states
        scene.check_times()

    def states(self, account: str) -> set[tuple[str, Any]]:
        """Return the state and the start of each event in a calendar that is no hold."""
        return {(each.status, each.start) for each in self.scene.events(account) if not each.is_hold}

    def is_done(self, states: set[tuple[str, Any]]) -> bool:
        status = "CONFIRMED" if self.change.is_confirmed else "CANCELLED"
        return (status, self.change.slot) in states

    def check_done(self) -> None:
        """Every calendar has the one event, as the command says."""
        for account in self.scene.places:
            states = self.states(account)
            assert len(states) == 1, (account, states)
            assert self.is_done(states), (account, states)

    # How it is put right

    def run_again(self, uid: str) -> None:
        """The same command once more; of what was done already it says so, and the copies are repaired."""
        again = run(self.change.command(uid), AFTER_HOLDS)
        if again.code:
            assert self.is_done(self.states("alice")), again
            run(("booking", "repair", "--all"), AFTER_HOLDS)
        self.check_done()

    def repair(self, uid: str) -> None:
        """All copies are the same afterwards, and so are all calendars."""
        repaired = run(("booking", "repair", "--all"), AFTER_HOLDS)
        assert repaired.code == 0, repaired
        states = [self.states(account) for account in self.scene.places]
        assert all(each == states[0] for each in states), states

    def cancel(self, uid: str) -> None:
        """No time is taken any more."""
        for record in [uid] if uid else self.records():
            cancelled = run(("booking", "cancel", record, "--remove"), AFTER_HOLDS)
            if cancelled.code:
                cancelled = run(("reservation", "drop", record), AFTER_HOLDS)
            assert cancelled.code == 0, cancelled
        assert self.scene.confirmed() == {}

    def records(self) -> list[str]:
        """Return the ids of all bookings and reservations."""
        return [
            str(record["id"])
            for noun in ("booking", "reservation")
            for record in run((noun, "list"), AFTER_HOLDS).document["records"]
        ]

    def check_free_of_holds(self) -> None:
        """Another booking of all three succeeds, and removes what is left of the first."""
        later = run(("book", "--slot", slot_text(SLOTS[15]), "--required", "all", *GUEST), AFTER_HOLDS)
        assert later.code == 0, later
        assert self.scene.holds() == []
        self.scene.check_times()


def main(server: str, kind: str, change: str) -> None:
    with tempfile.TemporaryDirectory(dir=FAST) as base:
        home, folder = Path(base) / "home", Path(base) / "server"
        home.mkdir()
        folder.mkdir()
        for name, text in clean_environment(home).items():
            os.environ[name] = text
        for module in pkgutil.walk_packages(gbook.__path__, "gbook."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        with running(server, folder) as caldav:
            scene = Scene.built(Path(base) / "office", kind, caldav)
            os.chdir(scene.folder)
            print(sum(1 for _ in Drill(scene, CHANGES[change]).kill_each()))


if __name__ == "__main__":
    main(*sys.argv[1:])
