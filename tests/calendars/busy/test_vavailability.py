"""VAVAILABILITY (RFC 7953): what it leaves out is busy."""

from __future__ import annotations

import pytest
from support.ics import BERLIN, busy, codes, said, shown, vcalendar, vevent

from gbook.calendars.busy.cached import Policy

DAY = "2026-11-24"
BOUNDS = ("DTSTART:20261124T060000Z", "DTEND:20261124T200000Z")
NINE_TO_FIVE = ("DTSTART:20261124T090000Z", "DTEND:20261124T170000Z")
# Every day from nine to five, begun long ago.
DAILY = ("DTSTART:20200101T090000Z", "DTEND:20200101T170000Z", "RRULE:FREQ=DAILY")
AROUND = ["11-24 00:00–09:00", "11-24 17:00–11-25 00:00"]


def available(*lines: str) -> str:
    return "\r\n".join(["BEGIN:AVAILABLE", *lines, "END:AVAILABLE"])


def availability(*parts: str) -> str:
    return "\r\n".join(["BEGIN:VAVAILABILITY", *parts, "END:VAVAILABILITY"])


class TestTime:
    """What it closes."""

    def test_a_vavailability_closes_time_inside_its_bounds(self) -> None:
        """All but its AVAILABLE; outside its bounds it has no effect (RFC 7953)."""
        data = availability("UID:a", *BOUNDS, available("UID:b", *NINE_TO_FIVE))
        assert busy(data, DAY) == ["11-24 06:00–09:00", "11-24 17:00–20:00"]

    def test_an_end_may_be_a_duration(self) -> None:
        """Of the VAVAILABILITY and of an AVAILABLE."""
        data = availability(
            BOUNDS[0], "DURATION:PT14H", available("DTSTART:20261124T090000Z", "DURATION:PT8H")
        )
        assert busy(data, DAY) == ["11-24 06:00–09:00", "11-24 17:00–20:00"]

    @pytest.mark.parametrize("lines", [(), BOUNDS[:1]], ids=["none", "without an end"])
    def test_without_bounds(self, lines: tuple[str, ...]) -> None:
        """Without a start or an end it has no bound there."""
        assert busy(availability(*lines, available(*DAILY)), "2030-03-01")[1:] == ["03-01 17:00–03-02 00:00"]

    def test_nothing_available(self) -> None:
        """Without AVAILABLE all of it is closed."""
        assert busy(availability(*BOUNDS), DAY) == ["11-24 06:00–20:00"]

    def test_events_in_what_is_open(self) -> None:
        """Events block beside it."""
        event = vevent("DTSTART:20261124T100000Z", "DURATION:PT1H")
        data = vcalendar(availability(available(*DAILY)), event)
        assert busy(data, DAY) == [AROUND[0], "11-24 10:00–11:00", AROUND[1]]

    def test_available_keeps_its_wall_clock(self) -> None:
        """In its zone, before and after a change of the clock."""
        hours = (
            f"DTSTART;TZID={BERLIN}:20261023T090000",
            f"DTEND;TZID={BERLIN}:20261023T170000",
            "RRULE:FREQ=DAILY",
        )
        data = availability(available(*hours))
        assert busy(data, "2026-10-24")[0] == "10-24 00:00–07:00"
        assert busy(data, "2026-10-26")[0] == "10-26 00:00–08:00"

    def test_start_that_the_rule_does_not_give(self) -> None:
        """A Sunday as DTSTART of a rule for Monday to Friday is not open (RFC 7953 has such examples)."""
        sunday = ("DTSTART:20261122T090000Z", "DTEND:20261122T170000Z")
        data = availability(available(*sunday, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"))
        assert busy(data, "2026-11-22", DAY) == ["11-22 00:00–11-23 09:00", "11-23 17:00–11-24 00:00"]

    def test_an_available_with_exceptions_and_overrides(self) -> None:
        """EXDATE and RECURRENCE-ID work as in events."""
        data = availability(
            available("UID:b", *DAILY, "EXDATE:20261125T090000Z"),
            available(
                "UID:b",
                "RECURRENCE-ID:20261124T090000Z",
                "DTSTART:20261124T120000Z",
                "DTEND:20261124T130000Z",
            ),
        )
        assert busy(data, DAY, "2026-11-27") == [
            "11-24 00:00–12:00",
            "11-24 13:00–11-26 09:00",
            "11-26 17:00–11-27 00:00",
        ]

    def test_a_vavailability_in_any_layout(self) -> None:
        """Folded, or in lower case."""
        data = availability("dtstart:20261124T060000Z", BOUNDS[1], available(*NINE_TO_FIVE))
        text = data.replace("20261124T0900", "2026112\r\n 4T0900").replace(
            "BEGIN:AVAILABLE", "begin:available"
        )
        assert busy(text, DAY) == ["11-24 06:00–09:00", "11-24 17:00–20:00"]


class TestSeveral:
    """PRIORITY and BUSYTYPE."""

    HOURS = availability("PRIORITY:5", available(*DAILY))

    @pytest.mark.parametrize(
        ("priority", "expected"),
        [
            ("PRIORITY:1", ["11-24 00:00–09:00", "11-24 12:00–11-25 00:00"]),
            ("PRIORITY:5", ["11-24 00:00–09:00", "11-24 12:00–11-25 00:00"]),
            ("PRIORITY:9", AROUND),
            ("PRIORITY:0", AROUND),
            ("X-A:1", AROUND),
        ],
    )
    def test_the_highest_priority_wins(self, priority: str, expected: list[str]) -> None:
        """1 is the highest; of equal ones each closes its time."""
        holiday = availability(priority, "DTSTART:20261124T120000Z", "DTEND:20261125T120000Z")
        for parts in ((self.HOURS, holiday), (holiday, self.HOURS)):
            assert busy(vcalendar(*parts), DAY) == expected

    def test_opens_what_a_lower_one_closes(self) -> None:
        """Inside the bounds of a higher one only that one counts."""
        saturday = availability(
            "PRIORITY:1",
            "DTSTART:20261124T170000Z",
            "DTEND:20261124T190000Z",
            available("DTSTART:20261124T170000Z", "DTEND:20261124T180000Z"),
        )
        assert busy(vcalendar(self.HOURS, saturday), DAY) == [AROUND[0], "11-24 18:00–11-25 00:00"]

    def test_busy_tentative_follows_the_policy(self) -> None:
        """BUSYTYPE=BUSY-TENTATIVE is free with `tentative: free`."""
        for kind, expected in (("BUSY-TENTATIVE", []), ("BUSY-UNAVAILABLE", AROUND), ("BUSY", AROUND)):
            data = availability(f"BUSYTYPE:{kind}", available(*DAILY))
            assert busy(data, DAY) == AROUND
            assert busy(data, DAY, policy=Policy(tentative="free")) == expected

    def test_blocking_never(self) -> None:
        """`blocking: never` ignores a VAVAILABILITY."""
        assert busy(self.HOURS, DAY, policy=Policy(blocking="never")) == []


class TestFaults:
    """What cannot be read is not open."""

    @pytest.mark.parametrize(
        "lines",
        [
            ("DTSTART:20261124T090000Z", "DTEND:later"),
            ("DTSTART:soon", "DTEND:20261124T170000Z"),
            (*DAILY[:2], "RRULE:FREQ=NEVER"),
            (*DAILY[:2], "RRULE:FREQ=SECONDLY"),
            (*DAILY[:2], "RRULE:FREQ=DAILY;UNTIL=soon"),
            (*DAILY, "EXDATE:some day"),
            (*DAILY, "EXRULE:FREQ=NEVER"),
            (*DAILY, "RDATE:some day"),
        ],
    )
    def test_an_invalid_available_opens_nothing(self, lines: tuple[str, ...]) -> None:
        """With a warning; the others count."""
        other = available("UID:o", "DTSTART:20261124T120000Z", "DTEND:20261124T130000Z")
        found = said(availability(*BOUNDS, available("UID:b", *lines), other), DAY)
        assert shown(found) == ["11-24 06:00–12:00", "11-24 13:00–20:00"]
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize("line", ["DTSTART:soon", "DTEND:later", "DURATION:long"])
    def test_invalid_bounds_are_no_bounds(self, line: str) -> None:
        """With a warning."""
        found = said(availability("DTSTART:20261101T000000Z", line, available(*DAILY)), DAY)
        if line.startswith("DTSTART"):
            found = said(availability(line, available(*DAILY)), DAY)
        assert shown(found) == AROUND
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_a_vavailability_without_end_hides_no_event(self) -> None:
        """A lost END line."""
        broken = availability(*BOUNDS, available(*NINE_TO_FIVE)).replace("\r\nEND:VAVAILABILITY", "")
        event = vevent("DTSTART:20261124T100000Z", "DURATION:PT1H")
        found = said(vcalendar(broken, event), DAY)
        assert shown(found) == ["11-24 06:00–09:00", "11-24 10:00–11:00", "11-24 17:00–20:00"]
        assert codes(found.diagnostics) == ["malformed_event"]
