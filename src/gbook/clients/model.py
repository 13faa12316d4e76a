"""The model of `.gbook/clients.json`: clients, the tokens of accounts, and the secrets of both.

A secret is shown once and kept as its SHA-256. It is 256 random bits, so a slow hash would protect nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

__all__ = ["MOST_SECRETS", "Client", "Credentials", "NewSecret", "Secret", "Tokens", "digest", "new_secret"]

# A secret is replaced without an interruption: make the second, use it everywhere, remove the first.
MOST_SECRETS = 2
SECRET_BYTES = 32


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of a file that only gbook writes: an unknown key could be a limit that is not enforced."""


class Secret(_Strict, frozen=True):
    """What is kept of a secret: the SHA-256 of its text in hexadecimal digits, and when it was made."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    created: Annotated[datetime, Meta(tz=True)]


Secrets = Annotated[tuple[Secret, ...], Meta(min_length=1, max_length=MOST_SECRETS)]


class Client(_Strict, frozen=True):
    """A program that may use the group operations. `secrets` are in the order in which they were made."""

    id: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$")]
    name: str
    secrets: Secrets


class Tokens(_Strict, frozen=True):
    """The tokens of an account, which let a program act for it."""

    account: str
    secrets: Secrets


class Credentials(_Strict, frozen=True):
    """Everything in the file."""

    clients: tuple[Client, ...] = ()
    accounts: tuple[Tokens, ...] = ()

    def client(self, name: str) -> Client | None:
        """Return the client with a name."""
        return next((client for client in self.clients if client.name == name), None)

    def tokens(self, account_id: str) -> Tokens | None:
        """Return the tokens of an account."""
        return next((tokens for tokens in self.accounts if tokens.account == account_id), None)

    def check(self) -> Iterator[str]:
        """Yield a problem for each id, name or account that occurs twice."""
        for noun, values in (
            ("client id", [client.id for client in self.clients]),
            ("client name", [client.name for client in self.clients]),
            ("account", [tokens.account for tokens in self.accounts]),
        ):
            for value in sorted({value for value in values if values.count(value) > 1}):
                yield f"{noun} {value} occurs twice"


class NewSecret(NamedTuple):
    """A secret that was just made: its text, which is shown once, and what is kept of it."""

    text: str
    kept: Secret


def new_secret(prefix: str, now: int) -> NewSecret:
    """Return a new secret of 256 random bits; the prefix tells people and scanners what it is."""
    text = f"{prefix}{token_urlsafe(SECRET_BYTES)}"
    return NewSecret(text, Secret(digest(text), datetime.fromtimestamp(now, UTC)))


def digest(text: str) -> str:
    """Return the SHA-256 of a secret, in hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
