"""The difference between two drafts of an event, applied to each copy of it.

The event is built twice: as gbook would have written it before the change, and as it would write it now. Only
the lines that differ are changed in a copy; edits that other programs have made to the rest are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gbook.bookings.attendees import address_of, parameters, with_parameters, written_parameter
from gbook.bookings.book import copies_of
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft, Guest, blank_fields, build_event, event_bytes
from gbook.bookings.participants import Participants, participants_of
from gbook.bookings.record import Record
from gbook.bookings.revision import Revision, each
from gbook.calendars.ics.content_lines import content_lines
from gbook.calendars.ics.edit import rewrite, rewrite_properties
from gbook.calendars.ics.gbook_properties import MOVED_FROM
from gbook.calendars.ics.ownership import recurrence_of
from gbook.profiles.model import Profile
from gbook.profiles.template import fields, with_texts
from gbook.scheduling.zones import profile_zone
from gbook.timeutil.instants import format_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["EventDiff", "amended", "bump_revision", "draft_of"]

TEXTS = ("SUMMARY", "DESCRIPTION", "LOCATION")
# Updated by every change (RFC 5546 §2.1.4, §2.1.5), whatever their value in a copy.
STAMPS = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE")
# The time and rule of an event, which its overrides do not share.
OF_DATES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", MOVED_FROM})
UNTOUCHED = frozenset({"BEGIN", "END", "UID", "CREATED", "ATTENDEE", *TEXTS, *STAMPS})


@dataclass(frozen=True)
class EventDiff:
    """The difference between two drafts; called with a VEVENT, it returns the VEVENT with the changes made.

    It is computed once, for all copies. `overwrite_texts`: replace the texts even if edited by hand.
    `of_date`: the drafts are of one date of a series, whose override it changes.
    """

    before: Draft
    after: Draft
    overwrite_texts: bool = False
    of_date: bool = False

    def __call__(self, component: bytes) -> bytes:
        """Return a VEVENT with the changes made."""
        old, new = self._events
        lines, moved = self._changed_lines, not self.is_same_time
        if not self.of_date and recurrence_of(component) is not None:
            # The override of one date of a series has a time of its own, and may be cancelled.
            cancelled = _lines(component).get("STATUS") == b"STATUS:CANCELLED"
            lines = {name: line for name, line in lines.items() if name not in OF_DATES}
            lines |= {"STATUS": b"STATUS:CANCELLED"} if cancelled else {}
            moved = False
        return _invited(
            rewrite_properties(component, {**lines, **self._texts(component)}), old, new, moved=moved
        )

    @cached_property
    def _events(self) -> tuple[Event, Event]:
        return build_event(self.before), build_event(self.after)

    @cached_property
    def _lines(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        before, after = self._events
        return _lines(event_bytes(before)), _lines(event_bytes(after))

    @cached_property
    def _changed_lines(self) -> dict[str, bytes | None]:
        before, after = self._lines
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        lines: dict[str, bytes | None] = {name: after.get(name) for name in changed if name not in UNTOUCHED}
        if "DTEND" in lines:
            # The two exclude each other (RFC 5545 §3.6.1).
            lines["DURATION"] = None
        return lines | {name: after[name] for name in STAMPS}

    @property
    def is_same_time(self) -> bool:
        """Whether start and end stay."""
        return (self.before.start, self.before.end) == (self.after.start, self.after.end)

    def _texts(self, component: bytes) -> dict[str, bytes | None]:
        """Return the texts that change, except those that were edited by hand since."""
        before, after = self._lines
        current = _lines(component)
        return {
            name: after.get(name)
            for name in TEXTS
            if self.overwrite_texts
            or (before.get(name) != after.get(name) and current.get(name) == before.get(name))
        }


def bump_revision(record: Record, now: int) -> dict[str, bytes | None]:
    """Return the lines that every change of an event updates; `now` is an instant."""
    stamp = format_instant(now).replace("-", "").replace(":", "").encode()
    return {
        "DTSTAMP": b"DTSTAMP:" + stamp,
        "LAST-MODIFIED": b"LAST-MODIFIED:" + stamp,
        "SEQUENCE": b"SEQUENCE:%d" % (record.sequence + 1),
    }


def draft_of(context: BookingContext, record: Record, profile: Profile) -> Draft:
    """Return the draft that gbook would have written the record's event from."""
    workspace = context.workspace
    profile = with_texts(profile, record.texts)
    series = record.series
    participants = participants_of(workspace, record)
    optional = _optional_accounts(workspace, record, participants)
    given = {name: value for name, value in record.fields.items() if name in _names(profile)}
    return Draft(
        uid=record.uid,
        profile=profile,
        start=record.start,
        end=record.end,
        accounts=participants.written,
        group=record.group,
        optional=optional,
        guest=record.guest,
        invitees=_invitees(record, [*participants.written, *optional]),
        # The profile may ask for more than it did when this was booked.
        fields=given if record.is_reservation else blank_fields(profile) | given,
        conference_url=workspace.config.conference_url,
        zone=find_zone(series.zone) if series else profile_zone(workspace, profile),
        now=context.now,
        sequence=record.sequence,
        expires=record.expires,
        proposal=record.proposal,
        asked=record.asked,
        moved_from=record.moved_from,
        copies=workspace.config.deliver == "copies",
        needs=record.needs if record.is_reservation else (),
        texts_given=record.texts,
        replies_from=record.replies_from,
        people=record.people,
        repeat=series.repeat if series else None,
        links=context.links,
    )


