"""Transactions: the bytes that stay, the locks, and the checks of a journal."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.crash import FILE, OURS, Scene, booked, event

from gbook.calendars.commit.locks import token
from gbook.calendars.commit.paths import companion_path
from gbook.calendars.commit.recovery import leftovers, recover
from gbook.calendars.commit.transaction import (
    Changed,
    FileChange,
    commit,
    lock_calendars,
    read,
)
from gbook.calendars.ics.edit import Put, Remove
from gbook.errors import GbookError, InvalidFile, Locked
from gbook.filesystem.flock import patience

PUT = Put(OURS, event(OURS))
NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.built(tmp_path / "scene")


def put(calendar: Path, uid: str = OURS) -> None:
    with lock_calendars([calendar]):
        commit([FileChange(calendar, calendar, (Put(uid, event(uid)),), read(calendar))])


def in_a_process(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_all_calendars_change_and_change_back(scene: Scene) -> None:
    """Removing the event leaves every byte as it was, and of our files only the locks."""
    before = scene.files()
    scene.book()
    assert scene.files() == booked(before)
    scene.change(Remove(OURS))
    assert scene.files() == before


def test_a_change_of_nothing_writes_nothing(scene: Scene) -> None:
    """Not even the time of the file changes."""
    scene.book()
    times = {path: path.stat().st_mtime_ns for path in scene.root.rglob("*.ics")}
    scene.book()
    assert {path: path.stat().st_mtime_ns for path in scene.root.rglob("*.ics")} == times


def test_symlinks_and_modes_stay(scene: Scene) -> None:
    """A symlinked calendar is written at its real path, and its lock is there; that of a vdir is inside."""
    real = scene.root / "elsewhere"
    real.mkdir()
    scene.alice.rename(real / "a.ics")
    scene.alice.symlink_to(real / "a.ics")
    scene.carol.rename(real / "c")
    scene.carol.symlink_to(real / "c")
    (real / "a.ics").chmod(0o640)
    scene.bob.chmod(0o600)
    scene.book()
    assert scene.alice.is_symlink()
    assert OURS.encode() in (real / "a.ics").read_bytes()
    assert (real / "c" / f"{OURS}.ics").is_file()
    assert stat.S_IMODE((real / "a.ics").stat().st_mode) == 0o640
    assert stat.S_IMODE(scene.bob.stat().st_mode) == 0o600
    locks = sorted(str(path.relative_to(real)) for path in real.rglob(".*"))
    assert locks == [".a.ics.gbook-lock", "c/.gbook-lock"]


@as_root
def test_the_owner_stays(scene: Scene) -> None:
    """If this user may change the owner of files."""
    os.chown(scene.alice, NOBODY, NOBODY)
    scene.alice.chmod(0o640)
    put(scene.alice)
    after = scene.alice.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (NOBODY, NOBODY, 0o640)


def test_two_accounts_may_share_a_file(scene: Scene) -> None:
    """Also under two names: the event is written once."""
    other = scene.root / "team.ics"
    other.symlink_to(scene.alice)
    with lock_calendars([scene.alice, other]):
        commit([FileChange(path, path, (PUT,), read(path)) for path in (scene.alice, other)])
    assert scene.alice.read_bytes().count(OURS.encode()) == 1


def test_a_file_that_changed_since_it_was_read_is_not_written(scene: Scene) -> None:
    """Nothing was written then; a program that keeps changing the file leads to exit 6."""
    changes = scene.changes(PUT, OURS)
    theirs = FILE.replace(b"not ours", b"changed")
    scene.bob.write_bytes(theirs)
    before = scene.files()
    with lock_calendars(scene.calendars), pytest.raises(Changed) as caught:
        commit(changes)
    assert caught.value.exit_code == 6
    assert scene.files() == before


def test_a_new_item_of_a_vdir_never_replaces_a_file(scene: Scene) -> None:
    """Another program has just put it there."""
    item = scene.carol / f"{OURS}.ics"
    with lock_calendars([scene.carol]):
        changes = [FileChange(scene.carol, item, (PUT,), None)]
        item.write_bytes(FILE)
        with pytest.raises(Changed):
            commit(changes)
    assert item.read_bytes() == FILE


@contextmanager
def locked_elsewhere(path: Path) -> Iterator[None]:
    code = (
        "import sys; from gbook.filesystem.flock import take\n"
        "take(sys.argv[1], [], 0); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout and holder.stdout.readline()
        yield
        assert holder.stdin
        holder.stdin.close()


def test_a_lock_that_is_held_too_long_is_exit_6(scene: Scene) -> None:
    """The message names the calendar; nothing has changed."""
    before = scene.files()
    with locked_elsewhere(scene.root / ".bob.ics.gbook-lock"):
        started = time.monotonic()
        reported = pytest.raises(Locked, match=r"bob\.ics.*lock")
        with reported as caught, patience(0.3), lock_calendars(scene.calendars):
            pass
        assert time.monotonic() - started < 5
    assert caught.value.exit_code == 6
    assert "\n" not in caught.value.message
    assert scene.files() == before
    scene.book()


def test_bookers_of_the_same_calendars_wait_for_each_other(scene: Scene) -> None:
    """Sixteen processes, sixteen events, two calendars named in any order: nothing is lost."""
    code = (
        "import sys; from pathlib import Path\n"
        "from support.crash import Put, event\n"
        "from gbook.calendars.commit.transaction import FileChange, commit, lock_calendars, read\n"
        "from gbook.filesystem.flock import patience\n"
        "uid, *paths = sys.argv[1:]; paths = [Path(path) for path in paths]\n"
        "with patience(60), lock_calendars(paths):\n"
        "    commit([FileChange(path, path, (Put(uid, event(uid)),), read(path)) for path in paths])\n"
    )
    pairs = [(scene.alice, scene.bob), (scene.bob, scene.alice)]
    running = [in_a_process(code, f"uid-{number}@x", *pairs[number % 2]) for number in range(16)]
    for process in running:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    for path in (scene.alice, scene.bob):
        content = path.read_bytes()
        assert all(content.count(f"UID:uid-{number}@x".encode()) == 1 for number in range(16))
        assert content.count(b"END:VEVENT") == 17
        for number in range(16):
            with lock_calendars([path]):
                commit([FileChange(path, path, (Remove(f"uid-{number}@x"),), read(path))])
    assert scene.alice.read_bytes() == FILE
    assert scene.bob.read_bytes() == FILE.replace(b"\r\n", b"\n")


BOOK = """
import errno, os, resource, signal, stat, sys
from pathlib import Path
import gbook.filesystem.flock
from support.crash import Scene, recover
from gbook.errors import GbookError
scene = Scene(Path(sys.argv[1]))
{before}
try:
    {act}
