"""A reservation becomes a booking: who asked for it is known now, and the calendars are asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from gbook.availability.members import Slot
from gbook.bookings.amend import Amendment, amended, draft_of
from gbook.bookings.book import judge
from gbook.bookings.cancel import removal
from gbook.bookings.changes import Plan, Revision, find_reservation
from gbook.bookings.desk import Desk
from gbook.bookings.event import Guest
from gbook.bookings.move import same_accounts
from gbook.bookings.record import Record, read_records
from gbook.errors import SlotUnavailable
from gbook.instants import format_instant
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.profiles.template import fill

__all__ = ["Given", "confirmation"]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the guest says on confirming, beside or instead of what was said on reserving."""

    name: str | None = None
    email: str | None = None
    invitees: tuple[Guest, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def retells(self) -> bool:
        """Whether the texts of the event are told anew."""
        return bool(self.name or self.email or self.fields)


def confirmation(desk: Desk, wanted: str, given: Given) -> Plan:
    """Makes a reservation a booking, and drops the others of its proposal.

    An expired one will do while its time is free. The plan raises SlotUnavailable with the nearest slots,
    UsageError for fields that the profile needs.
    """

    def plan() -> list[Revision]:
        record = find_reservation(desk, wanted)
        profile = ProfileStore(desk.workspace).find(record.profile)
        before = draft_of(desk, record, profile)
        fields = {**before.fields, **given.fields}
        fill(profile, fields, {})
        after = replace(
            before,
            guest=Guest(given.name or before.guest.name, given.email or before.guest.email),
            invitees=[*before.invitees, *given.invitees],
            fields=fields,
            optional=[desk.workspace.account(name) for name in _judged(desk, record, profile).optional],
            expires=None,
            sequence=record.sequence + 1,
        )
        return [
            amended(desk, record, Amendment(before, after, retold=given.retells)),
            *(removal(other) for other in _others(desk, record)),
        ]

    return plan


def _judged(desk: Desk, record: Record, profile: Profile) -> Slot:
    """The slot, which everybody concerned can still take. The notice was kept when it was reserved."""
    request = same_accounts(record, msgspec.structs.replace(profile, start_after_minutes=0))
    try:
        return judge(desk, replace(request, start=record.start, end=record.end))[1]
    except SlotUnavailable as error:
        if record.expires is None or record.holds(desk.now):
            raise
        expired = f"the reservation expired at {format_instant(record.expires)}, and {error.message}"
        raise SlotUnavailable(expired, **error.details) from None


def _others(desk: Desk, record: Record) -> list[Record]:
    """The other reservations of the same proposal."""
    if record.proposal is None:
        return []
    return [
        other
        for other in read_records(desk.workspace)[0]
        if other.proposal == record.proposal and other.is_reservation and other.uid != record.uid
    ]
