"""Tests in a real browser. They have the marker `browser`, and are skipped where there is no chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from support.browser import NO_CHROMIUM, Guest, find_chromium, running_browser
from support.http_service import HttpService
from support.studio import running_studio

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(find_chromium() is None, reason=NO_CHROMIUM))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running chromium. Not longer than a module: while it runs, no other loop of asyncio can."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpService]:
    """A running service over the studio."""
    with running_studio(tmp_path_factory.mktemp("studio")) as service:
        yield service


GuestMaker = Callable[..., Guest]


@pytest.fixture
def new_guest(browser: Browser, studio: HttpService) -> Iterator[GuestMaker]:
    """Makes a guest at a browser; at the end each is checked."""
    guests: list[Guest] = []

    def make(*arguments: Any, **options: Any) -> Guest:
        guests.append(Guest(browser, studio.url, *arguments, **options))
        return guests[-1]

    yield make
    for guest in guests:
        guest.close()
