"""Addresses of servers: what gbook accepts, and how it shows them.

The path of an address may be a secret, such as that of a feed: a message shows its host only.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from gbook.domains import ascii_domain

__all__ = ["Url", "feed_address", "parse_url"]

PORTS = {"https": 443, "http": 80}
_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\]")
# Characters of a path or query that are not encoded (RFC 3986 §3.3).
_KEPT = "/:@!$&'()*+,;=~%-._?"


class Url(NamedTuple):
    """An address: `host` in ASCII (IPv6 in brackets), `target` is its path and query, percent-encoded."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """The scheme, host and port (RFC 6454): credentials stay within them."""
        return self[:3]

    @property
    def shown(self) -> str:
        """The host, with its port if that is not the usual one: what a message may show."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """The server is this machine."""
        try:
            return ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def join(self, reference: str) -> Url:
        """Return the address that a reference in an answer of this server means. Raises ValueError."""
        try:
            joined = urljoin(str(self), reference)
        except ValueError:
            raise ValueError("expected an address or a path") from None
        return parse_url(joined)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.shown}{self.target}"


def feed_address(text: str) -> str:
    """Return the address of a feed. Raises ValueError, which does not tell it, as `parse_url` does."""
    url = parse_url(text)
    if url.scheme == "http" and not url.is_loopback:
        raise ValueError("expected an address that starts with https://; http:// is not safe")
    return str(url)


def parse_url(text: str) -> Url:
    """Return an address of a server; `webcal:` and `webcals:` are `https:`.

    Raises ValueError with what it expected, but never the address itself.
    """
    text = text.strip()
    if _BLANK.search(text):
        raise ValueError("expected an address without spaces and control characters")
    try:
        parts = urlsplit(re.sub("(?i)^webcals?:", "https:", text))
        host, port = ascii_domain((parts.hostname or "").rstrip(".")), parts.port
    except ValueError:
        raise ValueError("expected an address such as https://dav.example.com/") from None
    if parts.scheme not in PORTS:
        raise ValueError("expected an address that starts with https://")
    if parts.username is not None:
        raise ValueError(
            "expected an address without a user name before its host: use username and passwordCommand"
        )
    host = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(host):
        raise ValueError("expected an address with a host, such as https://dav.example.com/")
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Url(parts.scheme, host, port or PORTS[parts.scheme], quote(target, safe=_KEPT))
