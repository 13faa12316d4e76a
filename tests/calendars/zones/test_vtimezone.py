"""Time zones that a file defines itself (RFC 5545 §3.6.5)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support.ics import busy, codes, said, shown, vcalendar, vevent

from gbook.calendars.zones.vtimezone import MAX_COST, FileZone, read_zone
from gbook.timeutil.instants import DAY, from_local, gap_end, local, parse_instant

NINE = vevent("DTSTART;TZID=Office:20261124T090000", "DURATION:PT1H")


def observance(*lines: str, kind: str = "STANDARD", start: str = "19700101T000000") -> str:
    return "\r\n".join([f"BEGIN:{kind}", f"DTSTART:{start}", *lines, f"END:{kind}"])


def office(*parts: str) -> str:
    """A VTIMEZONE of these lines and observances."""
    return "\r\n".join(["BEGIN:VTIMEZONE", "TZID:Office", *parts, "END:VTIMEZONE"])


def zone_of(*parts: str) -> FileZone:
    """The zone of a VTIMEZONE that can be read."""
    zone = read_zone(office(*parts).replace("\r\n", "\n").encode())
    assert zone is not None
    return zone


def rule_of(zone: FileZone, *times: tuple[int, int, int, int]) -> list[float]:
    """The offsets in hours at times of 2026 (month, day, hour, minute)."""
    offsets = [zone.utcoffset(datetime(2026, *time)) for time in times]
    return [offset.total_seconds() / 3600 for offset in offsets if offset is not None]


def changes_of(zone: ZoneInfo) -> Iterator[str]:
    """An observance for each time that a zone has changed its offset since 1989."""
    low = parse_instant("1989-01-01", UTC)
    yield observance(*offsets(zone, low, low), start=f"{local(low, zone):%Y%m%dT%H%M%S}")
    for day in range(low, parse_instant("2036-01-01", UTC), DAY):
        if local(day, zone).utcoffset() != local(day + DAY, zone).utcoffset():
            change = gap_end(day, day + DAY, zone)
            before = local(change - 1, zone).replace(tzinfo=None) + timedelta(seconds=1)
            yield observance(*offsets(zone, change - 1, change), start=f"{before:%Y%m%dT%H%M%S}")


def offsets(zone: ZoneInfo, *instants: int) -> list[str]:
    names = ("TZOFFSETFROM", "TZOFFSETTO")
    return [f"{name}:{local(instant, zone):%z}" for name, instant in zip(names, instants, strict=True)]


class TestOffsets:
    """UTC-OFFSET (§3.3.14) as programs write it."""

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("+0100", "08:00–09:00"),
            ("0200", "07:00–08:00"),
            ("+01:30", "07:30–08:30"),
            ("-3", "12:00–13:00"),
            ("330", "05:30–06:30"),
            ("-000000", "09:00–10:00"),
            (" +0100 ", "08:00–09:00"),
            ("+013000", "07:30–08:30"),
        ],
    )
    def test_spellings_of_offsets(self, written: str, expected: str) -> None:
        """With seconds or colons, without a sign or minutes."""
        zone = office(observance(f"TZOFFSETFROM:{written}", f"TZOFFSETTO:{written}"))
        assert busy(vcalendar(zone, NINE), "2026-11-24") == [f"11-24 {expected}"]

    @pytest.mark.parametrize("before", ["TZOFFSETFROM:+5328", "TZOFFSETFROM:soon", "X-A:1"])
    def test_offset_before_is_not_needed(self, before: str) -> None:
        """A change is from the offset of the change before."""
        zone = office(observance(before, "TZOFFSETTO:+0100"))
        assert busy(vcalendar(zone, NINE), "2026-11-24") == ["11-24 08:00–09:00"]

    def test_senseless_offset_of_long_ago(self) -> None:
        """It matters no more once the clocks have changed again."""
        old = observance("TZOFFSETFROM:+0000", "TZOFFSETTO:+5328", start="18930401T000000")
        new = observance("TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", start="19700101T000000")
        assert busy(vcalendar(office(old, new), NINE), "2026-11-24") == ["11-24 08:00–09:00"]

    @pytest.mark.parametrize(
        "part",
        [
            observance("TZOFFSETFROM:+0100", "TZOFFSETTO:+9900", start="20200101T000000"),
            observance("TZOFFSETFROM:+0100", "TZOFFSETTO:+9900", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"),
            observance("TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=WEEKLY"),
            observance("TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYMONTH=14"),
            observance("TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", start="spring"),
        ],
    )
    def test_part_that_may_matter(self, part: str) -> None:
        """A zone of which a part cannot be read would mislead: it is unknown, with a warning."""
        sound = observance("TZOFFSETFROM:+0000", "TZOFFSETTO:+0500")
        found = said(vcalendar(office(sound, part), NINE), "2026-11-24")
        assert shown(found) == ["11-24 08:00–09:00"]
        assert codes(found.diagnostics) == ["unknown_zone"]

    def test_name_in_the_database(self) -> None:
        """Where the rules cannot be read, X-LIC-LOCATION says which zone it is."""
        zone = office("X-LIC-LOCATION:America/New_York", observance("TZOFFSETTO:nowhere"))
        assert busy(vcalendar(zone, NINE), "2026-11-24") == ["11-24 14:00–15:00"]


class TestChanges:
    """When clocks change."""

    def test_forms_of_rules(self) -> None:
        """A weekday by number, a weekday among days of the month, a day of the month, RDATE, UNTIL."""
        winter = observance(
            "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0100",
            "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7",
        )
        summer = observance(
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15",
            kind="DAYLIGHT",
        )
        ended = observance(
            "TZOFFSETFROM:+0200", "TZOFFSETTO:+0500", "RRULE:FREQ=YEARLY;BYMONTH=5;UNTIL=20100101T000000Z"
        )
        once = observance(
            "TZOFFSETFROM:+0200", "TZOFFSETTO:+0300", "RDATE:20260801T000000", start="20260701T000000"
        )
        zone = zone_of(winter, summer, ended, once)
        days = [(3, 14, 9, 0), (3, 16, 9, 0), (6, 1, 9, 0), (7, 2, 9, 0), (10, 31, 9, 0), (11, 2, 9, 0)]
        assert rule_of(zone, *days) == [1, 2, 2, 3, 3, 1]

    def test_last_change_was_long_ago(self) -> None:
        """The change that ended daylight saving time in 1994 holds today."""
        summer = observance(
            "TZOFFSETFROM:+0300",
            "TZOFFSETTO:+0400",
            "RRULE:FREQ=YEARLY;BYMONTH=4;UNTIL=19930401T000000Z",
            kind="DAYLIGHT",
        )
        winter = observance(
            "TZOFFSETFROM:+0400",
            "TZOFFSETTO:+0300",
            "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=19931031T000000Z",
        )
        assert rule_of(zone_of(summer, winter), (1, 1, 0, 0), (7, 1, 0, 0)) == [3, 3]

    def test_before_the_first_change(self) -> None:
        """The offset from which clocks changed first was that of all time before."""
        zone = zone_of(observance("TZOFFSETFROM:+0700", "TZOFFSETTO:+0800", start="20260701T000000"))
        assert rule_of(zone, (6, 30, 12, 0), (7, 1, 12, 0)) == [7, 8]

    def test_both_readings_of_an_ambiguous_time(self) -> None:
        """Of 02:30 twice the first is in summer time; in UTC each has its own instant."""
        winter = observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", start="20261025T030000")
        zone = zone_of(winter)
        first, second = datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30, fold=1)
        assert from_local(second, zone) - from_local(first, zone) == 3600
        for instant in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
            assert instant.astimezone(zone).astimezone(UTC) == instant

    @pytest.mark.parametrize("year", [1, 2, 9998, 9999])
    def test_ends_of_the_calendar(self, year: int) -> None:
        """No time that a date-time can hold is beyond a zone."""
        zone = zone_of(observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYMONTH=10"))
        assert zone.utcoffset(datetime(year, 1, 1)) is not None
        assert zone.utcoffset(datetime(year, 12, 31, 23)) is not None

    @pytest.mark.parametrize(
        "name",
        [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "America/Santiago",
            "Africa/Cairo",
            "Asia/Tokyo",
        ],
    )
    def test_as_the_tz_database_has_it(self, name: str) -> None:
        """A definition that says what the tz database says gives the same times, in gaps and overlaps too."""
        zone = zone_of(*changes_of(ZoneInfo(name)))
        chance = random.Random(name)
        for _ in range(3000):
            instant = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(
                minutes=chance.randrange(45 * 365 * 24 * 60)
            )
            wall = instant.astimezone(ZoneInfo(name))
            assert instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
            assert from_local(wall.replace(tzinfo=None, fold=wall.fold), zone) == int(instant.timestamp())


class TestLimits:
    """What a definition may cost."""

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=YEARLY;BYDAY=MO",
            "FREQ=YEARLY;BYMONTH=1,2,3;BYDAY=SU;BYSETPOS=-1",
            "FREQ=YEARLY;BYWEEKNO=20",
            "FREQ=YEARLY;INTERVAL=400",
            "FREQ=YEARLY;BYMONTH=10;COUNT=5000",
            "FREQ=MONTHLY;BYDAY=SU;BYSETPOS=1",
            "FREQ=DAILY",
            "FREQ=SECONDLY",
        ],
    )
    def test_rule_of_no_clock(self, rule: str) -> None:
        """A rule that gives nothing, or takes long to follow, is not followed."""
        part = observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", f"RRULE:{rule}")
        assert codes(said(vcalendar(office(part), NINE), "2026-11-24").diagnostics) == ["unknown_zone"]

    def test_many_rules(self) -> None:
        """More rules than any clock has had are not followed."""
        part = observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU")
        assert read_zone(office(*[part] * MAX_COST).replace("\r\n", "\n").encode()) is not None
        assert read_zone(office(*[part] * (MAX_COST + 1)).replace("\r\n", "\n").encode()) is None

    def test_rule_with_count(self) -> None:
        """The last of its changes holds from then on."""
        part = observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;COUNT=3")
        back = observance("TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", start="19721101T000000")
        assert rule_of(zone_of(part, back), (11, 24, 9, 0)) == [2]

    def test_start_in_the_year_1(self) -> None:
        """Some programs write the first date that they know."""
        rule = "RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=25"
        part = observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", rule, start="00010101T000000")
        assert rule_of(zone_of(part), (1, 1, 0, 0), (12, 1, 0, 0)) == [1, 1]

    def test_only_zones_in_use_are_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of thousands of definitions a query pays for those that its events name."""
        asked: list[bytes] = []

        def counted(content: bytes) -> object:
            asked.append(content)
            return read_zone(content)

        monkeypatch.setattr("gbook.calendars.zones.timezones.read_zone", counted)
        part = observance("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100")
        others = [office(part).replace("Office", f"Z{number}") for number in range(50)]
        assert busy(vcalendar(*others, office(part), NINE), "2026-11-24") == ["11-24 08:00–09:00"]
        assert len(asked) == 1
