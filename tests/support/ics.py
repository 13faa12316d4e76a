"""Short calendars, and their busy time as readable text."""

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


# One hour on Tuesday, as content lines.
START, END = b"DTSTART:20261124T100000Z", b"DTEND:20261124T110000Z"


def vevent(*lines: str) -> str:
    """Return a VEVENT of these lines; it has a UID of its own unless they give one."""
    uid = [] if any(line.startswith("UID") for line in lines) else [f"UID:{own_uid(lines)}"]
    return "\r\n".join(["BEGIN:VEVENT", *uid, *lines, "END:VEVENT"])


def vcalendar(*parts: str) -> bytes:
    """Return a VCALENDAR of these lines and components."""
    return raw_vcalendar(*(f"{part}\r\n".encode() for part in parts))


def raw_vevent(uid: str, *lines: bytes) -> bytes:
    """Return a VEVENT of these lines, which may be any bytes, with the last line break."""
    return b"\r\n".join([b"BEGIN:VEVENT", f"UID:{uid}".encode(), *lines, b"END:VEVENT", b""])


def raw_vcalendar(*parts: bytes) -> bytes:
    """Return a VCALENDAR of components and lines, which may be any bytes, each with its line break."""
    return b"".join([b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *parts, b"END:VCALENDAR\r\n"])


def parsed_events(data: bytes) -> list[Any]:
    """Return the VEVENTs of a calendar, read by icalendar; `Any` because a property has one of 30 types."""
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def instant(text: str) -> int:
    """Return the instant of `2026-11-24` or `2026-11-24T09:00` in UTC."""
    return parse_instant(text, UTC)


def said(
    content: str | bytes, low: str, high: str | None = None, zone: str = BERLIN, policy: Policy | None = None
) -> FileBusy:
    """Return what gbook reads from a calendar between two UTC days (the one day `low` without `high`)."""
    data = vcalendar(content) if isinstance(content, str) else content
    view = ReadOptions(EMAIL, zone, policy or Policy())
    return read_busy(data, view, instant(low), instant(high) if high else instant(low) + 86_400)


def busy(
    content: str | bytes, low: str, high: str | None = None, zone: str = BERLIN, policy: Policy | None = None
) -> list[str]:
    """Return busy time in UTC as `11-24 09:00–10:00`, and assert that there is no warning."""
    file_busy = said(content, low, high, zone, policy)
    assert file_busy.diagnostics == []
    return shown(file_busy)


def clipped(file_busy: FileBusy, low: str, high: str) -> list[str]:
    """Return the busy time between two UTC days in the form of `shown`."""
    return shown(file_busy._replace(busy=file_busy.busy.clip(instant(low), instant(high))))


def shown(file_busy: FileBusy) -> list[str]:
    """Return busy time in UTC as `11-24 09:00–10:00`; the end has a date only if it is on another day."""
    texts = []
    for start, end in file_busy.busy:
        first, last = local(start, UTC), local(end, UTC)
        same_day = last - first < timedelta(days=1) and last.day == first.day
        texts.append(f"{first:%m-%d %H:%M}–{last:{'%H:%M' if same_day else '%m-%d %H:%M'}}")
    return texts


def codes(diagnostics: list[Diagnostic]) -> list[str]:
    """Return the codes of warnings."""
    return [diagnostic.code for diagnostic in diagnostics]
