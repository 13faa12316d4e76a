"""Reschedule tokens: whoever has the token of a booking may see it, move it and cancel it.

A token is derived from the UID of the booking by the key of the workspace, so nothing is kept for each of
them, and none can be guessed. Without the key, all tokens that were sent are worthless.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from gbook.errors import GbookError, InvalidFile
from gbook.filesystem.atomic import create_file
from gbook.filesystem.files import io_errors, read
from gbook.filesystem.private import PRIVATE_FOLDER, make_private_folder, require_private
from gbook.workspace.workspace import Workspace

__all__ = ["RescheduleTokens", "require_sound_key"]

KEY_BYTES = 32
TOKEN_BYTES = 16


class RescheduleTokens:
    """The tokens of the bookings of a workspace.

    The key is read, and made at the first use, when this object is: after that nothing can fail. Raises
    InvalidFile if the key is damaged or other users may read it, GbookError if it cannot be read or made.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._key = _key(_path(workspace))
        self._base_url = workspace.config.serve.base_url

    def of(self, uid: str) -> str:
        """Return the token of a booking: 22 characters that a URL can have."""
        digest = hmac.digest(self._key, b"booking " + uid.encode(), "sha256")
        return urlsafe_b64encode(digest[:TOKEN_BYTES]).decode().rstrip("=")

    def is_for(self, token: str, uid: str) -> bool:
        """Return whether a token is that of a booking, in a time that tells nothing about it."""
        return hmac.compare_digest(self.of(uid).encode(), token.encode(errors="replace"))

    def links(self, uid: str) -> dict[str, str]:
        """Return the values of {{rescheduleToken}} and {{manageUrl}}, which is empty without a `baseUrl`."""
        token = self.of(uid)
        url = f"{self._base_url}/b/booking/{token}" if self._base_url else ""
        return {"rescheduleToken": token, "manageUrl": url}


def require_sound_key(workspace: Workspace) -> None:
    """Check the key of a workspace, if it has one. Raises as RescheduleTokens does."""
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
