"""What is asked to be booked, for whom and with whom, before the calendars have been looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from gbook.bookings.event import Guest, blank_fields
from gbook.engine.intervals import Interval
from gbook.engine.quorum import Required
from gbook.profiles.model import Profile
from gbook.profiles.template import fill
from gbook.scheduling.availability import Query

__all__ = ["Request"]

NOBODY = Guest()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be booked: the API's booking request. `start` is an instant, None for the first slot."""

    profile: Profile
    start: int | None
    end: int | None = None
    required: Required = "one"
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    guest: Guest = NOBODY
    invitees: tuple[Guest, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    # Only a reservation, for so many minutes (reserveForMinutes).
    reserve_minutes: int | None = None
    proposal: str | None = None
    key: str | None = None
    # See Query: the booking that is moved.
    moving: str | None = None
    # See Query: the accounts with which the time `[start, end)` was agreed before.
    agreed: tuple[str, ...] | None = None
    # The first slot is looked for outside of these spans.
    beside: tuple[Interval, ...] = ()

    def query(self, now: int, low: int | None = None, high: int | None = None) -> Query:
        """The question whether, and when, it can be."""
        agreed = None if low is None else self.agreed
        return Query(
            profile=_without_limits(self.profile) if agreed else self.profile,
            now=now,
            required=self.required,
            accounts=self.accounts,
            groups=self.groups,
            low=low,
            high=high,
            moving=self.moving,
            proposal=self.proposal,
            agreed=agreed,
        )

    def check(self) -> None:
        """Raises UsageError for fields that are missing or unknown. A reservation may still lack some."""
        given = dict(self.fields)
        if self.reserve_minutes is not None:
            given = blank_fields(self.profile) | given
        fill(self.profile, given, {})


def _without_limits(profile: Profile) -> Profile:
    """The profile without buffers and daily cap: a time that was promised needs to be free, and no more."""
    return msgspec.structs.replace(
        profile, buffer_before_minutes=0, buffer_between_minutes=0, max_bookings_per_day=None
    )
