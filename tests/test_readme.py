"""Claims of README.md outside its sessions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.http_service import running_service
from support.running import GBOOK, Gbook
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


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_lines_about_the_server_work(tmp_path: Path) -> None:
    """The line that serves the sample starts a server, and the line with curl gets times from it."""
    folder = copy_samples(tmp_path)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (option,) = re.findall(r"&& \.venv/bin/gbook serve (--open)\n", readme)
    (ask,) = re.findall(r"^curl .*$", readme, re.MULTILINE)
    with running_service(folder, option, GBOOK_NOW="2026-11-22T12:00:00Z", BROWSER="true") as service:
        line = ask.replace(".venv/bin/gbook", str(GBOOK)).replace("http://127.0.0.1:8080", service.url)
        answer = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["items"][0]["start"] == "2026-11-23T15:30:00Z"
