"""Busy time without event titles: as a JSON document, and as a free/busy calendar to publish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from gbook import PRODID
from gbook.render.json_documents import warning_items
from gbook.timeutil.instants import format_instant, local
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.engine.intervals import Interval
    from gbook.errors import Warn
    from gbook.scheduling.account_time import AccountBusy

__all__ = ["busy_document", "freebusy_calendar"]


def busy_document(times: Mapping[str, AccountBusy], window: Interval) -> dict[str, Any]:
    """Return the JSON document of `gbook busy`: merged, sorted intervals within `window` (instants)."""
    return {
        "from": format_instant(window[0]),
        "to": format_instant(window[1]),
        "items": [
            {
                "accountId": json_id(account_id),
                "busy": [
                    {"start": format_instant(start), "end": format_instant(end)}
                    for start, end in time.busy_within(window)
                ],
            }
            for account_id, time in times.items()
        ],
        "warnings": warning_items(_warnings(times)),
    }


def freebusy_calendar(times: Mapping[str, AccountBusy], window: Interval, now: int) -> bytes:
    """Return a VCALENDAR with one VFREEBUSY an account (RFC 5545 §3.6.4), published by RFC 5546 §3.3.1.

    The UID of an account is always the same, so that a newer VFREEBUSY replaces an older one.
    """
    from icalendar import Calendar, FreeBusy, Parameters, vCalAddress, vPeriod

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODID)
    calendar.add("METHOD", "PUBLISH")
    low, high = (local(instant, UTC) for instant in window)
    for time in times.values():
        organizer = vCalAddress(f"mailto:{time.account.email}")
        organizer.params["CN"] = time.account.display_name
        published = FreeBusy()
        published.add("UID", str(uuid5(NAMESPACE_URL, organizer)))
        published.add("DTSTAMP", local(now, UTC))
        published.add("DTSTART", low)
        published.add("DTEND", high)
        published.add("ORGANIZER", organizer)
        for start, end in time.busy_within(window):
            taken = vPeriod((local(start, UTC), local(end, UTC)))
            taken.params = Parameters(FBTYPE="BUSY")
            published.add("FREEBUSY", taken)
        calendar.add_component(published)
    written: bytes = calendar.to_ical(sorted=False)
    return written


def _warnings(times: Mapping[str, AccountBusy]) -> Iterable[Warn]:
    return (warning for time in times.values() for warning in time.warnings)
