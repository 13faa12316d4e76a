"""Cancelling a booking, and dropping a reservation."""

from __future__ import annotations

from gbook.bookings.context import BookingContext
from gbook.bookings.event_diff import bump_revision
from gbook.bookings.record import Record
from gbook.bookings.revision import Plan, Revision, find_booking, find_reservation
from gbook.calendars.ics.edit import rewrite, rewrite_properties
from gbook.errors import NotFound
from gbook.scheduling.unavailable import SlotUnavailable

__all__ = ["cancellation", "check_open", "dropping", "removal"]


def cancellation(
    context: BookingContext, record_id: str, reason: str | None = None, *, remove: bool = False
) -> Plan:
    """Return the plan that cancels a booking in every copy, or removes its events.

    A cancelled event has STATUS:CANCELLED, and `reason` as COMMENT. Unless the event is removed, the plan
    refuses a booking that is already cancelled (NotFound) or over (SlotUnavailable).
    """

    def plan() -> list[Revision]:
        record = find_booking(context, record_id)
        if not remove:
            check_open(context, record)
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


def dropping(context: BookingContext, record_id: str) -> Plan:
    """Return the plan that removes a reservation, expired or not, from every calendar."""

    def plan() -> list[Revision]:
        return [removal(find_reservation(context, record_id))]

    return plan


def removal(record: Record) -> Revision:
    """Return the revision that removes an event from every calendar."""
    copies = [copy for copy in record.copies if copy.is_writable]
    return Revision(record=record, rewrite=lambda component: component, removed=copies)


def check_open(context: BookingContext, record: Record) -> None:
    """Raise NotFound for a booking that was cancelled, SlotUnavailable for one that has ended or expired."""
    if record.status == "cancelled":
        raise NotFound(f"booking {record.uid} is already cancelled; make a new booking with `gbook book`")
    if record.end <= context.now:
        end = context.moment(record.end, record.profile)
        raise SlotUnavailable(f"booking {record.uid} ended on {end} and cannot be changed")
    if record.is_reservation and record.expires is not None and not record.holds(context.now):
        expiry = context.moment(record.expires, record.profile)
        expired = f"reservation {record.uid} expired on {expiry}"
        raise SlotUnavailable(f"{expired}; reserve another slot with `gbook book --reserve`")


def _cancelled(component: bytes, record: Record, now: int, reason: str | None) -> bytes:
    changed = rewrite_properties(component, bump_revision(record, now) | {"STATUS": b"STATUS:CANCELLED"})
    if not reason:
        return changed
    from icalendar import vText

    return rewrite(changed, lambda line: line, [b"COMMENT:" + vText(reason).to_ical()])
