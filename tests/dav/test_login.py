"""Digest logins (RFC 7616), checked by a server that computes them itself; Basic is the usual case."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import pytest
from support.clients import client_of
from support.fault_server import Request, fault_server, reply

from gbook.errors import LoginRefused

PASSWORD = 'correct "horse"'
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


class DigestServer:
    """Answers 204 to a right login, and 401 with a challenge to any other."""

    def __init__(self, challenge: str, algorithm: str = "md5", password: str = PASSWORD) -> None:
        self.challenge = challenge
        self.algorithm = algorithm
        self.password = password
        self.counts: list[str] = []

    def __call__(self, request: Request) -> bytes:
        given = request.headers.get("authorization", "").encode("latin-1").decode()
        fields = {
            name: (quoted or plain).replace('\\"', '"')
            for name, quoted, plain in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', given)
        }
        if given.startswith("Digest ") and fields["response"] == self._expected(request, fields):
            self.counts.append(fields["nc"])
            return reply(204)
        return reply(401, b"<html>", www_authenticate=self.challenge)

    def _expected(self, request: Request, fields: dict[str, str]) -> str:
        assert fields["uri"] == request.target and fields["qop"] == "auth" and fields["opaque"] == "x,y"
        whose = self._hash(f"{fields['username']}:{fields['realm']}:{self.password}")
        what = self._hash(f"{request.method}:{request.target}")
        return self._hash(f"{whose}:{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:auth:{what}")

    def _hash(self, text: str) -> str:
        return hashlib.new(self.algorithm, text.encode()).hexdigest()


def basic(username: str = "alice", password: str = PASSWORD) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def challenge(**fields: str) -> str:
    quoted = {"realm": 'Baïkal, \\"home\\"', "nonce": NONCE, "qop": "auth", "opaque": "x,y"} | fields
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in quoted.items())


@pytest.mark.parametrize("username", ["alice", "zoë"])
@pytest.mark.parametrize(
    ("offered", "algorithm"),
    [
        (challenge(), "md5"),
        (challenge(qop="auth-int, auth") + ", algorithm=MD5", "md5"),
        (challenge() + ", algorithm=SHA-256, stale=false", "sha256"),
        (challenge().replace("Digest ", 'digest domain="/",  '), "md5"),
        (f'Negotiate, {challenge()}, Basic realm="other"', "md5"),
        (challenge(algorithm="SHA-512-256") + ", " + challenge(), "md5"),
    ],
)
def test_a_server_that_wants_digest_gets_it(username: str, offered: str, algorithm: str) -> None:
    """After one refusal, for reads and writes, and then at once with the next number."""
    script = DigestServer(offered, algorithm)
    with fault_server(script) as server, client_of(server.url, login=basic(username)) as client:
        assert client.write("PUT", "/1.ics?a=b", body=b"event").status == 204
        assert client.read("PROPFIND", "/", depth=1).status == 204
    first, again, _ = server.requests
    assert first.headers["authorization"] == basic(username)
    assert (first.body, again.body) == (b"event", b"event") and server.connections == 1
    assert script.counts == ["00000001", "00000002"]


def test_a_stale_nonce_is_replaced() -> None:
    """The server says that the login was right, but its nonce is too old."""
    script = DigestServer(challenge())
    with fault_server(script) as server, client_of(server.url, login=basic()) as client:
        client.read("GET", "/")
        script.challenge = challenge(nonce="new", stale="true")
        login = client._login._digest
        assert login is not None
        login._secret = "no longer right"
        assert client.read("GET", "/").status == 204
    assert script.counts == ["00000001", "00000001"] and len(server.requests) == 4


@pytest.mark.parametrize(
    "offered",
    [
        challenge(),
        challenge(stale="true"),
        challenge(qop="auth-int"),
        challenge(algorithm="MD5-sess"),
        'Digest realm="x", qop="auth"',
        'Basic realm="x"',
        "Digest",
        "",
    ],
)
def test_a_wrong_login_is_refused(offered: str) -> None:
    """At most one try of each kind, and the message shows nothing of it."""
    script = DigestServer(offered, password="another")
    with (
        fault_server(script) as server,
        client_of(server.url, login=basic()) as client,
        pytest.raises(LoginRefused, match="refuses the login") as caught,
    ):
        client.read("GET", "/")
    assert len(server.requests) <= 2
    assert "alice" not in caught.value.message and "horse" not in caught.value.message


@pytest.mark.parametrize("login", ["Bearer token", None])
def test_a_digest_needs_a_password(login: str | None) -> None:
    """A token or nothing cannot make one."""
    with (
        fault_server(DigestServer(challenge())) as server,
        client_of(server.url, login=login) as client,
        pytest.raises(LoginRefused),
    ):
        client.read("GET", "/")
    assert len(server.requests) == 1
