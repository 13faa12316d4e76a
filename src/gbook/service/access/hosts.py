"""Under which names the service answers, and from which address a request comes.

A page of another site can point a name of its own at this machine (DNS rebinding): its requests name that
host, so the service answers only to names that no other site can have. Where a proxy is in front, the
address of the client is in X-Forwarded-For; what a client itself wrote there is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from gbook.service.problems import ApiError
from gbook.urls import Url, parse_url

__all__ = ["Hosts", "Proxies", "network_of"]

# Addresses of one IPv6 subscriber share these bits.
SUBSCRIBER_BITS = 64
# A Host header: a name or an address, perhaps a port, and nothing else of an address of the web.
_HOST = r"(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@]+)(:[0-9]*)?"


class Hosts:
    """The names of the service: those of this machine, IP addresses, and the host of its base URL."""

    def __init__(self, base_url: str | None) -> None:
        self._public = parse_url(base_url).host if base_url else None

    def check(self, host: str | None, protocol: str = "HTTP/1.1") -> None:
        """Check the Host header of a request (RFC 9110 §7.2, §15.5.20).

        Raises ApiError: 421 for another host, 400 for none in HTTP/1.1.
        """
        if host is None:
            if protocol != "HTTP/1.0":
                raise ApiError(400, "invalid_request", "a request needs a Host header")
        elif not self._has(host):
            message = "the server does not answer for this Host; see serve.baseUrl in its gbook.yaml"
            raise ApiError(421, "foreign_host", message)

    def _has(self, header: str) -> bool:
        if not re.fullmatch(_HOST, header):
            return False
        try:
            url = parse_url(f"http://{header}")
        except ValueError:
            return False
        return url.is_loopback or url.host == self._public or _is_address(url)


def _is_address(url: Url) -> bool:
    return _address(url.host.strip("[]")) is not None


class Proxies:
    """The proxies in front of the service, by their addresses and networks.

    Only X-Forwarded-For is read: a proxy that writes it passes on a Forwarded header (RFC 7239) as the
    client sent it, and the other way round, so to believe both would be to believe the client.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(network) for network in networks]

    def client_address(self, peer: str, forwarded_for: str | None) -> str:
        """Return the address of the client: the last one of the chain that is no trusted proxy.

        `peer` is the other end of the connection. Each proxy has appended the address that it saw.
        """
        hops = forwarded_for.split(",") if forwarded_for else []
        client = _address(peer)
        while hops and self._trusts(client):
            if (hop := _hop(hops.pop())) is None:
                break
            client = hop
        return str(client or peer)

    def trusts(self, peer: str) -> bool:
        """Return whether the other end of a connection is a trusted proxy."""
        return self._trusts(_address(peer))

    def _trusts(self, address: IPv4Address | IPv6Address | None) -> bool:
        # Without an address, it is the Unix socket: its rights say who may connect.
        return address is None or any(address in network for network in self._networks)


def _hop(text: str) -> IPv4Address | IPv6Address | None:
    """Return an entry of X-Forwarded-For: an address, for some proxies with a port."""
    text = text.strip().strip('"')
    if text.startswith("["):
        return _address(text[1:].partition("]")[0])
    return _address(text.partition(":")[0] if text.count(":") == 1 else text)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an IP address, None for anything else; one of IPv4 within IPv6 is that of IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(address: str) -> str:
    """Return whom a limit concerns: an IPv4 address, the /64 network of an IPv6 address."""
    parsed = _address(address)
    if not isinstance(parsed, IPv6Address):
        return str(parsed or address)
    return str(ip_network((int(parsed), SUBSCRIBER_BITS), strict=False))
