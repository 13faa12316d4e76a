"""The walk over raw bytes: every way to write a file is read, and what cannot matter is passed over."""

from __future__ import annotations

import re

import pytest
from support.ics import busy, codes, instant, said, shown, vcalendar, vevent

from gbook.calendars.ics.scanner import Component, scan
from gbook.errors import InvalidFile

DAY = "2026-11-24"
NINE = ["11-24 09:00–10:00"]
MEETING = vevent("DTSTART:20261124T090000Z", "DTEND:20261124T100000Z")
PLAIN = vcalendar(MEETING)


def scanned(data: bytes, low: str = DAY, high: str = "2026-11-25") -> list[Component]:
    return list(scan(data, instant(low), instant(high)))


def names(data: bytes) -> list[str]:
    return [part.name for part in scanned(data)]


class TestWriting:
    """Whatever the form of a file, the same events are in it."""

    @pytest.mark.parametrize(
        "data",
        {
            "as the RFC has it": PLAIN,
            "line feeds alone": PLAIN.replace(b"\r\n", b"\n"),
            "both line endings": PLAIN.replace(b"\r\n", b"\n", 3),
            "a byte order mark": b"\xef\xbb\xbf" + PLAIN,
            "lower case": PLAIN.lower(),
            "mixed case": PLAIN.replace(b"DTSTART", b"DtStart").replace(b"BEGIN", b"Begin"),
            "no line break at the end": PLAIN.rstrip(),
            "blank lines": PLAIN.replace(b"\r\n", b"\r\n\r\n"),
            "space behind BEGIN and END": PLAIN.replace(b"VEVENT\r\n", b"VEVENT \t\r\n"),
            "folded inside every name": re.sub(rb"\n([A-Z]{2})", rb"\n\1\r\n ", PLAIN),
            "folded with tabs inside every name": re.sub(rb"\n([A-Z]{2})", rb"\n\1\r\n\t", PLAIN),
            "folded before every colon": PLAIN.replace(b":", b"\r\n :"),
            "folded behind every colon": PLAIN.replace(b":", b":\r\n "),
            "folded inside every value": PLAIN.replace(b"2026", b"20\r\n 26").replace(b"VE", b"V\n E"),
            "folded inside line feeds alone": PLAIN.replace(b"2026", b"20\r\n\t26").replace(b"\r\n", b"\n"),
            "folded several times": PLAIN.replace(b"T090000Z", b"T\r\n 09\r\n 00\r\n 00\r\n Z"),
            "one octet a line": re.sub(rb"([^\r\n])(?=[^\r\n])", rb"\1\r\n ", PLAIN),
        }.items(),
        ids=lambda case: case[0],
    )
    def test_layout_changes_nothing(self, data: tuple[str, bytes]) -> None:
        """Folding (§3.1), line endings, case, a byte order mark."""
        assert busy(data[1], DAY) == NINE

    def test_quoted_parameters(self) -> None:
        """A colon, a semicolon or a comma inside quotes belongs to the parameter (§3.2)."""
        event = vevent(
            'DTSTART;X-NOTE="a:b;c,20200101T000000Z":20261124T090000Z',
            'DTEND;X-A="1:2";X-B=3;X-C="4;5":20261124T100000Z',
        )
        assert busy(event, DAY) == NINE

    def test_other_encodings_keep_the_times(self) -> None:
        """Invalid UTF-8 in a text does not hide the event."""
        data = PLAIN.replace(b"DTSTART", b"SUMMARY:Gespr\xe4ch \xff\xfe\r\nDTSTART")
        assert busy(data, DAY) == NINE

    def test_fold_inside_a_character(self) -> None:
        """A fold may stand between the octets of one character (§3.1)."""
        organizer = b'DTSTART;X-NOTE="' + b"\xc3\r\n \xa4" + b'":20261124T090000Z'
        assert busy(PLAIN.replace(b"DTSTART:20261124T090000Z", organizer), DAY) == NINE

    def test_line_is_that_of_the_event(self) -> None:
        """A warning names the line at which its event begins, counted from 1."""
        bad = vevent("DTSTART:yesterday")
        data = vcalendar("X-A:1\r\n folded", MEETING, bad, MEETING)
        line = data.split(b"\r\n").index(b"DTSTART:yesterday") - 1
        assert [note.line for note in said(data, DAY).diagnostics] == [line]


