"""Every command runs at a fixed time, with a cache of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook


@pytest.fixture(autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:00:00Z")
    monkeypatch.setenv("GBOOK_INDEX", str(home / "index.sqlite"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("TZ", "UTC")
    for name in ("GBOOK_PROFILE", "GBOOK_WORKSPACE", "GBOOK_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def gbook(capsys: pytest.CaptureFixture[str]) -> Gbook:
    """Runs a command line in this process."""
    return Gbook(capsys)
