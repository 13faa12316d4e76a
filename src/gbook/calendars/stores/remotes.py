"""The remote calendars of one command: the mirror, what servers have answered, and the time that is left."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gbook.calendars.stores.mirror import Mirror
from gbook.errors import GbookError

if TYPE_CHECKING:
    from gbook.dav.deadline import Deadline
    from gbook.dav.http import Client

__all__ = ["Asking", "Remotes"]

# The seconds that all requests of a query may take; in a booking, those of each step.
TIMEOUT = 10.0
# The seconds after which answers are old: a person was asked something meanwhile, or a program goes on for
# days with one workspace.
ANSWER_SECONDS = 60.0


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """How a command asks servers.

    `timeout` is in seconds, for all requests of a query, and for each step of a booking. With `offline` no
    server is asked: the mirror answers if it is at most `oldest` seconds old, or however old it is. `at_once`
    asks also for what was read a moment ago; `accept` believes a server that says that most of a calendar is
    gone.
    """

    timeout: float = TIMEOUT
    offline: bool = False
    oldest: int | None = None
    at_once: bool = False
    accept: bool = False


class Remotes:
    """What the remote calendars of one command share. `folder` is that of the workspace, for its programs."""

    def __init__(self, mirror: Mirror, folder: Path, asking: Asking = Asking()) -> None:
        self.mirror = mirror
        self.folder = folder
        self.asking = asking
        # By key: why a calendar must not be read; None if its server has confirmed it.
        self.answers: dict[str, GbookError | None] = {}
        # By key: the names of the command's own holds, which do not block it.
        self.own_holds: Mapping[str, Set[str]] = {}
        # By key: the names of all holds, and the revision of the mirror in which they were found.
        self.all_holds: dict[str, tuple[bytes, Set[str]]] = {}
        self.leaves_holds_out = False
        # By key and name: the ETag and the content of what this command has put.
        self.sent: dict[tuple[str, str], tuple[str, bytes]] = {}
        # By id of the server: the client that keeps a connection to it.
        self.clients: dict[str, Client] = {}
        self._left = asking.timeout
        self._asked = time.monotonic()

    def __reduce__(self) -> tuple[Any, ...]:
        return Remotes, (self.mirror, self.folder, self.asking)

    def forget(self) -> None:
        """Let each server be asked again before its calendars are read."""
        self.answers.clear()

    def forget_old(self) -> None:
        """Forget answers that are old, with the time that they took."""
        if time.monotonic() - self._asked > ANSWER_SECONDS:
            self.forget()
            self.renew()

    @contextmanager
    def without_holds(self) -> Iterator[None]:
        """Leave out the holds of all bookings that are under way, as if they had been given up."""
        self.leaves_holds_out = True
        try:
            yield
        finally:
            self.leaves_holds_out = False

    def renew(self) -> None:
        """Let the next requests have the whole time of a command: a booking asks several times."""
        self._left = self.asking.timeout

    def close(self) -> None:
        """Close the mirror and all connections."""
        self.mirror.close()
        while self.clients:
            self.clients.popitem()[1].close()

    def as_of(self) -> int | None:
        """Return the instant of the oldest answer of a server that may be read; None if there is none."""
        readable = [key for key, error in self.answers.items() if error is None]
        known = [said for key in readable if (said := self.mirror.look(key))]
        return min((said.checked_at for said in known), default=None)

    @contextmanager
    def deadline(self) -> Iterator[Deadline]:
        """Give the deadline of some requests; the time that they take is missing to the next ones."""
        from gbook.dav.deadline import Deadline

        began = time.monotonic()
        try:
            yield Deadline.after(self._left)
        finally:
            self._asked = time.monotonic()
            self._left = max(0.0, self._left - (self._asked - began))
