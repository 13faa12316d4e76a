"""Rules as programs write them, slips and old forms among them."""

from __future__ import annotations

import pytest
from support.ics import BERLIN, NEW_YORK, busy, said, shown, vevent

HOUR = "DURATION:PT1H"


def days(rule: str, start: str = "20261123T090000Z", until: str = "2027-12-31") -> list[str]:
    """The days on which a series begins its instances; there must be no warning."""
    found = busy(vevent(f"DTSTART:{start}", HOUR, f"RRULE:{rule}"), "2026-11-01", until, zone="UTC")
    return [text[:5] for text in found]


class TestSlips:
    """What leaves no doubt is read."""

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=WEEKLY;COUNT=2;",
            ";;FREQ=WEEKLY;;COUNT=2",
            "FREQ=WEEKLY;COUNT=2;BYDAY=",
            "RRULE:FREQ=WEEKLY;COUNT=2",
            "freq=weekly;count=2;byday=mo",
            "FREQ=WEEKLY;COUNT=2;BYDAY=MON",
            "FREQ=WEEKLY;COUNT=2;BYDAY=Monday,",
            "FREQ=WEEKLY;COUNT=2;BYDAY=+0MO",
            "FREQ=WEEKLY;COUNT=2;INTERVAL=0",
            "FREQ=WEEKLY;COUNT=+2;INTERVAL=+1",
            "FREQ=WEEKLY;COUNT=2;COUNT=2",
            " FREQ = WEEKLY ; COUNT = 2 ",
            '"FREQ=WEEKLY;COUNT=2"',
            "FREQ=WEEKLY\\;COUNT=2\\n",
            "FREQ=WEEKLY;WKST=Sunday;COUNT=2",
            "RSCALE=GREGORIAN;FREQ=WEEKLY;COUNT=2",
            "RSCALE=gregorian;FREQ=WEEKLY;COUNT=2;SKIP=OMIT",
        ],
    )
    def test_spellings_of_one_rule(self, rule: str) -> None:
        """All give the same rule."""
        assert days(rule) == ["11-23", "11-30"]

    @pytest.mark.parametrize("weekdays", ["MO,TU", "MO, TU", "MO TU", "MO;TU", "MO , TUE ,"])
    def test_separators_of_lists(self, weekdays: str) -> None:
        """Commas, and what some programs write instead."""
        assert days(f"FREQ=WEEKLY;BYDAY={weekdays};COUNT=3") == ["11-23", "11-24", "11-30"]

    def test_week_that_cannot_be_read(self) -> None:
        """Without the first day of its weeks, no week is left out, with a warning."""
        series = vevent("DTSTART:20261123T090000Z", HOUR, "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2;WKST=XX")
        found = said(series, "2026-11-01", "2026-12-10")
        assert [text[:5] for text in shown(found)] == ["11-23", "11-30", "12-07"]
        assert [note.code for note in found.diagnostics] == ["malformed_event"]


class TestUntil:
    """The end of a rule."""

    @pytest.mark.parametrize(
        "until",
        [
            "20261124T090000Z",
            "20261124t090000z",
            "20261124",
            "2026-11-24",
            "2026-11-24T09:00:00Z",
            "2026-11-24 09:00",
            "20261124T0900",
            "20261124T090000.000Z",
            "2026-11-24T09:00:00+00:00",
            "20261124T240000",
            "20261124T235960Z",
            "20261124T100000+0100",
            "2026-11-24T04:00:00-05:00",
            "2026/11/24",
        ],
    )
    def test_spellings_of_until(self, until: str) -> None:
        """A date is the whole day; hyphens, colons, missing seconds and fractions are accepted."""
        assert days(f"FREQ=DAILY;UNTIL={until}") == ["11-23", "11-24"]

    @pytest.mark.parametrize(
        ("zone", "until"),
        [
            (BERLIN, "20261124T230000Z"),
            (BERLIN, "20261125T000000Z"),
            (NEW_YORK, "20261125T050000Z"),
            (NEW_YORK, "20261125T000000Z"),
            (BERLIN, "20261125"),
            (BERLIN, "20261125T000000"),
        ],
    )
    def test_until_of_an_all_day_series_in_utc(self, zone: str, until: str) -> None:
        """Local midnight of the last day, or that day itself: the later day counts."""
        series = vevent("DTSTART;VALUE=DATE:20261123", f"RRULE:FREQ=DAILY;UNTIL={until}")
        alike = vevent("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261126")
        found, expected = (busy(one, "2026-11-01", "2026-12-31", zone) for one in (series, alike))
        assert found == expected


