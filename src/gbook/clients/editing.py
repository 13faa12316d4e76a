"""Adding and removing clients and the tokens of accounts. A served workspace sees each change at once."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from msgspec.structs import replace

from gbook.clients.file import CredentialsFile, editing
from gbook.clients.model import MOST_SECRETS, Client, Credentials, Secret, Tokens, new_secret
from gbook.committed import note
from gbook.errors import NotFound, UsageError, did_you_mean

__all__ = ["AddedClient", "add_client", "add_token", "remove_client", "require_client", "revoke_tokens"]

CLIENT_PREFIX, TOKEN_PREFIX = "gbook_secret_", "gbook_token_"
# Not a secret: it is in the addresses of the public operations.
ID_BYTES = 8


class AddedClient(NamedTuple):
    """A client, and its new secret, which is kept nowhere."""

    client: Client
    secret: str


def add_client(root: Path, name: str, now: int) -> AddedClient:
    """Add a client, or a second secret to the client with this name.

    Raises UsageError if it has two secrets, InvalidFile, Locked.
    """
    with editing(root) as file:
        credentials = file.read()
        known = credentials.client(name) or Client(token_hex(ID_BYTES), name, ())
        _require_room(known.secrets, f"client {name}", "secrets", f"gbook client remove {name} --old")
        text, kept = new_secret(CLIENT_PREFIX, now)
        client = replace(known, secrets=(*known.secrets, kept))
        _write(file, _with_client(credentials, client), f"client {name} has a new secret")
    return AddedClient(client, text)


def require_client(root: Path, name: str) -> Client:
    """Return the client with a name. Raises NotFound with the nearest name, InvalidFile."""
    return _find(CredentialsFile(root).read(), name)


def remove_client(root: Path, name: str, *, old: bool = False) -> None:
    """Remove a client; with `old`, only the older of its two secrets.

    Raises NotFound with the nearest name, UsageError if there is no older secret, InvalidFile, Locked.
    """
    with editing(root) as file:
        credentials = file.read()
        client = _find(credentials, name)
        if old:
            _require_two(client.secrets, f"client {name}", "secret", f"gbook client add {name}")
            client, change = replace(client, secrets=client.secrets[-1:]), "has lost its older secret"
        else:
            client, change = replace(client, secrets=()), "is removed"
        _write(file, _with_client(credentials, client), f"client {name} {change}")


def add_token(root: Path, account_id: str, now: int) -> str:
    """Add a token of an account, and return its text, which is kept nowhere.

    Raises UsageError if the account has two, InvalidFile, Locked.
    """
    with editing(root) as file:
        credentials = file.read()
        secrets = _secrets_of(credentials, account_id)
        remedy = f"gbook client token {account_id} --revoke --old"
        _require_room(secrets, f"account {account_id}", "tokens", remedy)
        text, kept = new_secret(TOKEN_PREFIX, now)
        tokens = Tokens(account_id, (*secrets, kept))
        _write(file, _with_tokens(credentials, tokens), f"account {account_id} has a new token")
    return text


def revoke_tokens(root: Path, account_id: str, *, old: bool = False) -> int:
    """Revoke the tokens of an account, with `old` only the older of two; return how many were revoked.

    Raises UsageError if there is no older one, InvalidFile, Locked.
    """
    if not _secrets_of(CredentialsFile(root).read(), account_id):
        return 0
    with editing(root) as file:
        credentials = file.read()
        secrets = _secrets_of(credentials, account_id)
        if old:
            remedy = f"gbook client token {account_id}"
            _require_two(secrets, f"account {account_id}", "token", remedy)
        kept = secrets[-1:] if old else ()
        change = f"tokens of account {account_id} are revoked"
        _write(file, _with_tokens(credentials, Tokens(account_id, kept)), change)
    return len(secrets) - len(kept)


def _find(credentials: Credentials, name: str) -> Client:
    if (client := credentials.client(name)) is None:
        near = did_you_mean(name, [each.name for each in credentials.clients])
        raise NotFound(f"no client {name!r}{near}; `gbook client list` shows all", client=name)
    return client


def _secrets_of(credentials: Credentials, account_id: str) -> tuple[Secret, ...]:
    tokens = credentials.tokens(account_id)
    return tokens.secrets if tokens else ()


def _require_room(secrets: tuple[Secret, ...], holder: str, noun: str, remedy: str) -> None:
    if len(secrets) >= MOST_SECRETS:
        raise UsageError(
            f"{holder} already has {MOST_SECRETS} {noun}; when nothing uses the older one any more: {remedy}"
        )


def _require_two(secrets: tuple[Secret, ...], holder: str, noun: str, remedy: str) -> None:
    if len(secrets) < MOST_SECRETS:
        raise UsageError(f"{holder} has one {noun} only; make its successor first: {remedy}")


def _with_client(credentials: Credentials, client: Client) -> Credentials:
    """Return the credentials with a client in its place; without secrets, it is left out."""
    by_id = {each.id: each for each in credentials.clients} | {client.id: client}
    return replace(credentials, clients=tuple(each for each in by_id.values() if each.secrets))


def _with_tokens(credentials: Credentials, tokens: Tokens) -> Credentials:
    """Return the credentials with the tokens of an account in their place; it may have none."""
    by_account = {each.account: each for each in credentials.accounts} | {tokens.account: tokens}
    return replace(credentials, accounts=tuple(each for each in by_account.values() if each.secrets))


def _write(file: CredentialsFile, credentials: Credentials, change: str) -> None:
    file.write(credentials)
    note(change)
