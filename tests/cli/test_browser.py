"""The booking page that `gbook serve --open` shows."""

from __future__ import annotations

import shutil
import webbrowser
from pathlib import Path
from threading import Event

import pytest
from support.office import program

from gbook.cli.browser import page_of, show_later
from gbook.profiles.model import Profile


@pytest.mark.parametrize(
    ("url", "public", "page"),
    [
        ("http://127.0.0.1:80", ["größe"], "http://127.0.0.1:80/b/gr%C3%B6%C3%9Fe"),
        ("http://0.0.0.0:80", ["a"], "http://127.0.0.1:80/b/a"),
        ("http://[::]:80", [], "http://[::1]:80/b/"),
        ("http://127.0.0.1:80", ["a", "b"], "http://127.0.0.1:80/b/"),
    ],
)
def test_the_page_to_open(url: str, public: list[str], page: str) -> None:
    """Of the only public profile, at an address that a browser of this machine reaches."""
    profiles = [Profile(name="closed"), *(Profile(name=name, public=True) for name in public)]
    assert page_of(url, profiles) == page


class TestWithoutWindows:
    """A machine without a screen has browsers of the terminal at most, where the log is."""

    @pytest.fixture
    def browser(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The only browser is lynx, which leaves a mark."""
        for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(webbrowser, "_browsers", {})
        monkeypatch.setattr(webbrowser, "_tryorder", None)
        found = program(tmp_path / "lynx", f"open({str(tmp_path / 'seen')!r}, 'w')")
        monkeypatch.setattr(shutil, "which", lambda name: str(found) if "lynx" in name else None)
        return tmp_path / "seen"

    def told(self) -> str:
        """Return the note that is made instead."""
        notes, is_noted = list[str](), Event()

        def note(text: str) -> None:
            notes.append(text)
            is_noted.set()

        show_later("http://127.0.0.1:80/b/", note)
        assert is_noted.wait(60)
        return notes[0]

    def test_the_address_is_noted(self, browser: Path) -> None:
        """It can be clicked there."""
        assert self.told() == "no browser found; open http://127.0.0.1:80/b/ yourself"
        assert not browser.exists()
