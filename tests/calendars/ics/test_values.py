"""Dates, date-times, durations, periods and their zones (RFC 5545 §3.3, §3.2.19, §3.6.5)."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.ics import BERLIN, NEW_YORK, busy, codes, said, shown, vcalendar, vevent

from gbook.calendars.ics.values import NominalDuration, read_duration
from gbook.calendars.zones import tzids
from gbook.timeutil.zones import find_zone


def zone(name: str, standard: str = "-0300", daylight: str = "-0200") -> str:
    """A VTIMEZONE with the changes of the European Union."""
    return "\r\n".join(
        [
            "BEGIN:VTIMEZONE",
            f"TZID:{name}",
            "BEGIN:STANDARD",
            "DTSTART:19701025T030000",
            "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
            f"TZOFFSETFROM:{daylight}",
            f"TZOFFSETTO:{standard}",
            "TZNAME:S",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:19700329T020000",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
            f"TZOFFSETFROM:{standard}",
            f"TZOFFSETTO:{daylight}",
            "TZNAME:D",
            "END:DAYLIGHT",
            "END:VTIMEZONE",
        ]
    )


def at(tzid: str, start: str = "20261124T090000") -> str:
    return vevent(f"DTSTART;TZID={tzid}:{start}", "DURATION:PT1H")


class TestZones:
    """What a TZID means: the tz database, Windows names, the file's own VTIMEZONE."""

    @pytest.mark.parametrize(
        ("tzid", "expected"),
        [
            (NEW_YORK, "14:00–15:00"),
            ("america/new_york", "14:00–15:00"),
            (f'"{NEW_YORK}"', "14:00–15:00"),
            (f"/{NEW_YORK}", "14:00–15:00"),
            (f"/freeassociation.sourceforge.net/{NEW_YORK}", "14:00–15:00"),
            (f"/citadel.org/20211010_1/{NEW_YORK}", "14:00–15:00"),
            ("US/Eastern", "14:00–15:00"),
            ("Asia/Kathmandu", "03:15–04:15"),
            ("UTC", "09:00–10:00"),
            ("Eastern Standard Time", "14:00–15:00"),
            ('"W. Europe Standard Time"', "08:00–09:00"),
            ("Tokyo Standard Time", "00:00–01:00"),
        ],
    )
    def test_names_of_zones(self, tzid: str, expected: str) -> None:
        """IANA names in any case and with a prefix, and Windows names."""
        assert busy(at(tzid), "2026-11-24") == [f"11-24 {expected}"]

    @pytest.mark.parametrize("name", ["Office", "Customized Time Zone", "(UTC-03:00) Nuuk\\, Uummannaq"])
    def test_a_zone_that_only_the_file_defines(self, name: str) -> None:
        """Its VTIMEZONE counts, before or after the events."""
        event = at('"' + name.replace("\\", "") + '"')
        for parts in ((zone(name), event), (event, zone(name))):
            assert busy(vcalendar(*parts), "2026-11-24") == ["11-24 12:00–13:00"]

    def test_own_zone_in_summer(self) -> None:
        """The rules of a VTIMEZONE hold for every year after their start."""
        data = vcalendar(zone("Office"), at("Office", "20260701T090000"), at("Office", "20270110T090000"))
        assert busy(data, "2026-06-30", "2027-02-01") == ["07-01 11:00–12:00", "01-10 12:00–13:00"]

    def test_own_zone_around_a_change(self) -> None:
        """A gap and an ambiguous hour mean the same in a zone of the file's own (§3.3.5)."""
        data = vcalendar(zone("Office"), at("Office", "20260329T023000"), at("Office", "20261025T023000"))
        # 02:30 does not exist: by the offset before it is 05:30 UTC. The first 02:30 is 04:30 UTC.
        assert busy(data, "2026-03-29") == ["03-29 05:30–06:30"]
        assert busy(data, "2026-10-25") == ["10-25 04:30–05:30"]

    def test_zone_of_another_calendar_of_the_file(self) -> None:
        """Exports put all zones into one VCALENDAR and the events into another."""
        assert busy(vcalendar(zone("Office")) + vcalendar(at("Office")), "2026-11-24") == [
            "11-24 12:00–13:00"
        ]

    def test_stale_zone(self) -> None:
        """A VTIMEZONE with an IANA name is often stale: the tz database knows better."""
        data = vcalendar(zone(BERLIN, "+0500", "+0600"), at(BERLIN))
        assert busy(data, "2026-11-24") == ["11-24 08:00–09:00"]

    def test_unknown_zone(self) -> None:
        """A zone that nobody knows is a warning and the account's zone, never silently UTC."""
        found = said(at("Middle/Earth"), "2026-11-24", zone=NEW_YORK)
        assert shown(found) == ["11-24 14:00–15:00"]
        assert codes(found.diagnostics) == ["unknown_zone"]
        assert "Middle/Earth" in found.diagnostics[0].message
        assert NEW_YORK in found.diagnostics[0].message

    def test_unknown_zone_in_a_calendar_with_a_zone(self) -> None:
        """X-WR-TIMEZONE is for times without a zone; one that is unknown still means the account's."""
        found = said(vcalendar("X-WR-TIMEZONE:Asia/Tokyo", at("Middle/Earth")), "2026-11-24", zone=NEW_YORK)
        assert shown(found) == ["11-24 14:00–15:00"]

    @pytest.mark.parametrize("rules", ["", "BEGIN:STANDARD\r\nTZOFFSETTO:nowhere\r\nEND:STANDARD\r\n"])
    def test_broken_zone(self, rules: str) -> None:
        """A VTIMEZONE that makes no sense is no zone."""
        broken = f"BEGIN:VTIMEZONE\r\nTZID:Office\r\n{rules}END:VTIMEZONE"
        found = said(vcalendar(broken, at("Office")), "2026-11-24")
        assert shown(found) == ["11-24 08:00–09:00"]
        assert codes(found.diagnostics) == ["unknown_zone"]

    @pytest.mark.parametrize("rule", ["FREQ=YEARLY;BYMONTH=13;BYDAY=-1SU", "FREQ=SECONDLY"])
    def test_zone_of_impossible_rules(self, rule: str) -> None:
        """A VTIMEZONE whose rules mean nothing, or never end, is no zone, and keeps nobody waiting."""
        code = "import sys; from support.ics import *; print(said(sys.stdin.read().encode(), '2026-11-24'))"
        data = vcalendar(zone("Office").replace("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", rule), at("Office"))
        ran = subprocess.run(
            [sys.executable, "-c", code],
            input=data.decode(),
            capture_output=True,
            text=True,
            timeout=20,
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        )
        assert "unknown_zone" in ran.stdout, ran.stderr

    def test_second_definition(self) -> None:
        """A broken VTIMEZONE does not hide a good one of the same name."""
        broken = "BEGIN:VTIMEZONE\r\nTZID:Office\r\nEND:VTIMEZONE"
        assert busy(vcalendar(broken, zone("Office"), at("Office")), "2026-11-24") == ["11-24 12:00–13:00"]

    def test_unknown_names_are_looked_up_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder full of events of a program with names of its own costs one search, not as many."""
        asked: list[str] = []

        def counted(name: str) -> object:
            asked.append(name)
            return find_zone(name)

        monkeypatch.setattr(tzids, "find_zone", counted)
        for _ in range(3):
            assert codes(said(at("Middle-earth/Bree"), "2026-11-24").diagnostics) == ["unknown_zone"]
        assert asked.count("Middle-earth/Bree") == 1

    def test_utc_with_zone(self) -> None:
        """A time in UTC stays in UTC, whatever zone somebody wrote beside it."""
        assert busy(at(NEW_YORK, "20261124T090000Z"), "2026-11-24") == ["11-24 09:00–10:00"]


class TestSpelling:
    """Dates and times (§3.3.4, §3.3.5) in forms that leave no doubt."""

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("20261124T0900Z", "11-24 09:00–10:00"),
            ("20261124T09Z", "11-24 09:00–10:00"),
            ("20261124t090000z", "11-24 09:00–10:00"),
            (" 20261124T090000Z ", "11-24 09:00–10:00"),
            ("20261124 090000Z", "11-24 09:00–10:00"),
            ("2026-11-24 09:00Z", "11-24 09:00–10:00"),
            ("2026-11-24T09:00:00Z", "11-24 09:00–10:00"),
            ("2026-11-24T09:00:00.000Z", "11-24 09:00–10:00"),
            ("2026-11-24T09:00", "11-24 08:00–09:00"),
            ("20261124T090000", "11-24 08:00–09:00"),
            ("20261124T090000+0100", "11-24 08:00–09:00"),
            ("2026-11-24T09:00:00-05:30", "11-24 14:30–15:30"),
            ("20261124T090000 UTC", "11-24 09:00–10:00"),
            ("20261124T240000Z", "11-25 00:00–01:00"),
            ("20261124T2400", "11-24 23:00–11-25 00:00"),
            ("20261124T000000Z", "11-24 00:00–01:00"),
        ],
    )
    def test_spellings_of_dtstart(self, written: str, expected: str) -> None:
        """Fractions of a second are ignored."""
        found = busy(vevent(f"DTSTART:{written}", "DURATION:PT1H"), "2026-11-24", "2026-11-26")
        assert found == [expected]

    @pytest.mark.parametrize("written", ["2026-11-24", "20261124Z", " 20261124 "])
    def test_a_date_is_a_day_in_the_accounts_zone(self, written: str) -> None:
        """The whole day."""
        for value in ("", ";VALUE=DATE"):
            found = busy(vevent(f"DTSTART{value}:{written}"), "2026-11-20", "2026-11-30")
            assert found == ["11-23 23:00–11-24 23:00"]

    def test_spellings_in_dtend_rdate_and_exdate(self) -> None:
        """And in lists of periods."""
        event = vevent(
            "DTSTART:2026-11-24T09:00:00Z",
            "DTEND:2026-11-24T10:00Z",
            "RRULE:FREQ=DAILY;COUNT=3",
            "EXDATE:2026-11-25T09:00Z",
            "RDATE;VALUE=PERIOD:2026-11-27T09:00Z/PT2H,20261128T0900Z/20261128T0930Z",
        )
        assert busy(event, "2026-11-20", "2026-11-30") == [
            "11-24 09:00–10:00",
            "11-26 09:00–10:00",
            "11-27 09:00–11:00",
            "11-28 09:00–09:30",
        ]

    @pytest.mark.parametrize(
        "line",
        [
            "DTSTART;:20261124T090000Z",
            "DTSTART;;VALUE=DATE-TIME:20261124T090000Z",
            "DTSTART;VALUE:20261124T090000Z",
            'DTSTART;X="a:20261124T090000Z',
        ],
    )
    def test_odd_parameters(self, line: str) -> None:
        """What is between the name and the colon does not keep the time from being read."""
        assert busy(vevent(line, "DURATION:PT1H"), "2026-11-24") == ["11-24 09:00–10:00"]


class TestFloating:
    """Times without a zone (§3.3.5 form 1) and all-day events are of the calendar's zone or the account's."""

    FLOATING = vevent("DTSTART:20261124T090000", "DURATION:PT1H")
    ALL_DAY = vevent("DTSTART;VALUE=DATE:20261124")

    def test_account_zone(self) -> None:
        """Where the file names no zone, the account's is meant."""
        assert busy(self.FLOATING, "2026-11-24", zone=NEW_YORK) == ["11-24 14:00–15:00"]
        assert busy(self.ALL_DAY, "2026-11-24", zone=NEW_YORK) == ["11-24 05:00–11-25 05:00"]

    def test_calendar_zone(self) -> None:
        """X-WR-TIMEZONE goes before the account's zone, in its own VCALENDAR only."""
        tokyo = vcalendar("X-WR-TIMEZONE:Asia/Tokyo", self.FLOATING)
        assert busy(tokyo, "2026-11-24", zone=NEW_YORK) == ["11-24 00:00–01:00"]
        both = tokyo + vcalendar(self.FLOATING)
        assert busy(both, "2026-11-24", zone=NEW_YORK) == ["11-24 00:00–01:00", "11-24 14:00–15:00"]

    def test_all_day_of_calendar_zone(self) -> None:
        """An all-day event is a day of X-WR-TIMEZONE."""
        tokyo = vcalendar("X-WR-TIMEZONE:Asia/Tokyo", self.ALL_DAY)
        assert busy(tokyo, "2026-11-23", "2026-11-26") == ["11-23 15:00–11-24 15:00"]

    def test_unknown_calendar_zone(self) -> None:
        """An X-WR-TIMEZONE that nobody knows is a warning and the account's zone."""
        found = said(vcalendar("X-WR-TIMEZONE:Middle/Earth", self.FLOATING), "2026-11-24", zone=NEW_YORK)
        assert shown(found) == ["11-24 14:00–15:00"]
        assert codes(found.diagnostics) == ["unknown_zone"]


