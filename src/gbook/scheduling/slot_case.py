"""The slot that is explained, and how its messages name times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.calendars.busy.cached import OwnBooking
from gbook.engine.intervals import Interval, Intervals
from gbook.scheduling.availability import Query
from gbook.timeutil.format import day_name, days, range_ends, time_range
from gbook.timeutil.instants import END_OF_TIME, MINUTE, at_midnight, local
from gbook.workspace.workspace import Workspace

__all__ = ["SlotCase"]


class SlotCase(NamedTuple):
    """The slot `[start, end)` that is explained, and the query that it belongs to; messages are in `zone`."""

    workspace: Workspace
    query: Query
    # The whole period of the profile, and the zone of its hours.
    period: Interval
    profile_zone: ZoneInfo
    start: int
    end: int
    zone: ZoneInfo
    # The bookings of the guest, if the profile limits them.
    of_guest: Sequence[OwnBooking] = ()
    # Which date of a series it is, from 0. The notice and the period of the profile are for the first one.
    position: int = 0

    @property
    def day(self) -> date:
        """The date of the slot, as it is shown."""
        return local(self.start, self.zone).date()

    def buffers(self, other: tuple[int, int] = (0, 0)) -> tuple[int, int]:
        """Return the seconds to keep free before and after, next to a meeting with the buffers `other`."""
        profile = self.query.profile
        before, after = profile.buffer_before_minutes * MINUTE, profile.buffer_between_minutes * MINUTE
        return max(before, other[1]), max(after, other[0])

    @property
    def around(self) -> Interval:
        """The slot and the time around it that must be free, next to another meeting of the profile too."""
        before, after = self.buffers()
        longer = max(before, after)
        return self.start - longer, self.end + longer

    def say(self, start: int, end: int) -> str:
        """Return an interval as text, with the date if it is not the slot's."""
        if end >= END_OF_TIME:
            return f"from {day_name(local(start, self.zone).date())} on"
        first, last = local(start, self.zone).date(), local(end - 1, self.zone).date()
        midnights = at_midnight(first, self.zone), at_midnight(last + timedelta(days=1), self.zone)
        if (start, end) == midnights:
            return "all day" if first == last == self.day else days(first, last)
        if first != self.day and last - first > timedelta(days=1):
            begin, until = range_ends(start, end, self.zone)
            end_day = day_name(local(end, self.zone).date(), self.day)
            return f"{day_name(first, self.day)} {begin} – {end_day} {until}"
        times = time_range(start, end, self.zone)
        return times if first == self.day else f"{day_name(first)} {times}"

    def say_all(self, intervals: Intervals) -> str:
        """Return several intervals as text."""
        return ", ".join(self.say(start, end) for start, end in intervals)

    def say_instant(self, instant: int) -> str:
        """Return an instant with its date."""
        moment = local(instant, self.zone)
        return f"{day_name(moment.date())} {moment:%H:%M}"

    def say_clock(self, instant: int) -> str:
        """Return an instant as text, with the date if it is not the slot's."""
        moment = local(instant, self.zone)
        return f"{moment:%H:%M}" if moment.date() == self.day else self.say_instant(instant)
