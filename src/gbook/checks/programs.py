"""Calendars that belong to a running program, which overwrites the changes of other programs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from gbook.calendars.commit.paths import real_path
from gbook.errors import Warn
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["overwritten_calendars"]

MESSAGE = (
    "Evolution and GNOME Calendar keep this file in memory and overwrite bookings in it; in Evolution, "
    "create a calendar that uses an existing .ics file, and use that file here"
)


def overwritten_calendars(workspace: Workspace, account: Account) -> Iterator[Warn]:
    """Yield a warning for each writable calendar of an account that another program will overwrite."""
    for calendar in account.calendars:
        is_written = not (calendar.readonly or calendar.is_remote or account.is_invited_by_mail)
        if is_written and _is_in_store(real_path(workspace.calendar_path(calendar))):
            yield Warn("evolution_store", MESSAGE, account.id, calendar.shown)


def _is_in_store(path: str) -> bool:
    """Return whether a file is evolution-data-server's, as `…/evolution/calendar/system/calendar.ics` is.

    That process reads such a file once, and rewrites all of it with every change.
    """
    return any(
        folder in ("evolution", ".evolution") and name == "calendar"
        for folder, name in pairwise(Path(path).parts)
    )
