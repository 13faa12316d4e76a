"""Who must hear of a change of guests: new and former ones, and others if they see a difference."""

from __future__ import annotations

from gbook.bookings.event import Guest
from gbook.bookings.invitation import Invitation, invitation_for
from gbook.bookings.record import Record
from gbook.domains import canonical_address

__all__ = ["affected_people", "message_about"]


def affected_people(before: Record, after: Record) -> list[str]:
    """Return the addresses of the people whom a change of guests concerns."""
    earlier, later = _people(before), _people(after)
    seen = {**earlier, **later}
    if _shown(before) == _shown(after):
        changed = {address for address in seen if earlier.get(address) != later.get(address)}
        if before.guest.zone != after.guest.zone:
            changed.add(canonical_address(after.guest.email or ""))
        seen = {address: person for address, person in seen.items() if address in changed}
    return [person.email or "" for person in seen.values()]


def message_about(before: Record, after: Record, now: int) -> Invitation:
    """Return the message to the person concerned: CANCEL if a person was removed, and no other was invited.

    `now` is an instant. Raises UsageError for a reservation.
    """
    from gbook.bookings.email import cancelled_for

    earlier, later = _people(before), _people(after)
    gone = [person for address, person in earlier.items() if address not in later]
    is_removal = bool(gone) and later.keys() <= earlier.keys()
    return invitation_for(cancelled_for(gone, before, after) if is_removal else after, now)


def _people(record: Record) -> dict[str, Guest]:
    from gbook.bookings.email import recipients

    return {canonical_address(person.email or ""): person for person in recipients(record)}


def _shown(record: Record) -> tuple[object, ...]:
    """Return what an invitation shows to all, besides the other attendees."""
    return (
        *(record.start, record.end, record.status),
        *(record.subject, record.location, record.description, record.conference),
    )