class TestWholeDays:
    """A series of dates."""

    def test_ignores_times(self) -> None:
        """The time parts of its rule are ignored (§3.3.10)."""
        rule = "RRULE:FREQ=DAILY;BYHOUR=9,10;BYMINUTE=1,2,3;BYSECOND=4;INTERVAL=2;COUNT=2"
        found = busy(vevent("DTSTART;VALUE=DATE:20261123", rule), "2026-11-01", "2026-12-31", zone="UTC")
        assert found == ["11-23 00:00–11-24 00:00", "11-25 00:00–11-26 00:00"]

    def test_within_a_day(self) -> None:
        """A rule that repeats within a day takes whole days."""
        series = vevent("DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=HOURLY;INTERVAL=36;COUNT=3")
        found = busy(series, "2026-11-01", "2026-12-31", zone="UTC")
        assert found == ["11-23 00:00–11-25 00:00", "11-26 00:00–11-27 00:00"]


class TestSkip:
    """SKIP of RFC 7529: what becomes of a day that a month has not."""

    @pytest.mark.parametrize(
        ("skip", "expected"),
        [
            ("OMIT", ["01-31", "03-31"]),
            ("BACKWARD", ["01-31", "02-28", "03-31", "04-30"]),
            ("FORWARD", ["01-31", "03-01", "03-31", "05-01"]),
        ],
    )
    def test_skip_of_a_monthly_rule(self, skip: str, expected: list[str]) -> None:
        """OMIT, BACKWARD or FORWARD (RFC 7529)."""
        rule = f"RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP={skip};UNTIL=20270510"
        assert days(rule, "20270131T090000Z")[: len(expected)] == expected

    def test_skip_of_a_leap_day(self) -> None:
        """With FORWARD, a series of 29 February is on 1 March in other years (RFC 7529)."""
        series = vevent("DTSTART:20240229T090000Z", HOUR, "RRULE:RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD")
        assert [text[:5] for text in busy(series, "2025-01-01", "2028-12-31")] == [
            "03-01",
            "03-01",
            "03-01",
            "02-29",
        ]


class TestLegacy:
    """Rules of vCalendar 1.0."""

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ("D1 #3", ["11-23", "11-24", "11-25"]),
            ("D2 20261127T090000Z", ["11-23", "11-25", "11-27"]),
            ("D2 20261127", ["11-23", "11-25", "11-27"]),
            ("D2 #0 20261127", ["11-23", "11-25", "11-27"]),
            ("D2 #2 20261231", ["11-23", "11-25"]),
            ("d2 #2", ["11-23", "11-25"]),
            ("W1 #2", ["11-23", "11-30"]),
            ("W1 MO TU #2", ["11-23", "11-24", "11-30", "12-01"]),
            ("W2 MO WE 20261209T235959", ["11-23", "11-25", "12-07", "12-09"]),
            ("MP1 4+ MO #2", ["11-23", "12-28"]),
            ("MP1 1- MO 1+ TU 20261229T000000Z", ["11-23", "11-30", "12-01", "12-28"]),
            ("MP1 4+ 1- MO #2", ["11-23", "11-30", "12-28", "01-25"]),
            ("MP1 #2", ["11-23", "12-28"]),
            ("MD1 23 #2", ["11-23", "12-23"]),
            ("MD1 23 LD #2", ["11-23", "11-30", "12-23", "12-31"]),
            ("MD1 1- #2", ["11-23", "11-30"]),
            ("MD1 #2", ["11-23", "12-23"]),
            ("YM1 #2", ["11-23", "11-23"]),
            ("YM1 11 12 20270101T000000Z", ["11-23", "12-23"]),
            ("YD1 327 #2", ["11-23", "11-23"]),
            ("YD1 #2", ["11-23", "11-23"]),
        ],
    )
    def test_vcalendar_1_rules(self, rule: str, expected: list[str]) -> None:
        """Numbers count periods; an end date is the last day."""
        assert days(rule) == expected

    @pytest.mark.parametrize("rule", ["W1 MO #0", "W1 MO", "W1"])
    def test_vcalendar_1_rules_without_end(self, rule: str) -> None:
        """`#0`, or no end: the series must not end too soon."""
        series = vevent("DTSTART:20201123T090000Z", HOUR, f"RRULE:{rule}")
        assert busy(series, "2040-11-26", "2040-12-01") == ["11-26 09:00–10:00"]

    @pytest.mark.parametrize("rule", ["X1 #3", "D1 0900 #3", "MP1 1+", "W1 XX #0", "D1 M15 #4"])
    def test_that_cannot_be_read(self, rule: str) -> None:
        """Others block on, with a warning."""
        found = said(vevent("DTSTART:20261123T090000Z", HOUR, f"RRULE:{rule}"), "2026-12-24")
        assert len(shown(found)) == 1
        assert [note.code for note in found.diagnostics] == ["malformed_event"]
