"""Series: rules, dates, exceptions, overrides (RFC 5545 §3.8.5), and what the clocks do to them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.ics import BERLIN, NEW_YORK, busy, codes, said, shown, vcalendar, vevent

DAY = "2026-11-24"
NINE = ["11-24 09:00–10:00"]
HOUR = "DURATION:PT1H"
# Tuesdays at nine, for ten years, and still going on.
WEEKLY = ("UID:w", "DTSTART:20161122T090000Z", "DTEND:20161122T100000Z", "RRULE:FREQ=WEEKLY")


def weekly(*lines: str) -> str:
    return vevent(*WEEKLY, *lines)


def override(recurrence_id: str, *lines: str) -> str:
    return vevent("UID:w", recurrence_id, *lines)


class TestRule:
    """RRULE."""

    def test_a_series_of_ten_years_ago(self) -> None:
        """It still recurs, with and without exceptions of that time."""
        assert busy(weekly("EXDATE:20161129T090000Z"), DAY) == NINE

    def test_count_that_has_ended(self) -> None:
        """The last of COUNT instances is the last."""
        series = vevent("DTSTART:20261118T090000Z", HOUR, "RRULE:FREQ=DAILY;COUNT=6")
        assert busy(series, "2026-11-22", "2026-11-30") == ["11-22 09:00–10:00", "11-23 09:00–10:00"]

    @pytest.mark.parametrize(
        ("start", "rule"),
        [
            ("20161122", "FREQ=WEEKLY;COUNT=523"),
            ("20161122", "FREQ=WEEKLY;COUNT=1045;BYDAY=TU,FR"),
            ("20161122", "FREQ=DAILY;INTERVAL=7;COUNT=523"),
            ("20161124", "FREQ=MONTHLY;COUNT=121"),
            ("20161124", "FREQ=YEARLY;COUNT=11"),
            ("19961124", "FREQ=YEARLY;COUNT=16;INTERVAL=2"),
        ],
    )
    def test_last_of_count(self, start: str, rule: str) -> None:
        """An old series is counted exactly: the instance in the window is its last."""
        series = vevent(f"DTSTART:{start}T090000Z", HOUR, f"RRULE:{rule}")
        assert busy(series, DAY, "2030-01-01") == NINE
        count = rule.split("COUNT=")[1].split(";", maxsplit=1)[0]
        fewer = series.replace(f"COUNT={count}", f"COUNT={int(count) - 1}")
        assert busy(fewer, DAY, "2030-01-01") == []

    def test_count_takes_exceptions_along(self) -> None:
        """EXDATE takes instances away after COUNT has counted them."""
        series = vevent(
            "DTSTART:20261122T090000Z",
            HOUR,
            "RRULE:FREQ=DAILY;COUNT=3",
            "EXDATE:20261122T090000Z,20261123T090000Z",
        )
        assert busy(series, "2026-11-20", "2026-12-01") == NINE

    @pytest.mark.parametrize(
        ("until", "is_busy"),
        [
            ("20261124T090000Z", True),
            ("20261124T085959Z", False),
            ("20261124", True),
            ("20261123", False),
        ],
    )
    def test_until_is_inclusive(self, until: str, is_busy: bool) -> None:
        """To the second; as a date for a timed series it covers the whole day."""
        assert busy(vevent(*WEEKLY).replace("WEEKLY", f"WEEKLY;UNTIL={until}"), DAY) == (
            NINE if is_busy else []
        )

    def test_until_in_utc_of_a_zoned_series(self) -> None:
        """UNTIL in UTC at the very last instance includes it, on both sides of a change of the clocks."""
        for until, expected in (("20261101T140000Z", 3), ("20261101T135959Z", 2)):
            series = vevent(
                f"DTSTART;TZID={NEW_YORK}:20261030T090000", HOUR, f"RRULE:FREQ=DAILY;UNTIL={until}"
            )
            assert len(busy(series, "2026-10-25", "2026-12-01")) == expected

    def test_until_as_date_is_a_day_of_the_series(self) -> None:
        """The day of UNTIL is one of the series' own zone."""
        series = vevent(f"DTSTART;TZID={NEW_YORK}:20261123T210000", HOUR, "RRULE:FREQ=DAILY;UNTIL=20261124")
        assert busy(series, "2026-11-20", "2026-12-01") == ["11-24 02:00–03:00", "11-25 02:00–03:00"]

    def test_until_of_all_day_series(self) -> None:
        """An all-day series lasts until the day of its UNTIL, also where that is written as a time."""
        for until in ("20261124", "20261124T000000Z", "20261124T120000"):
            series = vevent("DTSTART;VALUE=DATE:20261120", f"RRULE:FREQ=DAILY;INTERVAL=2;UNTIL={until}")
            assert len(busy(series, "2026-11-01", "2026-12-24", zone="UTC")) == 3, until

    @pytest.mark.parametrize(
        ("start", "rule", "days"),
        [
            ("20261102", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["11-02", "11-30"]),
            ("20260105", "FREQ=MONTHLY;BYDAY=-1FR", ["11-27"]),
            ("20260105", "FREQ=MONTHLY;BYMONTHDAY=-1", ["11-30"]),
            ("20260131", "FREQ=MONTHLY", []),
            ("20200229", "FREQ=YEARLY", []),
            ("20260105", "FREQ=YEARLY;BYWEEKNO=48;BYDAY=TU", ["11-24"]),
            ("20260105", "FREQ=YEARLY;BYYEARDAY=328,-37", ["11-24", "11-25"]),
            ("20260105", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["11-26"]),
            ("20261103", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", ["11-03", "11-08", "11-17", "11-22"]),
            ("20261103", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", ["11-03", "11-15", "11-17", "11-29"]),
            ("20211102", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SU;WKST=SU", ["11-01", "11-03", "11-22", "11-24"]),
            ("20261110", "FREQ=DAILY;BYDAY=TU;BYMONTH=11", ["11-10", "11-17", "11-24"]),
        ],
    )
    def test_parts_of_a_rule(self, start: str, rule: str, days: list[str]) -> None:
        """Every part of §3.3.10, WKST included."""
        series = vevent(f"DTSTART:{start}T090000Z", HOUR, f"RRULE:{rule}")
        assert [text[:5] for text in busy(series, "2026-11-01", "2026-12-01")] == days

    def test_a_rule_with_spaces(self) -> None:
        """Exchange writes them."""
        series = weekly().replace("FREQ=WEEKLY", "FREQ=DAILY;BYDAY=MO, TU, WE\r\n ;WKST=SU")
        assert busy(series, DAY, "2026-11-26") == [*NINE, "11-25 09:00–10:00"]

    def test_a_rule_in_lower_case(self) -> None:
        """Names and values are case-insensitive."""
        assert busy(weekly().replace("FREQ=WEEKLY", "freq=weekly;byday=tu"), DAY) == NINE

    def test_two_rules_are_united(self) -> None:
        """Also if one of them has ended."""
        series = vevent(
            "DTSTART:20261120T090000Z",
            HOUR,
            "RRULE:FREQ=DAILY;UNTIL=20261121T090000Z",
            "RRULE:FREQ=WEEKLY;BYDAY=TU",
        )
        assert busy(series, DAY) == NINE

    def test_an_instance_that_started_before_the_window_blocks(self) -> None:
        """As far as it reaches into the window."""
        series = vevent("DTSTART:20250101T000000Z", "DURATION:P20D", "RRULE:FREQ=MONTHLY")
        assert busy(series, "2026-11-15", "2026-11-16") == ["11-01 00:00–11-21 00:00"]

    @pytest.mark.parametrize(
        "rule",
        [
            "",
            "WEEKLY",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;FREQ=WEEKLY",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=DAILY;BYHOUR=9,25",
            "FREQ=WEEKLY;UNTL=20261130T000000Z",
            "RSCALE=HEBREW;FREQ=YEARLY",
        ],
    )
    def test_rule_cannot_be_read(self, rule: str) -> None:
        """A series whose rule cannot be read blocks from its first instance on, with a warning."""
        series = vevent("DTSTART:20261124T090000Z", HOUR, f"RRULE:{rule}")
        for low, high, expected in (
            (DAY, "2026-11-27", "11-24 09:00–"),
            ("2030-01-01", "2030-01-02", "11-24 09:00–"),
        ):
            found = said(series, low, high)
            assert [text[:12] for text in shown(found)] == [expected]
            assert codes(found.diagnostics) == ["malformed_event"]
        assert busy(series, "2026-11-20") == []

    def test_end_of_a_rule_that_cannot_be_read(self) -> None:
        """Its end counts where that can be read."""
        rule = "RRULE:FREQ=FORTNIGHTLY;UNTIL=20261201T120000Z"
        found = said(vevent("DTSTART:20261124T090000Z", HOUR, rule), DAY, "2027-01-01")
        assert [text[:20] for text in shown(found)] == ["11-24 09:00–12-02 13"]

    def test_what_follows_a_rule_that_cannot_be_read(self) -> None:
        """What RANGE=THISANDFUTURE makes of a free series may be busy at any time."""
        series = vevent("UID:w", "DTSTART:20261103T090000Z", HOUR, "RRULE:FREQ=NEVER", "TRANSP:TRANSPARENT")
        later = override("RECURRENCE-ID;RANGE=THISANDFUTURE:20261117T090000Z", "DTSTART:20261117T090000Z")
        assert shown(said(vcalendar(series, later), DAY, "2026-11-25"))

    @pytest.mark.parametrize(
        ("rule", "days"),
        [
            ("FREQ=WEEKLY;COUNT=x", ["24", "01"]),
            ("FREQ=WEEKLY;COUNT=0", ["24", "01"]),
            ("FREQ=WEEKLY;UNTIL=some day", ["24", "01"]),
            ("FREQ=WEEKLY;UNTIL=20260231", ["24", "01"]),
            ("FREQ=WEEKLY;BYMONTH=13", ["24", "01"]),
            ("FREQ=WEEKLY;INTERVAL=x;COUNT=1", ["24", "01"]),
            ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=x", ["24", "01"]),
            ("FREQ=DAILY;INTERVAL=7;BYDAY=QQ", ["24", "01"]),
            ("FREQ=WEEKLY;X-EVOLUTION-ENDDATE=x", ["24", "01"]),
        ],
    )
    def test_part_that_only_limits(self, rule: str, days: list[str]) -> None:
        """A part that only takes instances away is left out where it cannot be read, with a warning."""
        found = said(vevent("DTSTART:20251125T090000Z", HOUR, f"RRULE:{rule}"), DAY, "2026-12-03")
        assert [text[3:5] for text in shown(found)] == days
        assert codes(found.diagnostics) == ["malformed_event"]


class TestClocks:
    """A series keeps its wall clock when the clocks change."""

    def test_an_instance_keeps_its_wall_clock(self) -> None:
        """09:00 is 09:00 before and after a change of the clock."""
        series = vevent(f"DTSTART;TZID={BERLIN}:20261023T090000", HOUR, "RRULE:FREQ=DAILY;COUNT=4")
        assert busy(series, "2026-10-20", "2026-11-20") == [
            "10-23 07:00–08:00",
            "10-24 07:00–08:00",
            "10-25 08:00–09:00",
            "10-26 08:00–09:00",
        ]

    @pytest.mark.parametrize(
        ("zone", "day", "expected"),
        [
            (NEW_YORK, "20260307", ["03-07 07:30–08:30", "03-08 07:30–08:30", "03-09 06:30–07:30"]),
            (BERLIN, "20260328", ["03-28 01:30–02:30", "03-29 01:30–02:30", "03-30 00:30–01:30"]),
        ],
    )
    def test_start_in_a_gap(self, zone: str, day: str, expected: list[str]) -> None:
        """An instance that begins in a gap has the offset before it (§3.3.5)."""
        series = vevent(f"DTSTART;TZID={zone}:{day}T023000", HOUR, "RRULE:FREQ=DAILY;COUNT=3")
        assert busy(series, "2026-03-01", "2026-04-20") == expected

    @pytest.mark.parametrize(
        ("zone", "start", "expected"),
        [
            (NEW_YORK, "20261031T013000", ["10-31 05:30–06:30", "11-01 05:30–06:30", "11-02 06:30–07:30"]),
            (BERLIN, "20261024T023000", ["10-24 00:30–01:30", "10-25 00:30–01:30", "10-26 01:30–02:30"]),
        ],
    )
    def test_an_ambiguous_start_is_the_first(self, zone: str, start: str, expected: list[str]) -> None:
        """A local time that occurs twice is the first of the two (§3.3.5)."""
        series = vevent(f"DTSTART;TZID={zone}:{start}", HOUR, "RRULE:FREQ=DAILY;COUNT=3")
        assert busy(series, "2026-10-01", "2026-11-20") == expected

    @pytest.mark.parametrize(
        ("length", "expected"),
        [
            ("DURATION:P1D", "03-07 17:00–03-08 16:00"),
            ("DURATION:PT24H", "03-07 17:00–03-08 17:00"),
            ("DTEND;TZID=America/New_York:20260301T120000", "03-07 17:00–03-08 17:00"),
        ],
    )
    def test_length_of_an_instance(self, length: str, expected: str) -> None:
        """P1D may be 23 hours, PT24H is 24, and DTEND gives each instance the exact length of the first."""
        series = vevent(f"DTSTART;TZID={NEW_YORK}:20260228T120000", length, "RRULE:FREQ=WEEKLY")
        assert busy(series, "2026-03-05", "2026-03-10") == [expected]

    def test_all_day_series(self) -> None:
        """The days of an all-day series are days of the zone: one has 25 hours."""
        series = vevent("DTSTART;VALUE=DATE:20261024", "RRULE:FREQ=WEEKLY;BYDAY=SU")
        assert busy(series, "2026-10-24", "2026-10-27")[-1] == "10-23 22:00–10-25 23:00"

    def test_second_of_an_ambiguous_hour(self) -> None:
        """RDATE in UTC can mean the second 02:30 of the night; it is not taken for the first."""
        series = vevent(f"DTSTART;TZID={BERLIN}:20261025T023000", "DURATION:PT10M", "RDATE:20261025T013000Z")
        assert busy(series, "2026-10-25") == ["10-25 00:30–00:40", "10-25 01:30–01:40"]


class TestDates:
    """RDATE and EXDATE."""

    @pytest.mark.parametrize(
        "line",
        [
            "EXDATE:20261124T090000Z",
            "EXDATE;VALUE=DATE:20261124",
            "EXDATE:20261124",
            "EXDATE;TZID=America/New_York:20261124T040000",
            "EXDATE;TZID=Europe/Berlin:20261124T100000",
            "EXDATE:20261117T090000Z,20261124T090000Z",
            "EXDATE:20261117T090000Z\r\nEXDATE:2026112\r\n 4T090000Z",
        ],
    )
    def test_exdate_names_an_instance_in_any_zone(self, line: str) -> None:
        """A date excludes the instance of that day."""
        assert busy(weekly(line), DAY) == []

    @pytest.mark.parametrize(
        "line", ["EXDATE:20261124T090001Z", "EXDATE:20261123", "EXDATE;TZID=Europe/Berlin:20261124T090000"]
    )
    def test_exdate_without_an_instance_excludes_nothing(self, line: str) -> None:
        """It must match an instance exactly."""
        assert busy(weekly(line), DAY) == NINE

    @pytest.mark.parametrize(
        "start",
        ["DTSTART:20261103T100000", f"DTSTART;TZID={BERLIN}:20261103T100000"],
        ids=["floating", "zoned"],
    )
    def test_utc_exception(self, start: str) -> None:
        """An EXDATE in UTC names an instance of a floating or zoned series, and moves none of the others."""
        series = vevent(start, HOUR, "RRULE:FREQ=WEEKLY", "EXDATE:20261117T090000Z")
        assert busy(series, "2026-11-16", "2026-11-30") == NINE

    def test_exception_on_a_day_of_the_series(self) -> None:
        """The day of an EXDATE date is one of the series' zone, not of UTC."""
        series = vevent(
            f"DTSTART;TZID={NEW_YORK}:20261120T210000",
            HOUR,
            "RRULE:FREQ=DAILY;COUNT=5",
            "EXDATE;VALUE=DATE:20261123",
        )
        assert [text[:5] for text in busy(series, "2026-11-20", "2026-12-01")] == [
            "11-21",
            "11-22",
            "11-23",
            "11-25",
        ]

    @pytest.mark.parametrize(
        "line", ["EXDATE;VALUE=DATE:20261124", "EXDATE:20261124T000000", "EXDATE:20261124T000000Z"]
    )
    def test_exception_of_all_day_series(self, line: str) -> None:
        """An instance of an all-day series is taken away by its date, however that is written."""
        series = vevent("DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=DAILY;COUNT=3", line)
        assert busy(series, "2026-11-20", "2026-11-30", zone="UTC") == [
            "11-23 00:00–11-24 00:00",
            "11-25 00:00–11-26 00:00",
        ]

    def test_exception_of_the_first(self) -> None:
        """DTSTART itself may be excepted."""
        series = vevent(
            "DTSTART:20261123T090000Z", HOUR, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261123T090000Z"
        )
        assert busy(series, "2026-11-20", "2026-11-30") == NINE

    def test_exception_of_the_only_one(self) -> None:
        """An event that does not repeat can be excepted altogether."""
        assert busy(vevent("DTSTART:20261124T090000Z", HOUR, "EXDATE:20261124T090000Z"), DAY) == []

    def test_rdate_adds_instances(self) -> None:
        """In any zone, with the length of the first; DTSTART is one of them."""
        series = vevent(
            "DTSTART:20261123T090000Z",
            HOUR,
            f"RDATE;TZID={BERLIN}:20261124T100000,20261125T100000",
            "RDATE:20261126T090000Z",
        )
        assert [text[:5] for text in busy(series, "2026-11-20", "2026-11-30")] == [
            "11-23",
            "11-24",
            "11-25",
            "11-26",
        ]

    def test_date_that_the_rule_gives_too(self) -> None:
        """An instance that both rule and RDATE give is one instance; EXDATE takes it away."""
        assert busy(weekly("RDATE:20261124T090000Z"), DAY) == NINE
        assert busy(weekly("RDATE:20261124T090000Z", "EXDATE:20261124T090000Z"), DAY) == []

    @pytest.mark.parametrize("period", ["20261124T090000Z/PT3H", "20261124T090000Z/20261124T120000Z"])
    def test_an_rdate_period_has_its_own_length(self, period: str) -> None:
        """§3.8.5.2."""
        series = vevent("DTSTART:20261001T090000Z", HOUR, f"RDATE;VALUE=PERIOD:{period}")
        assert busy(series, DAY) == ["11-24 09:00–12:00"]

    def test_all_day_dates(self) -> None:
        """RDATE of an all-day series adds days."""
        series = vevent("DTSTART;VALUE=DATE:20261001", "RDATE;VALUE=DATE:20261124")
        assert busy(series, "2026-11-01", "2026-12-01", zone="UTC") == ["11-24 00:00–11-25 00:00"]

    def test_an_invalid_exdate_is_a_warning(self) -> None:
        """The series goes on, and the other dates count."""
        series = vevent(
            "DTSTART:20201101T090000Z", HOUR, "RRULE:FREQ=DAILY", "EXDATE:never,20261125T090000Z,"
        )
        found = said(series, DAY, "2026-11-26")
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize("value", ["some day,20261125T120000Z", "083000", "later/PT1H"])
    def test_an_invalid_rdate_blocks_on(self, value: str) -> None:
        """It could be any time: the series blocks from its start, with a warning."""
        series = vevent("DTSTART:20201101T090000Z", HOUR, f"RDATE:{value}")
        found = said(series, DAY, "2026-11-26")
        assert [text[:12] for text in shown(found)] == ["11-01 09:00–"]
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize("value", ["20261124T99", "20261124T090000/later", "2026-11-24 9am"])
    def test_day_of_a_bad_date(self, value: str) -> None:
        """Of an RDATE of which the day can be read that day is busy, and as long after it as an instance."""
        series = vevent(f"DTSTART;TZID={BERLIN}:20201101T090000", HOUR, f"RDATE:{value}")
        found = said(series, "2026-11-20", "2026-11-30")
        assert shown(found) == ["11-23 23:00–11-25 00:00"]
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_period_that_ends_before_it_starts(self) -> None:
        """Such an instance is as long as the others, with a warning."""
        period = "RDATE;VALUE=PERIOD:20261124T090000Z/20261124T080000Z"
        found = said(vevent("DTSTART:20201101T090000Z", HOUR, period), DAY)
        assert shown(found) == NINE
        assert codes(found.diagnostics) == ["malformed_event"]

    @pytest.mark.parametrize("line", ["EXDATE:", "RDATE:", "RDATE:,"])
    def test_an_empty_list_of_dates_is_ignored(self, line: str) -> None:
        """EXDATE and RDATE without a value."""
        assert busy(weekly(line), DAY) == NINE

    @pytest.mark.parametrize(
        ("start", "line"),
        [
            (f"DTSTART;TZID={NEW_YORK}:20261103T090000", "EXDATE:20261117T090000"),
            ("DTSTART:20261103T140000Z", "EXDATE:20261117T140000"),
        ],
        ids=["zoned", "UTC"],
    )
    def test_floating_exception(self, start: str, line: str) -> None:
        """An EXDATE without a zone is of the series' zone, not of the calendar's."""
        series = vevent(start, HOUR, "RRULE:FREQ=WEEKLY", line)
        assert busy(series, "2026-11-16", "2026-11-30") == ["11-24 14:00–15:00"]

    @pytest.mark.parametrize(
        ("zone", "midnight"), [(BERLIN, "20261123T230000Z"), (NEW_YORK, "20261124T050000Z")]
    )
    def test_utc_exception_of_all_day_series(self, zone: str, midnight: str) -> None:
        """An EXDATE in UTC takes the local day away."""
        series = vevent("DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=DAILY;COUNT=3")
        excepted = series.replace("COUNT=3", f"COUNT=3\r\nEXDATE:{midnight}")
        days = [said(one, "2026-11-20", "2026-11-30", zone).busy for one in (series, excepted)]
        (low, high), *_ = days[0]
        assert list(days[1]) == [(low, low + 86_400), (high - 86_400, high)]

    def test_date_on_a_timed_series(self) -> None:
        """An RDATE that is a date adds an instance at the time of the series (RFC 5545 is silent)."""
        series = vevent(f"DTSTART;TZID={NEW_YORK}:20261123T210000", HOUR, "RDATE;VALUE=DATE:20261125")
        assert busy(series, "2026-11-20", "2026-11-30") == ["11-24 02:00–03:00", "11-26 02:00–03:00"]

    def test_time_on_an_all_day_series(self) -> None:
        """An RDATE with a time adds its local day to a series of whole days."""
        series = vevent("DTSTART;VALUE=DATE:20261123", "RDATE:20261124T233000Z")
        assert busy(series, "2026-11-24", "2026-11-28") == ["11-24 23:00–11-25 23:00"]

    @pytest.mark.parametrize(
        ("period", "end"), [("20261124T090000Z/PT3H", "12:00"), ("20261124T090000Z/PT5M", "10:00")]
    )
    def test_period_at_the_start(self, period: str, end: str) -> None:
        """Of a period that begins with another instance the longer one counts."""
        series = vevent("DTSTART:20261124T090000Z", HOUR, f"RDATE;VALUE=PERIOD:{period}")
        assert busy(series, DAY) == [f"11-24 09:00–{end}"]


class TestExceptionRule:
    """EXRULE (RFC 2445 §4.8.5.2), which RFC 5545 has dropped and calendars still hold."""

    def excepted(self, rule: str, *lines: str) -> list[str]:
        series = vevent(
            "DTSTART:20261123T090000Z", HOUR, "RRULE:FREQ=DAILY;COUNT=4", f"EXRULE:{rule}", *lines
        )
        return [text[3:5] for text in busy(series, "2026-11-20", "2026-12-10")]

    @pytest.mark.parametrize(
        ("rule", "days"),
        [
            ("FREQ=DAILY;INTERVAL=2", ["24", "26"]),
            ("FREQ=DAILY;INTERVAL=2;COUNT=1", ["24", "25", "26"]),
            ("FREQ=WEEKLY;BYDAY=WE,TH", ["23", "24"]),
            ("FREQ=DAILY;UNTIL=20261124", ["25", "26"]),
        ],
    )
    def test_exrule_excludes_its_instances(self, rule: str, days: list[str]) -> None:
        """DTSTART only if the rule gives it."""
        assert self.excepted(rule) == days

    @pytest.mark.parametrize("rule", ["FREQ=NEVER", "FREQ=DAILY;UNTIL=x", "FREQ=SECONDLY"])
    def test_that_cannot_be_read(self, rule: str) -> None:
        """Where it cannot be read or walked exactly it takes nothing out, with a warning."""
        series = vevent("DTSTART:20261123T090000Z", HOUR, "RRULE:FREQ=DAILY;COUNT=2", f"EXRULE:{rule}")
        found = said(series, "2026-11-20", "2026-12-10")
        assert len(shown(found)) == 2
        assert codes(found.diagnostics) == ["malformed_event"]


class TestOverrides:
    """RECURRENCE-ID (§3.8.4.4)."""

    MOVED = ("DTSTART:20261125T120000Z", HOUR)

    @pytest.mark.parametrize(
        "recurrence_id",
        [
            "RECURRENCE-ID:20261124T090000Z",
            "RECURRENCE-ID;TZID=America/New_York:20261124T040000",
            "RECURRENCE-ID;VALUE=DATE:20261124",
            "recurrence-id:20261124T090000z",
        ],
    )
    def test_an_override_replaces_its_instance(self, recurrence_id: str) -> None:
        """RECURRENCE-ID may be in any zone."""
        moved = override(recurrence_id, *self.MOVED)
        for parts in ((weekly(), moved), (moved, weekly())):
            assert busy(vcalendar(*parts), DAY, "2026-11-27") == ["11-25 12:00–13:00"]

    @pytest.mark.parametrize(
        ("start", "recurrence_id"),
        [
            (f"DTSTART;TZID={NEW_YORK}:20260106T090000", f"RECURRENCE-ID;TZID={BERLIN}:20261124T150000"),
            (f"DTSTART;TZID={NEW_YORK}:20260106T090000", "RECURRENCE-ID:20261124T140000Z"),
            ("DTSTART:20260106T090000", "RECURRENCE-ID:20261124T080000Z"),
        ],
        ids=["another zone", "UTC", "UTC for a floating series"],
    )
    def test_recurrence_id_is_compared_as_an_instant(self, start: str, recurrence_id: str) -> None:
        """Not as text."""
        series = vevent("UID:w", start, HOUR, "RRULE:FREQ=WEEKLY")
        data = vcalendar(series, override(recurrence_id, *self.MOVED))
        assert busy(data, DAY, "2026-11-27") == ["11-25 12:00–13:00"]

    def test_from_outside_the_window(self) -> None:
        """An instance may be moved into the window from far away, and out of it."""
        inwards = override("RECURRENCE-ID:20170103T090000Z", "DTSTART:20261125T120000Z", HOUR)
        outwards = override("RECURRENCE-ID:20261124T090000Z", "DTSTART:20301125T120000Z", HOUR)
        assert busy(vcalendar(weekly(), inwards, outwards), DAY, "2026-11-27") == ["11-25 12:00–13:00"]

    @pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
    def test_a_free_override_frees_its_instance(self, line: str) -> None:
        """TRANSPARENT, cancelled or declined."""
        data = vcalendar(
            weekly(), override("RECURRENCE-ID:20261124T090000Z", "DTSTART:20261124T090000Z", HOUR, line)
        )
        assert busy(data, DAY) == []
        assert busy(data, "2026-12-01") == ["12-01 09:00–10:00"]

    def test_busy_in_a_free_series(self) -> None:
        """An override can block although its series does not."""
        data = vcalendar(
            weekly("TRANSP:TRANSPARENT"),
            override("RECURRENCE-ID:20261124T090000Z", "DTSTART:20261124T090000Z", HOUR),
        )
        assert busy(data, "2026-11-01", "2026-12-30") == NINE

    def test_an_override_without_its_series_is_an_event(self) -> None:
        """The series may be in another person's calendar."""
        assert busy(override("RECURRENCE-ID:20260101T090000Z", "DTSTART:20261124T090000Z", HOUR), DAY) == NINE

    def test_of_a_single_event(self) -> None:
        """An override may replace the only instance of an event that does not repeat."""
        single = vevent("UID:w", "DTSTART:20261124T090000Z", HOUR)
        moved = override("RECURRENCE-ID:20261124T090000Z", *self.MOVED)
        assert busy(vcalendar(single, moved), DAY, "2026-11-27") == ["11-25 12:00–13:00"]

    def test_an_override_belongs_to_its_uid(self) -> None:
        """Series with another UID are not affected."""
        other = vevent("UID:other", "RECURRENCE-ID:20261124T090000Z", *self.MOVED)
        assert busy(vcalendar(weekly(), other), DAY, "2026-11-27") == [*NINE, "11-25 12:00–13:00"]

    def test_of_all_day_series(self) -> None:
        """An instance of an all-day series may become a timed one."""
        series = vevent("UID:w", "DTSTART;VALUE=DATE:20261122", "RRULE:FREQ=DAILY;COUNT=4")
        moved = override("RECURRENCE-ID;VALUE=DATE:20261124", "DTSTART:20261124T090000Z", HOUR)
        assert busy(vcalendar(series, moved), "2026-11-23", "2026-11-26", zone="UTC") == [
            "11-23 00:00–11-24 00:00",
            *NINE,
            "11-25 00:00–11-26 00:00",
        ]

    def test_that_cannot_be_read(self) -> None:
        """An override whose RECURRENCE-ID cannot be read blocks its own time, with a warning."""
        found = said(vcalendar(weekly(), override("RECURRENCE-ID:soon", *self.MOVED)), DAY, "2026-11-27")
        assert shown(found) == [*NINE, "11-25 12:00–13:00"]
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_a_floating_recurrence_id_is_in_the_zone_of_the_series(self) -> None:
        """Not in the zone of the calendar."""
        series = vevent("UID:w", f"DTSTART;TZID={NEW_YORK}:20261103T090000", HOUR, "RRULE:FREQ=WEEKLY")
        moved = override("RECURRENCE-ID:20261124T090000", *self.MOVED)
        assert busy(vcalendar(series, moved), "2026-11-23", "2026-11-30") == ["11-25 12:00–13:00"]
        later = override("RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000", *self.MOVED)
        assert busy(vcalendar(later, series), "2026-11-23", "2026-12-06") == [
            "11-25 12:00–13:00",
            "12-02 12:00–13:00",
        ]

    def test_utc_in_an_all_day_series(self) -> None:
        """A RECURRENCE-ID in UTC names the local day of a series of whole days."""
        series = vevent("UID:w", "DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=DAILY;COUNT=2")
        data = vcalendar(series, override("RECURRENCE-ID:20261123T230000Z", *self.MOVED))
        assert busy(data, "2026-11-20", "2026-11-30") == ["11-22 23:00–11-23 23:00", "11-25 12:00–13:00"]

    def test_an_override_with_a_rule_is_a_series_of_its_own(self) -> None:
        """With a warning."""
        split = override("RECURRENCE-ID:20261124T090000Z", *self.MOVED, "RRULE:FREQ=WEEKLY;COUNT=2")
        found = said(vcalendar(weekly(), split), DAY, "2026-12-04")
        assert shown(found) == ["11-25 12:00–13:00", "12-01 09:00–10:00", "12-02 12:00–13:00"]
        assert codes(found.diagnostics) == ["malformed_event"]

    def test_an_override_replaces_the_instance_of_both_series_of_a_uid(self) -> None:
        """If two series share a UID."""
        twin = vevent("UID:w", "DTSTART:20261103T150000Z", HOUR, "RRULE:FREQ=WEEKLY")
        data = vcalendar(weekly(), twin, override("RECURRENCE-ID:20261124T090000Z", *self.MOVED))
        assert busy(data, DAY, "2026-11-26") == ["11-24 15:00–16:00", "11-25 12:00–13:00"]


class TestThisAndFuture:
    """RANGE=THISANDFUTURE (§3.2.13)."""

    LATER = (
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261117T090000Z",
        "DTSTART:20261118T130000Z",
        "DURATION:PT2H",
    )

    def test_moves_what_follows(self) -> None:
        """The instance named and all after it are moved and lengthened; those before it stay."""
        assert busy(vcalendar(weekly(), override(*self.LATER)), "2026-11-10", "2026-12-01") == [
            "11-10 09:00–10:00",
            "11-18 13:00–15:00",
            "11-25 13:00–15:00",
        ]

    def test_this_and_future_without_its_series_is_one_event(self) -> None:
        """The series may be in another file."""
        assert busy(override(*self.LATER), "2026-11-10", "2026-12-30") == ["11-18 13:00–15:00"]

    def test_the_last_of_two_changes_counts(self) -> None:
        """The last RANGE=THISANDFUTURE before an instance."""
        second = override(
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000Z", "DTSTART:20261124T100000Z", HOUR
        )
        data = vcalendar(second, weekly(), override(*self.LATER))
        assert busy(data, "2026-11-16", "2026-12-02") == [
            "11-18 13:00–15:00",
            "11-24 10:00–11:00",
            "12-01 10:00–11:00",
        ]

    def test_two_names_of_one_instance(self) -> None:
        """Two such changes may name one wall clock in two zones."""
        first = override(
            f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={BERLIN}:20261124T090000",
            "DTSTART:20261124T150000Z",
            HOUR,
        )
        second = override(
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000Z", "DTSTART:20261124T160000Z", HOUR
        )
        data = vcalendar(weekly(), second, first)
        assert busy(data, "2026-12-01") == ["12-01 16:00–17:00"]

    def test_with_an_exception_and_an_override(self) -> None:
        """What follows can be excepted and overridden one by one, by the times of the original rule."""
        single = override("RECURRENCE-ID:20261201T090000Z", "DTSTART:20261202T200000Z", HOUR)
        data = vcalendar(weekly("EXDATE:20261124T090000Z"), override(*self.LATER), single)
        assert busy(data, "2026-11-16", "2026-12-15") == [
            "11-18 13:00–15:00",
            "12-02 20:00–21:00",
            "12-09 13:00–15:00",
        ]

    def test_cancels_what_follows(self) -> None:
        """The rest of a series can be cancelled."""
        data = vcalendar(weekly(), override(*self.LATER, "STATUS:CANCELLED"))
        assert busy(data, "2026-11-10", "2027-02-01") == ["11-10 09:00–10:00"]

    def test_keeps_the_wall_clock(self) -> None:
        """What is moved keeps its new wall clock when the clocks change."""
        series = vevent("UID:w", f"DTSTART;TZID={BERLIN}:20261012T090000", HOUR, "RRULE:FREQ=WEEKLY")
        later = override(
            f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={BERLIN}:20261019T090000",
            f"DTSTART;TZID={BERLIN}:20261019T110000",
            HOUR,
        )
        assert busy(vcalendar(series, later), "2026-10-18", "2026-10-28") == [
            "10-19 09:00–10:00",
            "10-26 10:00–11:00",
        ]


QUICK = """
import sys
from support.ics import said, shown, vevent
found = said(vevent("DTSTART:19700101T000000Z", "DURATION:PT1M", "RRULE:" + sys.argv[1]), "2026-11-24")
print(len(found.busy), *[note.code for note in found.diagnostics])
"""


class TestDenseRules:
    """No rule keeps gbook from answering. Each runs in a process of its own, which would be killed."""

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ("FREQ=SECONDLY", "1 dense_rule"),
            ("FREQ=MINUTELY", "1 dense_rule"),
            ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "1 dense_rule"),
            ("FREQ=SECONDLY;BYSECOND=0;BYMINUTE=0;BYHOUR=9;BYMONTHDAY=1;COUNT=90000", "0"),
            ("FREQ=SECONDLY;BYSECOND=0;BYMINUTE=0;BYHOUR=9;COUNT=90000", "1"),
            ("FREQ=SECONDLY;COUNT=90000", "0"),
            ("FREQ=SECONDLY;BYMONTH=11;BYMONTHDAY=24;BYYEARDAY=1;COUNT=3", "0"),
            ("FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6;BYMINUTE=0,1,2,3,4;BYSECOND=0,9;BYDAY=TU;COUNT=3", "0"),
            ("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=99000", "1"),
            ("FREQ=DAILY;INTERVAL=999999999", "0"),
            ("FREQ=MINUTELY;BYHOUR=4;BYMINUTE=4;BYMONTH=2;BYMONTHDAY=30", "0"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "0"),
            ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "0"),
            ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "0"),
            ("FREQ=DAILY;COUNT=99999;BYMONTH=2;BYMONTHDAY=30", "0"),
            ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "0"),
            ("FREQ=YEARLY;BYWEEKNO=10;BYMONTH=12", "0"),
            ("FREQ=HOURLY", "24"),
            ("FREQ=HOURLY;COUNT=600000", "24"),
            ("FREQ=MINUTELY;INTERVAL=10", "144"),
            ("FREQ=SECONDLY;INTERVAL=3600", "24"),
            ("FREQ=SECONDLY;UNTIL=19800101T000000Z", "0"),
        ],
    )
    def test_a_dense_rule_blocks_all_time(self, rule: str, expected: str) -> None:
        """With a warning; a rule without instances is not a warning."""
        ran = subprocess.run(
            [sys.executable, "-c", QUICK, rule],
            capture_output=True,
            text=True,
            timeout=20,
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        )
        assert ran.stdout.split() == expected.split(), ran.stderr

    def test_from_start_to_end(self) -> None:
        """What is too dense blocks from its start to its end, and as long as its last instance may take."""
        rule = "RRULE:FREQ=SECONDLY;UNTIL=20261124T120000Z"
        found = said(vevent("DTSTART:20261101T000000Z", "DURATION:PT1S", rule), "2026-10-01", "2026-12-30")
        assert shown(found) == ["11-01 00:00–11-25 12:00"]
        assert codes(found.diagnostics) == ["dense_rule"]
        long = vevent("DTSTART:20261101T000000Z", "DURATION:P3D", rule)
        assert shown(said(long, "2026-10-01", "2026-12-30")) == ["11-01 00:00–11-28 12:00"]

    def test_a_dense_rule_with_a_small_count_is_expanded(self) -> None:
        """It ends soon."""
        for end in ("COUNT=3", "UNTIL=20261124T090002Z"):
            found = said(
                vevent("DTSTART:20261124T090000Z", "DURATION:PT1S", f"RRULE:FREQ=SECONDLY;{end}"), DAY
            )
            assert [high - low for low, high in found.busy] == [3]
            assert found.diagnostics == []

    def test_a_rule_without_instances_ends_in_any_century(self) -> None:
        """The search is limited."""
        rule = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
        assert busy(vevent("DTSTART:21700101T000000Z", HOUR, rule), "2345-11-01", "2345-12-01") == []