def _optional_accounts(workspace: Workspace, record: Record, participants: Participants) -> list[Account]:
    """Return the accounts that the event invites as optional."""
    invited = {
        attendee.email.casefold() for attendee in record.attendees if attendee.role == "OPT-PARTICIPANT"
    }
    return [
        account
        for account in workspace.accounts.values()
        if account.email.casefold() in invited and account not in participants.present
    ]


def _invitees(record: Record, accounts: Sequence[Account]) -> list[Guest]:
    """Return the attendees that are neither the guest nor one of these accounts."""
    known = {account.email.casefold() for account in accounts}
    known.add((record.guest.email or "").casefold())
    return [
        Guest(attendee.name, attendee.email)
        for attendee in record.attendees
        if attendee.email.casefold() not in known
    ]


def amended(context: BookingContext, record: Record, diff: EventDiff) -> Revision:
    """Return the revision that applies a diff: accounts that leave lose their copy, new ones get one."""
    after = diff.after
    remaining = {account.id for account in (*after.accounts, *after.optional)}
    writable = [copy for copy in record.copies if copy.is_writable]
    kept = [copy for copy in writable if copy.account.id in remaining]
    holders = {copy.account.id for copy in kept}
    added = [copy for copy in copies_of(context, after) if copy.account.id not in holders]
    # Accounts may share a calendar: one that leaves must not remove the event of one that stays.
    items = {copy.item for copy in (*kept, *added)}
    removed = [copy for copy in writable if copy.item not in items]
    return Revision(
        record=record,
        rewrite=each(diff),
        kept=kept,
        added=added,
        removed=removed,
        accounts=after.accounts,
    )


def _names(profile: Profile) -> set[str]:
    return {field.name for field in fields(profile)}


def _lines(component: bytes) -> dict[str, bytes]:
    """Return the first line of each property of an event, unfolded, without its alarms."""
    lines: dict[str, bytes] = {}

    def collect(line: bytes) -> bytes:
        name = line.replace(b";", b":").partition(b":")[0]
        lines.setdefault(name.decode("ascii", "replace").upper(), line)
        return line

    rewrite(component, collect)
    return lines


def _invited(component: bytes, old: Event, new: Event, *, moved: bool) -> bytes:
    """Return a component with its attendees added, removed and, if the event was moved, asked again.

    A new time invalidates the answers to the old one (RFC 6638 §3.2.8).
    """
    before, after = _invitations(old), _invitations(new)
    missing = dict(after)

    def change(line: bytes) -> bytes | None:
        address = address_of(line)
        if address is None:
            return line
        if address not in after:
            return None if address in before else line
        missing.pop(address, None)
        old_values, new_values = parameters(before.get(address, b"")), parameters(after[address])
        changed = {
            name: new_values[name]
            for name in ("ROLE", "PARTSTAT", "RSVP")
            if old_values.get(name) != new_values[name] or (moved and name != "ROLE")
        }
        if "CN" in new_values and old_values.get("CN") != new_values["CN"]:
            changed["CN"] = written_parameter(after[address], "CN")
        return with_parameters(line, changed) if changed else line

    rewritten = rewrite(component, change)
    return rewrite(rewritten, lambda line: line, missing.values())


def _invitations(event: Event) -> dict[str, bytes]:
    """Return the ATTENDEE lines of an event that gbook has built, by address."""
    lines = [line for _, line in content_lines(event_bytes(event))]
    return {address: line for line in lines if (address := address_of(line)) is not None}
