"""Unreadable calendars: a booking that is not found elsewhere may be in one of them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from gbook.errors import GbookError, InvalidFile, Locked, Unreachable, Warn
from gbook.workspace.workspace import Workspace

__all__ = ["refuse_damaged", "refuse_unreadable"]


def refuse_unreadable(warnings: Iterable[Warn], consequence: str, accounts: Container[str]) -> None:
    """Raise an error for the first of `warnings` about a calendar of these accounts.

    It is Locked, Unreachable or InvalidFile.
    """
    for warning in warnings:
        if warning.account_id in accounts:
            if warning.code == "locked_calendar":
                raise Locked(f"{warning.message}; {consequence}")
            if warning.code == "unreachable_calendar":
                raise Unreachable(warning.path or "", f"{warning.message}; {consequence}")
            if warning.code == "unreadable_calendar":
                raise InvalidFile(warning.path or "", [f"{warning.message}; {consequence}"])


def refuse_damaged(
    workspace: Workspace, warnings: Iterable[Warn], consequence: str, accounts: Container[str] | None = None
) -> None:
    """Raise InvalidFile, Unreachable or Locked if a calendar, of all accounts or of these, is damaged.

    The search for bookings skips files without any, so a calendar that was truncated before its first booking
    is detected only here.
    """
    from gbook.calendars.busy.readable import check_readable

    searched = [
        account for account in workspace.accounts.values() if accounts is None or account.id in accounts
    ]
    refuse_unreadable(warnings, consequence, {account.id for account in searched})
    calendars = {calendar.shown: calendar for account in searched for calendar in account.calendars}
    for shown, calendar in calendars.items():
        try:
            check_readable(workspace.store(calendar))
        except Unreachable:
            raise
        except GbookError as error:
            raise InvalidFile(shown, [f"{error.message}; {consequence}"]) from error
