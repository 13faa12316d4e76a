"""One call of an operation: what was asked, by whom, and the workspace as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

import gbook
from gbook.errors import Warn
from gbook.profiles.store import ProfileStore
from gbook.service.throttle import Allowance
from gbook.workspace.config import Account
from gbook.workspace.numbers import number_of
from gbook.workspace.workspace import Workspace

__all__ = ["ANONYMOUS", "Call", "Caller", "Client", "Job", "Later", "OpenWorkspace", "Scope"]

# Work after a change is in the calendars, such as a mail: it returns a warning for each failure.
Job = Callable[[Workspace], Sequence[Warn]]
# Opens the workspace as it is now, for one request or job.
OpenWorkspace = Callable[[], AbstractContextManager[Workspace]]
# Takes a job, to be run with a workspace of its own.
Later = Callable[[Job], None]


class Client(NamedTuple):
    """A program that may use the group operations: its id, and the name that its maker gave it."""

    id: str
    name: str


class Caller(NamedTuple):
    """Who calls: a client, an account, or, on public operations, an unknown guest."""

    client: Client | None = None
    account: Account | None = None

    @property
    def logged(self) -> str:
        """How the log names it: by the id of the client, or the number of the account."""
        if self.client:
            return self.client.id
        return str(number_of(self.account)) if self.account else "-"


ANONYMOUS = Caller()


class Scope(Enum):
    """The profiles that an operation is about; any other one does not exist for its caller."""

    # Those that belong to no account.
    GROUP = "group"
    # Those of the account that calls; for a client those of all accounts.
    PERSONAL = "personal"
    # Those that anyone may book.
    PUBLIC = "public"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call whose caller may make it, and whose path, query and body are valid.

    `query` and `body` are the models of its route. `now` is the instant of its arrival.
    """

    workspace: Workspace
    now: int
    scope: Scope = Scope.GROUP
    caller: Caller = ANONYMOUS
    # The variables of the path, such as {id}.
    path: dict[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    # The Idempotency-Key header.
    key: str | None = None
    # The time zone of the guest who books (IANA name), if the guest has chosen one.
    guest_zone: str | None = None
    # How often the caller may still book, move, or have a mail sent.
    allowance: Allowance = field(default_factory=Allowance)
    # Takes the work that the answer does not wait for; None: it is done at once.
    run_later: Later | None = None

    @cached_property
    def profiles(self) -> ProfileStore:
        """The profiles of the workspace."""
        return ProfileStore(self.workspace)

    def later(self, job: Job) -> None:
        """Do work after the answer. It cannot fail the call: what it is about is written."""
        if self.run_later is None:
            job(self.workspace)
        else:
            self.run_later(job)

    @cached_property
    def context(self) -> gbook.BookingContext:
        """The context of its booking operations."""
        return gbook.BookingContext(self.workspace, self.now)
