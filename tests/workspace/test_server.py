"""Servers in gbook.yaml: their addresses and logins."""

from __future__ import annotations

from pathlib import Path

import pytest

from gbook.errors import InvalidFile
from gbook.workspace.config import Config
from gbook.workspace.server import Server
from gbook.yamlfiles.parser import parse_yaml
from gbook.yamlfiles.reader import convert

COMMAND = "passwordCommand: [pass, show, dav]"


def config(text: str) -> Config:
    return convert(parse_yaml(text, "gbook.yaml"), Config, "gbook.yaml", text)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("url: https://dav.example.org", Server(id="a", url="https://dav.example.org/")),
        (
            f"url: 'https://DAV.example.org:443/x/', username: alice, {COMMAND}",
            Server(
                id="a",
                url="https://dav.example.org/x/",
                username="alice",
                password_command=("pass", "show", "dav"),
            ),
        ),
        ("url: https://a.example, netrc: true", Server(id="a", url="https://a.example/", netrc=True)),
        (
            "url: https://a.example, tokenCommand: [token], caFile: ca.pem",
            Server(id="a", url="https://a.example/", token_command=("token",), ca_file="ca.pem"),
        ),
        ("url: 'http://[::1]:5232/'", Server(id="a", url="http://[::1]:5232/")),
        ("url: http://nas.local/, insecure: true", Server(id="a", url="http://nas.local/", insecure=True)),
    ],
)
def test_a_server_has_an_address_and_a_login(text: str, server: Server) -> None:
    """The address has one form, however it is written."""
    assert config(f"servers: [{{id: a, {text}}}]").servers == (server,)


def test_a_relative_file_is_in_the_workspace(home_folder: Path) -> None:
    """A tilde is the home folder."""
    root = Path("/srv/team")
    for written, path in [
        ("ca.pem", root / "ca.pem"),
        ("/etc/ca.pem", Path("/etc/ca.pem")),
        ("~/ca.pem", home_folder / "ca.pem"),
        (None, None),
    ]:
        assert Server(id="a", url="https://a.example/", ca_file=written).ca_path(root) == path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id: a", "servers[0]: 'url' is missing"),
        ("url: https://a.example", "servers[0]: 'id' is missing"),
        ("id: a b, url: https://a.example", "servers[0].id: expected letters"),
        ("id: a, url: a.example", "servers[0].url: expected an address that starts with https://"),
        ("id: a, url: [x]", "servers[0].url: expected an address such as"),
        (
            "id: a, url: 'https://alice:hunter2@a.example'",
            "servers[0].url: expected an address without a user",
        ),
        ("id: a, url: http://a.example", "servers[0].url: http:// would send the login unencrypted"),
        ("id: a, url: http://localhost.a.example", "servers[0].url: http:// would send"),
        ("id: a, url: https://a.example, password: hunter2", "unknown key; did you mean passwordCommand?"),
        ("id: a, url: https://a.example, username: alice", "servers[0].username: needs a passwordCommand"),
        (
            f"id: a, url: https://a.example, {COMMAND}",
            "servers[0].passwordCommand: needs a username beside it",
        ),
        (
            f"id: a, url: https://a.example, username: 'a:b', {COMMAND}",
            "servers[0].username: expected a user name without a colon",
        ),
        (
            f"id: a, url: https://a.example, username: a, netrc: true, {COMMAND}",
            "servers[0].netrc: choose one of passwordCommand, netrc",
        ),
        (
            "id: a, url: https://a.example, netrc: true, tokenCommand: [x]",
            "servers[0].tokenCommand: choose one of netrc, tokenCommand",
        ),
        ("id: a, url: https://a.example, tokenCommand: []", "servers[0].tokenCommand: expected a program"),
        ("id: a, url: https://a.example, tokenCommand: cat it", "servers[0].tokenCommand: expected a list"),
        (
            "id: a, url: https://a.example}, {id: a, url: https://b.example",
            "servers[1].id: server 'a' is listed",
        ),
    ],
)
def test_a_wrong_server_is_one_problem(text: str, problem: str) -> None:
    """The message names the key, and shows no password."""
    with pytest.raises(InvalidFile) as caught:
        config(f"servers: [{{{text}}}]")
    (found,) = map(str, caught.value.problems)
    assert problem in found
    assert "hunter" not in found
