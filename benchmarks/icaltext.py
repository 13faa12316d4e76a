"""The text of iCalendar files: folded lines and VTIMEZONE components.

Everything here is fixed text or a pure function of it, so that a seed gives the same bytes on every machine.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import NamedTuple

__all__ = ["ALL_DAY", "FLOATING", "ZONES", "calendar_head", "escaped", "fold", "stamp", "vtimezone"]


ALL_DAY = "DATE"
FLOATING = "floating"


class Zone(NamedTuple):
    """The offsets and names of a zone, and the days of change (None without daylight time)."""

    standard: str
    daylight: str
    names: tuple[str, str]
    to_daylight: tuple[str, str] | None = None
    to_standard: tuple[str, str] | None = None


_EUROPE = (("19700329T{}", "3;BYDAY=-1SU"), ("19701025T{}", "10;BYDAY=-1SU"))
_AMERICA = (("20070311T020000", "3;BYDAY=2SU"), ("20071104T020000", "11;BYDAY=1SU"))


def _european(standard: str, daylight: str, names: tuple[str, str], hours: tuple[str, str]) -> Zone:
    (spring, spring_rule), (autumn, autumn_rule) = _EUROPE
    changes = (spring.format(hours[0]), spring_rule), (autumn.format(hours[1]), autumn_rule)
    return Zone(standard, daylight, names, *changes)


ZONES = {
    "Europe/Berlin": _european("+0100", "+0200", ("CET", "CEST"), ("020000", "030000")),
    "America/New_York": Zone("-0500", "-0400", ("EST", "EDT"), *_AMERICA),
    "Europe/London": _european("+0000", "+0100", ("GMT", "BST"), ("010000", "020000")),
    "America/Los_Angeles": Zone("-0800", "-0700", ("PST", "PDT"), *_AMERICA),
    "Asia/Kolkata": Zone("+0530", "+0530", ("IST", "IST")),
    "Asia/Tokyo": Zone("+0900", "+0900", ("JST", "JST")),
}


@cache
def vtimezone(name: str) -> tuple[str, ...]:
    """Return the lines of a zone's VTIMEZONE (RFC 5545 §3.6.5), with the rules in force since 2007."""
    zone = ZONES[name]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", f"X-LIC-LOCATION:{name}"]
    if zone.to_daylight and zone.to_standard:
        lines += _observance("DAYLIGHT", (zone.standard, zone.daylight), zone.names[1], zone.to_daylight)
        lines += _observance("STANDARD", (zone.daylight, zone.standard), zone.names[0], zone.to_standard)
    else:
        lines += _observance(
            "STANDARD", (zone.standard, zone.standard), zone.names[0], ("19700101T000000", "")
        )
    return (*lines, "END:VTIMEZONE")


def _observance(kind: str, offsets: tuple[str, str], name: str, change: tuple[str, str]) -> list[str]:
    start, months = change
    rule = [f"RRULE:FREQ=YEARLY;BYMONTH={months}"] if months else []
    head = [f"BEGIN:{kind}", f"TZOFFSETFROM:{offsets[0]}", f"TZOFFSETTO:{offsets[1]}", f"TZNAME:{name}"]
    return [*head, f"DTSTART:{start}", *rule, f"END:{kind}"]


def calendar_head(name: str, zone: str, *, google: bool) -> list[str]:
    """Return the lines before the first component."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    if google:
        producer = "PRODID:-//Google Inc//Google Calendar 70.9054//EN"
        return [*lines, producer, f"X-WR-CALNAME:{escaped(name)}", f"X-WR-TIMEZONE:{zone}"]
    return [*lines, "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN"]


def stamp(moment: datetime, zone: str = "") -> str:
    """Return a time as it follows the name of a property.

    `:20261124T140000Z` in UTC, `;TZID=Asia/Tokyo:20261124T150000` in a zone, `:20261124T150000` with
    `FLOATING`, and `;VALUE=DATE:20261124` with `ALL_DAY`.
    """
    if zone == ALL_DAY:
        return f";VALUE=DATE:{moment:%Y%m%d}"
    digits = moment.strftime("%Y%m%dT%H%M%S")
    if zone == FLOATING:
        return f":{digits}"
    return f";TZID={zone}:{digits}" if zone else f":{digits}Z"


def escaped(text: str) -> str:
    """Return a TEXT value (RFC 5545 §3.3.11)."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


@cache
def fold(line: str) -> str:
    """Return a content line folded into pieces of at most 75 octets (RFC 5545 §3.1)."""
    if len(line) <= 75 and line.isascii():
        return line
    pieces, piece, room = [], "", 75
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", 74
        piece += char
        room -= size
    return "\n ".join([*pieces, piece])
