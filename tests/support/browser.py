"""A real browser for tests of the booking page: the system's chromium, driven by Playwright.

A page of gbook never asks another host, and writes no error to the browser's console, such as one of its
Content-Security-Policy. `Guest` notes both, and every test ends by checking that nothing was noted.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from typing import Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from support.page_states import State
from support.running import PATIENCE

__all__ = ["LOOKS", "NO_CHROMIUM", "Guest", "Look", "find_chromium", "running_browser"]

NO_CHROMIUM = "no chromium: apt-get install chromium"
HEIGHT = 800
_ADDRESSES = count(1)


class Look(NamedTuple):
    """How a guest sees pages: the colours, and the width in CSS pixels."""

    colours: Literal["light", "dark", "forced"] = "light"
    width: int = 1280

    def __str__(self) -> str:
        return f"{self.colours}-{self.width}"

    def apply(self, page: Page) -> None:
        """Give a page this look, without loading it again."""
        page.set_viewport_size({"width": self.width, "height": HEIGHT})
        page.emulate_media(
            color_scheme="dark" if self.colours == "dark" else "light",
            forced_colors="active" if self.colours == "forced" else "none",
        )


COLOURS: tuple[Literal["light", "dark", "forced"], ...] = ("light", "dark", "forced")
LOOKS = tuple(Look(colours, width) for width in (320, 1280) for colours in COLOURS)


def find_chromium() -> str | None:
    """Return the path of the system's chromium, None if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def running_browser(*more: str) -> Iterator[Browser]:
    """Run chromium, with `more` arguments. Its sandbox needs a user other than root."""
    arguments = [*more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        yield browser
        browser.close()


@contextmanager
def _without_script(page: Page) -> Iterator[None]:
    """Load pages that run no script. Afterwards the test can run its own, unlike in a context without."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})


class Guest:
    """A guest at a browser of their own, with an address of their own, so that no limit is reached.

    `page` is their tab; `faults` is what no page may do. The address is in X-Forwarded-For, which the service
    believes if 127.0.0.1 is one of its trusted proxies.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        look: Look = Look(),
        *,
        has_script: bool = True,
        zone: str = "Europe/London",
        language: str = "en-GB",
    ) -> None:
        number = next(_ADDRESSES)
        self.faults: list[str] = []
        self._url = urlsplit(url)
        self._context = browser.new_context(
            base_url=url,
            java_script_enabled=has_script,
            timezone_id=zone,
            locale=language,
            extra_http_headers={"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"},
        )
        self._context.set_default_timeout(1000 * PATIENCE / 2)
        self._context.on("request", self._heed_request)
        self._context.on("console", self._heed_message)
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        look.apply(self.page)

    def show(self, state: State, *, has_script: bool = True) -> None:
        """Show a page that the service answered to another client; what it loads comes from the service."""
        answer = state.answer
        self.page.route(
            urljoin(self._url.geturl(), state.path),
            lambda route: route.fulfill(status=answer.status, headers={**answer.headers}, body=answer.body),
            times=1,
        )
        with _without_script(self.page) if not has_script else nullcontext():
            self.page.goto(state.path)

    def close(self) -> None:
        """Leave, and check that no page did what it may not."""
        self._context.close()
        assert not self.faults, "\n".join(self.faults)

    def _heed_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self._url.netloc:
            self.faults.append(f"another host: {request.url}")

    def _heed_message(self, message: ConsoleMessage) -> None:
        # The browser notes as an error that a page it was sent to has the status 404, 422 or 503.
        is_status = re.search("the server responded with a status of (4|503)", message.text)
        if message.type in ("error", "warning") and not is_status:
            self.faults.append(f"console: {message.text} ({message.location['url']})")
