"""The reader of plain events gives what icalendar gives, and leaves to icalendar all other events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.bookings.event import Draft, Guest, build_event, calendar_bytes, event_bytes
from gbook.bookings.event_data import EventData
from gbook.bookings.event_reader import (
    DAMAGED,
    _read_plain,
    own_components,
    read_event,
    read_own,
)
from gbook.calendars.ics.ownership import OwnEvent
from gbook.profiles.model import Profile
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account

UID = "5a2f5c1e-6b6f-4d43-9a57-1f0c8f6d7a10@gbook"
START = 1_795_874_400
DRAFT = Draft(
    uid=UID,
    profile=Profile(name="demo", subject="{{topic}},\nwith; {{name}}", start_conference=True),
    start=START,
    end=START + 1800,
    accounts=[
        Account(id="alice", name="Alice Liddell", email="alice@example.com"),
        Account(id="bob", name="Bob, jr", email="bob@example.com"),
    ],
    group="sales",
    optional=[],
    guest=Guest("Jane Doe", "Jane@example.com", "Europe/Berlin"),
    invitees=[Guest("Zoë", "x@example.org")],
    fields={"topic": "Looms & wefts, 100 %"},
    conference_url="https://meet.example/{{id}}",
    zone=find_zone("Europe/Berlin"),
    now=START - 3600,
)
WRITTEN = event_bytes(build_event(DRAFT))
BODY = WRITTEN.removeprefix(b"BEGIN:VEVENT\r\n").removesuffix(b"END:VEVENT\r\n")
# Lines as other programs write them: beside, or instead of, those of gbook.
LINES = [
    *(b"LOCATION:Room \\; 1\\, floor\\n2", b"LOCATION;LANGUAGE=en:Hall", b"LOCATION:odd \\x escape"),
    *(b"COMMENT:first", b"COMMENT:second\\, one", b"STATUS:CANCELLED", b"STATUS:", b"STATUS:Tentative "),
    *(b"SEQUENCE:3", b"SEQUENCE:-1", b"SEQUENCE:x", b"SEQUENCE: 3", b"SEQUENCE:0003", b"SEQUENCE:"),
    *(b"DURATION:PT1H", b"DTSTART:20261124T100000Z", b"DTSTART;TZID=Europe/Berlin:20261124T100000"),
    *(
        b"DTSTART;VALUE=DATE-TIME:20261124T100000Z",
        b"DTSTART;VALUE=DATE:20261124",
        b"DTSTART:20261124T100000",
    ),
    *(b"DTEND:20261131T100000Z", b"DTEND:20261124t110000z", b"DTEND;TZID=Mars/X:20261124T100000"),
    *(b"dtend:20261124T110000Z", b"DTEND :20261124T110000Z", b"SUMMARY;VALUE=TEXT:a", b"SUMMARY: spaces "),
    *(b"Summary:lower", b'SUMMARY;ALTREP="cid:1;2,3":text', b"SUMMARY;X=a,b:list", b"SUMMARY;X:none"),
    *(b"SUMMARY;X=:empty", b"SUMMARY;X=^n:caret", b"SUMMARY;X= a :spaces", b"SUMMARY;X=a=b:equals"),
    *(
        b'SUMMARY;X="a" :quote',
        b"SUMMARY",
        b"SUMMARY;X=\xff:bytes",
        b"SUMMARY:\xff\xfe",
        b"SUMMARY:tab\there",
    ),
    *(b"ORGANIZER;CN=Ann:mailto:ann@example.com", b"ORGANIZER:MAILTO:ann@example.com", b"ORGANIZER:"),
    *(b"ATTENDEE;PARTSTAT=declined;ROLE=chair:mailto:jane@example.com", b"ATTENDEE:urn:uuid:1"),
    *(b'ATTENDEE;EMAIL=eve@example.net;CN="Eve, x":urn:uuid:1', b"ATTENDEE;CN=a%2Cb:mailto:e@x.org"),
    *(
        b"ATTENDEE;CN=A;CN=B:mailto:e@x.org",
        b"ATTENDEE;cn=low:mailto:e@x.org",
        b"ATTENDEE:mailto:a\\,b@x.org",
    ),
    *(b"ATTENDEE;VALUE=TEXT:e@x.org", b"CONFERENCE:https://x.org/a\\,b", b"CONFERENCE;VALUE=TEXT:x"),
    *(
        b"X-GBOOK-EXPIRES:20261124T100000Z",
        b"X-GBOOK-EXPIRES:soon",
        b"X-GBOOK-GROUP:a\\,b",
        b"X-GBOOK-HOST;X=1:c",
    ),
    *(b"X-GBOOK-GUEST:mailto:bob@example.com", b"X-GBOOK-BUFFERS:0 15", b"X-GBOOK-TZ:mars/x"),
    *(b"X-GBOOK-MOVED-FROM:20261124T090000Z/20261124T093000Z", b"X-GBOOK-PROFILE:other", b"UID:other@gbook"),
    *(
        b"X-GBOOK-PROFILES:other",
        b"UIDS:1",
        b"X.GBOOK:1",
        b"RRULE:FREQ=DAILY",
        b"CATEGORIES:a,b",
        b"no colon",
    ),
    *(b"BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nACTION:DISPLAY\r\nDESCRIPTION:alarm\r\nEND:VALARM", b"END:VEVENT"),
    *(
        b"SUM\r\n MARY:folded",
        b"SUMMARY:folded\r\n  twice\r\n\t3",
        b"SUMMARY:blank\r\n\r\n  line",
        b"\r\n \r\n",
    ),
    *(
        b"SUMMARY:bell\x07",
        b"SUMMARY:lone\rreturn",
        "SUMMARY:nel\x85ls\u2028x".encode(),
        b"SUMMARY;X=\xc2\xa0a:nbsp",
    ),
]
NAMES = sorted(
    {line.partition(b":")[0].partition(b";")[0] for line in BODY.split(b"\r\n") if line[:1].isalpha()}
)


def by_icalendar(component: bytes) -> EventData | str | None:
    """Return the booking as icalendar gives it, or the message of the error."""
    try:
        return read_own(OwnEvent(component))
    except DAMAGED as error:
        return str(error)


def plain(component: bytes) -> EventData | str | None:
    """Return the booking as the fast reader gives it, or the error's message; None if it is not plain."""
    try:
        return _read_plain(UID, component)
    except ValueError as error:
        return str(error)


