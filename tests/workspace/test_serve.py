"""`serve` in gbook.yaml: an origin that paths can be appended to, and the proxies that are believed."""

from __future__ import annotations

import pytest

from gbook.errors import InvalidFile
from gbook.workspace.config import Config
from gbook.workspace.serve import Serve
from gbook.yamlfiles.parser import parse_yaml
from gbook.yamlfiles.reader import convert


def read(serve: str) -> Serve:
    """Return what gbook.yaml says of `serve`, a mapping in braces."""
    text = f"serve: {serve}"
    return convert(parse_yaml(text, "gbook.yaml"), Config, "gbook.yaml", text).serve


def problem(serve: str) -> tuple[str | None, str]:
    """Return the key and the message of the one problem of `serve`."""
    with pytest.raises(InvalidFile) as error:
        read(serve)
    (found,) = error.value.problems
    return found.key, found.message


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://book.example.com", "https://book.example.com"),
        ("https://Book.Example.com:443/", "https://book.example.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_base_url_is_an_origin(text: str, origin: str) -> None:
    """It is normalized, and has no slash at its end."""
    assert read(f"{{baseUrl: '{text}'}}").base_url == origin


def test_the_team_has_a_name() -> None:
    """On one line, since pages and mails show it."""
    assert read("{name: Harbour Studio}").name == "Harbour Studio"
    assert read("{}").name is None
    assert problem('{name: "a\\nb"}')[0] == "serve.name"


@pytest.mark.parametrize(
    "text",
    [
        "https://book.example.com/team",
        "https://book.example.com/?a=1",
        "https://book.example.com/?",
        "https://book.example.com/#top",
        "https://jane@book.example.com/",
        "webcal://book.example.com/",
        "book.example.com",
        "ftp://book.example.com/",
        "https://",
        "",
    ],
)
def test_anything_else_is_no_base_url(text: str) -> None:
    """Addresses with more than an origin, or of another scheme, are refused."""
    key, message = problem(f"{{baseUrl: '{text}'}}")
    assert key == "serve.baseUrl"
    assert message.startswith("expected an address")
    assert "jane" not in message
    assert "passwordCommand" not in message


def test_proxies_are_addresses_and_networks() -> None:
    """An address alone is the network that only it is in."""
    serve = read("{trustedProxies: [127.0.0.1, 10.0.0.0/8, '::1', 'FD00::/8']}")
    assert serve.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128", "fd00::/8")


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.1/8", "7", "''"])
def test_a_name_is_no_proxy(text: str) -> None:
    """Names could mean any address, numbers are a slip, and bits beyond the prefix too."""
    key, message = problem(f"{{trustedProxies: [{text}]}}")
    assert key == "serve.trustedProxies[0]"
    assert message.startswith("expected an IP address or a network such as 10.0.0.0/8")
