"""The input of the fuzz tests: real calendars, unusual bytes, lines, values and words."""

from __future__ import annotations

from pathlib import Path

import icalendar
import recurring_ical_events
from hypothesis import strategies as st
from support.samples import SAMPLE_CALENDARS

__all__ = ["FIXTURES", "KEYS", "ODD_BYTES", "ODD_LINES", "REPLY", "content_lines", "texts", "values", "words"]

FIXTURES = sorted(
    path
    for folder in (
        SAMPLE_CALENDARS,
        *(Path(module.__file__ or "").parent for module in (icalendar, recurring_ical_events)),
    )
    for path in folder.rglob("*.ics")
    if path.stat().st_size < 30_000
)
ODD_BYTES = [
    b"\0",
    b"\x1b[31m",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r",
    b"\n",
    b"\r\n ",
    b"\t",
    b'"',
    b";",
    b":",
    b",",
    b"\\",
    b"=",
    b"x" * 70_000,
    b"-",
    b"99999999999999999999",
    b"{{",
    b"[",
    b"&a",
    b"*a",
    b"\xc3",
    b"\xe2\x80\xa8",
]
ODD_LINES = [
    b"BEGIN:VEVENT",
    b"END:VEVENT",
    b"BEGIN:VCALENDAR",
    b"END:VCALENDAR",
    b"BEGIN:VALARM",
    b"BEGIN:VTIMEZONE",
    b"END:VTIMEZONE",
    b"begin:vevent",
    b"END",
    b"BEGIN:",
    b"RRULE:FREQ=SECONDLY",
    b"RRULE:FREQ=DAILY;COUNT=0",
    b"RRULE:FREQ=YEARLY;BYDAY=99MO;BYSETPOS=-1",
    b"RDATE;VALUE=PERIOD:19970101T180000Z/PT5H30M,x",
    b"EXDATE;TZID=Nowhere:20261124T100000",
    b"RECURRENCE-ID:20261124T100000Z",
    b"DTSTART:00000101",
    b"DTEND:99991231",
    b"DTSTART;TZID=:20261124T100000",
    b"DTSTART:20261124T250000Z",
    b"DURATION:-P99999999W",
    b"DURATION:P",
    b"UID:",
    b"UID:x",
    b"STATUS:CANCELLED",
    b"TRANSP:",
    b"SEQUENCE:x",
    b"SEQUENCE:9" + b"9" * 5000,
    b"X-GBOOK-PROFILE:demo",
    b"X-GBOOK-EXPIRES:never",
    b"X-GBOOK-ACCOUNTS:alice alice nobody",
    b"X-GBOOK-HOST:",
    b"X-GBOOK-GUEST:mailto:",
    b"X-GBOOK-FIELDS:%zz=&&==",
    b"ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com",
    b"ATTENDEE:",
    b'ORGANIZER;CN="x:',
    b"X-WR-TIMEZONE:Nowhere",
    b"TZOFFSETTO:+9999",
    b"SUMMARY:\x1b]0;x\x07",
]


# --- content lines

