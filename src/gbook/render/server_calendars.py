"""The calendars that a server has, and what one of them keeps, as JSON documents and on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gbook.dav.home import ServerCalendar
    from gbook.dav.probe import Capabilities
    from gbook.render.console import Console

__all__ = ["calendar_document", "capabilities_document", "show_calendars", "show_capabilities"]


def calendar_document(calendar: ServerCalendar) -> dict[str, Any]:
    """Return a calendar as an object of JSON."""
    return {
        "url": calendar.url,
        "name": calendar.name or None,
        "color": calendar.color or None,
        "components": calendar.components,
        "writable": calendar.is_writable,
        "syncCollection": calendar.has_sync,
    }


def capabilities_document(found: Capabilities) -> dict[str, Any]:
    """Return what a calendar keeps as an object of JSON; `clockSkew` is in seconds."""
    return {
        "writable": found.writable,
        "createOnly": found.create_only,
        "match": found.match,
        "syncCollection": found.sync,
        "keepsBytes": found.keeps_bytes,
        "clockSkew": None if found.clock_skew is None else round(found.clock_skew),
        "refusal": found.refusal or None,
    }


def show_calendars(console: Console, calendars: Sequence[ServerCalendar]) -> None:
    """Print a table of calendars."""
    from gbook.render.tables import WIDE, Column, print_list

    if not calendars:
        console.print_words("The server has no calendar for this login.")
        return
    rows = [
        [each.name, _kinds(each), "read and write" if each.is_writable else "read", each.url]
        for each in calendars
    ]
    columns = (Column("name"), Column("kinds"), Column("rights"), Column("address"))
    print_list(console, columns, rows, WIDE)


def _kinds(calendar: ServerCalendar) -> str:
    names = {"VEVENT": "events", "VTODO": "tasks", "VJOURNAL": "journals"}
    kinds = [name for kind, name in names.items() if kind in calendar.components]
    return ", ".join(kinds) if calendar.components else "any"


def show_capabilities(console: Console, found: Capabilities) -> None:
    """Print what a calendar keeps, one promise a line, and what follows for bookings."""
    from gbook.render.tables import print_record

    if not found.writable:
        console.print_words(f"gbook can only read this calendar: {found.refusal}.")
        return
    skew = found.clock_skew
    print_record(
        console,
        {
            "creates only if absent (If-None-Match)": found.create_only,
            "replaces only what was read (If-Match)": found.match,
            "tells what has changed (sync-collection)": found.sync,
            "keeps events byte for byte": found.keeps_bytes,
            "clock": "unknown" if skew is None else f"{abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}",
        },
    )
    if found.is_safe:
        console.print_words("gbook can book in this calendar.")
    else:
        console.print_words(
            "gbook can only read this calendar: two bookings at once could overwrite each other."
        )
