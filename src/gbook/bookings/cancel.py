"""Cancelling a booking, and dropping a reservation."""

from __future__ import annotations

from functools import partial

from gbook.bookings.context import BookingContext
from gbook.bookings.event_diff import bump_revision
from gbook.bookings.record import Record
from gbook.bookings.revision import Plan, Revision, each, find_booking, find_reservation
from gbook.bookings.series_change import changed_dates, open_date, without_dates
from gbook.calendars.busy.own_series import SeriesDate
from gbook.calendars.ics.edit import rewrite, rewrite_properties
from gbook.calendars.ics.ownership import OwnEvent
from gbook.errors import NotFound
from gbook.scheduling.unavailable import SlotUnavailable

__all__ = ["cancellation", "check_open", "dropping", "removal"]


def cancellation(
    context: BookingContext,
    record_id: str,
    reason: str | None = None,
    *,
    remove: bool = False,
    recurrence: int | None = None,
) -> Plan:
    """Return the plan that cancels a booking in every copy, or removes its events.

    A cancelled event has STATUS:CANCELLED, and `reason` as COMMENT. Of a series, one date is cancelled or
    removed with `recurrence` (its original start), else all that are not over are cancelled. Unless the whole
    event is removed, the plan refuses one that is already cancelled (NotFound) or over (SlotUnavailable).
    """

    def plan() -> list[Revision]:
        record = find_booking(context, record_id)
        if recurrence is not None or not remove:
            check_open(context, record)
        copies = [copy for copy in record.copies if copy.is_writable]
        dates = _dates(context, record, recurrence, remove=remove)
        cancel = partial(_cancelled, record=record, now=context.now, reason=reason)
        if not dates or record.series is None:
            kept, removed = ([], copies) if remove else (copies, [])
            return [Revision(record=record, rewrite=each(cancel), kept=kept, removed=removed)]
        if remove:
            change = without_dates(record, record.series.zone, dates, context.now)
        else:
            change = changed_dates(record.series.zone, dict.fromkeys(dates, cancel))
        return [Revision(record=record, rewrite=change, kept=copies)]

    return plan


def _dates(
    context: BookingContext, record: Record, recurrence: int | None, *, remove: bool
) -> list[SeriesDate]:
    """Return the dates of a series that are cancelled one by one; none if the whole event changes."""
    if recurrence is not None:
        chosen = open_date(context, record, recurrence, may_be_cancelled=remove)
        is_last = record.series is not None and [chosen] == record.series.dates
        return [] if remove and is_last else [chosen]
    if remove:
        return []
    dates = record.series.kept if record.series else []
    coming = [each for each in dates if each.end > context.now]
    return [] if len(coming) == len(dates) else coming


def _unchanged(own: OwnEvent) -> OwnEvent:
    return own


def dropping(context: BookingContext, *record_ids: str) -> Plan:
    """Return the plan that removes reservations, expired or not, from every calendar: all, or none."""

    def plan() -> list[Revision]:
        return [removal(find_reservation(context, record_id)) for record_id in record_ids]

    return plan


def removal(record: Record) -> Revision:
    """Return the revision that removes an event from every calendar."""
    copies = [copy for copy in record.copies if copy.is_writable]
    return Revision(record=record, rewrite=_unchanged, removed=copies)


def check_open(context: BookingContext, record: Record) -> None:
    """Raise NotFound for a booking that was cancelled, SlotUnavailable for one that has ended or expired."""
    if record.status == "cancelled":
        raise NotFound(f"booking {record.uid} is already cancelled; make a new booking with `gbook book`")
    if record.last_end <= context.now:
        end = context.moment(record.last_end, record.profile)
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