PROPERTIES = [
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "UID",
    "STATUS",
    "TRANSP",
    "ATTENDEE",
    "SUMMARY",
    "SEQUENCE",
    "X-GBOOK-PROFILE",
    "X-GBOOK-EXPIRES",
    "X-GBOOK-ACCOUNTS",
    "X-GBOOK-GUEST",
    "X-GBOOK-HOST",
    "X-GBOOK-FIELDS",
    "CLASS",
    "ORGANIZER",
    "CONFERENCE",
]
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)
moments = st.one_of(
    st.sampled_from(
        [
            "20261124T100000Z",
            "20261124",
            "20261124T100000",
            "19000101T000000Z",
            "99991231T235959Z",
            "00010101",
            "20261124T100000Z/PT1H",
            "20261124T100000Z/20261124T090000Z",
            "P1D",
            "-PT1H",
        ]
    ),
    texts,
)
rules = st.builds(
    lambda parts: ";".join(parts),
    st.lists(
        st.builds(
            lambda name, value: f"{name}={value}",
            st.sampled_from(
                [
                    "FREQ",
                    "COUNT",
                    "UNTIL",
                    "INTERVAL",
                    "BYDAY",
                    "BYMONTHDAY",
                    "BYMONTH",
                    "BYSETPOS",
                    "BYHOUR",
                    "BYWEEKNO",
                    "BYYEARDAY",
                    "BYMINUTE",
                    "BYSECOND",
                    "WKST",
                    "X-A",
                    "BYEASTER",
                    "RSCALE",
                ]
            ),
            st.one_of(
                st.sampled_from(
                    [
                        "DAILY",
                        "YEARLY",
                        "SECONDLY",
                        "MINUTELY",
                        "MONTHLY",
                        "WEEKLY",
                        "MO",
                        "-1FR",
                        "5SU",
                        "0MO",
                    ]
                ),
                st.integers(-400, 400).map(str),
                st.lists(st.integers(-60, 60), max_size=5).map(lambda many: ",".join(map(str, many))),
                moments,
            ),
        ),
        min_size=1,
        max_size=5,
    ),
)
content_lines = st.builds(
    lambda name, parameters, value: f"{name}{parameters}:{value}".encode("utf-8", "replace"),
    st.sampled_from(PROPERTIES),
    st.sampled_from(
        [
            "",
            ";VALUE=DATE",
            ";VALUE=PERIOD",
            ";TZID=Europe/Berlin",
            ";TZID=W. Europe Standard Time",
            ";TZID=x",
            ';CN="a:b;c"',
            ";RANGE=THISANDFUTURE",
            ";PARTSTAT=DECLINED",
            ";=",
            ';X="',
        ]
    ),
    st.one_of(moments, rules.map(lambda rule: f"FREQ=DAILY;{rule}"), rules, texts),
)


# --- YAML and JSON

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.sampled_from(
        [10**30, -1, 0, 1 << 63, "P30D", "17:00", "alice", "24:00", "2026-11-24", "UTC", "../x", "{{name}}"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "durationMinutes",
    "availabilityStep",
    "timeAvailableFor",
    "workHours",
    "subject",
    "accounts",
    "groups",
    "optional",
    "startTime",
    "endTime",
    "startAfterMinutes",
    "bufferBeforeMinutes",
    "bufferBetweenMinutes",
    "maxBookingsPerDay",
    "availabilityIntervals",
    "additionalFields",
    "align",
    "assignment",
    "id",
    "name",
    "description",
    "location",
    "context",
    "openMeetingUrl",
    "startConference",
    "timezone",
    "mail",
    "hooks",
    "conferenceUrl",
    "deliver",
    "defaultProfile",
    "primaryColor",
]


# --- replies and command lines

REPLY = """Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
METHOD:REPLY
VERSION:2.0
BEGIN:VEVENT
UID:{uid}
SEQUENCE:0
ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@example.com
DTSTART:20261124T080000Z
END:VEVENT
END:VCALENDAR

--x--
"""
words = st.one_of(
    texts,
    st.text(max_size=40),
    st.text("0123456789TZ:-+/PDHMW. ", max_size=30),
    st.lists(
        st.sampled_from(
            [
                "next",
                "monday",
                "14:00",
                "2026",
                "24",
                "nov",
                "+3d",
                "tomorrow",
                "am",
                "utc",
                "-",
                "/",
                "P1D",
                "99",
                ":",
            ]
        ),
        max_size=6,
    ).map(" ".join),
    st.sampled_from(
        [
            "9999-12-31T23:59Z",
            "0001-01-01",
            "2026-02-30",
            "2026-11-24T15:00+99:99",
            "first/",
            "/",
            "-/-",
            "P",
            "P0D",
            "P1Y2M3W4D",
            "P999999999D",
            "1e9",
            "²",
            "٣",
            "+1",
            "0x1",
            "all,one",
            "../../etc/passwd",
            "Europe",
            "UTC+1",
            "2026-W53",
            "2026-366",
            "+999999999999d",
            "24:00",
            "2026-11-24T24:00",
            "2026-10-25T02:30",
        ]
    ),
)
