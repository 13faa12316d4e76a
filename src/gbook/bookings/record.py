"""The record of a booking or reservation: made from its draft, or read from its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gbook.bookings.attendees import attendee_lines, mailbox
from gbook.bookings.event import Draft, Guest, one_line
from gbook.calendars.ics.gbook_properties import known_zone, read_properties
from gbook.timeutil.instants import from_local
from gbook.workspace.config import Account

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["DAMAGED", "Copy", "Record", "in_account_order", "read_record", "record_of_draft"]

# The errors of `read_record` for an event that was damaged by another program or by hand.
DAMAGED = (KeyError, ValueError, AttributeError, TypeError)


class Copy(NamedTuple):
    """A copy of a booking: its account, the calendar, the file, and the calendar as the user named it."""

    account: Account
    calendar: Path
    file: Path
    shown: str

    @property
    def is_writable(self) -> bool:
        """Whether gbook may change it."""
        return not any(
            reference.readonly for reference in self.account.calendars if reference.path == self.shown
        )


@dataclass(frozen=True, kw_only=True)
class Record:
    """A booking or reservation. `start`, `end` and `expires` are instants."""

    uid: str
    profile: str
    start: int
    end: int
    status: str
    sequence: int
    subject: str
    host: str
    group: str | None
    accounts: Sequence[str]
    guest: Guest
    partstat: str | None
    conference: str | None
    expires: int | None
    proposal: str | None
    # The start that was requested with a key; the booking may have been moved since.
    asked: int | None
    # The start and end before the last change of time.
    moved_from: tuple[int, int] | None
    # The guest's values for the variables of the profile's texts.
    fields: Mapping[str, str]
    # The fields that a reservation still lacks.
    needs: Sequence[str]
    event: Event
    copies: Sequence[Copy] = ()
    # Whether an earlier request with the same key has made it.
    repeated: bool = False
    # The record of each copy by itself, if it was read from the calendars.
    versions: Sequence[Record] = ()

    @property
    def is_reservation(self) -> bool:
        """Whether it only holds a slot, tentatively."""
        return self.expires is not None and self.status == "tentative"

    def holds(self, now: int) -> bool:
        """Return whether it takes its time at `now` (an instant): not cancelled, not expired."""
        return self.status != "cancelled" and (self.expires is None or self.expires > now)


def read_record(event: Event, copies: Sequence[Copy] = ()) -> Record:
    """Return the record of an event in a calendar, copies in account order. Raises one of DAMAGED."""
    own, faults = read_properties(lambda name: _text(event, name))
    if faults:
        raise ValueError(faults[0])
    guest, partstat = _guest(event, Guest(own.guest_name, own.guest_email, own.guest_zone))
    return Record(
        uid=str(event["UID"]),
        profile=own.profile,
        start=_instant(event, "DTSTART"),
        end=_end(event),
        status=str(event.get("STATUS", "CONFIRMED")).lower(),
        sequence=_sequence(event),
        subject=str(event.get("SUMMARY", "")),
        host=own.host,
        group=own.group,
        accounts=own.accounts,
        guest=guest,
        partstat=partstat,
        conference=_text(event, "CONFERENCE"),
        expires=own.expires,
        proposal=own.proposal,
        asked=own.asked,
        moved_from=own.moved_from,
        fields=own.fields,
        needs=own.needs,
        event=event,
        copies=in_account_order(copies, own.accounts),
    )


def record_of_draft(draft: Draft, event: Event, copies: Sequence[Copy] = ()) -> Record:
    """Return the record of a new event, which `build_event` has made from `draft`; nothing is parsed.

    It equals what `read_record` returns once the event is in the calendars.
    """
    accounts = tuple(account.id for account in draft.accounts)
    name, email = one_line(draft.guest.name or "") or None, draft.guest.email or None
    guest, partstat = _guest(event, Guest(name, email, known_zone(draft.guest.zone)))
    return Record(
        uid=draft.uid,
        profile=draft.profile.name,
        start=draft.start,
        end=draft.end,
        status="confirmed" if draft.expires is None else "tentative",
        sequence=draft.sequence,
        subject=str(event.get("SUMMARY", "")),
        host=draft.host.id,
        group=draft.group,
        accounts=accounts,
        guest=guest,
        partstat=partstat,
        conference=draft.conference or None,
        expires=draft.expires,
        proposal=draft.proposal,
        asked=draft.asked,
        moved_from=draft.moved_from,
        fields=dict(draft.fields),
        needs=list(draft.needs),
        event=event,
        copies=in_account_order(copies, accounts),
    )


def _guest(event: Event, guest: Guest) -> tuple[Guest, str | None]:
    """Return the guest with the name that the guest's ATTENDEE has, and its PARTSTAT; None without one."""
    for attendee in attendee_lines(event):
        address = mailbox(str(attendee), str(attendee.params.get("EMAIL", "")))
        if guest.email and address.casefold() == guest.email.casefold():
            name = str(attendee.params.get("CN", "")) or None
            return replace(guest, name=name), str(attendee.params.get("PARTSTAT", "NEEDS-ACTION"))
    return guest, None


def in_account_order(copies: Iterable[Copy], accounts: Sequence[str]) -> list[Copy]:
    """Return the copies in the order of the accounts that take part, then those of other accounts."""
    ranks = {account: rank for rank, account in enumerate(accounts)}
    return sorted(copies, key=lambda copy: ranks.get(copy.account.id, len(ranks)))


def _instant(event: Event, name: str) -> int:
    moment = event.decoded(name)
    return from_local(moment.replace(tzinfo=None), moment.tzinfo or UTC)


def _end(event: Event) -> int:
    """Return the end; some programs replace DTEND with DURATION."""
    if "DTEND" in event or "DURATION" not in event:
        return _instant(event, "DTEND")
    return _instant(event, "DTSTART") + int(event.decoded("DURATION").total_seconds())


def _sequence(event: Event) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (ValueError, TypeError):
        return 0


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return None if value is None else str(value)
