"""Full disks, read-only folders, missing permissions: one line of error, and nothing changes.

These tests run the program as a shell does. The tests of the transaction stop at every system call.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.ics import END, START, raw_vcalendar, raw_vevent
from support.office import make_office
from support.running import Result
from support.sandbox import NOBODY, public_folder, run, run_as_nobody, tree

# Each case fills a disk or takes rights away, in processes of its own.
pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
BOOK = ("book", "--slot", "2026-11-24T15:00Z", "--required", "all", "--name", "Jane")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return make_office(tmp_path / "office")


@pytest.fixture
def public() -> Iterator[Path]:
    """A workspace that all users can read."""
    with public_folder() as folder:
        yield make_office(folder / "office")


def booked(place: Path) -> str:
    """The id of a booking of alice and bob."""
    ended = run(place, *BOOK, "--json")
    assert ended.code == 0, ended.err
    return str(ended.document["id"])


def refused(ended: Result, *said: str) -> None:
    """Expect exit 1, and one line that says where and why."""
    assert ended.code == 1, ended
    assert ended.err.count("\n") == 1, ended.err
    for each in said:
        assert re.search(each, ended.err), ended.err


def at_most(size: int) -> Callable[[], None]:
    """Limit the size of files."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def change_commands(uid: str) -> list[tuple[str, ...]]:
    return [
        (*BOOK[:2], "2026-11-25T15:00Z", *BOOK[3:]),
        (*BOOK[:2], "2026-11-25T15:00Z", *BOOK[3:], "--reserve", "30"),
        ("booking", "reschedule", uid, "--slot", "2026-11-25T12:00Z"),
        ("booking", "cancel", uid, "--reason", "ill"),
        ("profile", "create", "second", "--duration", "30", "--subject", "x", "--hours", "mon 09:00-17:00"),
        ("profile", "update", "demo", "--set", f"description={'x' * 3_000}"),
        ("profile", "detach-accounts", "demo", "bob"),
        ("account", "update", "alice", "--name", "x" * 3_000),
        ("account", "add", "dave", "--email", "dave@example.com", "--calendar", "dave.ics", "--create"),
    ]


@pytest.mark.parametrize(
    "size", [pytest.param(0, marks=pytest.mark.slow), 10, pytest.param(200, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(
    "number",
    [pytest.param(number, marks=[pytest.mark.slow] * (number not in (0, 3, 5, 8))) for number in range(9)],
)
def test_a_disk_that_is_full_changes_nothing(place: Path, number: int, size: int) -> None:
    """Calendars, gbook.yaml and profiles stay as they are, whichever of them is written."""
    uid = booked(place)
    before = tree(place)
    command = change_commands(uid)[number]
    ended = run(place, *command, before=at_most(size))
    if ended.code == 0:
        # A small profile fits.
        assert size and command[:2] in (("profile", "create"), ("profile", "detach-accounts"))
        return
    refused(ended, "File too large|No space")
    assert tree(place) == before
    assert run(place, *command).code == 0


def test_a_full_disk_costs_only_the_index(place: Path) -> None:
    """Queries are answered; nothing is cached."""
    (place / "alice.ics").write_bytes(raw_vcalendar(raw_vevent("a", START, END)))
    expected = run(place, "--no-index", "availability", "--json")
    for _ in range(2):
        ended = run(place, "availability", "--json", before=at_most(0))
        assert (ended.code, ended.out, ended.err) == (0, expected.out, "")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_with_no_room_left(small_disk: Path) -> None:
    """On a real full disk: no booking, no truncated calendar; with free space again the booking succeeds."""
    place = make_office(small_disk / "office")
    (place / "alice.ics").write_bytes(
        raw_vcalendar(raw_vevent("a", START, END, b"DESCRIPTION:" + b"x" * 60_000))
    )
    run(place, "availability")
    before = tree(place)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    for command in (BOOK, ("account", "update", "alice", "--name", "x" * 3_000)):
        refused(run(place, *command), "No space left on device")
        assert tree(place) == before
    assert run(place, "availability").code == 0
    filler.unlink()
    assert run(place, *BOOK).code == 0


# --- rights


@as_root
@pytest.mark.parametrize(
    "commands", [slice(4, None, 4), pytest.param(slice(5, None), marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_a_folder_that_may_not_be_written(public: Path, commands: slice) -> None:
    """It can be queried, not booked in."""
    before = tree(public)
    assert run_as_nobody(public, "availability").code == 0
    refused(run_as_nobody(public, *BOOK), "Permission denied", "cannot write to .*/office")
    for command in change_commands("")[commands]:
        refused(run_as_nobody(public, *command), "Permission denied")
    assert tree(public) == before


@as_root
def test_a_calendar_that_may_not_be_read(public: Path) -> None:
    """Its account is not free: a booking with it is refused, one with the others succeeds."""
    for folder in (public, public / "profiles"):
        folder.chmod(0o777)
    (public / "alice.ics").chmod(0o600)
    before = tree(public)
    ended = run_as_nobody(public, *BOOK)
    assert (ended.code, "alice.ics" in ended.err, "Permission denied" in ended.err) == (3, True, True)
    assert tree(public) == before
    assert run_as_nobody(public, "availability", "--json").document["items"][0]["accountIds"] == ["bob"]


@as_root
@pytest.mark.parametrize("companion", ["lock", "journal"])
def test_a_lock_or_journal_that_may_not_be_used(public: Path, companion: str) -> None:
    """The second of two calendars cannot be locked: the first stays as it is."""
    public.chmod(0o777)
    os.chown(public / "alice.ics", NOBODY, NOBODY)
    blocked = public / f".bob.ics.gbook-{companion}"
    blocked.touch(mode=0o600)
    before = tree(public)
    ended = run_as_nobody(public, *BOOK)
    assert ended.code in (1, 3)
    assert "Permission denied" in ended.err
    assert ended.err.count("\n") == 1
    assert tree(public) == before


@as_root
def test_gbook_yaml_and_profiles_that_may_not_be_read(public: Path) -> None:
    """One line that names the file, exit 1."""
    for path in (public / "profiles/demo.yaml", public / "gbook.yaml"):
        path.chmod(0o600)
        refused(run_as_nobody(public, "availability"), path.name, "Permission denied")
    public.chmod(0o700)
    assert run_as_nobody(public, "availability").code in (1, 4)


@as_root
def test_an_index_that_may_not_be_used(public: Path) -> None:
    """It is neither read nor written, and the answer is the same."""
    expected = run(public, "availability", "--json").out
    for path in (public.parent / "cache").iterdir():
        path.chmod(0o600)
    ended = run_as_nobody(public, "availability", "--json")
    assert (ended.code, ended.out, ended.err) == (0, expected, "")


@pytest.mark.slow
@as_root
def test_a_disk_that_is_mounted_readonly(small_disk: Path) -> None:
    """Root gets one line of error too; queries are answered without locks."""
    place = make_office(small_disk / "office")
    uid = booked(place)
    (small_disk / "cache").mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = tree(place)
    assert run(place, "availability").code == 0
    assert run(place, "booking", "list").code == 0
    for command in change_commands(uid):
        refused(run(place, *command), "Read-only file system")
    assert tree(place) == before
