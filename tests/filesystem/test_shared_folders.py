"""Calendars that several users, mounts or programs share.

All of them can use the files that gbook makes; a file that cannot be replaced is refused before any change.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.office import make_office
from support.running import Result
from support.sandbox import NOBODY, public_folder, run, run_as_nobody, tree

# Processes of other users.
pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount, and become another user")
BOOK = ("book", "--slot", "2026-11-24T15:00Z", "--required", "all", "--name", "Jane")
LATER = ("book", "--slot", "2026-11-25T15:00Z", "--required", "all", "--name", "Jane")
GROUP = 54321


def team(folder: Path, members: str = "alice, bob, carol") -> Path:
    """The office, with a profile that needs all members."""
    place = make_office(folder, members=f"accounts: [{members}]")
    profile = place / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("optional: [carol]", ""))
    return place


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return team(tmp_path / "office")


@pytest.fixture
def public() -> Iterator[Path]:
    """A workspace that all users can read."""
    with public_folder() as folder:
        yield team(folder / "office")


def refused(place: Path, ended: Result, *said: str) -> None:
    """Expect exit 1 and one line; then every calendar can be read."""
    assert (ended.code, ended.err.count("\n")) == (1, 1), ended
    for each in said:
        assert each in ended.err
    assert run(place, "availability", "--strict").code == 0


def mounted(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("nothing can be mounted here")


# --- files that cannot be replaced


def test_a_calendar_with_two_names(place: Path) -> None:
    """A rename would change only one of them: the other would still show the time as free."""
    (place / "second.ics").hardlink_to(place / "bob.ics")
    before = tree(place)
    refused(place, run(place, *BOOK), "bob.ics", "hard links")
    assert tree(place) == before
    (place / "second.ics").unlink()
    assert run(place, *BOOK).code == 0


@pytest.mark.parametrize("name", ["bob.ics", "carol"])
@pytest.mark.parametrize("alone", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_calendar_without_write_permission(place: Path, name: str, alone: bool) -> None:
    """It is not written, not even by root, although its folder may be."""
    mode = 0o555 if (place / name).is_dir() else 0o444
    (place / name).chmod(mode)
    before = tree(place)
    account = ("--account", Path(name).stem) if alone else ()
    refused(place, run(place, *BOOK, *account), name, "write-protected")
    assert tree(place) == before


@as_root
def test_a_file_of_another_user_in_a_sticky_folder(public: Path) -> None:
    """Its content may be changed, its name may not; the owner can book."""
    public.chmod(0o1777)
    for name in ("alice.ics", "bob.ics"):
        (public / name).chmod(0o666)
    (public / "carol").chmod(0o777)
    before = tree(public)
    refused(public, run_as_nobody(public, *BOOK), "alice.ics", "cannot be replaced")
    assert tree(public) == before
    assert run(public, *BOOK).code == 0


@as_root
@pytest.mark.parametrize("flag", ["i", pytest.param("a", marks=pytest.mark.slow)])
def test_an_immutable_file(place: Path, flag: str) -> None:
    """Or an append-only file: even root cannot replace them."""
    if subprocess.run(["chattr", f"+{flag}", str(place / "bob.ics")], capture_output=True).returncode:
        pytest.skip("this file system knows no such files")
    try:
        before = tree(place)
        ended = run(place, *BOOK)
        assert tree(place) == before
    finally:
        subprocess.run(["chattr", f"-{flag}", str(place / "bob.ics")], check=True)
    refused(place, ended, "bob.ics")
    assert run(place, *BOOK).code == 0


@as_root
def test_a_file_that_is_mounted_alone(place: Path, tmp_path: Path) -> None:
    """Containers get such files: they cannot be replaced, and their lock is not shared with other mounts."""
    real = tmp_path / "real.ics"
    real.write_bytes((place / "bob.ics").read_bytes())
    mounted("--bind", str(real), str(place / "bob.ics"))
    try:
        before = tree(place)
        refused(place, run(place, *BOOK), "bob.ics", "mount its folder")
        assert run(place, "--no-index", "availability", "--json", "--strict").code == 0
        assert tree(place) == before
    finally:
        subprocess.run(["umount", str(place / "bob.ics")], check=True)
    assert run(place, *BOOK).code == 0


# --- one vdir in two places


@as_root
def test_a_vdir_that_is_mounted_in_two_places(place: Path, tmp_path: Path) -> None:
    """It has one lock: while one workspace holds it, the other waits."""
    other = team(tmp_path / "other", "carol")
    mounted("--bind", str(place / "carol"), str(other / "carol"))
    try:
        assert run(other, "book", "--slot", "2026-11-24T15:00Z", "--name", "Jane").code == 0
        assert (place / "carol/.gbook-lock").samefile(other / "carol/.gbook-lock")
        assert run(place, *BOOK).code == 3
    finally:
        subprocess.run(["umount", str(other / "carol")], check=True)


# --- new files


@pytest.fixture
def shared(public: Path) -> Path:
    """All files in it belong to a group, which may write."""
    for path in (public, *public.rglob("*")):
        os.chown(path, 0, GROUP)
        path.chmod(0o2770 if path.is_dir() else 0o660)
    public.parent.chmod(0o755)
    return public


def as_member(workspace: Path, user: int, *arguments: str) -> Result:
    """Run gbook as another member of the group, with a umask that excludes all other users."""
    become = f"os.umask(0o077); os.setgroups([{GROUP}]); os.setgid({user}); os.setuid({user})"
    return run_as_nobody(workspace, *arguments, become=become)


@pytest.mark.slow
@as_root
def test_members_of_a_group_share_everything(shared: Path) -> None:
    """Bookings, profiles, accounts: any member can change them after another; other users have no rights."""
    for hour, user in enumerate((NOBODY, 4001, 4002, NOBODY)):
        slot = ("book", "-p", "demo", "--slot", f"2026-11-24T{10 + hour}:00Z", *BOOK[3:])
        for command in (
            slot,
            ("profile", "update", "demo", "--set", f"context=round {hour}"),
            ("account", "add", f"z{hour}", "--email", "z@x.org", "--calendar", f"new/z{hour}", "--create"),
            (
                "account",
                "add",
                f"y{hour}",
                "--email",
                "y@x.org",
                "--calendar",
                f"new/y{hour}.ics",
                "--create",
            ),
            ("profile", "create", f"p{hour}", "--duration", "30", "--hours", "mon 09:00-17:00"),
        ):
            ended = as_member(shared, user, *command)
            assert ended.code == 0, (user, command, ended.err)
    assert as_member(shared, 4001, "init", str(shared / "second"), "--demo").code == 0
    made = [path for path in shared.rglob("*") if path.stat().st_uid != 0]
    assert made
    for path in made:
        status = path.stat()
        expected = 0o2770 if path.is_dir() else 0o660
        assert (stat.S_IMODE(status.st_mode), status.st_gid) == (expected, GROUP), path


@as_root
def test_what_root_makes_is_its_owners(public: Path) -> None:
    """The owner of a calendar can book after root has booked in it."""
    for path in (public, *public.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    assert run(public, *BOOK).code == 0
    assert run_as_nobody(public, *LATER).code == 0
    assert {path.stat().st_uid for path in public.rglob("*")} == {NOBODY}


@as_root
def test_nothing_is_for_all_in_a_sticky_folder(public: Path) -> None:
    """For example in /tmp: a new file belongs to the user who makes it."""
    folder = public / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    command = ("account", "add", "z", "--email", "z@x.org", "--calendar", "tmp/new/z.ics", "--create")
    assert run(public, *command).code == 0
    assert not any(path.stat().st_mode & 0o022 for path in folder.rglob("*"))


# --- accounts, all or nothing


ADD = ("account", "add", "dave", "--email", "dave@example.com", "--calendar", "new/dave.ics", "--create")
_ACCIDENT = """
import itertools, os, signal, sys
at, numbers = int(sys.argv[1]), itertools.count()
def wrapped(real):
    def call(*args, **options):
        if next(numbers) == at:
            if sys.argv[2] == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(5, "Input/output error")
        return real(*args, **options)
    return call
