"""Addresses of servers: which are accepted, and what is shown of them."""

from __future__ import annotations

import pytest

from gbook.urls import parse_url


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("https://dav.example.org", "https://dav.example.org/", "dav.example.org"),
        (" https://DAV.example.org:443/a?b=c#d ", "https://dav.example.org/a?b=c", "dav.example.org"),
        ("http://localhost:5232/alice/", "http://localhost:5232/alice/", "localhost:5232"),
        ("http://[::1]:80/", "http://[::1]/", "[::1]"),
        ("webcal://example.org/holidays.ics", "https://example.org/holidays.ics", "example.org"),
        ("https://bücher.example/Kalender für alle/ä", None, None),
        ("https://bücher.example/für%20alle", "https://xn--bcher-kva.example/f%C3%BCr%20alle", None),
    ],
)
def test_an_address_has_one_form(text: str, url: str | None, shown: str | None) -> None:
    """The host in ASCII and lower case, no port that goes without saying, the path encoded."""
    if url is None:
        with pytest.raises(ValueError, match="without spaces"):
            parse_url(text)
    else:
        assert str(parse_url(text)) == url
        assert shown in (None, parse_url(text).shown)
        assert parse_url(str(parse_url(text))) == parse_url(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dav.example.org/secret", "starts with https://"),
        ("ftp://example.org/secret", "starts with https://"),
        ("https:///secret", "with a host"),
        ("https://a..b/secret", "with a host"),
        ("https://exa mple.org/secret", "without spaces"),
        ("https://example.org/\nsecret", "without spaces"),
        ("https://example.org:secret/", "such as https://"),
        ("https://[::1/secret", "such as https://"),
        ("https://alice:secret@example.org/", "without a user name before its host"),
    ],
)
def test_a_wrong_address_is_refused_without_being_shown(text: str, reason: str) -> None:
    """An address may be a secret."""
    with pytest.raises(ValueError, match=reason) as caught:
        parse_url(text)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__ is (
        caught.value.__context__ is not None
    )


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("dav.localhost", True),
        ("127.8.0.1", True),
        ("[::1]", True),
        ("localhost.example.org", False),
        ("192.168.0.1", False),
        ("[fe80::1]", False),
    ],
)
def test_loopback_is_this_machine(host: str, loopback: bool) -> None:
    """Names and addresses of this machine."""
    assert parse_url(f"http://{host}:80/").is_loopback is loopback


def test_a_reference_is_relative_to_its_answer() -> None:
    """As in a Location header."""
    base = parse_url("https://example.org/a/b?c")
    assert str(base.join("../d")) == "https://example.org/d"
    assert base.join("//other.example:8443/").origin == ("https", "other.example", 8443)
    for wrong in ("//[secret/", "//alice:secret@\u2100.example/"):
        with pytest.raises(ValueError, match="expected an address") as caught:
            base.join(wrong)
        assert "secret" not in str(caught.value)
