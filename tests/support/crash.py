"""A booking in three calendars that fails at any of its system calls.

A drill forks a child for each call, injects a fault at that call, lets another process recover, and checks
the files. `python -m support.crash DRILL` runs a drill and prints the number of children. A drill needs a
process of its own, because a test runner has threads, which do not survive a fork.
"""

from __future__ import annotations

import errno
import itertools
import os
import pickle
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from gbook.calendars.commit.recovery import leftovers, recover
from gbook.calendars.commit.transaction import (
    Changed,
    FileChange,
    commit,
    lock_calendars,
    read,
)
from gbook.calendars.ics.edit import Edit, Put, apply
from gbook.errors import GbookError

FILE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//somebody//else//EN\r\nBEGIN:VEVENT\r\nUID:theirs\r\n"
    b"DTSTART:20260105T090000Z\r\nDTEND:20260105T100000Z\r\nSUMMARY:not ours \xff\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)
# The drills do not depend on the kind of file system, and memory is fast.
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
OURS = "ours@gbook"
NEXT = "next@gbook"
THEIRS = "theirs@elsewhere"


def event(uid: str) -> bytes:
    """Return a VEVENT as a booking writes it."""
    return (
        b"BEGIN:VEVENT\r\nUID:" + uid.encode() + b"\r\nDTSTAMP:20260101T000000Z\r\n"
        b"DTSTART:20260106T090000Z\r\nDTEND:20260106T093000Z\r\nSUMMARY:Demo\r\nEND:VEVENT\r\n"
    )


class Scene:
    """A folder with two calendars that are files and one that is a vdir."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.alice, self.bob, self.carol = root / "alice.ics", root / "bob.ics", root / "carol"
        self.calendars = [self.alice, self.bob, self.carol]

    @classmethod
    def built(cls, root: Path) -> Scene:
        scene = cls(root)
        scene.carol.mkdir(parents=True)
        scene.alice.write_bytes(FILE)
        scene.bob.write_bytes(FILE.replace(b"\r\n", b"\n"))
        (scene.carol / "theirs.ics").write_bytes(FILE)
        return scene

    def book(self, uid: str = OURS) -> None:
        """Put the event into all three calendars."""
        self.change(Put(uid, event(uid)), uid)

    def book_alice(self, uid: str = OURS) -> None:
        """Put the event into one calendar, which needs no journal."""
        put = Put(uid, event(uid))
        persist([self.alice], lambda: [FileChange(self.alice, self.alice, (put,), read(self.alice))])

    def change(self, edit: Edit, uid: str = OURS) -> None:
        """Apply one edit to all three calendars."""
        persist(self.calendars, lambda: self.changes(edit, uid))

    def changes(self, edit: Edit, uid: str) -> list[FileChange]:
        targets = [self.alice, self.bob, self.carol / f"{uid}.ics"]
        pairs = zip(self.calendars, targets, strict=True)
        return [FileChange(calendar, target, (edit,), read(target)) for calendar, target in pairs]

    def recover(self) -> None:
        for error in recover(self.calendars).values():
            raise error

    def files(self) -> dict[str, bytes]:
        """Return the contents of all files except locks."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not path.name.endswith(".gbook-lock")
        }

    def shown(self) -> dict[str, bytes]:
        """Return the contents of the files that calendar programs see."""
        return {name: data for name, data in self.files().items() if not Path(name).name.startswith(".")}


def persist(calendars: list[Path], changes: Callable[[], list[FileChange]]) -> None:
    """Commit, and start again if another program has changed a file in the meantime."""
    with lock_calendars(calendars):
        while True:
            with suppress(Changed):
                return commit(changes())


def booked(files: dict[str, bytes], uid: str = OURS, *, alone: bool = False) -> dict[str, bytes]:
    """Return the contents with the event in all calendars (or only in alice's)."""
    names = ["alice.ics"] if alone else ["alice.ics", "bob.ics", f"carol/{uid}.ics"]
    new = {name: apply(files.get(name), [Put(uid, event(uid))], name) for name in names}
    return files | {name: data for name, data in new.items() if data is not None}


# The calls that change files, and those that only read.
CHANGING = ["open", "write", "fsync", "replace", "rename", "link", "unlink", "mkdir", "truncate", "ftruncate"]
CHANGING += ["chmod", "fchmod", "chown", "fchown", "setxattr", "pwrite"]
LOOKING = ["read", "stat", "lstat", "fstat", "scandir", "listxattr"]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Real = Callable[..., Any]


