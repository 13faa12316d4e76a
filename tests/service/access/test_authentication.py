"""Authorization headers: who they prove to be, and that a wrong one is told nothing."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.api_access import encoded

from gbook.clients.editing import add_client, add_token, remove_client, revoke_tokens
from gbook.clients.file import CredentialsFile
from gbook.service.access import authentication
from gbook.service.access.authentication import Identity, caller_of, identify
from gbook.service.call import ANONYMOUS, Caller, Client
from gbook.service.problems import ApiError
from gbook.service.routes.route import Access
from gbook.workspace.config import Account

NOW = 1_795_000_000
BASIC = 'Basic realm="gbook", charset="UTF-8"'
BEARER = 'Bearer realm="gbook"'
CHALLENGES = {
    Access.CLIENT: BASIC,
    Access.CLIENT_OR_ACCOUNT: f"{BASIC}, {BEARER}",
    Access.ACCOUNT: BEARER,
}
KINDS = pytest.mark.parametrize("access", list(CHALLENGES))


class Known(NamedTuple):
    """A workspace with the client web and a token of alice."""

    root: Path
    id: str
    secret: str
    token: str

    def asks(self, header: str | None, access: Access = Access.CLIENT_OR_ACCOUNT) -> Identity:
        """Return who sends a header."""
        return identify(header, access, CredentialsFile(self.root).read())

    def refuses(self, header: str | None, access: Access = Access.CLIENT_OR_ACCOUNT) -> None:
        """Fail unless a header is refused, in the same words as any other."""
        with pytest.raises(ApiError) as raised:
            self.asks(header, access)
        error = raised.value
        assert (error.status, error.code) == (401, "unauthorized")
        assert error.message == "this operation needs valid credentials; see WWW-Authenticate"
        assert error.headers == {"WWW-Authenticate": CHALLENGES[access]}


@pytest.fixture
def known(tmp_path: Path) -> Known:
    added = add_client(tmp_path, "web", NOW)
    return Known(tmp_path, added.client.id, added.secret, add_token(tmp_path, "alice", NOW))


def test_a_client_proves_who_it_is(known: Known) -> None:
    """With its id and secret, whatever the case of the scheme, for operations that take clients."""
    web = Identity(client=Client(known.id, "web"))
    header = encoded(known.id, known.secret)
    assert known.asks(header, Access.CLIENT) == known.asks(header) == web
    for scheme in ("basic", "BASIC", "Basic "):
        assert known.asks(header.replace("Basic", scheme)) == web
    known.refuses(header, Access.ACCOUNT)


def test_an_account_proves_who_it_is(known: Known) -> None:
    """With its token."""
    alice = Identity(account_id="alice")
    header = f"Bearer {known.token}"
    assert known.asks(header, Access.ACCOUNT) == known.asks(header) == alice
    assert known.asks(header.replace("Bearer", "bearer")) == alice
    known.refuses(header, Access.CLIENT)


@KINDS
def test_wrong_headers_are_all_alike(known: Known, access: Access) -> None:
    """Unknown or known id, another's secret, garbage, nothing: status, words and challenge are the same."""
    other = add_client(known.root, "other", NOW)
    right = encoded(known.id, known.secret).removeprefix("Basic ")
    for header in (
        None, "", " ", "Basic", "Basic ", "Bearer", "Bearer ", "Digest x", right, known.secret, known.token,
        encoded("unknown", known.secret), encoded(known.id, "wrong"), encoded(known.id, ""),
        encoded("", known.secret), encoded(known.id.upper(), known.secret),
        encoded("", ""), encoded(known.id, other.secret), encoded(other.client.id, known.secret),
        encoded("web", known.secret), encoded(known.id, f"{known.secret}x"),
        encoded(known.id, known.secret[:-1]),
        encoded(known.id, f":{known.secret}"), encoded(known.id, f"{known.secret}:"),
        encoded(known.id, known.token), encoded("alice", known.token),
        encoded(known.id, known.secret, "utf-16"),
        f"Basic {b64encode(known.id.encode()).decode()}",
        f"Basic {right[:-3]}", f"Basic {right}!", f"Basic  {right[:20]} {right[20:]}",
        f"Basic {right}, Basic {right}",
        f"Basic {right},", f"Bearer {right}", f"Bearer {known.secret}", f"Bearer {known.token[:-1]}",
        f"Bearer {known.token}, Bearer {known.token}", f"Bearer alice:{known.token}",
        "Basic \u00ff\u00fe", f"Basic {b64encode(bytes([255, 254, 58])).decode()}", "Bearer \u00ff",
        f"Basic {'A' * 65_536}", f"Bearer {'a' * 65_536}", f"Basic {right}{' ' * 65_536}", "Basic " * 20_000,
    ):  # fmt: skip
        known.refuses(header, access)


