"""The addresses of servers as people type them, and the ids that servers get."""

from __future__ import annotations

from pathlib import Path

import pytest

from gbook.accounts.servers import address_of, server_for
from gbook.cache import Cache
from gbook.errors import UsageError
from gbook.workspace.workspace import Workspace, open_workspace

CONFIG = """\
servers:
  - {id: example, url: "https://dav.example.com/"}
  - {id: work, url: "https://dav.example.org/dav/", username: jane, passwordCommand: [pass, show, dav]}
"""
LOGIN = {"username": "jane", "passwordCommand": ["pass", "show", "dav"]}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    return open_workspace(tmp_path, Cache(None))


@pytest.mark.parametrize(
    ("typed", "url", "username"),
    [
        ("dav.example.com", "https://dav.example.com/", None),
        (" https://dav.example.com/jane ", "https://dav.example.com/jane", None),
        ("jane@example.com", "https://example.com/", "jane@example.com"),
        ("https://example.com/jane@example.com/", "https://example.com/jane@example.com/", None),
        ("example.com/jane@example.com/", "https://example.com/jane@example.com/", None),
        ("localhost:5232", "http://localhost:5232/", None),
        ("https://localhost:5232", "https://localhost:5232/", None),
        ("m\u00fcnchen.example", "https://xn--mnchen-3ya.example/", None),
    ],
)
def test_an_address_may_be_short(typed: str, url: str, username: str | None) -> None:
    assert address_of(typed) == (url, username)


@pytest.mark.parametrize("typed", ["", "@", "ftp://example.com", "https://u:p@example.com/", "a b"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="URL: expected an address"):
        address_of(typed)


def test_a_server_of_the_workspace_is_found_by_its_host_and_login(workspace: Workspace) -> None:
    known = workspace.config.servers
    assert server_for(workspace, "https://dav.example.org/x/", None, {}) == known[1]
    assert server_for(workspace, "https://dav.example.org/x/", None, LOGIN) == known[1]
    assert server_for(workspace, "https://elsewhere.example.net/", "work", {}) == known[1]
    with pytest.raises(UsageError, match="give no other"):
        server_for(workspace, "https://dav.example.org/", "work", LOGIN)


@pytest.mark.parametrize(
    ("url", "server_id"),
    [
        ("https://dav.example.net/", "example-2"),
        ("https://caldav.icloud.com/", "icloud"),
        ("https://192.0.2.1/", "server"),
        ("https://[2001:db8::1]/", "server"),
        ("http://localhost:5232/", "server"),
    ],
)
def test_a_new_server_gets_a_free_id(workspace: Workspace, url: str, server_id: str) -> None:
    assert server_for(workspace, url, None, LOGIN).id == server_id
