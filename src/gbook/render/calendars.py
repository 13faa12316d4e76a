"""Calendars as JSON documents and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gbook.timeutil.format import age_name, count
from gbook.timeutil.instants import format_instant
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.accounts.calendar_states import CalendarState
    from gbook.render.console import Console
    from gbook.render.lines import Keys

__all__ = ["calendar_document", "calendar_keys", "show_calendars"]


def calendar_document(state: CalendarState, now: int) -> dict[str, Any]:
    """Return the state of a calendar; `age` is in seconds at `now`."""
    checked = state.checked_at
    return {
        "accountId": json_id(state.account_id),
        "calendar": state.calendar,
        "kind": state.kind,
        "checkedAt": None if checked is None else format_instant(checked),
        "age": None if checked is None else now - checked,
        "events": state.events,
        "writable": state.writable,
        "code": state.code,
        "note": state.note,
    }


def calendar_keys(now: int) -> Keys:
    """Return the keys of calendars."""
    keys: dict[str, Callable[[CalendarState], Any]] = {
        "account": lambda state: state.account_id,
        "calendar": lambda state: state.calendar,
        "kind": lambda state: state.kind,
        "age": lambda state: _age(state, now),
        "events": lambda state: state.events,
        "writable": lambda state: "yes" if state.writable else "no",
        "note": lambda state: state.note,
    }
    return keys


def show_calendars(console: Console, states: Sequence[CalendarState], now: int) -> None:
    """Print a table of calendars, or how to add one."""
    from gbook.render.places import short_place
    from gbook.render.tables import WIDE, Column, print_list

    if not states:
        console.print_words("No calendars on servers. Next: gbook account add ID --email E --calendar URL")
        return
    rows = [
        [
            state.account_id,
            short_place(state.calendar),
            state.kind if state.writable or state.kind == "feed" else f"{state.kind}, read only",
            _age(state, now),
            "" if state.events is None else count(state.events, "event"),
            state.note or "",
        ]
        for state in states
    ]
    columns = [
        Column("account", heading=True),
        Column("calendar", heading=True, whole=True),
        Column("kind"),
        Column("confirmed", label="confirmed:"),
        Column("content"),
        Column("note"),
    ]
    if not any(state.note for state in states):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    print_list(console, columns, rows, WIDE)


def _age(state: CalendarState, now: int) -> str:
    """Return when a server confirmed a calendar; nothing for one on a disk."""
    if state.checked_at is None:
        return "" if state.kind in ("file", "vdir") else "never"
    return f"{age_name(now - state.checked_at)} ago"
