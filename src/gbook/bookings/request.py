"""Booking requests: the profile, time, guest and members, before any calendar is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from gbook.bookings.event import Guest, blank_fields
from gbook.bookings.guest_conflicts import GuestsFree
from gbook.engine.intervals import Interval
from gbook.engine.quorum import Required
from gbook.profiles.model import Profile
from gbook.profiles.template import fill, with_texts
from gbook.scheduling.availability import Query
from gbook.timeutil.repeats import Repeat

__all__ = ["BookingRequest"]

NOBODY = Guest()


@dataclass(frozen=True, kw_only=True)
class BookingRequest:
    """A booking request, as in the API. `start` and `end` are instants.

    Without `start`, it is for the first slot, or for the best one if `best`.
    """

    profile: Profile
    start: int | None
    end: int | None = None
    best: bool = False
    # None: as many members as the profile requires.
    required: Required | None = None
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    # How many people a room must have seats for (see Query).
    people: int | None = None
    guest: Guest = NOBODY
    invitees: tuple[Guest, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    # The subject, location and note of this event, instead of or beside the profile's (see with_texts).
    texts: Mapping[str, str] = field(default_factory=dict)
    # Reserve only, for this many minutes (reserveForMinutes).
    reserve_minutes: int | None = None
    proposal: str | None = None
    key: str | None = None
    # The UID of the booking that is moved (see Query).
    moving: str | None = None
    # The accounts with which the time `[start, end)` was agreed before (see Query).
    agreed: tuple[str, ...] | None = None
    # The accounts that have declined or accepted the booking that is moved, with its time (see Query).
    declined: Mapping[str, Interval] = field(default_factory=dict)
    accepted: Mapping[str, Interval] = field(default_factory=dict)
    # Whether the guests must be free too; what that asks for is found out before the slot is judged.
    strict: bool = False
    guests_free: GuestsFree | None = None
    # The first slot must not overlap these intervals.
    beside: tuple[Interval, ...] = ()
    # How the meeting recurs: on all dates with the same accounts, or, with `skip_busy`, on those when the
    # accounts of the first date are free.
    repeat: Repeat | None = None
    skip_busy: bool = False
    # The date of the series `moving` that is moved, by its original start; None: all of it.
    moving_date: int | None = None

    @property
    def event_profile(self) -> Profile:
        """The profile with the texts of this event."""
        return with_texts(self.profile, self.texts)

    def query(self, now: int, low: int | None = None, high: int | None = None) -> Query:
        """Return the availability query for the request, in the window `[low, high)` (instants) if given."""
        agreed = None if low is None else self.agreed
        return Query(
            profile=_without_buffers(self.profile) if agreed else self.profile,
            now=now,
            required=self.required,
            accounts=self.accounts,
            groups=self.groups,
            people=self.people,
            guest=self.guest.email,
            low=low,
            high=high,
            moving=self.moving,
            proposal=self.proposal,
            agreed=agreed,
            declined=self.declined,
            accepted=self.accepted,
            repeat=self.repeat,
            skip_busy=self.skip_busy,
            moving_date=self.moving_date,
            attending=self.guests_free.attending if self.guests_free else {},
            engaged=self.guests_free.engaged if self.guests_free else (),
        )

    def check(self) -> None:
        """Raise UsageError for missing or unknown fields. A reservation may still lack some."""
        given = dict(self.fields)
        if self.reserve_minutes is not None:
            given = blank_fields(self.event_profile) | given
        fill(self.event_profile, given, {})


def _without_buffers(profile: Profile) -> Profile:
    """Return the profile without buffers: an agreed time only needs to be free."""
    return msgspec.structs.replace(profile, buffer_before_minutes=0, buffer_between_minutes=0)
