"""Which Host headers are answered, and whose address a request has."""

from __future__ import annotations

import pytest

from gbook.service.access.hosts import Hosts, Proxies, network_of
from gbook.service.problems import ApiError

OWN = [
    "localhost", "LOCALHOST:8080", "localhost.", "app.localhost:80", "127.0.0.1", "127.0.0.1:8080",
    "192.168.1.7:8080", "[::1]", "[::1]:8080", "[2001:DB8::7]:443",
]  # fmt: skip
FOREIGN = [
    "", " ", "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example",
    "notlocalhost",
    "book.example.com.evil.example", "xbook.example.com", "2130706433", "0x7f.0.0.1", "127.1", "::1",
    "127.0.0.1, evil.example", "evil.example, 127.0.0.1", "127.0.0.1 evil.example", "127.0.0.1@evil.example",
    "evil.example@127.0.0.1", "evil.example#127.0.0.1", "evil.example?127.0.0.1", "127.0.0.1/", "localhost/x",
    "localhost#x", "localhost?", "127.0.0.1:80:80", "127.0.0.1:x", "127.0.0.1:99999", "[::1", "[::1]x",
    "[evil]", "[fe80::1%25eth0]", "evil\u00ffexample", "l\u00f3calhost", "localhost\x00", "localhost\r\nX: y",
    "a" * 70_000,
]  # fmt: skip


def refused(hosts: Hosts, host: str | None, protocol: str = "HTTP/1.1") -> int:
    with pytest.raises(ApiError) as raised:
        hosts.check(host, protocol)
    return raised.value.status


@pytest.mark.parametrize("base_url", [None, "https://book.example.com"])
@pytest.mark.parametrize("host", OWN)
def test_names_that_no_other_site_can_have_are_answered(host: str, base_url: str | None) -> None:
    """This machine, and addresses: a page cannot point them elsewhere."""
    Hosts(base_url).check(host)


@pytest.mark.parametrize("base_url", [None, "https://book.example.com"])
@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_not(host: str, base_url: str | None) -> None:
    """A page that points its own name here (DNS rebinding) is told nothing."""
    assert refused(Hosts(base_url), host) == 421


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://book.example.com", "book.example.com"),
        ("https://book.example.com", "BOOK.example.com.:443"),
        ("https://book.example.com:8443", "book.example.com:8443"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_the_base_url_is_answered(base_url: str, host: str) -> None:
    """In any case, with any port, as browsers write it."""
    Hosts(base_url).check(host)
    assert refused(Hosts(None), host) == 421


def test_a_request_without_host_is_answered_in_http_1_0_only() -> None:
    """No browser sends one; checks of load balancers do."""
    Hosts(None).check(None, "HTTP/1.0")
    assert refused(Hosts(None), None) == 400


PROXIES = ["10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1/32"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        # What an untrusted peer says counts for nothing.
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("192.0.2.1", "10.0.0.1", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        # What the client wrote is before what the proxies have appended.
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4,203.0.113.9 , 10.1.1.1", "203.0.113.9"),
        ("10.0.0.1", "10.9.9.9, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("10.0.0.1", "10.9.9.9, 10.1.1.1", "10.9.9.9"),
        ("2001:db8:1::5", "2001:db8:2::7", "2001:db8:2::7"),
        ("127.0.0.1", "[2001:db8:2::7]:4711", "2001:db8:2::7"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        # IPv4 within IPv6 is IPv4, on either side.
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:192.0.2.1", "203.0.113.9", "192.0.2.1"),
        # Where the chain cannot be read, it ends.
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, _hidden, 10.1.1.1", "10.1.1.1"),
        ("10.0.0.1", "203.0.113.9,", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, evil.example", "10.0.0.1"),
        # The Unix socket has no address.
        ("localhost", "203.0.113.9", "203.0.113.9"),
        ("localhost", None, "localhost"),
    ],
)
def test_the_address_of_a_client(peer: str, forwarded: str | None, client: str) -> None:
    """The last one in the chain that is no trusted proxy."""
    assert Proxies(PROXIES).client_address(peer, forwarded) == client


def test_without_proxies_the_header_means_nothing() -> None:
    """Not even on this machine."""
    assert Proxies([]).client_address("127.0.0.1", "203.0.113.9") == "127.0.0.1"


def test_a_chain_of_any_length_is_read() -> None:
    """It is as long as a header may be."""
    assert Proxies(PROXIES).client_address("10.0.0.1", ",".join(["10.0.0.2"] * 20_000)) == "10.0.0.2"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("localhost", "localhost"),
    ],
)
def test_a_subscriber_has_a_network(address: str, network: str) -> None:
    """In IPv6, each has 2^64 addresses."""
    assert network_of(address) == network
