"""Bookings for people: what was booked, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.bookings.record import Record
from gbook.instants import local
from gbook.render.text import clean

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_booking", "show_event", "when"]


def show_booking(console: Console, record: Record, zone: ZoneInfo) -> None:
    """One booking or reservation that was just made or changed."""
    what = "Reserved" if record.is_reservation else "Booked"
    console.print(f"{what} {when(record, zone)}: {clean(record.subject)}")
    console.print(f"  with {', '.join(record.accounts)} (host: {record.host})")
    console.print(f"  in {', '.join(clean(copy.shown) for copy in record.copies)}")
    if record.conference:
        console.print(f"  conference {clean(record.conference)}")
    if record.expires is not None and record.is_reservation:
        console.print(f"  until {local(record.expires, zone):%a %d %b %H:%M %Z}")
        console.print(f"Confirm it with: gbook reservation confirm {record.uid}")
    else:
        console.print(f"Move or cancel it with: gbook booking reschedule|cancel {record.uid}")


def show_event(console: Console, record: Record) -> None:
    """The event of a booking as it would be written."""
    for line in record.event.to_ical(sorted=False).decode().splitlines():
        console.print(clean(line), soft_wrap=True)


def when(record: Record, zone: ZoneInfo) -> str:
    """`Tue 24 Nov 2026 14:00–14:30 UTC`."""
    start, end = local(record.start, zone), local(record.end, zone)
    return f"{start:%a %d %b %Y %H:%M}–{end:%H:%M %Z}"
