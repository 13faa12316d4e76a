"""Names of time zones as programs write them, and what the file itself may define otherwise."""

from __future__ import annotations

import pytest
from calendars.ics.test_values import zone
from support.ics import BERLIN, NEW_YORK, busy, codes, said, shown, vcalendar, vevent

SUMMER = "2026-07-06"
WINTER = "2026-11-24"


def nine_on(day: str, tzid: str) -> str:
    return vevent(f"DTSTART;TZID={tzid}:{day.replace('-', '')}T090000", "DURATION:PT1H")


def utc_of_nine(day: str, tzid: str) -> str:
    """When it is nine on a day in the zone of a TZID, without a warning."""
    (text,) = busy(vcalendar(nine_on(day, tzid)), day, zone="Asia/Tokyo")
    return text[6:11]


class TestNames:
    """What names mean that no VTIMEZONE explains."""

    @pytest.mark.parametrize(
        ("tzid", "summer", "winter"),
        [
            ("America/Los Angeles", "16:00", "17:00"),
            ("Europe\\/Berlin", "07:00", "08:00"),
            ('""Europe/Berlin""', "07:00", "08:00"),
            ('"Europe/Berlin', "07:00", "08:00"),
            ('" Europe/Berlin "', "07:00", "08:00"),
            ("^'Europe/Berlin^'", "07:00", "08:00"),
            ('"Europe/Berlin;VALUE=DATE-TIME"', "07:00", "08:00"),
            ("EST5EDT", "13:00", "14:00"),
            ("utc", "09:00", "09:00"),
            ("Z", "09:00", "09:00"),
            ("SystemV/CST6CDT", "14:00", "15:00"),
            ("Canada/East-Saskatchewan", "15:00", "15:00"),
            ("w. europe standard time", "07:00", "08:00"),
            ("Pacific Daylight Time", "16:00", "17:00"),
            ("tzone://Microsoft/Eastern Standard Time", "13:00", "14:00"),
            ("tzone://Microsoft/Utc", "09:00", "09:00"),
        ],
    )
    def test_other_spellings(self, tzid: str, summer: str, winter: str) -> None:
        """Names with blanks, quotes, escapes, in any case, withdrawn ones, those of Windows and Exchange."""
        assert (utc_of_nine(SUMMER, tzid), utc_of_nine(WINTER, tzid)) == (summer, winter)

    @pytest.mark.parametrize(
        ("tzid", "expected"),
        [
            ("GMT+05:30", "03:30"),
            ("UTC-3", "12:00"),
            ("GMT+0200", "07:00"),
            ("+01:00", "08:00"),
            ("UTC+00:00", "09:00"),
            ("(UTC-03:30)", "12:30"),
            ("Etc/GMT+3", "12:00"),
        ],
    )
    def test_names_that_are_offsets(self, tzid: str, expected: str) -> None:
        """East is plus, except in Etc/GMT+3 of the tz database."""
        for written in (tzid, f'"{tzid}"'):
            assert utc_of_nine(WINTER, written) == expected

    @pytest.mark.parametrize(
        ("tzid", "summer", "winter"),
        [
            ("(UTC-05:00) Eastern Time (US & Canada)", "13:00", "14:00"),
            ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", "16:00", "17:00"),
            ("(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb", "07:00", "08:00"),
            ("(UTC+01:00) West Central Africa", "08:00", "08:00"),
            ("(UTC) Dublin, Edinburgh, Lisbon, London", "08:00", "09:00"),
            ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "03:30", "03:30"),
            ("(UTC-07:00) Chihuahua, La Paz, Mazatlan", "16:00", "16:00"),
            ("(UTC-04:00) Georgetown, La Paz, Manaus, San Juan", "13:00", "13:00"),
            ("(UTC-03:00) City of Buenos Aires", "12:00", "12:00"),
            ("(UTC) Coordinated Universal Time", "09:00", "09:00"),
            ("(UTC+06:30) Yangon (Rangoon)", "02:30", "02:30"),
            ("Mountain Time (US & Canada)", "15:00", "16:00"),
            ("Amsterdam", "07:00", "08:00"),
        ],
    )
    def test_descriptions(self, tzid: str, summer: str, winter: str) -> None:
        """What Windows and Exchange show to people: places, and the offset without daylight saving time."""
        for written in (f'"{tzid}"', '"' + tzid.replace(",", "\\,") + '"'):
            assert utc_of_nine(SUMMER, written) == summer
            assert utc_of_nine(WINTER, written) == winter

    def test_description_without_quotes(self) -> None:
        """A TZID with a colon and without quotes ends at the colon before the time."""
        event = vevent(
            "DTSTART;TZID=(UTC-05:00) Eastern Time (US & Canada):20261124T090000",
            "DTEND;TZID=(UTC-05:00) Eastern Time (US & Canada);VALUE=DATE-TIME:2026-11-24T10:00:00",
        )
        assert busy(event, WINTER) == ["11-24 14:00–15:00"]

    def test_description_of_an_unknown_place(self) -> None:
        """The offset that a name states is better than the account's zone; a warning says so."""
        found = said(nine_on(WINTER, '"(UTC-05:00) Rivendell"'), WINTER)
        assert shown(found) == ["11-24 14:00–15:00"]
        assert codes(found.diagnostics) == ["unknown_zone"]

    @pytest.mark.parametrize("tzid", ["", "PST", "GMT+25", "Europe/", "/", "Springfield"])
    def test_unknown(self, tzid: str) -> None:
        """What may mean this or that is a warning and the account's zone."""
        found = said(nine_on(WINTER, tzid), WINTER, zone=NEW_YORK)
        assert shown(found) == ["11-24 14:00–15:00"]
        assert codes(found.diagnostics) == ["unknown_zone"]


