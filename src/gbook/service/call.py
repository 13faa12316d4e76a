"""One call of an operation: what was asked, by whom, and the workspace as it is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import gbook
from gbook.profiles.store import ProfileStore
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["ANONYMOUS", "Call", "Caller", "Client"]


class Client(NamedTuple):
    """A program that may use the group operations: its id, and the name that its maker gave it."""

    id: str
    name: str


class Caller(NamedTuple):
    """Who calls: a client, an account, or, on public operations, nobody."""

    client: Client | None = None
    account: Account | None = None


ANONYMOUS = Caller()


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call whose caller may make it, and whose path, query and body are valid.

    `query` and `body` are the models of its route. `now` is the instant of its arrival.
    """

    workspace: Workspace
    now: int
    caller: Caller = ANONYMOUS
    # The variables of the path, such as {id}.
    path: dict[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    # The Idempotency-Key header.
    key: str | None = None

    @cached_property
    def profiles(self) -> ProfileStore:
        """The profiles of the workspace."""
        return ProfileStore(self.workspace)

    @cached_property
    def context(self) -> gbook.BookingContext:
        """The context of its booking operations."""
        return gbook.BookingContext(self.workspace, self.now)
