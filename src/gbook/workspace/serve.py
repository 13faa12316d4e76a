"""The model of `serve` in gbook.yaml: the name and address of the service, and the proxies in front of it."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import Line, Origin
from gbook.yamlfiles.quoting import quote

__all__ = ["Serve", "read_network"]


def read_network(value: Any) -> str:
    """Return an IP address or a network in its one form: 10.0.0.0/8. Raises ValueError."""
    from ipaddress import ip_network

    try:
        return str(ip_network(value if isinstance(value, str) else ""))
    except ValueError:
        expected = "expected an IP address or a network such as 10.0.0.0/8"
        raise ValueError(f"{expected}, found {quote(value)}") from None


Network = Annotated[str, Meta(extra={"read": read_network})]


class Serve(Model, frozen=True, kw_only=True):
    """How clients and guests reach `gbook serve`."""

    name: Annotated[Line | None, Meta(description="Name of the team, as guests see it.")] = None
    base_url: Annotated[
        Origin | None,
        Meta(description="Public address, such as https://book.example.com; links in mails begin with it."),
    ] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Meta(description="Addresses or networks of proxies whose X-Forwarded-For header is believed."),
    ] = ()