class TestDefinitions:
    """Which VTIMEZONE of a file a TZID means (§3.2.19, §3.8.3.1)."""

    @pytest.mark.parametrize(
        "tzid", ["EST", "UTC", "Tokyo Standard Time", "GMT+09:00", "(UTC+09:00) Tokyo", "Berlin"]
    )
    def test_own_zone_beats_an_alias(self, tzid: str) -> None:
        """A name that is no Area/City of the tz database means what its own VCALENDAR defines."""
        data = vcalendar(zone(tzid), nine_on(SUMMER, f'"{tzid}"'), nine_on(WINTER, f'"{tzid}"'))
        assert busy(data, SUMMER, "2026-12-01") == ["07-06 11:00–12:00", "11-24 12:00–13:00"]

    @pytest.mark.parametrize("tzid", [BERLIN, "europe/berlin", "/example.org/Europe/Berlin", "Etc/GMT-1"])
    def test_area_and_city_beat_the_file(self, tzid: str) -> None:
        """A name of the tz database means the tz database."""
        assert busy(vcalendar(zone(tzid), nine_on(WINTER, tzid)), WINTER) == ["11-24 08:00–09:00"]

    def test_each_calendar_has_its_own(self) -> None:
        """The same TZID may mean two zones in two VCALENDARs of a file."""
        first = vcalendar(zone("Custom"), nine_on(WINTER, "Custom"))
        second = vcalendar(nine_on("2026-11-25", "Custom"), zone("Custom", "+0900", "+0900"))
        assert busy(first + second, WINTER, "2026-11-30") == ["11-24 12:00–13:00", "11-25 00:00–01:00"]

    def test_two_definitions_elsewhere(self) -> None:
        """Where other VCALENDARs differ about a name, it is unknown in one that does not define it."""
        others = vcalendar(zone("Custom")) + vcalendar(zone("Custom", "+0900", "+0900"))
        assert codes(said(others + vcalendar(nine_on(WINTER, "Custom")), WINTER).diagnostics) == [
            "unknown_zone"
        ]
        same = vcalendar(zone("Custom")) + vcalendar(zone("Custom"))
        assert busy(same + vcalendar(nine_on(WINTER, "Custom")), WINTER) == ["11-24 12:00–13:00"]

    @pytest.mark.parametrize(
        ("name", "tzid"),
        [
            ("", ""),
            ("A\\, B", '"A, B"'),
            ("A, B", '"A\\, B"'),
            ("A:B", "A:B"),
            ('"Office"', "Office"),
            ("office", '"Office;VALUE=DATE-TIME"'),
        ],
    )
    def test_spelt_otherwise(self, name: str, tzid: str) -> None:
        """Quotes, escapes and case need not be the same in the definition."""
        assert busy(vcalendar(zone(name), nine_on(WINTER, tzid)), WINTER) == ["11-24 12:00–13:00"]


class TestOfACalendar:
    """X-WR-TIMEZONE is read as TZID is."""

    FLOATING = vevent("DTSTART:20261124T090000", "DURATION:PT1H")

    @pytest.mark.parametrize(
        "line",
        [
            "X-WR-TIMEZONE:Eastern Standard Time",
            "X-WR-TIMEZONE:(UTC-05:00) Eastern Time (US & Canada)",
            "x-wr-timezone:america/new_york",
            "X-WR-TIMEZONE;VALUE=TEXT:America/New_York",
            "X-WR-TIMEZONE:GMT-05:00",
        ],
    )
    def test_spelling_and_place(self, line: str) -> None:
        """It may be before or behind the events."""
        for parts in ((line, self.FLOATING), (self.FLOATING, line)):
            assert busy(vcalendar(*parts), WINTER) == ["11-24 14:00–15:00"]

    def test_defined_in_the_file(self) -> None:
        """It may name a VTIMEZONE of the file."""
        data = vcalendar(self.FLOATING, "X-WR-TIMEZONE:Office", zone("Office"))
        assert busy(data, WINTER) == ["11-24 12:00–13:00"]

    def test_of_its_own_calendar(self) -> None:
        """It is of its own VCALENDAR only."""
        data = vcalendar(self.FLOATING, "X-WR-TIMEZONE:America/New_York") + vcalendar(self.FLOATING)
        assert busy(data, WINTER) == ["11-24 08:00–09:00", "11-24 14:00–15:00"]
