"""The model of `serve` in gbook.yaml: the public address of `gbook serve`, and the proxies in front of it."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.quoting import quote

__all__ = ["Serve", "read_base_url", "read_network"]


def read_base_url(value: Any) -> str:
    """Return the origin of a service, such as https://book.example.com, without a slash at the end.

    Paths are appended to it. Raises ValueError if it has a path, a query or a fragment of its own.
    """
    from gbook.urls import parse_url

    expected = f"expected an address such as https://book.example.com, found {quote(value)}"
    if not isinstance(value, str) or not value.strip().lower().startswith(("http:", "https:")):
        raise ValueError(expected)
    if "@" in value:  # not quoted: it may have a password
        raise ValueError("expected an address such as https://book.example.com, without a user name")
    url = parse_url(value)
    if url.target != "/" or value.strip().endswith(("?", "#")) or "#" in value:
        raise ValueError(f"{expected}; a path, query or fragment is not supported")
    return str(url).removesuffix("/")


def read_network(value: Any) -> str:
    """Return an IP address or a network in its one form: 10.0.0.0/8. Raises ValueError."""
    from ipaddress import ip_network

    try:
        return str(ip_network(value if isinstance(value, str) else ""))
    except ValueError:
        expected = "expected an IP address or a network such as 10.0.0.0/8"
        raise ValueError(f"{expected}, found {quote(value)}") from None


BaseUrl = Annotated[str, Meta(extra={"read": read_base_url})]
Network = Annotated[str, Meta(extra={"read": read_network})]


class Serve(Model, frozen=True, kw_only=True):
    """How clients and guests reach `gbook serve`."""

    name: Annotated[str | None, Meta(description="Name of the team, as guests see it.")] = None
    base_url: Annotated[
        BaseUrl | None,
        Meta(description="Public address, such as https://book.example.com; links in mails begin with it."),
    ] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Meta(description="Addresses or networks of proxies whose X-Forwarded-For header is believed."),
    ] = ()
