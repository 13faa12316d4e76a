"""The profile that a booking is moved and confirmed with: the current one, or one made from the event.

A meeting without a profile has none, and a profile may have been deleted since. Then the event itself says
how long the meeting is, who takes part and which buffers hold; no hours limit it.
"""

from __future__ import annotations

from typing import NamedTuple

from gbook.bookings.context import BookingContext
from gbook.bookings.participants import participants_of
from gbook.bookings.record import Record
from gbook.errors import Warn
from gbook.profiles.model import AD_HOC_PERIOD, Profile
from gbook.profiles.store import ProfileStore
from gbook.timeutil.instants import MINUTE

__all__ = ["EventProfile", "event_profile"]

# Minutes between the slots that are offered for a meeting without a profile that is moved.
STEP = 15


class EventProfile(NamedTuple):
    """The profile of an event. `has_rules`: whether its hours, period and notice limit the time.

    `has_texts`: whether its subject, description and location are those that the event was written from.
    """

    profile: Profile
    has_rules: bool
    has_texts: bool

    @property
    def agreed(self) -> tuple[str, ...] | None:
        """The `agreed` of a request for another time: without rules, accounts and buffers alone limit it."""
        return None if self.has_rules else ()


def event_profile(context: BookingContext, record: Record) -> EventProfile:
    """Return the profile of a booking, with a warning if it was deleted. Raises InvalidFile."""
    if record.profile:
        store = ProfileStore(context.workspace)
        if record.profile in store.names():
            return EventProfile(store.load(record.profile), has_rules=True, has_texts=True)
        context.collected_warnings.append(
            Warn(
                "missing_profile",
                f"profile {record.profile} no longer exists: the length, accounts and buffers of booking "
                f"{record.uid} count, and no hours limit its time",
            )
        )
    return EventProfile(_from_event(context, record), has_rules=False, has_texts=not record.profile)


def _from_event(context: BookingContext, record: Record) -> Profile:
    """Return a profile whose meeting is that of an event, with all its accounts that still exist."""
    before, after = record.buffers or (0, 0)
    return Profile(
        name=record.profile,
        duration_minutes=max((record.end - record.start) // MINUTE, 1),
        availability_step=STEP,
        buffer_before_minutes=before,
        buffer_between_minutes=after,
        start_after_minutes=0,
        time_available_for=AD_HOC_PERIOD,
        start_conference=record.conference is not None,
        open_meeting_url=record.conference,
        accounts=tuple(account.id for account in participants_of(context.workspace, record).present),
        required="all",
    )
