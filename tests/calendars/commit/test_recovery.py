"""Crash recovery: the order of its steps, and transactions that can never be finished."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from calendars.commit.test_transaction import journal_of, killed_after_commit, told
from support.crash import FILE, NEXT, OURS, Scene, booked, event, persist
from support.power_loss import Disk, record, restore

from gbook.calendars.commit import recovery, transaction
from gbook.calendars.commit.locks import hold, token
from gbook.calendars.commit.recovery import leftovers, recover
from gbook.calendars.commit.transaction import FileChange, commit, lock_calendars, read
from gbook.calendars.ics.edit import Put, Remove
from gbook.errors import GbookError


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.built(tmp_path / "scene")


def test_a_process_killed_between_the_look_and_the_lock(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is finished before a calendar is read under the locks."""
    new = booked(scene.shown())
    looks: list[str] = []

    def look(path: str, deadline: float) -> None:
        recovery.finish(path, deadline)
        looks.append(path)
        if len(looks) == len(scene.calendars):
            killed_after_commit(scene)

    monkeypatch.setattr(transaction, "finish", look)
    with lock_calendars(scene.calendars):
        assert leftovers(scene.calendars) == []
        assert scene.shown() == new


def test_an_undoing_that_is_killed_leaves_no_commit(scene: Scene) -> None:
    """The journal that is the commit point is deleted first: without it the others have no effect."""
    before = scene.shown()
    failing = (
        "gone, unlink, fsync = [], os.unlink, os.fsync\n"
        "def remove(path):\n"
        "    gone.extend([path] if path.endswith('journal') else [])\n"
        "    if len(gone) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    unlink(path)\n"
        "def sync(file):\n"
        "    if (scene.root / '.alice.ics.gbook-journal').exists(): raise OSError(errno.EIO, 'no disk')\n"
        "    fsync(file)\n"
        "os.unlink, os.fsync = remove, sync"
    )
    assert told(scene, failing) == ""
    assert len(leftovers(scene.calendars)) >= 2
    assert recover(scene.calendars) == {}
    assert scene.shown() == before


