"""Working hours on the line of instants: clocks that jump, days that run into each other, periods."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import pytest

from gbook.profiles.model import AvailabilityInterval, AvailabilityIntervals, Profile
from gbook.profiles.schedule import period, working_intervals
from gbook.scheduling.masks import find_candidates
from gbook.timeutil.instants import WEEKDAYS, format_instant, local, parse_instant
from gbook.timeutil.periods import Period
from gbook.timeutil.zones import find_zone
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval


def week(*intervals: str) -> WorkHours:
    """The same hours on every day."""
    hours = tuple(
        WorkingInterval(start=start, end=end) for start, _, end in (one.partition("-") for one in intervals)
    )
    return WorkHours(
        day_schedules=tuple(DaySchedule(day_of_week=day, working_intervals=hours) for day in WEEKDAYS)
    )


def hours_of(day: str, zone: str, *intervals: str, **more: Any) -> list[str]:
    """The hours that begin on a day, in UTC."""
    low, high = (parse_instant(f"{day}T00:00", find_zone(zone)) + shift for shift in (0, 86_400))
    found = working_intervals(week(*intervals), find_zone(zone), (low - 7200, high + 7200), **more)
    return [
        f"{format_instant(one.start)[5:16]}/{format_instant(one.end)[5:16]}"
        for one in found
        if low <= one.start < high
    ]


def slots(day: str, zone: str, *intervals: str, **fields: Any) -> list[str]:
    """The starts of slots on a day, as clocks of the zone show them."""
    defaults: dict[str, Any] = {"availability_step": 60, "duration_minutes": 60}
    profile = Profile(work_hours=week(*intervals), **defaults | fields)
    low = parse_instant(f"{day}T00:00", find_zone(zone))
    found = find_candidates(profile, find_zone(zone), (low - 86_400, low + 2 * 86_400))
    shown = [local(start, find_zone(zone)) for start in found.starts]
    return [f"{moment:%H:%M}" for moment in shown if str(moment.date()) == day]


class TestClockChanges:
    """09:00 stays 09:00; what a clock skips or shows twice has one meaning."""

    @pytest.mark.parametrize(
        ("zone", "before", "after", "hours"),
        [
            ("America/New_York", "2026-03-07", "2026-03-08", ("14:00", "13:00")),
            ("America/New_York", "2026-10-31", "2026-11-01", ("13:00", "14:00")),
            ("Europe/Berlin", "2026-03-28", "2026-03-29", ("08:00", "07:00")),
            ("Europe/Berlin", "2026-10-24", "2026-10-25", ("07:00", "08:00")),
        ],
    )
    def test_nine_stays_nine(self, zone: str, before: str, after: str, hours: tuple[str, str]) -> None:
        """The wall clock counts, not the hours since yesterday."""
        found = [hours_of(day, zone, "09:00-10:00")[0][6:11] for day in (before, after)]
        assert found == list(hours)

    @pytest.mark.parametrize(
        ("zone", "day", "end_of_gap"),
        [("America/New_York", "2026-03-08", "03-08T07:00"), ("Europe/Berlin", "2026-03-29", "03-29T01:00")],
    )
    def test_a_start_or_end_in_a_gap_moves_to_its_end(self, zone: str, day: str, end_of_gap: str) -> None:
        """02:30 is never shown; hours inside the gap are none."""
        assert hours_of(day, zone, "02:30-05:00")[0].startswith(f"{end_of_gap}/")
        assert hours_of(day, zone, "01:00-02:30")[0].endswith(f"/{end_of_gap}")
        assert hours_of(day, zone, "02:15-02:45") == []

    @pytest.mark.parametrize(
        ("zone", "day", "first", "second"),
        [
            ("America/New_York", "2026-11-01", "11-01T05:30", "11-01T06:30"),
            ("Europe/Berlin", "2026-10-25", "10-25T00:30", "10-25T01:30"),
        ],
    )
    def test_an_ambiguous_start_is_the_first_and_an_end_the_second(
        self, zone: str, day: str, first: str, second: str
    ) -> None:
        """So hours are never cut short."""
        shown_twice = "01:30" if zone == "America/New_York" else "02:30"
        assert hours_of(day, zone, f"{shown_twice}-08:00")[0].startswith(f"{first}/")
        assert hours_of(day, zone, f"00:00-{shown_twice}")[0].endswith(f"/{second}")
        assert hours_of(day, zone, f"{shown_twice}-{shown_twice}:30") == [f"{first}/{second}"]

    def test_a_day_that_never_was_has_no_hours(self) -> None:
        """Samoa went from the 29th to the 31st of December 2011."""
        assert hours_of("2011-12-30", "Pacific/Apia", "09:00-17:00") == hours_of(
            "2011-12-31", "Pacific/Apia", "09:00-17:00"
        )

    def test_slots_follow_real_time_through_a_change(self) -> None:
        """Every sixty minutes of real time: the hour that is shown twice has two."""
        assert slots("2026-10-25", "Europe/Berlin", "01:00-05:00") == [
            "01:00",
            "02:00",
            "02:00",
            "03:00",
            "04:00",
        ]
        assert slots("2026-03-29", "Europe/Berlin", "01:00-05:00") == ["01:00", "03:00", "04:00"]


class TestWindows:
    """Hours that overlap, touch, or run past midnight."""

    def test_hours_may_run_past_midnight(self) -> None:
        """22:00–02:00 offers 23:30 and sixty minutes."""
        found = slots("2026-11-24", "UTC", "22:00-02:00", availability_step=30)
        assert found == ["00:00", "00:30", "01:00", "22:00", "22:30", "23:00", "23:30"]

    def test_a_step_of_sixty_counts_from_half_past(self) -> None:
        """A window from 12:30 has slots at half past."""
        assert slots("2026-11-24", "UTC", "12:30-16:00") == ["12:30", "13:30", "14:30"]

    def test_a_meeting_longer_than_the_step(self) -> None:
        """Ninety minutes every quarter of an hour, as long as they fit."""
        found = slots("2026-11-24", "UTC", "09:00-11:00", availability_step=15, duration_minutes=90)
        assert found == ["09:00", "09:15", "09:30"]

    def test_windows_that_touch_across_midnight_are_one(self) -> None:
        """20:00–24:00 and 00:00–04:00: a meeting may be held over midnight."""
        found = slots("2026-11-24", "UTC", "00:00-02:00", "22:30-24:00")
        assert found == ["00:00", "01:00", "22:30", "23:30"]

    def test_days_of_24_hours_start_afresh_at_midnight(self) -> None:
        """With a step of seven hours each day has the same slots, also the last across midnight."""
        found = slots("2026-11-24", "UTC", "00:00-24:00", availability_step=420)
        assert found == slots("2026-11-25", "UTC", "00:00-24:00", availability_step=420)
        assert found == ["00:00", "07:00", "14:00", "21:00"]

    def test_overlapping_hours_count_from_the_later_beginning(self) -> None:
        """09:00–13:00 and 11:15–15:00."""
        found = slots("2026-11-24", "UTC", "09:00-13:00", "11:15-15:00")
        assert found == ["09:00", "10:00", "11:00", "11:15", "12:15", "13:15"]

    def test_align_clock_takes_multiples_of_the_step_from_midnight(self) -> None:
        """09:20 with a step of thirty begins at 09:30; a day of 25 hours counts real time."""
        found = slots(
            "2026-11-24", "UTC", "09:20-11:00", align="clock", availability_step=30, duration_minutes=30
        )
        assert found == ["09:30", "10:00", "10:30"]

    def test_seconds_count(self) -> None:
        """Hours to the second, as the API writes them."""
        assert slots("2026-11-24", "UTC", "09:00:30Z-10:00:30Z") == ["09:00"]
        assert slots("2026-11-24", "UTC", "09:00:30-10:00:29") == []


class TestExceptions:
    """availabilityIntervals replace the weekly hours of their dates."""

    @staticmethod
    def closed(first: str, last: str, *intervals: str) -> AvailabilityInterval:
        return AvailabilityInterval(
            date_start_inclusive=date.fromisoformat(first),
            date_end_inclusive=date.fromisoformat(last),
            hours=week(*intervals).day_schedules[0].working_intervals,
        )

    def of(self, day: str, *exceptions: AvailabilityInterval) -> list[str]:
        return hours_of(day, "UTC", "09:00-17:00", exceptions=AvailabilityIntervals(intervals=exceptions))

    def test_they_replace_close_and_end(self) -> None:
        """From the first date to the last, both included; no hours close."""
        other = self.closed("2026-11-24", "2026-11-25", "20:00-02:00")
        assert self.of("2026-11-23", other) == ["11-23T09:00/11-23T17:00"]
        assert self.of("2026-11-24", other) == ["11-24T20:00/11-25T02:00"]
        assert self.of("2026-11-26", other) == ["11-26T09:00/11-26T17:00"]
        assert self.of("2026-11-24", self.closed("2026-11-24", "2026-11-24")) == []

    def test_later_ones_win(self) -> None:
        """Whatever the earlier ones say of that date."""
        closed, open_again = (
            self.closed("2026-11-20", "2026-11-30"),
            self.closed("2026-11-24", "2026-11-24", "10:00-11:00"),
        )
        assert self.of("2026-11-24", closed, open_again) == ["11-24T10:00/11-24T11:00"]
        assert self.of("2026-11-24", open_again, closed) == []


class TestPeriod:
    """From now and notice, to the end of timeAvailableFor; startTime and endTime cut it."""

    @staticmethod
    def shown(now: str, zone: str = "UTC", **fields: Any) -> str:
        fields.setdefault("start_after_minutes", 0)
        low, high = period(Profile(**fields), find_zone(zone), parse_instant(now, UTC))
        return f"{format_instant(low)}/{format_instant(high)}"

    @pytest.mark.parametrize(
        ("now", "length", "end"),
        [
            ("2026-01-31T10:00", "P1M", "2026-02-28T10:00:00Z"),
            ("2028-01-31T10:00", "P1M", "2028-02-29T10:00:00Z"),
            ("2026-03-31T10:00", "P3M", "2026-06-30T10:00:00Z"),
            ("2026-11-30T10:00", "P3M", "2027-02-28T10:00:00Z"),
            ("2026-12-31T10:00", "P2W", "2027-01-14T10:00:00Z"),
            ("2026-02-01T10:00", "30D", "2026-03-03T10:00:00Z"),
        ],
    )
    def test_periods_go_by_the_calendar(self, now: str, length: str, end: str) -> None:
        """A month from the 31st ends with the month; the API's own 30D is P30D."""
        assert self.shown(now, time_available_for=length).endswith(f"/{end}")

    def test_days_are_those_of_the_zone(self) -> None:
        """Over a change of the clocks the hour of the day stays."""
        found = self.shown("2026-03-07T17:00", "America/New_York", time_available_for="P1D")
        assert found == "2026-03-07T17:00:00Z/2026-03-08T16:00:00Z"

    def test_notice_and_bounds(self) -> None:
        """The latest beginning and the earliest end count."""
        found = self.shown("2026-11-24T09:00", start_after_minutes=90, time_available_for="P1D")
        assert found == "2026-11-24T10:30:00Z/2026-11-25T09:00:00Z"
        cut = self.shown(
            "2026-11-24T09:00",
            start_time="2026-11-24T20:00:00+01:00",
            end_time="2026-11-24T22:00:00Z",
            time_available_for="P1D",
        )
        assert cut == "2026-11-24T19:00:00Z/2026-11-24T22:00:00Z"
        past = self.shown("2026-11-24T09:00", start_time="2020-01-01T00:00:00Z", time_available_for="P1D")
        assert past == "2026-11-24T09:00:00Z/2026-11-25T09:00:00Z"

    @pytest.mark.parametrize(
        "text", ["", "P", "PT", "P0D", "0D", "X", "P1", "P-1D", "P1.5D", "P9999Y", "1 D"]
    )
    def test_what_is_no_period_is_refused(self, text: str) -> None:
        """Also the empty one, and a thousand years."""
        with pytest.raises(ValueError, match=r"period|a thousand years"):
            Period.parse(text)
