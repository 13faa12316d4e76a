"""Summaries of bookings, read without parsing whole events.

Shell completion uses them, because it must be fast; `records` reads bookings for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from typing import NamedTuple

from gbook.calendars.ics.content_lines import Line, normalize, read_lines, text_value
from gbook.calendars.ics.gbook_properties import ACCOUNTS, EXPIRES, HOST, PROFILE, read_properties
from gbook.calendars.ics.ownership import is_own_uid
from gbook.calendars.ics.values import read_date_times
from gbook.calendars.stores.vdir import list_items, read_bytes
from gbook.calendars.zones.timezones import CalendarZones
from gbook.errors import GbookError
from gbook.workspace.workspace import Workspace

__all__ = ["BookingSummary", "list_summaries"]

_MARK = f"\n{PROFILE}:".encode()
_NAMES = frozenset(
    {
        *("UID", "RECURRENCE-ID", "DTSTART", "SUMMARY", "STATUS"),
        *(PROFILE, HOST, ACCOUNTS, EXPIRES),
    }
)


class BookingSummary(NamedTuple):
    """A booking or reservation in short; `start` and `expires` are instants."""

    uid: str
    profile: str
    start: int
    subject: str
    status: str
    accounts: tuple[str, ...]
    expires: int | None

    @property
    def is_reservation(self) -> bool:
        """Whether it only holds a slot."""
        return self.status == "tentative" and self.expires is not None


def list_summaries(workspace: Workspace) -> list[BookingSummary]:
    """Return all bookings and reservations by start, without those that cannot be read."""
    calendars = {
        workspace.calendar_path(calendar)
        for account in workspace.accounts.values()
        for calendar in account.calendars
    }
    summaries: dict[str, BookingSummary] = {}
    for calendar in calendars:
        try:
            for item in list_items(calendar):
                summaries |= {summary.uid: summary for summary in _summarize(read_bytes(item.path))}
        except GbookError:
            continue
    return sorted(summaries.values(), key=lambda summary: (summary.start, summary.uid))


def _summarize(data: bytes) -> Iterator[BookingSummary]:
    """Yield the bookings in a file: each VEVENT around a line that only gbook writes."""
    at = data.find(_MARK)
    while at >= 0:
        begin, end = data.rfind(b"BEGIN:VEVENT", 0, at), data.find(b"END:VEVENT", at)
        if begin >= 0 and end >= 0:
            lines = read_lines(normalize(data[begin:end]), _NAMES)
            with suppress(KeyError, ValueError, OverflowError):
                summary = _summarize_event({name: own[0] for name, own in lines.items()})
                if is_own_uid(summary.uid) and "RECURRENCE-ID" not in lines:
                    yield summary
        at = data.find(_MARK, max(end, at + 1))


def _summarize_event(lines: dict[str, Line]) -> BookingSummary:
    """Return the summary of an event. Raises KeyError, ValueError if it is damaged."""

    def text(name: str) -> str:
        return text_value(lines[name].value).strip() if name in lines else ""

    zones = CalendarZones(UTC, lambda name, offset: offset or UTC)
    own, faults = read_properties(lambda name: text(name) if name in lines else None)
    if faults:
        raise ValueError(faults[0])
    return BookingSummary(
        uid=lines["UID"].value.strip(),
        profile=own.profile,
        start=read_date_times(lines["DTSTART"], zones)[0][0].instant,
        subject=text("SUMMARY"),
        status=text("STATUS").lower(),
        accounts=tuple(own.accounts) or tuple(own.host.split()),
        expires=own.expires,
    )
