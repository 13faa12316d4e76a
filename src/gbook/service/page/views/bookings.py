"""A booking as its guest sees it: what may be said about it, and what can still be done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

import gbook
from gbook.engine.intervals import Interval
from gbook.errors import GbookError
from gbook.service.call import Call
from gbook.service.operations.moves import is_open, record_of_token
from gbook.service.page.views.profiles import Facts, known_profile
from gbook.service.page.web.answers import Redirect
from gbook.service.page.web.links import record_link, times_path
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError
from gbook.text import one_line
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

__all__ = [
    "Booking",
    "State",
    "dates_to_come",
    "embed_of_booking",
    "facts_of_booking",
    "find_booking",
    "guest_zone",
    "moved_booking",
    "other_clock",
    "profile_of_record",
    "see",
    "times_for_new",
    "times_of_public",
]


class State(Enum):
    """What has become of a booking."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    OVER = "over"

    @property
    def is_open(self) -> bool:
        """Whether the guest has a meeting to come."""
        return self in (State.CONFIRMED, State.MOVED)


class Booking(NamedTuple):
    """What the page of a booking shows. Times are instants.

    `dates` are those to come of a series. `email` is where mail goes, None if none is sent. `link` leads to
    the online conference; `move` to other times, and `again` to those of a new booking, if there are any.
    """

    state: State
    time: Interval
    before: Interval | None
    dates: Sequence[Interval]
    zone: ZoneInfo
    host_zone: ZoneInfo | None
    email: str | None
    link: str | None
    seats: int | None
    cancelled_at: int | None
    comments: Sequence[str]
    move: str | None
    again: str | None


def see(visit: Visit, record: gbook.Record, token: str) -> Booking:
    """Return what the page of a booking shows; `token` is its own."""
    now, state = visit.call.now, _state(record, visit.call.now)
    coming = gbook.part_of_series(record, None, now)
    zone = guest_zone(visit, record)
    return Booking(
        state=state,
        time=(coming.start, coming.end),
        before=record.moved_from,
        dates=dates_to_come(record, now) if record.series else [],
        zone=zone,
        host_zone=other_clock(visit, record.profile, zone, coming.start),
        email=record.guest.email if visit.call.workspace.config.mail else None,
        link=_web_link(record.conference),
        seats=record.seats,
        cancelled_at=_changed_at(record) if state is State.CANCELLED else None,
        comments=[one_line(text) for text in record.comments],
        move=_times_for_move(visit, record, token) if state.is_open else None,
        again=times_for_new(visit, record),
    )


def dates_to_come(record: gbook.Record, now: int) -> Sequence[Interval]:
    """Return the times of a booking that are not over at `now` (an instant): all of them move together."""
    return [time for time in record.times if time[1] > now]


def _state(record: gbook.Record, now: int) -> State:
    if record.status == "cancelled" or (record.series and not record.series.kept):
        return State.CANCELLED
    if record.last_end <= now:
        return State.OVER
    return State.MOVED if record.moved_from else State.CONFIRMED


def facts_of_booking(visit: Visit, record: gbook.Record) -> Facts:
    """Return what its event says about a meeting; its profile may have changed since."""
    # Without a place of its own, the place of the event is the link.
    place = "" if record.location == record.conference else one_line(record.location)
    return Facts(
        name=record.profile,
        title=_title(visit, record),
        description="",
        length=record.end - record.start,
        is_video=bool(record.conference) and not place,
        place=place,
        host=visit.team,
    )


def embed_of_booking(visit: Visit, record: gbook.Record) -> Sequence[str]:
    """Return the origins that may frame the page of a booking: it was made in a frame of theirs."""
    profile = profile_of_record(visit.call, record)
    return profile.embed if profile is not None and profile.public else ()


def guest_zone(visit: Visit, record: gbook.Record) -> ZoneInfo:
    """Return the zone of the address, else that in which the guest has booked, else the host's."""
    if visit.zone is not None:
        return visit.zone
    if record.guest.zone:
        with suppress(GbookError, ValueError):
            return find_zone(record.guest.zone)
    return gbook.shared_zone(visit.call.workspace, [record.profile])


def other_clock(visit: Visit, profile: str, zone: ZoneInfo, instant: int) -> ZoneInfo | None:
    """Return the zone of a profile's host, None if clocks there show the same as in `zone`."""
    host_zone = gbook.shared_zone(visit.call.workspace, [profile])
    is_same = local(instant, zone).utcoffset() == local(instant, host_zone).utcoffset()
    return None if is_same else host_zone


def find_booking(visit: Visit, token: str) -> gbook.Record | None:
    """Return what is booked or held under a token; None if nothing is. Raises ApiError, 503."""
    try:
        return record_of_token(visit.call, token)
    except ApiError as error:
        if error.status != 404:
            raise
        return None


def moved_booking(
    visit: Visit, profile: gbook.Profile, start: int | None = None
) -> gbook.Record | Redirect | None:
    """Return the booking that moves, None if none does, or the address of its page if it cannot move.

    A time that is only held cannot: it is given back. A booking that starts at `start` (an instant) is there
    already. Raises ApiError, 404, for a token of none.
    """
    record = visit.moved
    if record is None:
        return None
    is_booked = not record.is_reservation and is_open(record, visit.call.now)
    if is_booked and record.profile == profile.name and dates_to_come(record, visit.call.now)[0][0] != start:
        return record
    return Redirect(record_link(visit, record))


def profile_of_record(call: Call, record: gbook.Record) -> gbook.Profile | None:
    """Return the profile of a booking; None if it has none, or it was deleted or cannot be read."""
    return known_profile(call, record.profile)


def _title(visit: Visit, record: gbook.Record) -> str:
    """Return the subject; if it says no more than that this is a meeting, what the profile is called."""
    subject = one_line(record.subject)
    profile = profile_of_record(visit.call, record) if subject == gbook.Profile().subject else None
    return profile.display_name if profile is not None else subject


def times_for_new(visit: Visit, record: gbook.Record) -> str | None:
    """Return the address of the times for another booking; None unless the profile is public."""
    return times_of_public(visit, record.profile)


def times_of_public(visit: Visit, name: str) -> str | None:
    """Return the address of the times of a profile by its name; None unless it is public."""
    profile = known_profile(visit.call, name)
    return visit.elsewhere(times_path(profile.name)) if profile and profile.public else None


def _times_for_move(visit: Visit, record: gbook.Record, token: str) -> str | None:
    profile = profile_of_record(visit.call, record)
    return visit.elsewhere(times_path(profile.name), move=token) if profile else None


def _web_link(address: str | None) -> str | None:
    """Return an address if a browser can open it as a page; the host may have written anything."""
    return address if (address or "").startswith(("https://", "http://")) else None


def _changed_at(record: gbook.Record) -> int | None:
    """Return when the event was last changed (LAST-MODIFIED, RFC 5545 §3.8.7.3), if it says so."""
    # icalendar raises ValueError for a value that is no time.
    with suppress(GbookError, ValueError):
        changed = record.event.LAST_MODIFIED
        return int(changed.timestamp()) if changed else None
    return None
