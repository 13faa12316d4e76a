"""The login of a request: Basic (RFC 7617) or Bearer (RFC 6750) as given, or Digest where a server wants it.

Digest (RFC 7616) is what Baïkal asks for by default. It is made from the user name and
password of a Basic header, which a server that wants Digest refuses.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from functools import cached_property
from secrets import token_hex

__all__ = ["Login"]

ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}
_BASIC = "Basic "
_CHALLENGE = re.compile(r'(?i)(?:^|,)\s*digest\s+((?:\s*,?\s*[\w*-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+))+)')
_PARAMETER = re.compile(r'([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Login:
    """The login for one server. `authorization` is called once; see `Client`."""

    def __init__(self, authorization: Callable[[], str | None]) -> None:
        self._authorization = authorization
        self._digest: _Digest | None = None

    @cached_property
    def _given(self) -> str | None:
        return self._authorization()

    @property
    def is_known(self) -> bool:
        """There is something to log in with."""
        return self._given is not None

    def header(self, method: str, target: str) -> dict[str, str]:
        """Return the Authorization header of a request, if it needs one."""
        value = self._digest.header(method, target) if self._digest else self._given
        return {"Authorization": value} if value else {}

    def accepts(self, challenges: Iterable[str]) -> bool:
        """Return whether the values of WWW-Authenticate ask for a Digest that was not yet given."""
        basic = self._given or ""
        if not basic.startswith(_BASIC):
            return False
        for challenge in _digests(challenges):
            if self._digest is None or challenge.get("stale", "").lower() == "true":
                username, _, password = b64decode(basic.removeprefix(_BASIC)).decode().partition(":")
                self._digest = _Digest(challenge, username, password)
                return True
        return False


def _digests(challenges: Iterable[str]) -> Iterable[dict[str, str]]:
    """Yield the parameters of each Digest challenge that can be answered."""
    for value in challenges:
        # http.client reads headers as Latin-1; a realm is UTF-8.
        for found in _CHALLENGE.findall(value.encode("latin-1").decode("utf-8", "replace")):
            parameters = {
                name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
                for name, quoted, plain in _PARAMETER.findall(found)
            }
            parameters.setdefault("algorithm", "MD5")
            qop = re.split(r"[\s,]+", parameters.get("qop", ""))
            if parameters["algorithm"].upper() in ALGORITHMS and "auth" in qop and "nonce" in parameters:
                yield parameters


class _Digest:
    """A Digest login with one nonce of the server."""

    def __init__(self, challenge: dict[str, str], username: str, password: str) -> None:
        self._challenge = challenge
        self._username = username
        self._secret = self._hash(f"{username}:{challenge.get('realm', '')}:{password}")
        self._count = 0

    def _hash(self, text: str) -> str:
        name = ALGORITHMS[self._challenge["algorithm"].upper()]
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    def header(self, method: str, target: str) -> str:
        """Return the value of the Authorization header of the next request (RFC 7616 §3.4)."""
        self._count += 1
        nonce, count, own_nonce = self._challenge["nonce"], f"{self._count:08x}", token_hex(16)
        request = self._hash(f"{method}:{target}")
        fields = {
            "username": self._username,
            "realm": self._challenge.get("realm", ""),
            "nonce": nonce,
            "uri": target,
            "cnonce": own_nonce,
            "response": self._hash(f"{self._secret}:{nonce}:{count}:{own_nonce}:auth:{request}"),
            "opaque": self._challenge.get("opaque"),
        }
        quoted = [f'{name}="{_escaped(value)}"' for name, value in fields.items() if value is not None]
        plain = [f"algorithm={self._challenge['algorithm']}", "qop=auth", f"nc={count}"]
        # http.client writes headers in Latin-1; these bytes are UTF-8.
        return f"Digest {', '.join([*quoted, *plain])}".encode().decode("latin-1")


def _escaped(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)
