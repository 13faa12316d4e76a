"""The values that gbook needs of the event of a booking, as plain data that loads and stores fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from gbook.bookings.attendees import Attendee
from gbook.bookings.event import Guest
from gbook.calendars.busy.own_series import SeriesDate
from gbook.engine.intervals import Interval
from gbook.timeutil.repeats import Repeat

__all__ = ["DateChange", "EventData", "Series"]


class Series(msgspec.Struct, frozen=True, array_like=True):
    """The dates of a booking that repeats. Times are instants."""

    # RRULE as written, and the zone of its wall clock.
    rule: str
    zone: str
    # Every date that is not skipped, in order; some may be moved or cancelled.
    dates: Sequence[SeriesDate]
    # The starts of the dates that were skipped (EXDATE).
    skipped: Sequence[int] = ()
    # Whether a date has more of its own than answers: its time, state or texts.
    has_changes: bool = False
    # The highest SEQUENCE of the overrides.
    sequence: int = 0

    @property
    def repeat(self) -> Repeat | None:
        """How it recurs, as it was booked; None for a rule of another program."""
        repeat = Repeat.parse(self.rule)
        if repeat is None or not self.skipped:
            return repeat
        return msgspec.structs.replace(repeat, skipped=tuple(map(self.originals.index, self.skipped)))

    @property
    def originals(self) -> list[int]:
        """The original start of every date, in order, those that were skipped included."""
        return sorted([*self.skipped, *(each.recurrence for each in self.dates)])

    @property
    def kept(self) -> list[SeriesDate]:
        """The dates that are not cancelled."""
        return [each for each in self.dates if each.status != "cancelled"]

    def has_changed(self, now: int) -> bool:
        """Return whether a date was changed, is over at `now` (an instant), or the first one is gone."""
        first = self.dates[0]
        return self.has_changes or first.end <= now or min(self.skipped, default=first.start) < first.start

    def date_of(self, recurrence: int) -> SeriesDate | None:
        """Return the date with this original start; None if there is none."""
        return next((each for each in self.dates if each.recurrence == recurrence), None)


class DateChange(NamedTuple):
    """A date of a series that was moved, or cancelled (`time` is None)."""

    recurrence: int
    time: Interval | None
    before: Interval


class EventData(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A booking or reservation as its event has it. `start`, `end` and `expires` are instants."""

    uid: str
    # Empty for a meeting without a profile.
    profile: str
    start: int
    end: int
    status: str
    sequence: int
    subject: str
    host: str
    group: str | None
    accounts: tuple[str, ...]
    guest: Guest
    # The guest's answer (PARTSTAT) as written; None if the guest is no attendee.
    partstat: str | None
    conference: str | None
    expires: int | None
    # The attempt that holds the time for a moment, to book it; None for a booking or reservation.
    hold: str | None
    proposal: str | None
    # The start that was requested with a key; the booking may have been moved since.
    asked: int | None
    # The start and end before the last change of time.
    moved_from: tuple[int, int] | None
    # The guest's values for the variables of the profile's texts.
    fields: Mapping[str, str]
    # The fields that a reservation still lacks.
    needs: Sequence[str]
    attendees: Sequence[Attendee]
    # ORGANIZER as written: usually a mailto URI.
    organizer: str
    location: str
    description: str
    comments: Sequence[str]
    # The minutes kept free before and after it; None if the event does not say.
    buffers: tuple[int, int] | None
    # The texts that were given for this event.
    texts: Mapping[str, str]
    # The lowest SEQUENCE whose replies count, if it is not the present one: guests were changed since.
    replies_from: int | None
    # How many people its rooms must have seats for; None if that was not said.
    people: int | None
    # How many guests can share its time, as its profile said; None for one guest.
    seats: int | None
    # The dates of a meeting that repeats; `start` and `end` are those of the first one.
    series: Series | None = None

    @property
    def is_reservation(self) -> bool:
        """Whether it only holds a slot, tentatively."""
        return self.expires is not None and self.status == "tentative"

    @property
    def times(self) -> list[tuple[int, int]]:
        """Start and end, of a series those of each date that is not cancelled, if there are any."""
        dates: Sequence[SeriesDate | EventData] = (self.series.kept if self.series else ()) or [self]
        return [(each.start, each.end) for each in dates]

    @property
    def last_end(self) -> int:
        """When it is over: its end, or that of the last date of a series."""
        return max(end for _, end in self.times)

    def holds(self, now: int) -> bool:
        """Return whether it takes its time at `now` (an instant): not cancelled, not expired."""
        return self.status != "cancelled" and (self.expires is None or self.expires > now)
