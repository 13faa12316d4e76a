"""Confirming a reservation: its time is checked again, and the guest is known now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from gbook.bookings.book import judge, locked_for_guest
from gbook.bookings.cancel import removal
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft, Guest, blank_fields
from gbook.bookings.event_diff import EventDiff, amended, draft_of
from gbook.bookings.event_profile import EventProfile, event_profile
from gbook.bookings.guest_conflicts import GuestsFree, Meeting, conflicts
from gbook.bookings.move_request import same_accounts
from gbook.bookings.participants import participants_of
from gbook.bookings.record import Record
from gbook.bookings.records import read_records
from gbook.bookings.revision import Plan, Revision, find_reservation
from gbook.domains import canonical_address
from gbook.engine.quorum import Slot
from gbook.profiles.template import fill
from gbook.scheduling.unavailable import SlotUnavailable

__all__ = ["GuestDetails", "confirmation"]


@dataclass(frozen=True, kw_only=True)
class GuestDetails:
    """The details that the guest gives on confirming; they add to or replace those of the reservation."""

    name: str | None = None
    email: str | None = None
    zone: str | None = None
    invitees: tuple[Guest, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    # Whether the guests must be free.
    strict: bool = False

    @property
    def changes_texts(self) -> bool:
        """Whether the texts of the event must be written again."""
        return bool(self.name or self.email or self.fields)


def confirmation(context: BookingContext, record_id: str, given: GuestDetails) -> Plan:
    """Return the plan that turns a reservation into a booking, and drops the others of its proposal.

    An expired reservation can be confirmed if its time is free. The plan raises SlotUnavailable with the
    nearest slots, and UsageError for fields that the profile needs.
    """

    def plan() -> list[Revision]:
        record = find_reservation(context, record_id)
        own = event_profile(context, record)
        before = draft_of(context, record, own.profile)
        after = _confirmed(context, record, own, before, given)
        diff = EventDiff(before, after, overwrite_texts=given.changes_texts and own.has_texts)
        locked = locked_for_guest(context, own.profile, after.guest)
        return [
            replace(amended(context, record, diff), locked=locked),
            *(removal(other) for other in _others(context, record)),
        ]

    return plan


def _confirmed(
    context: BookingContext, record: Record, own: EventProfile, before: Draft, given: GuestDetails
) -> Draft:
    """Return the draft of the booking. Raises UsageError for missing fields, SlotUnavailable."""
    fields = _fields(before, given)
    guest = Guest(
        given.name or before.guest.name,
        given.email or before.guest.email,
        given.zone or before.guest.zone,
    )
    meeting = Meeting.of(context, record, given.invitees)._replace(guest=guest)
    guests_free = GuestsFree.of(context, meeting) if given.strict else None
    # With confirmEmail, only what is confirmed counts against the limits of a guest (see guest_bookings).
    was_counted = record.holds(context.now) and not own.profile.confirm_email
    limited = _other_guest(record, given) if was_counted else guest
    slot = _judged(context, record, own, limited, guests_free)
    context.collected_warnings.extend(conflicts(context, meeting._replace(spans=record.times)))
    return replace(
        before,
        guest=guest,
        invitees=[*before.invitees, *given.invitees],
        fields=fields,
        accounts=participants_of(context.workspace, record).present,
        needs=(),
        optional=[context.workspace.account(name) for name in slot.optional],
        expires=None,
        sequence=record.sequence + 1,
    )


def _fields(before: Draft, given: GuestDetails) -> dict[str, str]:
    """Return the guest's fields. Those that the profile has required only since the reservation are empty.

    Raises UsageError for fields that were required then and are still missing.
    """
    new = {name: "" for name in blank_fields(before.profile) if name not in before.needs}
    values = new | {**before.fields, **given.fields}
    fill(before.profile, values, {})
    return values


def _other_guest(record: Record, given: GuestDetails) -> Guest:
    """Return the guest if the reservation was not for this address: its other bookings may be limited."""
    is_known = canonical_address(given.email or "") == canonical_address(record.guest.email or "")
    return Guest() if is_known else Guest(given.name, given.email)


def _judged(
    context: BookingContext,
    record: Record,
    own: EventProfile,
    guest: Guest,
    guests_free: GuestsFree | None,
) -> Slot:
    """Return the slot, after checking that all accounts of the reservation can still take it.

    While the reservation holds, they only need to be free: the profile may have changed since. Raises
    SlotUnavailable.
    """
    profile = msgspec.structs.replace(own.profile, start_after_minutes=0)
    request = replace(same_accounts(context, record, profile), guest=guest, guests_free=guests_free)
    agreed = request.profile.accounts if record.holds(context.now) else own.agreed
    try:
        return judge(context, replace(request, start=record.start, end=record.end, agreed=agreed))[1]
    except SlotUnavailable as error:
        if record.expires is None or record.holds(context.now):
            raise
        expiry = context.moment(record.expires, record.profile)
        message = f"the reservation expired on {expiry}, and {error.message}"
        raise SlotUnavailable(message, error.alternatives) from None


def _others(context: BookingContext, record: Record) -> list[Record]:
    """Return the other reservations of the same proposal."""
    if record.proposal is None:
        return []
    return [
        other
        for other in read_records(context.workspace)[0]
        if other.proposal == record.proposal and other.is_reservation and other.uid != record.uid
    ]