except GbookError as error:
    print(error.exit_code, error.message)
"""
BECOME_NOBODY = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})"


def told(scene: Scene, before: str, act: str = "scene.book()") -> str:
    """Return the output of a process that runs `before` and then books: nothing, or exit code and message."""
    process = in_a_process(BOOK.format(before=before, act=act), scene.root)
    out, err = process.communicate(timeout=60)
    assert err == ""
    return out


@pytest.fixture
def public() -> Iterator[Scene]:
    """A scene that all users can read."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Scene.built(Path(folder) / "scene")


def test_a_full_disk_is_one_line_and_nothing_else(scene: Scene) -> None:
    """A limit on the size of files simulates the full disk."""
    before = scene.files()
    full = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99))"
    )
    said = told(scene, full)
    assert re.fullmatch(r"1 /.*/alice\.ics: File too large\n", said)
    assert scene.files() == before


@pytest.mark.parametrize("copies", [2, 40])
def test_a_commit_waits_for_each_folder_once_a_phase(
    copies: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N calendars in one folder need an fsync for each file and journal, and four for the folder."""
    calendars = [tmp_path / f"{number}.ics" for number in range(copies)]
    for calendar in calendars:
        calendar.write_bytes(FILE)
    with lock_calendars(calendars):
        changes = [FileChange(calendar, calendar, (PUT,), FILE) for calendar in calendars]
        counted = Mock(wraps=os.fsync)
        monkeypatch.setattr(os, "fsync", counted)
        commit(changes)
    assert counted.call_count == 2 * copies + 4
    assert all(OURS.encode() in calendar.read_bytes() for calendar in calendars)


def test_a_file_system_without_links_will_do(scene: Scene) -> None:
    """It need not support syncing a folder, or changing an owner, either."""
    poor = (
        "def refuse(code):\n"
        "    def call(*args, **options): raise OSError(code, os.strerror(code))\n"
        "    return call\n"
        "os.link, os.fchown, os.setxattr = refuse(errno.EPERM), refuse(errno.EPERM), refuse(errno.ENOTSUP)\n"
        "real = os.fsync\n"
        "def sync(file): (refuse(errno.EINVAL) if stat.S_ISDIR(os.fstat(file).st_mode) else real)(file)\n"
        "os.fsync = sync"
    )
    new = booked(scene.shown())
    assert told(scene, poor) == ""
    assert scene.files() == new


@as_root
def test_a_folder_that_may_not_be_written_is_one_line_and_nothing_else(public: Scene) -> None:
    """Even the lock file cannot be made there; one that exists is named if its own rights are wrong."""
    before = public.files()
    assert told(public, BECOME_NOBODY) == f"1 cannot write to {public.root.resolve()}: Permission denied\n"
    public.root.chmod(0o777)
    public.carol.chmod(0o777)
    (public.root / ".bob.ics.gbook-lock").touch(mode=0o600)
    assert re.fullmatch(r"1 /.*/\.bob\.ics\.gbook-lock: Permission denied\n", told(public, BECOME_NOBODY))
    public.carol.chmod(0o755)
    (public.root / ".bob.ics.gbook-lock").unlink()
    assert told(public, BECOME_NOBODY) == f"1 cannot write to {public.carol.resolve()}: Permission denied\n"
    assert public.files() == before


@as_root
def test_all_users_who_may_write_a_calendar_may_use_its_lock(public: Scene) -> None:
    """Locks that root has made admit the group, and no other users."""
    for path in (public.root, public.carol, public.alice, public.bob):
        os.chown(path, 0, NOBODY)
        path.chmod(0o775 if path.is_dir() else 0o664)
    public.book("roots@gbook")
    assert told(public, BECOME_NOBODY) == ""
    assert {stat.S_IMODE(path.stat().st_mode) for path in public.root.rglob(".*-lock")} == {0o660}
    assert OURS.encode() in public.alice.read_bytes()


@as_root
@pytest.mark.parametrize(("mode", "widest"), [(0o600, 0o600), (0o640, 0o600), (0o644, 0o644)])
def test_what_is_not_for_all_to_read_never_is(public: Scene, mode: int, widest: int) -> None:
    """Temporary files and journals are never more readable; if the group cannot be kept, its rights go."""
    for path in (public.root, public.carol):
        path.chmod(0o777)
    for path in (public.alice, public.bob):
        path.chmod(mode)
        os.chown(path, NOBODY, 0)
    watching = (
        f"{BECOME_NOBODY}; real = os.fsync; seen = set()\n"
        "def look(descriptor):\n"
        "    ours = [path for path in scene.root.glob('.*') if not path.name.endswith('lock')]\n"
        "    seen.update(path.stat().st_mode & 0o777 for path in ours if 'carol' not in path.name)\n"
        "    return real(descriptor)\n"
        "os.fsync = look"
    )
    modes = told(public, watching, "scene.book(); print(*sorted(seen))").split()
    assert modes
    assert all(int(each) | widest == widest for each in modes)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (public.alice, public.bob)} == {widest}


# Killed when the first calendar is about to be changed: the commit is behind.
KILLED = "os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)"


def killed_after_commit(scene: Scene) -> None:
    told(scene, KILLED)
    assert (scene.root / ".alice.ics.gbook-journal").is_file()


def test_a_reader_finishes_what_was_left(scene: Scene) -> None:
    """It may read any of the calendars; for those that it cannot finish it reports the reason."""
    new = booked(scene.shown())
    killed_after_commit(scene)
    assert len(leftovers([scene.bob])) >= 2
    with locked_elsewhere(scene.root / ".bob.ics.gbook-lock"), patience(0.2):
        failed = recover([scene.alice, scene.bob])
    assert [type(failed[path]) for path in (scene.alice, scene.bob)] == [Locked, Locked]
    assert recover([scene.carol]) == {}
    assert scene.files() == new
    assert leftovers(scene.calendars) == []


def test_what_others_did_before_the_recovery_stays(scene: Scene) -> None:
    """The event is inserted into the present content of the calendar."""
    killed_after_commit(scene)
    theirs = FILE.replace(b"not ours", b"changed since")
    scene.alice.write_bytes(theirs)
    scene.bob.unlink()
    scene.bob.write_bytes(theirs)
    assert recover(scene.calendars) == {}
    assert scene.alice.read_bytes() == scene.bob.read_bytes()
    assert scene.alice.read_bytes() == booked({"alice.ics": theirs}, alone=True)["alice.ics"]


def test_a_workspace_that_was_moved_is_finished_where_it_is(scene: Scene) -> None:
    """Journals name calendars relative to themselves."""
    new = booked(scene.shown())
    killed_after_commit(scene)
    there = Scene(scene.root.rename(scene.root.with_name("moved")))
    assert recover(there.calendars) == {}
    assert there.files() == new


def test_a_missing_calendar_keeps_a_booking_unfinished(scene: Scene) -> None:
    """A booking never counts as finished because the disk of its other half is missing."""
    new = booked(scene.shown())
    killed_after_commit(scene)
    away = scene.root.with_name("away")
    scene.alice.rename(away)
    failed = recover([scene.bob])
    assert "alice.ics, which does not exist" in failed[scene.bob].message
    away.rename(scene.alice)
    assert recover([scene.bob]) == {}
    assert scene.files() == new


@as_root
@pytest.mark.crash
def test_a_user_who_may_not_finish_a_booking_does_not_read_half_of_it(public: Scene) -> None:
    """After another user has finished it, the calendar can be read again."""
    killed_after_commit(public)
    said = told(public, BECOME_NOBODY, "scene.recover()")
    assert re.fullmatch(
        r"1 /.*/alice\.ics: an unfinished booking is in this calendar, and you may not .* denied\n", said
    )
    public.recover()
    assert told(public, BECOME_NOBODY, "scene.recover()") == ""


@as_root
def test_a_calendar_that_cannot_be_looked_at_is_not_readable(public: Scene) -> None:
    """It may have an unfinished booking; the other calendars can be checked."""
    public.root.chmod(0o700)
    act = "print(*recover(scene.calendars).values())"
    assert told(public, BECOME_NOBODY, act).count("Permission denied") == 3
    below = public.alice / "x.ics"
    assert [error.message for error in recover([below, public.bob]).values()] == [f"{below}: Not a directory"]


def journal_of(calendar: Path) -> Path:
    return Path(companion_path(str(calendar), "journal"))


def forge(calendar: Path, **members: object) -> Path:
    """Write a forged journal beside a calendar."""
    put = {"type": "put", "uid": OURS, "component": base64.b64encode(event(OURS)).decode()}
    whole = {
        "version": 2,
        "id": "0123456789abcdef",
        "calendars": [{"path": calendar.name, "token": ""}],
        "own": 0,
        "entries": [{"item": None, "edits": [put], "undo": []}],
    }
    journal_of(calendar).write_text(json.dumps(whole | members))
    return journal_of(calendar)


HOSTILE = {
    "garbage": "\0garbage",
    "half of one": '{"version": 1, "id": "01234567',
    "of another version": '{"version": 2}',
    "deeply nested": "[" * 200_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_damaged_journal_makes_its_calendar_unreadable(scene: Scene, content: str) -> None:
    """No other calendar is affected; the message says what to do."""
    before = scene.shown()
    journal_of(scene.alice).write_text(content)
    failed = recover(scene.calendars)
    assert failed.keys() == {scene.alice}
    assert "\n" not in failed[scene.alice].message
    assert "then delete" in failed[scene.alice].message
    with pytest.raises(GbookError), lock_calendars([scene.alice]):
        pass
    assert scene.shown() == before


@pytest.mark.parametrize("item", ["../alice.ics", "/etc/x.ics", ".hidden.ics", "x/y.ics", "x.txt", "..", ""])
def test_a_journal_changes_only_items_of_its_own_calendar(scene: Scene, item: str) -> None:
    """Any other name is refused."""
    before = scene.shown()
    forge(scene.carol, entries=[{"item": item, "edits": [], "undo": []}])
    assert "outside the calendar" in recover([scene.carol])[scene.carol].message
    assert scene.shown() == before


def test_a_journal_cannot_reach_other_calendars(scene: Scene) -> None:
    """The calendars that it names change only if they have a journal of that transaction themselves."""
    outside = scene.root.parent / "outside"
    outside.mkdir()
    (outside / "victim.ics").write_bytes(FILE)
    put(outside / "victim.ics", "theirs")
    before = (outside / "victim.ics").read_bytes()
    known = token(str(outside / "victim.ics"))
    for given, reason in (("", "another calendar here"), (known, "is missing")):
        named = [{"path": "alice.ics", "token": ""}, {"path": "../outside/victim.ics", "token": given}]
        forge(scene.alice, calendars=named)
        assert reason in recover([scene.alice])[scene.alice].message
    forge(scene.alice, calendars=named, own=2)
    assert "other calendars" in recover([scene.alice])[scene.alice].message
    assert sorted(path.name for path in outside.iterdir()) == [".victim.ics.gbook-lock", "victim.ics"]
    assert (outside / "victim.ics").read_bytes() == before
    assert scene.alice.read_bytes() == FILE


def test_a_journal_cannot_break_a_calendar(scene: Scene) -> None:
    """The content that it inserts must be one event."""
    broken = {"type": "put", "uid": OURS, "component": base64.b64encode(b"END:VCALENDAR\r\n").decode()}
    forge(scene.alice, entries=[{"item": None, "edits": [broken], "undo": []}])
    assert recover([scene.alice]).keys() == {scene.alice}
    assert scene.alice.read_bytes() == FILE


def test_a_symlink_in_place_of_a_file_of_ours_is_not_followed(scene: Scene) -> None:
    """A lock, a journal, or an item of a vdir that is a link to another file."""
    secret = scene.root.parent / "secret"
    secret.write_bytes(FILE)
    (scene.root / ".alice.ics.gbook-lock").symlink_to(secret)
    (scene.carol / "x.ics").symlink_to(secret)
    with pytest.raises(GbookError), lock_calendars([scene.alice]):
        pass
    with lock_calendars([scene.carol]), pytest.raises(GbookError):
        commit([FileChange(scene.carol, scene.carol / "x.ics", (PUT,), FILE)])
    assert secret.read_bytes() == FILE


@pytest.mark.parametrize("content", [b"", b"garbage", FILE[:-5]])
def test_what_is_no_whole_calendar_stays_as_it_is(scene: Scene, content: bytes) -> None:
    """The other calendars of the booking do not change either."""
    scene.bob.write_bytes(content)
    before = scene.files()
    with pytest.raises(InvalidFile, match=r"bob\.ics: line 1") as caught:
        scene.book()
    assert caught.value.exit_code == 5
    assert scene.files() == before


def test_a_calendar_that_is_no_file_is_one_line(scene: Scene) -> None:
    """A folder, a pipe, a file beyond the limit."""
    scene.alice.unlink()
    scene.alice.mkdir()
    os.mkfifo(scene.root / "pipe.ics")
    with (scene.root / "huge.ics").open("wb") as huge:
        huge.truncate((64 << 20) + 1)
    for name, reason in (("alice", "expected a file"), ("pipe", "expected a file"), ("huge", "64 MiB")):
        with pytest.raises(GbookError, match=reason) as caught:
            read(scene.root / f"{name}.ics")
        assert "\n" not in caught.value.message
    assert read(scene.root / "none.ics") is None


@pytest.mark.parametrize("name", ["../alice.ics", "deeper/x.ics", ".hidden.ics", "x.txt"])
def test_an_item_is_inside_its_vdir(scene: Scene, name: str) -> None:
    """A UID with a slash, for example, does not lead to another folder."""
    before = scene.files()
    with lock_calendars([scene.carol]), pytest.raises(GbookError, match="not a valid name for an item"):
        commit([FileChange(scene.carol, scene.carol / name, (PUT,), None)])
    assert scene.files() == before


def test_two_files_are_never_made_of_nothing(scene: Scene) -> None:
    """A missing calendar is an error, not an empty calendar."""
    scene.bob.unlink()
    before = scene.files()
    with pytest.raises(GbookError, match="no such calendar"):
        scene.book()
    assert scene.files() == before
