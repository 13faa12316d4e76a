"""A simulated power failure at any call of a booking.

The calls of a booking are recorded. For each call, the module builds the disks that a power failure before it
may leave: data written since a file's last fsync is complete, cut in half, or lost; of the changes to the
names in a folder since its last fsync, any part may be missing. `python -m support.power_loss` lets
another process recover from each disk, and prints the number of different disks.
"""

from __future__ import annotations

import itertools
import os
import pickle
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from support.crash import FAST, Ending, Fault, Scene, booked, check_recovered, watch

# Random selections of lost changes for each call, besides all and nothing.
CHOICES = 4


class Step(NamedTuple):
    """A recorded call on a file, which has a number, or on a name."""

    name: str
    file: int = 0
    path: str = ""
    data: bytes = b""


class Recorder(Fault):
    """No fault: the calls of a process that change files under `root`, saved in `log`."""

    def __init__(self, root: Path, log: Path) -> None:
        super().__init__(sys.maxsize)
        self.root, self.log = root, log
        self.steps: list[Step] = []
        self.files: dict[tuple[int, int], int] = {}

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        note = getattr(self, f"note_{name}", None)
        if note is None:
            return real

        def call(*args: Any, **options: Any) -> Any:
            result = None if name == "fsync" else real(*args, **options)
            note(result, *args)
            return result

        return call

    def file_number(self, descriptor: int, *, new: bool = False) -> int:
        status = FSTAT(descriptor)
        key = (status.st_dev, status.st_ino)
        if new or key not in self.files:
            self.files[key] = len(self.steps) + 1
        return self.files[key]

    def relative(self, path: Any) -> str:
        return os.path.relpath(path, self.root)

    def note_open(self, descriptor: int, path: Any, flags: int, *rest: Any) -> None:
        if flags & os.O_CREAT:
            self.steps.append(Step("set", self.file_number(descriptor, new=True), self.relative(path)))

    def note_write(self, written: int, descriptor: int, data: Any) -> None:
        self.steps.append(Step("write", self.file_number(descriptor), data=bytes(data)[:written]))

    def note_fsync(self, _: None, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self.steps.append(Step("sync_folder", path=self.relative(path)))
        else:
            self.steps.append(Step("sync_file", path=self.relative(path)))

    def note_link(self, _: None, source: Any, target: Any) -> None:
        self.steps.append(Step("link", path=self.relative(source), data=self.relative(target).encode()))

    def note_replace(self, _: None, source: Any, target: Any) -> None:
        self.steps.append(Step("rename", path=self.relative(source), data=self.relative(target).encode()))

    def note_unlink(self, _: None, path: Any) -> None:
        self.steps.append(Step("drop", path=self.relative(path)))

    def keep(self) -> None:
        self.log.write_bytes(pickle.dumps(self.steps))


FSTAT = os.fstat


class File:
    """The content of a file in memory, and the part of it that is safe on the disk."""

    def __init__(self, data: bytes = b"", safe: bytes = b"") -> None:
        self.data, self.safe = data, safe

    def left(self, cut: str) -> bytes:
        lost = len(self.data) - len(self.safe)
        return {"whole": self.data, "half": self.data[: len(self.safe) + lost // 2], "lost": self.safe}[cut]


class Disk:
    """A disk with its cache: the names that are safe, and the later changes to names, in order."""

    def __init__(self, old: dict[str, bytes]) -> None:
        # The process that left a temporary file may have been killed before its fsync.
        safe = {name: b"" if name.endswith(".gbook-tmp") else data for name, data in old.items()}
        self.safe = {name: File(data, safe[name]) for name, data in old.items()}
        self.pending: list[tuple[str, dict[str, File | None]]] = []
        self.names = dict(self.safe)
        self.files: dict[int, File] = {}

    def take(self, step: Step) -> None:
        target = step.data.decode() if step.name in ("link", "rename") else ""
        if step.name == "write":
            self.files[step.file].data += step.data
        elif step.name == "sync_file":
            self.names[step.path].safe = self.names[step.path].data
        elif step.name == "sync_folder":
            self._sync(step.path)
        elif step.name == "set":
            if step.path not in self.names:
                self._change(step.path, {step.path: self.files.setdefault(step.file, File())})
        elif step.name == "link":
            self._change(step.path, {target: self.names[step.path]})
        elif step.name == "rename":
            self._change(step.path, {target: self.names[step.path], step.path: None})
        elif step.name == "drop":
            self._change(step.path, {step.path: None})

    def _change(self, path: str, changes: dict[str, File | None]) -> None:
        self.pending.append((str(Path(path).parent), changes))
        apply_names(self.names, changes)

    def _sync(self, folder: str) -> None:
        for parent, changes in self.pending:
            if parent == folder:
                apply_names(self.safe, changes)
        self.pending = [change for change in self.pending if change[0] != folder]

    def left(self, keep: Callable[[], bool], cut: str) -> dict[str, bytes]:
        """Return the files after a power failure; `keep` decides which unsafe changes to names survive."""
        names = dict(self.safe)
        for _, changes in self.pending:
            if keep():
                apply_names(names, changes)
        return {name: file.left(cut) for name, file in names.items()}


def apply_names(names: dict[str, Any], changes: dict[str, File | None]) -> None:
    for name, file in changes.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file


def record(scene: Scene, action: Callable[[], object], log: Path) -> tuple[Ending, list[Step]]:
    """Return how a process ends, and its calls that change files."""
    recorder = Recorder(scene.root, log)

    def run() -> None:
        try:
            action()
        finally:
            recorder.keep()

    return watch(run, recorder), pickle.loads(log.read_bytes())


def disks_left(
    old: dict[str, bytes], steps: list[Step], chance: random.Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Yield the disks that a power failure may leave after the first n steps, each with n."""
    for count in range(len(steps) + 1):
        disk = Disk(old)
        for step in steps[:count]:
            disk.take(step)
        for cut in ("whole", "half", "lost"):
            yield count, disk.left(lambda: True, cut)
            yield count, disk.left(lambda: False, cut)
            for _ in range(CHOICES):
                yield count, disk.left(lambda: chance.random() < 0.5, cut)
        for lost in range(len(disk.pending)):
            yield count, disk.left(all_but(lost), "whole")


def all_but(lost: int) -> Callable[[], bool]:
    """Return a `keep` that loses one change to names, though later ones survive."""
    numbers = itertools.count()
    return lambda: next(numbers) != lost


def restore(scene: Scene, left: dict[str, bytes]) -> None:
    """Rebuild the scene from the files of a disk."""
    shutil.rmtree(scene.root, ignore_errors=True)
    scene.carol.mkdir(parents=True)
    for name, data in left.items():
        (scene.root / name).write_bytes(data)


def main() -> None:
    """Recover from every disk that a power failure may leave; some recoveries lose power too."""
    chance = random.Random(20260106)
    checked: set[frozenset[tuple[str, bytes]]] = set()
    with tempfile.TemporaryDirectory(dir=FAST) as base:
        scene = Scene.built(Path(base) / "scene")
        log = Path(base) / "log"
        old = scene.files()
        new = booked(old)
        ending, steps = record(scene, scene.book, log)
        assert ending == Ending(), ending
        for count, left in disks_left(old, steps, chance):
            done = count == len(steps)
            if (key := frozenset(left.items())) in checked and not done:
                continue
            checked.add(key)
            restore(scene, left)
            check_recovered(scene, old, new, True if done else None)
            if chance.random() < 0.2:
                restore(scene, left)
                ending, again = record(scene, scene.recover, log)
                assert ending == Ending(), ending
                for _, once_more in chance.sample(list(disks_left(left, again, chance)), 5):
                    restore(scene, once_more)
                    check_recovered(scene, old, new, True if done else None)
    print(len(checked))


if __name__ == "__main__":
    main()
