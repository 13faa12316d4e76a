"""The bytes of gbook's events on servers: holds, and how an event is known after a server rewrote it."""

from __future__ import annotations

import re
from collections.abc import Container

from gbook.bookings.attendees import address_of
from gbook.bookings.event_reader import DAMAGED, own_components, read_event
from gbook.bookings.record import Record
from gbook.calendars.ics.content_lines import fold
from gbook.calendars.ics.edit import Put, apply, rewrite
from gbook.calendars.ics.gbook_properties import GbookProperties, format_utc, write_properties
from gbook.domains import canonical_address
from gbook.errors import GbookError

__all__ = ["essence", "hold_event", "without_scheduling"]

_SCHEDULED = re.compile(rb"(ATTENDEE|ORGANIZER)(?=[;:])(?![^:]*SCHEDULE-AGENT=)", re.IGNORECASE)


def hold_event(record: Record, uid: str, attempt: str, expires: int) -> bytes:
    """Return the calendar object with which an attempt holds the time of a booking until `expires`.

    It names the accounts, and neither the guest nor the subject. Of a series it holds all dates, each as long
    as the longest: not every server takes periods.
    """
    start, *others = (low for low, _ in record.times)
    end = start + max(high - low for low, high in record.times)
    own = GbookProperties(
        record.profile, record.host, record.accounts, record.buffers, expires=expires, hold=attempt
    )
    lines = [
        *("BEGIN:VEVENT", f"UID:{uid}"),
        *(f"DTSTAMP:{format_utc(expires)}", f"DTSTART:{format_utc(start)}"),
        *(f"DTEND:{format_utc(end)}", "SUMMARY:Being booked", "STATUS:TENTATIVE"),
        *([f"RDATE:{','.join(map(format_utc, others))}"] if others else []),
        *(f"{name}:{text}" for name, text in write_properties(own).items()),
        "END:VEVENT",
    ]
    component = b"".join(fold(line.encode(), b"\r\n") for line in lines)
    content = apply(None, [Put(uid, component)], "")
    assert content is not None
    return content


def without_scheduling(component: bytes, only: Container[str] | None = None) -> bytes:
    """Return a VEVENT whose attendees the server does not invite (SCHEDULE-AGENT=CLIENT, RFC 6638 §7.1).

    With `only` (canonical addresses), it invites all others.
    """

    def change(line: bytes) -> bytes:
        if only is not None and canonical_address(address_of(line) or "") not in only:
            return line
        return _SCHEDULED.sub(rb"\1;SCHEDULE-AGENT=CLIENT", line, count=1)

    return rewrite(component, change)


def essence(content: bytes, uid: str) -> list[tuple[object, ...]] | None:
    """Return what tells the states of a booking apart, whatever a server has made of the bytes.

    None if the content does not have the event, or not as gbook writes it.
    """
    try:
        events = [read_event(uid, own) for name, own in own_components(content) if name == uid]
    except (GbookError, *DAMAGED):
        return None
    return [
        (tuple(each.times), each.status, each.sequence, each.host, each.accounts, each.expires, each.hold)
        for each in events
        if each is not None
    ] or None
