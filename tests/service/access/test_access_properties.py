"""Headers with any text: each is answered as the rules say, and none is a failure of the server."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gbook.clients.model import Client, Credentials, NewSecret, Secret, Tokens, digest
from gbook.service.access.authentication import NOBODY, Identity, identify
from gbook.service.access.hosts import Hosts, Proxies, network_of
from gbook.service.call import Client as Caller
from gbook.service.problems import ApiError
from gbook.service.routes.route import Access

# What a header can have in WSGI (PEP 3333): characters that are bytes.
HEADERS = st.text(st.characters(max_codepoint=255), max_size=60)
ADDRESSES = st.ip_addresses().map(str)
TRUSTED = ["10.0.0.0/8", "2001:db8::/32"]


def made(text: str) -> NewSecret:
    return NewSecret(text, Secret(digest(text), datetime(2026, 11, 24, tzinfo=UTC)))


KNOWN = Credentials(
    (Client("c1", "web", (made("one").kept, made("two").kept)), Client("c2", "app", (made("one").kept,))),
    (Tokens("alice", (made("three").kept,)),),
)
RIGHT = {
    "Basic " + b64encode(text.encode()).decode(): Identity(client=Caller(*caller))
    for text, caller in {
        "c1:one": ("c1", "web"),
        "c1:two": ("c1", "web"),
        "c2:one": ("c2", "app"),
    }.items()
} | {"Bearer three": Identity(account_id="alice")}


def found(header: str | None, access: Access) -> Identity:
    try:
        return identify(header, access, KNOWN)
    except ApiError as error:
        status = error.status
    assert status == 401
    return NOBODY


@given(HEADERS | st.builds("{} {}".format, st.sampled_from(["Basic", "Bearer", "bAsIc"]), HEADERS))
@example("Basic " + b64encode(b"c2:two").decode())
@example("Basic " + b64encode(b"c1:three").decode())
@example("Bearer one")
def test_no_other_text_is_a_right_header(header: str) -> None:
    """Whatever it is, and whatever the operation."""
    for access in (Access.CLIENT, Access.CLIENT_OR_ACCOUNT, Access.ACCOUNT):
        assert found(header, access) == NOBODY or header in RIGHT


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_other_id_and_secret_are_right(client_id: str, secret: str) -> None:
    """Also those that UTF-8 and base64 carry."""
    header = "Basic " + b64encode(f"{client_id}:{secret}".encode("utf-8", "surrogatepass")).decode()
    assert found(header, Access.CLIENT) == RIGHT.get(header, NOBODY)


@pytest.mark.parametrize("header", RIGHT)
def test_right_headers_are_right(header: str) -> None:
    """Two clients may even have the same secret."""
    assert found(header, Access.CLIENT_OR_ACCOUNT) == RIGHT[header]


@given(
    HEADERS
    | st.builds("{}{}".format, st.sampled_from(["localhost", "127.0.0.1", "book.example.com"]), HEADERS)
)
def test_no_other_text_is_an_own_host(host: str) -> None:
    """What is answered is a name or address of the server, perhaps with a port."""
    try:
        Hosts("https://book.example.com").check(host)
    except ApiError as error:
        status = error.status
        assert status == 421
        return
    name = host.rpartition(":")[0] if host.rpartition("]")[2].count(":") else host
    name = name.lower().rstrip(".")
    if name != "book.example.com" and name.rpartition(".")[2] != "localhost":
        ip_address(name.strip("[]"))


@given(ADDRESSES, st.none() | HEADERS | st.lists(ADDRESSES | HEADERS).map(", ".join))
def test_an_address_is_always_one(peer: str, forwarded: str | None) -> None:
    """The peer's own unless that is a trusted proxy; else one of the header, or a trusted proxy."""
    client = ip_address(Proxies(TRUSTED).client_address(peer, forwarded))
    own = ip_address(peer)
    if not any(own in ip_network(network) for network in TRUSTED):
        assert client == (getattr(own, "ipv4_mapped", None) or own)
    assert network_of(str(client))
