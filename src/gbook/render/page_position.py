"""The members that an answer names, if it does not name all: a position, and the token that stands for it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

__all__ = ["PagePosition"]

# Tokens of another version are refused.
_VERSION = 1
_POSITION = re.compile(rf"{_VERSION}\.([0-9]{{1,9}})\.([1-9][0-9]{{0,8}})", re.ASCII)


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
        match = _POSITION.fullmatch(text)
        position = match and cls(*map(int, match.groups()))
        if not position or position.token != token:
            raise ValueError("expected the nextPageToken of an earlier answer")
        return position
