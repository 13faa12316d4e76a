"""The booking page of a server that has just started, shown in the user's browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webbrowser import BaseBrowser

    from gbook.profiles.model import Profile

__all__ = ["page_of", "show_later"]


def page_of(url: str, profiles: Sequence[Profile]) -> str:
    """Return the page to show first at a server's address: of its only public profile, or the list."""
    # A server that listens everywhere answers here too.
    here = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    links = [link for profile in profiles if (link := profile.scheduler_link(here))]
    return links[0] if len(links) == 1 else f"{here}/b/"


def show_later(page: str, note: Callable[[str], None]) -> None:
    """Open a page in a browser, which may run as long as this process does; without one, note the address."""
    from threading import Thread

    Thread(target=_show, args=[page, note], daemon=True).start()


def _show(page: str, note: Callable[[str], None]) -> None:
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        browser = None
    if browser is None or _is_of_terminal(browser) or not browser.open(page):
        note(f"no browser found; open {page} yourself")


def _is_of_terminal(browser: BaseBrowser) -> bool:
    """Return whether a browser would write over the log on this terminal, and $BROWSER does not name it."""
    from webbrowser import GenericBrowser

    return type(browser) is GenericBrowser and browser.name not in os.environ.get("BROWSER", "")
