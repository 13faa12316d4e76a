"""A change of a YAML file keeps comments and layout, and is all or nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gbook.errors import InvalidFile, Locked
from gbook.filesystem.flock import patience
from gbook.profiles.model import Profile
from gbook.yamlfiles import editor as edits
from gbook.yamlfiles.editor import edit, merge_patch
from gbook.yamlfiles.reader import load

WRITTEN = """\
# Meetings with sales
durationMinutes: 30   # half an hour

subject: "Hi {{name}}"   # greeting
workHours:
  timezone: 'Europe/Berlin'
  daySchedules:
    # the early days
    - dayOfWeek: monday
      workingIntervals: [{start: 09:00, end: 17:00}]
description: >
  folded text
  that goes on
accounts: [bob, 7]
# the end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sales.yaml"
    path.write_text(WRITTEN)
    return path


def patch(path: Path, **values: Any) -> None:
    edit(path, Profile, lambda target: merge_patch(target, values))


def test_only_what_was_changed_changes(path: Path) -> None:
    """Comments, order, quotes, flow and block style and blank lines stay."""
    patch(path, durationMinutes=45)
    assert path.read_text() == WRITTEN.replace("durationMinutes: 30", "durationMinutes: 45")


def test_an_added_key_goes_to_the_end_and_means_what_was_given(path: Path) -> None:
    """Text with another meaning in YAML 1.1 is written in quotes."""
    patch(path, location="no", context="one\ntwo\n", availabilityStep=15)
    assert path.read_text().startswith(WRITTEN.removesuffix("# the end\n"))
    assert 'location: "no"' in path.read_text()
    loaded = load(path, Profile)
    assert (loaded.location, loaded.context, loaded.availability_step) == ("no", "one\ntwo\n", 15)


@pytest.mark.parametrize(
    "text",
    [
        *("17:00", "yes", "2026-11-24", "- a", "a: b", "#x", "'\"", "null", "12", " x ", "é😀", "a\tb\nc "),
        *("\x1f", "\0 x", "a\x85b", "\u2028", "\ufeffx\n", "\n"),
    ],
)
@pytest.mark.parametrize("before", ["one line", "two\nlines\n"])
def test_any_text_survives(path: Path, before: str, text: str) -> None:
    """A written value is read back, whatever the style of the value was that it replaces."""
    patch(path, context=before)
    patch(path, context=text)
    assert load(path, Profile).context == text


def test_null_removes_a_key(path: Path) -> None:
    """RFC 7386, inside mappings too; a missing key is not an error."""
    patch(path, subject=None, workHours={"timezone": None}, context=None)
    loaded = load(path, Profile)
    assert (loaded.subject, loaded.work_hours.timezone) == ("Meeting", None)
    assert "# the early days" in path.read_text()


@pytest.mark.parametrize("values", [{}, {"durationMinutes": 30}, {"accounts": ["bob", 7]}, {"context": None}])
def test_a_change_that_changes_nothing_leaves_the_file_alone(path: Path, values: dict[str, Any]) -> None:
    """Its modification time stays the same."""
    before = path.stat()
    patch(path, **values)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_an_invalid_result_is_not_written(path: Path) -> None:
    """The message lists all problems; the file is unchanged."""
    with pytest.raises(InvalidFile) as caught:
        patch(path, durationMinutes=0, availabilityStep="x")
    assert [problem.key for problem in caught.value.problems] == ["durationMinutes", "availabilityStep"]
    assert path.read_text() == WRITTEN


def test_mode_and_symlink_stay(path: Path) -> None:
    """The target of a link is changed, not the link."""
    path.chmod(0o640)
    link = path.with_name("link.yaml")
    link.symlink_to(path.name)
    patch(link, durationMinutes=45)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "durationMinutes: 45" in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "workHours:\n    daySchedules:\n    - dayOfWeek: monday\n",
        "groups:\n-   extId: a\n    accountIds:\n    -   x\n    -   y\n",
        "accounts:\n  - x\n  - y\n",
    ],
)
def test_a_file_keeps_its_own_indentation(tmp_path: Path, text: str) -> None:
    """Of mappings and of lists."""
    path = tmp_path / "a.yaml"
    path.write_text(text)
    patch(path, durationMinutes=45)
    assert path.read_text() == text + "durationMinutes: 45\n"


def test_windows_line_endings_stay(tmp_path: Path) -> None:
    """No line of the file changes its ending."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"# x\r\nsubject: a\r\n")
    patch(path, durationMinutes=45)
    assert path.read_bytes() == b"# x\r\nsubject: a\r\ndurationMinutes: 45\r\n"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, say."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        patch(path, durationMinutes=45)
    assert path.read_text() == WRITTEN
    assert [item.name for item in path.parent.iterdir() if not item.name.endswith("-lock")] == [path.name]


def test_two_processes_do_not_lose_each_others_change(path: Path) -> None:
    """Each one reads the version that the other wrote."""
    code = (
        "import sys; from pathlib import Path\n"
        "from gbook.yamlfiles.editor import edit; from gbook.profiles.model import Profile\n"
        "for i in range(5):\n"
        "    edit(Path(sys.argv[1]), Profile, lambda t: t['accounts'].append(f'{sys.argv[2]}{i}'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]
    assert [process.wait() for process in running] == [0, 0]
    assert sorted(load(path, Profile).accounts) == sorted(
        ["7", "bob", *(f"{n}{i}" for n in "ab" for i in range(5))]
    )


def test_a_lock_that_is_held_for_long_is_an_error(path: Path) -> None:
    """The wait ends, and the file is unchanged."""
    with edits.locked(path), patience(0.05), pytest.raises(Locked, match="another program"):
        patch(path, durationMinutes=45)
    assert path.read_text() == WRITTEN