# (zone, start as written, what it lasts, busy time in UTC)
AROUND_CHANGES = [
    # New York, 8 March 2026: 02:00–03:00 does not exist. A start in it has the offset before it (UTC-5).
    (NEW_YORK, "20260308T023000", "DURATION:PT1H", "03-08 07:30–08:30"),
    (NEW_YORK, "20260308T013000", "DURATION:PT1H", "03-08 06:30–07:30"),
    (NEW_YORK, "20260308T013000", "DTEND;TZID=America/New_York:20260308T033000", "03-08 06:30–07:30"),
    (NEW_YORK, "20260307T120000", "DURATION:P1D", "03-07 17:00–03-08 16:00"),
    (NEW_YORK, "20260307T120000", "DURATION:PT24H", "03-07 17:00–03-08 17:00"),
    (NEW_YORK, "20260307T120000", "DURATION:P1DT1H", "03-07 17:00–03-08 17:00"),
    (NEW_YORK, "20260301T120000", "DURATION:P1W", "03-01 17:00–03-08 16:00"),
    # New York, 1 November 2026: 01:00–02:00 comes twice. The first one is meant (UTC-4).
    (NEW_YORK, "20261101T013000", "DURATION:PT1H", "11-01 05:30–06:30"),
    (NEW_YORK, "20261101T003000", "DTEND;TZID=America/New_York:20261101T020000", "11-01 04:30–07:00"),
    (NEW_YORK, "20261031T120000", "DURATION:P1D", "10-31 16:00–11-01 17:00"),
    (NEW_YORK, "20261031T120000", "DURATION:PT24H", "10-31 16:00–11-01 16:00"),
    # Berlin, 29 March 2026: 02:00–03:00 does not exist (UTC+1 before it).
    (BERLIN, "20260329T023000", "DURATION:PT1H", "03-29 01:30–02:30"),
    (BERLIN, "20260328T120000", "DURATION:P1D", "03-28 11:00–03-29 10:00"),
    (BERLIN, "20260328T120000", "DURATION:PT24H", "03-28 11:00–03-29 11:00"),
    # Berlin, 25 October 2026: 02:00–03:00 comes twice.
    (BERLIN, "20261025T023000", "DURATION:PT1H", "10-25 00:30–01:30"),
    (BERLIN, "20261024T120000", "DURATION:P1D", "10-24 10:00–10-25 11:00"),
    (BERLIN, "20261024T120000", "DURATION:PT24H", "10-24 10:00–10-25 10:00"),
    # Lord Howe moves by half an hour; Cuba has no 00:00 on the day of its change.
    ("Australia/Lord_Howe", "20261004T021500", "DURATION:PT1H", "10-03 15:45–16:45"),
    ("America/Havana", "20260308T003000", "DURATION:PT1H", "03-08 05:30–06:30"),
]


