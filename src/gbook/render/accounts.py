"""Accounts as JSON documents and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.workspace.calendar_ref import CalendarRef
    from gbook.workspace.config import Account

__all__ = ["account_document", "show_account", "show_accounts"]


def account_document(account: Account) -> dict[str, Any]:
    """Return an account by the keys of gbook.yaml, with defaults filled in and a numeric id as a number."""
    import msgspec

    calendars = [_calendar_document(calendar) for calendar in account.calendars]
    return {**msgspec.to_builtins(account), "id": json_id(account.id), "calendars": calendars}


def _calendar_document(calendar: CalendarRef) -> dict[str, Any]:
    """Return a calendar by its keys, without those of other kinds; a feed has its host only, as `feed`."""
    import msgspec

    keys = msgspec.to_builtins(calendar)
    place = {key: keys.pop(key) for key in ("path", "url", "urlCommand", "server", "maxAge", "concurrency")}
    if calendar.is_feed:
        return {"feed": calendar.shown, "maxAge": place["maxAge"], **keys}
    own = ("url", "server", "concurrency") if calendar.url else ("path",)
    return {**{key: place[key] for key in own}, **keys}


def show_accounts(console: Console, accounts: Sequence[Account]) -> None:
    """Print a table of accounts, or how to add one."""
    from gbook.render.places import short_places
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
            ", ".join(short_places(calendar.shown for calendar in item.calendars)),
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
    shown["calendars"] = [_calendar(calendar) for calendar in account.calendars]
    if hours := account.work_hours:
        shown["workHours"] = f"{format_hours(hours.day_schedules)} {hours.timezone or ''}"
    if not account.features:
        shown.pop("features")
    print_record(console, shown)


def _calendar(calendar: CalendarRef) -> str:
    """Return how a calendar is shown, with the settings that differ from the defaults."""
    from gbook.workspace.calendar_ref import CalendarRef

    defaults = _calendar_document(CalendarRef(path=calendar.shown))
    settings = [
        f"{key}: {str(value).lower()}"
        for key, value in _calendar_document(calendar).items()
        if key in defaults and value != defaults[key] and key != "path"
    ]
    return f"{calendar.shown} ({', '.join(settings)})" if settings else calendar.shown
