"""Claims of README.md outside its sessions."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.running import Gbook
from support.samples import ROOT, copy_samples


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Jane", "-c", "user.email=jane@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_was_booked_in_the_sample_is_taken_back(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command leaves the calendars as they were, new items of a vdir included."""
    shutil.copy(ROOT / ".gitignore", copy_samples(tmp_path))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "sample")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GBOOK_NOW", "2026-11-22T12:00:00Z")
    monkeypatch.setenv("GBOOK_INDEX", "off")
    gbook.json("book", "--required", "all", "--slot", "first")
    assert "?? sample_calendars/carol/" in git(tmp_path, "status", "--porcelain")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall("`(git [^`]+)` undoes your bookings", readme)
    subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    assert git(tmp_path, "status", "--porcelain") == ""
    assert gbook.json("booking", "list", "--all")["totalSize"] == 0
