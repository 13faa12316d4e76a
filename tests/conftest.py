"""Every test runs at a fixed time, in UTC, with a home folder of its own; `gbook` runs a command line."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

import pytest
from support.caldav_servers import calendar_server, radicale, xandikos
from support.environment import clean_environment, is_foreign
from support.examples import register_profiles
from support.fake_caldav import fake
from support.http_service import http_service
from support.running import Gbook
from support.team import mailbox, team

from gbook.calendars.stores import base

# Fixtures.
__all__ = ["calendar_server", "fake", "http_service", "mailbox", "radicale", "team", "xandikos"]

register_profiles()

_NUMBERS = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def heed_interrupts() -> None:
    """Let Ctrl-C interrupt: a shell that starts the tests in the background lets them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all home folders."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def home_folder(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clean environment of a test; gives its home folder, which is empty."""
    folder = homes / str(next(_NUMBERS))
    folder.mkdir()
    for name in filter(is_foreign, list(os.environ)):
        monkeypatch.delenv(name)
    for name, value in clean_environment(folder).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, a broken file that was just written is read again for a moment only."""
    monkeypatch.setattr(base, "RETRY_SECONDS", 0.1)


@pytest.fixture(autouse=True)
def no_power_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, nothing waits for the disk: no test could see it; programs that tests start do."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def gbook() -> Gbook:
    """Runs a command line in this process."""
    return Gbook()
