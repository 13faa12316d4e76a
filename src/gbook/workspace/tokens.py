"""Tokens in links: each is the right to do what it is for, such as see, move and cancel a booking.

A token is derived from what it is for, and its purpose, by the key of the workspace. So nothing is kept for
each of them, none can be guessed, and none serves another purpose. Without the key, all tokens that were sent
are worthless.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, NamedTuple

from gbook.errors import GbookError, InvalidFile
from gbook.filesystem.atomic import create_file
from gbook.filesystem.files import io_errors, read
from gbook.filesystem.private import PRIVATE_FOLDER, make_private_folder, require_private
from gbook.workspace.workspace import Workspace

__all__ = ["ConfirmTokens", "FormToken", "FormTokens", "OfferTokens", "RescheduleTokens", "require_sound_key"]

KEY_BYTES = 32
TOKEN_BYTES = 16
# The parts of a form's token: its time in seconds, its nonce, its proof; without padding in base64.
TIME_BYTES, NONCE_BYTES, PROOF_BYTES = 5, 12, 16


class _Tokens:
    """Tokens of one purpose: what its proofs begin with, and where its links lead.

    The key is read, and made at the first use, when this object is: after that nothing can fail. Raises
    InvalidFile if the key is damaged or other users may read it, GbookError if it cannot be read or made.
    """

    purpose: ClassVar[str]

    def __init__(self, workspace: Workspace) -> None:
        self._key = _key(_path(workspace))
        self._base_url = workspace.config.serve.base_url

    def _proof(self, about: bytes) -> bytes:
        return hmac.digest(self._key, f"{self.purpose} ".encode() + about, "sha256")


class _LinkTokens(_Tokens):
    """Tokens for links that lead to one thing, such as a booking: 22 characters that a URL can have."""

    def of(self, name: str) -> str:
        """Return the token of a thing by its name, such as the UID of a booking."""
        return _text(self._proof(name.encode())[:TOKEN_BYTES])

    def is_for(self, token: str, name: str) -> bool:
        """Return whether a token is that of a thing, in a time that tells nothing about it."""
        return hmac.compare_digest(self.of(name).encode(), token.encode(errors="replace"))

    def url(self, name: str) -> str:
        """Return the link of a thing; it is empty without a `baseUrl`."""
        return f"{self._base_url}/b/{self.purpose}/{self.of(name)}" if self._base_url else ""


class RescheduleTokens(_LinkTokens):
    """Tokens of bookings, by UID: for seeing, moving and cancelling one."""

    purpose = "booking"

    def links(self, uid: str) -> dict[str, str]:
        """Return the values of {{rescheduleToken}} and {{manageUrl}}, which is empty without a `baseUrl`."""
        return {"rescheduleToken": self.of(uid), "manageUrl": self.url(uid)}


class OfferTokens(_LinkTokens):
    """Tokens of proposals, by id: for picking one of the times that are held."""

    purpose = "offer"


class ConfirmTokens(_LinkTokens):
    """Tokens of guests, by their canonical e-mail address: for confirming what waits for it.

    Only mails to that address have one, the same in all of them: when no further mail is sent, an earlier one
    serves.
    """

    purpose = "confirm"


class FormToken(NamedTuple):
    """What a form's token says: its nonce of 16 characters, and its age in seconds, which may be negative."""

    nonce: str
    age: int


class FormTokens(_Tokens):
    """Tokens of forms: this service made the form, at a time that is known, and none with the same nonce."""

    purpose = "form"

    def of(self, name: str, now: int) -> str:
        """Return a new token for the form with a name; `now` is the real time in UTC seconds."""
        return self._signed(name, now.to_bytes(TIME_BYTES) + secrets.token_bytes(NONCE_BYTES))

    def read(self, token: str, name: str, now: int) -> FormToken | None:
        """Return what a token for the form with a name says; None if it is forged, or of another form."""
        try:
            stated = urlsafe_b64decode(token)[: TIME_BYTES + NONCE_BYTES]
        except ValueError:
            return None
        if not hmac.compare_digest(self._signed(name, stated).encode(), token.encode()):
            return None
        return FormToken(_text(stated[TIME_BYTES:]), now - int.from_bytes(stated[:TIME_BYTES]))

    def _signed(self, name: str, stated: bytes) -> str:
        return _text(stated + self._proof(stated + name.encode())[:PROOF_BYTES])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def require_sound_key(workspace: Workspace) -> None:
    """Check the key of a workspace, if it has one. Raises as the tokens do."""
    path = _path(workspace)
    with io_errors(str(path)):
        _read(path)


def _path(workspace: Workspace) -> Path:
    return workspace.root / PRIVATE_FOLDER / "token-key"


def _key(path: Path) -> bytes:
    """Return the key of a workspace; of two processes that make it, one does, and both read it."""
    with io_errors(str(path)):
        if (key := _read(path)) is None:
            make_private_folder(str(path.parent))
            with suppress(FileExistsError):
                create_file(str(path), secrets.token_bytes(KEY_BYTES))
            key = _read(path)
    if key is None:
        raise GbookError(f"{path}: was deleted when it had just been made; try again", path=str(path))
    return key


def _read(path: Path) -> bytes | None:
    key = read(str(path))
    if key is None:
        return None
    require_private(str(path), path.lstat())
    if len(key) != KEY_BYTES:
        message = (
            f"expected {KEY_BYTES} bytes, found {len(key)}; restore it from a backup, or delete it: "
            "then links that were sent stop working"
        )
        raise InvalidFile(str(path), [message])
    return key
