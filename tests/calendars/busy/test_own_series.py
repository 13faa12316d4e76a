"""gbook's own series: each date is a booking of its own."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ics import EMAIL, codes, instant, vcalendar, vevent
from support.uids import own_uid

from gbook.calendars.busy.cached import OwnBooking, ReadOptions
from gbook.calendars.busy.own_series import SeriesDate, read_dates
from gbook.calendars.busy.reader import FileBusy, read_booked_only, read_busy
from gbook.calendars.ics.edit import find_events
from gbook.engine.intervals import Intervals
from gbook.timeutil.repeats import MAX_DATES

UID = own_uid("series")
OWN = (f"UID:{UID}", "X-GBOOK-PROFILE:p", "X-GBOOK-HOST:ann", "X-GBOOK-ACCOUNTS:ann bob")
VIEW = ReadOptions(EMAIL, "Europe/Berlin")
# Three Tuesdays; the clocks of Berlin change on 25 October 2026.
TUESDAYS = [instant("2026-10-20T08:00"), instant("2026-10-27T09:00"), instant("2026-11-03T09:00")]
HOUR = 3600


def berlin(name: str, text: str) -> str:
    return f"{name};TZID=Europe/Berlin:{text}"


def series(*more: str, rule: str = "FREQ=WEEKLY;COUNT=3") -> str:
    """Return a series of an hour at 10:00 in Berlin, from Tuesday 20 October 2026 on."""
    times = berlin("DTSTART", "20261020T100000"), berlin("DTEND", "20261020T110000")
    return vevent(*OWN, *times, f"RRULE:{rule}", *more)


def override(day: str, *more: str, start: str | None = None) -> str:
    """Return an override of the date on a day, which is moved to `start`; an hour from then on."""
    begins = start or f"{day}T100000"
    return vevent(
        f"UID:{UID}",
        berlin("RECURRENCE-ID", f"{day}T100000"),
        berlin("DTSTART", begins),
        "DURATION:PT1H",
        *more,
    )


def read(*parts: str) -> FileBusy:
    """Return what a file says in a window of its own, in which nothing is."""
    return read_busy(vcalendar(*parts), VIEW, 0, 1)


def starts(bookings: list[OwnBooking]) -> list[int]:
    return [booking.start for booking in bookings if booking.blocks]


class TestDates:
    """Each date is an OwnBooking, whenever it is."""

    def test_every_date_is_a_booking(self) -> None:
        """With the properties of the series, and the start that names it; no other time is busy."""
        found = read(series())
        assert starts(found.booked) == [booking.recurrence for booking in found.booked] == TUESDAYS
        assert {booking.end - booking.start for booking in found.booked} == {HOUR}
        assert {(one.uid, one.profile, one.host, one.accounts) for one in found.booked} == {
            (UID, "p", "ann", ("ann", "bob"))
        }
        assert not found.busy
        assert not found.diagnostics

    def test_a_file_read_for_its_bookings_alone(self) -> None:
        """Another account's calendars are read in this way."""
        assert starts(read_booked_only(vcalendar(series()), VIEW).booked) == TUESDAYS

    def test_a_skipped_date_is_free(self) -> None:
        """EXDATE takes it out."""
        found = read(series(berlin("EXDATE", "20261027T100000")))
        assert starts(found.booked) == [TUESDAYS[0], TUESDAYS[2]]

    def test_a_cancelled_date_is_free(self) -> None:
        """It is known as cancelled, so that the copies of others do not count."""
        found = read(series(), override("20261027", "STATUS:CANCELLED"))
        assert starts(found.booked) == [TUESDAYS[0], TUESDAYS[2]]
        assert [one.recurrence for one in found.booked if one.cancelled] == [TUESDAYS[1]]

    def test_a_moved_date_takes_its_new_time(self) -> None:
        """Also if another program has dropped gbook's properties."""
        for more in ((), OWN[1:]):
            found = read(series(), override("20261027", *more, start="20261028T120000"))
            moved = found.booked[1]
            assert (moved.recurrence, moved.start) == (TUESDAYS[1], instant("2026-10-28T11:00"))
            assert (moved.host, moved.accounts) == ("ann", ("ann", "bob"))
            assert starts(found.booked) == [TUESDAYS[0], moved.start, TUESDAYS[2]]
            assert not found.busy

    def test_an_answer_to_one_date(self) -> None:
        """The account has declined it alone."""
        declined = f"ATTENDEE;PARTSTAT=DECLINED:mailto:{EMAIL}"
        assert starts(read(series(), override("20261027", declined)).booked) == [TUESDAYS[0], TUESDAYS[2]]

    def test_all_dates_have_the_newest_sequence(self) -> None:
        """So a copy without a change of one date counts as the older one in whole."""
        found = read(series("SEQUENCE:1"), override("20261027", "SEQUENCE:3"))
        assert {booking.sequence for booking in found.booked} == {3}

    def test_a_reservation_expires_on_all_dates(self) -> None:
        """The expiry is that of the series."""
        found = read(series("STATUS:TENTATIVE", "X-GBOOK-EXPIRES:20261001T000000Z"), override("20261027"))
        assert len(found.booked) == 3
        assert not any(booking.blocks_at(instant("2026-10-02")) for booking in found.booked)

    def test_a_hold_of_several_dates(self) -> None:
        """On a server it has its dates as periods, without a rule; it expires on all of them."""
        hold = vevent(
            *OWN,
            "STATUS:TENTATIVE",
            "X-GBOOK-EXPIRES:20261001T000000Z",
            "DTSTART:20261020T080000Z",
            "DTEND:20261020T090000Z",
            "RDATE;VALUE=PERIOD:20261027T090000Z/20261027T093000Z,20261103T090000Z/PT2H",
        )
        found = read(hold).booked
        assert [(one.start, one.end - one.start) for one in found] == [
            (TUESDAYS[0], HOUR),
            (TUESDAYS[1], HOUR // 2),
            (TUESDAYS[2], 2 * HOUR),
        ]
        assert {one.expires for one in found} == {instant("2026-10-01")}


class TestOtherSeries:
    """Anything else blocks as any series does."""

    @pytest.mark.parametrize(
        "event",
        [
            series(rule="FREQ=WEEKLY"),
            series(rule=f"FREQ=DAILY;COUNT={MAX_DATES + 1}"),
            series(rule="FREQ=SECONDLY;COUNT=100000000"),
            series(rule="FREQ=WEEKLY;UNTIL=never"),
            series("EXDATE:never"),
            series().replace("DTSTART;TZID=Europe/Berlin:20261020T100000", "DTSTART;VALUE=DATE:20261020"),
            series().replace(f"UID:{UID}", "UID:theirs"),
            series().replace("X-GBOOK-PROFILE:p", "X-NOTE:p"),
        ],
    )
    def test_it_blocks_and_is_no_booking(self, event: str) -> None:
        """Endless, too long, of days, unreadable, or of another program."""
        found = read_busy(vcalendar(event), VIEW, TUESDAYS[0], TUESDAYS[2])
        assert found.busy.covers(TUESDAYS[1], TUESDAYS[1] + 1)
        assert not found.booked
        assert len(found.series) == 1

    def test_a_change_of_all_later_dates(self) -> None:
        """RANGE=THISANDFUTURE: gbook never writes it."""
        change = override("20261027", start="20261027T120000").replace("ID;", "ID;RANGE=THISANDFUTURE;")
        found = read_busy(vcalendar(series(), change), VIEW, TUESDAYS[0], TUESDAYS[2] + 4 * HOUR)
        assert not found.booked
        assert found.busy.starts == [TUESDAYS[0], TUESDAYS[1] + 2 * HOUR, TUESDAYS[2] + 2 * HOUR]

    def test_an_override_alone_blocks(self) -> None:
        """The calendar has only one date of the series."""
        found = read_busy(vcalendar(override("20261027", *OWN[1:])), VIEW, TUESDAYS[0], TUESDAYS[2])
        assert found.busy.starts == [TUESDAYS[1]]
        assert not found.booked


DAYS = st.lists(st.integers(0, 11), unique=True, max_size=4)


@given(
    rule=st.sampled_from(["FREQ=WEEKLY;COUNT=12", "FREQ=DAILY;INTERVAL=3;COUNT=9", "FREQ=MONTHLY;COUNT=5"])
    | st.sampled_from(["FREQ=WEEKLY;UNTIL=20261201T000000Z", "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=10"]),
    excepted=DAYS,
    changed=st.dictionaries(st.integers(0, 11), st.sampled_from(["move", "cancel", "free"]), max_size=4),
    hour=st.sampled_from(["02", "10"]),
)
def test_the_dates_are_those_of_any_series(
    rule: str, excepted: list[int], changed: dict[int, str], hour: str
) -> None:
    """Without gbook's mark, the same events block the same time."""
    days = [date(2026, 10, 20) + timedelta(days=7 * number) for number in range(12)]
    exceptions = [berlin("EXDATE", f"{days[number]:%Y%m%d}T100000") for number in excepted]
    overrides = [_changed(days[number], kind) for number, kind in changed.items()]
    parts = [part.replace("T10", f"T{hour}") for part in (series(*exceptions, rule=rule), *overrides)]
    own = read(*parts)
    theirs = read_busy(
        vcalendar(*parts).replace(b"X-GBOOK-PROFILE", b"X-NOTE"),
        VIEW,
        instant("2026-01-01"),
        instant("2028-01-01"),
    )
    assert Intervals((one.start, one.end) for one in own.booked if one.blocks) == theirs.busy
    assert not codes(own.diagnostics)
    keys = [booking.key for booking in own.booked]
    assert len(set(keys)) == len(keys)


def _changed(day: date, kind: str) -> str:
    moved = f"{datetime.combine(day, datetime.min.time()) + timedelta(days=2, hours=15):%Y%m%dT%H%M%S}"
    more = {"move": [], "cancel": ["STATUS:CANCELLED"], "free": ["TRANSP:TRANSPARENT"]}[kind]
    return override(f"{day:%Y%m%d}", *more, start=moved)


class TestReadDates:
    """The dates of a booking, for its record."""

    def dates(self, *parts: str) -> list[SeriesDate] | None:
        return read_dates(find_events(vcalendar(*parts), UID, ""), "UTC")

    def test_dates_by_their_original_start(self) -> None:
        """One is cancelled, one is moved, one is only asked for."""
        dates = self.dates(
            series(rule="FREQ=WEEKLY;COUNT=4"),
            override("20261103", start="20261101T120000"),
            override("20261027", "STATUS:CANCELLED"),
            override("20261110", "STATUS:TENTATIVE"),
        )
        assert dates is not None
        moved = instant("2026-11-01T11:00")
        last = instant("2026-11-10T09:00")
        assert dates == [
            SeriesDate(TUESDAYS[0], TUESDAYS[0], TUESDAYS[0] + HOUR),
            SeriesDate(TUESDAYS[1], TUESDAYS[1], TUESDAYS[1] + HOUR, "cancelled"),
            SeriesDate(TUESDAYS[2], moved, moved + HOUR),
            SeriesDate(last, last, last + HOUR, "tentative"),
        ]

    def test_an_alarm_is_no_part_of_it(self) -> None:
        """Programs add alarms with properties of the same names."""
        alarm = "BEGIN:VALARM\r\nDURATION:PT5M\r\nRRULE:FREQ=DAILY\r\nEND:VALARM"
        dates = self.dates(series(alarm))
        assert dates is not None
        assert [date.start for date in dates] == TUESDAYS

    @pytest.mark.parametrize(
        "event",
        [
            vevent(*OWN, "DTSTART:20261020T080000Z", "DURATION:PT1H"),
            series(rule="FREQ=WEEKLY"),
            override("20261027"),
            series("EXDATE:never"),
        ],
    )
    def test_no_dates(self, event: str) -> None:
        """No series, an endless one, a date alone, and one that cannot be read."""
        assert self.dates(event) is None