@pytest.mark.parametrize(("zone_name", "start", "length", "expected"), AROUND_CHANGES)
def test_around_changes_of_the_clocks(zone_name: str, start: str, length: str, expected: str) -> None:
    """A start in a gap has the offset before it, an ambiguous one is the first; hours are exact, days not."""
    event = vevent(f"DTSTART;TZID={zone_name}:{start}", length)
    assert busy(event, "2026-02-25", "2026-12-01") == [expected]


@pytest.mark.parametrize(
    ("day", "expected"),
    [("20260329", "03-28 23:00–03-29 22:00"), ("20261025", "10-24 22:00–10-25 23:00")],
)
def test_all_day_on_the_day_of_a_change(day: str, expected: str) -> None:
    """An all-day event lasts 23 or 25 hours on the days on which the clocks change."""
    assert busy(vevent(f"DTSTART;VALUE=DATE:{day}"), "2026-01-01", "2027-01-01") == [expected]


class TestDuration:
    """DURATION (§3.3.6)."""

    @pytest.mark.parametrize(
        ("text", "extent"),
        [
            ("PT1H", NominalDuration(0, 3600)),
            ("P0Y0M0DT3H0M0S", NominalDuration(0, 10_800)),
            ("P1Y2M3D", NominalDuration(366 + 2 * 31 + 3, 0)),
            ("PT1M30.5S", NominalDuration(0, 91)),
            ("PT1,5H", NominalDuration(0, 5400)),
            ("P1H30M", NominalDuration(0, 5400)),
            ("P1D2H", NominalDuration(1, 7200)),
            ("+PT1H30M5S", NominalDuration(0, 5405)),
            ("P1D", NominalDuration(1, 0)),
            ("P2W", NominalDuration(14, 0)),
            ("P1W2DT3H", NominalDuration(9, 10800)),
            ("-PT15M", NominalDuration(0, -900)),
            ("-P1D", NominalDuration(-1, 0)),
            ("PT0S", NominalDuration(0, 0)),
            ("pt90m", NominalDuration(0, 5400)),
            ("P0DT1H0M0S", NominalDuration(0, 3600)),
        ],
    )
    def test_weeks_and_days_are_nominal(self, text: str, extent: NominalDuration) -> None:
        """Hours, minutes and seconds are exact; a sign counts for all of it (§3.3.6)."""
        assert read_duration(text) == extent

    @pytest.mark.parametrize(
        "text",
        ["", "P", "PT", "1H", "PT1D", "P999Y", "PT.5H", "P99999999W", "P\u0661D"],
    )
    def test_an_invalid_duration_is_none(self, text: str) -> None:
        """Nothing is guessed; centuries are refused."""
        with pytest.raises(ValueError, match=r"duration|longer"):
            read_duration(text)


def test_leap_second() -> None:
    """The second 60 (§3.3.12) is the last that the clock has."""
    assert busy(vevent("DTSTART:20261124T095960Z", "DTEND:20261124T110000Z"), "2026-11-24") == [
        "11-24 09:59–11:00"
    ]
