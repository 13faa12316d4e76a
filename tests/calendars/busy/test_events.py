"""Which events are busy time, and for how long (RFC 5545 §3.6.1, RFC 4791 §7.10)."""

from __future__ import annotations

import pytest
from support.ics import BERLIN, EMAIL, NEW_YORK, busy, clipped, codes, said, shown, vcalendar, vevent
from support.uids import own_uid

from gbook.calendars.busy.cached import Policy

DAY = "2026-11-24"
NINE = ["11-24 09:00–10:00"]
NINE_TO_TEN = ("DTSTART:20261124T090000Z", "DTEND:20261124T100000Z")


def nine(*lines: str) -> str:
    return vevent(*NINE_TO_TEN, *lines)


def attendee(answer: str, address: str = f"mailto:{EMAIL}") -> str:
    return f"ATTENDEE;{answer}:{address}"


DECLINED = attendee("PARTSTAT=DECLINED")


class TestLength:
    """DTSTART, DTEND, DURATION."""

    def test_an_event_at_midnight_is_not_all_day(self) -> None:
        """An event at 00:00 is an ordinary event."""
        event = vevent(f"DTSTART;TZID={BERLIN}:20261124T000000", f"DTEND;TZID={BERLIN}:20261124T003000")
        assert busy(event, "2026-11-23", "2026-11-25") == ["11-23 23:00–23:30"]

    def test_midnight_to_midnight(self) -> None:
        """An event from 00:00 to 00:00 of the next day has its own zone, unlike an all-day one."""
        event = vevent(f"DTSTART;TZID={NEW_YORK}:20261124T000000", f"DTEND;TZID={NEW_YORK}:20261125T000000")
        assert busy(event, DAY, "2026-11-26") == ["11-24 05:00–11-25 05:00"]

    def test_a_date_without_end_is_that_day(self) -> None:
        """A DTSTART date without an end is one day (§3.6.1)."""
        assert busy(vevent("DTSTART;VALUE=DATE:20261124"), "2026-11-20", "2026-11-30") == [
            "11-23 23:00–11-24 23:00"
        ]

    def test_all_day_end_is_exclusive(self) -> None:
        """The DTEND of an all-day event is the first day after it."""
        event = vevent("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126")
        assert busy(event, "2026-11-20", "2026-11-30") == ["11-23 23:00–11-25 23:00"]

    def test_all_day_that_ends_on_its_day(self) -> None:
        """Many write the day itself for the end of a single day: it is that day, not no time."""
        event = vevent("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261124")
        assert busy(event, "2026-11-20", "2026-11-30") == ["11-23 23:00–11-24 23:00"]

    def test_all_day_without_value(self) -> None:
        """A date is a date, also where VALUE=DATE was forgotten."""
        assert busy(vevent("DTSTART:20261124"), "2026-11-20", "2026-11-30") == ["11-23 23:00–11-24 23:00"]

    def test_all_day_with_duration(self) -> None:
        """An all-day event may last hours, by its DURATION."""
        event = vevent("DTSTART;VALUE=DATE:20261124", "DURATION:PT12H")
        assert busy(event, "2026-11-20", "2026-11-30") == ["11-23 23:00–11-24 11:00"]

    def test_all_day_until_a_time(self) -> None:
        """A date as start and a time as end is against the standard; it still blocks until that time."""
        event = vevent("DTSTART;VALUE=DATE:20261124", "DTEND:20261124T120000Z")
        assert shown(said(event, "2026-11-20", "2026-11-30")) == ["11-23 23:00–11-24 12:00"]

    @pytest.mark.parametrize(
        "lines",
        [
            ["DTSTART:20261124T090000Z"],
            ["DTSTART:20261124T090000Z", "DTEND:20261124T090000Z"],
            ["DTSTART:20261124T090000Z", "DURATION:PT0S"],
            ["DTSTART:20261124T090000Z", f"DTEND;TZID={BERLIN}:20261124T100000"],
        ],
    )
    def test_an_event_of_no_length_takes_no_time(self, lines: list[str]) -> None:
        """It is not busy, and not a warning either."""
        assert busy(vevent(*lines), DAY) == []

    def test_end_in_another_zone(self) -> None:
        """A flight begins in one zone and ends in another."""
        event = vevent(f"DTSTART;TZID={BERLIN}:20261124T100000", f"DTEND;TZID={NEW_YORK}:20261124T130000")
        assert busy(event, DAY) == ["11-24 09:00–18:00"]

    @pytest.mark.parametrize(
        "lines",
        [
            ["DTSTART:20261124T090000Z", "DTEND:20261124T080000Z"],
            ["DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261123"],
            ["DTSTART:20261124T090000Z", "DURATION:-PT1H"],
        ],
    )
    def test_end_before_start(self, lines: list[str]) -> None:
        """An event that ends before it starts takes no time, and a warning says so."""
        found = said(vevent(*lines), DAY)
        assert shown(found) == []
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize("end", ["DTEND:later", "DURATION:an hour", "DTEND:20261199T000000Z", "DTEND:"])
    def test_end_cannot_be_read(self, end: str) -> None:
        """An event whose start alone can be read blocks a day from there, with a warning."""
        found = said(vevent("DTSTART:20261124T090000Z", end), DAY)
        assert shown(found) == ["11-24 09:00–11-25 09:00"]
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_day_of_an_end_that_cannot_be_read(self) -> None:
        """Where the day of the end can be read, the event blocks through that day."""
        found = said(vevent("DTSTART:20261124T090000Z", "DTEND:20261126T9h"), DAY, "2026-11-30")
        assert shown(found) == ["11-24 09:00–11-27 09:00"]
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize(
        "start",
        ["", "X-A:1", "DTSTART:", "DTSTART:soon", "DTSTART:20261350T090000Z", "DTSTART;TZID=x"],
    )
    @pytest.mark.parametrize(
        ("rest", "closed"),
        [
            ((), "11-24 00:00–11-25 00:00"),
            (("DTEND:soon",), "11-24 00:00–11-25 00:00"),
            (("DTEND:20261124T060000Z",), "11-24 00:00–06:00"),
            (("DTEND:20261124T060000Z", "RRULE:FREQ=DAILY"), "11-24 00:00–11-25 00:00"),
            (("DTEND:20261124T060000Z", "RDATE:20261224T060000Z"), "11-24 00:00–11-25 00:00"),
        ],
    )
    def test_start_cannot_be_read(self, start: str, rest: tuple[str, ...], closed: str) -> None:
        """An event whose start is unknown closes all time before its end, with a warning and its line."""
        event = vevent(start, *rest)
        found = said(vcalendar(event, nine()), DAY)
        assert clipped(found, DAY, "2026-11-25") == [closed, *NINE][: 2 if "06:00" in closed else 1]
        assert codes(found.diagnostics) == ["malformed_event"]
        assert found.diagnostics[0].line == 3
        free = event.replace("END:VEVENT", "TRANSP:TRANSPARENT\r\nEND:VEVENT")
        assert shown(said(vcalendar(free, nine()), DAY)) == NINE

    @pytest.mark.parametrize(
        "start", ["20261124T99", "20261124T250000", "2026-11-24 at nine", "20261124T090060000"]
    )
    @pytest.mark.parametrize(
        ("rest", "closed"),
        [
            ((), "11-23 23:00–11-24 23:00"),
            (("DURATION:PT3H",), "11-23 23:00–11-25 02:00"),
            (("DTEND:20261124T100000",), "11-23 23:00–11-24 09:00"),
            (("DTEND:20261123T100000",), "11-23 23:00–11-24 23:00"),
        ],
    )
    def test_time_of_start_cannot_be_read(self, start: str, rest: tuple[str, ...], closed: str) -> None:
        """Where the day can be read and the time cannot, that day is closed."""
        policy = Policy(all_day="free")
        found = said(vevent(f"DTSTART:{start}", *rest), "2026-11-20", "2026-11-30", policy=policy)
        assert shown(found) == [closed]
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_time_of_start_of_a_series_cannot_be_read(self) -> None:
        """Each day of the series is closed."""
        event = vevent("DTSTART:20261102T9AM", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=5")
        found = said(event, "2026-11-14", "2026-11-28")
        assert shown(found) == ["11-15 23:00–11-17 00:00", "11-22 23:00–11-24 00:00"]

    def test_day_that_no_calendar_has(self) -> None:
        """February 30th closes a day near by."""
        found = said(vevent("DTSTART:20260230T090000Z", "DURATION:PT1H"), "2026-02-20", "2026-03-20")
        assert shown(found) == ["03-02 00:00–03-03 01:00"]

    def test_override_without_start(self) -> None:
        """An override that gives no time is on the day of the instance that it replaces."""
        series = vevent("UID:s", "DTSTART:20261123T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
        override = vevent("UID:s", "RECURRENCE-ID:20261124T090000Z", "SUMMARY:room B")
        found = said(vcalendar(series, override), "2026-11-23", "2026-11-30")
        assert shown(found) == ["11-23 09:00–10:00", "11-24 00:00–11-25 00:00", "11-25 09:00–10:00"]
        cancelled = override.replace("SUMMARY:room B", "STATUS:CANCELLED")
        found = said(vcalendar(series, cancelled), "2026-11-23", "2026-11-30")
        assert shown(found) == ["11-23 09:00–10:00", "11-25 09:00–10:00"]

    def test_the_first_readable_of_two_dtstarts_counts(self) -> None:
        """The other one is a warning."""
        found = said(vevent("DTSTART: see below", "DTSTART:20261124T090000Z", "DURATION:PT1H"), DAY)
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize(
        ("start", "zone"),
        [("DTSTART;TZID=America/New_York:20261124T040000", BERLIN), ("DTSTART:20261124T090000Z", NEW_YORK)],
    )
    def test_end_without_a_zone(self, start: str, zone: str) -> None:
        """A DTEND without a zone is a wall clock of the zone of DTSTART."""
        end = "DTEND:20261124T050000" if "TZID" in start else "DTEND:20261124T100000"
        assert busy(vevent(start, end), DAY, zone=zone) == NINE

    def test_end_of_the_calendar(self) -> None:
        """A date so late that it has no end is a warning, never a crash."""
        event = vevent("UID:late", "RECURRENCE-ID:20261124T090000Z", "DTSTART;VALUE=DATE:99991231")
        found = said(vcalendar(event, nine()), DAY)
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_same_uid_twice(self) -> None:
        """Two events that share a UID both block."""
        later = vevent("UID:twin", "DTSTART:20261124T120000Z", "DURATION:PT1H")
        assert busy(vcalendar(nine("UID:twin"), later), DAY) == [*NINE, "11-24 12:00–13:00"]

    def test_an_event_without_uid_blocks(self) -> None:
        """A missing UID does not free its time."""
        assert busy(nine().replace("UID", "X-UID"), DAY) == NINE


class TestBlocks:
    """TRANSP, STATUS, the own answer: what is busy time by default."""

    @pytest.mark.parametrize(
        ("line", "is_busy"),
        [
            ("TRANSP:OPAQUE", True),
            ("TRANSP:TRANSPARENT", False),
            ("transp:transparent", False),
            ("TRANSP: TRANSPARENT ", False),
            ("TRANSP:X-NEW", True),
            ("STATUS:CONFIRMED", True),
            ("STATUS:TENTATIVE", True),
            ("STATUS:CANCELLED", False),
            ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
            ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", True),
            ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", True),
            ("TRANSP:OPAQUE\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", True),
            ("X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\nTRANSP:TRANSPARENT", False),
            (DECLINED, False),
            (attendee("PARTSTAT=ACCEPTED"), True),
            (attendee("PARTSTAT=TENTATIVE"), True),
            (attendee("PARTSTAT=NEEDS-ACTION"), True),
            (attendee("RSVP=TRUE"), True),
            (attendee("PARTSTAT=DECLINED", "mailto:bob@example.com"), True),
            (attendee("partstat=declined", "MAILTO:Alice@Example.COM"), False),
            (attendee(f'CN="Liddell: A";EMAIL={EMAIL};PARTSTAT=DECLINED', "urn:uuid:7"), False),
            (attendee("PARTSTAT=DECLINED", "mailto:notalice@example.com"), True),
            (f"ORGANIZER:mailto:{EMAIL}", True),
        ],
    )
    def test_transparent_cancelled_and_declined_are_free(self, line: str, is_busy: bool) -> None:
        """By default; TRANSP goes before X-MICROSOFT-CDO-BUSYSTATUS."""
        assert busy(nine(line), DAY) == (NINE if is_busy else [])

    def test_only_the_accounts_own_partstat_counts(self) -> None:
        """In any position, also on a folded line."""
        others = [attendee("PARTSTAT=ACCEPTED", f"mailto:{name}@example.com") for name in "abc"]
        folded = DECLINED.replace("DECL", "DE\r\n CL").replace("alice", "al\r\n ice")
        assert busy(nine(*others, folded, *others), DAY) == []

    @pytest.mark.parametrize(
        ("answers", "is_busy"),
        [
            (["PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED"], False),
            (["PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED"], True),
            (["PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION"], False),
            (["PARTSTAT=NEEDS-ACTION;SCHEDULE-STATUS=1.1", "PARTSTAT=ACCEPTED"], True),
            (["PARTSTAT=ACCEPTED", "ROLE=OPT-PARTICIPANT"], True),
            (["PARTSTAT=DECLINED", "CN=Alice"], False),
        ],
    )
    def test_the_last_of_two_partstats_counts(self, answers: list[str], is_busy: bool) -> None:
        """A line without PARTSTAT is no answer."""
        event = nine(*map(attendee, answers))
        assert busy(event, DAY, policy=Policy(unanswered="free")) == (NINE if is_busy else [])

    @pytest.mark.parametrize(
        ("lines", "is_busy"),
        [
            (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], True),
            (["X-MICROSOFT-CDO-INTENDEDSTATUS:OOF"], True),
            (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "X-MICROSOFT-CDO-INTENDEDSTATUS:OOF"], True),
            (["X-MICROSOFT-CDO-BUSYSTATUS:FREE", "X-MICROSOFT-CDO-INTENDEDSTATUS:OOF"], False),
            (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY"], False),
            (["X-MICROSOFT-CDO-BUSYSTATUS:OOF", DECLINED], False),
        ],
    )
    def test_out_of_office(self, lines: list[str], is_busy: bool) -> None:
        """Out of office beats TRANSP:TRANSPARENT, unless the account has said otherwise."""
        assert busy(nine("TRANSP:TRANSPARENT", *lines), DAY) == (NINE if is_busy else [])

    @pytest.mark.parametrize(("line", "is_busy"), [("TRANSP:TRANSPARENT", False), ("TRANSP:OPAQUE", True)])
    def test_an_all_day_event_blocks_unless_transparent(self, line: str, is_busy: bool) -> None:
        """Like any other event."""
        event = vevent("DTSTART;VALUE=DATE:20261124", line)
        assert busy(event, "2026-11-20", "2026-11-30") == (["11-23 23:00–11-24 23:00"] if is_busy else [])


class TestPolicy:
    """What an entry of gbook.yaml changes."""

    @pytest.mark.parametrize(
        ("line", "is_busy"),
        [
            ("TRANSP:TRANSPARENT", True),
            ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", True),
            ("STATUS:TENTATIVE", True),
            ("STATUS:CANCELLED", False),
            ("STATUS:canceled", False),
        ],
    )
    def test_blocking_always(self, line: str, is_busy: bool) -> None:
        """`blocking: always`: every event is busy unless it is cancelled."""
        assert busy(nine(line), DAY, policy=Policy(blocking="always")) == (NINE if is_busy else [])

    def test_blocking_never(self) -> None:
        """`blocking: never`: no event of the calendar is busy."""
        free_busy = "BEGIN:VFREEBUSY\r\nFREEBUSY:20261124T120000Z/PT1H\r\nEND:VFREEBUSY"
        assert busy(vcalendar(nine(), free_busy), DAY, policy=Policy(blocking="never")) == []

    def test_all_day_free(self) -> None:
        """`allDay: free` frees the days, and nothing else."""
        day = vevent("DTSTART;VALUE=DATE:20261124")
        assert busy(vcalendar(day, nine()), DAY, policy=Policy(all_day="free")) == NINE

    @pytest.mark.parametrize("line", ["STATUS:TENTATIVE", attendee("PARTSTAT=TENTATIVE")])
    def test_tentative_free(self, line: str) -> None:
        """`tentative: free` frees events that are tentative, or that the account has answered so."""
        assert busy(nine(line), DAY, policy=Policy(tentative="free")) == []
        assert busy(nine(), DAY, policy=Policy(tentative="free")) == NINE

    @pytest.mark.parametrize("line", [attendee("PARTSTAT=NEEDS-ACTION"), attendee("ROLE=REQ-PARTICIPANT")])
    def test_unanswered_free(self, line: str) -> None:
        """`unanswered: free` frees invitations without an answer; NEEDS-ACTION is the default (§3.2.12)."""
        assert busy(nine(line), DAY, policy=Policy(unanswered="free")) == []
        assert busy(nine(attendee("PARTSTAT=ACCEPTED")), DAY, policy=Policy(unanswered="free")) == NINE


class TestMethod:
    """METHOD of the VCALENDAR (RFC 5546)."""

    def test_events_of_method_cancel_are_free(self) -> None:
        """METHOD:CANCEL, in any position of its VCALENDAR (RFC 5546)."""
        for parts in (("METHOD:CANCEL", nine()), (nine(), "method:Cancel")):
            assert busy(vcalendar(*parts), DAY) == []
            assert busy(vcalendar(*parts), DAY, policy=Policy(blocking="always")) == []

    @pytest.mark.parametrize("method", ["PUBLISH", "REQUEST", "COUNTER", "X-CANCEL", ""])
    def test_events_of_other_methods_block(self, method: str) -> None:
        """REQUEST, PUBLISH and the like."""
        assert busy(vcalendar(f"METHOD:{method}", nine()), DAY) == NINE

    def test_a_method_counts_for_its_own_vcalendar(self) -> None:
        """A CANCEL with the highest SEQUENCE cancels the event."""
        other = nine().replace("UID:", "UID:x").replace("T09", "T12").replace("T10", "T13")
        cancelled = vcalendar("METHOD:CANCEL", nine("UID:a", "SEQUENCE:2"))
        assert busy(cancelled + vcalendar(other), DAY) == ["11-24 12:00–13:00"]
        assert busy(vcalendar(nine("UID:a", "SEQUENCE:1")) + cancelled, DAY) == []
        assert busy(vcalendar(nine("UID:a", "SEQUENCE:3")) + cancelled, DAY) == NINE


class TestTravel:
    """The way to an event, as Apple's Calendar writes it."""

    WAY = "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M"

    def test_travel_time_blocks_before_the_event(self) -> None:
        """X-APPLE-TRAVEL-DURATION is busy before the start."""
        assert busy(nine(self.WAY), DAY) == ["11-24 08:30–10:00"]

    def test_every_instance_has_its_travel_time(self) -> None:
        """Of a series, each instance."""
        series = vevent("DTSTART:20261117T000000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", self.WAY)
        assert busy(series, "2026-11-23") == ["11-23 23:30–11-24 01:00"]

    def test_reaches_into_the_window(self) -> None:
        """It counts also where the event itself begins behind the window."""
        event = vevent("DTSTART:20261125T120000Z", "DURATION:PT1H", "X-APPLE-TRAVEL-DURATION:PT20H")
        assert busy(event, DAY) == ["11-24 16:00–11-25 13:00"]

    @pytest.mark.parametrize(
        "line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-APPLE-TRAVEL-DURATION:-PT1H"]
    )
    def test_travel_to_a_free_event_is_free(self, line: str) -> None:
        """Transparent or cancelled; a negative travel time takes no time."""
        event = vevent("DTSTART:20261124T090000Z", "DURATION:PT1H", line, self.WAY)
        assert "11-24 08:30–10:00" not in busy(event, DAY)

    def test_travel_free(self) -> None:
        """`travel: free` ignores travel time."""
        assert busy(nine(self.WAY), DAY, policy=Policy(travel="free")) == NINE

    @pytest.mark.parametrize(("length", "start"), [("soon", "08:00"), ("P2D", "09:00")])
    def test_invalid_travel_time_is_limited(self, length: str, start: str) -> None:
        """With a warning: an invalid duration counts as an hour, one of more than a day as a day."""
        found = said(nine(f"X-APPLE-TRAVEL-DURATION:{length}"), DAY)
        assert [text[6:11] for text in shown(found)] == [start]
        assert codes(found.diagnostics) == ["malformed_event"]


