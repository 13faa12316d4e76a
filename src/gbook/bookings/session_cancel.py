"""Cancelling a session: the bookings of all its guests at once."""

from __future__ import annotations

from gbook.bookings.cancel import cancellation, removal
from gbook.bookings.context import BookingContext
from gbook.bookings.records import read_records
from gbook.bookings.revision import Plan, Revision, find_booking
from gbook.bookings.session_records import same_session, series_in_session, session_key
from gbook.errors import UsageError, Warn
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.instants import local

__all__ = ["session_cancellation"]


def session_cancellation(
    context: BookingContext, record_id: str, reason: str | None = None, *, remove: bool = False
) -> Plan:
    """Return the plan that cancels all bookings of the session of one, and drops its reservations.

    A series with one date in the session stays, and the command warns of it. The plan raises UsageError for a
    booking without seats, and what `cancellation` raises.
    """

    def plan() -> list[Revision]:
        record = find_booking(context, record_id)
        if session_key(record) is None:
            cause = "repeats" if record.series else "has a time that guests cannot share (no `seats`)"
            raise UsageError(f"--session: booking {record.uid} {cause}: leave it out")
        revisions: list[Revision] = []
        records = read_records(context.workspace)[0]
        day = local(record.start, shared_zone(context.workspace, [record.profile])).date()
        for series in series_in_session(records, record, context.now):
            guest = series.guest.name or series.guest.email or "a guest"
            message = (
                f"{guest} stays at that time with a series: `gbook booking cancel {series.uid} --date {day}`"
            )
            context.collected_warnings.append(Warn("series_stays", message))
        for each in same_session(records, record, context.now):
            if each.is_reservation:
                revisions.append(removal(each))
            else:
                revisions += cancellation(context, each.uid, reason, remove=remove)()
        return revisions

    return plan
