"""A booking in two files and a vdir through the command line, with an accident at each important call.

Each process is the program as a shell starts it, with one system call replaced. The drills of
support/crash.py stop at every call, but in one forked process.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from calendars.commit.test_races import _PROFILE, SLOTS, booking, leftovers, starts
from support.office import make_office

RENAMES = "rename,replace,link"
CALLS = f"{RENAMES},unlink,fsync"
FOR_EVER = 1 << 30
_PROGRAM = """
import errno, itertools, os, signal, sys

accident, names, first, last = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4])
numbers = itertools.count()

def wrapped(real):
    def call(*args, **options):
        if not first <= next(numbers) <= last:
            return real(*args, **options)
        if accident == "KILL":
            os.kill(os.getpid(), signal.SIGKILL)
        if accident == "UNPLUG":
            real(*args, **options)
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, accident)
        raise OSError(code, os.strerror(code))
    return call

for name in names:
    setattr(os, name, wrapped(getattr(os, name)))
import gbook.cli
code = gbook.cli.run(sys.argv[5:])
print("accidents" if next(numbers) > first else "no accident", file=sys.stderr)
sys.exit(code)
"""

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace; each accident gets a copy of it."""
    folder = make_office(tmp_path_factory.mktemp("drill") / "model")
    (folder / "profiles/demo.yaml").unlink()
    (folder / "profiles/three.yaml").write_text(f"{_PROFILE}accounts: [alice, bob, carol]\n")
    return folder


def start(place: Path, slot: datetime, *accident: object) -> subprocess.Popen[str]:
    """Run one gbook that books a slot; an accident is its name, the calls, the first and the last of them."""
    program = [sys.executable, "-c", _PROGRAM, *map(str, accident or ("KILL", "rename", -1, -1))]
    return subprocess.Popen(
        [*program, "--workspace", str(place), "--no-index", *booking(slot, "three")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def places(model: Path, folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield new workspaces, numbered, without end."""
    for number in itertools.count():
        place = folder / "place"
        shutil.rmtree(place, ignore_errors=True)
        yield number, shutil.copytree(model, place)


def booked_in(place: Path) -> list[datetime]:
    """Return the booked slots, which are the same in every calendar."""
    found = [starts(place / calendar) for calendar in ("alice.ics", "bob.ics", "carol")]
    assert found[0] == found[1] == found[2], "half a booking"
    return found[0]


def check_next(place: Path, expected: Sequence[bool]) -> None:
    """The next booking succeeds, finds all of the first one or none, and leaves no temporary file."""
    process = start(place, SLOTS[5])
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    booked = booked_in(place)
    assert SLOTS[5] in booked
    assert (SLOTS[0] in booked) in expected
    assert leftovers(place) == []


@pytest.mark.parametrize("last", [0, FOR_EVER], ids=["once", "from then on"])
@pytest.mark.parametrize("code", ["EPERM", "EBUSY", "EROFS"])
def test_a_rename_that_is_refused(model: Path, tmp_path: Path, code: str, last: int) -> None:
    """Exit 1, one line, no booking; or exit 0 and the whole booking, now or, with a warning, later."""
    for number, place in places(model, tmp_path):
        process = start(place, SLOTS[0], code, RENAMES, number, number + last)
        _, err = process.communicate(timeout=120)
        *lines, what = err.splitlines()
        if process.returncode:
            assert (process.returncode, len(lines)) == (1, 1), err
        elif what == "accidents" and "is recorded" not in err:
            assert booked_in(place) == [SLOTS[0]]
        check_next(place, [process.returncode == 0])
        if what != "accidents":
            assert number >= 6
            return


@pytest.mark.parametrize("accident", ["KILL", "UNPLUG"])
def test_a_process_that_is_killed(model: Path, tmp_path: Path, accident: str) -> None:
    """Before or after any rename, link, unlink or fsync: the whole booking, or none."""
    for number, place in places(model, tmp_path):
        at = 3 * number + (accident == "UNPLUG")
        process = start(place, SLOTS[0], accident, CALLS, at, at)
        _, err = process.communicate(timeout=120)
        check_next(place, [True] if process.returncode == 0 else [True, False])
        if process.returncode == 0:
            assert at > 20, err
            return
        assert process.returncode == -9, err


def test_a_race_in_which_every_other_process_is_killed(model: Path, tmp_path: Path) -> None:
    """The survivors have booked; each booking of the others is in all three calendars or in none."""
    place = shutil.copytree(model, tmp_path / "place")
    processes = [
        start(place, slot, *(("KILL", RENAMES, number // 2, number // 2) if number % 2 else ()))
        for number, slot in enumerate(SLOTS)
    ]
    codes = []
    for process in processes:
        process.communicate(timeout=120)
        codes.append(process.returncode)
    assert set(codes) <= {0, -9}
    done = [slot for slot, code in zip(SLOTS, codes, strict=True) if code == 0]
    assert len(done) >= 8
    assert start(place, SLOTS[0]).wait(timeout=120) == 3
    booked = booked_in(place)
    assert set(done) <= set(booked)
    assert len(booked) == len(set(booked))