def test_an_id_or_secret_of_any_letters_is_compared(known: Known) -> None:
    """UTF-8, a colon in the secret (RFC 7617 §2): wrong, and no failure of the server."""
    for secret in ("pä:ss:wörd", "\u0000", "🔑", "a\nb"):
        known.refuses(encoded(known.id, secret))
        known.refuses(encoded(secret, known.secret))
    known.refuses(encoded(known.id, "wörd", "latin-1"))


def test_a_rotated_secret(known: Known) -> None:
    """Both work until the older one is removed; then only the newer one does."""
    second = add_client(known.root, "web", NOW + 1).secret
    headers = [encoded(known.id, secret) for secret in (known.secret, second)]
    assert [known.asks(header).client for header in headers] == [Client(known.id, "web")] * 2
    remove_client(known.root, "web", old=True)
    known.refuses(headers[0])
    assert known.asks(headers[1]).client == Client(known.id, "web")


def test_a_rotated_token(known: Known) -> None:
    """The same for an account."""
    second = add_token(known.root, "alice", NOW + 1)
    headers = [f"Bearer {token}" for token in (known.token, second)]
    assert [known.asks(header).account_id for header in headers] == ["alice", "alice"]
    revoke_tokens(known.root, "alice", old=True)
    known.refuses(headers[0])
    assert known.asks(headers[1]).account_id == "alice"


def test_what_is_removed_no_longer_works(known: Known) -> None:
    """Neither a client nor a token; a new one has nothing of the old."""
    header = encoded(known.id, known.secret)
    remove_client(known.root, "web")
    revoke_tokens(known.root, "alice")
    known.refuses(header)
    known.refuses(f"Bearer {known.token}")
    add_client(known.root, "web", NOW)
    add_token(known.root, "alice", NOW)
    known.refuses(header)
    known.refuses(f"Bearer {known.token}")


def test_an_account_that_is_gone_is_nobody(known: Known) -> None:
    """Its token may be left behind by an editor of gbook.yaml."""
    alice = Account(id="alice", email="alice@example.com")
    found = known.asks(f"Bearer {known.token}")
    assert caller_of(found, Access.ACCOUNT, {"alice": alice}) == Caller(account=alice)
    with pytest.raises(ApiError) as raised:
        caller_of(found, Access.ACCOUNT, {})
    assert (raised.value.status, raised.value.headers["WWW-Authenticate"]) == (401, BEARER)
    web = known.asks(encoded(known.id, known.secret))
    assert caller_of(web, Access.CLIENT, {}) == Caller(client=Client(known.id, "web"))
    assert caller_of(authentication.NOBODY, Access.PUBLIC, {}) == ANONYMOUS


@pytest.mark.parametrize("secrets", [1, 2])
def test_unknown_ids_cost_the_same_work(known: Known, secrets: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash and two comparisons in constant time, for a known id, an unknown one, and none."""
    if secrets == 2:
        add_client(known.root, "web", NOW)
    work: list[str] = []

    def counted(name: str) -> Any:
        real = getattr(authentication, name)

        def call(*arguments: Any) -> Any:
            work.append(name)
            return real(*arguments)

        return call

    for name in ("digest", "compare_digest"):
        monkeypatch.setattr(authentication, name, counted(name))
    for header in (
        encoded(known.id, "wrong"),
        encoded("unknown", "wrong"),
        encoded("", ""),
        encoded(known.id, known.secret),
    ):
        work.clear()
        with suppress(ApiError):
            known.asks(header, Access.CLIENT)
        assert work == ["digest", "compare_digest", "compare_digest"]