class TestNesting:
    """Components of a VCALENDAR count, wherever it is (§3.4)."""

    def test_several_calendars(self) -> None:
        """A file is a stream of VCALENDARs; all of them are read."""
        second = vcalendar(vevent("DTSTART:20261124T120000Z", "DTEND:20261124T130000Z"))
        assert busy(PLAIN + second, DAY) == [*NINE, "11-24 12:00–13:00"]

    def test_lines_of_an_alarm_are_not_the_events(self) -> None:
        """A TRIGGER or DURATION of a VALARM has no effect."""
        alarm = "BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nDURATION:PT5H\r\nREPEAT:1\r\nEND:VALARM"
        data = vevent("DTSTART:20261124T090000Z", alarm, "DURATION:PT1H")
        assert busy(data, DAY) == NINE

    def test_dtstart_of_a_vtimezone_is_not_an_event(self) -> None:
        """Only VEVENTs are read."""
        zone = (
            "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:20261124T000000\r\n"
            "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE"
        )
        assert busy(vcalendar(zone, MEETING), DAY) == NINE

    @pytest.mark.parametrize(
        "around", ["X-DRAFTS", "X-A:X-B", "VCALENDAR", "VCALENDAR:VCALENDAR", "X-A:VCALENDAR"]
    )
    def test_event_inside_something_else(self, around: str) -> None:
        """An event also counts inside an unknown component and in a VCALENDAR inside another."""
        opened = "\r\n".join(f"BEGIN:{name}" for name in around.split(":"))
        closed = "\r\n".join(f"END:{name}" for name in reversed(around.split(":")))
        later = vevent("DTSTART:20261124T120000Z", "DTEND:20261124T130000Z")
        data = vcalendar(f"{opened}\r\n{MEETING}\r\n{closed}", later)
        assert busy(data, DAY) == [*NINE, "11-24 12:00–13:00"]

    def test_zone_of_a_calendar_inside_another(self) -> None:
        """It has its own X-WR-TIMEZONE, else that of the outer one, wherever the line is."""
        floating = vevent("DTSTART:20261124T090000", "DURATION:PT1H")
        for own, expected in (("X-WR-TIMEZONE:Asia/Tokyo", "00:00–01:00"), ("X-A:1", "14:00–15:00")):
            inner = f"BEGIN:VCALENDAR\r\n{floating}\r\n{own}\r\nEND:VCALENDAR"
            assert busy(vcalendar(inner, "X-WR-TIMEZONE:America/New_York"), DAY) == [f"11-24 {expected}"]

    def test_unknown_component_without_end(self) -> None:
        """Where an unknown component has no END, nobody knows whether events stand inside it."""
        with pytest.raises(InvalidFile, match="X-DRAFTS has no END"):
            scanned(vcalendar("BEGIN:X-DRAFTS", MEETING))

    def test_vtodo_and_vjournal_take_no_time(self) -> None:
        """Only events do."""
        todo = "BEGIN:VTODO\r\nDTSTART:20261124T090000Z\r\nDUE:20261124T100000Z\r\nEND:VTODO"
        assert names(vcalendar(todo)) == []


class TestDamage:
    """One bad event hides no other; what is no whole file is not read at all."""

    @pytest.mark.parametrize("lost", ["END:VEVENT", "END:VALARM", "END:VALARM\r\nEND:VEVENT"])
    def test_an_event_without_end_line_blocks(self, lost: str) -> None:
        """With a warning; the next event is still read."""
        alarm = "BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nEND:VALARM"
        first = vevent("DTSTART:20261124T060000Z", "DTEND:20261124T070000Z", alarm).replace(lost, "X-LOST:")
        found = said(vcalendar(first, MEETING), DAY)
        assert shown(found) == ["11-24 06:00–07:00", *NINE]
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_last_end_is_missing(self) -> None:
        """The last event, too, may lack its END."""
        found = said(PLAIN.replace(b"END:VEVENT\r\n", b""), DAY)
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_todo_without_end(self) -> None:
        """A to-do that lacks its END does not swallow the event behind it."""
        assert busy(vcalendar("BEGIN:VTODO\r\nSUMMARY:x", MEETING), DAY) == NINE

    def test_cut_off_anywhere(self) -> None:
        """A file that ends before its END:VCALENDAR is not read, wherever it ends."""
        data = vcalendar(MEETING, vevent("DTSTART;VALUE=DATE:20261124")).rstrip()
        for length in range(len(data)):
            with pytest.raises(InvalidFile):
                scanned(data[:length])

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\n",
            b"\xff\xfeB\0E\0",
            b"PK\x03\x04" * 99,
            b"<html>BEGIN:VCALENDAR</html>",
            PLAIN[15:],
            MEETING.encode(),
        ],
        ids=["empty", "blank", "utf-16", "zip", "html", "headless", "bare event"],
    )
    def test_a_file_that_is_not_icalendar_is_an_error(self, data: bytes) -> None:
        """Not an empty calendar."""
        with pytest.raises(InvalidFile):
            scanned(data)

    def test_end_of_something_else(self) -> None:
        """An END that nothing began makes the file unreadable."""
        with pytest.raises(InvalidFile, match="END:VTODO without its BEGIN"):
            scanned(vcalendar(MEETING, "END:VTODO"))

    def test_deep_nesting(self) -> None:
        """A file cannot make gbook pile up components without end."""
        with pytest.raises(InvalidFile, match="nested deeper"):
            scanned(vcalendar(*["BEGIN:X-DEEP"] * 1000))


