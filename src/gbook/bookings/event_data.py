"""The values that gbook needs of the event of a booking, as plain data that loads and stores fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gbook.bookings.attendees import Attendee
from gbook.bookings.event import Guest

__all__ = ["EventData"]


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

    @property
    def is_reservation(self) -> bool:
        """Whether it only holds a slot, tentatively."""
        return self.expires is not None and self.status == "tentative"

    def holds(self, now: int) -> bool:
        """Return whether it takes its time at `now` (an instant): not cancelled, not expired."""
        return self.status != "cancelled" and (self.expires is None or self.expires > now)
