"""Accounts as JSON documents and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.workspace.config import Account

__all__ = ["account_document", "show_account", "show_accounts"]


def account_document(account: Account) -> dict[str, Any]:
    """Return an account by the keys of gbook.yaml, with defaults filled in and a numeric id as a number."""
    import msgspec

    return {**msgspec.to_builtins(account), "id": json_id(account.id)}


def show_accounts(console: Console, accounts: Sequence[Account]) -> None:
    """Print a table of accounts, or how to add one."""
    from gbook.render.tables import WIDE, Column, print_list

    if not accounts:
        console.print_words("No accounts. Next: gbook account add ID --email E --create")
        return
    rows = [
        [
            item.id,
            item.name or "",
            item.email,
            item.timezone or "",
            ", ".join(calendar.path for calendar in item.calendars),
        ]
        for item in accounts
    ]
    columns = (Column("id"), Column("name"), Column("email"), Column("timezone"), Column("calendars"))
    print_list(console, columns, rows, WIDE)


def show_account(console: Console, account: Account) -> None:
    """Print an account, one key a line."""
    from gbook.profiles.hours import format_hours
    from gbook.render.tables import print_record

    shown = account_document(account)
    shown["calendars"] = [_calendar(item) for item in shown["calendars"]]
    if hours := account.work_hours:
        shown["workHours"] = f"{format_hours(hours.day_schedules)} {hours.timezone or ''}"
    print_record(console, shown)


def _calendar(item: dict[str, Any]) -> str:
    """Return a calendar's path, with the settings that differ from the defaults."""
    from msgspec import to_builtins

    from gbook.workspace.config import CalendarRef

    defaults = to_builtins(CalendarRef(path=item["path"]))
    settings = [f"{key}: {str(value).lower()}" for key, value in item.items() if value != defaults[key]]
    return f"{item['path']} ({', '.join(settings)})" if settings else str(item["path"])
