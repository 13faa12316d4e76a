"""The calendar program of a guest: it applies the messages that arrive, in order (RFC 5546), and shows dates.

It shares no code with gbook: icalendar reads, recurring_ical_events expands.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import icalendar
import recurring_ical_events

__all__ = ["CalendarProgram"]


class CalendarProgram:
    """The calendar of one person; the events of a UID by their RECURRENCE-ID, that of a series by None."""

    def __init__(self) -> None:
        self._events: dict[str, dict[datetime | None, Any]] = {}
        self._zones: dict[str, Any] = {}

    def receive(self, message: str) -> None:
        """Apply a REQUEST or CANCEL. An older version than the present one must not arrive."""
        calendar: Any = icalendar.Calendar.from_ical(message)
        events = calendar.walk("VEVENT")
        self._zones |= {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
        whole = next((event for event in events if "RECURRENCE-ID" not in event), None)
        if whole is not None:
            self._replace(whole, events, is_cancel=calendar["METHOD"] == "CANCEL")
            return
        for event in events:
            mine = self._events[str(event["UID"])]
            start = event["RECURRENCE-ID"].dt.astimezone(UTC)
            # The version of a date that has not changed is that of the series.
            assert event["SEQUENCE"] > mine.get(start, mine[None])["SEQUENCE"]
            mine[start] = event
            assert (calendar["METHOD"] == "CANCEL") == (event.get("STATUS") == "CANCELLED")

    def _replace(self, whole: Any, events: list[Any], *, is_cancel: bool) -> None:
        uid = str(whole["UID"])
        present = self._events.pop(uid, {})
        assert all(whole["SEQUENCE"] > event["SEQUENCE"] for event in present.values())
        if not is_cancel:
            self._events[uid] = {
                event["RECURRENCE-ID"].dt.astimezone(UTC) if "RECURRENCE-ID" in event else None: event
                for event in events
            }

    def dates(self, low: datetime, high: datetime) -> list[tuple[str, str]]:
        """Return the start and end, in UTC, of each event that it shows."""
        calendar = icalendar.Calendar()
        for zone in self._zones.values():
            calendar.add_component(zone)
        for events in self._events.values():
            for event in events.values():
                calendar.add_component(event)
        shown = recurring_ical_events.of(calendar).between(low, high)
        return sorted(
            (_text(event["DTSTART"].dt), _text(event["DTEND"].dt))
            for event in shown
            if event.get("STATUS") != "CANCELLED"
        )


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
