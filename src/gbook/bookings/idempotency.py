"""Idempotency keys (`--key`): a repeated request returns the booking of the first one."""

from __future__ import annotations

from collections.abc import Sequence, Set

from msgspec.structs import replace

from gbook.bookings.context import BookingContext
from gbook.bookings.event import key_uid
from gbook.bookings.event_data import Series
from gbook.bookings.record import Record
from gbook.bookings.records import read_records
from gbook.bookings.request import BookingRequest
from gbook.bookings.unreadable import refuse_damaged, refuse_unreadable
from gbook.calendars.stores.base import Store
from gbook.domains import canonical_address
from gbook.errors import GbookError, Warn
from gbook.scheduling.availability import profile_members
from gbook.scheduling.unavailable import KeyTaken
from gbook.text import one_line
from gbook.timeutil.repeats import Repeat

__all__ = ["Unfinished", "known_booking"]


class Unfinished(GbookError):
    """An interrupted booking has left copies on servers, without the host's event, which makes a booking."""

    def __init__(self, record: Record, calendars: Set[Store]) -> None:
        super().__init__(f"booking {record.uid} was interrupted: run the command again in two minutes")
        self.record = record
        # Those of the copies, and that of the host.
        self.calendars = calendars


def known_booking(context: BookingContext, request: BookingRequest) -> Record | None:
    """Return the booking that was made with the request's key, marked as repeated; None if there is none.

    Raises KeyTaken if that booking is for another time, other dates or another guest, or has been cancelled;
    Unfinished if it was interrupted; InvalidFile or Locked if a calendar that may hold it cannot be read.
    """
    if not request.key:
        return None
    uid = key_uid(request.profile, request.key)
    records, warnings = read_records(context.workspace)
    known = next((record for record in records if record.uid == uid), None)
    if known is None:
        members = {name for member in profile_members(request.profile) for name in member.accounts}
        refuse_damaged(
            context.workspace, warnings, f"the booking of key {request.key!r} may be in it", members
        )
    if known is None or (known.is_reservation and not known.holds(context.now)):
        return None
    made = f"key {request.key!r} was used for booking {uid}"
    if known.status == "cancelled":
        raise KeyTaken(f"{made}, which was cancelled: use another key")
    if other := _other_request(request, known):
        start = context.moment(known.start, known.profile)
        raise KeyTaken(f"{made} on {start}, {other}: use another key")
    _require_host(context, known, warnings)
    return replace(known, repeated=True)


def _require_host(context: BookingContext, known: Record, warnings: Sequence[Warn]) -> None:
    """Raise Unfinished if the host's event is missing; what raises for an unreadable calendar of the host.

    Files are written together, so there a program of the user has deleted the event.
    """
    host = context.workspace.accounts.get(known.host)
    if host is None or not host.is_writable:
        return
    primary, copies = context.primary(host), {copy.calendar for copy in known.copies}
    if primary in copies or not any(store.is_remote for store in (primary, *copies)):
        return
    refuse_unreadable(warnings, f"booking {known.uid} may be in it", {host.id})
    raise Unfinished(known, {primary, *copies})


def _other_request(request: BookingRequest, known: Record) -> str | None:
    """Return how a request differs from the booking with its key; None if it does not."""
    start, guest = request.start, request.guest
    if start is not None and start not in (known.start, known.asked):
        return "not at this time"
    if start == known.start and request.end not in (None, known.end):
        return "not until this time"
    if _recurs_otherwise(request.repeat, known.series):
        return "not on these dates"
    if guest.email:
        same = canonical_address(guest.email) == canonical_address(known.guest.email or "")
    else:
        same = not guest.name or one_line(guest.name) == known.guest.name
    return None if same else "for another guest"


def _recurs_otherwise(asked: Repeat | None, series: Series | None) -> bool:
    """Return whether a series was asked for that recurs by another rule; dates may be gone meanwhile."""
    if asked is None or series is None:
        return bool(asked) != bool(series)
    # Another program may have changed the rule.
    return series.repeat is not None and series.repeat.rule != asked.rule
