"""Reading and writing `.gbook/clients.json`, which only its owner may read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gbook.cache import UNTRUSTED, Fingerprint
from gbook.clients.model import Credentials
from gbook.errors import InvalidFile
from gbook.filesystem.atomic import clear_temporaries, create_file, replace_file
from gbook.filesystem.companions import beside
from gbook.filesystem.files import exists, io_errors, read
from gbook.filesystem.flock import hold_lock, lock_deadline
from gbook.filesystem.private import PRIVATE_FOLDER, make_private_folder, require_private

__all__ = ["CredentialsFile", "editing"]

_EMPTY = Credentials()


class CredentialsFile:
    """The file of a workspace as it is now: a change counts at the next look; what is settled is parsed once.

    Threads may share it: what is remembered is replaced in one step.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / PRIVATE_FOLDER
        self.path = str(self.folder / "clients.json")
        self._known = UNTRUSTED, _EMPTY

    def read(self) -> Credentials:
        """Return what the file holds; nothing if it does not exist.

        Raises InvalidFile if it is damaged or other users may read it, GbookError if it cannot be read.
        """
        with io_errors(self.path):
            try:
                status = Path(self.path).lstat()
            except FileNotFoundError:
                return _EMPTY
            require_private(self.path, status)
            fingerprint = Fingerprint.of(status)
            known, credentials = self._known
            if known != fingerprint:
                # Read after its fingerprint was taken: a change between the two is seen at the next look.
                trusted = fingerprint.trusted(time.time_ns())
                content = read(self.path)
                credentials = _EMPTY if content is None else _decode(self.path, content)
                self._known = trusted, credentials
        return credentials

    def write(self, credentials: Credentials) -> None:
        """Replace the content of the file; its lock is held. Raises GbookError."""
        content = msgspec.json.format(msgspec.json.encode(credentials), indent=2) + b"\n"
        write = replace_file if exists(self.path) else create_file
        with io_errors(self.path):
            write(self.path, content)


@contextmanager
def editing(root: Path) -> Iterator[CredentialsFile]:
    """Hold the lock of a workspace's file while the block reads and writes it. Raises Locked, GbookError."""
    file = CredentialsFile(root)
    with io_errors(file.path):
        make_private_folder(str(file.folder))
        with hold_lock(beside(file.path, "lock"), [file.path], lock_deadline()):
            clear_temporaries(file.path)
            yield file


def _decode(path: str, content: bytes) -> Credentials:
    try:
        credentials = msgspec.json.decode(content, type=Credentials)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = f"{str(error)[:1].lower()}{str(error)[1:]}"
        remedy = "restore it from a backup, or delete it and make all clients again"
        raise InvalidFile(path, [f"{reason}; {remedy}"]) from None
    if problems := [*credentials.check()]:
        raise InvalidFile(path, problems)
    return credentials