class TestStrayLines:
    """What is no calendar data is named, and hides no event."""

    def test_text_that_looks_like_a_frame(self) -> None:
        """A description with raw line breaks may have lines that begin like BEGIN or END."""
        text = ("DESCRIPTION:Hello", "BEGIN: of the agenda", "END:OF MAIL", "END:MAIL", "end; regards", "Bob")
        found = said(vevent(*text, "DTSTART:20261124T090000Z", "DTEND:20261124T100000Z"), DAY)
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_text_that_looks_like_a_component(self) -> None:
        """Where a BEGIN has no END, the lines behind it are the event's if it has no DTSTART before."""
        found = said(vevent("BEGIN:HELLO", "DTSTART:20261124T090000Z", "DTEND:20261124T100000Z"), DAY)
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize(
        "garbage",
        [
            "<<<<<<< HEAD",
            "\ufffd\ufffd\x01\x02",
            "DTSTART:20261124T120000Z",
            "dtend:20261124T120000Z",
            "RRULE:FREQ=DAILY",
            "{}",
            "BEGIN:two words",
        ],
    )
    def test_a_stray_line_between_components_is_a_warning(self, garbage: str) -> None:
        """With its number: an event may have been lost there."""
        for data in (
            vcalendar(MEETING, garbage, MEETING),
            vcalendar(garbage, MEETING),
            vcalendar(MEETING, garbage),
        ):
            found = said(data, DAY)
            assert shown(found) == NINE
            assert codes(found.diagnostics) == ["no_calendar_data"]
            line = data.decode().split("\r\n").index(garbage) + 1
            assert found.diagnostics[0].line == line

    @pytest.mark.parametrize("place", ["HTTP/1.1 200 OK\r\n", ">>>>>>> main\r\n"])
    def test_a_stray_line_outside_vcalendar_is_a_warning(self, place: str) -> None:
        """Before, between and after VCALENDARs."""
        line = place.encode()
        for data in (line + PLAIN, PLAIN + line + PLAIN, PLAIN + line):
            found = said(data, DAY)
            assert shown(found) == NINE
            assert codes(found.diagnostics) == ["no_calendar_data"]

    @pytest.mark.parametrize(
        "line", ["X-WR-CALNAME:Team", "COLOR;X-A=1:red", "x_y.z:1", "NAME:a\r\n folded", "", " "]
    )
    def test_properties_of_the_calendar(self, line: str) -> None:
        """They may be anywhere."""
        assert busy(vcalendar(MEETING, line, MEETING), DAY) == NINE

    def test_many_stray_lines_are_summarised(self) -> None:
        """Not one warning a line."""
        assert len(said(vcalendar(*["???"] * 1000, MEETING), DAY).diagnostics) == 1
        assert len(said(vcalendar(*["???", MEETING] * 1000), DAY).diagnostics) == 10

    @pytest.mark.parametrize("at", ["VERSION", "BEGIN:VEVENT", "DTEND", "END:VEVENT", "END:VCALENDAR"])
    def test_block_of_nul_bytes(self, at: str) -> None:
        """Where a power failure has left NUL bytes, events may be gone: the calendar cannot be read."""
        data = PLAIN.replace(at.encode(), bytes(64) + at.encode(), 1)
        with pytest.raises(InvalidFile, match="NUL bytes"):
            scanned(data)

    def test_event_replaced_by_nul_bytes(self) -> None:
        """Of three events the one in the middle is gone."""
        gone = vcalendar(MEETING, "@" * 90, MEETING).replace(b"@", b"\0")
        with pytest.raises(InvalidFile, match="NUL bytes") as error:
            scanned(gone)
        assert error.value.problems[0].line == 8

    def test_single_nul_byte(self) -> None:
        """It may have spoilt a line of any event, so that none is passed over by its dates."""
        old = vevent("DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", "SUMMARY:a\0b")
        found = said(vcalendar(old, MEETING), DAY)
        assert shown(found)[-1:] == NINE
        assert codes(found.diagnostics) == ["no_calendar_data"]


