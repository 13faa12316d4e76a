"""The Authorization headers of clients and accounts, for tests of the HTTP API."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from gbook.clients.editing import add_client, add_token

__all__ = ["basic_header", "bearer_header", "encoded"]

NOW = 1_795_000_000


def basic_header(root: Path, name: str = "website") -> str:
    """Add a client to a workspace, or a secret to the one of this name; return its header."""
    added = add_client(root, name, NOW)
    return encoded(added.client.id, added.secret)


def bearer_header(root: Path, account_id: str) -> str:
    """Make a token of an account, and return its header."""
    return f"Bearer {add_token(root, account_id, NOW)}"


def encoded(client_id: str, secret: str, encoding: str = "utf-8") -> str:
    """Return the header with an id and a secret."""
    return f"Basic {b64encode(f'{client_id}:{secret}'.encode(encoding)).decode()}"
