"""Numbers and tokens of the API: of accounts and reservations, and of the next page.

Clients know accounts and reservations as integers that JavaScript can read; gbook.yaml and the calendars
have names and UIDs.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple

from gbook.workspace.numbers import LARGEST_NUMBER

__all__ = ["PagePosition", "reservation_number"]


def reservation_number(uid: str) -> int:
    """Return the number of a reservation, from 1 to 2^53 - 1: for a UID always the same."""
    return int.from_bytes(sha256(uid.encode(errors="surrogatepass")).digest()[:8]) % LARGEST_NUMBER + 1


class PagePosition(NamedTuple):
    """A page of members: how many come before it, and how many it has at most."""

    offset: int
    limit: int

    @property
    def token(self) -> str:
        """The position as a page token, which clients only pass on."""
        return urlsafe_b64encode(f"{_VERSION}.{self.offset}.{self.limit}".encode()).decode().rstrip("=")

    @classmethod
    def of_token(cls, token: str) -> PagePosition:
        """Return the position of a page token. Raises ValueError for any other text."""
        try:
            text = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)).decode()
        except ValueError:
            text = ""
        if not (match := _POSITION.fullmatch(text)) or cls(*map(int, match.groups())).token != token:
            raise ValueError("expected the nextPageToken of an earlier answer")
        return cls(*map(int, match.groups()))


# Tokens of another version are refused.
_VERSION = 1
_POSITION = re.compile(rf"{_VERSION}\.([0-9]{{1,9}})\.([1-9][0-9]{{0,2}})", re.ASCII)