class TestOurs:
    """Events that gbook wrote come one by one, since they depend on the moment of the question."""

    def test_a_booking_has_profile_and_host(self) -> None:
        """It names both, and blocks its time."""
        found = said(nine(f"UID:{own_uid(1)}", "X-GBOOK-PROFILE:demo\\, one", "X-GBOOK-HOST:alice"), DAY)
        assert shown(found) == []
        (booked,) = found.booked
        assert (booked.uid, booked.profile, booked.host) == (own_uid(1), "demo, one", "alice")
        assert (booked.end - booked.start, booked.blocks, booked.expires) == (3600, True, None)

    def test_a_reservation_blocks_until_it_expires(self) -> None:
        """X-GBOOK-EXPIRES, in UTC."""
        found = said(nine("X-GBOOK-PROFILE:demo", "X-GBOOK-EXPIRES:20261123T120000Z"), DAY)
        (booked,) = found.booked
        assert booked.expires is not None
        assert booked.blocks_at(booked.expires - 1)
        assert not booked.blocks_at(booked.expires)

    def test_expiry_cannot_be_read(self) -> None:
        """A reservation whose expiry cannot be read does not expire, and a warning says so."""
        found = said(nine("X-GBOOK-PROFILE:demo", "X-GBOOK-EXPIRES:soon"), DAY)
        (booked,) = found.booked
        assert booked.blocks_at(1 << 40)
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", DECLINED])
    def test_a_cancelled_or_declined_booking_is_free(self, line: str) -> None:
        """It is still read as a booking."""
        (booked,) = said(nine("X-GBOOK-PROFILE:demo", line), DAY).booked
        assert not booked.blocks_at(0)