class TestPassingOver:
    """What provably does not touch the window is passed over; in doubt it is handed on."""

    @pytest.mark.parametrize(
        "event",
        {
            "long ago": ["DTSTART:20201124T090000Z", "DTEND:20201124T100000Z"],
            "far ahead": ["DTSTART:20301124T090000Z", "DTEND:20301124T100000Z"],
            "lower case": ["dtstart:20201124T090000Z", "dtend:20201124T100000Z"],
            "series that has ended": ["DTSTART:20201124T090000Z", "RRULE:FREQ=DAILY;UNTIL=20261101T090000Z"],
            "series of five weeks": ["DTSTART:20261001T090000Z", "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=TH"],
            "series that begins later": ["DTSTART:20270101T090000Z", "RRULE:FREQ=DAILY"],
            "long, but over": ["DTSTART:20261001T090000Z", "DURATION:P4WT5H"],
        }.items(),
        ids=lambda case: case[0],
    )
    def test_an_event_outside_the_window_is_skipped(self, event: tuple[str, list[str]]) -> None:
        """By its dates."""
        assert names(vcalendar(vevent(*event[1]))) == []

    @pytest.mark.parametrize(
        "event",
        {
            "a trip across the window": ["DTSTART:20200101T090000Z", "DTEND:20301124T100000Z"],
            "a long duration": ["DTSTART:20200101T090000Z", "DURATION:P9999D"],
            "a series without end": ["DTSTART:20101124T090000Z", "RRULE:FREQ=WEEKLY"],
            "two rules, one ended": [
                "DTSTART:20101124T090000Z",
                "RRULE:FREQ=WEEKLY;UNTIL=20110101T090000Z",
                "RRULE:FREQ=WEEKLY;BYDAY=TU",
            ],
            "a rule that ended with a long last instance": [
                "DTSTART:20261001T090000Z",
                "DTEND:20261031T090000Z",
                "RRULE:FREQ=WEEKLY;UNTIL=20261101T090000Z",
            ],
            "more dates": ["DTSTART:20101124T090000Z", "RDATE:20261124T090000Z"],
            "an override from long ago": [
                "RECURRENCE-ID:20101124T090000Z",
                "DTSTART:20261124T090000Z",
            ],
            "a rule that leaves weeks out": [
                "DTSTART:20201124T090000Z",
                "RRULE:FREQ=WEEKLY;COUNT=5;BYMONTH=11",
            ],
            "a date that cannot be read": ["DTSTART:yesterday"],
        }.items(),
        ids=lambda case: case[0],
    )
    def test_an_event_that_may_touch_the_window_is_read(self, event: tuple[str, list[str]]) -> None:
        """By its length, rule or dates."""
        assert names(vcalendar(vevent(*event[1]))) == ["VEVENT"]

    def test_zones_are_slack(self) -> None:
        """A zone may carry an event across the end of a day: days beside the window are not passed over."""
        for day in ("20261122", "20261123", "20261125", "20261126"):
            event = vevent(f"DTSTART;TZID=Pacific/Kiritimati:{day}T090000", "DURATION:PT1H")
            assert names(vcalendar(event)) == ["VEVENT"], day

    def test_change_of_all_that_follows(self) -> None:
        """THISANDFUTURE can carry a series that ended by its rule into the window."""
        master = vevent("UID:s", "DTSTART:20260901T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4")
        later = vevent(
            "UID:s",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260908T090000Z",
            "DTSTART:20261117T090000Z",
            "DURATION:PT1H",
        )
        for order in ((master, later), (later, master)):
            assert busy(vcalendar(*order), DAY) == NINE

    def test_zones_and_free_busy_are_always_handed_on(self) -> None:
        """Zones and published free/busy times have no dates of their own."""
        zone = "BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE"
        free_busy = "BEGIN:VFREEBUSY\r\nDTSTART:20200101T000000Z\r\nEND:VFREEBUSY"
        assert names(vcalendar(zone, free_busy)) == ["VTIMEZONE", "VFREEBUSY"]
