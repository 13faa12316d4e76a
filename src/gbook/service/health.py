"""What supervisors and load balancers ask: is the process alive, and can it book."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import falcon

from gbook.calendars.commit.paths import is_folder, real_path
from gbook.calendars.commit.replaceable import check_replaceable, check_writable
from gbook.calendars.stores.file import LocalStore
from gbook.errors import GbookError
from gbook.service.call import OpenWorkspace
from gbook.service.log import Trouble
from gbook.workspace.workspace import Workspace

__all__ = ["Healthy", "Ready", "unwritable"]

RETRY_SECONDS = "30"


class Healthy:
    """`GET /healthz`: the process answers."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = {"status": "Ok"}


class Ready:
    """`GET /readyz`: the workspace is valid, and the primary calendars on disks can be written.

    Calendars on servers are not asked. The log says what is wrong, the answer does not.
    """

    def __init__(self, open_workspace: OpenWorkspace) -> None:
        self._open_workspace = open_workspace
        self._trouble = Trouble("not ready", over="ready again")

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        try:
            with self._open_workspace() as workspace:
                reason = next(unwritable(workspace), None)
        except GbookError as error:
            reason = error.message
        self._trouble.note(reason)
        response.media = {"status": "Unavailable" if reason else "Ok"}
        if reason:
            response.status = falcon.HTTP_503
            response.set_header("Retry-After", RETRY_SECONDS)


def unwritable(workspace: Workspace) -> Iterator[str]:
    """Yield why bookings cannot be written, for each account whose primary calendar is on a disk."""
    for account in workspace.config.accounts:
        if account.primary is None or not account.is_writable:
            continue
        store = workspace.store(account.primary)
        try:
            if isinstance(store, LocalStore):
                _check(real_path(store.path))
        except GbookError as error:
            yield f"account {account.id}: {error.message}"
        except OSError as error:
            yield f"account {account.id}: {account.primary.shown}: {error.strerror}"


def _check(calendar: str) -> None:
    """Raise GbookError or OSError unless a calendar (a real path) can be replaced or added to."""
    if is_folder(calendar):
        check_writable(calendar)
    else:
        check_writable(str(Path(calendar).parent))
        check_replaceable(calendar)
