"""Atomic writes: the old bytes or the new ones, the same rights, and no file left over."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from gbook.errors import GbookError
from gbook.filesystem.atomic import clear_temporaries, create_file, replace_file
from gbook.filesystem.companions import temporary


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o660])
def test_a_replacement_has_the_mode_of_the_old_file(file: Path, bits: int) -> None:
    """For any umask."""
    file.chmod(bits)
    replace_file(str(file), b"new")
    assert (file.read_bytes(), mode(file), names(file.parent)) == (b"new", bits, ["a.txt"])


def test_a_replacement_has_the_extended_attributes_of_the_old_file(file: Path) -> None:
    """If the file system has them."""
    try:
        os.setxattr(file, "user.origin", b"by hand")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    replace_file(str(file), b"new")
    assert os.getxattr(file, "user.origin") == b"by hand"


@pytest.mark.parametrize(("shared", "expected"), [(True, 0o660), (False, 0o640)])
def test_a_new_file_has_the_rights_of_its_folder_or_of_the_umask(
    tmp_path: Path, shared: bool, expected: int
) -> None:
    """The folder's if it is shared with other users, else those that the umask leaves."""
    tmp_path.chmod(0o770)
    mask = os.umask(0o027)
    try:
        create_file(str(tmp_path / "new"), b"new", shared=shared)
    finally:
        os.umask(mask)
    assert ((tmp_path / "new").read_bytes(), mode(tmp_path / "new")) == (b"new", expected)


@pytest.mark.parametrize("kind", ["file", "link", "broken link"])
def test_a_new_file_replaces_nothing(file: Path, kind: str) -> None:
    """Neither a file of that name nor the target of a link."""
    target = file.with_name("new")
    if kind == "file":
        target.write_bytes(b"old")
    else:
        target.symlink_to(file if kind == "link" else file.with_name("missing"))
    before = names(file.parent)
    with pytest.raises(FileExistsError):
        create_file(str(target), b"new")
    assert (names(file.parent), file.read_bytes()) == (before, b"old")


@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "replace"])
def test_a_failed_replacement_leaves_the_old_file(
    file: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no temporary file."""
    monkeypatch.setattr(os, call, _fail)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        replace_file(str(file), b"new")
    assert (file.read_bytes(), names(file.parent)) == (b"old", ["a.txt"])


def test_a_folder_that_cannot_be_synced(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replaced file is committed, and the error says so; a new file is deleted again."""
    real = os.fsync

    def fail_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            _fail()
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    with pytest.raises(GbookError, match="a power failure may undo it") as caught:
        replace_file(str(file), b"new")
    assert (caught.value.details["committed"], file.read_bytes()) == (True, b"new")
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        create_file(str(file.with_name("b.txt")), b"new")
    assert names(file.parent) == ["a.txt"]


def test_the_temporary_file_is_private_while_it_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other users cannot read it before it has the rights of the file that it replaces."""
    file.chmod(0o600)
    real, modes = os.write, []

    def write(descriptor: int, data: bytes) -> int:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    replace_file(str(file), b"new")
    assert modes == [0o600]


def test_a_planted_link_is_not_followed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the temporary file may already lead to another file: that stays as it is."""
    victim = file.with_name("victim")
    victim.write_bytes(b"precious")
    monkeypatch.setattr(os, "urandom", bytes)
    Path(temporary(str(file), bytes(8).hex())).symlink_to(victim)
    with suppress(OSError):
        replace_file(str(file), b"new")
    assert (victim.read_bytes(), file.read_bytes()) == (b"precious", b"old")


def test_old_temporary_files_of_a_file_are_deleted(file: Path) -> None:
    """Only those of that file."""
    own, other = (temporary(str(file.with_name(name)), "0123456789abcdef") for name in ("a.txt", "b.txt"))
    for path in (own, other):
        Path(path).touch()
    clear_temporaries(str(file))
    assert not Path(own).exists()
    assert Path(other).exists()


def _fail(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.EIO, os.strerror(errno.EIO))