def test_a_commit_while_recovery_waits_for_the_locks(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journals are read again under the locks: now the transaction is committed."""
    new = booked(scene.shown())
    killed_after_commit(scene)
    first = journal_of(scene.alice)
    away = first.rename(scene.root / "away")

    @contextmanager
    def late(calendars: Any, deadline: float) -> Iterator[None]:
        if away.exists():
            away.rename(first)
        with hold(calendars, deadline):
            yield

    monkeypatch.setattr(recovery, "hold", late)
    assert recover([scene.bob]) == {}
    assert recover(scene.calendars) == {}
    assert scene.files() == new


def test_the_journal_of_another_transaction_commits_nothing(scene: Scene) -> None:
    """A stale journal, which a power failure may bring back, is not part of the new transaction."""
    killed_after_commit(scene)
    stale = journal_of(scene.bob).read_bytes()
    assert recover(scene.calendars) == {}
    scene.change(Remove(OURS))
    others = "persist([scene.alice, scene.carol], lambda: scene.changes(Put(NEXT, event(NEXT)), NEXT)[::2])"
    killed = "os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)"
    told(scene, f"from support.crash import *\n{killed}", others)
    journal_of(scene.bob).write_bytes(stale)
    assert recover([scene.bob]) == {}
    assert scene.bob.read_bytes() == FILE.replace(b"\r\n", b"\n")
    assert recover(scene.calendars) == {}
    assert NEXT.encode() in scene.alice.read_bytes()
    assert OURS.encode() not in scene.alice.read_bytes()


def test_a_temporary_file_of_a_killed_recovery_is_not_trusted(scene: Scene, tmp_path: Path) -> None:
    """It can be read, but it is synced before it is used: a power failure loses nothing."""
    killed_after_commit(scene)
    left = scene.files() | {
        str(path.relative_to(scene.root)): path.read_bytes() for path in scene.root.rglob(".*-lock")
    }
    assert any(name.startswith(".alice.ics.") and name.endswith("-tmp") for name in left)
    restore(scene, left)
    _, steps = record(scene, scene.recover, tmp_path / "log")
    for count in range(len(steps) + 1):
        disk = Disk(left)
        for step in steps[:count]:
            disk.take(step)
        assert disk.left(lambda: True, "lost")["alice.ics"], f"empty after {count} calls"


@pytest.mark.parametrize("shared", ["alice.ics", "bob.ics"])
@pytest.mark.parametrize("used", [False, True])
def test_a_mounted_folder_and_another_calendar_of_the_name(scene: Scene, shared: str, used: bool) -> None:
    """Through another mount the paths lead to other calendars: those prove nothing about the transaction."""
    new = booked(scene.shown())
    killed_after_commit(scene)
    there = Scene.built(scene.root.with_name("there"))
    if used:
        there.book(NEXT)
    for name in (shared, f".{shared}.gbook-lock", f".{shared}.gbook-journal"):
        shutil.copy(scene.root / name, there.root / name)
    before = there.files()
    failed = recover(there.calendars)
    assert failed.keys() == {there.root / shared}
    assert "another calendar here" in failed[there.root / shared].message
    assert "\n" not in failed[there.root / shared].message
    assert there.files() == before
    assert recover(scene.calendars) == {}
    assert scene.files() == new


def test_a_committed_transaction_needs_all_its_journals(scene: Scene) -> None:
    """A missing one is an error, not a reason to skip that calendar."""
    killed_after_commit(scene)
    gone = journal_of(scene.carol).rename(scene.root / "gone")
    failed = recover(scene.calendars)
    assert "is missing" in failed[scene.alice].message
    gone.rename(journal_of(scene.carol))
    assert recover(scene.calendars) == {}
    assert OURS.encode() in scene.bob.read_bytes()


def test_a_vdir_is_recognised_under_another_name(scene: Scene) -> None:
    """A folder can be mounted elsewhere: its journal is inside it, so it belongs to it."""
    items = [scene.carol / f"{uid}.ics" for uid in (OURS, NEXT)]
    change = "FileChange(scene.carol, scene.carol / f'{uid}.ics', (Put(uid, event(uid)),), None)"
    killed = "os.link = lambda *p: real(*p) if 'journal' in p[1] else os.kill(os.getpid(), signal.SIGKILL)"
    told(
        scene,
        f"from support.crash import *\nreal = os.link\n{killed}",
        f"persist([scene.carol], lambda: [{change} for uid in (OURS, NEXT)])",
    )
    assert not any(item.exists() for item in items)
    moved = scene.carol.rename(scene.root / "elsewhere")
    assert recover([moved]) == {}
    assert all((moved / item.name).exists() for item in items)


def test_a_journal_beside_a_vdir_is_not_ignored(scene: Scene) -> None:
    """Older versions put it there: the rest of that booking may be missing."""
    beside = scene.root / ".carol.gbook-journal"
    beside.write_text("{}")
    assert "older version" in recover([scene.carol])[scene.carol].message
    assert leftovers([scene.carol]) == [beside]


def test_a_lock_has_a_token_for_ever(scene: Scene) -> None:
    """A lock file that a power failure has truncated gets a token."""
    lock = scene.root / ".alice.ics.gbook-lock"
    with lock_calendars([scene.alice]):
        first = token(str(scene.alice))
    with lock_calendars([scene.alice]):
        assert token(str(scene.alice)) == first
    lock.write_bytes(b"\0" * 32)
    with lock_calendars([scene.alice]):
        assert token(str(scene.alice)) not in (first, None)


# --- what can never be finished


def refusing(name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the system refuse to replace or make bob's calendar, or carol's item."""
    real: Callable[..., None] = getattr(os, name)

    def call(source: str, target: str, **options: Any) -> None:
        if Path(target).name in ("bob.ics", f"{OURS}.ics") and "journal" not in target:
            raise OSError(code, os.strerror(code))
        real(source, target, **options)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("code", [errno.EPERM, errno.EBUSY, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("recovering", [False, True], ids=["at once", "by recovery"])
def test_what_can_never_be_finished_is_undone(
    scene: Scene, code: int, recovering: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alice's calendar was already changed; afterwards every calendar can be read and booked again."""
    before = scene.files()
    if recovering:
        killed_after_commit(scene)
    with monkeypatch.context() as patch:
        refusing("replace", code, patch)
        if recovering:
            assert recover(scene.calendars) == {}
        else:
            with pytest.raises(GbookError, match="nothing was changed") as caught:
                scene.book()
            assert not caught.value.details.get("committed")
    assert scene.files() == before
    scene.book()
    assert scene.files() == booked(before)


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EROFS])
def test_an_undone_change_reads_as_before(scene: Scene, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replaced event gets its old lines back, a removed item of a vdir its old bytes."""
    scene.book()
    before = scene.files()
    longer = event(OURS).replace(b"SUMMARY:Demo", b"SUMMARY:Longer")
    calendars: AbstractContextManager[None] = lock_calendars(scene.calendars)
    item = scene.carol / f"{OURS}.ics"
    changes = [
        FileChange(scene.carol, item, (Remove(OURS),), read(item)),
        FileChange(scene.alice, scene.alice, (Put(OURS, longer),), read(scene.alice)),
        FileChange(scene.bob, scene.bob, (Put(OURS, longer),), read(scene.bob)),
    ]
    real = os.unlink

    def stuck(path: str) -> None:
        if path == str(item):
            raise OSError(code, os.strerror(code))
        real(path)

    monkeypatch.setattr(os, "unlink", stuck)
    with calendars, pytest.raises(GbookError, match="nothing was changed"):
        commit(changes)
    assert scene.files() == before


def test_a_removed_item_comes_back_with_every_byte(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also its time zone, the name of the calendar, and everything else in the item."""
    vdirs = [scene.root / name for name in ("vdir-1", "vdir-2")]
    for vdir in vdirs:
        vdir.mkdir()
        (vdir / "theirs.ics").write_bytes(FILE.replace(b"VERSION", b"X-WR-CALNAME:x\r\nVERSION"))
    before = scene.files()
    real = os.unlink

    def stuck(path: str) -> None:
        if path == str(vdirs[1] / "theirs.ics"):
            raise OSError(errno.EPERM, "no")
        real(path)

    monkeypatch.setattr(os, "unlink", stuck)
    with pytest.raises(GbookError, match="nothing was changed"):
        persist(
            vdirs,
            lambda: [
                FileChange(vdir, vdir / "theirs.ics", (Remove("theirs"),), read(vdir / "theirs.ics"))
                for vdir in vdirs
            ],
        )
    assert scene.files() == before