class TestFreeBusy:
    """VFREEBUSY (§3.6.4): a published free/busy file can stand for a member."""

    @staticmethod
    def times(*lines: str, policy: Policy | None = None) -> list[str]:
        return busy("\r\n".join(["BEGIN:VFREEBUSY", "UID:f", *lines, "END:VFREEBUSY"]), DAY, policy=policy)

    @pytest.mark.parametrize(
        ("kind", "is_busy"),
        [
            ("", True),
            (";FBTYPE=BUSY", True),
            (";FBTYPE=FREE", False),
            (";fbtype=free", False),
            (";FBTYPE=BUSY-TENTATIVE", True),
            (";FBTYPE=BUSY-UNAVAILABLE", True),
            (";FBTYPE=X-OTHER", True),
        ],
    )
    def test_every_fbtype_but_free_blocks(self, kind: str, is_busy: bool) -> None:
        """BUSY is the default (§3.2.9)."""
        assert self.times(f"FREEBUSY{kind}:20261124T090000Z/20261124T100000Z") == (NINE if is_busy else [])

    def test_periods_of_a_line_and_of_several_lines(self) -> None:
        """A period has an end or a duration."""
        assert self.times(
            "FREEBUSY:20261124T090000Z/PT1H,20261124T120000Z/20261124T123000Z",
            "FREEBUSY;FBTYPE=BUSY:20261124T2000\r\n 00Z/PT15M,20251124T090000Z/PT1H",
        ) == [*NINE, "11-24 12:00–12:30", "11-24 20:00–20:15"]

    def test_busy_tentative_follows_the_policy(self) -> None:
        """`tentative: free` frees FBTYPE=BUSY-TENTATIVE."""
        line = "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261124T090000Z/PT1H"
        assert self.times(line, policy=Policy(tentative="free")) == []

    def test_an_invalid_period_does_not_hide_the_others(self) -> None:
        """It is a warning; the other periods of the line block."""
        line = "FREEBUSY:20261124T090000Z/PT1H,never,20261124T120000Z/PT1H,"
        found = said(f"BEGIN:VFREEBUSY\r\n{line}\r\nEND:VFREEBUSY", DAY)
        assert shown(found) == [*NINE, "11-24 12:00–13:00"]
        assert set(codes(found.diagnostics)) == {"malformed_event"}
