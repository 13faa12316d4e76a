"""Calendars in a few lines, and what is read from them, in a form that can be compared at sight."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import icalendar
from support.uids import own_uid

from gbook.calendars.busy.cached import Diagnostic, Policy, ReadOptions
from gbook.calendars.busy.reader import FileBusy, read_busy
from gbook.timeutil.instants import local, parse_instant

EMAIL = "alice@example.com"
BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"


def vevent(*lines: str) -> str:
    """A VEVENT of these lines; it has a UID of its own unless they give one."""
    uid = [] if any(line.startswith("UID") for line in lines) else [f"UID:{own_uid(lines)}"]
    return "\r\n".join(["BEGIN:VEVENT", *uid, *lines, "END:VEVENT"])


def vcalendar(*parts: str) -> bytes:
    """A VCALENDAR of these lines and components."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""]).encode()


def parsed_events(data: bytes) -> list[Any]:
    """Return the VEVENTs of a calendar, read by icalendar. A property of one is of 30 types: hence Any."""
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def instant(text: str) -> int:
    """`2026-11-24` or `2026-11-24T09:00`, in UTC."""
    return parse_instant(text, UTC)


def said(
    content: str | bytes, low: str, high: str | None = None, zone: str = BERLIN, policy: Policy | None = None
) -> FileBusy:
    """What a calendar says about a window of UTC days (the one day `low` where there is no `high`)."""
    data = vcalendar(content) if isinstance(content, str) else content
    view = ReadOptions(EMAIL, zone, policy or Policy())
    return read_busy(data, view, instant(low), instant(high) if high else instant(low) + 86_400)


def busy(
    content: str | bytes, low: str, high: str | None = None, zone: str = BERLIN, policy: Policy | None = None
) -> list[str]:
    """Busy time in UTC, `11-24 09:00–10:00`. There must be no warning."""
    found = said(content, low, high, zone, policy)
    assert found.notes == []
    return shown(found)


def clipped(found: FileBusy, low: str, high: str) -> list[str]:
    """Busy time in the window from one UTC day to another, as `shown` gives it."""
    return shown(found._replace(busy=found.busy.clip(instant(low), instant(high))))


def shown(found: FileBusy) -> list[str]:
    """Busy time in UTC, `11-24 09:00–10:00`; the day of the end only where it is another."""
    texts = []
    for start, end in found.busy:
        first, last = local(start, UTC), local(end, UTC)
        same_day = last - first < timedelta(days=1) and last.day == first.day
        texts.append(f"{first:%m-%d %H:%M}–{last:{'%H:%M' if same_day else '%m-%d %H:%M'}}")
    return texts


def codes(notes: list[Diagnostic]) -> list[str]:
    """The codes of warnings."""
    return [note.code for note in notes]