def check_same(component: bytes) -> None:
    """Compare both readers."""
    assert plain(component) in (None, by_icalendar(component))


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_what_gbook_writes_is_plain(ending: bytes) -> None:
    """The fast way is taken for gbook's own events, folded lines and non-ASCII names included."""
    for draft in (
        DRAFT,
        replace(DRAFT, expires=START, needs=["two words"], proposal="p1"),
        replace(DRAFT, group=None),
    ):
        component = event_bytes(build_event(draft)).replace(b"\r\n", ending)
        assert _read_plain(UID, component) == by_icalendar(component)


@pytest.mark.parametrize("line", LINES, ids=repr)
def test_a_line_of_another_program(line: bytes) -> None:
    """Added at the end or at the beginning, and in place of gbook's own line of that name."""
    check_same(b"BEGIN:VEVENT\r\n" + BODY + line + b"\r\nEND:VEVENT\r\n")
    check_same(b"BEGIN:VEVENT\r\n" + line + b"\r\n" + BODY + b"END:VEVENT\r\n")
    check_same(without(line.partition(b":")[0].partition(b";")[0].upper(), line))


def without(name: bytes, *lines: bytes) -> bytes:
    """Return the event without the property `name`, with other lines instead."""
    unfolded = BODY.replace(b"\r\n ", b"")
    kept = [own for own in unfolded.split(b"\r\n") if own and not own.startswith((name + b":", name + b";"))]
    return b"\r\n".join([b"BEGIN:VEVENT", *kept, *lines, b"END:VEVENT", b""])


@given(
    removed=st.sampled_from(NAMES),
    added=st.lists(st.sampled_from(LINES), max_size=4),
    ending=st.sampled_from([b"\r\n", b"\n"]),
)
def test_any_lines_together(removed: bytes, added: list[bytes], ending: bytes) -> None:
    """Whatever is in an event, both readers agree, or the fast one leaves it to icalendar."""
    check_same(without(removed, *added).replace(b"\r\n", ending))


@given(
    name=st.sampled_from(
        [b"SUMMARY", b"LOCATION", b"ATTENDEE", b"ORGANIZER", b"X-GBOOK-GUEST", b"COMMENT", b"STATUS"]
    ),
    rest=st.text(st.sampled_from("ab=;:,\"\\nN ^%'\tä\xa0-Z1"), max_size=25),
)
def test_any_characters_in_a_line(name: bytes, rest: str) -> None:
    """Parameters and values of any characters."""
    check_same(without(name, name + b";" + rest.encode() + b":x", b"X-A:1"))
    check_same(without(name, name + b":" + rest.encode()))


def test_an_event_without_the_mark_is_no_booking() -> None:
    """The mark of another component inside the event, or a UID of another form, does not count."""
    alarm = b"BEGIN:VALARM\r\nX-GBOOK-PROFILE:demo\r\nEND:VALARM"
    assert read_event(UID, OwnEvent(without(b"X-GBOOK-PROFILE", alarm))) is None
    calendar = calendar_bytes(WRITTEN)
    assert [uid for uid, _ in own_components(calendar)] == [UID]
    assert not list(own_components(calendar.replace(UID.encode(), b"1@gbook")))
    assert read_event(UID, OwnEvent(without(b"X-GBOOK-PROFILE"))) is None
    assert read_event(UID, OwnEvent(without(b"COMMENT", alarm))) is not None