for name in ("write", "fsync", "link", "rename", "replace", "unlink", "mkdir"):
    setattr(os, name, wrapped(getattr(os, name)))
import gbook.cli
code = gbook.cli.run(sys.argv[3:])
sys.exit(code if next(numbers) > at else 99)
"""


@pytest.mark.crash
@pytest.mark.parametrize("accident", ["kill", "fail"])
def test_an_account_that_is_added_halfway(place: Path, accident: str) -> None:
    """If gbook.yaml names it, its calendar is complete; running the same command again does the rest."""
    before = (place / "gbook.yaml").read_bytes()
    for at in range(100):
        (place / "gbook.yaml").write_bytes(before)
        for path in (place / "new").glob("*.ics"):
            path.unlink()
        arguments = [sys.executable, "-c", _ACCIDENT, str(at), accident, "--workspace", str(place), *ADD]
        code = subprocess.run(arguments, capture_output=True, check=False).returncode
        assert code in (0, 1, 99, -signal.SIGKILL)
        if b"dave" in (place / "gbook.yaml").read_bytes():
            assert (place / "new/dave.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
        elif code == 1:
            assert not (place / "new/dave.ics").exists()
        again = run(place, *ADD)
        assert again.code == 0, again.err
        assert (place / "new/dave.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
        hidden = [path.name for path in place.rglob(".*") if not path.name.endswith("lock")]
        assert hidden == [], at
        if code == 99:
            assert at >= 8
            return


@pytest.mark.parametrize("name", ["profiles/demo.yaml", "gbook.yaml"])
def test_old_temporary_files_go(place: Path, name: str) -> None:
    """The temporary files that a killed process has left for the changed file are deleted, and no others."""
    path = place / name
    left = path.with_name(f".{path.name}.0123456789abcdef.gbook-tmp")
    other = path.with_name(f".{path.name}.swp")
    for each in (left, other):
        each.write_text("half of")
    for command in (
        ("profile", "update", "demo", "--duration", "60"),
        ("account", "update", "bob", "--name", "B"),
    ):
        assert run(place, *command).code == 0
    assert (left.exists(), other.exists()) == (False, True)