class Fault:
    """A fault at one call, given by its number among the calls that count.

    fsync does nothing: the data of a killed process stays in the machine's memory.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = 0

    @property
    def injected(self) -> bool:
        return self.count > self.number

    def install(self) -> None:
        for name in [*CHANGING, *LOOKING]:
            setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Real) -> Real:
        def waitless(*args: Any, **options: Any) -> Any:
            return None if name == "fsync" else real(*args, **options)

        def call(*args: Any, **options: Any) -> Any:
            if not self.counts(name, args):
                return waitless(*args, **options)
            self.count += 1
            return self.inject(waitless, *args, **options) if self.strikes() else waitless(*args, **options)

        return call

    def strikes(self) -> bool:
        return self.count == self.number + 1

    def counts(self, name: str, args: tuple[Any, ...]) -> bool:
        return name in CHANGING and (name != "open" or bool(args[1] & WRITING))

    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        raise NotImplementedError


class KilledBefore(Fault):
    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


class KilledAfter(Fault):
    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        real(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)


class KilledHalfway(Fault):
    """The process writes half of the data and is killed."""

    def counts(self, name: str, args: tuple[Any, ...]) -> bool:
        return name == "write"

    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        real(args[0], bytes(args[1])[: len(args[1]) // 2])
        os.kill(os.getpid(), signal.SIGKILL)


class Interrupted(Fault):
    """Ctrl-C is pressed."""

    signal = signal.SIGINT

    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        os.kill(os.getpid(), self.signal)
        return real(*args, **options)


class Terminated(Interrupted):
    """The machine is shut down, or a service manager stops the process."""

    signal = signal.SIGTERM


class Fails(Fault):
    """The call fails, even one that only reads."""

    code = errno.EIO

    def counts(self, name: str, args: tuple[Any, ...]) -> bool:
        return True

    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        raise OSError(self.code, os.strerror(self.code))


class DiskFull(Fails):
    """The call fails if it is one that changes files."""

    code = errno.ENOSPC

    def counts(self, name: str, args: tuple[Any, ...]) -> bool:
        return Fault.counts(self, name, args)


class DiskGone(Fails):
    """The call and all calls after it fail."""

    def counts(self, name: str, args: tuple[Any, ...]) -> bool:
        return self.injected or Fault.counts(self, name, args)

    def strikes(self) -> bool:
        return self.injected


class ForeignChange(Fault):
    """Another program, which ignores gbook's locks, adds an event to alice's calendar.

    It does not do so between gbook's last check of the file and the rename: no program can close that gap.
    """

    def counts(self, name: str, args: tuple[Any, ...]) -> bool:
        return name == "open" or (name != "replace" and super().counts(name, args))

    def inject(self, real: Real, *args: Any, **options: Any) -> Any:
        alice = Path.cwd() / "alice.ics"
        theirs = apply(alice.read_bytes(), [Put(THEIRS, event(THEIRS))], "alice.ics")
        assert theirs is not None
        alice.with_suffix(".tmp").write_bytes(theirs)
        alice.with_suffix(".tmp").rename(alice)
        return real(*args, **options)


class Ending(NamedTuple):
    """The end of a child: killed, successful, or with the message of an error."""

    killed: bool = False
    message: str | None = None
    committed: bool = False
    injected: bool = False


def watch(action: Callable[[], object], fault: Fault | None = None) -> Ending:
    """Run `action` in a child in which `fault` happens, and return how it ended."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        write = os.write
        fault = fault or Fault(sys.maxsize)
        fault.install()
        write(send, pickle.dumps(_run(action)._replace(injected=fault.injected)))
        os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        pickled = pipe.read()
    _, status = os.waitpid(child, 0)
    return Ending(killed=True, injected=True) if os.WIFSIGNALED(status) else pickle.loads(pickled)


def _run(action: Callable[[], object]) -> Ending:
    try:
        action()
    except GbookError as error:
        return Ending(message=error.message, committed=bool(error.details.get("committed")))
    except BaseException:
        return Ending(message=traceback.format_exc())
    return Ending()


def check_recovered(
    scene: Scene, old: dict[str, bytes], new: dict[str, bytes], expected: bool | None
) -> None:
    """Assert that recovery leaves all of the booking or nothing, and that the next booking leaves no traces.

    `expected` says which of the two it must be; None allows both.
    """

    def check() -> None:
        scene.recover()
        now = scene.shown()
        assert now in (old, new), f"half a booking: {[name for name in now if now[name] != old.get(name)]}"
        assert expected is None or (now == new) == expected, "nothing of it" if expected else "all of it"
        scene.book(NEXT)
        assert scene.files() == booked(now, NEXT)
        assert leftovers(scene.calendars) == []

    assert (ending := watch(check)) == Ending(), ending.message


