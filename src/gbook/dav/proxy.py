"""The proxy that the environment names for TLS connections: $HTTPS_PROXY, with exceptions in $NO_PROXY."""

from __future__ import annotations

import os
from base64 import b64encode
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from gbook.dav.wire import Wire
from gbook.errors import UsageError
from gbook.urls import Url

__all__ = ["Proxy", "proxy_for"]


class Proxy(NamedTuple):
    """An HTTP proxy; `authorization` is the value of its header, if it needs a login."""

    host: str
    port: int
    authorization: str | None

    def tunnel(self, wire: Wire, url: Url) -> None:
        """Ask for a connection to the host of `url` (RFC 9110 §9.3.6). Raises ConnectionError if refused."""
        connection = HTTPConnection(self.host, self.port)
        connection.sock = wire
        destination = f"{url.host}:{url.port}"
        headers = {"Host": destination}
        if self.authorization:
            headers["Proxy-Authorization"] = self.authorization
        wire.allow(1 << 16)
        connection.request("CONNECT", destination, headers=headers)
        if (status := connection.getresponse().status) != 200:
            raise ConnectionError(0, f"the proxy {self.host}:{self.port} refuses the connection ({status})")


def proxy_for(url: Url) -> Proxy | None:
    """Return the proxy through which `url` is reached, if it is not reached directly."""
    if url.scheme != "https" or not any(os.environ.get(name) for name in ("https_proxy", "HTTPS_PROXY")):
        return None
    from urllib.request import getproxies_environment, proxy_bypass

    if not (address := getproxies_environment().get("https")):
        return None
    if proxy_bypass(f"{url.host}:{url.port}"):
        return None
    return _parsed(address if "//" in address else f"http://{address}")


def _parsed(address: str) -> Proxy:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "http":
        raise UsageError("HTTPS_PROXY: expected an address such as http://proxy.example.com:3128")
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    authorization = f"Basic {b64encode(login.encode()).decode()}" if login else None
    return Proxy(host, port or 80, authorization)
