"""Who calls: from an Authorization header to a client or an account.

The answer to wrong credentials never says what is wrong with them, and unknown ones cost the same work.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import NamedTuple

from gbook.clients.model import MOST_SECRETS, Credentials, Secret, digest
from gbook.service.call import ANONYMOUS, Caller, Client
from gbook.service.problems import ApiError
from gbook.service.routes.route import Access
from gbook.workspace.config import Account

__all__ = ["NOBODY", "Identity", "caller_of", "identify"]

# Longer than any header with credentials of gbook's.
MOST_HEADER = 1000
# The SHA-256 of nothing that anyone knows.
_UNKNOWN = "0" * 64
_BASIC = 'Basic realm="gbook", charset="UTF-8"'
_BEARER = 'Bearer realm="gbook"'
_CHALLENGES = {
    Access.CLIENT: _BASIC,
    Access.CLIENT_OR_ACCOUNT: f"{_BASIC}, {_BEARER}",
    Access.ACCOUNT: _BEARER,
}


class Identity(NamedTuple):
    """Who has proved to call: a client, or the account with this id, which gbook.yaml may no longer have."""

    client: Client | None = None
    account_id: str | None = None


NOBODY = Identity()


def identify(header: str | None, access: Access, credentials: Credentials) -> Identity:
    """Return who sent an Authorization header, for an operation with this access.

    Raises ApiError, 401 with a challenge (RFC 7617 §2, RFC 6750 §3).
    """
    found = NOBODY if header is None or len(header) > MOST_HEADER else _find(header, access, credentials)
    if found == NOBODY:
        raise _unauthorized(access)
    return found


def caller_of(identity: Identity, access: Access, accounts: Mapping[str, Account]) -> Caller:
    """Return the caller with an identity. Raises ApiError, 401, for an account that is no longer there."""
    if identity.account_id is None:
        return Caller(client=identity.client) if identity.client else ANONYMOUS
    if (account := accounts.get(identity.account_id)) is None:
        raise _unauthorized(access)
    return Caller(account=account)


def _find(header: str, access: Access, credentials: Credentials) -> Identity:
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "basic" and access is not Access.ACCOUNT:
        return Identity(client=_client(token.strip(" "), credentials))
    if scheme.lower() == "bearer" and access is not Access.CLIENT:
        return Identity(account_id=_account_id(token.strip(" "), credentials))
    return NOBODY


def _unauthorized(access: Access) -> ApiError:
    message = "this operation needs valid credentials; see WWW-Authenticate"
    return ApiError(401, "unauthorized", message, WWW_Authenticate=_CHALLENGES[access])


def _client(token: str, credentials: Credentials) -> Client | None:
    """Return the client whose id and secret are sent (RFC 7617 §2): the first colon separates them."""
    try:
        client_id, _, secret = b64decode(token, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    named = [client for client in credentials.clients if client.id == client_id]
    is_proved = _proves(secret, named[0].secrets if named else ())
    return Client(named[0].id, named[0].name) if named and is_proved else None


def _account_id(token: str, credentials: Credentials) -> str | None:
    """Return the id of the account whose token is sent (RFC 6750 §2.1)."""
    proved = [tokens.account for tokens in credentials.accounts if _proves(token, tokens.secrets)]
    return proved[0] if proved else None


def _proves(text: str, secrets: Sequence[Secret]) -> bool:
    """Return whether a text is one of these secrets, after the same work for any number of them."""
    known = [secret.sha256 for secret in secrets]
    known += [_UNKNOWN] * (MOST_SECRETS - len(known))
    asked = digest(text)
    return sum(compare_digest(asked, each) for each in known) > 0