def scenes(base: Path) -> Iterator[tuple[int, Scene]]:
    """Yield new scenes with their numbers, without end."""
    for number in itertools.count():
        shutil.rmtree(base / "scene", ignore_errors=True)
        yield number, Scene.built(base / "scene")


def drill_kill(base: Path, fault: type[Fault], *, alone: bool = False) -> Iterator[Ending]:
    """Send SIGKILL at each call that changes files."""
    for number, scene in scenes(base):
        old = scene.shown()
        ending = watch(scene.book_alice if alone else scene.book, fault(number))
        yield ending
        check_recovered(scene, old, booked(old, alone=alone), None if ending.killed else True)
        if not ending.injected:
            assert ending == Ending()
            return


def drill_kill_twice(base: Path) -> Iterator[Ending]:
    """Send SIGKILL at every third call of the booking, then at each call of the recovery."""
    for first in itertools.count(0, 3):
        for second, scene in scenes(base):
            old = scene.shown()
            ending = watch(scene.book, KilledBefore(first))
            if not ending.injected:
                return
            again = watch(scene.recover, KilledAfter(second))
            yield again
            check_recovered(scene, old, booked(old), None)
            if not again.injected:
                break


def drill_fail(base: Path, fault: type[Fails]) -> Iterator[Ending]:
    """Let each call fail: the booking succeeds, or changes nothing, or reports that it will be completed."""
    for number, scene in scenes(base):
        old = scene.shown()
        ending = watch(scene.book, fault(number))
        yield ending
        done = ending.message is None
        if done:
            assert scene.shown() == booked(old)
        else:
            assert ending.message and "\n" not in ending.message, ending.message
            assert os.strerror(fault.code) in ending.message, ending.message
            assert ending.committed or scene.shown() == old, f"files changed: {ending.message}"
        check_recovered(scene, old, booked(old), done or ending.committed)
        if not ending.injected:
            return


def drill_foreign_change(base: Path, *, alone: bool = False) -> Iterator[Ending]:
    """Let another program change a file at each call: both changes survive."""
    for number, scene in scenes(base):
        os.chdir(scene.root)
        old = scene.shown()
        ending = watch(scene.book_alice if alone else scene.book, ForeignChange(number))
        yield ending
        assert ending.message is None, ending.message
        events = [Put(OURS, event(OURS))] + [Put(THEIRS, event(THEIRS))] * ending.injected
        now = scene.shown()
        either = [apply(old["alice.ics"], order, "alice.ics") for order in (events, events[::-1])]
        assert now.pop("alice.ics") in either, f"lost at call {number}"
        assert now == {name: data for name, data in booked(old, alone=alone).items() if name != "alice.ics"}
        if not ending.injected:
            return


def drill_interrupt(base: Path, fault: type[Interrupted]) -> Iterator[Ending]:
    """Send a signal at each call: nothing is half done, and no recovery is needed."""
    for number, scene in scenes(base):
        old = scene.files()
        ending = watch(scene.book, fault(number))
        yield ending
        assert scene.files() in (old, booked(old)), f"half a booking at call {number}"
        if not ending.injected:
            return


DRILLS: dict[str, Callable[[Path], Iterable[Ending]]] = {
    "killed_before": lambda base: drill_kill(base, KilledBefore),
    "killed_after": lambda base: drill_kill(base, KilledAfter),
    "killed_halfway": lambda base: drill_kill(base, KilledHalfway),
    "one_file_killed_before": lambda base: drill_kill(base, KilledBefore, alone=True),
    "one_file_killed_after": lambda base: drill_kill(base, KilledAfter, alone=True),
    "killed_twice": drill_kill_twice,
    "input_output_error": lambda base: drill_fail(base, Fails),
    "disk_full": lambda base: drill_fail(base, DiskFull),
    "interrupted": lambda base: drill_interrupt(base, Interrupted),
    "terminated": lambda base: drill_interrupt(base, Terminated),
    "meddled_with": drill_foreign_change,
    "one_file_meddled_with": lambda base: drill_foreign_change(base, alone=True),
    "disk_gone": lambda base: drill_fail(base, DiskGone),
}


def main(name: str) -> None:
    with tempfile.TemporaryDirectory(dir=FAST) as base:
        print(sum(1 for _ in DRILLS[name](Path(base))))


if __name__ == "__main__":
    main(sys.argv[1])
