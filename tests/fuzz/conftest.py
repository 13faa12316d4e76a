"""The workspace of the fuzz tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.environment import clean_environment
from support.fuzz_runner import BOOK, gbook
from support.office import make_office

EVERYTHING = "[{path: alice.ics, blocking: transp, allDay: busy}]"


@pytest.fixture(scope="session")
def booked_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a booking and a reservation of alice and bob."""
    folder = tmp_path_factory.mktemp("fuzz")
    workspace = make_office(folder / "office")
    config = workspace / "gbook.yaml"
    config.write_text(config.read_text().replace("[alice.ics]", EVERYTHING))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in clean_environment(folder).items():
            patch.setenv(name, value)
        patch.setenv("GBOOK_INDEX", "off")
        patch.setenv("GBOOK_WORKSPACE", str(workspace))
        for more in ((), ("--reserve", "60")):
            assert gbook(*BOOK, "--slot", "first", "--required", "all", *more).code == 0
    return workspace


@pytest.fixture
def workspace(booked_office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which the commands of a test use."""
    folder = tmp_path / "office"
    shutil.copytree(booked_office, folder)
    monkeypatch.setenv("GBOOK_INDEX", "off")
    monkeypatch.setenv("GBOOK_WORKSPACE", str(folder))
    return folder
