"""The shortcut for usual events gives the same frames as the walk over their lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.calendars.ics.frames import find_frames
from gbook.errors import InvalidFile

LINES = (
    *("UID:1", "DTSTART:20261124T090000Z", "DTSTART;TZID=Europe/Berlin:20261124T1\r\n 00000"),
    *("DTEND:20261124T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY", "RDATE:20261125"),
    *("RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000Z", "DTSTARTED:no", "METHOD:REQUEST"),
    *("DESCRIPTION:a\r\n  DTSTART:1", "BEGINNING:no", "a line of a text", "", " folded"),
    *("BEGIN:VALARM", "END:VALARM", "BEGIN:VALARM\r\n X", "END:VEVENT", "BEGIN:VEVENT", "END:VEVENT\r\n  X"),
)
ALARM = ("BEGIN:VALARM", "TRIGGER:-PT5M", "DURATION:PT5M", "END:VALARM")


def calendar(*lines: str, line_break: str = "\r\n") -> bytes:
    every = ("", "BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", "")
    return "\r\n".join(every).replace("\r\n", line_break).encode()


def frames(data: bytes, *, shortcut: bool) -> object:
    """Return all that is known of each frame; of an invalid file its fault."""
    try:
        return [
            (frame.name, frame.start, end, frame.depth, frame.broken, frame.nested, known_dates(frame.dates))
            for frame, end in find_frames(data, (lambda data, at: 0) if shortcut else None)
        ]
    except InvalidFile as error:
        return error.problems


def known_dates(dates: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {name: line for name, line in dates.items() if name not in {b"METHOD", b"X-WR-TIMEZONE"}}


@pytest.mark.parametrize("line_break", ["\r\n", "\n"])
@pytest.mark.parametrize(
    "lines",
    [
        LINES[:8],
        (*LINES[:3], *ALARM, *ALARM, "DTEND:20261124T100000Z", *ALARM),
        (*ALARM, "DTSTART:20261124T090000Z"),
        ("BEGIN:VALARM", *ALARM, "END:VALARM"),
        ("BEGIN:VALARM", "DTSTART:20261124T090000Z"),
    ],
)
def test_events_with_alarms_and_several_dates(lines: tuple[str, ...], line_break: str) -> None:
    """The lines of alarms are not the event's."""
    data = calendar(*lines, line_break=line_break)
    assert frames(data, shortcut=True) == frames(data, shortcut=False)


@given(st.lists(st.sampled_from([*LINES, "\r\n".join(ALARM)]), max_size=12), st.sampled_from(["\r\n", "\n"]))
def test_any_lines(lines: list[str], line_break: str) -> None:
    """Also lines that only look like a component, and those of damaged ones."""
    data = calendar(*lines, line_break=line_break)
    assert frames(data, shortcut=True) == frames(data, shortcut=False)
