"""Adding, removing and correcting guests: the guest of a booking, and its invitees.

The accounts that take part, and the time, stay. The answers of all others stay too, and count although the
event has a new SEQUENCE: they are not told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gbook.bookings.cancel import check_open
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft, Guest
from gbook.bookings.event_diff import EventDiff, draft_of
from gbook.bookings.event_profile import event_profile
from gbook.bookings.guest_conflicts import Meeting, conflicts
from gbook.bookings.record import Record
from gbook.bookings.repair import brought_together
from gbook.bookings.revision import Plan, Revision, each, find_either
from gbook.bookings.series_reply import oldest_answerable
from gbook.domains import canonical_address
from gbook.errors import NotFound, UsageError, Warn
from gbook.scheduling.unavailable import SlotUnavailable

__all__ = ["adding_guest", "changing_guest", "joined", "removing_guest", "with_invitees"]

# Returns the draft with other people; raises to refuse.
_Change = Callable[[Record, Draft], Draft]


def adding_guest(context: BookingContext, record_id: str, person: Guest, *, strict: bool = False) -> Plan:
    """Return the plan that invites a person to a booking or reservation.

    The first person of a booking without a guest becomes its guest. The plan raises UsageError for a person
    who is already invited, with `strict` SlotUnavailable for one who is busy then, and what `check_open`
    raises.
    """

    def add(record: Record, before: Draft) -> Draft:
        _refuse_invited(record, person.email or "")
        if before.guest.name or before.guest.email:
            return replace(before, invitees=[*before.invitees, Guest(person.name, person.email)])
        return replace(before, guest=person)

    return _plan(context, record_id, add, strict=strict)


def removing_guest(context: BookingContext, record_id: str, email: str) -> Plan:
    """Return the plan that takes a person out of a booking or reservation.

    The guest cannot be removed: texts, fields and time zone of the booking are the guest's, and no invitee
    has asked for it. The plan raises UsageError for the guest and for an account that takes part, NotFound
    for a person who is not invited, and what `check_open` raises.
    """

    def remove(record: Record, before: Draft) -> Draft:
        if _is(before.guest, email):
            raise UsageError(
                f"{email} is the guest of booking {record.uid}, which needs one: hand it over with "
                f"`gbook booking guest change {record.uid} {email} --email NEW --name NAME`, "
                f"or cancel it with `gbook booking cancel {record.uid}`"
            )
        person = _invitee(record, before, email)
        return replace(before, invitees=[other for other in before.invitees if other is not person])

    return _plan(context, record_id, remove)


def changing_guest(context: BookingContext, record_id: str, email: str, new: Guest) -> Plan:
    """Return the plan that corrects a person's address, name or (of the guest) time zone.

    Values of `new` that are None stay. A person with a new address is asked again. If the guest's new address
    is that of an invitee, the invitee becomes the guest. A guest without an address is found by name. The
    plan raises UsageError, NotFound, and what `check_open` raises.
    """

    def change(record: Record, before: Draft) -> Draft:
        if _is(before.guest, email) or _is_named(before.guest, email):
            return _with_guest(record, before, new)
        person = _invitee(record, before, email)
        if new.zone:
            raise UsageError(
                f"{email} is not the guest of booking {record.uid}: only the guest has a time zone"
            )
        corrected = _corrected(record, person, new)
        return replace(
            before, invitees=[corrected if other is person else other for other in before.invitees]
        )

    return _plan(context, record_id, change)


def _plan(context: BookingContext, record_id: str, change: _Change, *, strict: bool = False) -> Plan:
    def plan() -> list[Revision]:
        record = find_either(context, record_id)
        check_open(context, record)
        return [_revision(context, record, change, strict=strict)]

    return plan


def with_invitees(
    context: BookingContext, record: Record, people: Sequence[Guest], *, strict: bool = False
) -> Revision:
    """Return the revision that invites people; those who are invited already stay as they are.

    Raises SlotUnavailable with `strict` for one who is busy then.
    """

    def change(_: Record, before: Draft) -> Draft:
        return replace(before, invitees=joined(before, record, people))

    return _revision(context, record, change, strict=strict)


def joined(before: Draft, record: Record, people: Sequence[Guest]) -> Sequence[Guest]:
    """Return the invitees of a draft, and those people whom the record does not have as attendees."""
    invited = {canonical_address(attendee.email) for attendee in record.attendees}
    new = [person for person in people if canonical_address(person.email or "") not in invited]
    return [*before.invitees, *new]


def _revision(context: BookingContext, record: Record, change: _Change, *, strict: bool = False) -> Revision:
    before = draft_of(context, record, event_profile(context, record).profile)
    after = change(record, before)
    if after == before:
        return brought_together(context, record, record)
    warnings = _conflicts_of_new(context, record, before, after)
    if strict and warnings:
        raise SlotUnavailable("; ".join(warning.message for warning in warnings))
    context.collected_warnings.extend(warnings)
    kept = [copy for copy in record.copies if copy.is_writable]
    return Revision(record=record, rewrite=each(EventDiff(before, _next_version(record, after))), kept=kept)


def _conflicts_of_new(context: BookingContext, record: Record, before: Draft, after: Draft) -> list[Warn]:
    """Return the warnings for people who are invited now, and are busy at the time of the booking."""
    known = {canonical_address(person.email or "") for person in (before.guest, *before.invitees)}
    guest, *invitees = (
        Guest() if canonical_address(person.email or "") in known else person
        for person in (after.guest, *after.invitees)
    )
    meeting = Meeting.of(context, record)._replace(guest=guest, invitees=invitees, spans=record.times)
    return conflicts(context, meeting)


def _next_version(record: Record, after: Draft) -> Draft:
    """Return the draft with the next SEQUENCE; replies to the present one still count."""
    oldest = oldest_answerable(record)
    return replace(
        after,
        sequence=record.sequence + 1,
        # People who are invited now do not know the old time.
        moved_from=None,
        replies_from=None if record.is_reservation else oldest,
    )


def _with_guest(record: Record, before: Draft, new: Guest) -> Draft:
    """Return the draft with the guest corrected, or with an invitee as the guest."""
    heir = next((person for person in before.invitees if _is(person, new.email)), None)
    if heir is None:
        return replace(before, guest=_corrected(record, before.guest, new))
    guest = Guest(new.name or heir.name, heir.email, new.zone)
    return replace(before, guest=guest, invitees=[other for other in before.invitees if other is not heir])


def _corrected(record: Record, person: Guest, new: Guest) -> Guest:
    """Return a person with new values. Raises UsageError for an address that is already invited."""
    email = person.email
    if new.email is not None and not _is(person, new.email):
        _refuse_invited(record, new.email)
        email = new.email
    return Guest(new.name or person.name, email, new.zone or person.zone)


def _invitee(record: Record, before: Draft, email: str) -> Guest:
    """Return the invitee with an address. Raises UsageError for an account, NotFound."""
    if (person := next((one for one in before.invitees if _is(one, email)), None)) is not None:
        return person
    for account in (*before.accounts, *before.optional):
        if canonical_address(account.email) == canonical_address(email):
            raise UsageError(
                f"{email} is account {account.id}, which takes part in booking {record.uid}: "
                f"`gbook booking reschedule {record.uid} --slot TIME --reassign` finds others"
            )
    raise NotFound(
        f"{email} is not invited to booking {record.uid}; `gbook booking show {record.uid}` lists its people"
    )


def _refuse_invited(record: Record, email: str) -> None:
    address = canonical_address(email)
    if any(canonical_address(attendee.email) == address for attendee in record.attendees):
        raise UsageError(f"{email} is already invited to booking {record.uid}")


def _is(person: Guest, email: str | None) -> bool:
    if person.email is None or email is None:
        return False
    return canonical_address(person.email) == canonical_address(email)


def _is_named(guest: Guest, name: str) -> bool:
    return guest.email is None and guest.name is not None and guest.name.casefold() == name.casefold()
