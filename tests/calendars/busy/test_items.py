"""Items of a vdir, read by their event alone: the same answer as the whole file gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.items import read_item
from gbook.calendars.busy.reader import FileBusy, read_busy
from gbook.errors import InvalidFile
from gbook.timeutil.instants import parse_instant
from gbook.timeutil.zones import find_zone

UTC = find_zone("UTC")
LOW = parse_instant("2026-11-22T00:00:00Z", UTC)
HIGH = parse_instant("2026-12-22T00:00:00Z", UTC)
OPTIONS = ReadOptions("anna@example.com", "Europe/Berlin")

ZONE = [
    *("BEGIN:VTIMEZONE", "TZID:Here", "BEGIN:STANDARD", "DTSTART:19701025T030000"),
    *("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"),
]
HEADS = [
    ["BEGIN:VCALENDAR", "VERSION:2.0"],
    ["\ufeffBEGIN:VCALENDAR", "PRODID:x", *ZONE],
    ["BEGIN:VCALENDAR", *ZONE[:-1]],
    ["BEGIN:VCALENDAR", "X-WR-TIMEZONE:Nowhere/Else"],
    ["BEGIN:VCALENDAR", "X-A:long", " BEGIN:VEVENT"],
    ["BEGIN:VCALENDAR", "BEGIN:VCALENDAR"],
    ["BEGIN:VCALENDAR", "BEGIN:VTODO"],
    ["BEGIN:VCALENDAR", "BEGIN:VTODO", "END:VTODO", "METHOD:CANCEL"],
    ["BEGIN:VCALENDAR", "garbage"],
    ["BEGIN:VCALENDAR", "BEG", " IN:VTODO"],
    ["BEGIN:VCALENDAR", "BEGIN:VFREEBUSY", "FREEBUSY:20261124T090000Z/PT1H", "END:VFREEBUSY"],
    ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART:20261124T090000Z", "DURATION:PT1H", "END:VEVENT"],
    ["VERSION:2.0"],
    [],
]
LINES = [
    "UID:a@example.com",
    "DTSTART:20200101T090000Z",
    "DTEND:20200101T100000Z",
    "SUMMARY:x",
    "DTSTART;TZID=Here:20261124T090000",
    "DTEND;TZID=Here:20261124T093000",
    "DTSTART;TZID=Lost:20261125T090000",
    "RRULE:FREQ=WEEKLY",
    "RRULE:FREQ=DAILY;COUNT=3",
    "RECURRENCE-ID:20200101T090000Z",
    "DURATION:P9000D",
    "BEGIN:VALARM",
    "END:VALARM",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "X-GBOOK-PROFILE:intro",
    " folded",
    "\x00",
    "END",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20200101T090000Z",
    "dtstart:20261124T110000Z",
    "DTSTART:2026",
    "garbage",
]
TAILS = [
    ["END:VCALENDAR", ""],
    ["END:VCALENDAR", "", " "],
    ["END:VCALENDAR"],
    ["X-A:1", "END:VCALENDAR", ""],
    ["BEGIN:VFREEBUSY", "END:VFREEBUSY", "END:VCALENDAR", ""],
    ["END:VCALENDAR", "END:VCALENDAR", ""],
    ["END:VTODO", "END:VCALENDAR", ""],
    [],
]


def outcome(read: object, data: bytes) -> FileBusy | str:
    try:
        return read(data, OPTIONS, LOW, HIGH)  # type: ignore[operator, no-any-return]
    except InvalidFile as error:
        return error.message


@given(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(LINES), max_size=7),
    st.sampled_from(TAILS),
    st.sampled_from(["\n", "\r\n"]),
)
def test_an_item_is_read_as_its_whole_file(
    head: list[str], lines: list[str], tail: list[str], line_break: str
) -> None:
    """Busy time, bookings, faults and series, for every beginning and end, and for any event."""
    data = line_break.join([*head, "BEGIN:VEVENT", *lines, "END:VEVENT", *tail]).encode()
    assert outcome(read_item, data) == outcome(read_busy, data)
