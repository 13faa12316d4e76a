"""Compressed answers (gzip, RFC 1952), for browsers that understand them.

A page with a secret is not compressed: its length would tell something about it to whom can put texts of
their own beside it, and measure (the BREACH attack).
"""

from __future__ import annotations

import gzip

import falcon

__all__ = ["accepts_gzip", "compress"]

# Most of the gain for a small part of the time.
LEVEL = 5


def accepts_gzip(request: falcon.Request) -> bool:
    """Return whether a browser accepts gzip (RFC 9110 §12.5.3)."""
    for part in (request.get_header("Accept-Encoding") or "").lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False


def compress(response: falcon.Response) -> None:
    """Compress the data of an answer."""
    response.data = gzip.compress(response.data or b"", LEVEL, mtime=0)
    response.set_header("Content-Encoding", "gzip")
