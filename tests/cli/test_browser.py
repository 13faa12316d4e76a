"""The booking page that `gbook serve --open` shows."""

from __future__ import annotations

import pytest

from gbook.cli.browser import page_of
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
