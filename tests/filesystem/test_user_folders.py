"""A user without a home folder: a container with a bare user id, or an empty environment."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest
from support.running import Gbook
from support.samples import copy_samples

from gbook.filesystem.user_folders import expand_home, user_folder

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("cache", "home", "folder"),
    [
        ("/c", "/h", "/c/gbook"),
        (None, "/h", "/h/.cache/gbook"),
        ("", "/h", "/h/.cache/gbook"),
        ("relative", "/h", "/h/.cache/gbook"),
        (None, "", None),
        (None, "relative", None),
    ],
)
def test_folder_of_the_cache(
    cache: str | None, home: str, folder: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in an absolute $XDG_CACHE_HOME, else in an absolute home folder, else there is none."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", home)
    if cache is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
    assert user_folder("XDG_CACHE_HOME", ".cache") == (folder and Path(folder))


def test_tilde_without_a_home_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is then a name like any other."""
    monkeypatch.setenv("HOME", "")
    assert expand_home("~/x.ics") == Path("~/x.ics")
    assert expand_home("~no such user/x.ics") == Path("~no such user/x.ics")


@pytest.mark.parametrize(
    "line",
    [
        "availability --json",
        "--workspace . why 2026-11-24T14:00",
        "check",
        "profile list",
        "book --slot first --name Jane",
        "booking list",
        "account show alice",
        "init new",
    ],
)
def test_no_home_and_no_passwd_entry(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch, gbook: Gbook
) -> None:
    """Commands work without the index and the user's configuration."""
    copy_samples(tmp_path)

    def no_entry(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "GBOOK_INDEX", "TERM", "USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    result = gbook(*line.split())
    assert result.code == 0, result.err
    assert not list(tmp_path.glob("**/index.sqlite"))
