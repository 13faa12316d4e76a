"""Guests who are busy at the time of a booking: colleagues, and guests of another booking then.

They prevent no booking: a warning names them. With `--strict` they do, by the query of the availability.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.record import Record
from gbook.bookings.records import known_records
from gbook.domains import canonical_address
from gbook.engine.intervals import Interval
from gbook.errors import Warn
from gbook.scheduling.account_time import Exemptions
from gbook.scheduling.colleagues import Attending, colleagues_busy
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.format import zoned_range
from gbook.workspace.config import Account

__all__ = ["GuestsFree", "Meeting", "attending", "conflicts", "engaged_time", "invitees_of"]


class Meeting(NamedTuple):
    """The people who are invited to a meeting, when it is, and the bookings that do not matter for it."""

    guest: Guest
    invitees: Sequence[Guest]
    spans: Sequence[Interval]
    exempt: Exemptions
    # Its profile, in whose zone messages show times.
    profile: str
    # The booking that is moved.
    moving: Record | None = None

    @classmethod
    def of(cls, context: BookingContext, record: Record, new: Sequence[Guest] = ()) -> Meeting:
        """Return the meeting of a booking that changes, with `new` invitees and without spans."""
        exempt = Exemptions(context.now, moving=record.uid, proposal=record.proposal)
        invitees = [*invitees_of(context, record), *new]
        return cls(record.guest, invitees, (), exempt, record.profile, record)

    @property
    def people(self) -> list[Guest]:
        """The guest and the invitees who have an address, each once."""
        by_address = {
            canonical_address(person.email): person for person in (self.guest, *self.invitees) if person.email
        }
        return list(by_address.values())


class GuestsFree(NamedTuple):
    """What `--strict` asks for: the people must be free at the time of the meeting."""

    meeting: Meeting
    # As a query has them.
    attending: Attending
    engaged: tuple[Interval, ...]

    @classmethod
    def of(cls, context: BookingContext, meeting: Meeting) -> GuestsFree:
        """Return the demand that the people of a meeting are free; `meeting.spans` do not matter."""
        return cls(
            meeting,
            attending(context, meeting.people, meeting.moving),
            engaged_time(context, meeting.guest, meeting.exempt),
        )

    def reasons(self, context: BookingContext, spans: Sequence[Interval]) -> str:
        """Return why a meeting at these times is refused; empty if the people are free."""
        meeting = self.meeting._replace(spans=spans)
        return "; ".join(warning.message for warning in conflicts(context, meeting))


def conflicts(context: BookingContext, meeting: Meeting) -> list[Warn]:
    """Return a warning for each colleague who is busy then, and for each other booking of the guest then."""
    return [*_busy_colleagues(context, meeting), *_same_guest(context, meeting)]


def attending(context: BookingContext, people: Iterable[Guest], moving: Record | None = None) -> Attending:
    """Return the accounts among people; `moving` is the booking that is moved."""
    invited = set() if moving is None else {canonical_address(one.email) for one in moving.attendees}
    present = () if moving is None else moving.times
    return {
        account.id: present if address in invited else ()
        for address, account in _accounts(context, people).items()
    }


def engaged_time(context: BookingContext, guest: Guest, exempt: Exemptions) -> tuple[Interval, ...]:
    """Return the time of the other bookings and reservations of a guest."""
    return tuple(span for record in _bookings_of(context, guest, exempt) for span in record.times)


def invitees_of(context: BookingContext, record: Record) -> list[Guest]:
    """Return the attendees of a booking but for its guest and the accounts that take part or are optional."""
    taking_part = {canonical_address(copy.account.email) for copy in record.copies}
    taking_part |= {
        canonical_address(account.email)
        for name in record.accounts
        if (account := context.workspace.accounts.get(name)) is not None
    }
    taking_part.add(canonical_address(record.guest.email or ""))
    return [
        Guest(attendee.name, attendee.email)
        for attendee in record.attendees
        if canonical_address(attendee.email) not in taking_part
    ]


def _accounts(context: BookingContext, people: Iterable[Guest]) -> dict[str, Account]:
    """Return the accounts with the addresses of people, by these addresses."""
    by_address = {canonical_address(one.email): one for one in context.workspace.accounts.values()}
    addresses = dict.fromkeys(canonical_address(person.email) for person in people if person.email)
    return {address: by_address[address] for address in addresses if address in by_address}


def _busy_colleagues(context: BookingContext, meeting: Meeting) -> Iterator[Warn]:
    colleagues = _accounts(context, meeting.people)
    if not colleagues or not meeting.spans:
        return
    zone = context.zone or shared_zone(context.workspace, [meeting.profile])
    # A date of a series may have been moved beyond later ones.
    window = min(start for start, _ in meeting.spans), max(end for _, end in meeting.spans)
    asked = attending(context, meeting.people, meeting.moving)
    times = colleagues_busy(context.workspace, asked, zone, window, meeting.exempt)
    for address, account in colleagues.items():
        role = "guest" if address == canonical_address(meeting.guest.email or "") else "invitee"
        person = f"{role} {account.email} is account {account.id}"
        if (busy := times[account.id]) is None:
            message = f"{person}, whose calendars cannot be read: it may be busy"
            yield Warn("colleague_busy", message, account.id)
        elif overlaps := _overlapping(busy, meeting.spans):
            ranges = ", ".join(zoned_range(start, end, zone) for start, end in overlaps)
            yield Warn("colleague_busy", f"{person}, which is busy {ranges}", account.id)


def _overlapping(busy: Iterable[Interval], spans: Sequence[Interval]) -> list[Interval]:
    """Return the intervals that overlap one of `spans`, whole."""
    return [
        interval
        for interval in busy
        if any(interval[0] < end and start < interval[1] for start, end in spans)
    ]


def _same_guest(context: BookingContext, meeting: Meeting) -> Iterator[Warn]:
    zone = context.zone or shared_zone(context.workspace, [meeting.profile])
    for record in _bookings_of(context, meeting.guest, meeting.exempt):
        if overlaps := _overlapping(record.times, meeting.spans):
            noun = "reservation" if record.is_reservation else "booking"
            when = ", ".join(zoned_range(start, end, zone) for start, end in overlaps)
            of_profile = f" (profile {record.profile})" if record.profile else ""
            yield Warn(
                "same_guest",
                f"guest {meeting.guest.email} already has {noun} {record.uid} on {when} "
                f"with {', '.join(record.accounts)}{of_profile}",
            )


def _bookings_of(context: BookingContext, guest: Guest, exempt: Exemptions) -> list[Record]:
    """Return the bookings and reservations that hold, and to which a person is invited as a guest."""
    if not guest.email:
        return []
    address = canonical_address(guest.email)
    return [
        record
        for record in known_records(context.workspace)
        if record.holds(exempt.now)
        and record.uid != exempt.moving
        and not (exempt.proposal and record.proposal == exempt.proposal)
        and any(
            canonical_address(person.email or "") == address
            for person in (record.guest, *invitees_of(context, record))
        )
    ]
