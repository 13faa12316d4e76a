"""Locks between processes: exclusive; lock files are never followed, truncated or deleted."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from gbook.filesystem.flock import lock_deadline, patience, take


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / ".a.lock"


def taken(lock: Path, seconds: float = 0) -> int | None:
    return take(str(lock), [str(lock.parent)], time.monotonic() + seconds)


def test_one_at_a_time(lock: Path) -> None:
    """The second one waits until the first closes it; the file stays, with its content."""
    first = taken(lock)
    assert first is not None
    os.write(first, b"content")
    assert taken(lock, 0.05) is None
    threading.Timer(0.1, os.close, [first]).start()
    second = taken(lock, 10)
    assert second is not None
    assert lock.read_bytes() == b"content"
    os.close(second)


def test_a_thread_has_its_own_patience() -> None:
    """That of a block ends with it."""
    seen: list[float] = []

    def look() -> None:
        seen.append(lock_deadline() - time.monotonic())

    with patience(1000.0):
        look()
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    look()
    assert [round(each) for each in seen] == [1000, 10, 10]


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "pipe", "folder"])
def test_what_is_no_file_of_its_own_is_refused(lock: Path, kind: str) -> None:
    """A link or another file may have been planted there: it keeps every byte."""
    precious = lock.with_name("precious")
    precious.write_text("precious")
    match kind:
        case "symbolic link":
            lock.symlink_to(precious)
        case "hard link":
            lock.hardlink_to(precious)
        case "pipe":
            os.mkfifo(lock)
        case "folder":
            lock.mkdir()
    with pytest.raises(OSError, match=r"symbolic links|with one name|Is a directory"):
        taken(lock)
    assert precious.read_text() == "precious"


def test_a_lock_that_was_deleted_meanwhile(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes lock the new file of that name, so gbook does too."""
    real = fcntl.flock
    deleted: list[Path] = []

    def flock(descriptor: int, operation: int) -> None:
        if not deleted:
            lock.unlink()
            deleted.append(lock)
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    descriptor = taken(lock)
    assert descriptor is not None
    assert os.fstat(descriptor).st_ino == lock.stat().st_ino
    os.close(descriptor)


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_without_flock_there_is_no_lock(lock: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error at once: there is no marker file, which would outlive a killed process."""

    def flock(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        with pytest.raises(OSError, match=os.strerror(code)):
            taken(lock, 10)
    descriptor = taken(lock)
    assert descriptor is not None
    os.close(descriptor)


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o700, 0o600), (0o770, 0o660), (0o755, 0o600), (0o777, 0o666)]
)
def test_all_users_who_may_write_may_lock(lock: Path, mode: int, expected: int) -> None:
    """For any umask."""
    lock.parent.chmod(mode)
    before = os.umask(0o077)
    try:
        descriptor = taken(lock)
    finally:
        os.umask(before)
    assert descriptor is not None
    assert stat.S_IMODE(lock.stat().st_mode) == expected
    os.close(descriptor)
