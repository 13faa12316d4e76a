"""Taking back: a booking that is cancelled, a reservation that is dropped."""

from __future__ import annotations

from gbook.bookings.context import BookingContext
from gbook.bookings.event_diff import bump_revision
from gbook.bookings.records import Record
from gbook.bookings.revision import Plan, Revision, find_booking, find_reservation
from gbook.calendars.ics.edit import rewrite, rewrite_properties
from gbook.errors import NotFound
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import format_instant

__all__ = ["cancellation", "check_open", "dropping", "removal"]


def cancellation(
    context: BookingContext, wanted: str, reason: str | None = None, *, remove: bool = False
) -> Plan:
    """Cancels a booking in every copy (STATUS:CANCELLED, `reason` as COMMENT), or takes its events out.

    The plan refuses what is cancelled already (NotFound) or over (SlotUnavailable), unless it is to be
    removed.
    """

    def plan() -> list[Revision]:
        record = find_booking(context, wanted)
        if not remove:
            check_open(record, context.now)
        copies = [copy for copy in record.copies if copy.is_writable]
        kept, removed = ([], copies) if remove else (copies, [])
        return [
            Revision(
                record=record,
                rewrite=lambda component: _cancelled(component, record, context.now, reason),
                kept=kept,
                removed=removed,
            )
        ]

    return plan


def dropping(context: BookingContext, wanted: str) -> Plan:
    """Takes a reservation out of every calendar, expired or not."""

    def plan() -> list[Revision]:
        return [removal(find_reservation(context, wanted))]

    return plan


def removal(record: Record) -> Revision:
    """The event taken out of every calendar, all else left as it is."""
    copies = [copy for copy in record.copies if copy.is_writable]
    return Revision(record=record, rewrite=lambda component: component, removed=copies)


def check_open(record: Record, now: int) -> None:
    """Raise NotFound for a booking that was cancelled, SlotUnavailable for one that has ended or expired."""
    if record.status == "cancelled":
        raise NotFound(f"booking {record.uid} is cancelled already; book anew with `gbook book`")
    if record.end <= now:
        raise SlotUnavailable(f"booking {record.uid} ended at {format_instant(record.end)}: it is over")
    if record.is_reservation and record.expires is not None and not record.holds(now):
        expired = f"reservation {record.uid} expired at {format_instant(record.expires)}"
        raise SlotUnavailable(f"{expired}; reserve another slot with `gbook book --reserve`")


def _cancelled(component: bytes, record: Record, now: int, reason: str | None) -> bytes:
    changed = rewrite_properties(component, bump_revision(record, now) | {"STATUS": b"STATUS:CANCELLED"})
    if not reason:
        return changed
    from icalendar import vText

    return rewrite(changed, lambda line: line, [b"COMMENT:" + vText(reason).to_ical()])
